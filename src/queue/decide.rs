//! Approving and rejecting.

use std::time::Duration;

use serde_json::json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use super::{
    Action, Decider, Decision, Illegal, State, late,
    preview::{Preview, preview},
    propose::details,
    store,
};
use crate::{
    access::Approver,
    apps::{self, App, account, change::Content},
    audit::{self, Verb},
    connector::Connectors,
    directory::{self, User},
    kernel::{ActionId, Digest},
    policy,
};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1_000;

/// What whoever rejects without a reason hears.
pub(super) const NEEDS_REASON: &str = "A reason is needed to reject: whoever asked will read it.";

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such action.
    #[error("there is no such action")]
    NotFound,
    /// Four eyes: whoever asked, or whom it is about, cannot let it through.
    #[error(
        "you asked for this change, or it is about you: with four eyes on, someone else must approve it"
    )]
    OwnRequest,
    /// What was shown is no longer what would be done.
    #[error("this changed since you looked; look at it again")]
    Changed(Box<Preview>),
    /// It is no longer what was counted.
    #[error("it changed since it was counted")]
    Stale,
    /// The reason is missing, too long, or not as the app's rule wants it; says what to mend.
    #[error("{0}")]
    Reason(String),
    /// It was decided already, or undone.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Lets an action through, if `shown` is the digest of what would be done. The decision, its
/// event and the job to send it stand or fall together.
///
/// When `shown` is not the stored digest, the app is read again: what the reviewer saw live is
/// stored and approved if the app still holds it.
///
/// # Errors
/// [`DecideError::Changed`] carries what would be done now.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn approve(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    by: &Approver,
    id: ActionId,
    shown: Digest,
    reason: Option<&str>,
) -> Result<Action, DecideError> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    check(reason)?;
    let stored = store::find(pool, id).await?.ok_or(DecideError::NotFound)?;
    let seen = if stored.digest() == shown {
        stored.content.clone()
    } else {
        reread(pool, connectors, now, id, shown, State::approve).await?
    };

    let mut tx = pool.begin().await?;
    let (mut action, user, app) = lock(&mut tx, &stored).await?;
    if action.digest() != stored.digest() {
        drop(tx);
        return Err(changed(pool, connectors, now, id).await);
    }
    let_through(&mut tx, &mut action, by, &app, decision(now, by, shown, reason)).await?;
    if seen != action.content {
        action.content = seen;
        let told = details(&action, &user, &app);
        audit::record(&mut tx, now, &by.actor().by(), Verb::ActionRebased, action.about(), told)
            .await?;
    }
    store::put(&mut tx, now, &mut action).await?;
    let mut told = details(&action, &user, &app);
    told["reason"] = json!(reason);
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionApproved, action.about(), told)
        .await?;
    let undo = Duration::from_secs(app.sending.undo_seconds.into());
    store::enqueue(&mut tx, now, &action, now + undo).await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}

/// Turns an action down; `reason` is kept. The difference stays rejected until its source value changes.
///
/// # Errors
/// [`DecideError::Reason`] when there is none.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn reject(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    id: ActionId,
    reason: &str,
) -> Result<Action, DecideError> {
    let reason = to_reject(reason)?;
    let stored = store::find(pool, id).await?.ok_or(DecideError::NotFound)?;
    let mut tx = pool.begin().await?;
    let locked = lock(&mut tx, &stored).await?;
    rejected(tx, now, by, locked, reason).await
}

/// The same, if `shown` is the digest of what would be done: a difference that nobody saw is not rejected.
///
/// # Errors
/// [`DecideError::Changed`] carries what would be done now.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn reject_shown(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    by: &Approver,
    id: ActionId,
    shown: Digest,
    reason: &str,
) -> Result<Action, DecideError> {
    let reason = to_reject(reason)?;
    let stored = store::find(pool, id).await?.ok_or(DecideError::NotFound)?;
    if stored.digest() != shown {
        reread(pool, connectors, now, id, shown, State::reject).await?;
    }
    let mut tx = pool.begin().await?;
    let locked = lock(&mut tx, &stored).await?;
    if locked.0.digest() != stored.digest() {
        drop(tx);
        return Err(changed(pool, connectors, now, id).await);
    }
    rejected(tx, now, by, locked, reason).await
}

fn to_reject(reason: &str) -> Result<&str, DecideError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(DecideError::Reason(NEEDS_REASON.to_owned()));
    }
    check(Some(reason))?;
    Ok(reason)
}

async fn rejected(
    mut tx: Transaction<'_, Postgres>,
    now: OffsetDateTime,
    by: &Approver,
    (mut action, user, app): (Action, User, App),
    reason: &str,
) -> Result<Action, DecideError> {
    let decision = decision(now, by, action.digest(), Some(reason));
    turn_down(&mut tx, &mut action, &app, decision).await?;
    store::put(&mut tx, now, &mut action).await?;
    store::refuse(&mut tx, now, &action).await?;
    let mut told = details(&action, &user, &app);
    told["reason"] = json!(reason);
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionRejected, action.about(), told)
        .await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}

/// Approves an action that is held, where `by` may be the one who does.
pub(super) async fn let_through(
    tx: &mut PgConnection,
    action: &mut Action,
    by: &Approver,
    app: &App,
    decision: Decision,
) -> Result<(), DecideError> {
    let reason = decision.reason.clone();
    let approved = late::step::<DecideError>(tx, action, |state| state.approve(decision)).await?;
    if action.bars(by.actor(), app) {
        return Err(DecideError::OwnRequest);
    }
    is_as_ruled(app, action, reason.as_deref())?;
    action.state = approved;
    action.four_eyes = app.provisioning.four_eyes;
    action.candidates = Vec::new();
    Ok(())
}

/// Rejects an action that is held.
pub(super) async fn turn_down(
    tx: &mut PgConnection,
    action: &mut Action,
    app: &App,
    decision: Decision,
) -> Result<(), DecideError> {
    let reason = decision.reason.clone();
    let rejected = late::step::<DecideError>(tx, action, |state| state.reject(decision)).await?;
    is_as_ruled(app, action, reason.as_deref())?;
    action.state = rejected;
    Ok(())
}

/// What the reviewer saw, read live, if it still is what would be done.
async fn reread(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    id: ActionId,
    shown: Digest,
    step: impl FnOnce(State, Decision) -> Result<State, Illegal>,
) -> Result<Content, DecideError> {
    let preview = preview(pool, connectors, now, id).await?.ok_or(DecideError::NotFound)?;
    if preview.digest == shown {
        return Ok(preview.content);
    }
    // Who comes too late hears that, and not that something changed.
    let at = now;
    let by = Decider::Rule(String::new());
    let decision = Decision { by, at, digest: shown, reason: None };
    let mut connection = pool.acquire().await?;
    late::step::<DecideError>(&mut connection, &preview.action, |state| step(state, decision))
        .await?;
    Err(DecideError::Changed(Box::new(preview)))
}

async fn changed(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    id: ActionId,
) -> DecideError {
    match preview(pool, connectors, now, id).await {
        Ok(Some(preview)) => DecideError::Changed(Box::new(preview)),
        Ok(None) => DecideError::NotFound,
        Err(error) => error.into(),
    }
}

/// Locks an action's account and then the action, the order that everybody keeps to.
pub(super) async fn lock(
    tx: &mut PgConnection,
    action: &Action,
) -> sqlx::Result<(Action, User, App)> {
    let (app, user) = (action.content.app, action.content.account);
    let user = directory::store::lock(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    account::store::lock(tx, app, user.id).await?;
    let action = store::lock(tx, action.id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let app = apps::store::fetch(tx, app).await?;
    Ok((action, user, app))
}

pub(super) fn decision(
    now: OffsetDateTime,
    by: &Approver,
    digest: Digest,
    reason: Option<&str>,
) -> Decision {
    let by = Decider::Person { id: by.id(), name: by.actor().name.clone() };
    Decision { by, at: now, digest, reason: reason.map(str::to_owned) }
}

pub(super) fn check(reason: Option<&str>) -> Result<(), DecideError> {
    let reason = reason.unwrap_or_default();
    if reason.chars().count() > LONGEST_REASON {
        return Err(DecideError::Reason("A reason may have at most 1,000 characters.".to_owned()));
    }
    if reason.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(DecideError::Reason(
            "A reason may not hold control characters. Type it again.".to_owned(),
        ));
    }
    Ok(())
}

/// Whether a reason is as the app's rule for this kind of action wants it.
fn is_as_ruled(app: &App, action: &Action, reason: Option<&str>) -> Result<(), DecideError> {
    let rule = app.reasons.get(&action.content.kind);
    policy::reason::check(rule, reason.unwrap_or_default()).map_err(DecideError::Reason)
}
