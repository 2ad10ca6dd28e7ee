//! What a reviewer has to give, and is told, in EchoSign: reasons, and which mail domains are one's own.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Field, Icon},
    paths,
};
use crate::apps::change::Kind;

/// The rule for one kind of action, as it is stored or as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonRow {
    /// The kind.
    pub kind: Kind,
    /// Whether an approval needs a reason.
    pub required: bool,
    /// What is found in each reason.
    pub pattern: String,
    /// What is wrong with that.
    pub bad_pattern: Option<String>,
    /// What whoever decides is told.
    pub message: String,
    /// What is wrong with that.
    pub bad_message: Option<String>,
}

/// The forms for both.
#[derive(Debug, Template)]
#[template(path = "parts/review.html")]
pub struct Review {
    /// A rule for each kind.
    pub rows: Vec<ReasonRow>,
    /// The domains.
    pub domains: Field,
    /// Whether the reader may change them.
    pub may_edit: bool,
}

impl HtmlSafe for Review {}

impl ReasonRow {
    /// `Create user`
    const fn label(&self) -> &'static str {
        match self.kind {
            Kind::Create => "Create user",
            Kind::Update => "Update user",
            Kind::Suspend => "Suspend user",
            Kind::Reactivate => "Reactivate user",
            Kind::Delete => "Delete user",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind) -> ReasonRow {
        ReasonRow {
            kind,
            required: false,
            pattern: String::new(),
            bad_pattern: None,
            message: String::new(),
            bad_message: None,
        }
    }

    fn drawn(rows: Vec<ReasonRow>, may_edit: bool) -> String {
        let domains = Field::text("domains", "Our mail domains", "example.com");
        Review { rows, domains, may_edit }.render().unwrap()
    }

    #[test]
    fn each_kind_has_a_row_of_its_own() {
        let html = drawn(Kind::ALL.iter().copied().map(row).collect(), true);

        for kind in Kind::ALL {
            assert!(html.contains(&format!(r#"name="{kind}-pattern""#)), "{kind}");
        }
        assert_eq!(html.matches("Optional</option>").count(), 5);
        assert!(html.contains(paths::REASONS) && html.contains(paths::DOMAINS));
    }

    #[test]
    fn a_pattern_that_cannot_be_read_stands_as_it_was_typed_beside_what_is_wrong() {
        let (pattern, says) = ("CHG-[".to_owned(), "This is no regular expression.".to_owned());
        let bad =
            ReasonRow { pattern, bad_pattern: Some(says), required: true, ..row(Kind::Delete) };

        let html = drawn(vec![bad], true);

        assert!(html.contains(r#"value="CHG-[""#) && html.contains("no regular expression"));
        assert!(html.contains(r#"aria-invalid="true" aria-describedby="delete-pattern-error""#));
        assert!(html.contains(r#"value="required" selected"#));
    }

    #[test]
    fn who_may_only_read_has_nothing_to_save() {
        assert!(!drawn(vec![row(Kind::Update)], false).contains("<button"));
    }
}
