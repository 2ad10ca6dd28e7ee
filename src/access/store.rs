//! Reads and writes `administrators`, `setup_links` and `sign_in_failures`.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Actor, Role, Who};
use crate::{
    db::Corrupt,
    kernel::{AdministratorId, Digest},
};

/// An administrator as listed.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Who.
    pub id: AdministratorId,
    /// What they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are trusted with.
    pub role: Role,
    /// Whether they may still sign in.
    pub enabled: bool,
}

impl From<Administrator> for Actor {
    fn from(administrator: Administrator) -> Self {
        Self {
            who: Who::Administrator(administrator.id),
            name: administrator.name,
            email: Some(administrator.email),
            role: administrator.role,
        }
    }
}

struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    disabled_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for Administrator {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let id = AdministratorId::from(row.id);
        let role = read_role(&row.role, "administrators", &id)?;
        let enabled = row.disabled_at.is_none();
        Ok(Self { id, email: row.email, name: row.name, role, enabled })
    }
}

pub(super) fn read_role(
    word: &str,
    table: &'static str,
    row: &impl ToString,
) -> Result<Role, Corrupt> {
    word.parse().map_err(|_| Corrupt { table, row: row.to_string() })
}

/// The administrator of an id, if they may still sign in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_enabled(
    pool: &PgPool,
    id: AdministratorId,
) -> sqlx::Result<Option<Administrator>> {
    let row = sqlx::query_as!(
        Row,
        "select id, email, name, role, disabled_at from administrators
         where id = $1 and disabled_at is null",
        id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Administrator::try_from).transpose()?)
}

/// Every administrator, by name. Bounded: there are a few dozen at the most.
///
/// # Errors
/// When the database does not answer.
pub async fn list(pool: &PgPool) -> sqlx::Result<Vec<Administrator>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, email, name, role, disabled_at from administrators order by lower(name), id limit 1000",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Administrator::try_from).collect::<Result<_, _>>()?)
}

/// The administrators whose address is one of `names`, each with the place of that name: whom a
/// change of a person who goes by that name is about.
///
/// # Errors
/// When the database does not answer.
pub async fn ids_of_people(
    tx: &mut PgConnection,
    names: &[&str],
) -> sqlx::Result<Vec<(usize, Uuid)>> {
    let rows = sqlx::query!(
        r#"select place as "place!", administrators.id
         from unnest($1::text[]) with ordinality as sought (sought_name, place)
         join administrators on lower(email) = lower(sought_name)"#,
        names as _,
    )
    .fetch_all(tx)
    .await?;
    let place = |place: i64| usize::try_from(place - 1).unwrap_or(usize::MAX);
    Ok(rows.into_iter().map(|row| (place(row.place), row.id)).collect())
}

/// What every administrator signs in with, in lower case. Bounded: there are a few dozen at the most.
///
/// # Errors
/// When the database does not answer.
pub async fn addresses(tx: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"select lower(email) as "email!" from administrators where disabled_at is null limit 1000"#,
    )
    .fetch_all(tx)
    .await
}

/// The enabled administrator of an address, with the hash of their password.
pub(super) async fn find_by_email(
    tx: &mut PgConnection,
    email: &str,
) -> sqlx::Result<Option<(Administrator, String)>> {
    let row = sqlx::query!(
        "select id, email, name, role, disabled_at, password_hash from administrators
         where lower(email) = lower($1) and disabled_at is null",
        email,
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        let hash = row.password_hash;
        let row = Row {
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role,
            disabled_at: row.disabled_at,
        };
        Ok((Administrator::try_from(row)?, hash))
    })
    .transpose()
}

/// The enabled administrator of an address.
///
/// # Errors
/// When the database does not answer.
pub async fn find_enabled_by_email(
    pool: &PgPool,
    email: &str,
) -> sqlx::Result<Option<Administrator>> {
    let mut connection = pool.acquire().await?;
    Ok(find_by_email(&mut connection, email).await?.map(|(administrator, _)| administrator))
}

pub(super) async fn insert_administrator(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    administrator: &Administrator,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into administrators (id, email, name, role, password_hash, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        administrator.id.uuid(),
        administrator.email,
        administrator.name,
        administrator.role.word(),
        password_hash,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn any_administrator(tx: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists (select 1 from administrators) as "exists!""#)
        .fetch_one(tx)
        .await
}

pub(super) async fn insert_setup_link(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    hash: Digest,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into setup_links (token_hash, created_at) values ($1, $2)",
        hash.bytes(),
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn setup_link_is_open(tx: &mut PgConnection, hash: Digest) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from setup_links where token_hash = $1)
           and not exists (select 1 from administrators) as "open!""#,
        hash.bytes(),
    )
    .fetch_one(tx)
    .await
}

/// Takes every setup link away, so that of two that race only one finds the row it came with.
pub(super) async fn take_setup_link(tx: &mut PgConnection, hash: Digest) -> sqlx::Result<bool> {
    sqlx::query!("lock table administrators in share row exclusive mode").execute(&mut *tx).await?;
    let open = setup_link_is_open(tx, hash).await?;
    if open {
        sqlx::query!("delete from setup_links").execute(tx).await?;
    }
    Ok(open)
}

/// Counts one more failure of `subject`; a window that began by `over` begins anew. Returns how many
/// there are now, and since when.
pub(super) async fn count_failure(
    tx: &mut PgConnection,
    subject: Digest,
    now: OffsetDateTime,
    over: OffsetDateTime,
) -> sqlx::Result<(i32, OffsetDateTime)> {
    let row = sqlx::query!(
        "insert into sign_in_failures as known (subject, failures, since) values ($1, 1, $2)
         on conflict (subject) do update
         set failures = case when known.since <= $3 then 1 else known.failures + 1 end,
             since = case when known.since <= $3 then $2 else known.since end
         returning failures, since",
        subject.bytes(),
        now,
        over,
    )
    .fetch_one(tx)
    .await?;
    Ok((row.failures, row.since))
}

/// Takes back one failure that was none.
pub(super) async fn uncount_failure(tx: &mut PgConnection, subject: Digest) -> sqlx::Result<()> {
    sqlx::query!(
        "update sign_in_failures set failures = failures - 1 where subject = $1 and failures > 0",
        subject.bytes(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets the failures of windows that began by `over`, but for those that somebody counts just now.
pub(super) async fn forget_old_failures(
    tx: &mut PgConnection,
    over: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from sign_in_failures where subject in (
             select subject from sign_in_failures where since <= $1 limit 1000 for update skip locked
         )",
        over,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn forget_failures(tx: &mut PgConnection, subject: Digest) -> sqlx::Result<()> {
    sqlx::query!("delete from sign_in_failures where subject = $1", subject.bytes())
        .execute(tx)
        .await?;
    Ok(())
}

/// Forgets sessions that have expired.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_expired_sessions(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("delete from sessions where expires_at <= $1", now).execute(pool).await?;
    Ok(())
}
