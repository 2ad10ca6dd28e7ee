//! How many actions there are, as far as somebody wants to know.

use sqlx::{PgPool, QueryBuilder, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    filter::{Filter, Sieve},
    list::Tab,
};
use crate::{
    apps::change::Kind,
    kernel::{ActionId, AppId},
};

/// How far actions are counted; past that it says "10,000+".
pub const COUNTED: i64 = 10_000;
/// The same where a list is read through and each person of it is looked at.
const COUNTED_THROUGH: i64 = 1_000;

/// How many actions are on each tab that somebody has to look after, up to a bound and one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// How far they were counted.
    pub bound: i64,
    /// Waiting for a person.
    pub pending: i64,
    /// Approved or being sent.
    pub progress: i64,
    /// Failed.
    pub failed: i64,
}

/// How many wait, are under way and have failed, of those that `sieve` lets through on whichever tab.
/// What is counted is what [`list`](super::list()) lists.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(pool: &PgPool, sieve: &Sieve) -> sqlx::Result<Counts> {
    let bound = if sieve.reads_through() { COUNTED_THROUGH } else { COUNTED };
    let mut query = QueryBuilder::new("select ");
    for (place, tab) in [Tab::Pending, Tab::Progress, Tab::Failed].into_iter().enumerate() {
        query.push(if place == 0 { "" } else { ", " });
        query.push("(select count(*) from (select 1 from actions where true");
        sieve.on(Some(tab)).restrict(&mut query);
        query.push(" limit ").push_bind(bound + 1).push(") as few)");
    }
    let row = query.build().persistent(sieve.plans_once()).fetch_one(pool).await?;
    let (pending, progress, failed) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Ok(Counts { bound, pending, progress, failed })
}

/// When the oldest of what waits for a person was asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn oldest_pending(pool: &PgPool) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!("select min(created_at) from actions where tab = 'pending'")
        .fetch_one(pool)
        .await
}

/// Which of some actions `filter` lets through.
///
/// # Errors
/// When the database does not answer.
pub async fn among(
    pool: &PgPool,
    filter: &Filter,
    actions: Vec<ActionId>,
) -> sqlx::Result<Vec<ActionId>> {
    let mut query = QueryBuilder::new("select id from actions where true");
    let filter = Filter { among: Some(actions), ..filter.clone() };
    let sieve = filter.sieve(pool).await?;
    sieve.restrict(&mut query);
    let query = query.build_query_scalar().persistent(sieve.plans_once());
    let ids: Vec<Uuid> = query.fetch_all(pool).await?;
    Ok(ids.into_iter().map(ActionId::from).collect())
}

/// How many actions `filter` lets through, up to [`COUNTED`] and one more.
///
/// # Errors
/// When the database does not answer.
pub async fn count(pool: &PgPool, filter: &Filter) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from actions where true");
    let sieve = filter.sieve(pool).await?;
    sieve.restrict(&mut query);
    query.push(" limit ").push_bind(COUNTED + 1).push(") as few");
    query.build_query_scalar().persistent(sieve.plans_once()).fetch_one(pool).await
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
