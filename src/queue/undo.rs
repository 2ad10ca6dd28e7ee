//! Taking an approval back before it is sent.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Action, State,
    decide::lock,
    late,
    propose::{Asking, details, rederive},
    retry::MoveError,
    store,
};
use crate::{
    access::Approver,
    audit::{self, Verb},
    kernel::ActionId,
};

/// Takes an approval back: the action waits for a decision again, as what is wanted by now.
///
/// # Errors
/// [`MoveError::Illegal`] unless it is approved, [`MoveError::Begun`] once it was tried.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn undo(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    id: ActionId,
) -> Result<Action, MoveError> {
    let stored = store::find(pool, id).await?.ok_or(MoveError::NotFound)?;
    let mut tx = pool.begin().await?;
    let (mut action, user, app) = lock(&mut tx, &stored).await?;
    let undone = late::step::<MoveError>(&mut tx, &action, State::undo).await?;
    if store::is_tried(&mut tx, id).await? {
        return Err(MoveError::Begun);
    }
    // Whoever let it through is named, as the action itself forgets them.
    let mut told = details(&action, &user, &app);
    told["approvedBy"] = action.state.decision().map(|decision| decision.by.name()).into();
    action.state = undone;
    store::put(&mut tx, now, &mut action).await?;
    store::dequeue(&mut tx, &action).await?;
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionUndone, action.about(), told).await?;
    // Until now it counted as done; a newer change may have been laid over it.
    let asking = Asking::again(now, by.actor().by(), &action).always_held();
    rederive(&mut tx, &asking, &app, &user).await?;
    let action = store::lock(&mut tx, id).await?.ok_or(MoveError::NotFound)?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}
