//! `/users/import/{id}`: what one file would do, what it is doing, and what it did.

use askama::Template;

use super::{
    parts::{
        Badge, Callout, ChangeLine, Empty, Field, Icon, Moment, Pager, Select, Tab, Who, count,
    },
    paths,
    shell::Shell,
};
use crate::{imports::Meaning, kernel::ImportId};

/// What is going on, while a machine is at it.
#[derive(Debug, Clone)]
pub struct Progress {
    /// What: `Comparing with the directory`.
    pub what: &'static str,
    /// How much is done.
    pub done: u32,
    /// Of how much.
    pub all: u32,
    /// Whether the reader may stop it.
    pub may_stop: bool,
}

impl Progress {
    /// `4,200 of 10,000`
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} of {}", count(self.done), count(self.all))
    }
}

/// What is wrong with one field of a line.
#[derive(Debug, Clone)]
pub struct FaultLine {
    /// The field; empty for the whole line.
    pub label: &'static str,
    /// What stands there.
    pub value: String,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// One line of the file, or somebody who is not in it.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Whom it is about.
    pub who: Who,
    /// `12`; empty for somebody who is not in the file.
    pub line: String,
    /// What would be changed of them.
    pub changes: Vec<ChangeLine>,
    /// What else there is to say of it.
    pub note: String,
    /// Why it is bad.
    pub faults: Vec<FaultLine>,
    /// What became of it.
    pub outcome: Option<Badge>,
    /// Why it was not done.
    pub says: Option<String>,
}

/// One column of the file, with what it means.
#[derive(Debug, Clone)]
pub struct ColumnField {
    /// Its place in the file, from 0.
    pub place: usize,
    /// What it is called there.
    pub name: String,
    /// What the first lines hold.
    pub samples: Vec<String>,
    /// What it means.
    pub meaning: Option<Meaning>,
    /// What is wrong with that.
    pub error: Option<String>,
}

impl ColumnField {
    /// What it may mean: the word, what it is called, and whether it is that.
    fn choices(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let choice = |meaning: &Meaning| {
            (meaning.word(), meaning_words(*meaning), self.meaning == Some(*meaning))
        };
        Meaning::ALL.iter().map(choice)
    }
}

/// What the columns mean and what becomes of who is not in the file, to be corrected.
#[derive(Debug, Clone)]
pub struct ColumnsForm {
    /// The columns, in the order of the file.
    pub fields: Vec<ColumnField>,
    /// What becomes of people who are not in it.
    pub missing: Select,
}

/// The form to apply it with.
#[derive(Debug, Clone)]
pub struct ApplyForm {
    /// `Adds 12 people, changes 4.`
    pub says: String,
    /// The comparison that is looked at.
    pub round: i32,
    /// How many rows are to do something.
    pub to_do: u32,
    /// The number to type where people are suspended, and why.
    pub confirm: Option<(Callout, Field)>,
    /// What follows in EchoSign.
    pub follows: String,
}

impl ApplyForm {
    fn button(&self) -> String {
        let changes = if self.to_do == 1 { "change" } else { "changes" };
        format!("Apply {} {changes}", count(self.to_do))
    }
}

/// One file.
#[derive(Debug, Template)]
#[template(path = "import.html")]
pub struct ImportPage {
    /// What stands around it.
    pub shell: Shell,
    /// Which import.
    pub id: ImportId,
    /// How far it has come.
    pub state: Badge,
    /// `people.csv, 1,204 lines`
    pub file: String,
    /// Who uploaded it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What there is to know first.
    pub callouts: Vec<Callout>,
    /// What is going on.
    pub progress: Option<Progress>,
    /// The verdicts, with how many lines have each.
    pub tabs: Vec<Tab>,
    /// The rows of the tab that is shown.
    pub rows: Vec<ImportRow>,
    /// Whether rows have come to something.
    pub has_outcomes: bool,
    /// The way to the next page.
    pub pager: Pager,
    /// Where the bad lines can be downloaded, where there are any.
    pub bad_lines: Option<String>,
    /// The form to apply it with, for who may.
    pub apply: Option<ApplyForm>,
    /// Its columns, while they can be corrected by the reader.
    pub columns: Option<ColumnsForm>,
    /// Whether the columns have to be corrected before anything else.
    pub columns_first: bool,
    /// What happened to it: `Applied by`, `Ruth Varga`.
    pub facts: Vec<(&'static str, String)>,
}

impl ImportPage {
    fn empty() -> Empty {
        Empty {
            icon: Icon::Good,
            title: "Nothing here",
            says: "No line of the file does this.".to_owned(),
            next: None,
        }
    }

    fn has_pane(&self) -> bool {
        self.apply.is_some()
            || (self.columns.is_some() && !self.columns_first)
            || !self.facts.is_empty()
    }
}

/// What a meaning is called on screen.
const fn meaning_words(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::UserName => "User name",
        Meaning::UserNameAndEmail => "User name and e-mail",
        Meaning::Email => "E-mail",
        Meaning::GivenName => "First name",
        Meaning::FamilyName => "Last name",
        Meaning::DisplayName => "Display name",
        Meaning::Title => "Title",
        Meaning::Department => "Department",
        Meaning::Phone => "Phone",
        Meaning::Active => "Status",
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        apps::change::{Attribute, Change, Kind, Value},
        web::{
            parts::{Choice, Tone},
            samples::{NOW, draw, shell, somebody},
            shell::Place,
        },
    };

    fn row(number: usize) -> ImportRow {
        let (name, mail) = somebody(number);
        let value = |text: &str| Some(Value::Text(text.to_owned()));
        let change = Change {
            attribute: Attribute::Title,
            from: value("Analyst"),
            to: value("Senior Analyst"),
        };
        ImportRow {
            who: Who::new(name, mail),
            line: (number + 2).to_string(),
            changes: vec![ChangeLine::of(Kind::Update, &[change]); 1 + number % 3],
            note: String::new(),
            faults: Vec::new(),
            outcome: None,
            says: None,
        }
    }

    fn column(place: usize, name: &str, meaning: Option<Meaning>) -> ColumnField {
        let samples =
            vec!["sofia.pereira-lindqvist@northwind.example".to_owned(), "jun".to_owned()];
        ColumnField { place, name: name.to_owned(), samples, meaning, error: None }
    }

    fn columns() -> ColumnsForm {
        let missing = Select {
            name: "missing",
            label: "People who are not in the file",
            hint: "",
            choices: vec![Choice { value: "keep", label: "Leave them as they are" }],
            chosen: "keep".to_owned(),
            disabled: false,
        };
        let fields = vec![
            column(0, "Mail", Some(Meaning::UserNameAndEmail)),
            column(1, "Given <name>", Some(Meaning::GivenName)),
            column(2, "Shoe size", None),
        ];
        ColumnsForm { fields, missing }
    }

    fn page() -> ImportPage {
        let tab = |name, count: &str, here, bad| Tab {
            href: "/users/import/imp_1".to_owned(),
            name,
            count: Some(count.to_owned()),
            bad,
            here,
        };
        ImportPage {
            shell: shell("staff.csv, 23 Nov 2026", Place::People, &["Users", "People", "Import"]),
            id: ImportId::at(OffsetDateTime::UNIX_EPOCH),
            state: Badge::waits("Ready to apply"),
            file: "staff.csv, 1,204 lines".to_owned(),
            by: "Ruth Varga".to_owned(),
            at: Moment::ago(NOW, NOW),
            callouts: vec![Callout::new(Tone::Warn, "2 lines cannot be read and are left out.")],
            progress: None,
            tabs: vec![
                tab("Create", "12", false, false),
                tab("Update", "14", true, false),
                tab("Bad lines", "2", false, true),
            ],
            rows: (0..14).map(row).collect(),
            has_outcomes: false,
            pager: Pager { shown: "14 lines".to_owned(), ..Pager::default() },
            bad_lines: Some("/users/import/imp_1/bad.csv".to_owned()),
            apply: Some(ApplyForm {
                says: "Adds 12 people, changes 14, suspends 3.".to_owned(),
                round: 2,
                to_do: 29,
                confirm: Some((
                    Callout::new(
                        Tone::Bad,
                        "3 people are suspended, all of them because they are not in the file.",
                    ),
                    Field::text("confirm", "How many people are suspended?", ""),
                )),
                follows: "What needs approval waits under Provisioning.".to_owned(),
            }),
            columns: Some(columns()),
            columns_first: false,
            facts: Vec::new(),
        }
    }

    #[test]
    fn a_file_shows_what_it_would_do_and_how_to_apply_it() {
        let html = draw("import-ready", &page());

        assert!(html.contains("Senior Analyst") && html.contains("Apply 29 changes"));
        assert!(html.contains(r#"name="round" value="2""#) && html.contains(r#"name="confirm""#));
        assert!(html.contains("Given &#60;name&#62;"));
        assert!(html.contains(r#"<option value="userName+email" selected>"#));
    }

    #[test]
    fn a_column_to_mend_says_so_beside_itself() {
        let mut form = columns();
        form.fields[0].error = Some("No column is the user name.".to_owned());
        let page = ImportPage {
            columns: Some(form),
            columns_first: true,
            apply: None,
            tabs: Vec::new(),
            rows: Vec::new(),
            bad_lines: None,
            state: Badge::waits("Columns to choose"),
            ..page()
        };

        let html = draw("import-columns", &page);

        assert!(html.contains(r#"aria-describedby="column-0-error column-0-samples""#));
        assert!(!html.contains("<table class=\"rows"));
    }

    #[test]
    fn progress_is_shown_asks_again_by_itself_and_can_be_stopped() {
        let progress = Progress { what: "Applying", done: 34_000, all: 100_000, may_stop: true };
        let row = |number| ImportRow { outcome: Some(Badge::calm("Done")), ..row(number) };
        let page = ImportPage {
            progress: Some(progress),
            apply: None,
            columns: None,
            has_outcomes: true,
            rows: (0..14).map(row).collect(),
            facts: vec![("Applied by", "Ruth Varga".to_owned())],
            ..page()
        };

        let html = draw("import-applying", &page);

        assert!(html.contains(r#"<progress id="progress" max="100000" value="34000""#));
        assert!(html.contains("34,000 of 100,000") && html.contains(r#"hx-trigger="every 1s""#));
        assert!(html.contains("/stop\""));
    }

    #[test]
    fn a_bad_line_names_its_field_its_value_and_the_mend() {
        let fault = FaultLine {
            label: "e-mail",
            value: "<ana>".to_owned(),
            says: "Must be an e-mail address such as ana@example.com.".to_owned(),
        };
        let row =
            |number| ImportRow { changes: Vec::new(), faults: vec![fault.clone()], ..row(number) };

        let html = draw("import-bad", &ImportPage { rows: (0..3).map(row).collect(), ..page() });

        assert!(html.contains("“&#60;ana&#62;”") && html.contains("Must be an e-mail address"));
    }
}
