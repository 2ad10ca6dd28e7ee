//! Deciding on many actions at once: drawing it up, looking at it, starting it, and what came of it.

mod drawn;

use axum::{
    Form,
    extract::{Path, Query, RawForm, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use self::drawn::Drawing;
use super::{lead_to, page, page_with, queue::Asked};
use crate::{
    access::{Approver, Reader},
    directory::FieldError,
    kernel::{ActionId, RunId},
    queue::{
        run::{self, RunError, Verdict},
        store::{Filter, runs},
    },
    web::{paths, problem::Problem, session::May, state::WebState},
};

/// What was chosen in the queue.
#[derive(Default)]
struct Chosen {
    verdict: String,
    all: bool,
    ids: Vec<String>,
    list: Asked,
}

impl Chosen {
    fn read(form: &[u8]) -> Self {
        let mut chosen = Self::default();
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "verdict" => chosen.verdict = value.into_owned(),
                "all" => chosen.all = true,
                "id" => chosen.ids.push(value.into_owned()),
                "status" => chosen.list.status = value.into_owned(),
                "q" => chosen.list.q = value.into_owned(),
                "sort" => chosen.list.sort = value.into_owned(),
                _ => {}
            }
        }
        chosen
    }
}

/// `POST /users/provisioning/bulk`
pub(in crate::web::routes) async fn draw_up(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let chosen = Chosen::read(&form);
    let bad = |says: &str| Problem::told(StatusCode::BAD_REQUEST, says);
    let verdict: Verdict = chosen.verdict.parse().map_err(|_| bad("Choose Approve or Reject."))?;
    let now = state.clock.now();
    let filter = if chosen.all {
        let understood = chosen.list.understood(now, approver.actor());
        // What is not understood restricts nothing: nobody means to decide on all of that.
        if let Some(says) = understood.problems.first() {
            return Err(bad(says));
        }
        understood.filter
    } else {
        let ids: Result<Vec<ActionId>, _> = chosen.ids.iter().map(|id| id.parse()).collect();
        let ids = ids.map_err(|_| bad("Select the actions again: one of them is none."))?;
        Filter { among: Some(ids), ..Filter::default() }
    };
    let list = chosen.list.list();
    let run = run::draw_up(&state.pool, now, &approver, verdict, &filter, list).await?;
    Ok(lead_to(&paths::run(run.id)))
}

/// Which results are shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web::routes) struct Shown {
    show: String,
    cursor: Option<String>,
}

/// `GET /users/provisioning/bulk/{id}`
pub(in crate::web::routes) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<RunId>,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let run = runs::find(&state.pool, id).await?.ok_or_else(gone)?;
    let drawing = Drawing { state: &state, session: &session, reader: reader.actor(), run };
    page(&drawing.page(&shown, Typed::default()).await?)
}

/// What was typed to start it, and what is wrong with that.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web::routes) struct Typed {
    reason: String,
    confirm: String,
    #[serde(skip)]
    errors: Vec<FieldError>,
}

/// `POST /users/provisioning/bulk/{id}/start`
pub(in crate::web::routes) async fn start(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    session: Session,
    Path(id): Path<RunId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (pool, now) = (&state.pool, state.clock.now());
    let says = match run::start(pool, now, &approver, id, &typed.reason, &typed.confirm).await {
        Ok(_) => return Ok(lead_to(&paths::run(id))),
        Err(RunError::Reason(says)) => FieldError { field: "reason", says },
        Err(RunError::Confirm(phrase)) => {
            FieldError { field: "confirm", says: format!("Type \u{201c}{phrase}\u{201d} here.") }
        }
        Err(error) => return Err(error.into()),
    };
    typed.errors.push(says);
    let run = runs::find(pool, id).await?.ok_or_else(gone)?;
    let drawing = Drawing { state: &state, session: &session, reader: approver.actor(), run };
    let page = drawing.page(&Shown::default(), typed).await?;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `POST /users/provisioning/bulk/{id}/stop`
pub(in crate::web::routes) async fn stop(
    State(state): State<WebState>,
    May(approver): May<Approver>,
    Path(id): Path<RunId>,
) -> Result<Response, Problem> {
    run::stop(&state.pool, state.clock.now(), &approver, id).await?;
    Ok(lead_to(&paths::run(id)))
}

fn gone() -> Problem {
    RunError::NotFound.into()
}
