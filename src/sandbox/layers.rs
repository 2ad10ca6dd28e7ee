//! What happens to every request before and after its work is done.

use std::{io, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::stream;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq;

use super::{
    Sandbox,
    answer::Refused,
    faults::{Mishap, Quirk},
    requests::Remembered,
};

/// The longest part of a path and query that is remembered, in characters.
const SHOWN: usize = 160;

/// Marks an answer that never arrives.
#[derive(Debug, Clone, Copy)]
struct Lost;

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
    let lost = response.extensions().get::<Lost>().is_some();
    let status = (!lost).then_some(response.status().as_u16());
    sandbox.world().requests.push(Remembered { at, method, path, status });
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
    if sandbox.world().faults.has(Quirk::BareUnauthorized) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let says = "send the sandbox's token as Authorization: Bearer …";
    Refused::new(StatusCode::UNAUTHORIZED, says).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Does wrong what it was asked to do wrong with this request.
pub(super) async fn go_wrong(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Response {
    let mishap = sandbox.world().faults.take(request.method().as_str());
    let Some(mishap) = mishap else { return next.run(request).await };
    if mishap.delay_ms > 0 {
        tokio::time::sleep(mishap.delay()).await;
    }
    if let Some(response) = instead(&mishap) {
        return response;
    }
    let response = next.run(request).await;
    if mishap.lose_answer { lost() } else { response }
}

/// The answer that takes the place of the work.
fn instead(mishap: &Mishap) -> Option<Response> {
    let status = StatusCode::from_u16(mishap.status?).ok()?;
    let mut response = if mishap.html {
        (status, Html("<!doctype html><title>Sign in</title><h1>Sign in</h1>")).into_response()
    } else {
        Refused::new(status, "the sandbox was asked to answer so").into_response()
    };
    if let Some(seconds) = mishap.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Some(response)
}

/// An answer whose body fails before its first byte: the server closes the connection without
/// having sent even the head.
fn lost() -> Response {
    let fails = stream::iter([Err::<&[u8], _>(io::Error::other("the answer was to be lost"))]);
    let mut response = Body::from_stream(fails).into_response();
    response.extensions_mut().insert(Lost);
    response
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
