//! One person: pushed, read, changed, deleted; and what that makes of the queue.

use countersign::{apps::change::Kind, queue::Status};
use serde_json::{Value as Json, json};

use super::fixture::{BASE, ENTERPRISE, Idp, USER, id, path, someone};

#[tokio::test]
async fn a_person_is_answered_whole_and_the_account_waits() {
    let mut idp = Idp::new().await;

    let answer = idp.post(&someone("ana@example.com")).await;

    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(answer.header("etag"), Some("W/\"1\""));
    let user = answer.ok(201);
    assert_eq!(location, format!("{BASE}{}", path(&user)));
    assert_eq!(
        user["meta"],
        json!({
            "resourceType": "User", "location": location, "version": "W/\"1\"",
            "created": "2026-03-02T09:00:00Z", "lastModified": "2026-03-02T09:00:00Z",
        })
    );
    let sent = someone("ana@example.com");
    assert!(sent.as_object().unwrap().iter().all(|(name, value)| user[name] == *value), "{user}");
    assert_eq!(idp.story(&user).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(idp.app.the(Kind::Create, id(&user)).await.source, idp.source);
    assert_eq!(idp.get(&path(&user)).await.ok(200), user);
    idp.post(&someone("ben@example.com")).await.ok(201);
    assert_eq!(idp.last_noted().await, ("POST".into(), "/scim/v2/Users".into(), 201, None, 1));
}

#[tokio::test]
async fn what_changes_is_answered_at_once_and_folded_into_what_waits() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;

    let title = json!([{ "op": "replace", "path": "title", "value": "Counsel" }]);
    let changed = idp.patch(&user, title.clone()).await;
    let same = idp.patch(&user, title).await.ok(200);

    assert_eq!(changed.header("etag"), Some("W/\"2\""));
    let changed = changed.ok(200);
    assert_eq!(
        (&changed["title"], &changed["meta"]["version"]),
        (&json!("Counsel"), &json!("W/\"2\""))
    );
    assert_eq!(same, changed, "what makes no difference is no new version");
    assert_eq!(idp.story(&user).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(idp.kept(&user).await.profile.title.unwrap().as_str(), "Counsel");
}

#[tokio::test]
async fn a_put_replaces_all_but_what_it_cannot_say() {
    let idp = Idp::new().await;
    let user = idp.with_account("ana@example.com").await;
    idp.patch(&user, json!([{ "op": "replace", "value": { "active": false } }])).await.ok(200);

    let body = json!({ "schemas": [USER], "id": "x", "meta": {}, "userName": "ana@example.com", "groups": [] });
    let put = idp.send("PUT", &path(&user), &body).await.ok(200);

    assert_eq!((&put["active"], &put["id"]), (&json!(false), &user["id"]));
    assert_eq!((put.get("title"), put.get("emails"), put.get("externalId")), (None, None, None));
    assert_eq!(put["meta"]["created"], user["meta"]["created"]);
    assert_eq!(idp.get(&path(&user)).await.ok(200), put, "an inactive user is there to be read");
    let kinds: Vec<_> = idp.story(&user).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Kind::Create, Kind::Suspend, Kind::Update]);
}

#[tokio::test]
async fn a_deleted_person_is_gone_at_once_and_the_account_waits() {
    let idp = Idp::new().await;
    let user = idp.with_account("ana@example.com").await;

    let deleted = idp.send("DELETE", &path(&user), &Json::Null).await;

    assert_eq!((deleted.status, deleted.body), (204, Json::Null));
    assert_eq!(
        idp.story(&user).await,
        [(Kind::Create, Status::Provisioned), (Kind::Delete, Status::Pending)]
    );
    for method in ["GET", "DELETE"] {
        idp.send(method, &path(&user), &Json::Null).await.refused(404, None);
    }
    idp.send("PUT", &path(&user), &someone("ana@example.com")).await.refused(404, None);
    let again = idp.pushed("ana@example.com").await;
    assert_ne!(again["id"], user["id"]);
}

#[tokio::test]
async fn a_version_that_was_not_seen_is_not_overwritten() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let title = json!([{ "op": "replace", "path": "title", "value": "Counsel" }]);
    idp.patch(&user, title).await.ok(200);
    let seen = |name: &'static str| [(name, "W/\"1\"")];

    for (method, body) in [
        ("PUT", someone("ana@example.com")),
        ("PATCH", json!({ "Operations": [{ "op": "replace", "path": "title", "value": "x" }] })),
        ("DELETE", Json::Null),
    ] {
        let says = idp.with(method, &path(&user), &seen("if-match"), &body).await;
        assert!(says.refused(412, None).contains("W/\"2\""), "{method}");
    }
    let changed = idp.with("GET", &path(&user), &seen("if-none-match"), &Json::Null).await;
    let known = [("if-none-match", "W/\"1\", W/\"2\"")];
    let known = idp.with("GET", &path(&user), &known, &Json::Null).await;

    assert_eq!(changed.ok(200)["title"], "Counsel");
    assert_eq!((known.status, known.header("etag")), (304, Some("W/\"2\"")));
    assert_eq!(known.body, Json::Null);
    idp.with("DELETE", &path(&user), &[("if-match", "*")], &Json::Null).await.ok(204);
}

#[tokio::test]
async fn a_password_is_dropped_at_the_door() {
    let mut idp = Idp::new().await;
    let with = |user_name: &str| {
        let mut body = someone(user_name);
        body["password"] = json!("hunter2-secret");
        body
    };

    let user = idp.post(&with("ana@example.com")).await.ok(201);
    let put = idp.send("PUT", &path(&user), &with("ana@example.com")).await.ok(200);
    let patch = json!([
        { "op": "replace", "path": "password", "value": "hunter2-secret" },
        { "op": "replace", "value": { "Password": "hunter2-secret", format!("{USER}:password"): "hunter2-secret" } },
    ]);
    let patched = idp.patch(&user, patch).await.ok(200);
    idp.post(&with("ana@example.com")).await.refused(409, Some("uniqueness"));

    for shown in [&user, &put, &patched] {
        assert!(!shown.to_string().contains("hunter2"), "{shown}");
    }
    assert!(!idp.everything().await.contains("hunter2"));
}

#[tokio::test]
async fn only_what_is_asked_for_is_answered() {
    let idp = Idp::new().await;
    let names = |user: &Json| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>();

    let made = idp.send("POST", "/Users?attributes=userName", &someone("ana@example.com")).await;
    assert!(made.header("location").is_some_and(|location| location.starts_with(BASE)));
    let user = made.ok(201);
    let patch = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "x" }] });
    let only = path(&user) + "?attributes=title";
    let patched = idp.send("PATCH", &only, &patch).await.ok(200);
    let without = idp.get(&(path(&user) + "?excludedAttributes=meta,name,emails")).await.ok(200);

    assert_eq!(names(&user), ["id", "schemas", "userName"]);
    assert_eq!(names(&patched), ["id", "schemas", "title"]);
    assert!(!names(&without).iter().any(|name| ["meta", "name", "emails"].contains(&&**name)));
    let both = "/Users?attributes=title&excludedAttributes=name";
    idp.send("POST", both, &someone("ben@example.com")).await.refused(400, Some("invalidValue"));
    idp.post(&someone("ben@example.com")).await.ok(201);
}

#[tokio::test]
async fn a_source_is_told_no_id_but_its_own() {
    let idp = Idp::new().await;
    let entra = format!("Bearer {}", idp.another_source("Entra").await);
    let as_entra = [("authorization", &*entra), ("content-type", "application/json")];
    let user = idp.pushed("ana@example.com").await;

    let seen = idp.raw("GET", &path(&user), &as_entra, "").await.ok(200);
    let title = json!({ "Operations": [{ "op": "Replace", "path": "title", "value": "Counsel" }] });
    idp.raw("PATCH", &path(&user), &as_entra, title.to_string()).await.ok(200);
    // The same id of another source is another id.
    let mut same_id = someone("ben@example.com");
    same_id["externalId"] = user["externalId"].clone();
    idp.raw("POST", "/Users", &as_entra, same_id.to_string()).await.ok(201);

    assert_eq!(seen.get("externalId"), None);
    let ours = idp.get(&path(&user)).await.ok(200);
    assert_eq!((&ours["externalId"], &ours["title"]), (&user["externalId"], &json!("Counsel")));
}

#[tokio::test]
async fn what_the_directory_cannot_hold_is_told_by_the_name_of_its_attribute() {
    let idp = Idp::new().await;
    let long = "x".repeat(257);
    for (name, value, told) in [
        ("userName", json!("two\nlines"), "userName"),
        ("title", json!(long), "title"),
        ("externalId", json!(long), "externalId"),
        ("emails", json!([{ "value": "no address" }]), "emails.value"),
        ("phoneNumbers", json!([{ "value": "none" }]), "phoneNumbers.value"),
        ("name", json!({ "givenName": long }), "name.givenName"),
        (ENTERPRISE, json!({ "department": long }), ENTERPRISE),
        ("active", json!("perhaps"), "active"),
    ] {
        let mut body = someone("ana@example.com");
        body[name] = value;

        let answer = idp.post(&body).await;

        let says = answer.refused(400, Some("invalidValue"));
        assert!(says.starts_with(told) && !says.contains(&long), "{says}");
    }
    idp.pushed("ana@example.com").await;
}
