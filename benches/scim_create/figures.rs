//! What many requests took.

use std::time::Duration;

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    /// In milliseconds.
    pub(crate) p50: f64,
    /// In milliseconds.
    pub(crate) p99: f64,
}

impl Figures {
    /// Of requests that took so long each, and all of them together so long.
    pub(crate) fn of(mut taken: Vec<Duration>, elapsed: Duration) -> Self {
        taken.sort_unstable();
        let at = |part: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a place in a list"
            )]
            let place = (taken.len() as f64 * part) as usize;
            taken.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        #[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
        let per_second = taken.len() as f64 / elapsed.as_secs_f64();
        Self { per_second, p50: at(0.5), p99: at(0.99) }
    }
}
