//! Sources in words: states, warnings, requests.

use axum::http::StatusCode;
use time::OffsetDateTime;
use url::{Host, Url};

use super::{REFUSED, address};
use crate::{
    access::tokens::SourceToken,
    apps::change::Kind,
    audit::Verb,
    sources::{
        Client, Overlap, Provider,
        log::{Caused, store::Noted},
    },
    web::{
        parts::{Badge, Callout, Choice, Moment, Select, Tone, span},
        paths,
        sources::{Refused, SourceRow},
        sources_page::{CausedLine, RequestRow, TokenLine},
        surroundings::at_most,
    },
};

/// How a source does.
pub(super) fn state_of(client: &Client) -> Badge {
    let refused = client.traffic.refused.as_ref().map(|(at, ..)| *at);
    match client.last_seen() {
        _ if client.is_revoked() => Badge::over("Revoked"),
        None => Badge::waits("Waits for its first request"),
        Some(_) if refused.is_some() && refused == client.traffic.last => {
            Badge::bad("Last request refused")
        }
        Some(_) => Badge::good("Active"),
    }
}

pub(super) fn source_row(client: &Client, now: OffsetDateTime) -> SourceRow {
    SourceRow {
        href: paths::source(&client.source),
        name: client.name.clone(),
        product: client.provider.name(),
        state: state_of(client),
        seen: client.last_seen().map(|at| Moment::ago(at, now)),
        today: at_most(client.traffic.today),
        refused: client.traffic.refused.as_ref().map(|(at, status, says)| Refused {
            href: address(&client.source, REFUSED, ""),
            at: Moment::ago(*at, now),
            says: format!("{status} {says}").trim_end().to_owned(),
        }),
    }
}

/// What is pasted into a console, by the names that it has there.
pub(super) struct Pasted {
    pub(super) base_label: &'static str,
    pub(super) base_url: String,
    pub(super) token_label: &'static str,
}

pub(super) fn pasted(provider: Provider, base_url: &str) -> Pasted {
    let (base_label, token_label) = match provider {
        Provider::Okta => ("SCIM connector base URL", "Authorization (HTTP Header)"),
        Provider::Entra => ("Tenant URL", "Secret Token"),
        Provider::OneLogin => ("SCIM Base URL", "SCIM Bearer Token"),
        Provider::Authentik => ("URL", "Token"),
        Provider::Keycloak | Provider::Other => ("Base URL", "Bearer token"),
    };
    let flag = if provider == Provider::Entra { "?aadOptscim062020" } else { "" };
    Pasted { base_label, base_url: format!("{base_url}{flag}"), token_label }
}

/// What to press for a first request.
pub(super) const fn first_try(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => "In Okta press Test Connector Configuration.",
        Provider::Entra => "In Entra press Test Connection.",
        Provider::OneLogin => "In OneLogin press Enable at API Connection.",
        Provider::Authentik => "In authentik start the provider's synchronisation.",
        Provider::Keycloak => "In Keycloak synchronise all users, or change one.",
        Provider::Other => "Have the client test its connection. What it asks appears here.",
    }
}

/// What would keep an identity provider from reaching us; one that was `seen` has a way.
pub(super) fn address_warnings(
    base_url: &str,
    provider: Option<Provider>,
    seen: bool,
) -> Vec<Callout> {
    const MEND: &str = "Set COUNTERSIGN_PUBLIC_URL to the https address that it can reach, and start Countersign again.";
    let who = provider.filter(|provider| *provider != Provider::Other);
    let who = who.map_or("An identity provider elsewhere", Provider::name);
    let warn = |title: String, says: String| Callout::new(Tone::Warn, says).titled(title);
    let mut warnings = Vec::new();
    let url = Url::parse(base_url).ok();
    if url.as_ref().is_some_and(is_of_this_machine) {
        let title = format!("{who} cannot reach {base_url}");
        let says = format!("It is an address of this machine alone. {MEND}");
        warnings.extend((!seen).then(|| warn(title, says)));
    } else if url.is_some_and(|url| url.scheme() != "https") {
        let title = format!("{base_url} is not https");
        let says = format!(
            "The token would be readable on its way, and services in the cloud refuse it. {MEND}"
        );
        warnings.push(warn(title, says));
    }
    if provider == Some(Provider::Okta) && base_url.contains('_') {
        let says = "Give Countersign a name without one, and set COUNTERSIGN_PUBLIC_URL to it.";
        warnings
            .push(warn("Okta refuses a base URL with an underscore".to_owned(), says.to_owned()));
    }
    warnings
}

fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

pub(super) fn overlap() -> Select {
    let choice = |overlap: &Overlap| Choice {
        value: overlap.word(),
        label: match overlap {
            Overlap::None => "end at once",
            Overlap::Hour => "stay good for 1 hour",
            Overlap::Day => "stay good for 24 hours",
            Overlap::Week => "stay good for 7 days",
        },
    };
    Select {
        name: "overlap",
        label: "The tokens before",
        hint: "Long enough to put the new one into the console.",
        choices: Overlap::ALL.iter().map(choice).collect(),
        chosen: Overlap::Day.word().to_owned(),
        disabled: false,
    }
}

pub(super) fn token_line(token: &SourceToken, now: OffsetDateTime) -> TokenLine {
    TokenLine {
        made: Moment::ago(token.created_at, now),
        used: token.last_used_at.map(|at| Moment::ago(at, now)),
        ends: token.expires_at.map(|at| format!("in {}", span(at - now))),
    }
}

pub(super) fn request_row(noted: &Noted, now: OffsetDateTime) -> RequestRow {
    let body = noted.body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok());
    RequestRow {
        at: Moment::short(noted.at, now),
        method: noted.method.clone(),
        path: noted.path.clone(),
        status: status(noted.status),
        duration: milliseconds(noted.duration),
        says: noted.says.clone(),
        body,
        caused: noted.caused.iter().map(caused_line).collect(),
        more: noted.more,
    }
}

fn caused_line(caused: &Caused) -> CausedLine {
    let kind = match caused.kind {
        Kind::Create => "Create",
        Kind::Update => "Update",
        Kind::Suspend => "Suspend",
        Kind::Reactivate => "Reactivate",
        Kind::Delete => "Delete",
    };
    CausedLine {
        href: paths::action(caused.action),
        action: format!("{kind} #{}", caused.number),
        did: match caused.verb {
            Verb::ActionFolded => "changed",
            Verb::ActionWithdrawn => "undone",
            _ => "queued",
        },
    }
}

/// A status by its number and its words. That nobody is there is an answer, and no error.
fn status(status: u16) -> Badge {
    let words = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    let word = format!("{status} {}", words.unwrap_or_default());
    match status {
        ..400 => Badge::calm(word),
        404 => Badge::over(word),
        429 => Badge::again(word),
        _ => Badge::bad(word),
    }
}

fn milliseconds(duration: std::time::Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_address_that_nobody_can_reach_is_warned_of_and_a_good_one_is_not() {
        for (base_url, provider, warnings) in [
            ("https://cs.example.com/scim/v2", Some(Provider::Okta), &[][..]),
            ("http://127.0.0.1:8080/scim/v2", Some(Provider::Okta), &["Okta cannot reach"]),
            ("https://localhost/scim/v2", None, &["An identity provider elsewhere cannot reach"]),
            ("http://[::1]:8080/scim/v2", Some(Provider::Other), &["elsewhere cannot reach"]),
            ("http://cs.example.com/scim/v2", Some(Provider::Entra), &["is not https"]),
            ("https://c_s.example.com/scim/v2", Some(Provider::Okta), &["an underscore"]),
            ("https://c_s.example.com/scim/v2", Some(Provider::Entra), &[]),
            (
                "http://c_s.example.com/scim/v2",
                Some(Provider::Okta),
                &["is not https", "an underscore"],
            ),
        ] {
            let drawn: Vec<_> = address_warnings(base_url, provider, false)
                .iter()
                .map(ToString::to_string)
                .collect();

            assert_eq!(drawn.len(), warnings.len(), "{base_url}: {drawn:?}");
            for (drawn, warning) in drawn.iter().zip(warnings) {
                assert!(drawn.contains(warning), "{base_url}: {drawn}");
                assert!(drawn.contains("COUNTERSIGN_PUBLIC_URL"), "{drawn}");
            }
        }
    }

    #[test]
    fn whoever_was_seen_can_reach_us() {
        let warnings = address_warnings("http://127.0.0.1:8080/scim/v2", None, true);

        assert!(warnings.is_empty());
    }

    #[test]
    fn entra_is_given_the_flag_and_nobody_else() {
        for provider in Provider::ALL {
            let has =
                pasted(*provider, "https://x/scim/v2").base_url.ends_with("?aadOptscim062020");

            assert_eq!(has, *provider == Provider::Entra);
        }
    }

    #[test]
    fn a_status_has_a_word_and_a_duration_its_unit() {
        assert_eq!(status(409).word(), "409 Conflict");
        assert_ne!(status(404), Badge::bad("404 Not Found"));
        assert_eq!(milliseconds(Duration::from_micros(1_234)), "1.2 ms");
        assert_eq!(milliseconds(Duration::from_millis(1_204)), "1204 ms");
    }
}
