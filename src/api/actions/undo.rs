//! Taking an action back: before it is sent, or by its opposite afterwards.

use axum::{Json, extract::State};
use serde::Serialize;

use super::{
    super::{ApiState, path::In, problem::Problem, proof::May, users::UserView},
    decide::told,
    view::ActionView,
};
use crate::{
    access::{Approver, Operator},
    kernel::ActionId,
    queue::{self, Caused, Submitted},
};

/// Takes a decision back, so that the action waits for a decision again.
pub(in crate::api) async fn undo(
    State(state): State<ApiState>,
    May(approver): May<Approver>,
    In(id): In<ActionId>,
) -> Result<Json<ActionView>, Problem> {
    let action = queue::undo::undo(&state.pool, state.clock.now(), &approver, id).await?;
    Ok(Json(told(&state.pool, &action).await?))
}

/// The person as they shall be again, and what came of that in the queue.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Reversed {
    user: UserView,
    caused: Vec<Caused>,
}

/// Prepares the opposite of an action that was carried out.
pub(in crate::api) async fn reverse(
    State(state): State<ApiState>,
    May(operator): May<Operator>,
    In(id): In<ActionId>,
) -> Result<Json<Reversed>, Problem> {
    let Submitted { user, caused } =
        queue::reverse::reverse(&state.pool, state.clock.now(), &operator, id).await?;
    Ok(Json(Reversed { user: user.into(), caused }))
}
