//! Who looks like somebody else, and who was here before.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::UserId;

/// Those of `users` who look like somebody else: by their name, or by their address up to the `@`.
///
/// # Errors
/// When the database does not answer.
pub async fn alike(tx: &mut PgConnection, users: &[UserId]) -> sqlx::Result<HashSet<UserId>> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let ids = sqlx::query_scalar!(
        "select id from users
         where id = any($1) and (
             exists (
                 select 1 from users other
                 where other.sort_name = users.sort_name and other.deleted_at is null and other.id <> users.id
             )
             or exists (
                 select 1 from users other
                 where lower(split_part(other.email, '@', 1)) = lower(split_part(users.email, '@', 1))
                   and other.email is not null and other.deleted_at is null and other.id <> users.id
             )
         )",
        &uuids(users),
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

/// Those of `users` whose user name somebody had who was deleted.
///
/// # Errors
/// When the database does not answer.
pub async fn returned(tx: &mut PgConnection, users: &[UserId]) -> sqlx::Result<HashSet<UserId>> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let ids = sqlx::query_scalar!(
        "select id from users
         where id = any($1) and exists (
             select 1 from users gone
             where lower(gone.user_name) = lower(users.user_name) and gone.deleted_at is not null
               and gone.id <> users.id
         )",
        &uuids(users),
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

fn uuids(users: &[UserId]) -> Vec<Uuid> {
    users.iter().map(|user| user.uuid()).collect()
}
