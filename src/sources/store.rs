//! Reads and writes the rows of `sources` that are identity providers.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Provider;
use crate::directory::Source;

/// Writes a new source; `false` when there is one of that slug.
pub(super) async fn insert(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    source: &Source,
    name: &str,
    provider: Provider,
) -> sqlx::Result<bool> {
    let inserted = sqlx::query!(
        "insert into sources (slug, kind, name, provider, created_at) values ($1, 'scim', $2, $3, $4)
         on conflict (slug) do nothing",
        source.0,
        name,
        provider.word(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}
