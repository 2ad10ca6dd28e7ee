//! `/healthz` and `/readyz`, for whatever watches over the process.

use axum::{extract::State, http::StatusCode};

use super::state::WebState;

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too, or 503.
pub(super) async fn ready(State(state): State<WebState>) -> (StatusCode, &'static str) {
    match state.pool.acquire().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
