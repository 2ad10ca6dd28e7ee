//! What goes wrong with a request and its answer.

use std::{io, sync::Arc};

use axum::{
    Json,
    body::{self, Body},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Version, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use futures_util::stream;
use serde_json::json;

use super::{
    Sandbox,
    answer::Refused,
    faults::{Mishap, Quirk, What},
    users::Work,
};

/// Does wrong what it was asked to do wrong with this request, and marks the answer with it.
pub(super) async fn go_wrong(
    State(sandbox): State<Arc<Sandbox>>,
    mut request: Request,
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
    let Some(what) = mishap.what() else { return next.run(request).await };
    let mut response = match what {
        What::Reset => lost(),
        What::LoseAnswer => {
            next.run(request).await;
            lost()
        }
        What::Truncate => cut(next.run(request).await).await,
        What::Pretend => {
            request.extensions_mut().insert(Work::Pretended);
            next.run(request).await
        }
    };
    response.extensions_mut().insert(what);
    response
}

/// Closes the connection after each answer, as services did before HTTP/1.1.
pub(super) async fn hang_up(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Response {
    let hangs_up = sandbox.world().faults.has(Quirk::ClosesConnections);
    let mut response = next.run(request).await;
    if hangs_up {
        *response.version_mut() = Version::HTTP_10;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The answer that takes the place of the work.
fn instead(mishap: &Mishap) -> Option<Response> {
    let status = StatusCode::from_u16(mishap.status?).ok()?;
    if mishap.adobe {
        return Some((status, Json(throttled(mishap.retry_after))).into_response());
    }
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

/// How Adobe says that it was asked too often. It has no `Retry-After` of HTTP then.
fn throttled(retry_after: Option<u32>) -> serde_json::Value {
    let mut body = json!({
        "code": "THROTTLING_TOO_MANY_REQUESTS",
        "message": "The sandbox was asked to answer so (apiActionId=sandbox)",
    });
    if let Some(seconds) = retry_after {
        body["retryAfter"] = json!(seconds);
    }
    body
}

/// An answer whose body fails before its first byte: the server closes the connection without
/// having sent even the head.
fn lost() -> Response {
    let fails = stream::iter([Err::<&[u8], _>(io::Error::other("the answer was to be lost"))]);
    Body::from_stream(fails).into_response()
}

/// The first half of an answer's body, with a head that promises no more than that.
async fn cut(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let whole = body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(whole.slice(..whole.len() / 2)))
}
