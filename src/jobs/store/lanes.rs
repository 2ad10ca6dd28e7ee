//! Lanes: who is next, who waits for whom, and jobs that somebody lets go on or takes out.

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::ring;

/// How far the jobs behind another one are counted.
pub const COUNTED: i64 = 100;

/// Makes the next of each lane the head, after the jobs of `seqs`, which were, are gone.
pub(super) async fn promote(
    tx: &mut PgConnection,
    lanes: &[String],
    seqs: &[i64],
) -> sqlx::Result<()> {
    if lanes.is_empty() {
        return Ok(());
    }
    // A statement of its own, so that it sees what was enqueued while the last one waited for a lock.
    sqlx::query!(
        "update jobs set head = true
         from unnest($1::text[], $2::bigint[]) as gone (lane, seq)
         cross join lateral (
             select seq from jobs
             where jobs.lane = gone.lane and jobs.seq > gone.seq
             order by jobs.seq
             limit 1
         ) as next
         where jobs.seq = next.seq",
        lanes,
        seqs,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets a parked job go on at once, its tries counted anew; `false` when there is none that holds `payload`.
///
/// # Errors
/// When the database does not answer.
pub async fn release(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    lane: &str,
    payload: &Json,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update jobs set due_at = $3, spent = 0, says = null
         where lane = $1 and payload = $2 and due_at is null",
        lane,
        payload,
        now,
    )
    .execute(&mut *tx)
    .await?;
    ring(tx).await?;
    Ok(done.rows_affected() > 0)
}

/// Takes the job out of its lane that holds `payload`, whoever holds it, and lets the next go on;
/// `false` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(tx: &mut PgConnection, lane: &str, payload: &Json) -> sqlx::Result<bool> {
    let gone = sqlx::query!(
        "delete from jobs where lane = $1 and payload = $2 returning seq, head",
        lane,
        payload,
    )
    .fetch_all(&mut *tx)
    .await?;
    for job in gone.iter().filter(|job| job.head) {
        promote(tx, &[lane.to_owned()], &[job.seq]).await?;
        ring(tx).await?;
    }
    Ok(!gone.is_empty())
}

/// When the job that holds `payload` is due, if it is in its lane and waits for a time.
///
/// # Errors
/// When the database does not answer.
pub async fn due_at(
    pool: &PgPool,
    lane: &str,
    payload: &Json,
) -> sqlx::Result<Option<OffsetDateTime>> {
    let found = sqlx::query_scalar!(
        "select due_at from jobs where lane = $1 and payload = $2 and leased_until is null",
        lane,
        payload,
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.flatten())
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

/// How many jobs of a lane wait behind the one that holds `payload`; at most [`COUNTED`], none when there is
/// no such job.
///
/// # Errors
/// When the database does not answer.
pub async fn behind(pool: &PgPool, lane: &str, payload: &Json) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select 1 from jobs
               where lane = $1 and seq > (select own.seq from jobs own where own.lane = $1 and own.payload = $2)
               limit $3
           ) as behind"#,
        lane,
        payload,
        COUNTED,
    )
    .fetch_one(pool)
    .await
}
