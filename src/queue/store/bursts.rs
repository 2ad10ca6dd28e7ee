//! Reads and writes `bursts`: many actions of one source at once.

use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::Action;
use crate::directory::Source;

/// How far back a burst is looked for, and how long it may rest before the next is another one.
const WINDOW: Duration = Duration::minutes(1);
/// How many actions in that time are one.
const MANY: i64 = 50;
/// How many are read for a page.
const READ: i64 = 100;

/// Many actions of one source at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burst {
    /// Whose.
    pub source: Source,
    /// When the first was asked for.
    pub began_at: OffsetDateTime,
    /// When the last was.
    pub ended_at: OffsetDateTime,
    /// How many there are.
    pub actions: i64,
}

impl Burst {
    /// Whether an action is one of them.
    #[must_use]
    pub fn holds(&self, action: &Action) -> bool {
        self.source == action.source && (self.began_at..=self.ended_at).contains(&action.created_at)
    }
}

/// Notes the bursts that are under way or have just ended. Of several processes one does.
///
/// # Errors
/// When the database does not answer.
pub async fn note_bursts(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let alone = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('bursts', 0)) as "alone!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    if !alone {
        return Ok(());
    }
    sqlx::query!(
        "with recent as (
             select source, min(created_at) as began_at, max(created_at) as ended_at, count(*) as actions
             from actions where created_at > $1
             group by source having count(*) >= $2
         ),
         longer as (
             update bursts
             set ended_at = recent.ended_at,
                 actions = bursts.actions + (
                     select count(*) from actions
                     where actions.created_at > bursts.ended_at and actions.source = bursts.source
                 )
             from recent
             where bursts.source = recent.source and bursts.ended_at >= $3
             returning bursts.source
         )
         insert into bursts (source, began_at, ended_at, actions)
         select source, began_at, ended_at, actions from recent
         where source not in (select source from longer)",
        now - WINDOW,
        MANY,
        now - WINDOW - WINDOW,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// The bursts between two times, the newest first; at most a hundred.
///
/// # Errors
/// When the database does not answer.
pub async fn bursts_between(
    pool: &PgPool,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> sqlx::Result<Vec<Burst>> {
    let rows = sqlx::query_as!(
        Row,
        "select source, began_at, ended_at, actions from bursts
         where ended_at >= $1 and began_at <= $2
         order by ended_at desc
         limit $3",
        from,
        to,
        READ,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Burst::from).collect())
}

/// The sources that many actions came from at once, and when the first burst of each began and the last ended.
pub(super) async fn sources_of_bursts(
    pool: &PgPool,
) -> sqlx::Result<Vec<(String, OffsetDateTime, OffsetDateTime)>> {
    let rows = sqlx::query!(
        r#"select source, min(began_at) as "began_at!", max(ended_at) as "ended_at!" from bursts
           group by source order by source"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (row.source, row.began_at, row.ended_at)).collect())
}

struct Row {
    source: String,
    began_at: OffsetDateTime,
    ended_at: OffsetDateTime,
    actions: i64,
}

impl From<Row> for Burst {
    fn from(Row { source, began_at, ended_at, actions }: Row) -> Self {
        Self { source: Source(source), began_at, ended_at, actions }
    }
}
