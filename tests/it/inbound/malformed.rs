//! What is no request, and what is one and cannot be met.

use countersign::inbound::LONGEST_BODY;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};

use super::fixture::{Idp, path, someone};

#[tokio::test]
async fn bodies_that_are_none_are_refused_with_a_word() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let bearer = format!("Bearer {}", idp.token);
    let deep = format!("{{\"userName\":\"x\",\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let large = format!("{{\"userName\":\"{}\"}}", "x".repeat(LONGEST_BODY));
    let scim = "application/scim+json";
    for (kind, body, status, word) in [
        (scim, "", 400, Some("invalidSyntax")),
        (scim, "{", 400, Some("invalidSyntax")),
        (scim, "nonsense", 400, Some("invalidSyntax")),
        (scim, "[]", 400, Some("invalidSyntax")),
        (scim, "null", 400, Some("invalidSyntax")),
        (scim, "{\"userName\":\"\u{1}\"}", 400, Some("invalidSyntax")),
        (scim, r#"{"userName":"a\u0000b"}"#, 400, Some("invalidValue")),
        (scim, r#"{"userName":"x","\u0000":1}"#, 400, Some("invalidValue")),
        (scim, r#"{"userName":"x","n":1e999}"#, 400, Some("invalidSyntax")),
        (scim, &deep, 400, Some("invalidSyntax")),
        (scim, &large, 413, None),
        ("text/plain", "{}", 415, None),
        ("application/x-www-form-urlencoded", "userName=x", 415, None),
        ("", "{}", 415, None),
    ] {
        for (method, address) in
            [("POST", "/Users".to_owned()), ("PUT", path(&user)), ("PATCH", path(&user))]
        {
            let headers = [("authorization", &*bearer), ("content-type", kind)];

            let answer = idp.raw(method, &address, &headers, body.to_owned()).await;

            let shown: String = body.chars().take(40).collect();
            assert_eq!(answer.status, status, "{method} {shown}: {}", answer.body);
            // A PATCH without operations is refused for that first.
            if method != "PATCH" || word.is_none() {
                answer.refused(status, word);
            }
        }
    }
    let read = idp.get(&path(&user)).await.ok(200);
    assert_eq!(read, user);
}

#[tokio::test]
async fn a_body_whose_type_is_not_said_or_begins_with_a_mark_is_json() {
    let idp = Idp::new().await;
    let bearer = format!("Bearer {}", idp.token);
    let body = format!("\u{feff}{}", someone("ana@example.com"));

    idp.raw("POST", "/Users", &[("authorization", &*bearer)], body).await.ok(201);
}

#[tokio::test]
async fn addresses_and_methods_that_are_none_are_refused() {
    let idp = Idp::new().await;
    for (method, address, status) in [
        ("GET", "/Nothing", 404),
        ("GET", "/Users/nobody", 404),
        ("GET", "/Users/%ff", 404),
        ("GET", "/Users/usr_01/else", 404),
        ("PUT", "/Users/nobody", 404),
        ("GET", "/Schemas/urn:nobody", 404),
        ("GET", "/ResourceTypes/%ff", 404),
        ("GET", "/Schemas?filter=id%20pr", 403),
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("PUT", "/Users", 405),
        ("POST", "/Schemas", 405),
        ("DELETE", "/ServiceProviderConfig", 405),
        ("FOO", "/Users/nobody", 405),
        ("OPTIONS", "/Users", 405),
    ] {
        let answer = idp.send(method, address, &json!({ "userName": "x" })).await;

        answer.refused(status, None);
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {address}");
    }
    let user = idp.pushed("ana@example.com").await;
    for query in ["attributes=%00", "attributes=a&attributes=b", "attributes=a%20b"] {
        let answer = idp.get(&format!("{}?{query}", path(&user))).await;
        answer.refused(400, Some("invalidValue"));
    }
}

/// JSON of every kind, with the names and words that mean something here more often than chance has it.
fn any_json() -> impl Strategy<Value = Json> {
    let word = prop::sample::select(vec![
        "Operations",
        "op",
        "path",
        "value",
        "add",
        "replace",
        "remove",
        "userName",
        "emails",
        "active",
        "name",
        "givenName",
        "type",
        "work",
        "members",
        "operation",
        "delete",
        "id",
        "schemas",
        "meta",
        "externalId",
        "groups",
        "title",
        "emails[type eq \"work\"].value",
        "name.familyName",
        "",
        "ana@example.com",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "\u{e9}\u{1f600}",
    ]);
    let text = prop_oneof![3 => word.prop_map(str::to_owned), 1 => ".{0,8}"];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        text.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let object = prop::collection::vec((text.clone(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Json::from),
            object.prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Operations that are nearly right.
fn any_patch() -> impl Strategy<Value = Json> {
    let path = prop::sample::select(vec![
        json!("userName"),
        json!("emails"),
        json!("emails[type eq \"work\"].value"),
        json!("name"),
        json!("active"),
        json!("title"),
        json!("externalId"),
        json!("a.b"),
        json!("nonsense["),
        json!("id"),
        json!(null),
        json!("x"),
        json!("urn:x:y:z"),
        json!("members"),
        json!("addresses[type eq \"work\"].locality"),
    ]);
    let op =
        prop::sample::select(vec![json!("add"), json!("Replace"), json!("remove"), json!("move")]);
    let operation = (op, path, any_json())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }));
    let operations = prop::collection::vec(operation, 1..4)
        .prop_map(|operations| json!({ "Operations": operations }));
    prop_oneof![3 => operations, 1 => any_json()]
}

/// The same with every number as one of JavaScript's: a table keeps the digits, and writes -4.1e17 without an exponent.
fn as_read(json: Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.into_iter().map(as_read).collect(),
        Json::Object(members) => {
            members.into_iter().map(|(name, value)| (name, as_read(value))).collect()
        }
        other => other,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_json_at_all_is_patched_whole_or_refused_whole() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let runtime = tokio::runtime::Handle::current();
    let config =
        ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };

    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&any_patch(), |body| {
            let (before, answer, after) = runtime.block_on(async {
                let before = idp.get(&path(&user)).await.ok(200);
                let answer = idp.send("PATCH", &path(&user), &body).await;
                (before, answer, idp.get(&path(&user)).await.ok(200))
            });
            match answer.status {
                200 => prop_assert_eq!(as_read(answer.body), as_read(after)),
                400 | 409 => prop_assert_eq!(before, after),
                status => prop_assert!(false, "{} {}", status, answer.body),
            }
            Ok(())
        })
    });

    outcome.unwrap();
}
