//! One vocabulary for what an app may answer: why it did not, what becomes of the action,
//! and what to tell a person.

use std::{fmt, time::Duration};

/// What shall become of an action after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Try again by the schedule, and not before the app's own wish.
    Again(Option<Duration>),
    /// The same again at once, asked in the app's simpler way.
    Simpler,
    /// Never by itself: a person must look.
    Never,
    /// Never by itself, and nothing else can pass until a person mends the connection.
    NeverAndPause,
}

/// How a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    /// Its host name has no address.
    NoSuchHost,
    /// Nobody listens there.
    Refused,
    /// There is no way to its network.
    NoRoute,
    /// The connection broke before a whole answer was there.
    Broken,
}

/// What is wrong with an app's TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate has expired.
    Expired,
    /// Its certificate is for later.
    NotYetValid,
    /// Its certificate was issued by no one whom this machine trusts.
    UnknownIssuer,
    /// Its certificate is for another host.
    OtherHost,
    /// Its certificate was called back by who issued it.
    Revoked,
    /// What answered does not speak TLS.
    NotTls,
    /// Anything else.
    Other,
}

/// What came instead of SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// A web page.
    Html,
    /// JSON that is no SCIM.
    Json,
    /// Some other text.
    Text,
    /// Nothing at all.
    Nothing,
}

/// Why an app did not do what it was asked.
///
/// `detail` is the app's own word for it, at most [`DETAIL`] characters on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No whole answer came.
    Unreachable {
        /// How the connection failed.
        how: Unreached,
        /// Whether the request may have got there.
        asked: bool,
    },
    /// Its address is none that may be called.
    NotAllowed {
        /// The host, which an operator may allow.
        host: String,
    },
    /// Its request would have left the app's base address.
    Astray,
    /// No secure connection could be made.
    Tls(TlsFault),
    /// No answer came in time.
    TimedOut {
        /// Whether the request may have got there.
        asked: bool,
    },
    /// It asks to be left alone for a while.
    Throttled {
        /// For how long, where it says so.
        after: Option<Duration>,
    },
    /// It failed by its own fault (5xx).
    Down {
        /// The HTTP status.
        status: u16,
        /// Its own word.
        detail: Option<String>,
    },
    /// It refused the token (401).
    CredentialsRefused,
    /// The token may not do this (403).
    Forbidden {
        /// Its own word.
        detail: Option<String>,
    },
    /// It said in SCIM that it has no such account (404).
    NotFound,
    /// What answered is not the SCIM API that the base URL should name.
    NotScim {
        /// The HTTP status.
        status: u16,
        /// What came instead.
        got: Instead,
    },
    /// It sent us elsewhere (3xx), where a token is never carried.
    Redirected {
        /// Where to, without query.
        to: Option<String>,
    },
    /// Another account has this user name or e-mail address already (409).
    Conflict {
        /// Its own word.
        detail: Option<String>,
    },
    /// It does not take these values (400 and other 4xx).
    Invalid {
        /// The HTTP status.
        status: u16,
        /// Its own word.
        detail: Option<String>,
    },
    /// It cannot be asked in this way.
    Unsupported {
        /// The method that was tried.
        method: String,
        /// The HTTP status.
        status: u16,
        /// Its own word.
        detail: Option<String>,
    },
    /// Its answer is longer than we read.
    TooLarge,
    /// More than one account matches.
    Ambiguous {
        /// How many.
        matches: usize,
    },
    /// Its accounts cannot be looked through to the end, so nobody can say that one is missing.
    Unsearchable,
    /// Its answer makes no sense.
    Unreadable {
        /// What is wrong with it.
        what: &'static str,
    },
}

/// The most that is kept of an app's own word, in characters.
pub const DETAIL: usize = 300;

impl Refusal {
    /// What becomes of the action.
    ///
    /// [`Refusal::Conflict`] on a create wants one more look first: the account may be ours.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Down { .. }
            | Self::Unreadable { .. } => Fate::Again(None),
            Self::Throttled { after } => Fate::Again(*after),
            Self::Unsupported { method, .. } if method == "PATCH" => Fate::Simpler,
            Self::NotAllowed { .. }
            | Self::Tls(_)
            | Self::CredentialsRefused
            | Self::NotScim { .. }
            | Self::Redirected { .. } => Fate::NeverAndPause,
            Self::Astray
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::Conflict { .. }
            | Self::Invalid { .. }
            | Self::Unsupported { .. }
            | Self::TooLarge
            | Self::Ambiguous { .. }
            | Self::Unsearchable => Fate::Never,
        }
    }

    /// Whether what was asked may have been done all the same, so that the app must be
    /// looked at before it is asked again.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Unreachable { asked, .. } | Self::TimedOut { asked } => *asked,
            Self::NotScim { status, .. } => (200..300).contains(status),
            Self::Down { .. } | Self::TooLarge | Self::Unreadable { .. } => true,
            _ => false,
        }
    }

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
            Self::Throttled { after: Some(after) } => {
                format!("{app} asks to wait {} before it is asked again.", span(*after))
            }
            Self::Throttled { after: None } => format!("{app} is asked too often (429)."),
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

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says("the app"))
    }
}

impl std::error::Error for Refusal {}

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
    use super::*;

    /// One of each, with the fate it must have and whether it must be looked at again.
    fn all() -> Vec<(Refusal, Fate, bool)> {
        let hour = Some(Duration::from_secs(3_600));
        let detail = Some("title is too long".to_owned());
        let unsupported = |method: &str| Refusal::Unsupported {
            method: method.to_owned(),
            status: 501,
            detail: None,
        };
        vec![
            (
                Refusal::Unreachable { how: Unreached::NoSuchHost, asked: false },
                Fate::Again(None),
                false,
            ),
            (
                Refusal::Unreachable { how: Unreached::Refused, asked: false },
                Fate::Again(None),
                false,
            ),
            (
                Refusal::Unreachable { how: Unreached::NoRoute, asked: false },
                Fate::Again(None),
                false,
            ),
            (Refusal::Unreachable { how: Unreached::Broken, asked: true }, Fate::Again(None), true),
            (Refusal::NotAllowed { host: "10.0.0.1".to_owned() }, Fate::NeverAndPause, false),
            (Refusal::Astray, Fate::Never, false),
            (Refusal::Tls(TlsFault::Expired), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::NotYetValid), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::UnknownIssuer), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::OtherHost), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::Revoked), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::NotTls), Fate::NeverAndPause, false),
            (Refusal::Tls(TlsFault::Other), Fate::NeverAndPause, false),
            (Refusal::TimedOut { asked: true }, Fate::Again(None), true),
            (Refusal::TimedOut { asked: false }, Fate::Again(None), false),
            (Refusal::Throttled { after: hour }, Fate::Again(hour), false),
            (Refusal::Throttled { after: None }, Fate::Again(None), false),
            (Refusal::Down { status: 502, detail: None }, Fate::Again(None), true),
            (Refusal::CredentialsRefused, Fate::NeverAndPause, false),
            (Refusal::Forbidden { detail: detail.clone() }, Fate::Never, false),
            (Refusal::NotFound, Fate::Never, false),
            (Refusal::NotScim { status: 404, got: Instead::Html }, Fate::NeverAndPause, false),
            (Refusal::NotScim { status: 200, got: Instead::Text }, Fate::NeverAndPause, true),
            (Refusal::Redirected { to: None }, Fate::NeverAndPause, false),
            (Refusal::Conflict { detail: None }, Fate::Never, false),
            (Refusal::Invalid { status: 400, detail }, Fate::Never, false),
            (unsupported("PATCH"), Fate::Simpler, false),
            (unsupported("PUT"), Fate::Never, false),
            (unsupported("DELETE"), Fate::Never, false),
            (Refusal::TooLarge, Fate::Never, true),
            (Refusal::Ambiguous { matches: 2 }, Fate::Never, false),
            (Refusal::Unsearchable, Fate::Never, false),
            (Refusal::Unreadable { what: "the account has no id" }, Fate::Again(None), true),
        ]
    }

    #[test]
    fn every_refusal_has_one_fate() {
        for (refusal, fate, may_be_done) in all() {
            assert_eq!(refusal.fate(), fate, "{refusal:?}");
            assert_eq!(refusal.may_be_done(), may_be_done, "{refusal:?}");
        }
    }

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
