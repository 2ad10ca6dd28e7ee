//! The refusals of RFC 7644 section 3.12.

use std::fmt;

use serde_json::{Value, json};

use super::{member, urn};

/// A refusal, with all that its body says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// The HTTP status.
    pub status: u16,
    /// What kind of bad request it is, where the RFC has a word for it.
    pub kind: Option<ErrorType>,
    /// What is wrong and how to mend it, for a person to read.
    pub detail: String,
}

/// The words of table 9, and those of RFC 9865, that say more than the status does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// The body is not the message that was expected.
    InvalidSyntax,
    /// The path of a PATCH cannot be read.
    InvalidPath,
    /// The path of a PATCH finds nothing to change.
    NoTarget,
    /// A value is missing or of the wrong type.
    InvalidValue,
    /// The attribute may not be changed so.
    Mutability,
    /// Another resource has the value already.
    Uniqueness,
    /// The filter matches more than will be answered.
    TooMany,
    /// The cursor is not one of this list (RFC 9865 section 2.1).
    InvalidCursor,
    /// The cursor was handed out too long ago (RFC 9865 section 2.1).
    ExpiredCursor,
    /// The page is larger than a page may be (RFC 9865 section 2.1).
    InvalidCount,
}

impl ErrorType {
    /// The word as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::Mutability => "mutability",
            Self::Uniqueness => "uniqueness",
            Self::TooMany => "tooMany",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// A refusal without a word of table 9.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into() }
    }

    /// A bad request (400), or a conflict (409) where the value is another's.
    #[must_use]
    pub fn of(kind: ErrorType, detail: impl Into<String>) -> Self {
        let status = if kind == ErrorType::Uniqueness { 409 } else { 400 };
        Self { status, kind: Some(kind), detail: detail.into() }
    }

    /// The body. Its `status` is a text, as the RFC asks.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind.as_str());
        }
        body
    }
}

/// What another service's refusal says, as far as it can be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The status it repeats.
    pub status: Option<u16>,
    /// Its word of table 9, as it spells it.
    pub kind: Option<String>,
    /// What it says to a person.
    pub detail: Option<String>,
}

impl ErrorBody {
    /// Reads a SCIM refusal, also one with a number for its `status`, with names in another
    /// case, without `schemas`, or of SCIM 1.1 (`Errors`). `None` means that the body is not
    /// one: a proxy's 404, for example, says nothing about an account.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        if let Some(first) = member::of(body, "Errors").and_then(|errors| errors.get(0)) {
            return Some(Self {
                status: member::of(first, "code").and_then(status),
                kind: None,
                detail: text(first, "description"),
            });
        }
        let told = Self {
            status: member::of(body, "status").and_then(status),
            kind: text(body, "scimType"),
            detail: text(body, "detail"),
        };
        let marked = member::of(body, "schemas").is_some_and(names_the_schema);
        let shaped = told.status.is_some() && (told.detail.is_some() || told.kind.is_some());
        (marked || shaped).then_some(told)
    }

    /// Whether it says that another resource has the value already.
    #[must_use]
    pub fn is_uniqueness(&self) -> bool {
        let word = ErrorType::Uniqueness.as_str();
        self.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(word))
    }
}

fn names_the_schema(schemas: &Value) -> bool {
    let is_it =
        |schema: &Value| schema.as_str().is_some_and(|s| s.eq_ignore_ascii_case(urn::ERROR));
    is_it(schemas) || schemas.as_array().is_some_and(|schemas| schemas.iter().any(is_it))
}

fn status(value: &Value) -> Option<u16> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|status| status.try_into().ok()),
    }
}

fn text(body: &Value, name: &str) -> Option<String> {
    member::of(body, name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_written_as_the_rfc_shows_it() {
        let error = Error::of(ErrorType::Mutability, "id cannot be changed");

        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "mutability",
            "detail": "id cannot be changed",
            "status": "400",
        });
        assert_eq!(error.to_value(), body);
        assert_eq!(Error::of(ErrorType::Uniqueness, "").status, 409);
        assert!(Error::new(404, "").to_value().get("scimType").is_none());
    }

    #[test]
    fn refusals_of_many_services_are_read() {
        let told = |status, kind: Option<&str>, detail: &str| ErrorBody {
            status,
            kind: kind.map(str::to_owned),
            detail: Some(detail.to_owned()),
        };
        for (body, expected) in [
            (Error::new(404, "gone").to_value(), told(Some(404), None, "gone")),
            (
                json!({ "schemas": [urn::ERROR], "status": 409, "scimType": "uniqueness", "detail": "d" }),
                told(Some(409), Some("uniqueness"), "d"),
            ),
            (json!({ "Schemas": urn::ERROR.to_uppercase(), "Detail": "d" }), told(None, None, "d")),
            (json!({ "status": "401", "detail": "d" }), told(Some(401), None, "d")),
            (
                json!({ "Errors": [{ "description": "d", "code": "404" }] }),
                told(Some(404), None, "d"),
            ),
        ] {
            assert_eq!(ErrorBody::read(&body), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_is_no_scim_refusal_is_not_taken_for_one() {
        for body in [
            json!({ "error": "not found" }),
            json!({ "code": "INVALID_ACCESS_TOKEN", "message": "expired" }),
            json!({ "schemas": [urn::USER], "id": "1" }),
            json!({ "status": "error" }),
            json!({ "Errors": [] }),
            json!("404"),
            json!(null),
        ] {
            assert_eq!(ErrorBody::read(&body), None, "{body}");
        }
    }

    #[test]
    fn uniqueness_is_told_in_any_case() {
        let body = json!({ "status": "409", "scimType": "Uniqueness" });

        assert!(ErrorBody::read(&body).is_some_and(|told| told.is_uniqueness()));
    }
}
