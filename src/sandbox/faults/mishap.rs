//! What happens to some of the next requests.

use std::{ops::Range, time::Duration};

use serde::{Deserialize, Serialize};

/// What happens to some of the next requests: first the delay, then either `status` instead of
/// the work, or `what`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mishap {
    /// Only to requests of this method; to any where there is none.
    pub method: Option<Method>,
    /// To how many.
    pub times: u32,
    /// Only to each seventh of them where this is 7; to all where it is 1.
    pub every: u32,
    /// How many of them were let by since the last one that it happened to.
    #[serde(skip_serializing_if = "is_none_yet")]
    pub passed: u32,
    /// Milliseconds until anything else happens.
    pub delay_ms: u64,
    /// What becomes of the work and of its answer.
    pub what: Option<What>,
    /// The answer's status, 400 to 599, instead of doing the work; with `html` also 200 to 299.
    pub status: Option<u16>,
    /// Seconds after which it may be asked again: a `Retry-After` with that answer, or with
    /// `adobe` in its body.
    pub retry_after: Option<u32>,
    /// That answer is a web page, as of a proxy or a sign-in.
    pub html: bool,
    /// That answer is the body in which Adobe says 429.
    pub adobe: bool,
    /// The older way to say [`What::LoseAnswer`].
    pub lose_answer: bool,
}

/// What becomes of the work that a request asks for, and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// Nothing is done: the connection closes before.
    Reset,
    /// The work is done and the answer lost: the connection closes instead.
    LoseAnswer,
    /// The work is done, and the answer looks whole while its body ends in the middle.
    Truncate,
    /// It is answered as if it was done, and nothing is. Only what would change something.
    Pretend,
}

impl Default for Mishap {
    fn default() -> Self {
        Self {
            method: None,
            times: 1,
            every: 1,
            passed: 0,
            delay_ms: 0,
            what: None,
            status: None,
            retry_after: None,
            html: false,
            adobe: false,
            lose_answer: false,
        }
    }
}

/// A field, and what to do about it.
type Wrong = (&'static str, &'static str);

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

impl Mishap {
    /// What becomes of the work and of its answer, however it was said.
    #[must_use]
    pub fn what(&self) -> Option<What> {
        self.what.or(self.lose_answer.then_some(What::LoseAnswer))
    }

    /// How long nothing happens.
    pub(in crate::sandbox) const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Counts a request of `method` if it is kept for such, and says whether it is this one's turn.
    pub(super) fn meet(&mut self, method: &str) -> Option<Self> {
        if !self.concerns(method) {
            return None;
        }
        self.passed = self.passed.saturating_add(1);
        if self.passed < self.every {
            return None;
        }
        self.passed = 0;
        self.times = self.times.saturating_sub(1);
        Some(self.clone())
    }

    fn concerns(&self, method: &str) -> bool {
        let writes = self.what() != Some(What::Pretend) || method != Method::Get.as_str();
        self.times > 0 && writes && self.method.is_none_or(|kept_for| kept_for.as_str() == method)
    }

    /// That it can be done.
    ///
    /// # Errors
    /// The first field that does not go with the others, and what to do about it.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let wrong = [&self.wrong_turns()[..], &self.wrong_answers(), &self.wrong_statuses()];
        let first = wrong.into_iter().flatten().find(|(is_wrong, _)| *is_wrong);
        first.map_or(Ok(()), |(_, wrong)| Err(*wrong))
    }

    fn wrong_turns(&self) -> [(bool, Wrong); 4] {
        let what = self.what();
        let nothing = what.is_none() && self.status.is_none() && !self.html && !self.adobe;
        let pretends_a_look = what == Some(What::Pretend) && self.method == Some(Method::Get);
        [
            (self.times == 0, ("times", "must be at least 1")),
            (self.every == 0, ("every", "must be at least 1, which means all of them")),
            (
                nothing && self.retry_after.is_none() && self.delay_ms == 0,
                ("what", "nothing would happen; add what, a status or delayMs"),
            ),
            (
                pretends_a_look,
                ("method", "GET changes nothing to pretend; choose another, or leave it out"),
            ),
        ]
    }

    /// Of what stands in an answer that takes the place of the work.
    fn wrong_answers(&self) -> [(bool, Wrong); 6] {
        let instead = self.status.is_some();
        let two_words = self.lose_answer && self.what() != Some(What::LoseAnswer);
        [
            (
                two_words,
                (
                    "loseAnswer",
                    "is the older way to say what: loseAnswer; leave one of the two out",
                ),
            ),
            (
                self.what().is_some() && instead,
                ("status", "is answered instead of the work that what is about; leave one out"),
            ),
            (!instead && self.html, ("html", "needs a status; add one, such as 200")),
            (!instead && self.adobe, ("adobe", "needs a status; add 429")),
            (
                !instead && self.retry_after.is_some(),
                ("retryAfter", "needs a status; add 429 or 503"),
            ),
            (
                self.html && self.adobe,
                ("adobe", "and html are two bodies of one answer; leave one of the two out"),
            ),
        ]
    }

    fn wrong_statuses(&self) -> [(bool, Wrong); 3] {
        let is = |of: Range<u16>| self.status.is_some_and(|status| of.contains(&status));
        [
            (
                self.adobe && self.status != Some(429),
                ("adobe", "is how Adobe says 429; make status 429"),
            ),
            (
                is(200..300) && !self.html,
                (
                    "status",
                    "200 to 299 would be no failure; add html for a web page, or choose 400 to 599",
                ),
            ),
            (
                self.status.is_some() && !is(200..300) && !is(400..600),
                ("status", "must be 400 to 599, or 200 to 299 with html"),
            ),
        ]
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none_yet(passed: &u32) -> bool {
    *passed == 0
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
    use serde_json::{Value, json};

    use super::*;

    fn read(mishap: &Value) -> Mishap {
        serde_json::from_value(mishap.clone()).unwrap()
    }

    #[test]
    fn what_can_be_done_is_taken() {
        for mishap in [
            json!({ "status": 429 }),
            json!({ "status": 429, "retryAfter": 2 }),
            json!({ "status": 429, "retryAfter": 2, "adobe": true }),
            json!({ "status": 429, "adobe": true }),
            json!({ "status": 200, "html": true }),
            json!({ "status": 502, "html": true, "retryAfter": 3 }),
            json!({ "delayMs": 5 }),
            json!({ "delayMs": 5, "loseAnswer": true }),
            json!({ "what": "loseAnswer", "loseAnswer": true }),
            json!({ "what": "reset", "every": 7, "times": 1_000_000 }),
            json!({ "what": "truncate", "method": "GET" }),
            json!({ "what": "pretend" }),
            json!({ "what": "pretend", "method": "DELETE" }),
        ] {
            assert_eq!(read(&mishap).check(), Ok(()), "{mishap}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_field() {
        for (mishap, field) in [
            (json!({}), "what"),
            (json!({ "method": "PUT" }), "what"),
            (json!({ "status": 500, "times": 0 }), "times"),
            (json!({ "status": 500, "every": 0 }), "every"),
            (json!({ "what": "reset", "loseAnswer": true }), "loseAnswer"),
            (json!({ "what": "reset", "status": 500 }), "status"),
            (json!({ "loseAnswer": true, "status": 500 }), "status"),
            (json!({ "html": true }), "html"),
            (json!({ "what": "truncate", "html": true }), "html"),
            (json!({ "adobe": true }), "adobe"),
            (json!({ "status": 503, "adobe": true }), "adobe"),
            (json!({ "status": 429, "adobe": true, "html": true }), "adobe"),
            (json!({ "retryAfter": 2 }), "retryAfter"),
            (json!({ "status": 200 }), "status"),
            (json!({ "status": 99 }), "status"),
            (json!({ "status": 302, "html": true }), "status"),
            (json!({ "what": "pretend", "method": "GET" }), "method"),
        ] {
            let refused = read(&mishap).check().map_err(|(field, _)| field);

            assert_eq!(refused, Err(field), "{mishap}");
        }
    }

    #[test]
    fn only_a_change_can_be_pretended() {
        let mut pretend = read(&json!({ "what": "pretend" }));

        assert_eq!(pretend.meet("GET"), None);
        assert_eq!(pretend.meet("POST").map(|taken| taken.times), Some(0));
    }

    #[test]
    fn the_older_word_means_the_same() {
        let older = read(&json!({ "loseAnswer": true }));

        assert_eq!(older.what(), Some(What::LoseAnswer));
        assert_eq!(read(&json!(older)), older);
    }
}
