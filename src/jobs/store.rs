//! Reads and writes `jobs`.

use std::time::Duration;

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Claim, Settled, Step};
use crate::kernel::JobId;

/// How long a claim holds. Longer than anything a handler does.
pub const LEASE: Duration = Duration::from_mins(5);

/// The channel that is notified once a job commits.
pub(super) const CHANNEL: &str = "jobs";

/// Enqueues a job in the caller's transaction. Whoever enqueues into a lane holds a lock that
/// everyone who enqueues into that lane takes, so that `seq` is the order of commits there.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    kind: &str,
    lane: Option<&str>,
    payload: Json,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into jobs (id, kind, lane, payload, due_at) values ($1, $2, $3, $4, $5)",
        JobId::at(now).uuid(),
        kind,
        lane,
        payload,
        now,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx).await?;
    Ok(())
}

/// Claims up to `limit` jobs that are due and first in their lane.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, now: OffsetDateTime, limit: i64) -> sqlx::Result<Vec<Claim>> {
    let rows = sqlx::query!(
        "with next as (
             select id from jobs
             where due_at <= $1
               and (leased_until is null or leased_until <= $1)
               and not exists (
                   select 1 from jobs earlier where earlier.lane = jobs.lane and earlier.seq < jobs.seq
               )
             order by due_at, seq
             limit $2
             for update skip locked
         )
         update jobs
         set attempts = attempts + 1, spent = spent + 1, leased_until = $3
         from next
         where jobs.id = next.id
         returning jobs.id, jobs.kind, jobs.payload, jobs.attempts, jobs.spent",
        now,
        limit,
        now + LEASE,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Claim {
            id: JobId::from(row.id),
            kind: row.kind,
            payload: row.payload,
            attempts: row.attempts,
            attempt: row.spent.unsigned_abs(),
        })
        .collect())
}

/// Whether this worker still holds a job, which stays so until `tx` ends.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(tx: &mut PgConnection, claim: &Claim) -> sqlx::Result<bool> {
    let held = sqlx::query_scalar!(
        "select 1 from jobs where id = $1 and attempts = $2 for update",
        claim.id.uuid(),
        claim.attempts,
    )
    .fetch_optional(tx)
    .await?;
    Ok(held.is_some())
}

/// Settles a job. Does nothing when the lease was lost: someone else has it.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(tx: &mut PgConnection, claim: &Claim, step: Step) -> sqlx::Result<Settled> {
    let (id, attempts) = (claim.id.uuid(), claim.attempts);
    match step {
        Step::Done => {
            sqlx::query!("delete from jobs where id = $1 and attempts = $2", id, attempts)
                .execute(tx)
                .await?;
        }
        Step::Again { at, says } => put_off(tx, claim, at, 0, &says).await?,
        Step::Later { at, says } => put_off(tx, claim, at, 1, &says).await?,
    }
    Ok(Settled(()))
}

async fn put_off(
    tx: &mut PgConnection,
    claim: &Claim,
    at: OffsetDateTime,
    unspent: i32,
    says: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set due_at = $3, leased_until = null, spent = spent - $4, says = $5
         where id = $1 and attempts = $2",
        claim.id.uuid(),
        claim.attempts,
        at,
        unspent,
        says,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes every job due whose lane begins with `prefix` and that nobody holds: what they waited for is over.
///
/// # Errors
/// When the database does not answer.
pub async fn wake(tx: &mut PgConnection, now: OffsetDateTime, prefix: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set due_at = $2
         where starts_with(lane, $1) and due_at > $2 and leased_until is null",
        prefix,
        now,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx).await?;
    Ok(())
}

/// When the next job of a lane is tried again, if it was put off.
///
/// # Errors
/// When the database does not answer.
pub async fn next_try(pool: &PgPool, lane: &str) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "select due_at from jobs where lane = $1 and says is not null order by seq limit 1",
        lane,
    )
    .fetch_optional(pool)
    .await
}

/// What the jobs of a lane hold that are worked before the one that holds `payload`, in their order;
/// all of them when there is no such job. At most 100.
///
/// # Errors
/// When the database does not answer.
pub async fn ahead(pool: &PgPool, lane: &str, payload: &Json) -> sqlx::Result<Vec<Json>> {
    sqlx::query_scalar!(
        "select payload from jobs
         where lane = $1 and not exists (
             select 1 from jobs own where own.lane = $1 and own.payload = $2 and own.seq <= jobs.seq
         )
         order by seq
         limit 100",
        lane,
        payload,
    )
    .fetch_all(pool)
    .await
}
