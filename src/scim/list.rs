//! Pages of resources (RFC 7644 section 3.4.2).

use serde_json::{Value, json};

use super::{Error, ErrorType, member, urn};

/// Which page a client asks for (RFC 7644 section 3.4.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// The place of the first resource, counted from 1.
    pub start: usize,
    /// How many there may be on the page; none is a question for the total alone.
    pub count: usize,
}

impl Paging {
    /// Reads `startIndex` and `count`. What is below their range means its lower end, and a
    /// page has at most `most` resources.
    ///
    /// # Errors
    /// `invalidValue` when one is not a whole number.
    pub fn read(start: Option<&str>, count: Option<&str>, most: usize) -> Result<Self, Error> {
        let start = whole_number("startIndex", start)?.unwrap_or(1).max(1);
        let count = whole_number("count", count)?.unwrap_or(i64::MAX).max(0);
        let as_size = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Self { start: as_size(start), count: as_size(count).min(most) })
    }
}

fn whole_number(name: &str, text: Option<&str>) -> Result<Option<i64>, Error> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            Error::of(ErrorType::InvalidValue, format!("{name} must be a whole number"))
        }),
    }
}

/// Reads the `count` of a page that a cursor begins (RFC 9865): at most `most`, and that many when it is not given.
///
/// # Errors
/// `invalidCount` when it is no whole number.
pub fn read_count(count: Option<&str>, most: usize) -> Result<usize, Error> {
    match whole_number("count", count) {
        Ok(count) => {
            let count = count.unwrap_or(i64::MAX).max(0);
            Ok(usize::try_from(count).unwrap_or(usize::MAX).min(most))
        }
        Err(error) => Err(Error::of(ErrorType::InvalidCount, error.detail)),
    }
}

/// One page of resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListResponse {
    /// How many resources there are on all pages, if that was told.
    pub total: Option<u64>,
    /// The place of the first one, counted from 1; `None` where a cursor began the page.
    pub start: Option<u64>,
    /// Where the next page begins (RFC 9865); none after the last.
    pub next: Option<String>,
    /// The resources of this page.
    pub resources: Vec<Value>,
}

impl ListResponse {
    /// The page that `paging` asks for, out of everything that matches.
    #[must_use]
    pub fn page(all: impl IntoIterator<Item = Value>, paging: Paging) -> Self {
        let mut total = 0_u64;
        let mut resources = Vec::new();
        for (place, resource) in all.into_iter().enumerate() {
            total += 1;
            if place + 1 >= paging.start && resources.len() < paging.count {
                resources.push(resource);
            }
        }
        Self { total: Some(total), start: Some(paging.start as u64), next: None, resources }
    }

    /// The body to answer with.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::LIST_RESPONSE],
            "totalResults": self.total.unwrap_or(self.resources.len() as u64),
            "itemsPerPage": self.resources.len(),
            "Resources": self.resources,
        });
        if let Some(start) = self.start {
            body["startIndex"] = json!(start);
        }
        if let Some(next) = &self.next {
            body["nextCursor"] = json!(next);
        }
        body
    }

    /// Reads another service's answer: names in any case, numbers also as texts, without
    /// `schemas`, without `Resources` when there are none. `None` when it is no list at all.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        let total = member::of(body, "totalResults").and_then(number);
        let resources = match member::of(body, "Resources") {
            Some(Value::Array(resources)) => resources.clone(),
            None | Some(Value::Null) if total.is_some() => Vec::new(),
            _ => return None,
        };
        let start = member::of(body, "startIndex").and_then(number);
        let next = member::of(body, "nextCursor").and_then(Value::as_str);
        let next = next.filter(|next| !next.is_empty()).map(str::to_owned);
        Some(Self { total, start, next, resources })
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_is_brought_into_range() {
        for (start, count, paging) in [
            (None, None, (1, 100)),
            (Some("0"), Some("0"), (1, 0)),
            (Some("-5"), Some("-5"), (1, 0)),
            (Some("11"), Some("10"), (11, 10)),
            (Some("2"), Some("100000"), (2, 100)),
            (Some(""), Some(""), (1, 100)),
        ] {
            let (start, count, expected) =
                (start, count, Paging { start: paging.0, count: paging.1 });
            assert_eq!(Paging::read(start, count, 100), Ok(expected), "{start:?} {count:?}");
        }
        let error = Paging::read(Some("one"), None, 100).expect_err("refused");
        assert_eq!(error.kind, Some(ErrorType::InvalidValue));
    }

    #[test]
    fn the_count_of_a_page_by_cursor_is_brought_into_range() {
        for (count, expected) in
            [(None, 100), (Some(""), 100), (Some("-1"), 0), (Some("7"), 7), (Some("900"), 100)]
        {
            assert_eq!(read_count(count, 100), Ok(expected), "{count:?}");
        }
        let error = read_count(Some("some"), 100).expect_err("refused");
        assert_eq!(error.kind, Some(ErrorType::InvalidCount));
    }

    #[test]
    fn a_page_is_cut_out_of_all_that_matches() {
        let page = |start, count| {
            let page = ListResponse::page((1..=5).map(|n| json!(n)), Paging { start, count });
            assert_eq!(page.total, Some(5));
            page.resources
        };

        assert_eq!(page(1, 2), [json!(1), json!(2)]);
        assert_eq!(page(5, 2), [json!(5)]);
        assert_eq!(page(6, 2), Vec::<Value>::new());
        assert_eq!(page(1, 0), Vec::<Value>::new());
    }

    #[test]
    fn what_is_answered_reads_back() {
        let resources = vec![json!({ "id": "1" })];
        let by_place = ListResponse { total: Some(9), start: Some(3), next: None, resources };
        let next = Some("abc".to_owned());
        let by_cursor = ListResponse { start: None, next, ..by_place.clone() };

        assert_eq!(by_place.to_value()["itemsPerPage"], 1);
        assert_eq!(by_place.to_value().get("nextCursor"), None);
        assert_eq!(by_cursor.to_value().get("startIndex"), None);
        for page in [by_place, by_cursor] {
            assert_eq!(ListResponse::read(&page.to_value()), Some(page));
        }
    }

    #[test]
    fn answers_of_many_services_are_read() {
        let one = || vec![json!({ "id": "1" })];
        for (body, expected) in [
            (json!({ "resources": [{ "id": "1" }] }), Some((None, one()))),
            (json!({ "totalResults": "0" }), Some((Some(0), vec![]))),
            (json!({ "totalResults": 0, "Resources": null }), Some((Some(0), vec![]))),
            (json!({ "schemas": [urn::LIST_RESPONSE] }), None),
            (json!({ "Resources": {} }), None),
            (json!([{ "id": "1" }]), None),
            (json!("<html>"), None),
        ] {
            let read = ListResponse::read(&body).map(|list| (list.total, list.resources));
            assert_eq!(read, expected, "{body}");
        }
    }
}
