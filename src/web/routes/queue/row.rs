//! Rows of the queue: drawn with all that is read for a page of them at once, or one by one.

use std::collections::HashMap;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use time::{Duration, OffsetDateTime};

use super::{
    super::{
        action::stopped,
        page,
        people::{Sources, called, name_of, sources},
    },
    asked::Asked,
    hints::Hints,
};
use crate::{
    access::{Actor, Reader},
    apps::App,
    directory::{self, Named},
    kernel::{ActionId, UserId},
    queue::{self, Action, Decider, State as ActionState, store::Tab},
    web::{
        parts::{Badge, ChangeLine, Countdown, Moment},
        paths,
        problem::Problem,
        queue::{Note, QueueRow, RowAct, RowDecide},
        session::May,
        state::WebState,
        status,
        surroundings::echosign,
    },
};

/// After how long a wait is shown as too long.
const LATE: Duration = Duration::hours(12);

/// How long a row offers to undo a rejection; its page always does.
const FRESH: Duration = Duration::hours(1);

/// What rows are drawn with.
pub(in crate::web::routes) struct Drawing<'a> {
    actor: &'a Actor,
    app: App,
    people: HashMap<UserId, Named>,
    sources: Sources,
    hints: Hints,
    /// The tab they stand on; `None` for all of them.
    tab: Option<Tab>,
    /// The list they stand in, as a query string.
    context: String,
    /// The same with the page of it.
    context_here: String,
    now: OffsetDateTime,
}

/// `GET /users/provisioning/{id}/row`
pub(in crate::web::routes) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    Path(id): Path<ActionId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    redrawn(&state, reader.actor(), &asked, id, None).await
}

/// A row as it is now, in the place where it was; with a note on what could not be done.
pub(in crate::web::routes) async fn redrawn(
    state: &WebState,
    reader: &Actor,
    asked: &Asked,
    id: ActionId,
    refused: Option<Note>,
) -> Result<Response, Problem> {
    let action = queue::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    let actions = [action];
    let drawing = Drawing::load(state, reader, asked, &actions).await?;
    let mut row = drawing.row(&actions[0]);
    row.said = match &refused {
        Some(note) => note.says.clone(),
        None => format!("{}: {} {}", row.state.word(), row.kind.word(), row.who.name()),
    };
    row.notes.extend(refused);
    page(&row)
}

impl<'a> Drawing<'a> {
    /// Reads what the rows of `actions` need, with the same few statements however many they are.
    pub(in crate::web::routes) async fn load(
        state: &WebState,
        actor: &'a Actor,
        asked: &Asked,
        actions: &[Action],
    ) -> Result<Self, Problem> {
        let (pool, now) = (&state.pool, state.clock.now());
        let ids: Vec<UserId> = actions.iter().map(|action| action.content.account).collect();
        Ok(Self {
            actor,
            app: echosign(state).await?,
            people: directory::store::names(pool, &ids).await?,
            sources: sources(state).await?,
            hints: Hints::load(pool, actions).await?,
            tab: asked.understood(now, actor).filter.tab,
            context: asked.context(),
            context_here: asked.context_here(),
            now,
        })
    }

    pub(in crate::web::routes) const fn app(&self) -> &App {
        &self.app
    }

    pub(in crate::web::routes) fn row(&self, action: &Action) -> QueueRow {
        let (id, content, now) = (action.id, &action.content, self.now);
        let who = called(self.people.get(&content.account));
        let waits = action.state == ActionState::Pending;
        QueueRow {
            id: id.to_string(),
            row: format!("{}{}", paths::action_step(id, "row"), self.context_here),
            who: who.opening(self.address(&paths::action(id))),
            kind: Badge::kind(content.kind),
            change: ChangeLine::of(content.kind, &content.changes),
            hints: self.hints.on(action, &self.sources),
            notes: self.notes(action),
            at: Moment::short(action.created_at, now),
            late: waits && now - action.created_at > LATE,
            source: name_of(&self.sources, &action.source),
            app: self.app.name.clone(),
            state: status::badge(action.state.status()),
            decided: self.decided(action),
            over: self.tab.is_some_and(|tab| tab != action.state.status().tab()),
            said: String::new(),
            act: self.act(action),
        }
    }

    /// An address that knows the list.
    fn address(&self, path: &str) -> String {
        format!("{path}{}", self.context)
    }

    fn act(&self, action: &Action) -> RowAct {
        let step = |step| format!("{}{}", paths::action_step(action.id, step), self.context_here);
        if self.may_decide(action) && action.candidates.is_empty() {
            return RowAct::Decide(RowDecide {
                approve: step("approve"),
                reject: step("reject"),
                by_hand: self.address(&paths::action(action.id)),
                digest: action.digest().to_string(),
                needs_reason: self.needs_reason(action),
            });
        }
        if self.actor.approver().is_err() {
            return RowAct::Nothing;
        }
        match &action.state {
            ActionState::Approved(decision) if matches!(decision.by, Decider::Person { .. }) => {
                let until = decision.at + Duration::seconds(self.app.sending.undo_seconds.into());
                if until <= self.now {
                    return RowAct::Nothing;
                }
                // While nothing is sent there is no time to tell.
                let left = Some(Countdown::to(until, self.now));
                RowAct::Undo(step("undo"), left.filter(|_| stopped(&self.app, action).is_none()))
            }
            ActionState::Rejected(decision) if self.now - decision.at < FRESH => {
                RowAct::Undo(step("undo"), None)
            }
            _ => RowAct::Nothing,
        }
    }

    fn needs_reason(&self, action: &Action) -> bool {
        let rule = self.app.reasons.get(&action.content.kind);
        rule.is_some_and(|rule| rule.required)
    }

    fn decided(&self, action: &Action) -> Option<(String, Moment)> {
        let decision = action.state.decision()?;
        let by = match &decision.by {
            Decider::Person { id, .. } if self.actor.same_person().contains(id) => "you".to_owned(),
            Decider::Person { name, .. } => name.clone(),
            Decider::Rule(_) => "a rule".to_owned(),
        };
        // Whoever approved it is not who ended it.
        let says = match action.state {
            ActionState::Cancelled(..) | ActionState::Withdrawn(..) => format!("approved by {by}"),
            _ => format!("by {by}"),
        };
        Some((says, Moment::ago(decision.at, self.now)))
    }

    fn may_decide(&self, action: &Action) -> bool {
        action.state == ActionState::Pending
            && self.actor.approver().is_ok()
            && !action.bars(self.actor, &self.app)
    }

    fn notes(&self, action: &Action) -> Vec<Note> {
        match &action.state {
            ActionState::Failed(_, _, cause) => vec![Note::bad(cause.clone())],
            ActionState::Pending
                if self.actor.approver().is_ok() && action.bars(self.actor, &self.app) =>
            {
                vec![Note::quiet("You asked for this, or it is about you")]
            }
            ActionState::Pending if !action.candidates.is_empty() => {
                vec![Note::look("Which account is theirs?")]
            }
            ActionState::Approved(_) if self.app.pause.is_some() => vec![Note::look("Paused")],
            _ => Vec::new(),
        }
    }
}
