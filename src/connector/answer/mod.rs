//! One vocabulary for what an app may answer: why it did not, what becomes of the action,
//! and what to tell a person.

mod says;

use std::{fmt, time::Duration};

pub(crate) use self::says::{one_line, shortened};

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
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says("the app"))
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One of each, with the fate it must have and whether it must be looked at again.
    pub(crate) fn all() -> Vec<(Refusal, Fate, bool)> {
        let hour = Some(Duration::from_hours(1));
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
}
