//! How many requests a source may make.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};

use crate::{directory::Source, kernel::Clock};

/// Lets each source make so many requests a second, and twice as many at once after a rest.
/// Sources are rows that administrators made, so there are never many of them.
#[derive(Clone)]
pub struct Rate(Option<Arc<Limiter>>);

type Limiter = RateLimiter<String, HashMapStateStore<String>, Time, NoOpMiddleware<Duration>>;

impl Rate {
    /// So many requests a second; none is no limit.
    #[must_use]
    pub fn new(a_second: u32, clock: Arc<dyn Clock>) -> Self {
        let limiter = NonZeroU32::new(a_second).map(|a_second| {
            let burst = a_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
            let quota = Quota::per_second(a_second).allow_burst(burst);
            Arc::new(RateLimiter::hashmap_with_clock(quota, Time(clock)))
        });
        Self(limiter)
    }

    /// Counts a request, unless it is one too many: then how many seconds `source` is to wait.
    pub(super) fn admit(&self, source: &Source) -> Result<(), u64> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        limiter.check_key(&source.0).map_err(|later| {
            let wait = later.wait_time_from(limiter.clock().now());
            // Whole seconds are what every client reads; Okta waits five minutes for anything else.
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rate").field(&self.0.is_some()).finish()
    }
}

/// The house's clock, as the limiter reads it.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl governor::clock::Clock for Time {
    type Instant = Duration;

    /// Since 1970.
    fn now(&self) -> Duration {
        let now = self.0.now().unix_timestamp_nanos();
        Duration::from_nanos(u64::try_from(now).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::kernel::HeldClock;

    #[test]
    fn a_source_may_ask_twice_its_rate_at_once_and_then_waits_alone() {
        let clock = Arc::new(HeldClock::at(OffsetDateTime::UNIX_EPOCH + Duration::from_hours(1)));
        let rate = Rate::new(2, clock.clone());
        let (okta, entra) = (Source("okta".to_owned()), Source("entra".to_owned()));
        let admitted = |source| (0..9).filter(|_| rate.admit(source).is_ok()).count();

        assert_eq!((admitted(&okta), admitted(&entra)), (4, 4));
        assert_eq!(rate.admit(&okta), Err(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(admitted(&okta), 2);
        clock.advance(Duration::from_hours(1));
        assert_eq!(admitted(&okta), 4);
    }

    #[test]
    fn a_rate_of_none_lets_everything_through() {
        let clock = Arc::new(HeldClock::at(OffsetDateTime::UNIX_EPOCH));
        let rate = Rate::new(0, clock);

        assert!((0..10_000).all(|_| rate.admit(&Source("okta".to_owned())).is_ok()));
    }
}
