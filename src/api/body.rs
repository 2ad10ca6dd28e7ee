//! The body of a request: one JSON object, of which each field is asked for by name. What nobody
//! asked for is refused, so that a slip of the hand is never taken for "unchanged".

use std::{fmt::Display, str::FromStr};

use axum::{
    body::{Bytes, HttpBody},
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
};
use serde_json::{Map, Value as Json};

use super::{
    ApiState,
    problem::{Fault, Problem},
};

/// The fields that were not asked for yet, and what was wrong with those that were.
#[derive(Debug, Default)]
pub(super) struct Body {
    given: Map<String, Json>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl FromRequest<ApiState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::not_json());
        }
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| {
                match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                    _ => Problem::malformed("The body did not arrive whole."),
                }
            })?;
        Self::read(&bytes)
    }
}

/// Where nothing has to be said, no body at all says just that.
impl OptionalFromRequest<ApiState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Option<Self>, Problem> {
        if request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<_>>::from_request(request, state).await.map(Some)
    }
}

/// Whether the body says that it is JSON, or a merge patch (RFC 7396), which is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/merge-patch+json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

impl Body {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(bytes) {
            Ok(Json::Object(given)) => Ok(Self { given, known: Vec::new(), faults: Vec::new() }),
            Ok(_) => Err(Problem::malformed("The body must be a JSON object, in braces.")),
            Err(error) => Err(Problem::malformed(format!("The body is not JSON: {error}."))),
        }
    }

    /// A text: `None` when it is absent, `Some("")` when it is `null`, which removes it.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Json::Null => Some(String::new()),
            // Postgres keeps every text but this one.
            Json::String(text) if text.contains('\0') => {
                self.refuse(name, "Must not have the character U+0000.")
            }
            Json::String(text) => Some(text),
            _ => self.refuse(name, "Must be a text in quotation marks, or null for none."),
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Json::Bool(flag) => Some(flag),
            _ => self.refuse(name, "Must be true or false."),
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &'static str) -> Option<i64> {
        let number = self.take(name)?.as_i64();
        number.or_else(|| self.refuse(name, "Must be a whole number."))
    }

    /// A whole number: `Some(None)` when it is `null`, which removes it.
    #[expect(clippy::option_option, reason = "absent, null and given are three things")]
    pub(super) fn number_or_none(&mut self, name: &'static str) -> Option<Option<i64>> {
        match self.take(name)? {
            Json::Null => Some(None),
            number => match number.as_i64() {
                Some(number) => Some(Some(number)),
                None => self.refuse(name, "Must be a whole number, or null for none."),
            },
        }
    }

    /// A text that means more than itself.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        match self.take(name)? {
            Json::String(text) => self.read_one(name, &text),
            _ => self.refuse(name, "Must be a text in quotation marks."),
        }
    }

    /// Several of them.
    pub(super) fn all_parsed<T: FromStr<Err: Display>>(
        &mut self,
        name: &'static str,
    ) -> Option<Vec<T>> {
        let Json::Array(items) = self.take(name)? else {
            return self.refuse(name, "Must be a list of texts, in square brackets.");
        };
        items
            .into_iter()
            .map(|item| match item {
                Json::String(text) => self.read_one(name, &text),
                _ => self.refuse(name, "Must be a list of texts, in square brackets."),
            })
            .collect()
    }

    /// Several named ones.
    pub(super) fn object(&mut self, name: &'static str) -> Option<Map<String, Json>> {
        match self.take(name)? {
            Json::Object(fields) => Some(fields),
            _ => self.refuse(name, "Must be an object, in braces."),
        }
    }

    /// Notes that a field has to be mended, and how.
    pub(super) fn fault(&mut self, name: &str, says: impl Display) {
        self.faults.push(Fault::new(name, says));
    }

    fn refuse<T>(&mut self, name: &str, says: impl Display) -> Option<T> {
        self.fault(name, says);
        None
    }

    /// Notes that a field is missing, unless it is there or something was wrong with it.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        says: &str,
    ) -> Option<T> {
        if value.is_none() && !self.faults.iter().any(|fault| fault.field == name) {
            return self.refuse(name, says);
        }
        value
    }

    /// Nothing more will be asked for; `read` is what came of it, `None` if something was missing.
    pub(super) fn finish<T>(mut self, read: Option<T>) -> Result<T, Problem> {
        let known = self.known.join(", ");
        for (name, _) in std::mem::take(&mut self.given) {
            self.faults
                .push(Fault::new(&name, format_args!("Is not known here. Known are {known}.")));
        }
        read.filter(|_| self.faults.is_empty()).ok_or_else(|| Problem::fields(self.faults))
    }

    fn read_one<T: FromStr<Err: Display>>(&mut self, name: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error: T::Err| self.faults.push(Fault::new(name, error))).ok()
    }

    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        self.given.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{apps::change::Kind, kernel::Digest};

    fn body(text: &str) -> Body {
        Body::read(text.as_bytes()).expect("an object")
    }

    fn faults(problem: &Problem) -> Vec<(&str, &str)> {
        problem.faults().iter().map(|fault| (&*fault.field, &*fault.detail)).collect()
    }

    #[test]
    fn absent_null_and_given_are_three_things() {
        let mut body = body(r#"{"title": null, "phone": "123"}"#);

        assert_eq!(body.text("email"), None);
        assert_eq!(body.text("title"), Some(String::new()));
        assert_eq!(body.text("phone"), Some("123".to_owned()));
        assert!(body.finish(Some(())).is_ok());
    }

    #[test]
    fn a_number_is_whole_and_null_is_not_the_same_as_absent() {
        let mut numbers = body(r#"{"undo": 30, "rate": null, "other": 60}"#);
        let mut others = body(r#"{"undo": "30", "rate": 1.5, "null": null}"#);

        assert_eq!((numbers.number("undo"), numbers.number("none")), (Some(30), None));
        assert_eq!(numbers.number_or_none("rate"), Some(None));
        assert_eq!(numbers.number_or_none("other"), Some(Some(60)));
        assert_eq!(numbers.number_or_none("none"), None);
        assert!(numbers.finish(Some(())).is_ok());
        others.number("undo");
        others.number_or_none("rate");
        others.number("null");
        let problem = others.finish(Some(())).expect_err("faults");
        assert_eq!(
            faults(&problem),
            [
                ("undo", "Must be a whole number."),
                ("rate", "Must be a whole number, or null for none."),
                ("null", "Must be a whole number."),
            ]
        );
    }

    #[test]
    fn every_field_to_mend_is_named_at_once_with_its_mend() {
        let mut body =
            body(r#"{"active": "no", "title": 1, "digest": "9c41", "kinds": ["mend"], "x": 1}"#);

        body.flag("active");
        body.text("title");
        body.parsed::<Digest>("digest");
        body.all_parsed::<Kind>("kinds");
        let problem = body.finish(Some(())).expect_err("faults");

        assert_eq!(
            faults(&problem),
            [
                ("active", "Must be true or false."),
                ("title", "Must be a text in quotation marks, or null for none."),
                ("digest", "Not a digest of 64 hexadecimal digits."),
                ("kinds", "Must be one of create, update, suspend, reactivate, delete."),
                ("x", "Is not known here. Known are active, title, digest, kinds."),
            ]
        );
    }

    #[test]
    fn what_is_missing_is_said_once() {
        let mut missing = body("{}");
        let digest = missing.parsed::<Digest>("digest");
        let digest = missing.required("digest", digest, "Is needed.");
        let mut bad = body(r#"{"digest": null}"#);
        let other = bad.parsed::<Digest>("digest");
        let other = bad.required("digest", other, "Is needed.");

        assert_eq!(
            faults(&missing.finish(digest).expect_err("missing")),
            [("digest", "Is needed.")]
        );
        assert_eq!(faults(&bad.finish(other).expect_err("bad")).len(), 1);
    }

    #[test]
    fn only_json_is_taken_for_json() {
        let table = [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ];
        for (kind, is) in table {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);

            assert_eq!(is_json(&headers), is, "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Body::read(&bytes);
        }
    }
}
