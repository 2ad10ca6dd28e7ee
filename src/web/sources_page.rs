//! `/settings/sources/{source}`: what one identity provider asked, and what it asks with.

use askama::Template;

use super::{
    parts::{Badge, Callout, Empty, Field, GuideBlock, Icon, Moment, Pager, Select, Tab},
    shell::Shell,
};

/// A request in the log.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// When it came.
    pub at: Moment,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// What was asked, without what may be personal.
    pub path: String,
    /// How it was answered.
    pub status: Badge,
    /// How long that took: `1.2 ms`.
    pub duration: String,
    /// What it was refused with.
    pub says: Option<String>,
    /// The shape of what was sent, as JSON on several lines.
    pub body: Option<String>,
    /// What became of the queue.
    pub caused: Vec<CausedLine>,
    /// Of how many actions more nothing but the number is known.
    pub more: u64,
}

/// What a request made of an action.
#[derive(Debug, Clone)]
pub struct CausedLine {
    /// The action's page.
    pub href: String,
    /// `Create #12`
    pub action: String,
    /// What was done to it: `queued`, `changed`, `undone`.
    pub did: &'static str,
}

/// A token that is good.
#[derive(Debug, Clone)]
pub struct TokenLine {
    /// When it was made.
    pub made: Moment,
    /// When it was last shown.
    pub used: Option<Moment>,
    /// When it ends: `in 23 h`.
    pub ends: Option<String>,
}

/// What an owner can do about its tokens.
#[derive(Debug, Clone)]
pub struct TokenForms {
    /// Where a new token is asked for.
    pub rotate: String,
    /// The newest token that the page knows of; empty for none.
    pub newest: String,
    /// How long the ones before stay good.
    pub overlap: Select,
    /// Where all of them are taken away.
    pub revoke: String,
    /// Where its name has to be typed for that.
    pub name: Field,
}

/// A source.
#[derive(Debug, Template)]
#[template(path = "source.html")]
pub struct SourcePage {
    /// What stands around it.
    pub shell: Shell,
    /// Whose product it is.
    pub product: &'static str,
    /// Whether it pushes.
    pub state: Badge,
    /// When it was last heard of.
    pub seen: Option<Moment>,
    /// How many requests came today.
    pub today: String,
    /// What would keep it from working.
    pub warnings: Vec<Callout>,
    /// All of the log, or what was refused.
    pub tabs: [Tab; 2],
    /// The log, newest first.
    pub rows: Vec<RequestRow>,
    /// What stands where the log is empty.
    pub empty: Empty,
    /// The way to the next page.
    pub pager: Pager,
    /// Where it sends its requests.
    pub base_url: String,
    /// Its good tokens, newest first.
    pub tokens: Vec<TokenLine>,
    /// What can be done about them, by those who may.
    pub forms: Option<TokenForms>,
    /// Where to paste what.
    pub guide: GuideBlock,
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::{
        directory::FieldError,
        sources::Provider,
        web::{
            parts::{Choice, Tone},
            samples::{NOW, draw, shell},
            shell::Place,
        },
    };

    fn row(number: i64) -> RequestRow {
        let refused = number % 4 == 1;
        RequestRow {
            at: Moment::short(NOW - Duration::minutes(number * 7), NOW),
            method: ["GET", "POST", "PATCH", "DELETE"][usize::try_from(number % 4).unwrap()]
                .to_owned(),
            path: match number % 3 {
                0 => r#"/scim/v2/Users?filter=userName eq "…"&startIndex=1&count=100"#.to_owned(),
                1 => "/scim/v2/Users".to_owned(),
                _ => "/scim/v2/Users/usr_019aab3f5c0a7d4f8f6f0a1b2c3d4e5f".to_owned(),
            },
            status: if refused { Badge::bad("409 Conflict") } else { Badge::calm("200 OK") },
            duration: "1.2 ms".to_owned(),
            says: refused.then(|| "Another person has this user name.".to_owned()),
            body: (number % 3 == 1)
                .then(|| "{\n  \"userName\": \"…\",\n  \"active\": true\n}".to_owned()),
            caused: (number % 4 == 2)
                .then(|| CausedLine {
                    href: "/users/provisioning/act_1".to_owned(),
                    action: "Update #1204".to_owned(),
                    did: "queued",
                })
                .into_iter()
                .collect(),
            more: if number == 2 { 12 } else { 0 },
        }
    }

    fn forms(errors: &[FieldError]) -> TokenForms {
        TokenForms {
            rotate: "/settings/sources/okta/rotate".to_owned(),
            newest: "tok_1".to_owned(),
            overlap: Select {
                name: "overlap",
                label: "The tokens before",
                hint: "",
                choices: vec![Choice { value: "day", label: "stay good for 24 hours" }],
                chosen: "day".to_owned(),
                disabled: false,
            },
            revoke: "/settings/sources/okta/revoke".to_owned(),
            name: Field::text("name", "Type Okta to revoke it", "").refused(errors),
        }
    }

    fn page(rows: i64) -> SourcePage {
        let tab = |name, here| Tab {
            href: "/settings/sources/okta".to_owned(),
            name,
            count: None,
            bad: false,
            here,
        };
        SourcePage {
            shell: shell("Okta", Place::Sources, &["Settings", "Sources", "Okta"]),
            product: "Okta",
            state: Badge::good("Active"),
            seen: Some(Moment::ago(NOW - Duration::minutes(4), NOW)),
            today: "1,204".to_owned(),
            warnings: vec![Callout::new(Tone::Warn, "Only this machine can reach 127.0.0.1.")],
            tabs: [tab("All", true), tab("Refused", false)],
            rows: (0..rows).map(row).collect(),
            empty: Empty {
                icon: Icon::Inbox,
                title: "Nothing yet",
                says: "In Okta press Test Connector Configuration.".to_owned(),
                next: None,
            },
            pager: Pager { shown: format!("{rows} requests"), ..Pager::default() },
            base_url: "https://countersign.northwind.example/scim/v2".to_owned(),
            tokens: vec![TokenLine {
                made: Moment::ago(NOW - Duration::days(3), NOW),
                used: Some(Moment::ago(NOW, NOW)),
                ends: Some("in 23 h".to_owned()),
            }],
            forms: Some(forms(&[])),
            guide: GuideBlock::of(Provider::Okta),
        }
    }

    #[test]
    fn a_request_leads_to_what_it_caused_and_says_what_it_was_refused_with() {
        let html = draw("source", &page(12));

        for part in [
            "409 Conflict",
            "Another person has this user name.",
            "/users/provisioning/act_1",
            "and 12 more",
            "&#34;userName&#34;: &#34;…&#34;",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn an_empty_log_says_what_to_press_there() {
        assert!(draw("source-empty", &page(0)).contains("press Test Connector Configuration"));
    }

    #[test]
    fn who_only_reads_sees_the_log_and_no_form() {
        let html = draw("source-reader", &SourcePage { forms: None, ..page(3) });

        assert!(html.contains("409 Conflict") && !html.contains("okta/rotate"));
    }

    #[test]
    fn another_name_than_its_own_is_refused_beside_the_field() {
        let errors = [FieldError { field: "name", says: "Type Okta, as it is called.".to_owned() }];

        let html = draw("source-refused", &SourcePage { forms: Some(forms(&errors)), ..page(2) });

        assert!(html.contains("Type Okta, as it is called."));
    }

    #[test]
    fn a_source_without_tokens_says_that_nothing_gets_in() {
        let page = SourcePage { state: Badge::over("Revoked"), tokens: Vec::new(), ..page(2) };

        let html = draw("source-revoked", &page);

        assert!(html.contains("No token is good") && html.contains("Give it a new token"));
        assert!(!html.contains("okta/revoke"), "there is nothing to revoke");
    }
}
