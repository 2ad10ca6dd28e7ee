//! How long an app wishes to be left alone.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// A wish beyond this is taken for this: a clock that is wrong must not stop an app for years.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// Reads `Retry-After` (RFC 9110 section 10.2.3), or Adobe's spelling of it, `retryAfter`.
///
/// A date counts from the answer's own `Date` where there is one, so that a difference
/// between the two clocks does not matter; `now` stands in for it.
pub(super) fn asked(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let wish = text(RETRY_AFTER.as_str()).or_else(|| text("retryAfter"))?.trim();
    if let Ok(seconds) = wish.parse() {
        return Some(bounded(seconds));
    }
    let until = OffsetDateTime::parse(wish, &Rfc2822).ok()?;
    let from = text(DATE.as_str()).and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
    let left = until - from.unwrap_or(now);
    Some(Duration::try_from(left).unwrap_or_default().min(LONGEST))
}

/// A wish in whole seconds.
pub(crate) fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn wait(headers: &[(&'static str, &str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        asked(&headers, datetime!(2026-11-23 12:00:00 UTC)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_both_understood() {
        let date = "Mon, 23 Nov 2026 13:00:00 GMT";

        assert_eq!(wait(&[("retry-after", "3600")]), Some(3_600));
        assert_eq!(wait(&[("retryAfter", " 5 ")]), Some(5));
        assert_eq!(wait(&[("retry-after", date)]), Some(3_600));
        assert_eq!(wait(&[("retry-after", "0")]), Some(0));
    }

    #[test]
    fn a_date_counts_from_the_apps_own_clock() {
        let headers = [
            ("date", "Mon, 23 Nov 2026 12:59:00 GMT"),
            ("retry-after", "Mon, 23 Nov 2026 13:00:00 GMT"),
        ];

        assert_eq!(wait(&headers), Some(60));
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait() {
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2020 13:00:00 GMT")]), Some(0));
    }

    #[test]
    fn what_is_neither_is_no_wish() {
        for wish in ["", "soon", "-5", "1.5"] {
            assert_eq!(wait(&[("retry-after", wish)]), None, "{wish}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn years_are_taken_for_a_week() {
        let week = Some(LONGEST.as_secs());

        assert_eq!(wait(&[("retry-after", "18446744073709551615")]), week);
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2037 13:00:00 GMT")]), week);
    }
}
