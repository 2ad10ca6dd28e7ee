//! How much there is, counted anew only when something happened.

use std::{hash::Hash, sync::Arc};

use quick_cache::sync::Cache;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

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

/// What happened so far: until something else does, all that was counted holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AsOf {
    /// The newest event.
    event: i64,
    /// In which stretch of [`BELIEVED`].
    stretch: i64,
}

impl AsOf {
    /// What happened until now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn now(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Self> {
        let stretch = now.unix_timestamp().div_euclid(BELIEVED.whole_seconds());
        Ok(Self { event: audit::newest(pool).await?, stretch })
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

/// The last counts. Counting reads thousands of index entries, for every page the same; so a count holds
/// until the next event: no action, person or administrator changes without one. Of several who ask at once, one
/// counts.
#[derive(Debug, Clone)]
pub struct Tally(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    totals: Cache<AsOf, Totals>,
    searches: Cache<(AsOf, Filter), Arc<Found>>,
    figures: Cache<AsOf, Arc<Figures>>,
}

impl Default for Tally {
    fn default() -> Self {
        let (totals, figures) = (Cache::new(1), Cache::new(1));
        Self(Arc::new(Kept { totals, searches: Cache::new(SEARCHES), figures }))
    }
}

impl Tally {
    /// How much there is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn totals(&self, pool: &PgPool, as_of: AsOf) -> sqlx::Result<Totals> {
        let read = async {
            let counts = self.search(pool, as_of, &Filter::default()).await?.counts;
            Ok(Totals { counts, oldest: oldest_pending(pool).await? })
        };
        self.0.totals.get_or_insert_async(&as_of, read).await
    }

    /// What `filter` comes to, on whichever tab.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(
        &self,
        pool: &PgPool,
        as_of: AsOf,
        filter: &Filter,
    ) -> sqlx::Result<Arc<Found>> {
        let filter = Filter { tab: None, ..filter.clone() };
        let read = async {
            let sieve = filter.sieve(pool).await?;
            Ok(Arc::new(Found { counts: counts(pool, &sieve).await?, sieve }))
        };
        self.0.searches.get_or_insert_async(&(as_of, filter.clone()), read).await
    }

    /// What the overview counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn figures(
        &self,
        pool: &PgPool,
        as_of: AsOf,
        now: OffsetDateTime,
    ) -> sqlx::Result<Arc<Figures>> {
        let read = async { overview::figures(pool, now).await.map(Arc::new) };
        self.0.figures.get_or_insert_async(&as_of, read).await
    }
}
