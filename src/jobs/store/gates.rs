//! Reads and writes `gates`: what jobs stand behind, and how many requests they may make.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::ring;

/// Unused requests are saved up for so long, and no longer: that many may be made at once.
pub const SAVED_UP: Duration = Duration::from_secs(10);

/// What a try is taken to cost before it is known: it looks, and it sends.
pub(super) const REQUESTS_A_TRY: i32 = 2;

/// How a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// Whether nothing behind it is claimed.
    pub closed: bool,
    /// Whether what stood behind it when it was closed is still claimed.
    pub drains: bool,
    /// Nothing is claimed before then.
    pub opens_at: Option<OffsetDateTime>,
    /// Requests a minute; `None` for as many as there are.
    pub rate: Option<i32>,
    /// By when the requests made so far would have been made at exactly that rate.
    pub spent_until: Option<OffsetDateTime>,
}

impl Gate {
    /// How many requests are left at once, and when all of those that can be saved up are there again;
    /// `None` without a rate. Fewer than none: more were made than were paid for.
    #[must_use]
    pub fn left(&self, now: OffsetDateTime) -> Option<(i64, OffsetDateTime)> {
        let rate = f64::from(self.rate?);
        let until = self.spent_until.filter(|until| *until > now).unwrap_or(now);
        let left = (SAVED_UP.as_secs_f64() - (until - now).as_seconds_f64()) * rate / 60.0;
        #[expect(clippy::cast_possible_truncation, reason = "a count of requests is small")]
        let whole = left.floor() as i64;
        Some((whole, until))
    }
}

/// How a gate stands; open when nobody ever closed it.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, name: &str) -> sqlx::Result<Gate> {
    let gate = sqlx::query_as!(
        Gate,
        r#"select closed, drains_to is not null as "drains!", opens_at, rate, spent_until
           from gates where name = $1"#,
        name,
    )
    .fetch_optional(pool)
    .await?;
    Ok(gate.unwrap_or_default())
}

/// Closes or opens a gate, making it where there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn put(tx: &mut PgConnection, name: &str, closed: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into gates (name, closed) values ($1, $2)
         on conflict (name) do update set closed = excluded.closed, drains_to = null",
        name,
        closed,
    )
    .execute(&mut *tx)
    .await?;
    if closed { Ok(()) } else { ring(tx).await }
}

/// Sets how many requests a minute may be made behind a gate; `None` for as many as there are.
///
/// # Errors
/// When the database does not answer.
pub async fn pace(tx: &mut PgConnection, name: &str, rate: Option<i32>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into gates (name, rate) values ($1, $2)
         on conflict (name) do update set rate = excluded.rate, spent_until = null",
        name,
        rate,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Closes a gate behind what stands there now: that is still claimed, what comes later is not.
///
/// # Errors
/// When the database does not answer.
pub async fn drain(tx: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update gates
         set closed = true, drains_to = (select coalesce(max(seq), 0) from jobs)
         where name = $1",
        name,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether nothing is left to claim behind a gate that drains; what is parked waits for a person and does not count.
///
/// # Errors
/// When the database does not answer.
pub async fn is_drained(tx: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select not exists (
               select 1 from jobs
               where gate = name and head and due_at is not null and seq <= drains_to
           ) as "drained!"
           from gates where name = $1 and drains_to is not null"#,
        name,
    )
    .fetch_optional(tx)
    .await
    .map(|drained| drained.unwrap_or(false))
}

/// Has nothing claimed behind a gate before `at`, or at once.
///
/// # Errors
/// When the database does not answer.
pub async fn rest_until(
    tx: &mut PgConnection,
    name: &str,
    at: Option<OffsetDateTime>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update gates set opens_at = case when $2::timestamptz is null then null else greatest(opens_at, $2) end
         where name = $1",
        name,
        at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes what a try really cost, where the gate has a rate.
///
/// # Errors
/// When the database does not answer.
pub async fn charge(tx: &mut PgConnection, name: &str, requests: usize) -> sqlx::Result<()> {
    let more = i32::try_from(requests).unwrap_or(i32::MAX).saturating_sub(REQUESTS_A_TRY);
    sqlx::query!(
        "update gates set spent_until = spent_until + $2::int * interval '1 minute' / rate
         where name = $1 and rate is not null and $2 <> 0",
        name,
        more,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes every job behind a gate due that was put off and that nobody holds: what they waited for is over.
///
/// # Errors
/// When the database does not answer.
pub async fn wake(tx: &mut PgConnection, now: OffsetDateTime, name: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set due_at = $2
         where gate = $1 and head and due_at > $2 and leased_until is null and says is not null",
        name,
        now,
    )
    .execute(&mut *tx)
    .await?;
    ring(tx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_rate_is_what_was_saved_up_and_not_yet_spent() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let gate = |spent: f64| Gate {
            rate: Some(60),
            spent_until: Some(now + time::Duration::seconds_f64(spent)),
            ..Gate::default()
        };

        let left = |gate: Gate| gate.left(now).map(|left| left.0);

        assert_eq!(left(Gate::default()), None);
        assert_eq!(left(gate(-100.0)), Some(10), "no more than can be saved up");
        assert_eq!(
            (left(gate(0.0)), left(gate(9.5)), left(gate(12.0))),
            (Some(10), Some(0), Some(-2))
        );
    }
}
