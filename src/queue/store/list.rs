//! Lists of actions: filtered, keyset-paged, the same cost on every page.

use sqlx::{PgPool, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{super::Status, Action, Row};
use crate::{
    apps::change::Kind,
    db::ListError,
    directory::store::search,
    kernel::{AppId, BadCursor, Page, UserId, decode_cursor, words},
};

/// How far a tab is counted; past that it says "10,000+".
pub const COUNTED: i64 = 10_000;

words! {
    /// The tabs of the queue page. Each action is on one of them.
    Tab {
        /// Waits for a person.
        Pending = "pending",
        /// Approved or being sent.
        Progress = "progress",
        /// Failed.
        Failed = "failed",
        /// Provisioned.
        Done = "done",
        /// Rejected, cancelled or withdrawn.
        Rejected = "rejected",
    }
}

/// Which actions are listed; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one tab.
    pub tab: Option<Tab>,
    /// Those in one state.
    pub status: Option<Status>,
    /// Those of one kind.
    pub kind: Option<Kind>,
    /// Those of an app, by its slug.
    pub app: Option<String>,
    /// Those of a source, by its slug.
    pub source: Option<String>,
    /// Those asked for before this.
    pub before: Option<OffsetDateTime>,
    /// Those asked for after this.
    pub after: Option<OffsetDateTime>,
    /// Those of one user.
    pub user: Option<UserId>,
    /// Those whose person has all of these words in name, user name or address.
    pub words: Vec<String>,
}

impl Filter {
    /// Whether the oldest come first: where somebody or something waits, they do.
    #[must_use]
    pub const fn oldest_first(&self) -> bool {
        matches!(
            (self.tab, self.status),
            (Some(Tab::Pending | Tab::Progress), _)
                | (None, Some(Status::Pending | Status::Approved | Status::Sending))
        )
    }
}

/// How many actions are on each tab that somebody has to look after, up to [`COUNTED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for a person.
    pub pending: i64,
    /// Approved or being sent.
    pub progress: i64,
    /// Failed.
    pub failed: i64,
    /// Since when the oldest has waited for a person.
    pub oldest: Option<OffsetDateTime>,
}

/// One page of the actions that `filter` lets through.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Action>, ListError> {
    let key = cursor.map(read_key).transpose()?;
    let mut query = QueryBuilder::new(
        "select id, number, app_id, user_id, kind, source, changes, digest, barred, four_eyes, candidates,
             state, decided_at, decided_by, decided_name, decided_digest, reason, ended_at, cause, created_at,
             changed_at
         from actions where true",
    );
    restrict(&mut query, filter);
    let (than, order) = if filter.oldest_first() { (" > (", "") } else { (" < (", " desc") };
    if let Some((at, id)) = key {
        query
            .push(" and (created_at, id)")
            .push(than)
            .push_bind(at)
            .push(", ")
            .push_bind(id)
            .push(")");
    }
    query.push(" order by created_at").push(order).push(", id").push(order);
    query.push(" limit ").push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    let actions = super::actions(rows)?;
    Ok(Page::of(actions, limit, |action| {
        (action.created_at.unix_timestamp_nanos(), action.id.uuid())
    }))
}

/// Where a page begins. A time that Postgres cannot hold is none that was handed out.
fn read_key(cursor: &str) -> Result<(OffsetDateTime, Uuid), BadCursor> {
    let (at, id): (i128, Uuid) = decode_cursor(cursor)?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(at).map_err(|_| BadCursor)?;
    if at.year() < 0 { Err(BadCursor) } else { Ok((at, id)) }
}

fn restrict(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if let Some(tab) = filter.tab {
        query.push(" and tab = ").push_bind(tab.word());
    }
    if let Some(status) = filter.status {
        query.push(" and state = ").push_bind(status.word());
    }
    if let Some(kind) = filter.kind {
        query.push(" and kind = ").push_bind(kind.word());
    }
    if let Some(app) = &filter.app {
        query
            .push(" and app_id = (select id from apps where slug = ")
            .push_bind(app.clone())
            .push(")");
    }
    if let Some(source) = &filter.source {
        query.push(" and source = ").push_bind(source.clone());
    }
    if let Some(before) = filter.before {
        query.push(" and created_at < ").push_bind(before);
    }
    if let Some(after) = filter.after {
        query.push(" and created_at > ").push_bind(after);
    }
    if let Some(user) = filter.user {
        query.push(" and user_id = ").push_bind(user.uuid());
    }
    if !filter.words.is_empty() {
        query.push(" and user_id in (select id from users where true");
        search(query, filter.words.iter().map(|word| &**word));
        query.push(")");
    }
}

/// How many wait, are under way and have failed.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(pool: &PgPool) -> sqlx::Result<Counts> {
    let row = sqlx::query!(
        r#"select
             (select count(*) from (select 1 from actions where tab = 'pending' order by created_at limit $1) as few) as "pending!",
             (select count(*) from (select 1 from actions where tab = 'progress' order by created_at limit $1) as few) as "progress!",
             (select count(*) from (select 1 from actions where tab = 'failed' order by created_at limit $1) as few) as "failed!",
             (select min(created_at) from actions where tab = 'pending') as oldest"#,
        COUNTED + 1,
    )
    .fetch_one(pool)
    .await?;
    Ok(Counts {
        pending: row.pending,
        progress: row.progress,
        failed: row.failed,
        oldest: row.oldest,
    })
}

/// How many actions of one kind wait for a person, up to [`COUNTED`].
///
/// # Errors
/// When the database does not answer.
pub async fn count_pending(pool: &PgPool, app: AppId, kind: Kind) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from actions where tab = 'pending' and app_id = $1 and kind = $2 limit $3
         ) as few"#,
        app.uuid(),
        kind.word(),
        COUNTED,
    )
    .fetch_one(pool)
    .await
}
