//! The description of the API (OpenAPI 3.1). Written by hand; the tests hold the routes, the words
//! and each answer against it.

use axum::{http::header::CONTENT_TYPE, response::IntoResponse};

const DOCUMENT: &str = include_str!("openapi.json");

/// The document, as it is.
pub(super) async fn show() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}
