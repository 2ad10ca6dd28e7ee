//! Giving an approved or failed action up.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{Action, decide::lock, propose::details, retry::MoveError, store};
use crate::{
    access::Retrier,
    audit::{self, Verb},
    kernel::ActionId,
};

/// Gives an action up before it is sent, or after it failed. Its job finds that and sends nothing.
///
/// # Errors
/// [`MoveError::Illegal`] unless it is approved or failed.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn cancel(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Retrier,
    id: ActionId,
) -> Result<Action, MoveError> {
    let stored = store::find(pool, id).await?.ok_or(MoveError::NotFound)?;
    let mut tx = pool.begin().await?;
    let (mut action, user, app) = lock(&mut tx, &stored).await?;
    action.state = action.state.cancel(now)?;
    store::put(&mut tx, now, &mut action).await?;
    let told = details(&action, &user, &app);
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionCancelled, action.about(), told)
        .await?;
    tx.commit().await?;
    Ok(action)
}
