//! The way in: who asks, whether they ask too often, and what an answer says to all of them alike.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, VARY},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{InboundState, refused::Refused};
use crate::{
    access::{
        Operator,
        tokens::{ScimClient, scim_client},
    },
    directory::Source,
    scim::{self, MEDIA_TYPE},
};

/// Whoever showed a good token.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// May change people.
    pub(super) operator: Operator,
    /// From where.
    pub(super) source: Source,
}

/// Lets nobody past without a good token, nor anybody too often.
pub(super) async fn enter(
    State(state): State<InboundState>,
    mut request: Request,
    next: Next,
) -> Response {
    let accept = request.headers().get(ACCEPT).cloned();
    let response = match admit(&state, request.headers()).await {
        Ok(client) => {
            request.extensions_mut().insert(client);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    };
    in_words_of(accept.as_ref(), response)
}

async fn admit(state: &InboundState, headers: &HeaderMap) -> Result<Client, Refused> {
    let secret = secret(headers).ok_or_else(no_token)?;
    match scim_client(&state.pool, state.clock.now(), secret).await? {
        ScimClient::Known { actor, source } => {
            state.rate.admit(&source).map_err(Refused::too_many)?;
            let operator = actor.operator().map_err(|_| unknown_token())?;
            Ok(Client { operator, source })
        }
        ScimClient::Spent(_) => Err(spent_token()),
        ScimClient::Stranger => Err(unknown_token()),
    }
}

fn no_token() -> Refused {
    let says = "the token is missing: send it as Authorization: Bearer followed by the token of this source";
    Refused::unauthorized(r#"Bearer realm="countersign""#, says)
}

fn unknown_token() -> Refused {
    let says = "the token is unknown: copy that of this source once more, or rotate it in Countersign under \
        Settings > Sources. A token of the JSON API does not work here";
    Refused::unauthorized(REJECTED, says)
}

fn spent_token() -> Refused {
    let says = "the token was revoked or has run out: make a new one in Countersign under Settings > Sources, \
        and put it into the settings of this client";
    Refused::unauthorized(REJECTED, says)
}

/// RFC 6750 section 3.1.
const REJECTED: &str = r#"Bearer realm="countersign", error="invalid_token""#;

/// The token, with its scheme in any case. Where a console has one field for the whole header, the
/// token is often pasted there alone; ours are told by how they begin.
fn secret(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
    let token = token.trim();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    ((is_bearer && !token.is_empty()) || (scheme.is_empty() && token.starts_with("cs_")))
        .then_some(token)
}

/// The same answer with the media type that the client reads.
fn in_words_of(accept: Option<&HeaderValue>, mut response: Response) -> Response {
    let accept = accept.and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let headers = response.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE) {
        let kind = HeaderValue::from_static(scim::http::media_type(accept));
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(VARY, HeaderValue::from_static("accept"));
    }
    response
}

impl FromRequestParts<InboundState> for Client {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &InboundState) -> Result<Self, Refused> {
        // Whoever comes here has passed `enter`.
        parts.extensions.get().cloned().ok_or_else(no_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_wherever_a_console_puts_it() {
        for (value, token) in [
            ("Bearer cs_1", Some("cs_1")),
            ("bearer  other ", Some("other")),
            ("cs_1", Some("cs_1")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic cs_1", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);

            assert_eq!(secret(&headers), token, "{value:?}");
        }
        assert_eq!(secret(&HeaderMap::new()), None);
    }
}
