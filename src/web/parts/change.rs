//! What a change does to an account: in one line for a list, in full for a decision.

use askama::Template;

use super::{Icon, Moment, counted};
use crate::apps::change::{Attribute, Attributes, Change, Content, Kind, Value};

/// What an attribute is called on screen.
#[must_use]
pub const fn label(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::UserName => "user name",
        Attribute::GivenName => "first name",
        Attribute::FamilyName => "last name",
        Attribute::DisplayName => "display name",
        Attribute::Email => "e-mail",
        Attribute::Title => "title",
        Attribute::Department => "department",
        Attribute::Phone => "phone",
        Attribute::Active => "active",
    }
}

/// A change in one line: `title: Analyst → Senior Analyst +1`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/change_line.html")]
pub struct ChangeLine {
    attribute: &'static str,
    from: String,
    to: String,
    more: String,
}

impl ChangeLine {
    /// The line of an action.
    #[must_use]
    pub fn of(kind: Kind, changes: &[Change]) -> Self {
        let said = |to: &str, more: String| Self {
            attribute: "",
            from: String::new(),
            to: to.to_owned(),
            more,
        };
        match (kind, changes) {
            (Kind::Create, _) => said("new account", of_a_new_account(changes)),
            (Kind::Delete, _) => said("the account is removed", String::new()),
            (_, []) => said("nothing", String::new()),
            (_, [first, rest @ ..]) => Self {
                attribute: label(first.attribute),
                from: words(first.from.as_ref()),
                to: words(first.to.as_ref()),
                more: if rest.is_empty() { String::new() } else { format!("+{}", rest.len()) },
            },
        }
    }
}

/// `Legal, 6 attributes`
fn of_a_new_account(changes: &[Change]) -> String {
    let department = changes
        .iter()
        .find(|change| change.attribute == Attribute::Department)
        .and_then(|change| change.to.as_ref());
    let attributes = counted(changes.len(), "attribute", "attributes");
    department.map_or(attributes.clone(), |department| format!("{department}, {attributes}"))
}

fn words(value: Option<&Value>) -> String {
    value.map_or_else(|| "empty".to_owned(), Value::to_string)
}

/// One attribute, now and as proposed. `None` is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRow {
    label: &'static str,
    from: Option<String>,
    to: Option<String>,
}

impl DiffRow {
    /// The row of one change.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        Self {
            label: label(change.attribute),
            from: change.from.as_ref().map(Value::to_string),
            to: change.to.as_ref().map(Value::to_string),
        }
    }
}

/// What an account is now and what it shall be; what stays is folded away.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/diff.html")]
pub struct Diff {
    changed: Vec<DiffRow>,
    same: Vec<(&'static str, String)>,
    from_nothing: bool,
    app: String,
    read: Option<Moment>,
    unread: Option<String>,
    past: bool,
}

impl Diff {
    /// `content` beside what the app has; `now` is `None` when it has no such account.
    #[must_use]
    pub fn of(content: &Content, now: Option<&Attributes>, app: impl Into<String>) -> Self {
        let touched =
            |attribute| content.changes.iter().any(|change| change.attribute == attribute);
        let same = now
            .into_iter()
            .flatten()
            .filter(|(attribute, _)| !touched(**attribute))
            .map(|(attribute, value)| (label(*attribute), value.to_string()))
            .collect();
        Self {
            changed: content.changes.iter().map(DiffRow::of).collect(),
            same,
            from_nothing: content.kind == Kind::Create && now.is_none(),
            app: app.into(),
            read: None,
            unread: None,
            past: false,
        }
    }

    /// Of an action that is over: what it was about, and not what is now.
    #[must_use]
    pub fn past(self) -> Self {
        Self { past: true, ..self }
    }

    /// Says that the app was read at `read`.
    #[must_use]
    pub fn read(self, read: Moment) -> Self {
        Self { read: Some(read), ..self }
    }

    /// Says why the app could not be read; what is shown is what it last confirmed.
    #[must_use]
    pub fn unread(self, why: impl Into<String>) -> Self {
        Self { unread: Some(why.into()), ..self }
    }

    /// `9 attributes stay as they are`
    fn stays(&self) -> String {
        match self.same.len() {
            1 => "1 attribute stays as it is".to_owned(),
            many => format!("{many} attributes stay as they are"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(attribute: Attribute, from: Option<&str>, to: Option<&str>) -> Change {
        let value = |text: &str| Value::Text(text.to_owned());
        Change { attribute, from: from.map(value), to: to.map(value) }
    }

    #[test]
    fn an_update_shows_its_first_change_and_counts_the_rest() {
        let line = ChangeLine::of(
            Kind::Update,
            &[
                change(Attribute::Title, Some("Analyst"), Some("Senior Analyst")),
                change(Attribute::Phone, None, Some("+44 20 7946 0018")),
            ],
        );

        assert_eq!(
            (line.attribute, &*line.from, &*line.to, &*line.more),
            ("title", "Analyst", "Senior Analyst", "+1")
        );
    }

    #[test]
    fn an_absent_value_is_called_empty() {
        let line = ChangeLine::of(Kind::Update, &[change(Attribute::Phone, Some("123"), None)]);

        assert_eq!(line.to, "empty");
    }

    #[test]
    fn a_new_account_names_its_department_where_there_is_one() {
        let name = change(Attribute::UserName, None, Some("ana@example.com"));
        let legal = change(Attribute::Department, None, Some("Legal"));

        assert_eq!(ChangeLine::of(Kind::Create, std::slice::from_ref(&name)).more, "1 attribute");
        assert_eq!(ChangeLine::of(Kind::Create, &[name, legal]).more, "Legal, 2 attributes");
    }

    #[test]
    fn a_value_cannot_bring_markup() {
        let bad = change(Attribute::Title, Some("<del>"), Some("</ins><script>"));
        let line = ChangeLine::of(Kind::Update, std::slice::from_ref(&bad)).to_string();
        let row = DiffRow::of(&bad);
        let diff = Diff {
            changed: vec![row],
            same: vec![("phone", "<i>".to_owned())],
            from_nothing: false,
            app: "<App>".to_owned(),
            read: None,
            unread: Some("<b>".to_owned()),
            past: false,
        };

        let drawn = line + &diff.to_string();

        for markup in ["<del><del>", "<script>", "<i>", "<App>", "<b><b>"] {
            assert!(!drawn.contains(markup), "{markup} in {drawn}");
        }
    }
}
