//! Whether the server keeps what it says it has.

use sqlx::PgPool;

/// Whether what is committed is on disk, and stays whole there. With `fsync` or `full_page_writes` off, a machine
/// that fails may take accepted changes with it; no session can overrule that.
///
/// # Errors
/// When the database does not answer.
pub async fn is_durable(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select current_setting('fsync')::boolean and current_setting('full_page_writes')::boolean as "is_durable!""#
    )
    .fetch_one(pool)
    .await
}
