//! What a request carries: a body, and an id in its path.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde_json::Value;
use tokio::time::{Duration, timeout};

use super::{InboundState, LONGEST_BODY, noted::Sheet, refused::Refused};
use crate::{
    kernel::{GroupId, UserId},
    scim::{http, user::EXTERNAL_ID},
};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest id that a source may know something by, in characters.
const LONGEST_EXTERNAL_ID: usize = 256;

/// The JSON that a request carries.
pub(super) struct Sent(pub(super) Value);

impl FromRequest<InboundState> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &InboundState) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            let says = "send the body as application/scim+json or application/json";
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, says));
        }
        let sheet = request.extensions().get::<Sheet>().cloned();
        let body = http::read(&whole(request, state).await?)?;
        sheet.unwrap_or_default().body(&body);
        Ok(Self(body))
    }
}

/// All of a body; there is a limit to how long it may be (see `routes`), and may take.
async fn whole(request: Request, state: &InboundState) -> Result<Bytes, Refused> {
    match timeout(PATIENCE, Bytes::from_request(request, state)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let says = format!("the body is too large: send at most {} KiB", LONGEST_BODY / 1024);
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, says))
        }
        Ok(Err(_)) => Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "the body did not arrive whole: send it again",
        )),
        Err(_) => {
            let says = "the body did not arrive within 30 seconds: send it again";
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, says))
        }
    }
}

/// Some clients do not say what they send, and it is JSON all the same.
fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE);
    said.is_none_or(|said| said.to_str().is_ok_and(http::is_json))
}

/// Takes out the id that a source knows the resource by.
pub(super) fn external_id(resource: &mut Value) -> Result<Option<String>, Refused> {
    let taken = resource.as_object_mut().and_then(|members| members.remove(EXTERNAL_ID));
    match taken {
        Some(Value::String(id)) if id.chars().count() > LONGEST_EXTERNAL_ID => {
            let says =
                format!("{EXTERNAL_ID}: Must have at most {LONGEST_EXTERNAL_ID} characters.");
            Err(Refused::value(says))
        }
        Some(Value::String(id)) => Ok(Some(id)),
        _ => Ok(None),
    }
}

/// The one id in an address. What cannot be an id is the id of nothing.
pub(super) struct In<T>(pub(super) T);

/// What an id is of, in words.
pub(super) trait Named {
    /// `user`.
    const NAME: &'static str;
}

impl Named for UserId {
    const NAME: &'static str = "user";
}

impl Named for GroupId {
    const NAME: &'static str = "group";
}

impl<T: FromStr + Named> FromRequestParts<InboundState> for In<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &InboundState) -> Result<Self, Refused> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(|| Refused::gone(T::NAME))
    }
}
