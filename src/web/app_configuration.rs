//! `/apps/echosign/configuration`: how EchoSign is reached.

use askama::Template;

use super::{
    app_head::AppHead,
    parts::{Callout, Choice, ErrorSummary, Field, Icon, Select},
    paths,
    shell::Shell,
};
use crate::directory::FieldError;

/// The connection as it is or was typed. The token is never among what is shown.
#[derive(Debug, Clone)]
pub struct ConnectionDraft {
    /// The word of the connector: `scim`.
    pub connector: String,
    /// Where the API is.
    pub base_url: String,
    /// The word of how accounts are changed: `detect`, `patch`, `put`.
    pub updates: String,
    /// The word of how they are looked up: `detect`, `filter`, `list`.
    pub lookups: String,
    /// The word of how they are deleted: `delete`, `deactivate`.
    pub deletes: String,
}

impl Default for ConnectionDraft {
    fn default() -> Self {
        let word = str::to_owned;
        Self {
            connector: word("scim"),
            base_url: String::new(),
            updates: word("detect"),
            lookups: word("detect"),
            deletes: word("delete"),
        }
    }
}

impl ConnectionDraft {
    /// Whether something was chosen that most never need.
    fn is_special(&self) -> bool {
        (&*self.updates, &*self.lookups, &*self.deletes) != ("detect", "detect", "delete")
    }
}

/// How EchoSign is reached: the form, and what the last Connect found.
#[derive(Debug, Template)]
#[template(path = "app_configuration.html")]
pub struct ConfigurationPage {
    shell: Shell,
    head: AppHead,
    may_edit: bool,
    result: Option<Callout>,
    found: Vec<(&'static str, String)>,
    errors: ErrorSummary,
    connector: Select,
    base_url: Field,
    token: Field,
    token_stored: bool,
    special: bool,
    updates: Select,
    lookups: Select,
    deletes: Select,
}

impl ConfigurationPage {
    /// The form with the connection as it is or was typed, and what is wrong with it: fields
    /// `connector`, `baseUrl`, `token`. `may_edit`: the reader may change it.
    #[must_use]
    pub fn new(
        shell: Shell,
        head: AppHead,
        typed: &ConnectionDraft,
        token_stored: bool,
        may_edit: bool,
        errors: &[FieldError],
    ) -> Self {
        let (base_url, token) = fields(typed, token_stored, errors);
        let errors = ErrorSummary::of([&base_url, &token]);
        let [connector, updates, lookups, deletes] =
            selects(typed).map(|select| Select { disabled: !may_edit, ..select });
        Self {
            shell,
            head,
            may_edit,
            result: None,
            found: Vec::new(),
            errors,
            connector,
            base_url: if may_edit { base_url } else { base_url.disabled() },
            token: if may_edit { token } else { token.disabled() },
            token_stored,
            special: typed.is_special(),
            updates,
            lookups,
            deletes,
        }
    }

    /// With what became of pressing Connect just now.
    #[must_use]
    pub fn after_connect(self, result: Callout) -> Self {
        Self { result: Some(result.announced()), ..self }
    }

    /// With what the last Connect that worked found out: a name and a value.
    #[must_use]
    pub fn found(self, found: Vec<(&'static str, String)>) -> Self {
        Self { found, ..self }
    }
}

fn fields(typed: &ConnectionDraft, token_stored: bool, errors: &[FieldError]) -> (Field, Field) {
    let base_url = Field::text("baseUrl", "Base URL", &typed.base_url)
        .kind("url")
        .required()
        .placeholder("https://api.example.com/scim/v2")
        .hint("Where EchoSign's SCIM API begins: Users is right below it.")
        .refused(errors);
    let token = Field::secret("token", "Bearer token").refused(errors);
    let token = if token_stored {
        token.hint(
            "Leave it empty to keep the one that is stored. It is sealed and never shown again.",
        )
    } else {
        token
            .hint("In EchoSign: Integrations and apps, SCIM, Generate Token. It is sealed and never shown again.")
            .required()
    };
    (base_url, token)
}

/// Connector, updates, look-ups, deletes.
fn selects(typed: &ConnectionDraft) -> [Select; 4] {
    let select =
        |name, label, hint, choices: &[(&'static str, &'static str)], chosen: &str| Select {
            name,
            label,
            hint,
            choices: choices.iter().map(|&(value, label)| Choice { value, label }).collect(),
            chosen: chosen.to_owned(),
            disabled: false,
        };
    [
        select("connector", "Connector", "", &[("scim", "SCIM 2.0")], &typed.connector),
        select(
            "updates",
            "Updates",
            "PATCH sends only what changes; PUT reads the whole account first and puts it back.",
            &[("detect", "As Connect finds"), ("patch", "PATCH"), ("put", "PUT")],
            &typed.updates,
        ),
        select(
            "lookups",
            "Look-up",
            "Without a filter the whole list is read each time.",
            &[
                ("detect", "As Connect finds"),
                ("filter", "By filter"),
                ("list", "By reading the list"),
            ],
            &typed.lookups,
        ),
        select(
            "deletes",
            "Deletes",
            "Where EchoSign cannot delete an account it is switched off instead.",
            &[("delete", "DELETE"), ("deactivate", "Switch the account off")],
            &typed.deletes,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::{
        apps::PausedBy,
        web::{
            app_head::{AppTab, Connected},
            parts::{Moment, Tone},
            samples::{NOW, draw, shell},
            shell::Place,
        },
    };

    fn place() -> Shell {
        shell("EchoSign", Place::EchoSign, &["Apps", "EchoSign"])
    }

    fn head(connected: Connected) -> AppHead {
        AppHead::new("EchoSign", connected, true, AppTab::Configuration)
    }

    fn verified() -> Connected {
        Connected::Since(Moment::ago(NOW - Duration::minutes(4), NOW))
    }

    fn known() -> ConnectionDraft {
        ConnectionDraft {
            base_url: "https://api.na1.echosign.example/scim/v2".to_owned(),
            ..ConnectionDraft::default()
        }
    }

    fn found() -> Vec<(&'static str, String)> {
        vec![
            ("Describes itself", "yes".to_owned()),
            ("PATCH", "yes".to_owned()),
            ("Filter", "yes".to_owned()),
            ("Accounts", "1,204".to_owned()),
        ]
    }

    #[test]
    fn a_first_connection_asks_for_a_token() {
        let page = ConfigurationPage::new(
            place(),
            head(Connected::Never),
            &ConnectionDraft::default(),
            false,
            true,
            &[],
        );

        let html = draw("configuration-new", &page);

        assert!(html.contains(r#"type="password""#));
        assert!(!html.contains("A token is stored"));
        assert!(html.contains(r#"<details class="fold">"#), "what few need is folded");
    }

    #[test]
    fn a_stored_token_is_told_of_and_never_shown() {
        let result = Callout::new(
            Tone::Good,
            "It describes itself, takes PATCH and filters, and has 1,204 accounts.",
        )
        .titled("EchoSign is connected.");
        let page = ConfigurationPage::new(place(), head(verified()), &known(), true, true, &[])
            .after_connect(result)
            .found(found());

        let html = draw("configuration-connected", &page);

        assert!(html.contains("A token is stored"));
        assert!(html.contains("1,204"));
    }

    #[test]
    fn what_has_to_be_mended_is_said_and_what_was_typed_stays() {
        let typed = ConnectionDraft { updates: "put".to_owned(), ..known() };
        let result = Callout::new(
            Tone::Bad,
            "EchoSign refused the token (401). Create a new token there and press Connect.",
        )
        .titled("Not connected.");
        let since = Moment::ago(NOW - Duration::minutes(9), NOW);
        let page = ConfigurationPage::new(
            place(),
            head(Connected::Paused(since, PausedBy::Refusal)),
            &typed,
            true,
            true,
            &[],
        )
        .after_connect(result);

        let html = draw("configuration-refused", &page);

        assert!(html.contains(r#"role="alert""#) && html.contains("refused the token"));
        assert!(html.contains(r#"value="https://api.na1.echosign.example/scim/v2""#));
        assert!(html.contains(r#"<details class="fold" open>"#), "what was chosen is not hidden");
    }

    #[test]
    fn a_bad_address_is_refused_beside_its_field() {
        let typed =
            ConnectionDraft { base_url: "echosign".to_owned(), ..ConnectionDraft::default() };
        let errors = [
            FieldError {
                field: "baseUrl",
                says: "Must be an address such as https://api.example.com/scim/v2.".to_owned(),
            },
            FieldError { field: "token", says: "A token is needed.".to_owned() },
        ];

        let html = draw(
            "configuration-errors",
            &ConfigurationPage::new(place(), head(Connected::Never), &typed, false, true, &errors),
        );

        assert_eq!(html.matches(r#"aria-invalid="true""#).count(), 2);
    }

    #[test]
    fn who_may_only_read_cannot_connect() {
        let page = ConfigurationPage::new(place(), head(verified()), &known(), true, false, &[])
            .found(found());

        let html = draw("configuration-reader", &page);

        assert!(!html.contains("Connect</button>"));
        assert!(!html.contains(r#"method="post" action="/apps"#));
    }
}
