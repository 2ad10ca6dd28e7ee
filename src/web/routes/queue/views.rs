//! Lists of actions that somebody comes back to.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use axum_extra::extract::Form;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{lead_to, page_with},
    Asked, drawn,
};
use crate::{
    access::{Actor, Approver, Reader},
    kernel::ViewId,
    queue::{
        store::Part,
        view::{self, ViewError},
    },
    web::{
        parts::{Callout, RefusedView, Tone, ViewLine, Views},
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
    },
};

/// The menu on the list that was asked for.
pub(super) async fn menu(
    state: &WebState,
    reader: &Actor,
    asked: &Asked,
) -> Result<Views, Problem> {
    let (views, here) = (view::seen_by(&state.pool, reader).await?, as_kept(asked));
    let (may_share, is_owner) = (reader.approver().is_ok(), reader.owner().is_ok());
    let line = |view: view::View| {
        let own = reader.id() == Some(view.owner.uuid());
        let toggle = if view.shared { "unshare" } else { "share" };
        ViewLine {
            href: format!("{}?{}", paths::QUEUE, view.query),
            here: view.query == here,
            by: (!own).then_some(view.owner_name),
            shared: view.shared,
            toggle: (own && (view.shared || may_share)).then(|| paths::view_step(view.id, toggle)),
            delete: (own || is_owner).then(|| paths::view_step(view.id, "delete")),
            name: view.name,
        }
    };
    Ok(Views {
        lines: views.into_iter().map(line).collect(),
        status: asked.status.clone(),
        query: asked.q.clone(),
        sort: asked.sort.clone(),
        may_share,
        refused: None,
    })
}

/// A list as it is kept: the query of its address, without the question mark.
fn as_kept(asked: &Asked) -> String {
    asked.context().trim_start_matches('?').to_owned()
}

/// The form as it is sent: a check box that is not ticked is not there.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::web::routes) struct Typed {
    name: String,
    shared: Option<String>,
    status: String,
    q: String,
    sort: String,
}

/// `POST /users/provisioning/views`
pub(in crate::web::routes) async fn save(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let Typed { name, shared, status, q, sort } = typed;
    let asked = Asked { status, q, sort, ..Asked::default() };
    let (pool, now, query) = (&state.pool, state.clock.now(), as_kept(&asked));
    let kept = match shared {
        Some(_) => view::save_shared(pool, now, &reader.actor().approver()?, &name, &query).await,
        None => view::save(pool, now, &reader, &name, &query).await,
    };
    match kept {
        Ok(view) => {
            session::say(&session, format!("Kept: {}. It is under Views.", view.name)).await?;
            Ok(lead_to(&asked.at(Part::First)))
        }
        // The list again, with what was typed.
        Err(ViewError::Unfit(says)) => {
            let mut page = drawn(&state, &reader, &session, asked).await?;
            page.shell.flash = Some(Callout::new(Tone::Bad, &*says));
            page.views.refused = Some(RefusedView { name, shared: shared.is_some(), says });
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /users/provisioning/views/{view}/share`
pub(in crate::web::routes) async fn share(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<ViewId>,
) -> Result<Response, Problem> {
    let view = view::share(&state.pool, &approver, id).await?;
    led_to(&session, &view, "Everybody sees this view now").await
}

/// `POST /users/provisioning/views/{view}/unshare`
pub(in crate::web::routes) async fn unshare(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<ViewId>,
) -> Result<Response, Problem> {
    let view = view::unshare(&state.pool, &reader, id).await?;
    led_to(&session, &view, "Nobody else sees this view any more").await
}

/// `POST /users/provisioning/views/{view}/delete`
pub(in crate::web::routes) async fn delete(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<ViewId>,
) -> Result<Response, Problem> {
    let view = view::delete(&state.pool, &reader, id).await?;
    led_to(&session, &view, "Deleted this view").await
}

/// Leads to the list, and says what became of its name.
async fn led_to(session: &Session, view: &view::View, says: &str) -> Result<Response, Problem> {
    session::say(session, format!("{says}: {}.", view.name)).await?;
    Ok(lead_to(&format!("{}?{}", paths::QUEUE, view.query)))
}
