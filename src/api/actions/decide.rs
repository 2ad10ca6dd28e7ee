//! Moving one action: each answers with the action as it is afterwards.

use axum::{Json, extract::State};
use sqlx::PgPool;

use super::{
    super::{ApiState, body::Body, path::In, problem::Problem, proof::May},
    view::ActionView,
};
use crate::{
    access::{Approver, Retrier},
    apps, directory,
    kernel::{ActionId, Digest},
    queue::{self, Action},
};

/// Lets an action through, if the digest is the one of what would be done.
pub(in crate::api) async fn approve(
    State(state): State<ApiState>,
    May(approver): May<Approver>,
    In(id): In<ActionId>,
    mut body: Body,
) -> Result<Json<ActionView>, Problem> {
    let digest = body.parsed::<Digest>("digest");
    let digest = body.required(
        "digest",
        digest,
        "Is needed: the digest that GET /api/v1/actions/{id} shows.",
    );
    let reason = body.text("reason");
    let digest = body.finish(digest)?;

    let (now, reason) = (state.clock.now(), reason.as_deref());
    let action =
        queue::decide::approve(&state.pool, &state.connectors, now, &approver, id, digest, reason)
            .await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// Turns an action down.
pub(in crate::api) async fn reject(
    State(state): State<ApiState>,
    May(approver): May<Approver>,
    In(id): In<ActionId>,
    mut body: Body,
) -> Result<Json<ActionView>, Problem> {
    let reason = body.text("reason").unwrap_or_default();
    let reason = body.finish(Some(reason))?;

    let action =
        queue::decide::reject(&state.pool, state.clock.now(), &approver, id, &reason).await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// Has a failed action sent again.
pub(in crate::api) async fn retry(
    State(state): State<ApiState>,
    May(retrier): May<Retrier>,
    In(id): In<ActionId>,
) -> Result<Json<ActionView>, Problem> {
    let action = queue::retry::retry(&state.pool, state.clock.now(), &retrier, id).await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// Gives an approved or failed action up.
pub(in crate::api) async fn cancel(
    State(state): State<ApiState>,
    May(retrier): May<Retrier>,
    In(id): In<ActionId>,
) -> Result<Json<ActionView>, Problem> {
    let action = queue::cancel::cancel(&state.pool, state.clock.now(), &retrier, id).await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// Says which account of the app is the person's.
pub(in crate::api) async fn link(
    State(state): State<ApiState>,
    May(approver): May<Approver>,
    In(id): In<ActionId>,
    mut body: Body,
) -> Result<Json<ActionView>, Problem> {
    let remote_id = body.text("remoteId").filter(|id| !id.is_empty());
    let remote_id = body.required(
        "remoteId",
        remote_id,
        "Is needed: one of the candidates that GET /api/v1/actions/{id} shows.",
    );
    let remote_id = body.finish(remote_id)?;

    let now = state.clock.now();
    let action =
        queue::link::link(&state.pool, &state.connectors, now, &approver, id, &remote_id).await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// An action with its person and its app.
pub(super) async fn told(pool: &PgPool, action: &Action) -> sqlx::Result<ActionView> {
    let user = directory::store::find(pool, action.content.account)
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    let app = apps::store::fetch(&mut *pool.acquire().await?, action.content.app).await?;
    Ok(ActionView::new(action, &user, &app))
}
