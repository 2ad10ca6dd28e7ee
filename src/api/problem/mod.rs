//! Refusals, as RFC 9457 tells them: what the reader may know, and apart from it the cause for the log.

mod told;

use std::{error::Error, fmt::Display};

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use crate::kernel::{sentence, words};

/// How many seconds a client should wait before it asks again while the database is down.
const SECONDS_TO_WAIT: &str = "5";

words! {
    /// What kind of problem it is: the end of its `type`.
    Kind {
        /// The body cannot be read.
        Malformed = "malformed",
        /// A parameter of the query has to be mended.
        Query = "invalid-query",
        /// Nobody knows who asks.
        Unauthenticated = "unauthenticated",
        /// The token's role does not allow it.
        Forbidden = "forbidden",
        /// Four eyes: someone else has to approve it.
        OwnRequest = "own-request",
        /// There is no such thing.
        NotFound = "not-found",
        /// The address is right and the method is not.
        MethodNotAllowed = "method-not-allowed",
        /// What was shown is no longer what would be done.
        Changed = "changed",
        /// The action's state does not allow it: most often, someone else was quicker.
        State = "state",
        /// The app has to be connected first.
        NotConnected = "not-connected",
        /// The app was asked, and does not answer as it should.
        Unanswered = "unanswered",
        /// The body is too long.
        TooLarge = "too-large",
        /// The body is not said to be JSON.
        NotJson = "unsupported-media-type",
        /// Fields of the body have to be mended.
        Fields = "invalid-fields",
        /// Something is wrong in Countersign.
        Internal = "internal",
        /// The database is out of reach.
        Unavailable = "unavailable",
    }
}

impl Kind {
    const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::Query => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::OwnRequest => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Changed | Self::State | Self::NotConnected | Self::Unanswered => {
                StatusCode::CONFLICT
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Fields => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The body cannot be read",
            Self::Query => "The query has to be mended",
            Self::Unauthenticated => "A token is needed",
            Self::Forbidden => "The token's role does not allow that",
            Self::OwnRequest => "Someone else has to approve it",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This address does not take that method",
            Self::Changed => "It changed since you looked",
            Self::State => "Its state does not allow that",
            Self::NotConnected => "The app is not connected",
            Self::Unanswered => "The app does not answer as it should",
            Self::TooLarge => "The body is too long",
            Self::NotJson => "The body has to be JSON",
            Self::Fields => "Some fields have to be mended",
            Self::Internal => "Something went wrong here",
            Self::Unavailable => "The database is out of reach",
        }
    }
}

/// One field or parameter to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    /// Its name, as it was sent.
    pub(super) field: String,
    /// What is wrong and how to mend it.
    pub(super) detail: String,
}

impl Fault {
    pub(super) fn new(field: &str, says: impl Display) -> Self {
        Self { field: field.to_owned(), detail: sentence(says) }
    }
}

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    faults: Vec<Fault>,
    current: Option<Value>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    fn new(kind: Kind, says: impl Display) -> Self {
        Self { kind, detail: sentence(says), faults: Vec::new(), current: None, cause: None }
    }

    fn with(kind: Kind, faults: Vec<Fault>) -> Self {
        let says = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.field, fault.detail))
            .collect::<Vec<_>>();
        Self { faults, ..Self::new(kind, says.join(" ")) }
    }

    /// Parameters of the query have to be mended.
    pub(super) fn query(faults: Vec<Fault>) -> Self {
        Self::with(Kind::Query, faults)
    }

    /// Fields of the body have to be mended.
    pub(super) fn fields(faults: Vec<Fault>) -> Self {
        Self::with(Kind::Fields, faults)
    }

    /// The body cannot be read.
    pub(super) fn malformed(says: impl Display) -> Self {
        Self::new(Kind::Malformed, says)
    }

    /// The body is not said to be JSON.
    pub(super) fn not_json() -> Self {
        Self::new(
            Kind::NotJson,
            "Send a JSON object, with the header Content-Type: application/json.",
        )
    }

    /// The body is longer than it may be.
    pub(super) fn too_large() -> Self {
        let most = super::LONGEST_BODY / 1024;
        Self::new(Kind::TooLarge, format_args!("A body may have at most {most} KiB."))
    }

    /// There is no such thing.
    pub(super) fn not_found(says: impl Display) -> Self {
        Self::new(Kind::NotFound, says)
    }

    /// No route has this path.
    pub(super) fn no_such_address() -> Self {
        Self::not_found(
            "There is nothing at this address. GET /api/v1/openapi.json lists those there are.",
        )
    }

    /// The route has other methods. The router adds the header that names them.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            Kind::MethodNotAllowed,
            "The header Allow names the methods that this address takes.",
        )
    }

    /// No token was sent.
    pub(super) fn no_token() -> Self {
        Self::new(
            Kind::Unauthenticated,
            "Send the header Authorization: Bearer, with a token of scope api. An owner can create one.",
        )
    }

    /// The token that was sent opens nothing.
    pub(super) fn bad_token() -> Self {
        Self::new(
            Kind::Unauthenticated,
            "This token is unknown, was revoked, belongs to a disabled administrator, or is not of scope api.",
        )
    }

    #[cfg(test)]
    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

/// A problem, as RFC 9457 section 3.1 writes it.
#[derive(Serialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(error = &**cause as &dyn Error, "an API request failed");
        }
        let told = Told {
            kind: format!("urn:countersign:problem:{}", self.kind),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            errors: self.faults,
            current: self.current,
        };
        let mut response = (self.kind.status(), Json(told)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.kind {
            Kind::Unauthenticated => {
                headers.insert(
                    WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"Countersign API\""),
                );
            }
            Kind::Unavailable => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(SECONDS_TO_WAIT));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_problem_is_an_error_and_has_a_title() {
        for kind in Kind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind}");
            assert!(!kind.title().ends_with('.'), "{kind}");
        }
    }
}
