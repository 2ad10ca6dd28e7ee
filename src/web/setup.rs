//! `/setup`: creates the first owner, once.

use askama::Template;

use super::parts::{ErrorSummary, Field, Icon};
use crate::directory::FieldError;

/// What was typed for the first owner. The password is never among what is shown again.
#[derive(Debug, Clone, Default)]
pub struct OwnerDraft {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// The form for the first owner.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// What the one-time link carries; sent back with the form.
    token: String,
    name: Field,
    email: Field,
    password: Field,
    errors: ErrorSummary,
}

impl SetupPage {
    /// The form with what was typed and what is wrong with it: fields `name`, `email`, `password`.
    #[must_use]
    pub fn new(token: impl Into<String>, typed: &OwnerDraft, errors: &[FieldError]) -> Self {
        let name = Field::text("name", "Your name", &typed.name)
            .autocomplete("name")
            .required()
            .refused(errors);
        let email = Field::text("email", "E-mail", &typed.email)
            .kind("email")
            .autocomplete("username")
            .required()
            .hint("You sign in with it.")
            .refused(errors);
        let password = Field::secret("password", "Password")
            .autocomplete("new-password")
            .required()
            .hint("At least 12 characters. A short sentence is easy to remember and hard to guess.")
            .refused(errors);
        let summary = ErrorSummary::of([&name, &email, &password]);
        let name = if summary.is_empty() { name.first() } else { name };
        Self { token: token.into(), name, email, password, errors: summary }
    }
}

/// The link was used, or never was one.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "setup_spent.html")]
pub struct SpentPage {
    /// Whether an owner exists already, who can sign in.
    pub set_up: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::draw;

    #[test]
    fn what_was_typed_stays_beside_what_is_wrong_with_it() {
        draw("setup", &SetupPage::new("t0ken", &OwnerDraft::default(), &[]));
        let typed = OwnerDraft { name: "Ruth Varga".to_owned(), email: "ruth.varga".to_owned() };
        let errors = [
            FieldError {
                field: "email",
                says: "Must be an e-mail address such as ana@example.com.".to_owned(),
            },
            FieldError {
                field: "password",
                says: "Must have at least 12 characters; this has 7.".to_owned(),
            },
        ];

        let html = draw("setup-errors", &SetupPage::new("t0ken", &typed, &errors));

        assert!(html.contains(r#"value="ruth.varga""#));
        assert_eq!(html.matches(r#"aria-invalid="true""#).count(), 2);
        assert!(html.contains("2 fields have to be mended"));
    }

    #[test]
    fn a_spent_link_says_where_to_get_another() {
        let html = draw("setup-spent", &SpentPage { set_up: true });

        assert!(html.contains("/sign-in"));
        assert!(!draw("setup-unknown", &SpentPage { set_up: false }).contains("/sign-in"));
    }
}
