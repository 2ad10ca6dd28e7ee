//! Answers: SCIM bodies for everything, refusals included.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OriginalUri, Request},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;

use crate::scim::{self, ErrorType, MEDIA_TYPE, filter::BadFilter, http, projection::Projection};

/// A body of SCIM's media type.
pub(super) struct Scim(pub(super) Value);

impl IntoResponse for Scim {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, MEDIA_TYPE)], Json(self.0)).into_response()
    }
}

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Refused(pub(super) scim::Error);

impl From<scim::Error> for Refused {
    fn from(error: scim::Error) -> Self {
        Self(error)
    }
}

impl From<BadFilter> for Refused {
    fn from(bad: BadFilter) -> Self {
        Self(bad.into())
    }
}

impl Refused {
    pub(super) fn new(status: StatusCode, detail: &str) -> Self {
        Self(scim::Error::new(status.as_u16(), detail))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Scim(self.0.to_value())).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"sandbox\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// For a path that leads nowhere.
pub(super) async fn not_found(OriginalUri(uri): OriginalUri) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, &format!("there is nothing at {}", uri.path()))
}

/// For a method that the path does not take.
pub(super) async fn wrong_method() -> Refused {
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method")
}

/// The address that the router is mounted at, as the client wrote it, without a slash at its end.
pub(super) struct Base(pub(super) String);

impl Base {
    /// The same without scheme and host, for links of a page.
    pub(super) fn path(original: &Uri, inner: &Uri) -> String {
        let path = original.path();
        path.strip_suffix(inner.path()).unwrap_or(path).trim_end_matches('/').to_owned()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Ok(OriginalUri(original)) = OriginalUri::from_request_parts(parts, state).await;
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let scheme =
            header("x-forwarded-proto").filter(|proto| *proto == "https").unwrap_or("http");
        let host = header("host").or_else(|| parts.uri.host()).unwrap_or("localhost");
        Ok(Self(format!("{scheme}://{host}{}", Self::path(&original, &parts.uri))))
    }
}

/// The JSON that a request carries.
pub(super) struct Sent(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        if !is_json(request.headers()) {
            let says = "send the body as application/scim+json";
            return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, says));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|refused| Refused::new(refused.status(), &refused.body_text()))?;
        Ok(Self(http::read(&body)?))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
    said.is_some_and(http::is_json)
}

/// What a query asks for. Parameters that nobody knows are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    pub(super) filter: Option<String>,
    pub(super) start_index: Option<String>,
    pub(super) count: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

impl Asked {
    pub(super) fn projection(&self) -> Result<Projection, scim::Error> {
        Projection::read(self.attributes.as_deref(), self.excluded_attributes.as_deref())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let asked = axum::extract::Query::<Self>::from_request_parts(parts, state).await;
        asked
            .map(|query| query.0)
            .map_err(|refused| scim::Error::of(ErrorType::InvalidValue, refused.body_text()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_point_is_what_the_router_does_not_see() {
        for (original, inner, base) in [
            ("/sandbox/echosign/scim/v2/Users/7?count=1", "/Users/7", "/sandbox/echosign/scim/v2"),
            ("/sandbox/echosign", "/", "/sandbox/echosign"),
            ("/sandbox/echosign/faults", "/faults", "/sandbox/echosign"),
            ("/faults", "/faults", ""),
            ("/", "/", ""),
        ] {
            let (original, inner) = (original.parse().unwrap(), inner.parse().unwrap());
            assert_eq!(Base::path(&original, &inner), base, "{original}");
        }
    }
}
