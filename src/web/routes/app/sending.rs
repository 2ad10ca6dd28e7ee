//! Whether, and how fast, approved actions are sent to EchoSign.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{
    super::{lead_to, page, page_with},
    head, shell,
};
use crate::{
    access::{Actor, Owner, Reader, Retrier},
    apps::{App, LONGEST_UNDO, Sending, change::Attribute},
    directory::FieldError,
    jobs::store::gates::{self, Gate},
    kernel::sentence,
    queue::flow::{self, FlowError, TuneError, Tuned, gate_of},
    web::{
        app_head::AppTab,
        app_sending::{Now, SendingDraft, SendingPage, Standing},
        parts::{Callout, Moment, Tone, count, span},
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
        surroundings::{at_most, echosign, how_many},
    },
};

/// `GET /apps/echosign/sending`
pub(in crate::web::routes) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    page(&sending_page(&state, &session, reader.actor()).await?)
}

/// The page as things are now.
async fn sending_page(
    state: &WebState,
    session: &Session,
    actor: &Actor,
) -> Result<SendingPage, Problem> {
    let (app, now) = (echosign(state).await?, state.clock.now());
    let gate = gates::find(&state.pool, &gate_of(app.id)).await?;
    let shell = shell(state, session, actor, &app).await?;
    let head = head(&app, AppTab::Sending, now);
    let unsent = how_many(state).await?.counts.progress;
    let unsent = (unsent > 0).then(|| {
        let actions = if unsent == 1 { "action is" } else { "actions are" };
        format!("{} approved {actions} not done yet.", at_most(unsent))
    });
    let now = Now { standing: standing(&app, &gate, now), unsent, pace: pace(&gate, now) };
    let draft = SendingDraft {
        undo_seconds: app.sending.undo_seconds,
        rate: gate.rate.map(|rate| rate.to_string()).unwrap_or_default(),
        anyway: app.sending.send_anyway,
    };
    let page = SendingPage::new(shell, head, now, &draft);
    Ok(page.for_whom(actor.retrier().is_ok(), actor.owner().is_ok()))
}

fn standing(app: &App, gate: &Gate, now: OffsetDateTime) -> Standing {
    match (&app.pause, app.draining_at, gate.opens_at) {
        (Some(pause), ..) => Standing::Paused {
            at: Moment::ago(pause.at, now),
            by: pause.by,
            because: sentence(&pause.because),
        },
        _ if app.connection.is_none() => Standing::Off("EchoSign is not connected."),
        _ if !app.provisioning.enabled => Standing::Off("Provisioning is off."),
        (None, Some(since), _) => Standing::Drains(Moment::ago(since, now)),
        (None, None, Some(until)) if until > now => Standing::Rests(span(until - now)),
        _ => Standing::Sends,
    }
}

/// How fast it may go, where that is limited.
fn pace(gate: &Gate, now: OffsetDateTime) -> Option<String> {
    let (left, _) = gate.left(now)?;
    let most = count(gate.rate.unwrap_or_default());
    Some(match left {
        ..=0 => format!("At most {most} requests a minute."),
        left => format!("At most {most} requests a minute, {} of them right now.", count(left)),
    })
}

/// The form as it is sent: a check box that is not ticked is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::web::routes) struct TypedSending {
    #[serde(default)]
    undo_seconds: String,
    rate: String,
    #[serde(default)]
    anyway: BTreeSet<Attribute>,
}

impl TypedSending {
    fn wanted(&self) -> Tuned {
        // What is no number is out of bounds, and the use-case says which those are.
        let rate = Some(self.rate.trim()).filter(|rate| !rate.is_empty());
        let undo_seconds = self.undo_seconds.trim().parse().unwrap_or(u16::MAX);
        let sending = Sending { undo_seconds, send_anyway: self.anyway.clone() };
        Tuned { sending, rate: rate.map(|rate| rate.parse().unwrap_or(i32::MAX)) }
    }
}

/// `POST /apps/echosign/sending`: **Save**.
pub(in crate::web::routes) async fn tune(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<TypedSending>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let wanted = typed.wanted();
    match flow::tune(&state.pool, state.clock.now(), &owner, &app, &wanted).await {
        Ok(()) => {
            session::say(&session, "Saved.").await?;
            Ok(lead_to(paths::SENDING))
        }
        Err(TuneError::Fields(errors)) => {
            let page = sending_page(&state, &session, owner.actor()).await?;
            // A delay that cannot be is none to choose again.
            let undo = Some(wanted.sending.undo_seconds).filter(|undo| *undo <= LONGEST_UNDO);
            let undo_seconds = undo.unwrap_or(app.sending.undo_seconds);
            let TypedSending { rate, anyway, .. } = typed;
            let draft = SendingDraft { undo_seconds, rate, anyway };
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page.typed(&draft, &errors))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(in crate::web::routes) struct TypedPause {
    #[serde(default)]
    reason: String,
}

/// `POST /apps/echosign/sending/pause`
pub(in crate::web::routes) async fn pause(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
    Form(typed): Form<TypedPause>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    match flow::pause(&state.pool, state.clock.now(), &retrier, &app, &typed.reason).await {
        Ok(()) => {
            let says = format!("{} is paused. What is approved waits.", app.name);
            session::say(&session, says).await?;
            Ok(lead_to(paths::SENDING))
        }
        Err(FlowError::Reason(says)) => {
            let page = sending_page(&state, &session, retrier.actor()).await?;
            let errors = [FieldError { field: "reason", says: says.to_owned() }];
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page.because(typed.reason, &errors))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /apps/echosign/sending/drain`
pub(in crate::web::routes) async fn drain(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    flow::drain(&state.pool, state.clock.now(), &retrier, &app).await?;
    let says = format!("{} is paused once what is approved is sent.", app.name);
    session::say(&session, says).await?;
    Ok(lead_to(paths::SENDING))
}

/// `POST /apps/echosign/sending/resume`: EchoSign is asked first.
pub(in crate::web::routes) async fn resume(
    State(state): State<WebState>,
    May(retrier): May<Retrier>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let now = state.clock.now();
    match flow::resume(&state.pool, &state.connectors, now, &retrier, &app).await {
        Ok(()) => {
            let says = format!("{} answers. What is approved is sent.", app.name);
            session::say(&session, says).await?;
            Ok(lead_to(paths::SENDING))
        }
        Err(error @ FlowError::Unanswered(_)) => {
            let page = sending_page(&state, &session, retrier.actor()).await?;
            let says = Callout::new(Tone::Bad, error.to_string()).titled("Not resumed.");
            page_with(StatusCode::CONFLICT, &page.saying(says))
        }
        Err(error) => Err(error.into()),
    }
}
