//! Whether, and how fast, approved actions go out to an app: each answers with the app as it is afterwards.

use axum::{Json, extract::State};

use super::{
    ApiState,
    apps::{AppView, find},
    body::Body,
    path::In,
    problem::Problem,
    proof::May,
};
use crate::{
    access::{Owner, Retrier},
    apps::{Sending, change::Attribute},
    jobs::store::gates,
    queue::flow::{self, Tuned, gate_of},
};

/// Stops sending until somebody lets it go on. A pause without a reason needs no body.
pub(super) async fn pause(
    State(state): State<ApiState>,
    May(retrier): May<Retrier>,
    In(slug): In<String>,
    body: Option<Body>,
) -> Result<Json<AppView>, Problem> {
    let mut body = body.unwrap_or_default();
    let reason = body.text("reason").unwrap_or_default();
    let reason = body.finish(Some(reason))?;

    let app = find(&state.pool, &slug).await?;
    flow::pause(&state.pool, state.clock.now(), &retrier, &app, &reason).await?;
    told(&state, &slug).await
}

/// Lets it go on, if the app answers.
pub(super) async fn resume(
    State(state): State<ApiState>,
    May(retrier): May<Retrier>,
    In(slug): In<String>,
) -> Result<Json<AppView>, Problem> {
    let app = find(&state.pool, &slug).await?;
    flow::resume(&state.pool, &state.connectors, state.clock.now(), &retrier, &app).await?;
    told(&state, &slug).await
}

/// Has what is approved sent, and pauses it then.
pub(super) async fn drain(
    State(state): State<ApiState>,
    May(retrier): May<Retrier>,
    In(slug): In<String>,
) -> Result<Json<AppView>, Problem> {
    let app = find(&state.pool, &slug).await?;
    flow::drain(&state.pool, state.clock.now(), &retrier, &app).await?;
    told(&state, &slug).await
}

/// Changes how approved actions are sent by a merge patch (RFC 7396): absent is unchanged.
pub(super) async fn tune(
    State(state): State<ApiState>,
    May(owner): May<Owner>,
    In(slug): In<String>,
    mut body: Body,
) -> Result<Json<AppView>, Problem> {
    let undo_seconds = body.number("undoSeconds");
    let send_anyway = body.all_parsed::<Attribute>("sendAnyway");
    let rate = body.number_or_none("rate");
    body.finish(Some(()))?;

    let app = find(&state.pool, &slug).await?;
    let Sending { undo_seconds: undo_before, send_anyway: anyway_before } = app.sending.clone();
    // What does not fit is out of bounds, and the use-case says which those are.
    let undo = |seconds| u16::try_from(seconds).unwrap_or(u16::MAX);
    let requests = |rate| i32::try_from(rate).unwrap_or(i32::MAX);
    let sending = Sending {
        undo_seconds: undo_seconds.map_or(undo_before, undo),
        send_anyway: send_anyway.map_or(anyway_before, |all| all.into_iter().collect()),
    };
    let rate = match rate {
        Some(rate) => rate.map(requests),
        None => gates::find(&state.pool, &gate_of(app.id)).await?.rate,
    };
    flow::tune(&state.pool, state.clock.now(), &owner, &app, &Tuned { sending, rate }).await?;
    told(&state, &slug).await
}

async fn told(state: &ApiState, slug: &str) -> Result<Json<AppView>, Problem> {
    let app = find(&state.pool, slug).await?;
    Ok(Json(AppView::read(state, app).await?))
}
