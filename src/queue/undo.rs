//! Taking a decision back: an approval before it is sent, a rejection at any time.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Action, State, Status,
    asking::Asking,
    decide::lock,
    hint, late,
    propose::{details, rederive},
    retry::MoveError,
    store,
};
use crate::{
    access::Approver,
    audit::{self, Verb},
    kernel::ActionId,
};

/// Takes a decision back: the action waits for one again, as what is wanted by now. It is withdrawn at once where
/// nothing of it is.
///
/// # Errors
/// [`MoveError::Illegal`] unless it is approved or rejected, [`MoveError::Begun`] once what was approved was tried,
/// [`MoveError::Off`] where it was rejected and nothing is asked for at present.
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
    // Whoever decided is named, as the action itself forgets them.
    let mut told = details(&action, &user, &app);
    let by_whom = action.state.decision().map(|decision| decision.by.name());
    if action.state.status() == Status::Rejected {
        if !app.provisioning.enabled {
            return Err(MoveError::Off(app.name));
        }
        told["rejectedBy"] = by_whom.into();
        store::forget_refusals_of(&mut tx, &action).await?;
    } else if store::is_tried(&mut tx, id).await? {
        return Err(MoveError::Begun);
    } else {
        told["approvedBy"] = by_whom.into();
        store::dequeue(&mut tx, &action).await?;
    }
    action.state = undone;
    hint::put_again(&mut tx, &app, &user, &mut action).await?;
    store::put(&mut tx, now, &mut action).await?;
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionUndone, action.about(), told).await?;
    // Until now it counted as done, or as not wanted; a newer change may have been laid over it.
    let asking = Asking::again(now, by.actor().by(), &action).always_held();
    rederive(&mut tx, &asking, &app, &user).await?;
    let action = store::lock(&mut tx, id).await?.ok_or(MoveError::NotFound)?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}
