//! Coming to a stop: what was approved is sent, what is approved later waits.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{FlowError, gate, gate_of, is_paused};
use crate::{
    access::Retrier,
    apps::{self, App, PausedBy},
    audit::{self, About, By, Verb},
    jobs::store::gates,
    queue::late,
};

/// Sends what was approved by now, and pauses the app after that.
///
/// # Errors
/// [`FlowError::Already`] when it is paused or drains already.
pub async fn drain(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Retrier,
    app: &App,
) -> Result<(), FlowError> {
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?;
    if let Some(pause) = before.pause {
        return Err(is_paused(app, &pause));
    }
    if !before.is_open() {
        return Err(FlowError::Already(format!("Nothing is sent to {} as it is.", app.name)));
    }
    if !apps::store::drain(&mut tx, now, app.id).await? {
        let by = late::by_whom(&mut tx, app.id, Verb::AppDraining).await?;
        return Err(FlowError::Already(format!("{} is drained already{by}.", app.name)));
    }
    gates::drain(&mut tx, &gate_of(app.id)).await?;
    let told = json!({ "app": app.name });
    audit::record(&mut tx, now, &by.actor().by(), Verb::AppDraining, About::app(app.id), told)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Pauses every app that has nothing left to send of what it was to finish.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_draining(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<()> {
    let apps = apps::store::list(&mut *pool.acquire().await?).await?;
    for app in apps.iter().filter(|app| app.draining_at.is_some()) {
        let mut tx = pool.begin().await?;
        let app = apps::store::lock(&mut tx, app.id).await?;
        if app.draining_at.is_none() || !gates::is_drained(&mut tx, &gate_of(app.id)).await? {
            continue;
        }
        let because = "What was approved is sent. What was approved since waits.";
        apps::store::pause(&mut tx, now, app.id, PausedBy::Person, because).await?;
        gate::set(&mut tx, app.id).await?;
        let told = json!({ "app": app.name, "by": PausedBy::Person, "says": because });
        let by = By::System(app.name.clone());
        audit::record(&mut tx, now, &by, Verb::AppPaused, About::app(app.id), told).await?;
        tx.commit().await?;
    }
    Ok(())
}
