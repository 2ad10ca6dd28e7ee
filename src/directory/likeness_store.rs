//! Who looks like somebody else, and who was here before.
//!
//! Asked for everybody who comes, so each statement is planned once and not for every list of ids: Postgres is not told
//! how long that is, and looks for each person by itself.

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
        r#"with given (ids) as materialized (select $1::uuid[])
           select wanted.id as "id!"
           from given
           cross join unnest(ids) as wanted (id)
           cross join lateral (select sort_name, email from users where users.id = wanted.id limit 1) as one
           cross join lateral (
               (
                   select from users
                   where users.sort_name = one.sort_name and deleted_at is null and users.id <> wanted.id
                   limit 1
               )
               union all
               (
                   select from users
                   where lower(split_part(users.email, '@', 1)) = lower(split_part(one.email, '@', 1))
                     and users.email is not null and deleted_at is null and users.id <> wanted.id
                   limit 1
               )
               limit 1
           ) as like_them"#,
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
        r#"with given (ids) as materialized (select $1::uuid[])
           select wanted.id as "id!"
           from given
           cross join unnest(ids) as wanted (id)
           cross join lateral (select user_name from users where users.id = wanted.id limit 1) as one
           cross join lateral (
               select from users
               where lower(users.user_name) = lower(one.user_name) and deleted_at is not null
                 and users.id <> wanted.id
               limit 1
           ) as gone"#,
        &uuids(users),
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

fn uuids(users: &[UserId]) -> Vec<Uuid> {
    users.iter().map(|user| user.uuid()).collect()
}
