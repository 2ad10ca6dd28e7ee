//! What happens to every request before and after its work is done.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{
    Sandbox,
    answer::Refused,
    faults::{Quirk, What},
    requests::Remembered,
};

/// The longest part of a path and query that is remembered, in characters.
const SHOWN: usize = 160;

/// Remembers the request and its answer for the page.
pub(super) async fn remember(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Response {
    let at = sandbox.now();
    let method = request.method().to_string();
    let uri = request.uri();
    let path = uri.path_and_query().map_or(uri.path(), |both| both.as_str()).replace('+', " ");
    let path = percent_decode_str(&path).decode_utf8_lossy().chars().take(SHOWN).collect();
    let response = next.run(request).await;
    let what = response.extensions().get::<What>().copied();
    let status = response.status().as_u16();
    sandbox.world().requests.push(Remembered { at, method, path, status, what });
    response
}

/// Lets nobody past without the token.
pub(super) async fn authorise(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Response {
    let token = bearer(request.headers()).unwrap_or_default();
    if token.as_bytes().ct_eq(sandbox.token.as_bytes()).into() {
        return next.run(request).await;
    }
    let quirks = sandbox.world().faults.quirks.clone();
    if quirks.contains(&Quirk::BareUnauthorized) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if quirks.contains(&Quirk::OtherUnauthorized) {
        let says = json!({ "code": "INVALID_ACCESS_TOKEN", "message": "Access token is invalid" });
        return (StatusCode::UNAUTHORIZED, Json(says)).into_response();
    }
    let says = "send the sandbox's token as Authorization: Bearer …";
    Refused::new(StatusCode::UNAUTHORIZED, says).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The headers of every page here: nothing is loaded but its own style sheet, nobody frames it.
pub(super) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const CONTENT: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
