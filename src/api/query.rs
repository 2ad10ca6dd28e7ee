//! The query of a list: each parameter is asked for by name, and what nobody asked for is refused.

use std::{convert::Infallible, fmt::Display, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use url::form_urlencoded;

use super::{
    ApiState,
    problem::{Fault, Problem},
};

/// How many items a page has when nothing is said.
const USUAL: usize = 50;
/// How many it may have.
const MOST: usize = 200;

/// The parameters of a request that were not asked for yet, and what was wrong with those that were.
#[derive(Debug)]
pub(super) struct Query {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

/// Which page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) cursor: Option<String>,
    pub(super) limit: usize,
}

impl FromRequestParts<ApiState> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::read(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    fn read(text: &str) -> Self {
        let given = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Self { given, known: Vec::new(), faults: Vec::new() }
    }

    /// The value of a parameter; an empty one is as good as none.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let (mine, rest): (Vec<_>, _) = self.given.drain(..).partition(|(given, _)| given == name);
        self.given = rest;
        if mine.len() > 1 {
            self.fault(name, "Is given more than once.");
        }
        let (_, value) = mine.into_iter().next()?;
        if value.chars().any(char::is_control) {
            self.fault(name, "Must not have control characters.");
            return None;
        }
        Some(value).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that is more than text.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, error);
                None
            }
        }
    }

    /// `cursor` and `limit`.
    pub(super) fn page(&mut self) -> Wanted {
        let cursor = self.text("cursor");
        let limit = match self.text("limit").map(|limit| limit.parse()) {
            None => USUAL,
            Some(Ok(limit @ 1..=MOST)) => limit,
            Some(_) => {
                self.fault("limit", format_args!("Must be a number from 1 to {MOST}."));
                USUAL
            }
        };
        Wanted { cursor, limit }
    }

    /// Notes that a parameter has to be mended, and how.
    pub(super) fn fault(&mut self, name: &str, says: impl Display) {
        self.faults.push(Fault::new(name, says));
    }

    /// Nothing more will be asked for.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let known = self.known.join(", ");
        for (name, _) in std::mem::take(&mut self.given) {
            self.fault(&name, format_args!("Is not known here. Known are {known}."));
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::query(self.faults)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Status;

    fn faults(query: Query) -> Vec<String> {
        query
            .finish()
            .expect_err("faults")
            .faults()
            .iter()
            .map(|fault| fault.field.clone())
            .collect()
    }

    #[test]
    fn empty_parameters_are_as_good_as_none() {
        let mut query = Query::read("status=&limit=&cursor=");

        assert_eq!(query.parsed::<Status>("status"), None);
        assert_eq!(query.page(), Wanted { cursor: None, limit: USUAL });
        assert!(query.finish().is_ok());
    }

    #[test]
    fn every_parameter_to_mend_is_named_at_once() {
        let mut query = Query::read("status=done&q=a&q=b&limit=201&statsu=pending&cursor=%00");

        query.parsed::<Status>("status");
        query.text("q");
        query.page();

        assert_eq!(faults(query), ["status", "q", "cursor", "limit", "statsu"]);
    }

    #[test]
    fn a_limit_is_from_1_to_200() {
        for (text, limit) in
            [("1", Some(1)), ("200", Some(200)), ("0", None), ("-1", None), ("ten", None)]
        {
            let mut query = Query::read(&format!("limit={text}"));
            let page = query.page();

            assert_eq!(query.finish().ok().map(|()| page.limit), limit, "{text}");
        }
    }
}
