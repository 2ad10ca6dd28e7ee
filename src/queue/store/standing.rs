//! How the accounts of some people stand in one app, for a list of people.

use sqlx::PgPool;
use uuid::Uuid;

use super::super::Status;
use crate::{
    apps::change::Kind,
    db::Corrupt,
    kernel::{AppId, UserId},
};

/// How somebody's account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it may be used, by what the app last confirmed; `None` when there is none.
    pub active: Option<bool>,
    /// The newest action that is not over, or failed.
    pub open: Option<(Kind, Status)>,
}

/// How the accounts of `users` stand in `app`; one look-up by index for each.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(
    pool: &PgPool,
    app: AppId,
    users: &[UserId],
) -> sqlx::Result<Vec<(UserId, Standing)>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows = sqlx::query!(
        r#"select wanted.id as "id!", accounts.remote_id as "remote_id?",
               (accounts.attributes ->> 'active')::boolean as active,
               newest.kind as "kind?", newest.state as "state?"
           from unnest($1::uuid[]) as wanted (id)
           left join accounts on accounts.user_id = wanted.id and accounts.app_id = $2
           left join lateral (
               select kind, state from actions
               where user_id = wanted.id and app_id = $2
                 and state in ('pending', 'approved', 'sending', 'failed')
               order by number desc
               limit 1
           ) as newest on true"#,
        &ids,
        app.uuid(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt = || Corrupt { table: "actions", row: row.id.to_string() };
            let open = match (&row.kind, &row.state) {
                (Some(kind), Some(state)) => Some((
                    kind.parse().map_err(|_| corrupt())?,
                    state.parse().map_err(|_| corrupt())?,
                )),
                _ => None,
            };
            let active = row.remote_id.is_some().then_some(row.active.unwrap_or(true));
            Ok((UserId::from(row.id), Standing { active, open }))
        })
        .collect()
}
