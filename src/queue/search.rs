//! The search line of the queue: `action:delete app:echosign source:okta age:>2d "Ana Lima"`.

use std::str::FromStr;

use time::{Duration, OffsetDateTime};

use super::{
    Status,
    hint::Hint,
    store::{DecidedBy, Filter},
};
use crate::{apps::change::Kind, kernel::UnknownWord};

/// The qualifiers, each with what it restricts a list to.
pub const QUALIFIERS: &[(&str, &str)] = &[
    ("action", "What is done: create, update, suspend, reactivate or delete."),
    ("app", "Where it is done."),
    ("source", "Where the change came from."),
    ("age", "How long ago it was asked for: >2d, <3h."),
    ("by", "Who decided: a name, an address, me, or rule."),
    ("hint", "What there is to look at twice."),
    ("status", "How far it has come."),
];

/// A search as read: what it restricts the list to, and what of it could not be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What the list is restricted to.
    pub filter: Filter,
    /// One line for each qualifier that was not understood, with the mend.
    pub problems: Vec<String>,
}

impl Search {
    /// Reads a search line; ages count back from the minute of `now`, and `me` is whoever goes by that address. Never
    /// fails: what is not understood is told.
    #[must_use]
    pub fn read(line: &str, now: OffsetDateTime, me: Option<&str>) -> Self {
        // For a minute the same line means the same list.
        let now = now.truncate_to_minute();
        let mut search = Self::default();
        for term in terms(line) {
            match term {
                Term::Word(word) => search.word(word),
                Term::Qualified(name, value) => search.qualify(&name, &value, (now, me)),
            }
        }
        search
    }

    fn word(&mut self, word: String) {
        let turned = word.strip_prefix('-').and_then(|rest| rest.split_once(':'));
        if let Some((name, _)) = turned.filter(|(name, _)| QUALIFIERS.iter().any(|q| q.0 == *name))
        {
            let says =
                format!("-{name}: nothing can be left out of a list; say what it is to have.");
            return self.problems.push(says);
        }
        let number = word.strip_prefix('#').and_then(|digits| digits.parse().ok());
        match number {
            Some(number) => self.filter.number = Some(number),
            None => self.filter.words.push(word),
        }
    }

    fn qualify(&mut self, name: &str, value: &str, (now, me): (OffsetDateTime, Option<&str>)) {
        if value.is_empty() {
            return self.problems.push(format!("{name}: put a value after the colon."));
        }
        match name {
            "action" | "kind" => {
                for word in value.split(',') {
                    let kind = self.one_of::<Kind>(name, word);
                    let kind = kind.filter(|kind| !self.filter.kinds.contains(kind));
                    self.filter.kinds.extend(kind);
                }
            }
            "app" if self.filter.app.is_some() => self.twice(name),
            "source" if self.filter.source.is_some() => self.twice(name),
            "status" if self.filter.status.is_some() => self.twice(name),
            "by" if self.filter.by.is_some() => self.twice(name),
            "app" => self.filter.app = Some(value.to_lowercase()),
            "source" => self.filter.source = Some(value.to_lowercase()),
            "status" => self.filter.status = self.one_of::<Status>(name, value),
            "hint" => {
                let hint = self.one_of::<Hint>(name, value);
                self.filter.hints.extend(hint);
            }
            "by" => {
                self.filter.by = Some(match (value, me) {
                    ("rule", _) => DecidedBy::Rule,
                    ("me", Some(me)) => DecidedBy::Named(me.to_owned()),
                    _ => DecidedBy::Named(value.to_owned()),
                });
            }
            "age" => match read_age(value) {
                Some((true, age)) => self.filter.before = now.checked_sub(age),
                Some((false, age)) => self.filter.after = now.checked_sub(age),
                None => {
                    let says = "age: must be like >2d or <3h, in m, h, d or w.";
                    self.problems.push(says.to_owned());
                }
            },
            _ => {
                let known: Vec<_> = QUALIFIERS.iter().map(|(name, _)| *name).collect();
                self.problems.push(format!(
                    "{name}: there is no such qualifier, only {}. To look for the text itself, put it in quotes.",
                    known.join(", ")
                ));
            }
        }
    }

    fn twice(&mut self, name: &str) {
        self.problems.push(format!("{name}: it can be given once; the first one counts."));
    }

    fn one_of<T: FromStr<Err = UnknownWord>>(&mut self, name: &str, word: &str) -> Option<T> {
        word.to_lowercase()
            .parse()
            .map_err(|error| self.problems.push(format!("{name}: {error}.")))
            .ok()
    }
}

/// A part of a search line.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Qualified(String, String),
}

/// Reads the parts: they end at spaces, but for those between quotes.
fn terms(line: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        // A name stands before a colon, and nothing of it is quoted.
        let end = rest.find(|c: char| c == ':' || c == '"' || c.is_whitespace());
        let name = end.and_then(|end| rest.split_at_checked(end)).filter(|(name, after)| {
            after.starts_with(':') && !name.is_empty() && name.chars().all(char::is_alphabetic)
        });
        if let Some((name, after)) = name {
            let (value, after) = value(&after[1..]);
            terms.push(Term::Qualified(name.to_lowercase(), value));
            rest = after.trim_start();
        } else {
            let (word, after) = value(rest);
            if !word.is_empty() {
                terms.push(Term::Word(word));
            }
            rest = after.trim_start();
        }
    }
    terms
}

/// What stands up to the next space, or between quotes, and what follows. A quote that is not closed
/// reaches to the end.
fn value(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let (inner, after) = quoted.split_once('"').unwrap_or((quoted, ""));
        return (inner.trim().to_owned(), after);
    }
    let (word, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (word.to_owned(), after)
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

    fn read(line: &str) -> Search {
        Search::read(line, NOW, Some("kira@northwind.example"))
    }

    #[test]
    fn qualifiers_restrict_and_the_rest_are_words() {
        let line = "action:delete,suspend app:EchoSign source:okta age:>2d hint:leaver status:failed by:me ana \"de la Cruz\"";
        let search = read(line);

        let expected = Filter {
            kinds: vec![Kind::Delete, Kind::Suspend],
            app: Some("echosign".to_owned()),
            source: Some("okta".to_owned()),
            before: Some(NOW - Duration::days(2)),
            hints: vec![Hint::Leaver],
            status: Some(Status::Failed),
            by: Some(DecidedBy::Named("kira@northwind.example".to_owned())),
            words: vec!["ana".to_owned(), "de la Cruz".to_owned()],
            ..Filter::default()
        };
        assert_eq!(search, Search { filter: expected, problems: Vec::new() });
    }

    #[test]
    fn what_is_quoted_is_one_value_and_never_a_qualifier() {
        let table = [
            (r#"by:"Ana Lima""#, vec![Term::Qualified("by".to_owned(), "Ana Lima".to_owned())]),
            (r#""acme:ana""#, vec![Term::Word("acme:ana".to_owned())]),
            (r#""not closed"#, vec![Term::Word("not closed".to_owned())]),
            ("a:", vec![Term::Qualified("a".to_owned(), String::new())]),
            ("ana@x.example", vec![Term::Word("ana@x.example".to_owned())]),
            (":x 12:30", vec![Term::Word(":x".to_owned()), Term::Word("12:30".to_owned())]),
        ];
        for (line, expected) in table {
            assert_eq!(terms(line), expected, "{line}");
        }
    }

    #[test]
    fn a_number_is_that_of_an_action() {
        assert_eq!(read("#1042").filter.number, Some(1_042));
        assert_eq!(read("1042").filter.words, ["1042"]);
    }

    #[test]
    fn what_is_not_understood_is_told_with_the_mend() {
        let search = read("action:destroy age:old hint:odd acme:ana by: -action:create");

        assert_eq!(
            search.problems,
            [
                "action: must be one of create, update, suspend, reactivate, delete.",
                "age: must be like >2d or <3h, in m, h, d or w.",
                "hint: must be one of first, domain, namesake, recreate, admin, leaver, opposite, burst.",
                "acme: there is no such qualifier, only action, app, source, age, by, hint, status. To look for the \
                 text itself, put it in quotes.",
                "by: put a value after the colon.",
                "-action: nothing can be left out of a list; say what it is to have."
            ]
        );
        assert_eq!(search.filter, Filter::default());
    }

    #[test]
    fn what_can_be_one_thing_alone_is_told_when_it_is_given_twice() {
        let search =
            read("source:okta source:entra status:failed status:pending by:me by:rule app:a app:b");

        let once = |name| format!("{name}: it can be given once; the first one counts.");
        assert_eq!(search.problems, ["source", "status", "by", "app"].map(once));
        assert_eq!(search.filter.source.as_deref(), Some("okta"));
        assert_eq!(search.filter.status, Some(Status::Failed));
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
            let _ = read(&line);
        }
    }
}
