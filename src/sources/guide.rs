//! What to do in an identity provider's own console: the very words of `docs/setup`.

use super::Provider;

/// A short guide for one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// What to do, one after the other.
    pub steps: Vec<Vec<Piece>>,
    /// What surprises people.
    pub remarks: Vec<Vec<Piece>>,
    /// What has to be pasted, where there is a field for it.
    pub template: Option<&'static str>,
}

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Words(&'static str),
    /// What is written on a button or beside a field there.
    Label(&'static str),
    /// What is typed, or sent.
    Code(&'static str),
}

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/setup/", $name, ".md"))
    };
}

impl Guide {
    /// The guide for a product.
    #[must_use]
    pub fn of(provider: Provider) -> Self {
        let document = match provider {
            Provider::Okta => document!("okta"),
            Provider::Entra => document!("entra"),
            Provider::OneLogin => document!("onelogin"),
            Provider::Authentik => document!("authentik"),
            Provider::Keycloak => document!("keycloak"),
            Provider::Other => document!("other"),
        };
        let steps = lines(section(document, "Steps"));
        let steps = steps.filter_map(|line| line.split_once(". ").map(|(_, step)| pieces(step)));
        let remarks = lines(section(document, "Good to know"));
        let remarks = remarks.filter_map(|line| line.strip_prefix("- ").map(pieces));
        let template = section(document, "Template").trim();
        let template =
            template.strip_prefix("```json\n").and_then(|rest| rest.strip_suffix("\n```"));
        Self { steps: steps.collect(), remarks: remarks.collect(), template }
    }
}

/// What stands between a heading and the next.
fn section(document: &'static str, heading: &str) -> &'static str {
    let after = document.split("\n## ").find_map(|section| section.strip_prefix(heading));
    after.unwrap_or_default()
}

fn lines(section: &'static str) -> impl Iterator<Item = &'static str> {
    section.lines().filter(|line| !line.is_empty())
}

/// Takes the marks of emphasis out of a sentence.
fn pieces(sentence: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (at, part) in sentence.split("**").enumerate() {
        for (inner, text) in part.split('`').enumerate() {
            let piece = match (at % 2, inner % 2) {
                (_, 1) => Piece::Code(text),
                (1, _) => Piece::Label(text),
                _ => Piece::Words(text),
            };
            pieces.extend((!text.is_empty()).then_some(piece));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_a_guide_that_says_where_the_base_url_and_the_token_go() {
        for provider in Provider::ALL {
            let guide = Guide::of(*provider);
            let told = format!("{:?}", guide.steps);

            assert!(guide.steps.len() >= 4 && guide.remarks.len() >= 3, "{provider}: {guide:?}");
            assert!(told.contains("base URL") && told.contains("token"), "{provider}: {told}");
            assert!(!told.contains("**") && !told.contains('`'), "{provider}: {told}");
        }
    }

    #[test]
    fn only_onelogin_has_something_to_paste_and_that_is_json() {
        for provider in Provider::ALL {
            let template = Guide::of(*provider).template;

            assert_eq!(template.is_some(), *provider == Provider::OneLogin);
            assert!(
                template.is_none_or(|text| serde_json::from_str::<serde_json::Value>(text).is_ok())
            );
        }
    }

    #[test]
    fn every_guide_says_that_it_was_not_tried() {
        for text in [
            document!("okta"),
            document!("entra"),
            document!("onelogin"),
            document!("authentik"),
            document!("keycloak"),
            document!("other"),
        ] {
            assert!(!section(text, "Not tried against the real service").trim().is_empty());
            assert!(!section(text, "What it sends").trim().is_empty());
        }
    }

    #[test]
    fn labels_and_code_are_told_apart_from_words() {
        assert_eq!(
            pieces("Press **Save**, type `userName`."),
            [
                Piece::Words("Press "),
                Piece::Label("Save"),
                Piece::Words(", type "),
                Piece::Code("userName"),
                Piece::Words("."),
            ]
        );
    }
}
