//! Answers: SCIM bodies for everything.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::refused::Refused;
use crate::{
    queue::Caused,
    scim::{MEDIA_TYPE, http::names_version},
};

/// A body of SCIM's media type, which has no charset parameter: JSON is UTF-8 (RFC 8259 section 11).
pub(super) struct Scim(pub(super) Value);

impl IntoResponse for Scim {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, MEDIA_TYPE)], Json(self.0)).into_response()
    }
}

/// One resource, with its version.
pub(super) struct One {
    /// Its address, where it is new.
    pub(super) created_at: Option<String>,
    pub(super) version: String,
    pub(super) body: Value,
    /// What became of the queue, for the log of requests.
    pub(super) caused: Vec<Caused>,
}

impl IntoResponse for One {
    fn into_response(self) -> Response {
        let status = if self.created_at.is_some() { StatusCode::CREATED } else { StatusCode::OK };
        let location = self.created_at.map(|location| [(header::LOCATION, location)]);
        let etag = [(header::ETAG, self.version)];
        let mut response = (status, etag, location, Scim(self.body)).into_response();
        response.extensions_mut().insert(self.caused);
        response
    }
}

/// The version of a resource that has changed so often, as a header and `meta.version` tell it.
pub(super) fn version(number: i64) -> String {
    format!("W/\"{number}\"")
}

/// Whether the header, if it is there, names `version`.
fn names(headers: &HeaderMap, name: HeaderName, version: &str) -> Option<bool> {
    let named = headers.get(name)?.to_str().unwrap_or_default();
    Some(names_version(named, version))
}

/// Whether the client has this version already (`If-None-Match`).
pub(super) fn has_it(headers: &HeaderMap, version: &str) -> bool {
    names(headers, header::IF_NONE_MATCH, version) == Some(true)
}

/// Lets a change pass unless the client has seen another version (`If-Match`).
pub(super) fn may_change(headers: &HeaderMap, version: &str) -> Result<(), Refused> {
    match names(headers, header::IF_MATCH, version) {
        Some(false) => {
            let says =
                format!("it has changed since it was read, and is now {version}: read it again");
            Err(Refused::new(StatusCode::PRECONDITION_FAILED, says))
        }
        Some(true) | None => Ok(()),
    }
}

/// The client has it already.
pub(super) fn not_modified(version: String) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, version)]).into_response()
}
