//! What can be done about an action besides deciding: taking a decision back, preparing the opposite, saying
//! which account is meant.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{lead_to, page_with, queue::Asked},
    InRow,
    drawn::{Typed, drawn},
    in_row, named, under,
};
use crate::{
    access::{Approver, Operator},
    audit::Verb,
    kernel::{ActionId, UserId},
    queue::{
        self, Action, State as ActionState, Submitted, link::LinkError, preview::preview,
        store::newest_of_user,
    },
    web::{
        parts::{Callout, Tone},
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
        status,
    },
};

/// How many of a person's newest actions are looked through for the next one.
const NEWEST: i64 = 20;

/// `POST /users/provisioning/{id}/undo`
pub(in crate::web::routes) async fn undo(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Query(list): Query<Asked>,
    Query(InRow { row }): Query<InRow>,
) -> Result<Response, Problem> {
    let done = queue::undo::undo(&state.pool, state.clock.now(), &approver, id).await;
    if row.is_some() {
        return in_row(&state, approver.actor(), &list, id, done).await;
    }
    let action = done?;
    let says = match action.state {
        ActionState::Pending => "Nothing was sent. It waits for a decision again.",
        _ => {
            "It was withdrawn: what it asked for is no longer wanted, or was rejected again since."
        }
    };
    let says = format!("Undone: {}. {says}", named(&action));
    session::say(&session, says).await?;
    Ok(lead_to(&list.of_action(id)))
}

/// `POST /users/provisioning/{id}/reverse`
pub(in crate::web::routes) async fn reverse(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<ActionId>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let submitted = queue::reverse::reverse(&state.pool, now, &operator, id).await?;
    let (says, path) = follow(&submitted);
    session::say(&session, says).await?;
    Ok(lead_to(&path))
}

/// What came of a reverse action in words, and where it is seen.
fn follow(Submitted { user, caused }: &Submitted) -> (String, String) {
    let name = user.profile.name();
    let waits: Vec<_> =
        caused.iter().filter(|caused| caused.verb != Verb::ActionWithdrawn).collect();
    match &*waits {
        [one] => {
            let kind = status::word(one.kind);
            let says = format!("Prepared: {kind} #{}. It waits for approval.", one.number);
            (says, paths::action(one.action))
        }
        [] => {
            let says = format!("{name} is put back as before. Nothing new waits for approval.");
            (says, paths::person(user.id))
        }
        several => {
            let says = format!(
                "{name} is put back as before. {} changes wait for approval.",
                several.len()
            );
            (says, paths::person(user.id))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::web::routes) struct Chosen {
    remote_id: String,
}

/// `POST /users/provisioning/{id}/link`
pub(in crate::web::routes) async fn link(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ActionId>,
    Form(Chosen { remote_id }): Form<Chosen>,
) -> Result<Response, Problem> {
    let (pool, connectors, now) = (&state.pool, &state.connectors, state.clock.now());
    match queue::link::link(pool, connectors, now, &approver, id, &remote_id).await {
        Ok(action) => {
            let user = action.content.account;
            let next = next(&state, user).await?;
            let lacks = match &next {
                Some(_) => "What it lacks waits for approval.",
                None => "It lacks nothing.",
            };
            session::say(&session, format!("Linked: no new account is made. {lacks}")).await?;
            let path = next.map_or_else(|| paths::person(user), |next| paths::action(next.id));
            Ok(lead_to(&path))
        }
        Err(LinkError::Not(says)) => {
            let preview = preview(pool, connectors, now, id).await?;
            let preview = preview.ok_or_else(Problem::not_found)?;
            let said = Callout::new(Tone::Warn, says).titled("Nothing was linked.").announced();
            let typed = Typed { said: Some(said), ..Typed::default() };
            let page = drawn(&state, &session, approver.actor(), preview, typed).await?;
            Ok(under(&paths::action(id), page_with(StatusCode::CONFLICT, &page)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// The first action of a person that waits for a decision.
async fn next(state: &WebState, user: UserId) -> Result<Option<Action>, Problem> {
    let newest = newest_of_user(&state.pool, user, NEWEST).await?;
    Ok(newest.into_iter().rev().find(|action| action.state == ActionState::Pending))
}
