//! `/users/import`: the files of people so far, and the form for another one.

use askama::Template;

use super::{
    parts::{Badge, Empty, Field, Icon, Moment, Pager},
    paths,
    shell::Shell,
};

/// One file in the list.
#[derive(Debug, Clone)]
pub struct ImportLine {
    /// Its page.
    pub href: String,
    /// What the batch is called.
    pub name: String,
    /// `people.csv, 1,204 lines`
    pub file: String,
    /// How far it has come.
    pub state: Badge,
    /// `12 to create, 4 to update, 2 bad`
    pub counts: String,
    /// Who uploaded it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// What was typed into the form, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The name of the batch.
    pub name: String,
    /// What is wrong with the file.
    pub file_error: Option<String>,
    /// What is wrong with the name.
    pub name_error: Option<String>,
}

/// The list and the form.
#[derive(Debug, Template)]
#[template(path = "imports.html")]
pub struct ImportsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The form, for who may change people.
    pub form: Option<Typed>,
    /// The files, newest first.
    pub rows: Vec<ImportLine>,
    /// The way to the next page.
    pub pager: Pager,
}

impl ImportsPage {
    fn name(typed: &Typed) -> Field {
        let errors: Vec<_> = typed
            .name_error
            .iter()
            .map(|says| crate::directory::FieldError { field: "name", says: says.clone() })
            .collect();
        Field::text("name", "Name of the batch", typed.name.clone())
            .optional()
            .hint("How the history calls it; otherwise the name of the file and the day.")
            .refused(&errors)
    }

    fn empty(&self) -> Empty {
        let says = match self.form {
            Some(_) => {
                "Export people from your HR system or a spreadsheet as CSV and upload the file above, or begin with a template."
            }
            None => "An operator or an owner can upload a CSV file of people here.",
        };
        Empty {
            icon: Icon::Inbox,
            title: "No file was imported yet",
            says: says.to_owned(),
            next: Some((paths::IMPORT_TEMPLATE.to_owned(), "Download a template")),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::web::{
        samples::{NOW, draw, shell},
        shell::Place,
    };

    fn page(rows: usize, form: Option<Typed>) -> ImportsPage {
        let line = |number: usize| ImportLine {
            href: format!("/users/import/imp_{number}"),
            name: format!("staff-{number}.csv, 23 Nov 2026"),
            file: format!("staff-{number}.csv, 1,204 lines"),
            state: [
                Badge::waits("Ready to apply"),
                Badge::busy("Applying"),
                Badge::calm("Applied"),
            ][number % 3]
                .clone(),
            counts: "12 to create, 4 to update, 2 bad".to_owned(),
            by: "Ruth Varga".to_owned(),
            at: Moment::short(NOW - Duration::hours(i64::try_from(number).unwrap_or(1)), NOW),
        };
        ImportsPage {
            shell: shell("Import people", Place::People, &["Users", "People", "Import"]),
            form,
            rows: (0..rows).map(line).collect(),
            pager: Pager { shown: format!("{rows} files"), ..Pager::default() },
        }
    }

    #[test]
    fn the_empty_list_explains_the_format_and_offers_a_template() {
        let html = draw("imports-empty", &page(0, Some(Typed::default())));

        assert!(html.contains(paths::IMPORT_TEMPLATE) && html.contains("100,000 lines"));
        assert!(html.contains(r#"enctype="multipart/form-data""#));
    }

    #[test]
    fn a_refused_file_says_so_beside_the_field_and_keeps_the_name() {
        let typed = Typed {
            name: "Autumn <intake>".to_owned(),
            file_error: Some("The file is empty.".to_owned()),
            name_error: None,
        };

        let html = draw("imports-refused", &page(3, Some(typed)));

        assert!(
            html.contains(r#"aria-describedby="file-error"#) && html.contains("The file is empty.")
        );
        assert!(html.contains("Autumn &#60;intake&#62;"));
    }

    #[test]
    fn who_may_not_change_people_is_shown_no_form() {
        assert!(!draw("imports-auditor", &page(3, None)).contains("<form class=\"body"));
    }
}
