//! From a bearer token to the proof that a handler asks for.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};

use super::{ApiState, problem::Problem};
use crate::access::{Proof, tokens};

/// Whoever sends the request may do `P`. Stands first among a handler's arguments, so that
/// nothing else of the request is looked at before.
pub(super) struct May<P>(pub(super) P);

impl<P: Proof> FromRequestParts<ApiState> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let secret = bearer(&parts.headers).ok_or_else(Problem::no_token)?;
        let actor = tokens::actor_of_api_token(&state.pool, state.clock.now(), secret).await?;
        Ok(Self(P::of(&actor.ok_or_else(Problem::bad_token)?)?))
    }
}

/// The token of RFC 6750 section 2.1. The scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_is_taken() {
        let table = [
            ("Bearer cs_1", Some("cs_1")),
            ("bearer  cs_1 ", Some("cs_1")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic cs_1", None),
            ("cs_1", None),
        ];
        for (value, token) in table {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);

            assert_eq!(bearer(&headers), token, "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
