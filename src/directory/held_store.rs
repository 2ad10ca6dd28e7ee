//! Which groups are held: changes of their people always wait for approval.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::kernel::{GroupId, UserId};

/// Whether a person is in a group whose changes always wait for approval.
///
/// # Errors
/// When the database does not answer.
pub async fn is_held(tx: &mut PgConnection, user: UserId) -> sqlx::Result<bool> {
    let held = sqlx::query_scalar!(
        r#"select exists (
             select from members join groups on groups.id = members.group_id
             where members.user_id = $1 and groups.held
         ) as "held!""#,
        user.uuid(),
    );
    held.fetch_one(tx).await
}

/// A group as an owner chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChoice {
    /// Which.
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// What the source that pushed it is called.
    pub source: String,
    /// Whether changes of its people always wait for approval.
    pub held: bool,
}

/// The groups of every source by name, held ones first; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn choices(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<GroupChoice>> {
    let rows = sqlx::query!(
        "select groups.id, groups.display_name, groups.held, sources.name as source
         from groups join sources on sources.slug = groups.source
         order by not held, lower(display_name), groups.id
         limit $1",
        limit,
    );
    let choice =
        |id: Uuid, name, source, held| GroupChoice { id: GroupId::from(id), name, source, held };
    let rows = rows.fetch_all(pool).await?.into_iter();
    Ok(rows.map(|row| choice(row.id, row.display_name, row.source, row.held)).collect())
}

/// Holds these groups and no others; returns the names of those that are held now, if that changed anything.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(tx: &mut PgConnection, ids: &[GroupId]) -> sqlx::Result<Option<Vec<String>>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let changed =
        sqlx::query!("update groups set held = not held where held <> (id = any($1))", &ids);
    if changed.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let names = sqlx::query_scalar!(
        "select display_name from groups where held order by lower(display_name) limit 1000"
    );
    Ok(Some(names.fetch_all(tx).await?))
}
