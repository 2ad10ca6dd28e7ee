//! How an action is told.

use serde::Serialize;
use serde_json::Value as Json;
use time::{OffsetDateTime, serde::rfc3339};

use crate::{
    apps::{
        App,
        account::Candidate,
        change::{Attribute, Attributes, Change, Content, Kind, Value},
    },
    connector::{Exchange, Request},
    directory::User,
    kernel::{ActionId, Digest, UserId},
    queue::{
        Action, Decider, State, Status,
        hint::Hint,
        preview::{Preview, Read},
        store::{Attempt, AttemptOutcome},
    },
};

/// An action, as a list tells it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ActionView {
    id: ActionId,
    number: i64,
    status: Status,
    kind: Kind,
    app: String,
    user: Whose,
    source: String,
    changes: Vec<ChangeView>,
    digest: Digest,
    hints: Vec<Hint>,
    decision: Option<DecisionView>,
    cause: Option<String>,
    #[serde(with = "rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    changed_at: OffsetDateTime,
    #[serde(with = "rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whose {
    id: UserId,
    user_name: String,
    display_name: String,
}

/// What becomes of one attribute.
#[derive(Debug, Serialize)]
pub(in crate::api) struct ChangeView {
    attribute: Attribute,
    from: Option<Value>,
    to: Option<Value>,
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        Self { attribute: change.attribute, from: change.from.clone(), to: change.to.clone() }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DecisionView {
    by: String,
    by_rule: bool,
    #[serde(with = "rfc3339")]
    at: OffsetDateTime,
    digest: Digest,
    reason: Option<String>,
}

impl ActionView {
    /// An action as it is stored.
    pub(super) fn new(action: &Action, user: &User, app: &App) -> Self {
        Self::over(&action.content, action, user, app)
    }

    /// An action whose content was read anew.
    fn over(content: &Content, action: &Action, user: &User, app: &App) -> Self {
        Self {
            id: action.id,
            number: action.number,
            status: action.state.status(),
            kind: content.kind,
            app: app.slug.clone(),
            user: Whose {
                id: user.id,
                user_name: user.profile.user_name.as_str().to_owned(),
                display_name: user.profile.name(),
            },
            source: action.source.0.clone(),
            changes: content.changes.iter().map(ChangeView::from).collect(),
            digest: content.digest(),
            hints: action.hints.clone(),
            decision: action.state.decision().map(|decision| DecisionView {
                by: decision.by.name().to_owned(),
                by_rule: matches!(decision.by, Decider::Rule(_)),
                at: decision.at,
                digest: decision.digest,
                reason: decision.reason.clone(),
            }),
            cause: match &action.state {
                State::Failed(_, _, cause) => Some(cause.clone()),
                _ => None,
            },
            created_at: action.created_at,
            changed_at: action.changed_at,
            ended_at: action.state.ended_at(),
        }
    }
}

/// An action with all that a reviewer sees.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ActionInFull {
    #[serde(flatten)]
    action: ActionView,
    groups: Vec<String>,
    waits_for: Vec<i64>,
    candidates: Vec<Candidate>,
    #[serde(with = "rfc3339::option")]
    sends_at: Option<OffsetDateTime>,
    preview: PreviewView,
    attempts: Vec<AttemptView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PreviewView {
    source: &'static str,
    #[serde(with = "rfc3339::option")]
    at: Option<OffsetDateTime>,
    because: Option<String>,
    rebased: bool,
    present: Option<Attributes>,
    requests: Vec<RequestView>,
}

#[derive(Debug, Serialize)]
struct RequestView {
    method: String,
    path: String,
    body: Option<Json>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AttemptView {
    number: i32,
    #[serde(with = "rfc3339")]
    started_at: OffsetDateTime,
    #[serde(with = "rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
    outcome: Option<AttemptOutcome>,
    says: Option<String>,
    exchanges: Vec<ExchangeView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeView {
    request: RequestView,
    status: Option<u16>,
    answer: String,
    duration_ms: u64,
}

impl ActionInFull {
    /// An action as it would be done now, of somebody in these groups.
    pub(super) fn new(
        preview: Preview,
        groups: Vec<String>,
        attempts: Vec<Attempt>,
        sends_at: Option<OffsetDateTime>,
    ) -> Self {
        let rebased = preview.is_rebased();
        // What is over waits for nothing, though others came after it.
        let over = match preview.action.state {
            State::Failed(..) => false,
            ref state => state.ended_at().is_some(),
        };
        let waits_for = if over { Vec::new() } else { preview.waits_for };
        let (source, at, because) = match preview.read {
            Read::Live { at } => ("live", Some(at), None),
            Read::Confirmed { at, because } => ("confirmed", at, because),
        };
        Self {
            action: ActionView::over(
                &preview.content,
                &preview.action,
                &preview.user,
                &preview.app,
            ),
            groups,
            waits_for,
            candidates: preview.candidates,
            sends_at,
            preview: PreviewView {
                source,
                at,
                because,
                rebased,
                present: preview.present,
                requests: preview.requests.into_iter().map(RequestView::from).collect(),
            },
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<Request> for RequestView {
    fn from(request: Request) -> Self {
        Self { method: request.method, path: request.path, body: request.body }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.ended.map(|(at, _)| at),
            outcome: attempt.ended.map(|(_, outcome)| outcome),
            says: attempt.says,
            exchanges: attempt.exchanges.into_iter().map(ExchangeView::from).collect(),
        }
    }
}

impl From<Exchange> for ExchangeView {
    fn from(exchange: Exchange) -> Self {
        Self {
            request: exchange.request.into(),
            status: exchange.status,
            answer: exchange.answer,
            duration_ms: exchange.duration_ms,
        }
    }
}
