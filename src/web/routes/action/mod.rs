//! One action: what it does, and what the reader can do about it.

mod callouts;
mod decision;
mod drawn;
mod past;
mod steps;

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tower_sessions::Session;

pub(super) use self::steps::{link, reverse, undo};
use self::{
    decision::departure,
    drawn::{Typed, drawn},
};
use super::{lead_to, page, page_with};
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
) -> Result<Response, Problem> {
    let preview = glance(&state.pool, &state.connectors, state.clock.now(), id).await?;
    let preview = preview.ok_or_else(Problem::not_found)?;
    page(&drawn(&state, &session, reader.actor(), preview, Typed::default()).await?)
}

#[derive(Deserialize)]
pub(super) struct Approved {
    digest: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

/// `POST /users/provisioning/{id}/approve`
pub(super) async fn approve(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Form(typed): Form<Approved>,
) -> Result<Response, Problem> {
    let shown =
        typed.digest.parse().map_err(|error| Problem::told(StatusCode::BAD_REQUEST, error))?;
    let now = state.clock.now();
    let reason = Some(&*typed.reason);
    match decide::approve(&state.pool, &state.connectors, now, &approver, id, shown, reason).await {
        Ok(action) => approved(&state, &session, &action, typed.back).await,
        Err(DecideError::Changed(preview)) => {
            let said = Callout::new(
                Tone::Warn,
                "Nothing was approved and nothing was sent. This is what would be done now.",
            );
            let said = Some(said.titled("It has changed since you looked.").announced());
            let typed = Typed { reason: typed.reason, refused: None, said };
            let page = drawn(&state, &session, approver.actor(), *preview, typed).await?;
            Ok(under(&paths::action(id), page_with(StatusCode::CONFLICT, &page)?))
        }
        Err(DecideError::Reason(says)) => {
            again(&state, &session, approver.actor(), id, typed.reason, says).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Says that it was approved and when it is sent, and leads back to where that was done.
async fn approved(
    state: &WebState,
    session: &Session,
    action: &Action,
    back: String,
) -> Result<Response, Problem> {
    let mut says = format!("Approved: {}.", named(action));
    let left = departure(state, action).await?;
    if let Some(left) = left {
        says = format!("{says} It is sent in {}.", seconds(left));
    }
    if !back.starts_with(paths::QUEUE) {
        session::say(session, says).await?;
        return Ok(lead_to(&paths::action(action.id)));
    }
    match left {
        Some(_) => {
            session::say_leading_to(session, says, &paths::action(action.id), "Open it to undo")
                .await?;
        }
        None => session::say(session, says).await?,
    }
    Ok(lead_to(&back))
}

#[derive(Deserialize)]
pub(super) struct Rejection {
    #[serde(default)]
    reason: String,
}

/// `POST /users/provisioning/{id}/reject`
pub(super) async fn reject(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Form(typed): Form<Rejection>,
) -> Result<Response, Problem> {
    match decide::reject(&state.pool, state.clock.now(), &approver, id, &typed.reason).await {
        Ok(action) => {
            session::say(&session, format!("Rejected: {}.", named(&action))).await?;
            Ok(lead_to(&paths::action(id)))
        }
        Err(DecideError::Reason(says)) => {
            again(&state, &session, approver.actor(), id, typed.reason, says).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page again, with the reason to mend.
async fn again(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    id: ActionId,
    reason: String,
    says: &str,
) -> Result<Response, Problem> {
    let preview = preview(&state.pool, &state.connectors, state.clock.now(), id).await?;
    let preview = preview.ok_or_else(Problem::not_found)?;
    let typed = Typed { reason, refused: Some(says.to_owned()), said: None };
    let page = drawn(state, session, actor, preview, typed).await?;
    Ok(under(&paths::action(id), page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)?))
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
) -> Result<Response, Problem> {
    let action = queue::retry::retry(&state.pool, state.clock.now(), &retrier, id).await?;
    session::say(&session, format!("Sent again: {}.", named(&action))).await?;
    Ok(lead_to(&paths::action(id)))
}

/// `POST /users/provisioning/{id}/cancel`
pub(super) async fn cancel(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
    Path(id): Path<ActionId>,
) -> Result<Response, Problem> {
    let action = queue::cancel::cancel(&state.pool, state.clock.now(), &retrier, id).await?;
    session::say(&session, format!("Given up: {}.", named(&action))).await?;
    Ok(lead_to(&paths::action(id)))
}

fn named(action: &Action) -> String {
    format!("{} #{}", status::word(action.content.kind), action.number)
}
