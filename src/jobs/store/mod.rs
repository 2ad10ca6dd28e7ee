//! Reads and writes `jobs`.
//!
//! Whoever enqueues into a lane, or takes a job out of it that is not held, holds a lock that everyone who
//! does so for that lane takes. So `seq` is the order of commits there, and exactly one job of it is the head.

pub mod gates;
mod lanes;

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

pub use self::lanes::{COUNTED, ahead, behind, due_at, release, remove};
use super::{Claim, NewJob, Settled, Step};

/// How long a claim holds. Longer than anything a handler does.
pub const LEASE: Duration = Duration::from_mins(5);

/// The channel that is notified once a job commits.
pub(super) const CHANNEL: &str = "jobs";

/// Enqueues jobs in the caller's transaction, in their order.
///
/// # Errors
/// When there is no such gate, or the database does not answer.
pub async fn enqueue(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    jobs: &[NewJob<'_>],
) -> sqlx::Result<()> {
    let lanes: Vec<_> = jobs.iter().map(|job| job.lane).collect();
    // The last of each lane is held, so that it cannot be settled, and its successor looked for, meanwhile.
    let busy = sqlx::query_scalar!(
        r#"select jobs.lane as "lane!"
           from (select distinct lane from unnest($1::text[]) as jobs (lane)) as wanted
           cross join lateral (
               select seq from jobs where jobs.lane = wanted.lane order by seq desc limit 1
           ) as last
           join jobs on jobs.seq = last.seq
           order by jobs.seq
           for update of jobs"#,
        &lanes as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut led: std::collections::HashSet<&str> = busy.iter().map(String::as_str).collect();
    let heads: Vec<_> = lanes.iter().map(|lane| lane.is_none_or(|lane| led.insert(lane))).collect();
    sqlx::query!(
        "insert into jobs (kind, lane, gate, payload, due_at, head)
         select kind, lane, gate, payload, due_at, head
         from unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::boolean[])
             with ordinality as new (kind, lane, gate, payload, due_at, head, place)
         order by place",
        &jobs.iter().map(|job| job.kind).collect::<Vec<_>>() as _,
        &lanes as _,
        &jobs.iter().map(|job| job.gate).collect::<Vec<_>>() as _,
        &jobs.iter().map(|job| job.payload.clone()).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.due_at).collect::<Vec<_>>(),
        &heads,
    )
    .execute(&mut *tx)
    .await?;
    if jobs.iter().zip(&heads).any(|(job, head)| *head && job.due_at <= now) {
        ring(tx).await?;
    }
    Ok(())
}

/// Tells every runner to look, once the caller's transaction commits.
pub(super) async fn ring(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_notify($1, '')", CHANNEL).execute(tx).await?;
    Ok(())
}

/// Claims up to `limit` jobs that are due, first in their lane and behind an open gate. Costs the same
/// however many jobs wait behind others, behind closed gates or for their time.
///
/// Where a gate has a rate, no more is claimed than the requests that are left pay for; two claims at once
/// may take the same ones, which is paid back before the next.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, now: OffsetDateTime, limit: i64) -> sqlx::Result<Vec<Claim>> {
    let rows = sqlx::query!(
        "with open as (
             select name, drains_to,
                 case
                     when rate is null then $2
                     -- in seconds; what is left of the ten that may be saved up, in tries
                     else least($2, ceil(
                         ($4::float8 - extract(epoch from greatest(spent_until - $1, interval '0'))::float8)
                             * rate / (60 * $5::int)
                     )::bigint)
                 end as room
             from gates
             where (not closed or drains_to is not null) and (opens_at is null or opens_at <= $1)
         ),
         next as (
             select found.seq, found.gate
             from open cross join lateral (
                 select jobs.seq, jobs.gate, jobs.due_at from jobs
                 where jobs.gate = open.name and head and due_at <= $1
                   and (leased_until is null or leased_until <= $1)
                   and (open.drains_to is null or jobs.seq <= open.drains_to)
                 order by due_at, seq
                 limit greatest(open.room, 0)
                 for update skip locked
             ) as found
             order by found.due_at, found.seq
             limit $2
         ),
         spent as (
             update gates
             set spent_until = greatest(spent_until, $1) + taken.tries * $5::int * interval '1 minute' / rate
             from (select gate, count(*) as tries from next group by gate) as taken
             where name = taken.gate and rate is not null
         )
         update jobs
         set attempts = attempts + 1, spent = spent + 1, leased_until = $3
         -- as an array, of which the planner knows that it is short
         where seq = any(array(select seq from next))
         returning seq, kind, payload, attempts, spent",
        now,
        limit,
        now + LEASE,
        gates::SAVED_UP.as_secs_f64(),
        gates::REQUESTS_A_TRY,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Claim {
            seq: row.seq,
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
        "select 1 from jobs where seq = $1 and attempts = $2 for update",
        claim.seq,
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
    match step {
        Step::Done => finish(tx, &[claim]).await?,
        Step::Again { at, says } => put_off(tx, claim, Some(at), 0, &says).await?,
        Step::Later { at, says } => put_off(tx, claim, Some(at), 1, &says).await?,
        Step::Park { says } => put_off(tx, claim, None, 0, &says).await?,
    }
    Ok(Settled(()))
}

/// Takes jobs away that are finished, where they are still held, and makes the next of each lane the head.
pub(super) async fn finish(tx: &mut PgConnection, claims: &[&Claim]) -> sqlx::Result<()> {
    let gone = sqlx::query!(
        "delete from jobs using unnest($1::bigint[], $2::int[]) as done (seq, attempts)
         where jobs.seq = done.seq and jobs.attempts = done.attempts
         returning jobs.seq, lane",
        &claims.iter().map(|claim| claim.seq).collect::<Vec<_>>(),
        &claims.iter().map(|claim| claim.attempts).collect::<Vec<_>>(),
    )
    .fetch_all(&mut *tx)
    .await?;
    let (seqs, lanes): (Vec<_>, Vec<_>) =
        gone.into_iter().filter_map(|row| Some((row.seq, row.lane?))).unzip();
    lanes::promote(tx, &lanes, &seqs).await
}

async fn put_off(
    tx: &mut PgConnection,
    claim: &Claim,
    at: Option<OffsetDateTime>,
    unspent: i32,
    says: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set due_at = $3, leased_until = null, spent = spent - $4, says = $5
         where seq = $1 and attempts = $2",
        claim.seq,
        claim.attempts,
        at,
        unspent,
        says,
    )
    .execute(tx)
    .await?;
    Ok(())
}
