//! Reading the history, newest first.

use serde_json::Value as Json;
use sqlx::{PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{About, Event, Verb};
use crate::{
    db::{Corrupt, ListError},
    kernel::{ActionId, AppId, EventId, Page, UserId, decode_cursor},
};

/// The most events that one action is shown with.
const MOST: i64 = 200;

/// Which events are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those whose verb begins with this: `action.`, `action.approved`; empty for all.
    pub verb: String,
    /// Those about this user.
    pub user: Option<UserId>,
}

struct Row {
    seq: i64,
    id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    verb: String,
    action_id: Option<Uuid>,
    user_id: Option<Uuid>,
    app_id: Option<Uuid>,
    details: Option<Json>,
}

impl TryFrom<Row> for Event {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let id = EventId::from(row.id);
        let verb: Verb =
            row.verb.parse().map_err(|_| Corrupt { table: "events", row: id.to_string() })?;
        let details = row.details.unwrap_or_default();
        Ok(Self {
            seq: row.seq,
            id,
            at: row.at,
            actor_kind: row.actor_kind,
            actor: details.get("actor").and_then(Json::as_str).map(str::to_owned),
            verb,
            about: About {
                action: row.action_id.map(ActionId::from),
                user: row.user_id.map(UserId::from),
                app: row.app_id.map(AppId::from),
            },
            details,
        })
    }
}

fn events(rows: Vec<Row>) -> sqlx::Result<Vec<Event>> {
    Ok(rows.into_iter().map(Event::try_from).collect::<Result<_, _>>()?)
}

/// One page of the history, newest first.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Event>, ListError> {
    let before: i64 = cursor.map(decode_cursor).transpose()?.unwrap_or(i64::MAX);
    let rows = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events
         where seq < $1
           and ($2 = '' or starts_with(verb, $2))
           and ($3::uuid is null or user_id = $3)
         order by seq desc
         limit $4",
        before,
        filter.verb,
        filter.user.map(UserId::uuid),
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(pool)
    .await?;
    Ok(Page::of(events(rows)?, limit, |event| event.seq))
}

/// Up to `limit` events after `seq`, oldest first: for an export, which begins after 0.
///
/// # Errors
/// When the database does not answer.
pub async fn after(pool: &PgPool, seq: i64, limit: i64) -> sqlx::Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events where seq > $1 order by seq limit $2",
        seq,
        limit,
    )
    .fetch_all(pool)
    .await?;
    events(rows)
}

/// The story of one action, oldest first; of a very long one the end.
///
/// # Errors
/// When the database does not answer.
pub async fn of_action(db: impl PgExecutor<'_>, action: ActionId) -> sqlx::Result<Vec<Event>> {
    let rows = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events where action_id = $1 order by seq desc limit $2",
        action.uuid(),
        MOST,
    )
    .fetch_all(db)
    .await?;
    events(rows.into_iter().rev().collect())
}

/// One page of the story of one user, newest first.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn of_user(
    db: impl PgExecutor<'_>,
    user: UserId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Event>, ListError> {
    let before: i64 = cursor.map(decode_cursor).transpose()?.unwrap_or(i64::MAX);
    let rows = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events where user_id = $1 and seq < $2 order by seq desc limit $3",
        user.uuid(),
        before,
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(db)
    .await?;
    Ok(Page::of(events(rows)?, limit, |event| event.seq))
}

/// The last time that one of `verbs` was done to a user.
///
/// # Errors
/// When the database does not answer.
pub async fn newest_of_user(
    db: impl PgExecutor<'_>,
    user: UserId,
    verbs: &[Verb],
) -> sqlx::Result<Option<Event>> {
    let row = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events where user_id = $1 and verb = any($2) order by seq desc limit 1",
        user.uuid(),
        &verbs.iter().map(|verb| verb.word()).collect::<Vec<_>>() as _,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Event::try_from).transpose()?)
}

/// The last time that `verb` was done to an app.
///
/// # Errors
/// When the database does not answer.
pub async fn newest_of_app(
    db: impl PgExecutor<'_>,
    app: AppId,
    verb: Verb,
) -> sqlx::Result<Option<Event>> {
    let row = sqlx::query_as!(
        Row,
        "select seq, id, at, actor_kind, verb, action_id, user_id, app_id, details
         from events where verb = $1 and app_id = $2 order by seq desc limit 1",
        verb.word(),
        app.uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Event::try_from).transpose()?)
}
