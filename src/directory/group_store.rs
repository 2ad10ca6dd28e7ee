//! Reads and writes `groups` and `members`.

use std::collections::HashMap;

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Group, Member, Source};
use crate::kernel::{GroupId, UserId};

/// What a [`Row`] is read from.
pub(super) const COLUMNS: &str =
    "id, source, display_name, external_id, resource, version, created_at, updated_at";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    source: String,
    display_name: String,
    external_id: Option<String>,
    resource: Json,
    version: i64,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl From<Row> for Group {
    fn from(row: Row) -> Self {
        Self {
            id: GroupId::from(row.id),
            source: Source(row.source),
            display_name: row.display_name,
            external_id: row.external_id,
            resource: row.resource,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select id, source, display_name, external_id, resource, version, created_at, updated_at
             from groups " + $rest
            $(, $bind)*
        )
    };
}

/// A group of a source.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, source: &Source, id: GroupId) -> sqlx::Result<Option<Group>> {
    let row = select!("where id = $1 and source = $2", id.uuid(), source.0);
    Ok(row.fetch_optional(pool).await?.map(Group::from))
}

/// Reads one group of a source and holds it until `tx` ends. Whoever changes its members takes this lock first.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(
    tx: &mut PgConnection,
    source: &Source,
    id: GroupId,
) -> sqlx::Result<Option<Group>> {
    let row = select!("where id = $1 and source = $2 for update", id.uuid(), source.0);
    Ok(row.fetch_optional(tx).await?.map(Group::from))
}

/// Writes a new group, without members.
///
/// # Errors
/// A violation that [`taken`] names when another group of the source has the name or the external id.
pub async fn insert(tx: &mut PgConnection, group: &Group) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into groups (id, source, display_name, external_id, resource, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        group.id.uuid(),
        group.source.0,
        group.display_name,
        group.external_id,
        group.resource,
        group.version,
        group.created_at,
        group.updated_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes back all of a group that may change, but for its members.
///
/// # Errors
/// As [`insert`].
pub async fn put(tx: &mut PgConnection, group: &Group) -> sqlx::Result<()> {
    sqlx::query!(
        "update groups
         set display_name = $2, external_id = $3, resource = $4, version = $5, updated_at = $6
         where id = $1",
        group.id.uuid(),
        group.display_name,
        group.external_id,
        group.resource,
        group.version,
        group.updated_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes a group; its members leave it.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut PgConnection, id: GroupId) -> sqlx::Result<()> {
    sqlx::query!("delete from groups where id = $1", id.uuid()).execute(tx).await?;
    Ok(())
}

/// The attribute whose value another group of the source has already, if `error` says so.
#[must_use]
pub fn taken(error: &sqlx::Error) -> Option<&'static str> {
    match error.as_database_error()?.constraint()? {
        "groups_display_name" => Some("displayName"),
        "groups_external_id" => Some("externalId"),
        _ => None,
    }
}

/// How many members a group has.
///
/// # Errors
/// When the database does not answer.
pub async fn count_members(tx: &mut PgConnection, id: GroupId) -> sqlx::Result<u64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from members where group_id = $1"#,
        id.uuid()
    );
    Ok(u64::try_from(count.fetch_one(tx).await?).unwrap_or_default())
}

/// Some members of a group, oldest person first after `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn members(
    pool: &PgPool,
    id: GroupId,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<Member>> {
    let rows = sqlx::query!(
        "select users.id, users.user_name
         from members join users on users.id = members.user_id
         where members.group_id = $1 and members.user_id > $2
         order by members.user_id
         limit $3",
        id.uuid(),
        after.map_or_else(Uuid::nil, UserId::uuid),
        limit,
    );
    let rows = rows.fetch_all(pool).await?.into_iter();
    Ok(rows.map(|row| Member { user: UserId::from(row.id), display: row.user_name }).collect())
}

/// All members of some groups, oldest person first. As many as there are: ask for few groups.
///
/// # Errors
/// When the database does not answer.
pub async fn members_of(
    pool: &PgPool,
    groups: &[GroupId],
) -> sqlx::Result<HashMap<GroupId, Vec<Member>>> {
    let ids: Vec<Uuid> = groups.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select members.group_id, users.id, users.user_name
         from members join users on users.id = members.user_id
         where members.group_id = any($1)
         order by members.group_id, members.user_id",
        &ids,
    );
    let mut members: HashMap<GroupId, Vec<Member>> = HashMap::new();
    for row in rows.fetch_all(pool).await? {
        let member = Member { user: UserId::from(row.id), display: row.user_name };
        members.entry(GroupId::from(row.group_id)).or_default().push(member);
    }
    Ok(members)
}

/// The groups of a source that some people are in, by name: what is shown as `groups` of a user.
///
/// # Errors
/// When the database does not answer.
pub async fn groups_of(
    pool: &PgPool,
    source: &Source,
    users: &[UserId],
) -> sqlx::Result<HashMap<UserId, Vec<(GroupId, String)>>> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select members.user_id, groups.id, groups.display_name
         from members join groups on groups.id = members.group_id
         where members.user_id = any($1) and groups.source = $2
         order by members.user_id, lower(groups.display_name)",
        &ids,
        source.0,
    );
    let mut groups: HashMap<UserId, Vec<(GroupId, String)>> = HashMap::new();
    for row in rows.fetch_all(pool).await? {
        let group = (GroupId::from(row.id), row.display_name);
        groups.entry(UserId::from(row.user_id)).or_default().push(group);
    }
    Ok(groups)
}

/// Puts people into a group and returns how many were not in it before. Nobody who is deleted comes in.
///
/// # Errors
/// When the database does not answer.
pub async fn add_members(
    tx: &mut PgConnection,
    id: GroupId,
    users: &[UserId],
) -> sqlx::Result<u64> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    // Whoever is being deleted meanwhile is waited for.
    let added = sqlx::query!(
        "insert into members (group_id, user_id)
         select $1, users.id from users
         where users.id = any($2) and deleted_at is null
             and not exists (select from members where group_id = $1 and user_id = users.id)
         order by users.id
         for key share of users",
        id.uuid(),
        &ids,
    );
    Ok(added.execute(tx).await?.rows_affected())
}

/// The first of some people who is not in a group.
///
/// # Errors
/// When the database does not answer.
pub async fn first_outside(
    tx: &mut PgConnection,
    id: GroupId,
    users: &[UserId],
) -> sqlx::Result<Option<UserId>> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    let outside = sqlx::query_scalar!(
        r#"select asked.id as "id!" from unnest($2::uuid[]) with ordinality as asked(id, place)
           where not exists (select from members where group_id = $1 and user_id = asked.id)
           order by asked.place
           limit 1"#,
        id.uuid(),
        &ids,
    );
    Ok(outside.fetch_optional(tx).await?.map(UserId::from))
}

/// Takes people out of a group and returns how many were in it.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_members(
    tx: &mut PgConnection,
    id: GroupId,
    users: &[UserId],
) -> sqlx::Result<u64> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    let removed = sqlx::query!(
        "delete from members where group_id = $1 and user_id = any($2)",
        id.uuid(),
        &ids,
    );
    Ok(removed.execute(tx).await?.rows_affected())
}

/// Takes everybody out of a group but some, and returns how many were in it.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_members_but(
    tx: &mut PgConnection,
    id: GroupId,
    users: &[UserId],
) -> sqlx::Result<u64> {
    let ids: Vec<Uuid> = users.iter().map(|id| id.uuid()).collect();
    let removed = sqlx::query!(
        "delete from members
         where group_id = $1 and not exists (select from unnest($2::uuid[]) as stays(id) where stays.id = user_id)",
        id.uuid(),
        &ids,
    );
    Ok(removed.execute(tx).await?.rows_affected())
}

/// Takes somebody out of every group.
///
/// # Errors
/// When the database does not answer.
pub async fn leave_all(tx: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from members where user_id = $1", user.uuid()).execute(tx).await?;
    Ok(())
}

/// What the groups that somebody is in are called, of whatever source; at most `limit`, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// By name, each once.
    pub first: Vec<String>,
    /// How many are left out.
    pub more: usize,
}

/// The groups that somebody is in.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of(pool: &PgPool, user: UserId, limit: usize) -> sqlx::Result<Names> {
    let rows = sqlx::query!(
        r#"select display_name, count(*) over () as "all!"
           from (
               select distinct groups.display_name
               from members join groups on groups.id = members.group_id
               where members.user_id = $1
           ) as named
           order by lower(display_name), display_name
           limit $2"#,
        user.uuid(),
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    let rows = rows.fetch_all(pool).await?;
    let all = rows.first().map_or(0, |row| usize::try_from(row.all).unwrap_or_default());
    let first: Vec<_> = rows.into_iter().map(|row| row.display_name).collect();
    Ok(Names { more: all.saturating_sub(first.len()), first })
}
