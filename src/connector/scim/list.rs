//! A page of accounts, and the addresses that ask for one.

use serde_json::Value as Json;

use crate::{
    connector::{Instead, Refusal, transport::encoded},
    scim::list::ListResponse,
};

/// Reads a page of accounts, and nothing else.
pub(super) fn read(body: Option<&Json>) -> Result<ListResponse, Refusal> {
    let got = if body.is_some() { Instead::Json } else { Instead::Nothing };
    body.and_then(ListResponse::read).ok_or(Refusal::NotScim { status: 200, got })
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
    fn a_page_is_told_from_other_answers() {
        let page = json!({ "totalResults": 1, "Resources": [{ "id": "1" }] });

        assert_eq!(read(Some(&page)).map(|page| page.resources.len()), Ok(1));
        for (body, got) in [(Some(json!({ "id": "1" })), Instead::Json), (None, Instead::Nothing)] {
            assert_eq!(read(body.as_ref()), Err(Refusal::NotScim { status: 200, got }));
        }
    }

    #[test]
    fn a_filter_quotes_whatever_is_in_a_name() {
        assert_eq!(
            users_where("userName", r#"o"neil\@x.example"#),
            "Users?filter=userName%20eq%20%22o%5C%22neil%5C%5C%40x.example%22"
        );
    }
}
