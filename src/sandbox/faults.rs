//! What it does wrong when it is asked to: once or twice, or always, as real services do.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

/// How it misbehaves. As JSON:
/// `{"next": [{"method": "POST", "times": 2, "status": 503, "retryAfter": 1}], "quirks": ["ignoresFilters"]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// What happens to the next requests, each entry until it is used up.
    pub next: Vec<Mishap>,
    /// What it does wrong until told otherwise.
    pub quirks: BTreeSet<Quirk>,
}

/// What happens to some of the next requests: first the delay, then one of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mishap {
    /// Only to requests of this method; to any where there is none.
    pub method: Option<Method>,
    /// To how many.
    pub times: u32,
    /// Milliseconds until anything else happens.
    pub delay_ms: u64,
    /// The answer's status, 400 to 599, instead of doing the work; with `html` also 200 to 299.
    pub status: Option<u16>,
    /// Seconds of a `Retry-After` with that answer.
    pub retry_after: Option<u32>,
    /// That answer is a web page, as of a proxy or a sign-in.
    pub html: bool,
    /// The work is done and the answer lost: the connection closes instead.
    pub lose_answer: bool,
}

impl Default for Mishap {
    fn default() -> Self {
        Self {
            method: None,
            times: 1,
            delay_ms: 0,
            status: None,
            retry_after: None,
            html: false,
            lose_answer: false,
        }
    }
}

/// A method that a mishap can be kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

macro_rules! quirks {
    ($($name:ident = $word:literal, $says:literal;)*) => {
        /// Something that a real service was seen to do wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Quirk {
            $(#[doc = $says] #[serde(rename = $word)] $name,)*
        }

        impl Quirk {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word for it in JSON and forms.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it does, for a person to read.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)* }
            }
        }
    };
}

quirks! {
    IgnoresFilters = "ignoresFilters", "Filters are ignored: every list is the whole list.";
    IgnoresExternalId = "ignoresExternalId", "A filter by externalId finds nothing.";
    IgnoresPaging = "ignoresPaging", "startIndex and count are ignored: every page is the first.";
    RefusesPatch = "refusesPatch", "PATCH is answered with 501.";
    RefusesSeveralOperations = "refusesSeveralOperations", "Two operations in one PATCH are answered with 501.";
    RefusesValuePaths = "refusesValuePaths", "A PATCH path with a filter is answered with 501.";
    PatchWithoutBody = "patchWithoutBody", "PATCH is answered with 204 and no body.";
    PutKeepsDisplayName = "putKeepsDisplayName", "PUT leaves displayName as it was.";
    RefusesTypes = "refusesTypes", "A type in emails or phoneNumbers is answered with 400.";
    AllowsDuplicates = "allowsDuplicates", "The same user name can be created twice.";
    ConflictWithoutWord = "conflictWithoutWord", "409 comes without scimType.";
    ConflictAsPage = "conflictAsPage", "A duplicate is answered with 500 and a web page labelled SCIM.";
    UnknownIdFails = "unknownIdFails", "A change of an unknown id is answered with 500, a second DELETE too.";
    IdIsUserName = "idIsUserName", "The id is the user name, with its @.";
    IdIsNumber = "idIsNumber", "The id is a number, not a text.";
    NoLocation = "noLocation", "201 comes without a Location header.";
    BareUnauthorized = "bareUnauthorized", "401 comes without a body.";
}

impl Faults {
    /// Whether it has the quirk.
    #[must_use]
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// What happens to a request of `method`, which uses one of it up.
    pub(super) fn take(&mut self, method: &str) -> Option<Mishap> {
        let mishap = self.next.iter_mut().find(|mishap| mishap.concerns(method))?;
        mishap.times = mishap.times.saturating_sub(1);
        let taken = mishap.clone();
        self.next.retain(|mishap| mishap.times > 0);
        Some(taken)
    }

    /// What of it cannot be done.
    ///
    /// # Errors
    /// What to mend, for a person to read.
    pub fn check(&self) -> Result<(), &'static str> {
        let impossible = |mishap: &&Mishap| match mishap.status {
            Some(400..=599) => false,
            Some(200..=299) => !mishap.html,
            Some(_) => true,
            None => mishap.html || mishap.retry_after.is_some(),
        };
        match self.next.iter().find(impossible) {
            Some(_) => Err(
                "status must be 400 to 599, or 200 to 299 with html; html and retryAfter need a status",
            ),
            None => Ok(()),
        }
    }
}

impl Mishap {
    /// How long nothing happens.
    pub(super) const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    fn concerns(&self, method: &str) -> bool {
        self.times > 0 && self.method.is_none_or(|kept_for| kept_for.as_str() == method)
    }
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mishap_is_used_up_by_the_requests_it_is_kept_for() {
        let mut faults: Faults = serde_json::from_value(json!({ "next": [
            { "method": "POST", "times": 2, "status": 503 }, { "status": 500 },
        ] }))
        .unwrap();

        let mut statuses = |method| faults.take(method).and_then(|mishap| mishap.status);

        assert_eq!(statuses("GET"), Some(500));
        assert_eq!(statuses("GET"), None);
        assert_eq!(
            [statuses("POST"), statuses("POST"), statuses("POST")],
            [Some(503), Some(503), None]
        );
    }

    #[test]
    fn every_quirk_has_the_word_it_is_sent_by() {
        for quirk in Quirk::ALL {
            assert_eq!(serde_json::from_value(json!(quirk.word())).ok(), Some(*quirk));
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        let check = |next| {
            let faults: Faults = serde_json::from_value(json!({ "next": [next] })).unwrap();
            faults.check().is_ok()
        };

        assert!(check(json!({ "status": 429, "retryAfter": 2 })));
        assert!(check(json!({ "status": 200, "html": true })));
        assert!(check(json!({ "delayMs": 5, "loseAnswer": true })));
        assert!(!check(json!({ "status": 200 })));
        assert!(!check(json!({ "status": 99 })));
        assert!(!check(json!({ "html": true })));
        assert!(serde_json::from_value::<Faults>(json!({ "nxt": [] })).is_err());
    }
}
