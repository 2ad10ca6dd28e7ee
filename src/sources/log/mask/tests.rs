//! What gets out of a masked request, and what must not.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn an_address_keeps_what_was_asked_and_not_about_whom() {
    for (sent, kept) in [
        (
            "/scim/v2/Users?filter=userName%20eq%20%22ana%40x%22&startIndex=1&count=100",
            r#"/scim/v2/Users?filter=userName eq "…"&startIndex=1&count=100"#,
        ),
        // OneLogin, with a trailing ampersand; Entra, without quotes.
        ("/scim/v2/Users?filter=userName+eq+%22x%22&", r#"/scim/v2/Users?filter=userName eq "…""#),
        ("/scim/v2/Users?filter=externalId eq jyoung", "/scim/v2/Users?filter=externalId eq …"),
        (
            "/scim/v2/Users?filter=displayName eq Ana Maria and active eq true",
            "/scim/v2/Users?filter=displayName eq … and active eq true",
        ),
        (
            r#"/scim/v2/Users?filter=emails[type eq "work" and value co "@x"] or not (title pr)"#,
            r#"/scim/v2/Users?filter=emails[type eq "work" and value co "…"] or not (title pr)"#,
        ),
        ("/scim/v2/Users?filter=Nagy", "/scim/v2/Users?filter=…"),
        (
            r#"/scim/v2/Users?filter=userName eq "an\"a" and "b"#,
            r#"/scim/v2/Users?filter=userName eq "…" and "…""#,
        ),
        (
            "/scim/v2/Users?cursor=YW5hQHg&sortBy=name.familyName&sortOrder=descending",
            "/scim/v2/Users?cursor=…&sortBy=name.familyName&sortOrder=descending",
        ),
        (
            "/scim/v2/Users?attributes=userName,%20emails&excludedAttributes=groups",
            "/scim/v2/Users?attributes=userName,emails&excludedAttributes=groups",
        ),
        ("/scim/v2/Users?startIndex=Ana&ana%40x=1", "/scim/v2/Users?startIndex=…&…=…"),
        (
            "/scim/v2/Users/usr_019aab3f5c0a7d4f8f6f0a1b2c3d4e5f?",
            "/scim/v2/Users/usr_019aab3f5c0a7d4f8f6f0a1b2c3d4e5f",
        ),
        ("/scim/v2/Users/ana%40example.com", "/scim/v2/Users/…"),
        ("/scim/v2/Users/ana.nagy", "/scim/v2/Users/…"),
        ("/scim/v2/Users/.search", "/scim/v2/Users/.search"),
        (
            "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        ),
        ("/scim/v2/Userss", "/scim/v2/Userss"),
    ] {
        assert_eq!(path(sent), kept, "{sent}");
    }
    assert!(path(&"/x".repeat(5_000)).chars().count() <= LONGEST + 1);
}

#[test]
fn a_body_keeps_its_shape() {
    for (sent, kept) in [
        // T2, T4, T5, T7: what Entra sends.
        (
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                 "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] }),
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                 "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] }),
        ),
        (
            json!({ "op": "Add", "path": "emails[type eq \"work\"].value", "value": "n@ex.test" }),
            json!({ "op": "Add", "path": "emails[type eq \"work\"].value", "value": "…" }),
        ),
        (
            json!({ "name.givenName": "G",
                 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "7" }),
            json!({ "name.givenName": "…",
                 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "…" }),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"U1\"]" }),
            json!({ "op": "remove", "path": "members[value eq \"…\"]" }),
        ),
        // T11: OneLogin's names of schemas; T12: its members.
        (
            json!({ "schemas": ["urn:scim:schemas:core:2.0", "urn:ana"] }),
            json!({ "schemas": ["urn:scim:schemas:core:2.0", "…"] }),
        ),
        (
            json!({ "members": [{ "value": "U1", "operation": "delete" }] }),
            json!({ "members": [{ "value": "…", "operation": "delete" }] }),
        ),
        (
            json!({ "count": 10, "employeeNumber": 4711, "x@y": null }),
            json!({ "count": 10, "employeeNumber": NUMBER, "…": null }),
        ),
        (
            json!({ "password": "secret", "manager": { "value": "271" } }),
            json!({ "password": "…", "manager": { "value": "…" } }),
        ),
        (json!("Ana"), json!("…")),
    ] {
        assert_eq!(Masked::of(&sent).as_json(), &kept);
    }
}

#[test]
fn a_body_is_cut_where_it_is_long_or_deep() {
    let long = Masked::of(&json!({ "members": vec![json!({ "value": "U" }); 50] }));
    let members = long.as_json()["members"].as_array().unwrap();
    assert_eq!((members.len(), &members[ITEMS]), (ITEMS + 1, &json!("+30")));

    let deep = (0..100).fold(json!("Ana"), |inside, _| json!({ "in": inside }));
    assert_eq!(Masked::of(&deep).as_json().to_string().matches("in").count(), DEEP);

    let wide: Map<_, _> = (0..5_000).map(|n| (format!("a{n}"), json!("Ana"))).collect();
    let wide = Masked::of(&wide.into());
    assert_eq!(wide.as_json()["…"], json!("+4601"), "{}", wide.as_json());
}

/// Any JSON whose texts all hold what must not get out, under any name.
fn personal() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        "\\PC{0,12}".prop_map(|text| format!("{text}\u{e1}na")),
        Just("eq \u{e1}na".to_owned()),
        Just("/Users/\u{e1}na?x=\u{e1}na".to_owned()),
        Just("urn:ietf:params:scim:\u{e1}na".to_owned()),
        Just("title eq \u{e1}na and \u{e1}na eq \"\u{e1}na".to_owned()),
    ];
    let name = prop_oneof![
        Just("op"),
        Just("path"),
        Just("value"),
        Just("schemas"),
        Just("type"),
        Just("filter"),
        Just("attributes"),
        Just("sortBy"),
        Just("userName"),
        Just("\u{e1}na"),
        Just("count"),
    ];
    text.prop_map(Json::from).prop_recursive(12, 200, 30, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..30).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|pairs| {
                Json::from(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_of_a_person_survives_in_a_body(body in personal()) {
        let masked = Masked::of(&body).as_json().to_string();

        prop_assert!(!masked.contains('\u{e1}'), "{masked}");
    }

    #[test]
    fn no_quoted_value_survives_in_an_address(value in "[^\"\\\\]{0,20}") {
        let filter = format!("userName eq \"\u{e1}{value}\" and title pr");
        let sent = form_urlencoded::Serializer::new(String::new()).append_pair("filter", &filter).finish();

        prop_assert_eq!(path(&format!("/Users?{sent}")), "/Users?filter=userName eq \"…\" and title pr");
    }

    #[test]
    fn nothing_that_is_sent_breaks_it(address in "\\PC{0,80}", text in "\\PC{0,80}") {
        prop_assert!(path(&address).chars().count() <= LONGEST + 1);
        prop_assert!(!sentence(&text).contains('@'));
    }
}
