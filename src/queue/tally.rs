//! How much there is, counted anew only when something happened.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use super::store::{
    Counts, Filter, Sieve, counts, oldest_pending,
    overview::{self, Figures},
};
use crate::audit;

/// How long at most a count is believed when nothing seems to have happened: events become visible in the order
/// of commits, so one that is told late may hide behind a later one.
const BELIEVED: Duration = Duration::seconds(10);
/// How many searches are remembered.
const SEARCHES: usize = 100;

/// The last counts. Counting reads thousands of index entries, for every page the same; so a count holds until the
/// next event: no action, person or administrator changes without one. Of several who ask at once, one counts.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Arc<Known>>>);

impl Tally {
    /// What is known of the queue as it stands; what is not is counted when it is asked for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn now(&self, pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Arc<Known>> {
        let stretch = now.unix_timestamp().div_euclid(BELIEVED.whole_seconds());
        let as_of = AsOf { event: audit::newest(pool).await?, stretch };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever looked a moment ago is told what was seen since. (A restored history may be shorter.)
        if known.as_of.event < as_of.event || known.as_of.stretch < as_of.stretch {
            *known = Arc::new(Known { as_of, now, ..Known::default() });
        }
        Ok(known.clone())
    }
}

/// What happened so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct AsOf {
    /// The newest event.
    event: i64,
    /// In which stretch of [`BELIEVED`].
    stretch: i64,
}

/// What was counted since something last happened.
#[derive(Debug)]
pub struct Known {
    as_of: AsOf,
    now: OffsetDateTime,
    totals: OnceCell<Totals>,
    figures: OnceCell<Figures>,
    searches: Mutex<HashMap<Filter, Arc<OnceCell<Found>>>>,
}

impl Default for Known {
    /// Nothing, and of no time.
    fn default() -> Self {
        Self {
            as_of: AsOf::default(),
            now: OffsetDateTime::UNIX_EPOCH,
            totals: OnceCell::new(),
            figures: OnceCell::new(),
            searches: Mutex::default(),
        }
    }
}

/// How much there is, of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many actions are on each tab.
    pub counts: Counts,
    /// When the oldest of those that wait for a person was asked for.
    pub oldest: Option<OffsetDateTime>,
}

/// What a search comes to, whichever tab is looked at.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it looks for; of no tab yet.
    pub sieve: Sieve,
    /// How many it finds on each tab.
    pub counts: Counts,
}

impl Known {
    /// How much there is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totals(&self, pool: &PgPool) -> sqlx::Result<Totals> {
        let count = async || {
            let counts = self.search(pool, &Filter::default()).await?.counts;
            Ok(Totals { counts, oldest: oldest_pending(pool).await? })
        };
        self.totals.get_or_try_init(count).await.copied()
    }

    /// What `filter` comes to, on whichever tab.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, pool: &PgPool, filter: &Filter) -> sqlx::Result<Found> {
        let filter = Filter { tab: None, ..filter.clone() };
        let cell = {
            let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
            if searches.len() >= SEARCHES && !searches.contains_key(&filter) {
                searches.clear();
            }
            searches.entry(filter.clone()).or_default().clone()
        };
        let count = async || {
            let sieve = filter.sieve(pool).await?;
            Ok(Found { counts: counts(pool, &sieve).await?, sieve })
        };
        cell.get_or_try_init(count).await.cloned()
    }

    /// What the overview counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn figures(&self, pool: &PgPool) -> sqlx::Result<&Figures> {
        self.figures.get_or_try_init(|| overview::figures(pool, self.now)).await
    }
}
