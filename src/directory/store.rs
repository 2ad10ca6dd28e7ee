//! Reads and writes `users` and `sources`.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Draft, ExternalId, Named, Profile, Source, User,
    profile::{Text, shown},
};
use crate::{
    db::{Corrupt, ListError},
    kernel::{BadCursor, Page, UserId, decode_cursor},
};

/// What a [`Row`] is read from.
pub(super) const COLUMNS: &str = "id, source, user_name, given_name, family_name, display_name, email, title, \
     department, phone, active, created_at, updated_at, deleted_at, resource, external_id, external_source, version";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    source: String,
    user_name: String,
    given_name: Option<String>,
    family_name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
    department: Option<String>,
    phone: Option<String>,
    active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    deleted_at: Option<OffsetDateTime>,
    resource: Json,
    external_id: Option<String>,
    external_source: Option<String>,
    version: i64,
}

impl TryFrom<Row> for User {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let draft = Draft {
            user_name: row.user_name,
            given_name: row.given_name.unwrap_or_default(),
            family_name: row.family_name.unwrap_or_default(),
            display_name: row.display_name.unwrap_or_default(),
            email: row.email.unwrap_or_default(),
            title: row.title.unwrap_or_default(),
            department: row.department.unwrap_or_default(),
            phone: row.phone.unwrap_or_default(),
        };
        let id = UserId::from(row.id);
        let profile =
            Profile::parse(&draft).map_err(|_| Corrupt { table: "users", row: id.to_string() })?;
        Ok(Self {
            id,
            profile,
            active: row.active,
            resource: row.resource,
            external_id: row
                .external_id
                .zip(row.external_source)
                .map(|(id, source)| ExternalId { source: Source(source), id }),
            source: Source(row.source),
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            version: row.version,
        })
    }
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select id, source, user_name, given_name, family_name, display_name, email, title, department,
                 phone, active, created_at, updated_at, deleted_at, resource, external_id, external_source, version
             from users " + $rest
            $(, $bind)*
        )
    };
}

/// A user, deleted or not.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, id: UserId) -> sqlx::Result<Option<User>> {
    let row = select!("where id = $1", id.uuid()).fetch_optional(pool).await?;
    Ok(row.map(User::try_from).transpose()?)
}

/// The users of some ids, deleted or not, in no order. Bounded by the ids.
///
/// # Errors
/// When the database does not answer.
pub async fn find_all(executor: impl PgExecutor<'_>, ids: &[UserId]) -> sqlx::Result<Vec<User>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = select!("where id = any($1)", &ids).fetch_all(executor).await?;
    Ok(rows.into_iter().map(User::try_from).collect::<Result<_, _>>()?)
}

/// What the users of some ids are called, deleted or not. Bounded by the ids.
///
/// # Errors
/// When the database does not answer.
pub async fn names(pool: &PgPool, ids: &[UserId]) -> sqlx::Result<HashMap<UserId, Named>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        "select id, user_name, given_name, family_name, display_name from users where id = any($1)",
        &ids,
    )
    .fetch_all(pool)
    .await?;
    let named = rows.into_iter().map(|row| {
        let texts = [&row.display_name, &row.given_name, &row.family_name].map(Option::as_deref);
        let name = shown(texts, &row.user_name);
        (UserId::from(row.id), Named { name, user_name: row.user_name })
    });
    Ok(named.collect())
}

/// Reads one user and holds it until `tx` ends. Everything that changes or sends anything of a
/// person takes this lock first.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut PgConnection, id: UserId) -> sqlx::Result<Option<User>> {
    let row = select!("where id = $1 for update", id.uuid()).fetch_optional(tx).await?;
    Ok(row.map(User::try_from).transpose()?)
}

/// The users of some ids, deleted or not, each held until `tx` ends. Taken in the order of their ids,
/// so that two who hold many never wait for each other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_all(tx: &mut PgConnection, ids: &[UserId]) -> sqlx::Result<Vec<User>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = select!("where id = any($1) order by id for update", &ids).fetch_all(tx).await?;
    Ok(rows.into_iter().map(User::try_from).collect::<Result<_, _>>()?)
}

/// The user that a source knows by an id, if they are not deleted. Held until `tx` ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_external(
    tx: &mut PgConnection,
    external: &ExternalId,
) -> sqlx::Result<Option<User>> {
    let row = select!(
        "where external_source = $1 and external_id = $2 and deleted_at is null for update",
        external.source.0,
        external.id,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(User::try_from).transpose()?)
}

/// Writes new users with one statement, and returns whom it wrote: whoever has a user name or an
/// external id that somebody has already is passed over.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_all(tx: &mut PgConnection, users: &[User]) -> sqlx::Result<HashSet<UserId>> {
    let texts = |text: fn(&Profile) -> Option<&Text>| -> Vec<Option<&str>> {
        users.iter().map(|user| text(&user.profile).map(Text::as_str)).collect()
    };
    let externals = || users.iter().map(|user| user.external_id.as_ref());
    let ids = sqlx::query_scalar!(
        "insert into users
             (id, source, user_name, given_name, family_name, display_name, email, title, department, phone,
              active, created_at, updated_at, resource, external_id, external_source)
         select id, source, user_name, given_name, family_name, display_name, email, title, department, phone,
             active, created_at, updated_at, resource, external_id, external_source
         from unnest(
             $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::bool[], $12::timestamptz[], $13::timestamptz[], $14::jsonb[],
             $15::text[], $16::text[]
         ) as new (
             id, source, user_name, given_name, family_name, display_name, email, title, department, phone,
             active, created_at, updated_at, resource, external_id, external_source
         )
         on conflict do nothing
         returning id",
        &users.iter().map(|user| user.id.uuid()).collect::<Vec<_>>(),
        &users.iter().map(|user| &*user.source.0).collect::<Vec<_>>() as _,
        &texts(|profile| Some(&profile.user_name)) as _,
        &texts(|profile| profile.given_name.as_ref()) as _,
        &texts(|profile| profile.family_name.as_ref()) as _,
        &texts(|profile| profile.display_name.as_ref()) as _,
        &texts(|profile| profile.email.as_ref()) as _,
        &texts(|profile| profile.title.as_ref()) as _,
        &texts(|profile| profile.department.as_ref()) as _,
        &texts(|profile| profile.phone.as_ref()) as _,
        &users.iter().map(|user| user.active).collect::<Vec<_>>(),
        &users.iter().map(|user| user.created_at).collect::<Vec<_>>(),
        &users.iter().map(|user| user.updated_at).collect::<Vec<_>>(),
        &users.iter().map(|user| &user.resource).collect::<Vec<_>>() as _,
        &externals().map(|external| external.map(|id| &*id.id)).collect::<Vec<_>>() as _,
        &externals().map(|external| external.map(|id| &*id.source.0)).collect::<Vec<_>>() as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

/// The field of `user` whose value somebody has already; `None` when nobody has any.
///
/// # Errors
/// When the database does not answer.
pub async fn find_taken(tx: &mut PgConnection, user: &User) -> sqlx::Result<Option<&'static str>> {
    let external = user.external_id.as_ref();
    let row = sqlx::query!(
        r#"select
             exists (
                 select from users where lower(user_name) = lower($1) and deleted_at is null
             ) as "user_name!",
             exists (
                 select from users where external_source = $2 and external_id = $3 and deleted_at is null
             ) as "external_id!""#,
        user.profile.user_name.as_str(),
        external.map(|external| &*external.source.0),
        external.map(|external| &*external.id),
    )
    .fetch_one(tx)
    .await?;
    Ok(match (row.user_name, row.external_id) {
        (true, _) => Some("userName"),
        (false, true) => Some("externalId"),
        (false, false) => None,
    })
}

/// Writes back all of a user that may change.
///
/// # Errors
/// A violation that [`taken`] names when somebody else has the user name or the external id.
pub async fn put(tx: &mut PgConnection, user: &User) -> sqlx::Result<()> {
    let profile = &user.profile;
    sqlx::query!(
        "update users
         set user_name = $2, given_name = $3, family_name = $4, display_name = $5, email = $6, title = $7,
             department = $8, phone = $9, active = $10, updated_at = $11, deleted_at = $12, resource = $13,
             external_id = $14, external_source = $15, version = $16
         where id = $1",
        user.id.uuid(),
        profile.user_name.as_str(),
        profile.given_name.as_deref(),
        profile.family_name.as_deref(),
        profile.display_name.as_deref(),
        profile.email.as_deref(),
        profile.title.as_deref(),
        profile.department.as_deref(),
        profile.phone.as_deref(),
        user.active,
        user.updated_at,
        user.deleted_at,
        user.resource,
        user.external_id.as_ref().map(|external| &*external.id),
        user.external_id.as_ref().map(|external| &*external.source.0),
        user.version,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The field whose value somebody else has already, if `error` says so.
#[must_use]
pub fn taken(error: &sqlx::Error) -> Option<&'static str> {
    match error.as_database_error()?.constraint()? {
        "users_user_name" => Some("userName"),
        "users_external_id" => Some("externalId"),
        _ => None,
    }
}

/// One page of the users that are not deleted, by name; `words` must all occur in name, user name or address.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn list(
    pool: &PgPool,
    words: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<User>, ListError> {
    let after: Option<(String, Uuid)> = cursor.map(decode_cursor).transpose()?;
    if after.as_ref().is_some_and(|(name, _)| name.contains('\0')) {
        return Err(BadCursor.into());
    }
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from users where deleted_at is null");
    if let Some((name, id)) = after {
        query.push(" and (sort_name, id) > (").push_bind(name).push(", ").push_bind(id).push(")");
    }
    search(&mut query, words.split_whitespace());
    query.push(" order by sort_name, id limit ");
    query.push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    let users = rows
        .into_iter()
        .map(User::try_from)
        .collect::<Result<Vec<_>, _>>()
        .map_err(sqlx::Error::from)?;
    Ok(Page::of(users, limit, |user| (sort_name(&user.profile), user.id.uuid())))
}

/// Restricts a query over `users` to those that have all of `words` in name, user name or address.
/// One condition a word, which the trigram index can serve; an array of patterns it cannot.
pub fn search<'a>(query: &mut QueryBuilder<Postgres>, words: impl IntoIterator<Item = &'a str>) {
    for word in words {
        query.push(" and search like ").push_bind(containing(word));
    }
}

/// A `like` pattern for whatever contains `word`, without regard to case.
fn containing(word: &str) -> String {
    let escaped = word.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// The users that are not deleted and have no account in an app, oldest first after `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn without_account(
    pool: &PgPool,
    app: Uuid,
    after: Option<UserId>,
    limit: i64,
) -> sqlx::Result<Vec<UserId>> {
    let ids = sqlx::query_scalar!(
        "select id from users
         where deleted_at is null and active and id > $2
           and not exists (
               select 1 from accounts where app_id = $1 and user_id = users.id and remote_id is not null
           )
           and not exists (
               select 1 from actions
               where actions.user_id = users.id and actions.app_id = $1 and tab in ('pending', 'progress')
           )
         order by id
         limit $3",
        app,
        after.map_or_else(Uuid::nil, UserId::uuid),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

/// What each source is called.
///
/// # Errors
/// When the database does not answer.
pub async fn source_names(pool: &PgPool) -> sqlx::Result<Vec<(Source, String)>> {
    let rows = sqlx::query!("select slug, name from sources order by slug limit 1000")
        .fetch_all(pool)
        .await?;
    Ok(rows.into_iter().map(|row| (Source(row.slug), row.name)).collect())
}

/// The same as the generated column `sort_name`.
fn sort_name(profile: &Profile) -> String {
    profile.name().to_lowercase()
}
