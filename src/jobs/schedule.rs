//! When a try that failed is made again.

use std::time::Duration;

/// How many tries a job has before a person is asked.
pub const ATTEMPTS: u32 = 10;
/// The wait after the first.
const FIRST: Duration = Duration::from_secs(5);
/// The longest wait of our own choosing.
const LONGEST: Duration = Duration::from_hours(1);
/// The longest wait that an app may ask for.
pub const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// The wait before the next try, or `None` when there is none: 5 s, doubled each time up to an hour.
///
/// An app that names its own wait is believed up to a day, and is never called earlier than it asked
/// (calling early makes Acrobat Sign begin the wait anew: `facts/echosign.md`, Throttling).
#[must_use]
pub fn wait(attempt: u32, asked: Option<Duration>) -> Option<Duration> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let doubled =
        FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST);
    Some(doubled.max(asked.unwrap_or_default().min(LONGEST_ASKED)))
}

/// The same wait, up to a fifth longer, so that what failed together is not tried again together.
#[must_use]
pub fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(1.0 + rand::random_range(0.0..0.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_and_then_a_person_is_asked() {
        let seconds: Vec<_> =
            (1..=ATTEMPTS).map(|n| wait(n, None).map(|wait| wait.as_secs())).collect();

        let expected = [5, 10, 20, 40, 80, 160, 320, 640, 1280].map(Some);
        assert_eq!(seconds[..9], expected);
        assert_eq!(seconds[9], None);
    }

    #[test]
    fn an_app_is_never_called_before_the_time_it_asked_for() {
        let hour = Duration::from_hours(1);

        assert_eq!(wait(1, Some(hour)), Some(hour));
        assert_eq!(wait(3, Some(Duration::from_secs(1))), Some(Duration::from_secs(20)));
        assert_eq!(wait(1, Some(Duration::MAX)), Some(LONGEST_ASKED));
    }

    #[test]
    fn jitter_only_ever_adds() {
        let wait = Duration::from_secs(100);
        for _ in 0..1_000 {
            let jittered = jittered(wait);

            assert!(jittered >= wait && jittered <= wait.mul_f64(1.2), "{jittered:?}");
        }
    }
}
