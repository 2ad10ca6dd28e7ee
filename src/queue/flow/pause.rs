//! Stopping to send, by hand.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{FlowError, gate, is_paused};
use crate::{
    access::Retrier,
    apps::{self, App, PausedBy},
    audit::{self, About, Verb},
    queue::decide::LONGEST_REASON,
};

/// Nothing more is sent to an app until somebody lets it go on. What is under way comes to its end;
/// what is approved waits in its order.
///
/// # Errors
/// [`FlowError::Already`] when it is paused.
pub async fn pause(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Retrier,
    app: &App,
    reason: &str,
) -> Result<(), FlowError> {
    let reason = reason.trim();
    if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        return Err(FlowError::Reason("A reason is one line of at most 1,000 characters."));
    }
    let name = &by.actor().name;
    let because = match reason {
        "" => format!("{name} paused it."),
        reason => format!("{name} paused it: {reason}"),
    };
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?;
    if let Some(pause) = before.pause {
        return Err(is_paused(app, &pause));
    }
    apps::store::pause(&mut tx, now, app.id, PausedBy::Person, &because).await?;
    gate::set(&mut tx, app.id).await?;
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let told = json!({ "app": app.name, "by": PausedBy::Person, "reason": reason });
    audit::record(&mut tx, now, &by.actor().by(), Verb::AppPaused, About::app(app.id), told)
        .await?;
    tx.commit().await?;
    Ok(())
}
