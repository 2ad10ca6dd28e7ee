//! What a change does to an account, in one line for a list.

use askama::Template;

use super::{Icon, counted};
use crate::apps::change::{Attribute, Change, Kind, Value};

/// What an attribute is called on screen.
#[must_use]
pub const fn label(attribute: Attribute) -> &'static str {
    attribute.label()
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

        for markup in ["<del>", "<script>"] {
            assert!(!line.contains(markup), "{markup} in {line}");
        }
    }
}
