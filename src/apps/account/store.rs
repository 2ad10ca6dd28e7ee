//! Reads and writes `accounts`.

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Account, Confirmed, Unheard, Unkept};
use crate::{
    apps::change::Attributes,
    db::Corrupt,
    kernel::{AppId, UserId},
};

struct Row {
    remote_id: Option<String>,
    attributes: Json,
    unkept: Json,
    unheard: Json,
    confirmed_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for Confirmed {
    type Error = serde_json::Error;

    fn try_from(row: Row) -> Result<Self, serde_json::Error> {
        Ok(Self {
            remote_id: row.remote_id,
            attributes: serde_json::from_value(row.attributes)?,
            unkept: serde_json::from_value(row.unkept)?,
            unheard: serde_json::from_value(row.unheard)?,
            at: row.confirmed_at,
        })
    }
}

fn read(row: Option<Row>, user: UserId) -> sqlx::Result<Confirmed> {
    let confirmed = row.map(Confirmed::try_from).transpose();
    Ok(confirmed
        .map_err(|_| Corrupt { table: "accounts", row: user.to_string() })?
        .unwrap_or_default())
}

/// Reads what is known of a user's account in an app and holds it until `tx` ends, making
/// the row where there is none. Whatever queues, decides or settles an action takes this lock,
/// so that the jobs of its lane are enqueued in the order of commits.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut PgConnection, app: AppId, user: UserId) -> sqlx::Result<Confirmed> {
    sqlx::query!(
        "insert into accounts (app_id, user_id) values ($1, $2) on conflict do nothing",
        app.uuid(),
        user.uuid(),
    )
    .execute(&mut *tx)
    .await?;
    let row = sqlx::query_as!(
        Row,
        "select remote_id, attributes, unkept, unheard, confirmed_at from accounts
         where app_id = $1 and user_id = $2 for update",
        app.uuid(),
        user.uuid(),
    )
    .fetch_optional(tx)
    .await?;
    read(row, user)
}

/// Holds every account of some people until `tx` ends. Whoever does holds the rows of the people before.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_all(tx: &mut PgConnection, users: &[UserId]) -> sqlx::Result<()> {
    let users: Vec<_> = users.iter().map(|user| user.uuid()).collect();
    sqlx::query!(
        "select 1 as held from accounts where user_id = any($1) order by user_id, app_id for update",
        &users,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Makes the rows of people whom the app never heard of, and so holds them until `tx` ends.
///
/// # Errors
/// When there is one already, or the database does not answer.
pub async fn insert_all(tx: &mut PgConnection, app: AppId, users: &[UserId]) -> sqlx::Result<()> {
    let users: Vec<_> = users.iter().map(|user| user.uuid()).collect();
    sqlx::query!(
        "insert into accounts (app_id, user_id) select $1, id from unnest($2::uuid[]) as new (id)",
        app.uuid(),
        &users,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What is known of a user's account in an app.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, app: AppId, user: UserId) -> sqlx::Result<Confirmed> {
    let row = sqlx::query_as!(
        Row,
        "select remote_id, attributes, unkept, unheard, confirmed_at from accounts
         where app_id = $1 and user_id = $2",
        app.uuid(),
        user.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    read(row, user)
}

/// Stores what the app just told: the account's id and attributes, or that there is none.
///
/// # Errors
/// A violation of `accounts_remote` when the account is another user's already.
pub async fn confirm(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    app: AppId,
    user: UserId,
    account: Option<(&str, &Attributes)>,
    unkept: &Unkept,
) -> sqlx::Result<()> {
    let empty = Attributes::new();
    let (remote_id, attributes) =
        account.map_or((None, &empty), |(id, attributes)| (Some(id), attributes));
    sqlx::query!(
        "update accounts set remote_id = $3, attributes = $4, unkept = $5, unheard = '{}', confirmed_at = $6
         where app_id = $1 and user_id = $2",
        app.uuid(),
        user.uuid(),
        remote_id,
        sqlx::types::Json(attributes) as _,
        sqlx::types::Json(unkept) as _,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Remembers what a change that was given up may have left, until the app next tells.
///
/// # Errors
/// When the database does not answer.
pub async fn doubt(
    tx: &mut PgConnection,
    app: AppId,
    user: UserId,
    unheard: &Unheard,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set unheard = unheard || $3 where app_id = $1 and user_id = $2",
        app.uuid(),
        user.uuid(),
        sqlx::types::Json(unheard) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whom an account belongs to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Whose it is.
    pub user: UserId,
    /// Whether they were deleted, and something is still to be done about their account.
    pub deleted: bool,
}

/// Whose an account is: by the app's id for it, else by the id of ours that it carries, as one does that was made
/// by a try of which nobody heard the end. What was left of somebody who was deleted is nobody's once nothing is to
/// be done about it any more.
///
/// # Errors
/// When the database does not answer.
pub async fn holder(pool: &PgPool, app: AppId, account: &Account) -> sqlx::Result<Option<Holder>> {
    let carried = account.external_id.as_deref().and_then(|id| id.parse::<UserId>().ok());
    let row = sqlx::query!(
        r#"select user_id, deleted_at is not null as "deleted!"
           from accounts join users on id = user_id
           where app_id = $1
             and (remote_id = $2 or remote_id is null and user_id = $3)
             and (deleted_at is null or exists (
                 select 1 from actions
                 where actions.user_id = accounts.user_id and actions.app_id = $1
                   and tab in ('pending', 'progress', 'failed')
             ))
           order by remote_id
           limit 1"#,
        app.uuid(),
        account.remote_id,
        carried.map(UserId::uuid),
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Holder { user: UserId::from(row.user_id), deleted: row.deleted }))
}

/// Lets go of an account that was left of somebody who was deleted, so that another person may have it.
///
/// # Errors
/// When the database does not answer.
pub async fn let_go(tx: &mut PgConnection, app: AppId, remote_id: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set remote_id = null, attributes = '{}', unkept = '{}', unheard = '{}'
         from users
         where app_id = $1 and remote_id = $2 and users.id = user_id and deleted_at is not null
           and not exists (
               select 1 from actions
               where actions.user_id = accounts.user_id and actions.app_id = $1
                 and tab in ('pending', 'progress', 'failed')
           )",
        app.uuid(),
        remote_id,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether `error` says that another user has this account already.
#[must_use]
pub fn is_anothers(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
        == Some("accounts_remote")
}
