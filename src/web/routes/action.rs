//! One action: what it does, and what the reader can do about it.

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{
    lead_to, page, page_with,
    people::{groups_of, name_of, sources, who},
};
use crate::{
    access::{Actor, Approver, Reader, Retrier},
    apps::{ConnectorKind, change::Kind},
    audit, jobs,
    kernel::ActionId,
    queue::{
        self, Action, State as ActionState,
        decide::{self, DecideError},
        preview::{Preview, Read, glance, preview},
        store::{AttemptOutcome, attempts},
    },
    web::{
        action::{ActionPage, Approval, Decide, Planned},
        parts::{Attempt, Badge, Callout, Diff, Exchange, Moment, RequestBlock, Tone},
        paths,
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        status, story,
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

/// What was typed before the page was drawn again, and what is to be said about it.
#[derive(Default)]
struct Typed {
    reason: String,
    refused: Option<String>,
    said: Option<Callout>,
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
        Ok(action) => {
            session::say(&session, format!("Approved: {}.", named(&action))).await?;
            let back = typed.back.starts_with(paths::QUEUE).then_some(typed.back);
            Ok(lead_to(&back.unwrap_or_else(|| paths::action(id))))
        }
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

async fn drawn(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    preview: Preview,
    typed: Typed,
) -> Result<ActionPage, Problem> {
    let now = state.clock.now();
    let action = &preview.action;
    let tried = attempts(&state.pool, action.id).await?;
    let events = audit::of_action(&state.pool, action.id).await?;
    let due_at = jobs::store::due_at(&state.pool, &action.lane(), &action.job()).await?;
    let next_try = due_at.filter(|_| !tried.is_empty());
    let title = format!("{} {}", status::word(action.content.kind), preview.user.profile.name());
    let shell = Shell::load(state, session, actor, &title, Place::Queue).await?;
    let way = [
        Crumb::at("Users"),
        Crumb::to("Provisioning", paths::QUEUE),
        Crumb::at(format!("#{}", action.number)),
    ];
    Ok(ActionPage {
        shell: shell.by_way_of(way),
        id: action.id,
        number: format!("#{}", action.number),
        user: preview.user.id,
        who: who(&preview.user),
        groups: groups_of(state, preview.user.id).await?,
        app: preview.app.name.clone(),
        kind: Badge::kind(action.content.kind),
        state: status::badge(action.state.status()),
        source: name_of(&sources(state).await?, &action.source),
        asked: Moment::ago(action.created_at, now),
        callouts: typed.said.into_iter().chain(callouts(&preview, next_try, now)).collect(),
        diff: diff(&preview, now),
        planned: planned(&preview),
        language: language(&preview),
        attempts: tried.iter().map(|attempt| draw_attempt(attempt, now)).collect(),
        timeline: events.iter().map(|event| story::entry(event, now)).collect(),
        decide: decision(&preview, actor, typed.reason, typed.refused),
        moving: is_moving(&preview),
    })
}

/// Whether it goes on by itself before long, so that the page looks again.
fn is_moving(preview: &Preview) -> bool {
    let goes_out =
        matches!(preview.action.state, ActionState::Approved(_) | ActionState::Sending(_));
    goes_out && preview.app.pause.is_none() && preview.app.provisioning.enabled
}

fn language(preview: &Preview) -> String {
    let connector = preview.app.connection.as_ref().map(|connection| connection.connector);
    match connector {
        Some(ConnectorKind::AcrobatSign) => "Acrobat Sign REST v6",
        Some(ConnectorKind::Scim) | None => "SCIM 2.0",
    }
    .to_owned()
}

fn diff(preview: &Preview, now: OffsetDateTime) -> Diff {
    // What an account has now says nothing about what a finished action left as it was.
    let over = preview.action.state.ended_at().is_some();
    let present = preview.present.as_ref().filter(|_| !over);
    let diff = Diff::of(&preview.content, present, preview.app.name.clone());
    let diff = if over { diff.past() } else { diff };
    match &preview.read {
        Read::Live { at } => diff.read(Moment::ago(*at, now)),
        Read::Confirmed { because: Some(because), .. } => diff.unread(because.clone()),
        Read::Confirmed { .. } => diff,
    }
}

fn planned(preview: &Preview) -> Planned {
    if preview.action.state != ActionState::Pending {
        return Planned::Past;
    }
    if preview.requests.is_empty() {
        return match &preview.read {
            Read::Live { .. } => {
                Planned::Nothing(format!("{} has all of this already.", preview.app.name))
            }
            Read::Confirmed { .. } => {
                Planned::Unknown(format!("It can be told once {} answers.", preview.app.name))
            }
        };
    }
    let blocks = preview.requests.iter().enumerate().map(|(at, request)| {
        RequestBlock::new(
            format!("request-{}", at + 1),
            &*request.method,
            &*request.path,
            request.body.as_ref(),
        )
    });
    Planned::Requests(blocks.collect())
}

/// What the reader should know before anything else.
fn callouts(
    preview: &Preview,
    next_try: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Vec<Callout> {
    let (action, app) = (&preview.action, &preview.app.name);
    let mut callouts = Vec::new();
    let pending = action.state == ActionState::Pending;
    if pending && action.content.kind == Kind::Create && preview.present.is_some() {
        let says = "Approving takes it over and brings it to what is shown here.";
        let title = format!("{app} has an account by this name already.");
        callouts.push(Callout::new(Tone::Warn, says).titled(title));
    } else if preview.is_rebased() {
        let says = format!(
            "{app} holds something else than when this was asked for. It is shown as {app} has it now."
        );
        callouts.push(Callout::new(Tone::Note, says));
    }
    if !preview.waits_for.is_empty() && action.state.ended_at().is_none() {
        let numbers: Vec<_> = preview.waits_for.iter().map(|number| format!("#{number}")).collect();
        let says = format!(
            "It is sent after {}, which is of the same account and not finished.",
            numbers.join(", ")
        );
        callouts.push(Callout::new(Tone::Quiet, says));
    }
    match &action.state {
        ActionState::Failed(_, _, cause) => {
            callouts.push(
                Callout::new(Tone::Bad, cause.clone()).titled(format!("{app} did not take it.")),
            );
        }
        ActionState::Rejected(decision) => {
            let reason = decision.reason.clone().unwrap_or_default();
            callouts.push(
                Callout::new(Tone::Note, reason)
                    .titled(format!("{} rejected it.", decision.by.name())),
            );
        }
        ActionState::Approved(_) => {
            if let Some(pause) = &preview.app.pause {
                callouts.push(
                    Callout::new(Tone::Warn, pause.because.clone())
                        .titled(format!("{app} is paused.")),
                );
            } else if let Some(at) = next_try.filter(|at| *at > now) {
                let says = format!(
                    "It is tried again by itself in {}.",
                    crate::web::parts::span(at - now)
                );
                callouts.push(
                    Callout::new(Tone::Warn, says).titled(format!("{app} could not take it.")),
                );
            }
        }
        _ => {}
    }
    callouts
}

fn decision(preview: &Preview, actor: &Actor, reason: String, refused: Option<String>) -> Decide {
    let action = &preview.action;
    let may = actor.retrier().is_ok();
    match &action.state {
        ActionState::Pending if actor.approver().is_err() => {
            Decide::Barred("It waits for an approver or an owner.".to_owned())
        }
        ActionState::Pending => {
            Decide::Open { approval: approval(preview, actor), reason, refused }
        }
        ActionState::Failed(..) => Decide::Failed { may },
        ActionState::Approved(_) => Decide::Approved { may },
        _ => Decide::Over,
    }
}

/// Whether `actor`, who may decide, may let this one through.
fn approval(preview: &Preview, actor: &Actor) -> Approval {
    if preview.app.provisioning.four_eyes && preview.action.is_own_of(actor) {
        let says = "You asked for this change, or it is about you. With four eyes, somebody else has to approve it.";
        return Approval::Barred(says.to_owned());
    }
    Approval::Open { digest: preview.digest.to_string(), short: preview.digest.short() }
}

fn draw_attempt(attempt: &queue::store::Attempt, now: OffsetDateTime) -> Attempt {
    let outcome = match attempt.ended.map(|(_, outcome)| outcome) {
        None => Badge::busy("Under way"),
        Some(AttemptOutcome::Provisioned) => Badge::good("Provisioned"),
        Some(AttemptOutcome::Adopted) => Badge::good("Taken over"),
        Some(AttemptOutcome::Again) => Badge::again("Tried again later"),
        Some(AttemptOutcome::Failed) => Badge::bad("Failed"),
        Some(AttemptOutcome::Drifted) => Badge::over("Not sent"),
    };
    let exchanges = attempt.exchanges.iter().enumerate().map(|(at, exchange)| {
        let id = format!("attempt-{}-{}", attempt.number, at + 1);
        let request = &exchange.request;
        let (status, took) = (exchange.status, exchange.duration_ms);
        Exchange {
            request: RequestBlock::new(id, &*request.method, &*request.path, request.body.as_ref()),
            outcome: match status {
                Some(status) => format!("{status} in {took} ms"),
                None => format!("no answer after {took} ms"),
            },
            answer: exchange.answer.clone(),
        }
    });
    Attempt {
        number: attempt.number.unsigned_abs(),
        outcome,
        says: attempt.says.clone(),
        at: Moment::short(attempt.started_at, now),
        exchanges: exchanges.collect(),
    }
}
