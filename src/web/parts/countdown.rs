//! A point in time ahead, which a script counts down to.

use askama::Template;
use time::{
    OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description,
};

use super::moment::{EXACT, MACHINE};

const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second] UTC");

/// A point in time ahead as a `time` element: `at 18:00:28 UTC`. A script (`static/app.js`) makes `in 28 s` of
/// it, by the seconds that are left and not by the reader's clock.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<time datetime="{{ machine }}" title="{{ exact }}" data-left="{{ left }}">at {{ clock }}</time>"#,
    ext = "html"
)]
pub struct Countdown {
    machine: String,
    exact: String,
    clock: String,
    left: i64,
}

impl Countdown {
    /// From `now` to `at`.
    #[must_use]
    pub fn to(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        let left = (at - now).whole_seconds().max(0);
        let at = at.to_offset(UtcOffset::UTC);
        let text = |format: &[BorrowedFormatItem<'_>]| at.format(format).unwrap_or_default();
        Self { machine: text(MACHINE), exact: text(EXACT), clock: text(CLOCK), left }
    }
}

/// A wait in words, for a sentence: `30 seconds`, `1 minute`, `2 minutes 5 seconds`.
#[must_use]
pub fn seconds(wait: time::Duration) -> String {
    let counted = |number: i64, one: &str| match number {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    };
    let (minutes, seconds) = (wait.whole_minutes(), wait.whole_seconds() % 60);
    match (minutes, seconds) {
        (0, seconds) => counted(seconds, "second"),
        (minutes, 0) => counted(minutes, "minute"),
        (minutes, seconds) => {
            format!("{} {}", counted(minutes, "minute"), counted(seconds, "second"))
        }
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 18:00 UTC);

    #[test]
    fn without_a_script_the_time_itself_is_read() {
        let drawn = Countdown::to(NOW + Duration::seconds(28), NOW).to_string();

        assert!(
            drawn.contains(">at 18:00:28 UTC<") && drawn.contains(r#"data-left="28""#),
            "{drawn}"
        );
    }

    #[test]
    fn what_is_past_has_nothing_left() {
        let drawn = Countdown::to(NOW - Duration::seconds(28), NOW).to_string();

        assert!(drawn.contains(r#"data-left="0""#), "{drawn}");
    }

    #[test]
    fn a_wait_is_told_in_minutes_and_seconds() {
        for (wait, told) in [
            (30, "30 seconds"),
            (1, "1 second"),
            (60, "1 minute"),
            (125, "2 minutes 5 seconds"),
            (600, "10 minutes"),
        ] {
            assert_eq!(seconds(Duration::seconds(wait)), told);
        }
    }
}
