//! A point in time, in words, with the exact time on hover.

use askama::Template;
use time::{
    Duration, OffsetDateTime, UtcOffset, format_description::BorrowedFormatItem,
    macros::format_description,
};

const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year]");
pub(super) const EXACT: &[BorrowedFormatItem<'_>] = format_description!(
    "[day padding:none] [month repr:short] [year], [hour]:[minute]:[second] UTC"
);
pub(super) const MACHINE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// A point in time as a `time` element: words relative to now, the exact time in UTC on hover.
/// A script (`static/app.js`) keeps the words true and says the exact time in the reader's zone.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<time datetime="{{ machine }}" title="{{ exact }}" data-ago="{{ style }}">{{ words }}</time>"#,
    ext = "html"
)]
pub struct Moment {
    machine: String,
    exact: String,
    style: &'static str,
    words: String,
}

impl Moment {
    /// For a table: `3 h`.
    #[must_use]
    pub fn short(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        Self::new(at, "short", short_words(at, now))
    }

    /// For a sentence: `3 h ago`.
    #[must_use]
    pub fn ago(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        let words = match short_words(at, now) {
            now if now == "now" => "just now".to_owned(),
            day if now - at >= Duration::days(30) => format!("on {day}"),
            span => format!("{span} ago"),
        };
        Self::new(at, "long", words)
    }

    fn new(at: OffsetDateTime, style: &'static str, words: String) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        let text = |format: &[BorrowedFormatItem<'_>]| at.format(format).unwrap_or_default();
        Self { machine: text(MACHINE), exact: text(EXACT), style, words }
    }
}

/// How long from now `until` is, for a sentence: `12 min`; at least a minute.
#[must_use]
pub fn span(until: Duration) -> String {
    match until.whole_seconds().max(60) {
        seconds @ ..=5_400 => format!("{} min", (seconds + 59) / 60),
        seconds => format!("{} h", (seconds + 1_800) / 3_600),
    }
}

fn short_words(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let since = now - at;
    match since.whole_seconds() {
        ..60 => "now".to_owned(),
        60..3_600 => format!("{} min", since.whole_minutes()),
        3_600..172_800 => format!("{} h", since.whole_hours()),
        172_800..2_592_000 => format!("{} d", since.whole_days()),
        _ => at.to_offset(UtcOffset::UTC).format(DAY).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 18:00 UTC);

    #[test]
    fn the_words_grow_with_the_distance() {
        let cases = [
            (Duration::seconds(-5), "now", "just now"),
            (Duration::seconds(59), "now", "just now"),
            (Duration::minutes(4), "4 min", "4 min ago"),
            (Duration::minutes(61), "1 h", "1 h ago"),
            (Duration::hours(47), "47 h", "47 h ago"),
            (Duration::days(5), "5 d", "5 d ago"),
            (Duration::days(40), "14 Oct 2026", "on 14 Oct 2026"),
        ];

        for (before, short, long) in cases {
            assert_eq!(Moment::short(NOW - before, NOW).words, short);
            assert_eq!(Moment::ago(NOW - before, NOW).words, long);
        }
    }

    #[test]
    fn the_exact_time_is_in_utc_and_a_machine_reads_it() {
        let at = datetime!(2026-11-23 19:05:09 +2);

        let drawn = Moment::short(at, NOW).to_string();

        assert!(drawn.contains(r#"datetime="2026-11-23T17:05:09Z""#), "{drawn}");
        assert!(drawn.contains(r#"title="23 Nov 2026, 17:05:09 UTC""#), "{drawn}");
    }

    #[test]
    fn a_wait_is_told_in_minutes_and_never_as_none() {
        assert_eq!(span(Duration::ZERO), "1 min");
        assert_eq!(span(Duration::seconds(61)), "2 min");
        assert_eq!(span(Duration::hours(3)), "3 h");
    }
}
