//! The words for a refusal, and words out of an app's mouth.

use std::time::Duration;

use super::{DETAIL, Instead, Refusal, TlsFault, Unreached};

impl Refusal {
    /// What happened and what to mend, in plain words; `app` is the app's name.
    #[must_use]
    pub fn says(&self, app: &str) -> String {
        match self {
            Self::Unreachable { how, .. } => unreached(*how, app),
            Self::NotAllowed { host } => format!(
                "{host} is a private address or is not https, so it was not called. If that is \
                 meant, add it to COUNTERSIGN_OUTBOUND_ALLOW and restart."
            ),
            Self::Astray => {
                format!(
                    "The account's id in {app} cannot be part of an address, so nothing was sent."
                )
            }
            Self::Tls(fault) => tls(*fault, app),
            Self::TimedOut { .. } => {
                format!(
                    "{app} did not answer in time. Check that it is running and can be reached from here."
                )
            }
            Self::Throttled { after } => throttled(*after, app),
            Self::Down { status, detail } => {
                with(format!("{app} failed by its own fault ({status})"), detail.as_deref())
            }
            Self::CredentialsRefused => format!(
                "{app} refused the token (401). Create a new token there and press Connect."
            ),
            Self::Forbidden { detail } => {
                let says = format!("{app} does not let this token do that (403)");
                with(says, detail.as_deref()) + " Give the token the right to manage users there."
            }
            Self::NotFound => format!("{app} has no such account (404)."),
            Self::NotScim { status, got } => not_scim(*status, *got, app),
            Self::Redirected { to } => {
                let to = to.as_deref().unwrap_or("another address");
                format!(
                    "{app} redirects to {to}, which was not followed. Set the base URL to where its SCIM API really is."
                )
            }
            Self::Conflict { detail } => {
                let says = format!(
                    "{app} has another account with this user name or e-mail address (409)"
                );
                with(says, detail.as_deref())
            }
            Self::Invalid { status, detail } => {
                with(format!("{app} does not take these values ({status})"), detail.as_deref())
            }
            Self::Unsupported { method, status, detail } => {
                unsupported(method, *status, detail.as_deref(), app)
            }
            Self::TooLarge => format!("{app} answered with more than 1 MiB, which was not read."),
            Self::Ambiguous { matches } => format!(
                "{matches} accounts in {app} match this person. Remove or rename all but one there, then retry."
            ),
            Self::Unsearchable => format!(
                "{app} neither filters its users nor lists them to the end, so it is not known whether this person has an account there."
            ),
            Self::Unreadable { what } => {
                format!("{app} sent an answer that makes no sense: {what}.")
            }
        }
    }
}

fn throttled(after: Option<Duration>, app: &str) -> String {
    match after {
        Some(after) => format!("{app} asks to wait {} before it is asked again.", span(after)),
        None => format!("{app} is asked too often (429)."),
    }
}

fn unreached(how: Unreached, app: &str) -> String {
    match how {
        Unreached::NoSuchHost => {
            format!("{app} was not found: its host name has no address. Check the base URL.")
        }
        Unreached::Refused => format!(
            "{app} refused the connection. Check that it is running and that the base URL has the right port."
        ),
        Unreached::NoRoute => {
            format!(
                "There is no way to {app} from here. Check this machine's network and firewall."
            )
        }
        Unreached::Broken => format!("The connection to {app} broke off before it had answered."),
    }
}

fn tls(fault: TlsFault, app: &str) -> String {
    match fault {
        TlsFault::Expired => {
            format!("The TLS certificate of {app} has expired. It must be renewed there.")
        }
        TlsFault::NotYetValid => format!(
            "The TLS certificate of {app} is not valid yet. Check the clocks of both machines."
        ),
        TlsFault::UnknownIssuer => format!(
            "The TLS certificate of {app} comes from an issuer that this machine does not trust. Add that issuer to this machine's trusted certificates."
        ),
        TlsFault::OtherHost => format!(
            "The TLS certificate of {app} is for another host. Check the host name in the base URL."
        ),
        TlsFault::Revoked => {
            format!("The TLS certificate of {app} was revoked. It must be renewed there.")
        }
        TlsFault::NotTls => format!(
            "What answered for {app} does not speak TLS. Check the port and the https of the base URL."
        ),
        TlsFault::Other => format!("No secure connection to {app} could be made (TLS)."),
    }
}

fn not_scim(status: u16, got: Instead, app: &str) -> String {
    let got = match got {
        Instead::Html => "a web page",
        Instead::Json => "JSON that is not SCIM",
        Instead::Text => "text that is not SCIM",
        Instead::Nothing => "an empty answer",
    };
    format!(
        "The base URL is not the root of {app}'s SCIM API: it gave {got} ({status}). It usually ends in /scim/v2."
    )
}

fn unsupported(method: &str, status: u16, detail: Option<&str>, app: &str) -> String {
    match method {
        "DELETE" => with(
            format!(
                "{app} does not delete accounts ({status}). Have its accounts deactivated instead"
            ),
            detail,
        ),
        _ => with(format!("{app} does not support {method} in this way ({status})"), detail),
    }
}

/// A sentence, with the app's own word for it where there is one.
fn with(says: String, detail: Option<&str>) -> String {
    match detail.map(str::trim).filter(|detail| !detail.is_empty()) {
        None => says + ".",
        Some(detail) if detail.ends_with(['.', '!', '?', '…']) => format!("{says}: {detail}"),
        Some(detail) => format!("{says}: {detail}."),
    }
}

fn span(time: Duration) -> String {
    let (number, unit) = match time.as_secs() {
        seconds @ 0..120 => (seconds, "second"),
        seconds @ 120..7_200 => (seconds.div_ceil(60), "minute"),
        seconds => (seconds.div_ceil(3_600), "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// What an app said, fit to be shown: one line of at most [`DETAIL`] characters.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    shortened(&line, DETAIL)
}

/// The beginning of `text`, with an ellipsis where something was cut off; `None` when it is empty.
pub(crate) fn shortened(text: &str, most: usize) -> Option<String> {
    match text.char_indices().nth(most) {
        _ if text.is_empty() => None,
        None => Some(text.to_owned()),
        Some(_) => Some(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::all, *};

    #[test]
    fn every_refusal_is_a_short_sentence() {
        for (refusal, ..) in all() {
            let says = refusal.says("EchoSign");

            assert!(says.ends_with('.'), "{says}");
            assert!(!says.contains("  ") && !says.contains('\n'), "{says}");
            assert!(says.chars().count() < 220, "{says}");
        }
    }

    #[test]
    fn a_refused_token_says_what_to_do() {
        assert_eq!(
            Refusal::CredentialsRefused.says("EchoSign"),
            "EchoSign refused the token (401). Create a new token there and press Connect."
        );
    }

    #[test]
    fn an_address_that_is_not_allowed_names_the_setting() {
        let says = Refusal::NotAllowed { host: "10.0.0.1".to_owned() }.says("EchoSign");

        assert!(says.starts_with("10.0.0.1 "), "{says}");
        assert!(says.contains("COUNTERSIGN_OUTBOUND_ALLOW"), "{says}");
    }

    #[test]
    fn the_apps_own_word_ends_the_sentence() {
        for (detail, end) in [
            (Some("title is too long"), "(400): title is too long."),
            (Some("Too long!"), "(400): Too long!"),
            (Some(" "), "(400)."),
            (None, "(400)."),
        ] {
            let detail = detail.map(str::to_owned);
            let says = Refusal::Invalid { status: 400, detail }.says("EchoSign");

            assert!(says.ends_with(end), "{says}");
        }
    }

    #[test]
    fn a_wait_is_told_in_the_unit_a_person_would_use() {
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (150, "3 minutes"),
            (3_600, "60 minutes"),
            (7_200, "2 hours"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn what_an_app_says_is_cut_to_one_short_line() {
        assert_eq!(one_line(" a\r\n\tb\u{0} ").as_deref(), Some("a b"));
        assert_eq!(one_line(" \n"), None);
        assert_eq!(one_line(&"é".repeat(DETAIL)), Some("é".repeat(DETAIL)));

        let long = one_line(&"é".repeat(DETAIL + 1)).unwrap();
        assert_eq!(long.chars().count(), DETAIL);
        assert!(long.ends_with('…'));
    }
}
