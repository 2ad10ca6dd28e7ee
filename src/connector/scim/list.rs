//! A page of accounts, and the addresses that ask for one.

use serde_json::Value as Json;

use super::resource::{Object, member};
use crate::connector::{Instead, Refusal, transport::encoded};

/// A `ListResponse` (RFC 7644 section 3.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// What came back.
    pub(super) resources: Vec<Json>,
    /// How many there are in all, where it says so.
    pub(super) total: Option<u64>,
}

impl List {
    /// Reads a page of accounts, and nothing else.
    pub(super) fn read(body: Option<&Json>) -> Result<Self, Refusal> {
        let got = if body.is_some() { Instead::Json } else { Instead::Nothing };
        let page = body.and_then(Json::as_object);
        let list = page.and_then(Self::of);
        list.ok_or(Refusal::NotScim { status: 200, got })
    }

    fn of(page: &Object) -> Option<Self> {
        let total = member(page, "totalResults").and_then(number);
        let resources = match member(page, "Resources") {
            Some(Json::Array(resources)) => resources.clone(),
            None if total == Some(0) => Vec::new(),
            _ => return None,
        };
        Some(Self { resources, total })
    }
}

fn number(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| json.as_str()?.parse().ok())
}

/// `Users` whose `attribute` is `value`. Asks for no page: some apps fail at `count`.
pub(super) fn users_where(attribute: &str, value: &str) -> String {
    let filter = format!("{attribute} eq {}", Json::from(value));
    format!("Users?filter={}", encoded(&filter))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_told_from_other_json() {
        let ana = json!({ "id": "1" });
        for (body, total, resources) in [
            (json!({ "totalResults": 1, "Resources": [ana] }), Some(1), 1),
            (json!({ "totalResults": "1", "resources": [ana] }), Some(1), 1),
            (json!({ "Resources": [] }), None, 0),
            (json!({ "totalResults": 0 }), Some(0), 0),
            (json!({ "totalResults": 0, "Resources": null }), Some(0), 0),
        ] {
            let list = List::read(Some(&body)).expect("a page");

            assert_eq!((list.total, list.resources.len()), (total, resources), "{body}");
        }
        for body in
            [json!({}), json!({ "totalResults": 3 }), json!({ "Resources": {} }), json!(["x"])]
        {
            let refusal = List::read(Some(&body)).expect_err("no page");

            assert_eq!(refusal, Refusal::NotScim { status: 200, got: Instead::Json }, "{body}");
        }
        assert!(List::read(None).is_err());
    }

    #[test]
    fn a_filter_quotes_whatever_is_in_a_name() {
        assert_eq!(
            users_where("userName", r#"o"neil\@x.example"#),
            "Users?filter=userName%20eq%20%22o%5C%22neil%5C%5C%40x.example%22"
        );
    }
}
