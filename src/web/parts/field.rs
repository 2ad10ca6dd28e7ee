//! What forms are made of: a label, a control, what helps and what is wrong, together.

use std::borrow::Cow;

use askama::Template;

use super::Icon;
use crate::directory::FieldError;

/// Whether a field may be left empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Not said: it goes without saying.
    Unsaid,
    /// It may not.
    Required,
    /// It may, where most may not.
    Optional,
}

/// One line to type.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    name: &'static str,
    label: Cow<'static, str>,
    value: String,
    kind: &'static str,
    hint: Cow<'static, str>,
    autocomplete: &'static str,
    placeholder: &'static str,
    need: Need,
    first: bool,
    disabled: bool,
    error: Option<String>,
}

impl Field {
    /// A line of text, filled with what was typed or what is known.
    #[must_use]
    pub fn text(name: &'static str, label: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            label: label.into(),
            value: value.into(),
            kind: "text",
            hint: Cow::Borrowed(""),
            autocomplete: "off",
            placeholder: "",
            need: Need::Unsaid,
            first: false,
            disabled: false,
            error: None,
        }
    }

    /// A secret: never filled in, whatever was typed before.
    #[must_use]
    pub fn secret(name: &'static str, label: &'static str) -> Self {
        Self { kind: "password", ..Self::text(name, label, "") }
    }

    /// With a label that holds what is only known now.
    #[must_use]
    pub fn labelled(self, label: String) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Another kind of `input`, for the right keyboard on a phone.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// A word of help under it.
    #[must_use]
    pub fn hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// What a browser may fill in by itself.
    #[must_use]
    pub fn autocomplete(self, what: &'static str) -> Self {
        Self { autocomplete: what, ..self }
    }

    /// An example, while nothing is typed.
    #[must_use]
    pub fn placeholder(self, example: &'static str) -> Self {
        Self { placeholder: example, ..self }
    }

    /// It cannot be left empty.
    #[must_use]
    pub fn required(self) -> Self {
        Self { need: Need::Required, ..self }
    }

    /// It may be left empty, where most may not.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { need: Need::Optional, ..self }
    }

    /// It has the focus when the page opens.
    #[must_use]
    pub fn first(self) -> Self {
        Self { first: true, ..self }
    }

    /// It cannot be changed now.
    #[must_use]
    pub fn disabled(self) -> Self {
        Self { disabled: true, ..self }
    }

    /// With what is wrong with it, if anything of `errors` is about it.
    #[must_use]
    pub fn refused(self, errors: &[FieldError]) -> Self {
        let error = errors.iter().find(|error| error.field == self.name);
        Self { error: error.map(|error| error.says.clone()), ..self }
    }

    /// What is wrong with it, if anything is.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// The ids of what describes it.
    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        error.into_iter().chain(hint).collect::<Vec<_>>().join(" ")
    }
}

/// Yes or no.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/check_box.html")]
pub struct CheckBox {
    /// Its name in the form.
    pub name: &'static str,
    /// What is ticked.
    pub label: &'static str,
    /// A word of help under it; empty for none.
    pub hint: &'static str,
    /// Whether it is ticked.
    pub checked: bool,
    /// Whether it cannot be changed now.
    pub disabled: bool,
}

/// One of a [`Select`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: &'static str,
    /// What it is called.
    pub label: &'static str,
}

/// One of a few.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/select.html")]
pub struct Select {
    /// Its name in the form.
    pub name: &'static str,
    /// What is chosen.
    pub label: &'static str,
    /// A word of help under it; empty for none.
    pub hint: &'static str,
    /// What there is to choose from.
    pub choices: Vec<Choice>,
    /// The value that is chosen.
    pub chosen: String,
    /// Whether it cannot be changed now.
    pub disabled: bool,
}

/// Everything that is wrong with a form, on top of it, each leading to its field.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/error_summary.html")]
pub struct ErrorSummary {
    refused: Vec<Field>,
}

impl ErrorSummary {
    /// The summary of a form's fields; draws nothing when nothing is wrong.
    #[must_use]
    pub fn of<'form>(fields: impl IntoIterator<Item = &'form Field>) -> Self {
        Self {
            refused: fields.into_iter().filter(|field| field.error.is_some()).cloned().collect(),
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty()
    }

    fn title(&self) -> String {
        match self.refused.len() {
            1 => "One field has to be mended".to_owned(),
            many => format!("{many} fields have to be mended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(field: &'static str) -> Vec<FieldError> {
        vec![FieldError { field, says: "Must be <one> line.".to_owned() }]
    }

    #[test]
    fn an_error_stands_beside_its_field_and_nowhere_else() {
        let errors = refused("email");

        let email = Field::text("email", "E-mail", "x").hint("Work").refused(&errors).to_string();
        let title = Field::text("title", "Title", "").refused(&errors).to_string();

        assert!(
            email.contains(r#"aria-invalid="true" aria-describedby="email-error email-hint""#),
            "{email}"
        );
        assert!(email.contains("Must be &#60;one&#62; line."), "{email}");
        assert!(!title.contains("invalid"), "{title}");
    }

    #[test]
    fn what_was_typed_stays_and_cannot_bring_markup() {
        let drawn = Field::text("email", "E-mail", r#""><script>"#).to_string();

        assert!(drawn.contains(r#"value="&#34;&#62;&#60;script&#62;""#), "{drawn}");
    }

    #[test]
    fn a_secret_is_never_filled_in() {
        assert!(!Field::secret("password", "Password").to_string().contains("value="));
    }

    #[test]
    fn a_summary_leads_to_each_field() {
        let email = Field::text("email", "E-mail", "x").refused(&refused("email"));
        let title = Field::text("title", "Title", "");

        let drawn = ErrorSummary::of([&title, &email]).to_string();

        assert!(drawn.contains(r##"<a href="#email">E-mail</a>: Must be"##), "{drawn}");
        assert!(!drawn.contains("#title"), "{drawn}");
        assert_eq!(ErrorSummary::of([&title]).to_string(), "");
    }
}
