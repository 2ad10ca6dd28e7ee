//! How much there is on each tab, counted anew only when something happened.

use std::{ops::Range, sync::Arc};

use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use super::store::{Counts, Filter, counts, oldest_pending};
use crate::audit;

/// How long a count is believed when nothing seems to have happened: events become visible in the order of
/// commits, so one that is told late may hide behind a later one.
const BELIEVED: Range<Duration> = Duration::ZERO..Duration::seconds(2);

/// How much there is, of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many actions are on each tab.
    pub counts: Counts,
    /// When the oldest of those that wait for a person was asked for.
    pub oldest: Option<OffsetDateTime>,
}

/// The last count of everything. Every page shows it, and counting reads thousands of index entries; so a
/// count holds until the next event: no action changes without one.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Option<Counted>>>);

#[derive(Debug, Clone, Copy)]
struct Counted {
    totals: Totals,
    newest: i64,
    at: OffsetDateTime,
}

impl Tally {
    /// How much there is now. Of several that ask at once, one counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totals(&self, pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Totals> {
        let newest = audit::newest(pool).await?;
        let mut last = self.0.lock().await;
        if let Some(counted) = *last
            && counted.newest >= newest
            && BELIEVED.contains(&(now - counted.at))
        {
            return Ok(counted.totals);
        }
        let counts = counts(pool, &Filter::default().sieve(pool).await?).await?;
        let totals = Totals { counts, oldest: oldest_pending(pool).await? };
        *last = Some(Counted { totals, newest, at: now });
        Ok(totals)
    }
}
