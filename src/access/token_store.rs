//! Reads and writes `tokens`.

use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Role, store::read_role, tokens::SourceToken};
use crate::{
    directory::Source,
    kernel::{AdministratorId, Digest, TokenId},
};

/// How long a use is not noted again, so that reading stays cheap.
const NOTED: Duration = Duration::MINUTE;

pub(super) struct TokenRow {
    pub(super) id: TokenId,
    pub(super) name: String,
    pub(super) role: Option<Role>,
    pub(super) created_by: Option<AdministratorId>,
    pub(super) source: Option<Source>,
}

pub(super) async fn insert_token(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    token: &TokenRow,
    hash: Digest,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into tokens (id, name, scope, role, hash, created_by, created_at, source)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        token.id.uuid(),
        token.name,
        if token.source.is_some() { "scim" } else { "api" },
        token.role.map(Role::word),
        hash.bytes(),
        token.created_by.map(AdministratorId::uuid),
        now,
        token.source.as_ref().map(|source| &*source.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The API token of a hash, if it was not revoked and whoever made it may still sign in.
pub(super) async fn use_api_token(
    pool: &PgPool,
    now: OffsetDateTime,
    hash: Digest,
) -> sqlx::Result<Option<TokenRow>> {
    let row = sqlx::query!(
        "select tokens.id, tokens.name, tokens.role, tokens.created_by, tokens.last_used_at
         from tokens left join administrators on administrators.id = tokens.created_by
         where tokens.hash = $1 and tokens.scope = 'api' and tokens.revoked_at is null
           and (tokens.expires_at is null or tokens.expires_at > $2)
           and administrators.disabled_at is null",
        hash.bytes(),
        now,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    note_use(pool, now, row.id, row.last_used_at).await?;
    let id = TokenId::from(row.id);
    let role = row.role.map(|role| read_role(&role, "tokens", &id)).transpose()?;
    let created_by = row.created_by.map(AdministratorId::from);
    Ok(Some(TokenRow { id, name: row.name, role, created_by, source: None }))
}

/// The SCIM token of a hash, and whether it is still good.
pub(super) async fn use_scim_token(
    pool: &PgPool,
    now: OffsetDateTime,
    hash: Digest,
) -> sqlx::Result<Option<(TokenRow, bool)>> {
    let row = sqlx::query!(
        r#"select id, name, source, last_used_at,
             revoked_at is null and (expires_at is null or expires_at > $2) as "good!"
         from tokens where hash = $1 and scope = 'scim'"#,
        hash.bytes(),
        now,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.good {
        note_use(pool, now, row.id, row.last_used_at).await?;
    }
    let source = row.source.map(Source);
    let id = TokenId::from(row.id);
    let token = TokenRow { id, name: row.name, role: None, created_by: None, source };
    Ok(Some((token, row.good)))
}

/// The tokens of some sources that were not revoked, newest first. Bounded: what ran out long ago is left away.
pub(super) async fn of_sources(
    pool: &PgPool,
    now: OffsetDateTime,
    sources: &[String],
) -> sqlx::Result<Vec<SourceToken>> {
    let rows = sqlx::query!(
        r#"select id, source as "source!", created_at, last_used_at, expires_at
           from tokens
           where source = any($1) and revoked_at is null and (expires_at is null or expires_at > $2)
           order by created_at desc, id desc
           limit 1000"#,
        sources,
        now,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SourceToken {
            id: row.id.into(),
            source: Source(row.source),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
        .collect())
}

/// The newest token that a source was ever given.
pub(super) async fn newest_of_source(
    tx: &mut PgConnection,
    source: &Source,
) -> sqlx::Result<Option<TokenId>> {
    let newest = sqlx::query_scalar!(
        "select id from tokens where source = $1 order by created_at desc, id desc limit 1",
        source.0,
    );
    Ok(newest.fetch_optional(tx).await?.map(TokenId::from))
}

/// Has the tokens of a source run out at `at`, unless they do so before.
pub(super) async fn run_out(
    tx: &mut PgConnection,
    source: &Source,
    at: OffsetDateTime,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update tokens set expires_at = $2
         where source = $1 and revoked_at is null and (expires_at is null or expires_at > $2)",
        source.0,
        at,
    );
    Ok(done.execute(tx).await?.rows_affected())
}

/// Revokes the tokens of a source.
pub(super) async fn revoke(
    tx: &mut PgConnection,
    source: &Source,
    now: OffsetDateTime,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update tokens set revoked_at = $2 where source = $1 and revoked_at is null",
        source.0,
        now,
    );
    Ok(done.execute(tx).await?.rows_affected())
}

async fn note_use(
    pool: &PgPool,
    now: OffsetDateTime,
    id: Uuid,
    before: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    if before.is_none_or(|used| now - used > NOTED) {
        sqlx::query!("update tokens set last_used_at = $2 where id = $1", id, now)
            .execute(pool)
            .await?;
    }
    Ok(())
}
