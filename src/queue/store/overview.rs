//! What the overview counts. Every look is bounded: it costs the same however much there is.

use std::collections::HashMap;

use sqlx::PgPool;
use time::{Date, Duration, OffsetDateTime};

use super::COUNTED;
use crate::{
    apps::change::Kind,
    db::Corrupt,
    directory::Source,
    kernel::{ActionId, AppId},
};

/// How far the decisions of one kind and day are counted; past that it says "5,000+".
pub const A_DAY: i64 = 5_000;
/// Over how many decisions it is reckoned how long they took, at most.
pub const TIMED: i64 = 10_000;
/// How many failures are looked at: of the last days, and of those that stand.
pub const FAILURES: i64 = 1_000;
/// How many causes are told.
pub const CAUSES: i64 = 8;
/// Among how many of the last tries at an app a success is looked for.
pub const TRIES: i64 = 1_000;

/// Over how many days decisions are counted, with today.
pub const DAYS: i64 = 30;
/// How far back failures are told.
pub const LATELY: Duration = Duration::days(7);

/// All that the overview counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// What waits for a decision.
    pub waiting: Vec<Waiting>,
    /// The decisions of each of the last [`DAYS`].
    pub decisions: Vec<Day>,
    /// How long decisions took in that time.
    pub took: Vec<Took>,
    /// What failed in the time of [`LATELY`], and what stands failed.
    pub failures: Vec<Failures>,
    /// How much of each app is to be sent.
    pub unsent: HashMap<AppId, i64>,
    /// When each app last took something.
    pub successes: HashMap<AppId, LastSuccess>,
}

/// All that the overview counts, of the days before `now`.
///
/// # Errors
/// When the database does not answer.
pub async fn figures(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Figures> {
    let today = now.date();
    Ok(Figures {
        waiting: waiting(pool).await?,
        decisions: decisions(pool, today - Duration::days(DAYS - 1), today).await?,
        took: took(pool, now - Duration::days(DAYS)).await?,
        failures: failures(pool, now - LATELY).await?,
        unsent: unsent(pool).await?,
        successes: last_success(pool).await?,
    })
}

/// So many actions that wait, of one kind in one app from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What is to be done.
    pub kind: Kind,
    /// In which app.
    pub app: AppId,
    /// Where the change came from.
    pub source: Source,
    /// How many.
    pub count: i64,
}

/// What waits for a decision, by kind, app and source; of the oldest [`COUNTED`] alone.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(pool: &PgPool) -> sqlx::Result<Vec<Waiting>> {
    let rows = sqlx::query!(
        r#"select kind, app_id, source, count(*) as "count!"
           from (
               select kind, app_id, source from actions where tab = 'pending' order by created_at limit $1
           ) as oldest
           group by kind, app_id, source
           order by count(*) desc, kind, source"#,
        COUNTED,
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt = |_| Corrupt { table: "actions", row: format!("kind {}", row.kind) };
            let kind = row.kind.parse().map_err(corrupt)?;
            let (app, source) = (AppId::from(row.app_id), Source(row.source));
            Ok(Waiting { kind, app, source, count: row.count })
        })
        .collect()
}

/// The decisions of one day, each number up to [`A_DAY`] and one more where there are more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which, in UTC.
    pub day: Date,
    /// Approved by people and their tokens.
    pub people: i64,
    /// Approved by rules.
    pub rules: i64,
    /// Rejected; only people do.
    pub rejected: i64,
}

/// The decisions of each day from `first` to `last`, those among them that were undone later.
///
/// # Errors
/// When the database does not answer.
pub async fn decisions(pool: &PgPool, first: Date, last: Date) -> sqlx::Result<Vec<Day>> {
    sqlx::query_as!(
        Day,
        r#"select day as "day!",
               (select count(*) from (
                   select 1 from events
                   where verb = 'action.approved' and actor_kind in ('administrator', 'token', 'system')
                     and at >= day::timestamp at time zone 'utc'
                     and at < (day + 1)::timestamp at time zone 'utc'
                   limit $3
               ) as few) as "people!",
               (select count(*) from (
                   select 1 from events
                   where verb = 'action.approved' and actor_kind = 'rule'
                     and at >= day::timestamp at time zone 'utc'
                     and at < (day + 1)::timestamp at time zone 'utc'
                   limit $3
               ) as few) as "rules!",
               (select count(*) from (
                   select 1 from events
                   where verb = 'action.rejected' and actor_kind in ('administrator', 'token', 'system')
                     and at >= day::timestamp at time zone 'utc'
                     and at < (day + 1)::timestamp at time zone 'utc'
                   limit $3
               ) as few) as "rejected!"
           from (select $1::date + n as day from generate_series(0, $2::date - $1::date) as n) as days
           order by day"#,
        first,
        last,
        A_DAY + 1,
    )
    .fetch_all(pool)
    .await
}

/// How long decisions of people took, from when the action was first asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took {
    /// Of which day, in UTC; `None` for all of them.
    pub day: Option<Date>,
    /// How many decisions.
    pub count: i64,
    /// Half of them took no longer, in seconds.
    pub half: f64,
    /// Nine of ten took no longer, in seconds.
    pub most: f64,
    /// When the oldest of them was made.
    pub oldest: OffsetDateTime,
}

/// How long people took for the decisions that stand, of the newest [`TIMED`] since `since`: all of them first,
/// then day by day. Nothing when there were none.
///
/// # Errors
/// When the database does not answer.
pub async fn took(pool: &PgPool, since: OffsetDateTime) -> sqlx::Result<Vec<Took>> {
    sqlx::query_as!(
        Took,
        r#"select day, count(*) as "count!", min(decided_at) as "oldest!",
               percentile_cont(0.5) within group (order by took) as "half!",
               percentile_cont(0.9) within group (order by took) as "most!"
           from (
               select decided_at, (decided_at at time zone 'utc')::date as day,
                   extract(epoch from decided_at - created_at)::float8 as took
               from actions
               where decided_by is not null and decided_at >= $1
               order by decided_at desc
               limit $2
           ) as newest
           group by grouping sets ((), (day))
           having count(*) > 0
           order by day nulls first"#,
        since,
        TIMED,
    )
    .fetch_all(pool)
    .await
}

/// Actions that failed for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// Why, in plain words.
    pub cause: String,
    /// Which app would not take them.
    pub app: AppId,
    /// How often since the time that was asked about.
    pub lately: i64,
    /// How many stand failed.
    pub standing: i64,
    /// The newest of them …
    pub newest: ActionId,
    /// … and when it failed.
    pub at: OffsetDateTime,
}

/// What failed since `since`, and what stands failed, by cause: what stands first. The newest [`FAILURES`] of
/// each are looked at, and at most [`CAUSES`] told.
///
/// # Errors
/// When the database does not answer.
pub async fn failures(pool: &PgPool, since: OffsetDateTime) -> sqlx::Result<Vec<Failures>> {
    sqlx::query_as!(
        Failures,
        r#"with lately as (
               select says as cause, app_id, action_id, finished_at as at from attempts
               where outcome = 'failed' and finished_at >= $1
               order by finished_at desc
               limit $2
           ),
           standing as (
               select cause, app_id, id as action_id, ended_at as at from actions
               where tab = 'failed'
               order by created_at desc
               limit $2
           )
           select coalesce(cause, '') as "cause!", app_id as "app!",
               count(*) filter (where not stands) as "lately!", count(*) filter (where stands) as "standing!",
               (array_agg(action_id order by at desc))[1] as "newest!", max(at) as "at!"
           from (
               select cause, app_id, action_id, at, false as stands from lately
               union all
               select cause, app_id, action_id, at, true from standing
           ) as failed
           group by cause, app_id
           order by count(*) filter (where stands) > 0 desc, max(at) desc
           limit $3"#,
        since,
        FAILURES,
        CAUSES,
    )
    .fetch_all(pool)
    .await
}

/// How many actions of each app are approved and not done yet; of the oldest [`COUNTED`] and one more alone.
///
/// # Errors
/// When the database does not answer.
pub async fn unsent(pool: &PgPool) -> sqlx::Result<HashMap<AppId, i64>> {
    let rows = sqlx::query!(
        r#"select app_id, count(*) as "count!"
           from (select app_id from actions where tab = 'progress' order by created_at limit $1) as oldest
           group by app_id"#,
        COUNTED + 1,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| (AppId::from(row.app_id), row.count)).collect())
}

/// When an app last took something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastSuccess {
    /// It was never tried.
    Untried,
    /// Not among its last [`TRIES`] tries.
    NotLately,
    /// Then.
    At(OffsetDateTime),
}

/// When each app last took something, among its last [`TRIES`] tries.
///
/// # Errors
/// When the database does not answer.
pub async fn last_success(pool: &PgPool) -> sqlx::Result<HashMap<AppId, LastSuccess>> {
    let rows = sqlx::query!(
        r#"select apps.id, tried as "tried!", at as "at?"
           from apps
           cross join lateral (
               select count(*) as tried, max(finished_at) filter (where outcome in ('provisioned', 'adopted')) as at
               from (
                   select finished_at, outcome from attempts
                   where app_id = apps.id and finished_at is not null
                   order by finished_at desc
                   limit $1
               ) as last
           ) as found"#,
        TRIES,
    )
    .fetch_all(pool)
    .await?;
    let last = |tried, at: Option<OffsetDateTime>| match at {
        Some(at) => LastSuccess::At(at),
        None if tried > 0 => LastSuccess::NotLately,
        None => LastSuccess::Untried,
    };
    Ok(rows.into_iter().map(|row| (AppId::from(row.id), last(row.tried, row.at))).collect())
}
