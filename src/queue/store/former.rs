//! What the queue knows of people from before.

use std::collections::HashSet;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::kernel::{ActionId, AppId, UserId};

/// Those of `users` whose account in `app` an action was let through to, and those whose account was deleted.
///
/// # Errors
/// When the database does not answer.
pub async fn former(
    tx: &mut PgConnection,
    app: AppId,
    users: &[UserId],
) -> sqlx::Result<(HashSet<UserId>, HashSet<UserId>)> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows = sqlx::query!(
        r#"select wanted.id as "id!", deleted.id is not null as "deleted!"
           from (select distinct id from unnest($2::uuid[]) as wanted (id)) as wanted
           cross join lateral (
               select 1 from actions
               where actions.user_id = wanted.id and actions.app_id = $1
                 and state in ('approved', 'sending', 'failed', 'provisioned')
               limit 1
           ) as let_through
           left join lateral (
               select actions.id from actions
               where actions.user_id = wanted.id and actions.app_id = $1
                 and kind = 'delete' and state = 'provisioned'
               limit 1
           ) as deleted on true"#,
        app.uuid(),
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let known = rows.iter().map(|row| UserId::from(row.id)).collect();
    let deleted = rows.iter().filter(|row| row.deleted).map(|row| UserId::from(row.id)).collect();
    Ok((known, deleted))
}

/// Lists the actions of a user under the name they go by from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn rename(tx: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "update actions set person = users.sort_name
         from users
         where users.id = $1 and actions.user_id = users.id and actions.person <> users.sort_name",
        user.uuid(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of some actions to which an action that does the opposite is not finished.
///
/// # Errors
/// When the database does not answer.
pub async fn opposed(pool: &PgPool, actions: &[ActionId]) -> sqlx::Result<HashSet<ActionId>> {
    if actions.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = actions.iter().map(|action| action.uuid()).collect();
    let found = sqlx::query_scalar!(
        "select actions.id from actions
         where actions.id = any($1) and exists (
             select 1 from actions other
             where other.user_id = actions.user_id and other.app_id = actions.app_id
               and other.state in ('pending', 'approved', 'sending', 'failed')
               and (other.kind in ('create', 'reactivate')) <> (actions.kind in ('create', 'reactivate'))
               and other.kind <> 'update' and actions.kind <> 'update'
         )",
        &ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(found.into_iter().map(ActionId::from).collect())
}
