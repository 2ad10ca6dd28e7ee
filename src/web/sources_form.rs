//! `/settings/sources/new`, and what its answer shows once: the token.

use askama::Template;

use super::{
    parts::{Callout, Choice, ErrorSummary, Field, GuideBlock, Icon, Select},
    paths,
    shell::Shell,
};
use crate::{directory::FieldError, sources::Provider};

/// The form for a new source.
#[derive(Debug, Template)]
#[template(path = "source_form.html")]
pub struct SourceForm {
    shell: Shell,
    errors: ErrorSummary,
    warnings: Vec<Callout>,
    name: Field,
    provider: Select,
}

impl SourceForm {
    /// The form with what was typed and what is wrong with it: field `name`.
    #[must_use]
    pub fn new(
        shell: Shell,
        name: &str,
        provider: Provider,
        warnings: Vec<Callout>,
        errors: &[FieldError],
    ) -> Self {
        let name = Field::text("name", "Name", name)
            .required()
            .placeholder("Okta")
            .hint("How it is called in lists, in the queue and in the history.")
            .refused(errors);
        let choice = |one: &Provider| Choice { value: one.word(), label: one.name() };
        Self {
            shell,
            errors: ErrorSummary::of([&name]),
            warnings,
            name: if errors.is_empty() { name.first() } else { name },
            provider: Select {
                name: "provider",
                label: "Product",
                hint: "It changes the guide that is shown, not how requests are answered.",
                choices: Provider::ALL.iter().map(choice).collect(),
                chosen: provider.word().to_owned(),
                disabled: false,
            },
        }
    }
}

/// A source has a new token, which is shown here and never again.
#[derive(Debug, Template)]
#[template(path = "source_ready.html")]
pub struct ReadyPage {
    /// What stands around it.
    pub shell: Shell,
    /// What it is called.
    pub name: String,
    /// Where its page is.
    pub href: String,
    /// What was done: `Okta was added.`
    pub done: Callout,
    /// What would keep it from working.
    pub warnings: Vec<Callout>,
    /// How its console calls the base URL.
    pub base_label: &'static str,
    /// The base URL, as it is to be pasted.
    pub base_url: String,
    /// How its console calls the token.
    pub token_label: &'static str,
    /// The token.
    pub token: String,
    /// Where to paste what.
    pub guide: GuideBlock,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{
        parts::Tone,
        samples::{draw, shell},
        shell::{Place, done},
    };

    #[test]
    fn a_refused_name_is_told_beside_the_field_and_the_choice_stays() {
        let errors =
            [FieldError { field: "name", says: "There is a source of this name.".to_owned() }];
        let place = shell("Add a source", Place::Sources, &["Settings", "Sources", "Add"]);

        let html = draw(
            "source-form-refused",
            &SourceForm::new(place.clone(), "Okta", Provider::Entra, Vec::new(), &errors),
        );

        assert!(html.contains(r#"aria-invalid="true""#) && html.contains(r#"value="Okta""#));
        assert!(html.contains(r#"<option value="entra" selected>"#), "{html}");
        draw("source-form", &SourceForm::new(place, "", Provider::Okta, Vec::new(), &[]));
    }

    #[test]
    fn a_new_token_is_shown_with_where_to_paste_it_for_every_product() {
        for provider in Provider::ALL {
            let page = ReadyPage {
                shell: shell("Okta", Place::Sources, &["Settings", "Sources", "Okta"]),
                name: "Okta".to_owned(),
                href: "/settings/sources/okta".to_owned(),
                done: done("Okta was added."),
                warnings: vec![Callout::new(Tone::Warn, "Nobody can reach 127.0.0.1.")],
                base_label: "SCIM connector base URL",
                base_url: "https://countersign.northwind.example/scim/v2".to_owned(),
                token_label: "Authorization",
                token: "cs_dGhpcyBpcyBub3QgYSB0b2tlbiBidXQgYXMgbG9uZyE".to_owned(),
                guide: GuideBlock::of(*provider),
            };

            let html = draw(&format!("source-ready-{provider}"), &page);

            assert!(html.contains("cs_dGhp") && html.contains("shown only now"));
            assert!(html.contains("Not tried") || html.contains("not tried"), "{html}");
        }
    }
}
