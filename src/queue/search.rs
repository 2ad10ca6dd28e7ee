//! The search line of the queue: `action:delete app:echosign source:okta age:>2d ana`.

use time::{Duration, OffsetDateTime};

use super::store::Filter;
use crate::apps::change::Kind;

/// A search as read: what it restricts the list to, and what of it could not be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What the list is restricted to.
    pub filter: Filter,
    /// One line for each qualifier that was not understood, with the mend.
    pub problems: Vec<String>,
}

impl Search {
    /// Reads a search line; ages count back from `now`. Never fails: what is not understood is told.
    #[must_use]
    pub fn read(line: &str, now: OffsetDateTime) -> Self {
        let mut search = Self::default();
        for word in line.split_whitespace() {
            match word.split_once(':') {
                Some((name, value)) if !value.is_empty() => search.qualify(name, value, now),
                _ => search.filter.words.push(word.to_owned()),
            }
        }
        search
    }

    fn qualify(&mut self, name: &str, value: &str, now: OffsetDateTime) {
        match name {
            "action" | "kind" => match value.parse::<Kind>() {
                Ok(kind) => self.filter.kind = Some(kind),
                Err(error) => self.problems.push(format!("{name}: {error}.")),
            },
            "app" => self.filter.app = Some(value.to_lowercase()),
            "source" => self.filter.source = Some(value.to_lowercase()),
            "age" => match read_age(value) {
                Some((true, age)) => self.filter.before = now.checked_sub(age),
                Some((false, age)) => self.filter.after = now.checked_sub(age),
                None => {
                    let says = "age: must be like >2d or <3h, in m, h, d or w.";
                    self.problems.push(says.to_owned());
                }
            },
            // A user name such as `acme:ana` is no qualifier.
            _ => self.filter.words.push(format!("{name}:{value}")),
        }
    }
}

/// Whether older (`>`, or nothing) or younger (`<`), and than what.
fn read_age(text: &str) -> Option<(bool, Duration)> {
    let (older, rest) = match text.strip_prefix('<') {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix('>').unwrap_or(text)),
    };
    let (number, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let number: i64 = number.parse().ok().filter(|number| (0..100_000).contains(number))?;
    Some((older, Duration::seconds(number * seconds)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn qualifiers_restrict_and_the_rest_are_words() {
        let search = Search::read("action:delete app:EchoSign source:okta age:>2d ana lima", NOW);

        let expected = Filter {
            kind: Some(Kind::Delete),
            app: Some("echosign".to_owned()),
            source: Some("okta".to_owned()),
            before: Some(NOW - Duration::days(2)),
            words: vec!["ana".to_owned(), "lima".to_owned()],
            ..Filter::default()
        };
        assert_eq!(search, Search { filter: expected, problems: Vec::new() });
    }

    #[test]
    fn what_is_not_understood_is_told_with_the_mend() {
        let search = Search::read("action:destroy age:old", NOW);

        assert_eq!(
            search.problems,
            [
                "action: must be one of create, update, suspend, reactivate, delete.",
                "age: must be like >2d or <3h, in m, h, d or w."
            ]
        );
    }

    #[test]
    fn ages_count_in_both_directions() {
        let table = [
            (">30m", Some((true, Duration::minutes(30)))),
            ("<3h", Some((false, Duration::hours(3)))),
            ("1w", Some((true, Duration::weeks(1)))),
            ("d", None),
            (">1y", None),
            ("-1d", None),
            ("1\u{fc}", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_age(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_line_can_be_read(line in ".{0,60}") {
            let _ = Search::read(&line, NOW);
        }
    }
}
