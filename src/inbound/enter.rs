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

use super::{InboundState, noted::Noted, refused::Refused};
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

/// Lets nobody past without a good token, nor anybody too often. Whatever a known source asks is noted.
pub(super) async fn enter(
    State(state): State<InboundState>,
    mut request: Request,
    next: Next,
) -> Response {
    let accept = request.headers().get(ACCEPT).cloned();
    let noted = Noted::begin(state.clock.now(), &request);
    let (source, answer) = match admit(&state, request.headers()).await {
        Ok(Admitted::Client(client)) => {
            let source = client.source.clone();
            request.extensions_mut().insert(client);
            request.extensions_mut().insert(noted.sheet());
            (Some(source), next.run(request).await)
        }
        Ok(Admitted::Refused(source, refused)) => (Some(source), refused.into_response()),
        Err(refused) => (None, refused.into_response()),
    };
    if let Some(source) = source {
        state.log.note(noted.end(source, state.clock.now(), &answer));
    }
    in_words_of(accept.as_ref(), answer)
}

/// A source that is known.
enum Admitted {
    /// It may go on.
    Client(Client),
    /// It may not.
    Refused(Source, Refused),
}

async fn admit(state: &InboundState, headers: &HeaderMap) -> Result<Admitted, Refused> {
    let secret = secret(headers).ok_or_else(no_token)?;
    let (actor, source) = match scim_client(&state.pool, state.clock.now(), secret).await? {
        ScimClient::Known { actor, source } => (actor, source),
        ScimClient::Spent(source) => return Ok(Admitted::Refused(source, spent_token())),
        ScimClient::Stranger => return Err(unknown_token()),
    };
    if let Err(seconds) = state.rate.admit(&source) {
        return Ok(Admitted::Refused(source, Refused::too_many(seconds)));
    }
    let operator = actor.operator().map_err(|_| unknown_token())?;
    Ok(Admitted::Client(Client { operator, source }))
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
