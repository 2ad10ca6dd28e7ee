//! Changes to the groups of a source, one transaction each. They cause no action.

use std::collections::HashSet;

use serde_json::{Value as Json, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::{
    access::Operator,
    audit::{self, About, Verb},
    directory::{Group, Source, group_store as store},
    kernel::{GroupId, UserId},
};

/// The longest name of a group, in characters.
const LONGEST: usize = 256;
/// How many members one change may name.
pub const MOST_MEMBERS: usize = 100_000;

/// A group as a source tells it for the first time.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupTold {
    /// What it is called.
    pub display_name: String,
    /// The source's own id of it.
    pub external_id: Option<String>,
    /// Everything but `id`, `meta`, `externalId` and `members`.
    pub resource: Json,
    /// Who is in it, in any order, and as often as the source says it.
    pub members: Vec<UserId>,
}

/// What changes about a group. Nothing does by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupChange {
    /// What it is called from now on.
    pub rename: Option<String>,
    /// The source's own id of it from now on; `Some(None)` takes it away.
    pub external_id: Option<Option<String>>,
    /// Everything but `id`, `meta`, `externalId` and `members`, from now on.
    pub resource: Option<Json>,
    /// Who is in it from now on, before `remove` and `add`; nobody else is then.
    pub replace_all: Option<Vec<UserId>>,
    /// Who leaves it. It does not matter whether they are in it.
    pub remove: Vec<UserId>,
    /// Who comes into it, also when `remove` names them. It does not matter whether they are in it.
    pub add: Vec<UserId>,
}

/// Why a group was not changed.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// It has no name, or one that is too long.
    #[error("displayName: give the group a name of at most {LONGEST} characters")]
    Name,
    /// Another group of the same source has the value: `displayName` or `externalId`.
    #[error("{0}: another group of this source has this one already")]
    Taken(&'static str),
    /// A member who is not there, or no longer.
    #[error("members: there is no user with the id {0}")]
    UnknownMember(UserId),
    /// More members than are taken at once.
    #[error("members: name at most {MOST_MEMBERS} in one request")]
    TooMany,
    /// There is no such group of this source, or no longer.
    #[error("there is no such group; it may have been deleted")]
    NotFound,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Adds a group of a source.
///
/// # Errors
/// [`GroupError`] says what has to be mended; nothing is written then.
pub async fn add(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    told: GroupTold,
) -> Result<Group, GroupError> {
    let GroupTold { display_name, external_id, resource, members } = told;
    let display_name = name(&display_name)?;
    let group = Group {
        id: GroupId::at(now),
        source: source.clone(),
        resource: in_step(resource, &display_name),
        display_name,
        external_id: external_id.filter(|id| !id.is_empty()),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut tx = pool.begin().await?;
    store::insert(&mut tx, &group).await.map_err(taken)?;
    let came = bring_in(&mut tx, group.id, &members).await?;
    record(&mut tx, now, by, Verb::GroupCreated, &group, json!({ "added": came })).await?;
    tx.commit().await?;
    Ok(group)
}

/// Changes a group of a source: `change` is given it as it is, while nobody else can change it, and says
/// what becomes of it. Members are neither read nor written but for those it names. What makes no
/// difference is not written.
///
/// # Errors
/// What `change` refuses with, and as [`add`]; nothing is written then.
pub async fn change<E: From<GroupError>>(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    id: GroupId,
    change: impl FnOnce(&Group) -> Result<GroupChange, E>,
) -> Result<Group, E> {
    let store = |error: sqlx::Error| E::from(error.into());
    let mut tx = pool.begin().await.map_err(store)?;
    let before = store::lock(&mut tx, source, id).await.map_err(store)?;
    let before = before.ok_or(GroupError::NotFound)?;
    let change = change(&before)?;
    let group = apply(&mut tx, now, by, before, change).await?;
    tx.commit().await.map_err(store)?;
    Ok(group)
}

/// Deletes a group of a source, if `may` lets it go.
///
/// # Errors
/// What `may` refuses with, and [`GroupError::NotFound`] when there is no such group.
pub async fn delete<E: From<GroupError>>(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    id: GroupId,
    may: impl FnOnce(&Group) -> Result<(), E>,
) -> Result<(), E> {
    let store = |error: sqlx::Error| E::from(error.into());
    let mut tx = pool.begin().await.map_err(store)?;
    let group = store::lock(&mut tx, source, id).await.map_err(store)?;
    let group = group.ok_or(GroupError::NotFound)?;
    may(&group)?;
    let removed = store::count_members(&mut tx, id).await.map_err(store)?;
    store::delete(&mut tx, id).await.map_err(store)?;
    let details = json!({ "removed": removed });
    record(&mut tx, now, by, Verb::GroupDeleted, &group, details).await.map_err(store)?;
    tx.commit().await.map_err(store)
}

/// Changes a group that is locked.
async fn apply(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Operator,
    before: Group,
    change: GroupChange,
) -> Result<Group, GroupError> {
    let GroupChange { rename, external_id, resource, replace_all, remove, add } = change;
    let display_name = name(rename.as_ref().unwrap_or(&before.display_name))?;
    let external_id = external_id.unwrap_or_else(|| before.external_id.clone());
    let mut group = Group {
        resource: in_step(resource.unwrap_or_else(|| before.resource.clone()), &display_name),
        display_name,
        external_id: external_id.filter(|id| !id.is_empty()),
        ..before.clone()
    };
    let (came, went) = if let Some(all) = replace_all {
        let mut stay = without(all, &remove);
        stay.extend(add);
        let went = store::remove_members_but(tx, group.id, &stay).await?;
        (bring_in(tx, group.id, &stay).await?, went)
    } else {
        let came = bring_in(tx, group.id, &add).await?;
        (came, store::remove_members(tx, group.id, &without(remove, &add)).await?)
    };
    if group == before && (came, went) == (0, 0) {
        return Ok(before);
    }
    group.version += 1;
    group.updated_at = now;
    store::put(tx, &group).await.map_err(taken)?;
    let mut details = json!({ "added": came, "removed": went });
    if group.display_name != before.display_name {
        details["before"] = json!(before.display_name);
    }
    record(tx, now, by, Verb::GroupUpdated, &group, details).await?;
    Ok(group)
}

/// Brings people in and returns how many were not in it before.
async fn bring_in(
    tx: &mut PgConnection,
    group: GroupId,
    users: &[UserId],
) -> Result<u64, GroupError> {
    if users.is_empty() {
        return Ok(0);
    }
    if users.len() > MOST_MEMBERS {
        return Err(GroupError::TooMany);
    }
    let came = store::add_members(tx, group, users).await?;
    match store::first_outside(tx, group, users).await? {
        Some(unknown) => Err(GroupError::UnknownMember(unknown)),
        None => Ok(came),
    }
}

fn without(mut users: Vec<UserId>, others: &[UserId]) -> Vec<UserId> {
    let others: HashSet<_> = others.iter().collect();
    users.retain(|user| !others.contains(user));
    users
}

fn name(display_name: &str) -> Result<String, GroupError> {
    let name = display_name.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST;
    if fits && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(GroupError::Name)
    }
}

/// The resource without what has a place of its own, and with the name that was taken.
fn in_step(mut resource: Json, display_name: &str) -> Json {
    if let Some(members) = resource.as_object_mut() {
        for name in ["id", "meta", "externalId", "members"] {
            members.remove(name);
        }
        members.insert("displayName".to_owned(), json!(display_name));
    }
    resource
}

fn taken(error: sqlx::Error) -> GroupError {
    store::taken(&error).map_or_else(|| error.into(), GroupError::Taken)
}

/// An event names the group and counts its members: who they are is personal.
async fn record(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Operator,
    verb: Verb,
    group: &Group,
    mut details: Json,
) -> sqlx::Result<()> {
    details["group"] = json!(group.id);
    details["name"] = json!(group.display_name);
    details["source"] = json!(group.source.0);
    audit::record(tx, now, &by.actor().by(), verb, About::default(), details).await
}
