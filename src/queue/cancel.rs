//! Giving an approved or failed action up.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Action,
    asking::Asking,
    decide::lock,
    doubt::doubt,
    late,
    propose::{details, rederive},
    retry::MoveError,
    store,
};
use crate::{
    access::Retrier,
    audit::{self, Verb},
    kernel::ActionId,
};

/// Gives an action up before it is sent, or after it failed; what waited behind it goes on. What is still
/// wanted then is asked for anew, and waits for a person whatever the rules say: rejected there, it stays away.
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
    action.state = late::step::<MoveError>(&mut tx, &action, |state| state.cancel(now)).await?;
    store::put(&mut tx, now, &mut action).await?;
    store::dequeue(&mut tx, &action).await?;
    let mut told = details(&action, &user, &app);
    if let Some(may) = doubt(&mut tx, &action).await? {
        let name = &app.name;
        let says = format!("Nobody heard how its last try ended: {name} may have {may}.");
        told["says"] = says.into();
    }
    audit::record(&mut tx, now, &by.actor().by(), Verb::ActionCancelled, action.about(), told)
        .await?;
    let asking = Asking::again(now, by.actor().by(), &action).always_held();
    rederive(&mut tx, &asking, &app, &user).await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}
