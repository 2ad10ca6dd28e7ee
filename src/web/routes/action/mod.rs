//! One action: what it does, and what the reader can do about it.

mod callouts;
mod decision;
mod drawn;
mod past;
mod steps;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

use self::{
    decision::departure,
    drawn::{Typed, drawn},
};
pub(super) use self::{
    decision::stopped,
    steps::{link, reverse, undo},
};
use super::{
    lead_to, page, page_with,
    queue::{Asked, redrawn},
};
use crate::{
    access::{Actor, Approver, Reader, Retrier},
    kernel::ActionId,
    queue::{
        self, Action,
        decide::{self, DecideError},
        preview::{glance, preview},
    },
    web::{
        parts::{Callout, Tone, seconds},
        paths,
        problem::Problem,
        queue::Note,
        session::{self, May},
        state::WebState,
        status,
    },
};

/// `GET /users/provisioning/{id}`
pub(super) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
) -> Result<Response, Problem> {
    let preview = glance(&state.pool, &state.connectors, state.clock.now(), id).await?;
    let preview = preview.ok_or_else(Problem::not_found)?;
    page(&drawn(&state, &session, reader.actor(), preview, Typed::of(list)).await?)
}

/// Whether the answer takes the place of the action's row in a list, and in which list.
#[derive(Deserialize)]
pub(super) struct InRow {
    row: Option<String>,
}

/// What became of an action that was decided on its row: the row as it is now.
pub(super) async fn in_row(
    state: &WebState,
    actor: &Actor,
    list: &Asked,
    id: ActionId,
    done: Result<Action, impl Into<Problem>>,
) -> Result<Response, Problem> {
    let Err(error) = done else { return redrawn(state, actor, list, id, None).await };
    let problem = error.into();
    let (status, says) = problem.shown();
    // What is ours, or has no row, is told as everywhere.
    if status.is_server_error() || status == StatusCode::NOT_FOUND {
        return Err(problem);
    }
    let row = redrawn(state, actor, list, id, Some(Note::bad(says))).await?;
    Ok((status, row).into_response())
}

#[derive(Deserialize)]
pub(super) struct Approved {
    digest: String,
    #[serde(default)]
    reason: String,
    /// Whether it was approved on its row, to which that leads back.
    back: Option<String>,
}

/// `POST /users/provisioning/{id}/approve`
pub(super) async fn approve(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
    Query(InRow { row }): Query<InRow>,
    Form(typed): Form<Approved>,
) -> Result<Response, Problem> {
    let shown =
        typed.digest.parse().map_err(|error| Problem::told(StatusCode::BAD_REQUEST, error))?;
    let now = state.clock.now();
    let reason = Some(&*typed.reason);
    let done =
        decide::approve(&state.pool, &state.connectors, now, &approver, id, shown, reason).await;
    if row.is_some() {
        return in_row(&state, approver.actor(), &list, id, done).await;
    }
    match done {
        Ok(action) => approved(&state, &session, &action, &list, typed.back.is_some()).await,
        Err(error) => {
            let nothing = "Nothing was approved and nothing was sent.";
            let typed = (typed.reason, list);
            refused(&state, &session, approver.actor(), id, error, nothing, typed).await
        }
    }
}

/// Says that it was approved and when it is sent, and leads back to where that was done.
async fn approved(
    state: &WebState,
    session: &Session,
    action: &Action,
    list: &Asked,
    back: bool,
) -> Result<Response, Problem> {
    let mut says = format!("Approved: {}.", named(action));
    let left = departure(state, action).await?;
    if let Some(left) = left {
        says = format!("{says} It is sent in {}.", seconds(left));
    }
    let page = list.of_action(action.id);
    if !back {
        session::say(session, says).await?;
        return Ok(lead_to(&page));
    }
    match left {
        Some(_) => session::say_leading_to(session, says, &page, "Open it to undo").await?,
        None => session::say(session, says).await?,
    }
    Ok(lead_to(&list.at(list.part())))
}

#[derive(Deserialize)]
pub(super) struct Rejection {
    #[serde(default)]
    reason: String,
    /// Of what was seen.
    digest: String,
}

/// `POST /users/provisioning/{id}/reject`
pub(super) async fn reject(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
    Query(InRow { row }): Query<InRow>,
    Form(typed): Form<Rejection>,
) -> Result<Response, Problem> {
    let shown =
        typed.digest.parse().map_err(|error| Problem::told(StatusCode::BAD_REQUEST, error))?;
    let (pool, connectors, now) = (&state.pool, &state.connectors, state.clock.now());
    let reason = &*typed.reason;
    let done = decide::reject_shown(pool, connectors, now, &approver, id, shown, reason).await;
    if row.is_some() {
        return in_row(&state, approver.actor(), &list, id, done).await;
    }
    match done {
        Ok(action) => {
            session::say(&session, format!("Rejected: {}.", named(&action))).await?;
            Ok(lead_to(&list.of_action(id)))
        }
        Err(error) => {
            let nothing = "Nothing was rejected.";
            let typed = (typed.reason, list);
            refused(&state, &session, approver.actor(), id, error, nothing, typed).await
        }
    }
}

/// The page again: with the reason to mend, or with what would be done now.
async fn refused(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    id: ActionId,
    error: DecideError,
    nothing: &str,
    (reason, list): (String, Asked),
) -> Result<Response, Problem> {
    let (status, preview, typed) = match error {
        DecideError::Changed(preview) => {
            let says = format!("{nothing} This is what would be done now.");
            let said = Callout::new(Tone::Warn, says).titled("It has changed since you looked.");
            let said = Some(said.announced());
            (StatusCode::CONFLICT, *preview, Typed { reason, said, ..Typed::of(list) })
        }
        DecideError::Reason(says) => {
            let preview = preview(&state.pool, &state.connectors, state.clock.now(), id).await?;
            let preview = preview.ok_or_else(Problem::not_found)?;
            let typed = Typed { reason, refused: Some(says), ..Typed::of(list) };
            (StatusCode::UNPROCESSABLE_ENTITY, preview, typed)
        }
        error => return Err(error.into()),
    };
    let page = drawn(state, session, actor, preview, typed).await?;
    Ok(under(&paths::action(id), page_with(status, &page)?))
}

/// The answer under an address of its own, where a script puts it into the page of another.
fn under(path: &str, answer: Response) -> Response {
    ([(HeaderName::from_static("hx-push-url"), path)], answer).into_response()
}

/// `POST /users/provisioning/{id}/retry`
pub(super) async fn retry(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
) -> Result<Response, Problem> {
    let action = queue::retry::retry(&state.pool, state.clock.now(), &retrier, id).await?;
    session::say(&session, format!("Sent again: {}.", named(&action))).await?;
    Ok(lead_to(&list.of_action(id)))
}

/// `POST /users/provisioning/{id}/cancel`
pub(super) async fn cancel(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
) -> Result<Response, Problem> {
    let action = queue::cancel::cancel(&state.pool, state.clock.now(), &retrier, id).await?;
    session::say(&session, format!("Given up: {}.", named(&action))).await?;
    Ok(lead_to(&list.of_action(id)))
}

fn named(action: &Action) -> String {
    format!("{} #{}", status::word(action.content.kind), action.number)
}
