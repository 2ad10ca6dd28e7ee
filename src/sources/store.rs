//! Reads and writes the rows of `sources` that are identity providers.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Provider;
use crate::{db::Corrupt, directory::Source};

/// How many sources a list shows at the most.
const MOST: i64 = 200;

/// A source as it is stored, and the newest token that it was given.
pub(super) struct Row {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) newest: Option<Uuid>,
    provider: String,
}

impl Row {
    pub(super) fn provider(&self) -> Result<Provider, Corrupt> {
        let corrupt = |_| Corrupt { table: "sources", row: self.slug.clone() };
        self.provider.parse().map_err(corrupt)
    }
}

macro_rules! select {
    ($rest:tt, $bind:expr) => {
        sqlx::query_as!(
            Row,
            r#"select slug, name, created_at as "created_at!", provider as "provider!",
                 (select id from tokens where tokens.source = sources.slug
                  order by tokens.created_at desc, id desc limit 1) as newest
               from sources where kind = 'scim' "#
                + $rest,
            $bind
        )
    };
}

/// Every one, by name.
pub(super) async fn list(pool: &PgPool) -> sqlx::Result<Vec<Row>> {
    select!("order by lower(name), slug limit $1", MOST).fetch_all(pool).await
}

/// One.
pub(super) async fn find(pool: &PgPool, source: &Source) -> sqlx::Result<Option<Row>> {
    select!("and slug = $1", source.0).fetch_optional(pool).await
}

/// The name of one, which is held until `tx` ends.
pub(super) async fn lock(tx: &mut PgConnection, source: &Source) -> sqlx::Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select name from sources where slug = $1 and kind = 'scim' for no key update",
        source.0
    );
    name.fetch_optional(tx).await
}

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
