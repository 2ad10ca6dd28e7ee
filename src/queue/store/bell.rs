//! The bell that wakes whoever watches the queue.

use sqlx::PgConnection;

/// The channel that is notified once a person's decision commits.
pub const CHANNEL: &str = "decided";

/// Rings once the caller's transaction commits. Postgres lets such transactions commit only one after
/// the other, so only what people do rings; what intake and workers do is seen by looking.
///
/// # Errors
/// When the database does not answer.
pub async fn ring(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx).await?;
    Ok(())
}
