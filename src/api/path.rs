//! The value in an address.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use super::{ApiState, problem::Problem};

/// The one value in the path. What cannot be an id is the id of nothing: 404.
pub(super) struct In<T>(pub(super) T);

impl<T: FromStr<Err: std::fmt::Display>> FromRequestParts<ApiState> for In<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let not_found = |says: &dyn std::fmt::Display| {
            Problem::not_found(format!(
                "There is nothing at this address: its last value is {says}."
            ))
        };
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found(&"not text in UTF-8"))?;
        text.parse().map(Self).map_err(|error: T::Err| not_found(&error))
    }
}
