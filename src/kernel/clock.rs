//! The only reader of the time.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;

/// Tells the time, in UTC and whole microseconds, as Postgres keeps it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Now.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    fn now(&self) -> OffsetDateTime {
        whole_microseconds(OffsetDateTime::now_utc())
    }
}

/// A clock that stands still until it is moved, so that a test can hold it.
#[derive(Debug)]
pub struct HeldClock(Mutex<OffsetDateTime>);

impl HeldClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn at(at: OffsetDateTime) -> Self {
        Self(Mutex::new(whole_microseconds(at)))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for HeldClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_microseconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(at.microsecond() * 1_000).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_clock_moves_only_when_it_is_moved() {
        let clock = HeldClock::at(OffsetDateTime::UNIX_EPOCH);
        clock.advance(Duration::from_secs(90));

        assert_eq!(clock.now().unix_timestamp(), 90);
        assert_eq!(clock.now(), clock.now());
    }

    #[test]
    fn the_time_has_no_part_that_postgres_would_drop() {
        assert_eq!(SystemClock.now().nanosecond() % 1_000, 0);
    }
}
