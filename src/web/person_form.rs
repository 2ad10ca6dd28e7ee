//! `/users/new` and `/users/{id}/edit`: one form for both.

use askama::Template;

use super::{
    parts::{Callout, ErrorSummary, Field, Tone},
    paths,
    shell::Shell,
};
use crate::{
    directory::{Draft, FieldError},
    kernel::UserId,
};

/// The form for a person, new or known.
#[derive(Debug, Template)]
#[template(path = "person_form.html")]
pub struct PersonForm {
    shell: Shell,
    action: String,
    back: String,
    submit: &'static str,
    errors: ErrorSummary,
    note: Option<Callout>,
    sign_in: Vec<Field>,
    name: Vec<Field>,
    work: Vec<Field>,
}

impl PersonForm {
    /// The form for somebody new, with what was typed and what is wrong with it.
    #[must_use]
    pub fn adding(shell: Shell, typed: &Draft, errors: &[FieldError]) -> Self {
        let place = (paths::PEOPLE.to_owned(), paths::PEOPLE.to_owned(), "Add the person");
        Self::new(shell, place, typed, errors)
    }

    /// The form for somebody known, with what is known or was typed and what is wrong with it.
    #[must_use]
    pub fn editing(shell: Shell, id: UserId, typed: &Draft, errors: &[FieldError]) -> Self {
        Self::new(shell, (paths::person_step(id, "edit"), paths::person(id), "Save"), typed, errors)
    }

    /// Says what happens in EchoSign when this is saved.
    #[must_use]
    pub fn noting(self, says: impl Into<String>) -> Self {
        Self { note: Some(Callout::new(Tone::Quiet, says)), ..self }
    }

    fn new(
        shell: Shell,
        (action, back, submit): (String, String, &'static str),
        typed: &Draft,
        errors: &[FieldError],
    ) -> Self {
        let field = |name, label, value: &str| Field::text(name, label, value).refused(errors);
        let sign_in = vec![
            field("userName", "User name", &typed.user_name)
                .required()
                .hint("What the person signs in with; usually the work e-mail address."),
            field("email", "E-mail", &typed.email)
                .kind("email")
                .optional()
                .hint("Where EchoSign sends its mail."),
        ];
        let name = vec![
            field("givenName", "First name", &typed.given_name).optional(),
            field("familyName", "Last name", &typed.family_name).optional(),
            field("displayName", "Display name", &typed.display_name)
                .optional()
                .hint("Where it is not just first and last name."),
        ];
        let work = vec![
            field("title", "Title", &typed.title).optional(),
            field("department", "Department", &typed.department).optional(),
            field("phone", "Phone", &typed.phone).kind("tel").optional(),
        ];
        let summary = ErrorSummary::of(sign_in.iter().chain(&name).chain(&work));
        let sign_in = match (summary.is_empty(), <[Field; 2]>::try_from(sign_in)) {
            (true, Ok([user_name, email])) => vec![user_name.first(), email],
            (_, Ok(fields)) => fields.into(),
            (_, Err(fields)) => fields,
        };
        Self { shell, action, back, submit, errors: summary, note: None, sign_in, name, work }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        directory::Profile,
        web::{
            samples::{draw, shell},
            shell::Place,
        },
    };

    #[test]
    fn every_refused_field_says_so_beside_itself_and_keeps_what_was_typed() {
        let typed = Draft {
            user_name: String::new(),
            email: "ana".to_owned(),
            phone: "none".to_owned(),
            title: "Analyst".to_owned(),
            ..Draft::default()
        };
        let errors = Profile::parse(&typed).expect_err("refused");

        let html = draw(
            "person-new-errors",
            &PersonForm::adding(
                shell("Add a person", Place::People, &["Users", "People"]),
                &typed,
                &errors,
            ),
        );

        assert_eq!(html.matches(r#"aria-invalid="true""#).count(), errors.len());
        assert!(html.contains(r#"value="ana""#) && html.contains(r#"value="Analyst""#));
    }

    #[test]
    fn each_form_is_sent_where_it_belongs() {
        let id = UserId::at(OffsetDateTime::UNIX_EPOCH);
        let known = Draft {
            user_name: "sofia.pereira-lindqvist@northwind.example".to_owned(),
            email: "sofia.pereira-lindqvist@northwind.example".to_owned(),
            given_name: "Sofia".to_owned(),
            family_name: "Pereira-Lindqvist".to_owned(),
            ..Draft::default()
        };
        let shell = || shell("Add a person", Place::People, &["Users", "People"]);

        let new = draw("person-new", &PersonForm::adding(shell(), &Draft::default(), &[]));
        let edit = PersonForm::editing(shell(), id, &known, &[])
            .noting("Once approved, the change is sent to EchoSign.");
        let edit = draw("person-edit", &edit);

        assert!(new.contains(r#"method="post" action="/users""#));
        assert!(edit.contains(&format!(r#"method="post" action="/users/{id}/edit""#)));
    }
}
