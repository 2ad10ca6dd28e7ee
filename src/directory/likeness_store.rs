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
    // Planned anew for each list of ids, which takes longer than looking: a plan that was made while the table was empty
    // would take any index for as good as another, and stay.
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
    // Planned once: Postgres is not told how many there are.
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
