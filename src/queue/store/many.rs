//! Writes what was decided on many actions at once.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::super::{Action, Decider, action::SEND, flow::gate_of};
use crate::jobs::{self, NewJob};

/// Writes back what one person decided on some actions with one statement: their states and the decision, whose
/// time, name and reason are the same on all of them.
///
/// # Errors
/// When the database does not answer.
pub async fn put_decided(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    actions: &mut [Action],
) -> sqlx::Result<()> {
    let Some(decision) = actions.first().and_then(|action| action.state.decision()).cloned() else {
        return Ok(());
    };
    for action in &mut *actions {
        action.changed_at = now;
    }
    let ended: Vec<_> = actions.iter().map(|action| action.state.ended_at()).collect();
    let by = match &decision.by {
        Decider::Person { id, .. } => Some(*id),
        Decider::Rule(_) => None,
    };
    sqlx::query!(
        "update actions
         set state = new.state, four_eyes = new.four_eyes, decided_digest = actions.digest, ended_at = new.ended_at,
             decided_at = $5, decided_by = $6, decided_name = $7, reason = $8, changed_at = $9, candidates = '[]'
         from unnest($1::uuid[], $2::text[], $3::boolean[], $4::timestamptz[]) as new (id, state, four_eyes, ended_at)
         where actions.id = new.id",
        &actions.iter().map(|action| action.id.uuid()).collect::<Vec<_>>(),
        &actions.iter().map(|action| action.state.status().word()).collect::<Vec<_>>() as _,
        &actions.iter().map(|action| action.four_eyes).collect::<Vec<_>>(),
        &ended as _,
        decision.at,
        by,
        decision.by.name(),
        decision.reason,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Enqueues the jobs that send some actions, each not before the time beside it. The caller holds the locks of
/// their accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_all(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    actions: &[Action],
    due: &[OffsetDateTime],
) -> sqlx::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    let lanes: Vec<_> = actions.iter().map(Action::lane).collect();
    let gates: Vec<_> = actions.iter().map(|action| gate_of(action.content.app)).collect();
    let jobs: Vec<_> = actions
        .iter()
        .zip(lanes.iter().zip(&gates))
        .zip(due)
        .map(|((action, (lane, gate)), due_at)| NewJob {
            kind: SEND,
            lane: Some(lane),
            gate,
            due_at: *due_at,
            payload: action.job(),
        })
        .collect();
    jobs::store::enqueue(tx, now, &jobs).await
}
