//! The overview's two charts: what is drawn, and the same in words.

use std::collections::HashMap;

use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    queue::store::overview::{A_DAY, Day, TIMED, Took},
    web::{
        overview::Charted,
        parts::{Chart, Figure, Scale, Series, Shape, Slot, count},
    },
};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short]");
/// How high a chart of numbers may reach; half of each is whole.
const COUNTS: [f64; 15] = [
    4.0, 10.0, 20.0, 40.0, 60.0, 100.0, 200.0, 400.0, 600.0, 1_000.0, 2_000.0, 4_000.0, 6_000.0,
    10_000.0, 20_000.0,
];
const HOUR: f64 = 3_600.0;
const DAYLONG: f64 = 24.0 * HOUR;
/// How high a chart of times may reach, in seconds; half of each is told without a fraction.
const TIMES: [f64; 16] = [
    60.0,
    120.0,
    600.0,
    1_200.0,
    HOUR,
    2.0 * HOUR,
    4.0 * HOUR,
    8.0 * HOUR,
    12.0 * HOUR,
    DAYLONG,
    2.0 * DAYLONG,
    4.0 * DAYLONG,
    8.0 * DAYLONG,
    16.0 * DAYLONG,
    32.0 * DAYLONG,
    64.0 * DAYLONG,
];

const DECIDED: [Series; 3] = [
    Series { name: "Approved by people", class: "people" },
    Series { name: "Approved by rules", class: "rules" },
    Series { name: "Rejected", class: "rejected" },
];
const TAKEN: [Series; 2] = [
    Series { name: "Half within", class: "people" },
    Series { name: "Nine of ten within", class: "most" },
];

/// The decisions of each day; nothing when there were none.
pub(super) fn decisions(days: &[Day]) -> Option<Charted> {
    let numbers = |day: &Day| [day.people, day.rules, day.rejected];
    let sum = |day: &Day| numbers(day).into_iter().sum::<i64>();
    let busiest = days.iter().max_by_key(|day| sum(day)).filter(|day| sum(day) > 0)?;
    let slots = days.iter().map(|day| Slot {
        name: name(day.day),
        figures: numbers(day)
            .map(|number| Figure { drawn: Some(float(number)), told: told(number) })
            .into(),
    });
    let over = days.iter().flat_map(numbers).any(|number| number > A_DAY);
    let total = |of: fn(&Day) -> i64| {
        let sum = count(days.iter().map(|day| of(day).min(A_DAY)).sum::<i64>());
        if days.iter().any(|day| of(day) > A_DAY) { format!("{sum}+") } else { sum }
    };
    let figures = vec![
        (DECIDED[0].name, total(|day| day.people)),
        (DECIDED[1].name, total(|day| day.rules)),
        (DECIDED[2].name, total(|day| day.rejected)),
    ];
    let says = format!("The most on {}.", name(busiest.day));
    let says = if over {
        format!("{says} Each kind is counted up to {} a day.", count(A_DAY))
    } else {
        says
    };
    let sums: Vec<_> = figures.iter().map(|(name, sum)| format!("{name} {sum}")).collect();
    Some(Charted {
        chart: Chart {
            label: format!(
                "Decisions per day, last {} days: {}. {says}",
                days.len(),
                sums.join(", ")
            ),
            shape: Shape::Bars,
            series: DECIDED.to_vec(),
            of: "Day",
            slots: slots.collect(),
            scale: Scale::of(float(sum(busiest)), &COUNTS, |mark| count(whole(mark))),
        },
        says,
        figures,
    })
}

/// How long decisions took, day by day; nothing when there were none.
pub(super) fn took(took: &[Took], first: Date, last: Date) -> Option<Charted> {
    let all = took.iter().find(|one| one.day.is_none())?;
    let days: HashMap<Date, &Took> = took.iter().filter_map(|one| Some((one.day?, one))).collect();
    let figure = |seconds: Option<f64>| Figure {
        drawn: seconds,
        told: seconds.map_or_else(|| "none".to_owned(), lasting),
    };
    let slots = std::iter::successors(Some(first), |day| day.next_day())
        .take_while(|day| *day <= last)
        .map(|day| {
            let of = days.get(&day);
            let figures = vec![figure(of.map(|one| one.half)), figure(of.map(|one| one.most))];
            Slot { name: name(day), figures }
        });
    let longest = days.values().map(|one| one.most).fold(0.0, f64::max);
    let says = if all.count >= TIMED {
        format!(
            "Of the newest {} decisions, which reach back to {}.",
            count(TIMED),
            name(all.oldest.date())
        )
    } else if all.count == 1 {
        "Of 1 decision.".to_owned()
    } else {
        format!("Of {} decisions.", count(all.count))
    };
    let figures = vec![
        ("Half within (p50)", lasting(all.half)),
        ("Nine of ten within (p90)", lasting(all.most)),
    ];
    let told =
        format!("half within {}, nine of ten within {}", lasting(all.half), lasting(all.most));
    Some(Charted {
        chart: Chart {
            label: format!("Time to decide, day by day: {told}. {says}"),
            shape: Shape::Lines,
            series: TAKEN.to_vec(),
            of: "Day",
            slots: slots.collect(),
            scale: Scale::of(longest, &TIMES, mark),
        },
        says,
        figures,
    })
}

/// A number of one kind and day: `14`, `5,000+`.
fn told(number: i64) -> String {
    if number > A_DAY { format!("{}+", count(A_DAY)) } else { count(number) }
}

fn name(day: Date) -> String {
    day.format(DAY).unwrap_or_default()
}

/// A span as it is told: `40 s`, `12 min`, `3.5 h`, `2 d`.
fn lasting(seconds: f64) -> String {
    let one = |number: f64, unit: &str| {
        let tenths = format!("{number:.1}");
        format!("{} {unit}", tenths.strip_suffix(".0").unwrap_or(&tenths))
    };
    match seconds.max(0.0) {
        seconds if seconds < 1.0 => "under 1 s".to_owned(),
        seconds if seconds < 99.5 => format!("{seconds:.0} s"),
        seconds if seconds < 99.5 * 60.0 => format!("{:.0} min", seconds / 60.0),
        seconds if seconds < 2.0 * DAYLONG => one(seconds / HOUR, "h"),
        seconds => one(seconds / DAYLONG, "d"),
    }
}

/// What stands at a line of the chart of times.
fn mark(seconds: f64) -> String {
    if seconds == 0.0 { "0".to_owned() } else { lasting(seconds) }
}

/// Numbers here are counted up to some thousands.
#[expect(clippy::cast_precision_loss, reason = "no count comes near what a float cannot hold")]
const fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a mark is a count, or half of one")]
const fn whole(mark: f64) -> i64 {
    mark as i64
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn day(day: Date, people: i64, rules: i64, rejected: i64) -> Day {
        Day { day, people, rules, rejected }
    }

    fn one(day: Option<Date>, count: i64, half: f64, most: f64) -> Took {
        Took { day, count, half, most, oldest: datetime!(2026-11-03 12:00 UTC) }
    }

    #[test]
    fn decisions_are_summed_and_the_busiest_day_is_named() {
        let days = [day(date!(2026 - 11 - 23), 3, 0, 1), day(date!(2026 - 11 - 24), 2, 40, 0)];

        let charted = decisions(&days).expect("some");

        let sums: Vec<_> = charted.figures.iter().map(|(_, sum)| &**sum).collect();
        assert_eq!(sums, ["5", "40", "1"]);
        assert_eq!(charted.says, "The most on 24 Nov.");
        assert!(charted.chart.label.contains("Approved by rules 40, Rejected 1. The most on"));
        assert_eq!(charted.chart.slots[1].figures[1].told, "40");
    }

    #[test]
    fn a_day_beyond_what_is_counted_says_so() {
        let days = [day(date!(2026 - 11 - 23), 5_001, 0, 0), day(date!(2026 - 11 - 24), 5, 0, 0)];

        let charted = decisions(&days).expect("some");

        assert_eq!(charted.figures[0].1, "5,005+");
        assert_eq!(charted.chart.slots[0].figures[0].told, "5,000+");
        assert!(charted.says.ends_with("Each kind is counted up to 5,000 a day."));
    }

    #[test]
    fn nothing_decided_is_no_chart() {
        assert!(decisions(&[day(date!(2026 - 11 - 23), 0, 0, 0)]).is_none());
        assert!(took(&[], date!(2026 - 11 - 23), date!(2026 - 11 - 24)).is_none());
    }

    #[test]
    fn each_day_has_its_place_also_one_without_a_decision() {
        let (first, last) = (date!(2026 - 11 - 22), date!(2026 - 11 - 24));
        let all = [one(None, 12, 60.0, 7_200.0), one(Some(first), 12, 60.0, 7_200.0)];

        let charted = took(&all, first, last).expect("some");

        let drawn: Vec<_> = charted.chart.slots.iter().map(|slot| slot.figures[1].drawn).collect();
        assert_eq!(drawn, [Some(7_200.0), None, None]);
        assert_eq!(charted.says, "Of 12 decisions.");
        assert_eq!(charted.figures[1].1, "2 h");
    }

    #[test]
    fn how_far_back_the_newest_reach_is_said_where_not_all_are_looked_at() {
        let today = date!(2026 - 11 - 24);
        let all = [one(None, TIMED, 60.0, 7_200.0), one(Some(today), TIMED, 60.0, 7_200.0)];

        let says = took(&all, today, today).expect("some").says;

        assert_eq!(says, "Of the newest 10,000 decisions, which reach back to 3 Nov.");
    }

    #[test]
    fn a_span_is_told_in_its_own_unit() {
        for (seconds, told) in [
            (-1.0, "under 1 s"),
            (40.0, "40 s"),
            (150.0, "2 min"),
            (720.0, "12 min"),
            (12_600.0, "3.5 h"),
            (86_400.0, "24 h"),
            (200_000.0, "2.3 d"),
        ] {
            assert_eq!(lasting(seconds), told);
        }
    }
}
