//! When things happened: more of them of late, over two years, with bursts.

use time::{Duration, OffsetDateTime};

use super::dice::Dice;

const BURSTS: u64 = 3;
/// How far back it goes.
const REACH: Duration = Duration::days(730);
/// In how many parts, each of which begins with a burst where it is long enough.
const PARTS: usize = 40;
/// How long a burst lasts.
const LENGTH: Duration = Duration::seconds(50);

/// The times of so many actions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    now: OffsetDateTime,
    actions: usize,
}

/// Many actions of one source at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Burst {
    pub(super) source: &'static str,
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Times {
    pub(super) const fn new(now: OffsetDateTime, actions: usize) -> Self {
        Self { now, actions }
    }

    fn part(self) -> usize {
        self.actions.div_ceil(PARTS).max(1)
    }

    /// When the `number`th was asked for.
    pub(super) fn of(self, number: usize) -> OffsetDateTime {
        let part = number / self.part();
        let (begin, end) = (self.begins(part), self.begins(part + 1));
        match self.burst(part) {
            Some(burst) if number <= burst.last => {
                begin + spread(LENGTH, number - burst.first, burst.last - burst.first)
            }
            burst => {
                let (first, begin) = match burst {
                    Some(burst) => (burst.last, begin + LENGTH + LENGTH),
                    None => (part * self.part(), begin),
                };
                begin + spread(end - begin, number - first, (part + 1) * self.part() - first)
            }
        }
    }

    fn begins(self, part: usize) -> OffsetDateTime {
        #[expect(clippy::cast_precision_loss, reason = "a place among some parts")]
        let left = (self.actions as f64 - (part * self.part()) as f64) / self.actions.max(1) as f64;
        // Whole seconds: what a computer makes of a power may differ in its last digits.
        let ago = REACH.as_seconds_f64() * left.max(0.0).powf(1.5);
        self.now - Duration::seconds(Duration::seconds_f64(ago).whole_seconds())
    }

    /// The burst that a part begins with.
    pub(super) fn burst(self, part: usize) -> Option<Burst> {
        let mut dice = Dice::of(BURSTS, part);
        let first = part * self.part();
        let length = (60 + dice.roll(2_000)).min(self.part() / 4);
        (length >= 50 && first + length < self.actions).then(|| Burst {
            source: dice.share(&[(60, "okta"), (20, "entra"), (20, "csv")]),
            first,
            last: first + length - 1,
        })
    }

    /// All of them.
    pub(super) fn bursts(self) -> impl Iterator<Item = Burst> {
        (0..PARTS).filter_map(move |part| self.burst(part))
    }

    /// The source of the burst that the `number`th is part of.
    pub(super) fn source(self, number: usize) -> Option<&'static str> {
        let burst = self.burst(number / self.part())?;
        (number <= burst.last).then_some(burst.source)
    }

    /// Some time after `at`, within `most`, and never in the future.
    pub(super) fn after(
        self,
        at: OffsetDateTime,
        most: Duration,
        dice: &mut Dice,
    ) -> OffsetDateTime {
        at + spread(most.min(self.now - at), 1 + dice.roll(999), 1_000)
    }
}

/// A part of a duration, in whole microseconds.
fn spread(all: Duration, part: usize, of: usize) -> Duration {
    let part = i128::try_from(part).unwrap_or(0);
    let of = i128::try_from(of).unwrap_or(1).max(1);
    let micros = all.whole_microseconds() * part / of;
    Duration::microseconds(i64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-26 12:00 UTC);

    #[test]
    fn times_go_on_over_two_years_and_end_before_now() {
        for actions in [1, 7, 200, 20_000] {
            let times = Times::new(NOW, actions);
            let all: Vec<_> = (0..actions).map(|number| times.of(number)).collect();

            assert!(all.is_sorted(), "{actions}");
            assert!(all[0] == NOW - REACH, "{actions}");
            assert!(all[actions - 1] <= NOW, "{actions}");
        }
    }

    #[test]
    fn a_burst_is_of_one_source_and_within_a_minute() {
        let times = Times::new(NOW, 20_000);

        assert!(times.bursts().count() > 30);
        for Burst { source, first, last } in times.bursts() {
            assert!(times.of(last) - times.of(first) < Duration::MINUTE);
            assert_eq!((times.source(first), times.source(last)), (Some(source), Some(source)));
            assert_eq!(times.source(last + 1), None);
        }
    }
}
