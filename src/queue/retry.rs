//! Sending a failed action again.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Action, Illegal, State, Status,
    asking::Asking,
    decide::lock,
    late,
    propose::{details, rederive},
    store,
};
use crate::{
    access::Retrier,
    audit::{self, Verb},
    kernel::ActionId,
};

/// Why an action was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// There is no such action.
    #[error("there is no such action")]
    NotFound,
    /// It is not in a state from which that is possible.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// It was tried already, so that nobody knows what the app has by now.
    #[error(
        "it was tried already and may have had an effect: give it up instead, or prepare the reverse action once it is done"
    )]
    Begun,
    /// Nothing is asked for while provisioning to the app of that name is off.
    #[error("provisioning to {0} is off: turn it on first, so that what is still wanted is known")]
    Off(String),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Has a failed action sent again: its approval of the same content still stands. It goes out in its
/// old place, before what was approved since for the same account. One that is no longer wanted is withdrawn.
///
/// # Errors
/// [`MoveError::Illegal`] unless it failed.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn retry(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Retrier,
    id: ActionId,
) -> Result<Action, MoveError> {
    let stored = store::find(pool, id).await?.ok_or(MoveError::NotFound)?;
    let mut tx = pool.begin().await?;
    let (before, user, app) = lock(&mut tx, &stored).await?;
    if before.state.status() == Status::Failed {
        // What is no longer wanted is withdrawn, and not sent after what took its place.
        let mut asking = Asking::again(now, by.actor().by(), &before);
        by.actor().same_person().into_iter().for_each(|id| asking.bar(id));
        rederive(&mut tx, &asking, &app, &user).await?;
    }
    let mut action = store::lock(&mut tx, id).await?.ok_or(MoveError::NotFound)?;
    action.state = match late::step::<MoveError>(&mut tx, &action, State::retry).await {
        Ok(state) => state,
        Err(too_late) => {
            tx.commit().await?;
            return Err(too_late);
        }
    };
    store::put(&mut tx, now, &mut action).await?;
    let told = details(&action, &user, &app);
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionRetried, action.about(), told)
        .await?;
    store::release(&mut tx, now, &action).await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}
