//! People: add, show, change, delete.

use std::collections::BTreeSet;

use countersign::access::Role;
use serde_json::{Value as Json, json};

use super::fixture::Api;

fn ana() -> Json {
    json!({
        "userName": "ana@example.com",
        "givenName": "Ana",
        "familyName": "Lima",
        "displayName": "Ana Lima",
        "email": "ana.lima@example.com",
        "title": "Analyst",
        "department": "Finance",
        "phone": "+44 20 7946 0018",
        "active": true,
    })
}

#[tokio::test]
async fn a_person_is_added_and_found_where_the_answer_says() {
    let api = Api::new().await;

    let added = api.send(Role::Operator, "POST", "/api/v1/users", ana()).await;
    let shown = api.get(added.headers["location"].to_str().unwrap()).await;

    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(shown.body, added.body);
    for (field, value) in ana().as_object().unwrap() {
        assert_eq!(shown.body[field], *value, "{field}");
    }
    assert_eq!(shown.body["source"], "api");
    assert_eq!(shown.body["createdAt"], "2026-11-23T10:00:00Z");
    assert_eq!(api.get("/api/v1/users?q=lima+fin").await.items().len(), 0);
    assert_eq!(api.get("/api/v1/users?q=LIMA+ana.l").await.items(), [shown.body]);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_removes_what_is_null_and_leaves_the_rest() {
    let api = Api::new().await;
    let path = format!("/api/v1/users/{}", api.add(ana()).await);
    api.a_minute_passes();
    let changes = json!({ "title": "  Director ", "phone": null, "department": "" });

    let headers = [
        ("authorization", &*format!("Bearer {}", api.token(Role::Operator))),
        ("content-type", "application/merge-patch+json"),
    ];
    let patched = api.raw("PATCH", &path, &headers, changes.to_string().into()).await;

    assert_eq!(patched.status, 200, "{}", patched.body);
    let mut expected = ana();
    expected["title"] = json!("Director");
    expected["phone"] = Json::Null;
    expected["department"] = Json::Null;
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(patched.body[field], *value, "{field}");
    }
    assert_eq!(patched.body["updatedAt"], "2026-11-23T10:01:00Z");
    assert_eq!(api.get(&path).await.body, patched.body);
}

#[tokio::test]
async fn a_patch_of_nothing_changes_nothing() {
    let api = Api::new().await;
    let path = format!("/api/v1/users/{}", api.add(ana()).await);
    let before = api.get(&path).await.body;
    let events = api.get("/api/v1/audit").await.body;
    api.a_minute_passes();

    let patched = api.send(Role::Operator, "PATCH", &path, json!({})).await;

    assert_eq!((patched.status, patched.body), (200, before));
    assert_eq!(api.get("/api/v1/audit").await.body, events);
}

#[tokio::test]
async fn a_person_who_is_deleted_is_gone_at_once() {
    let api = Api::new().await;
    let path = format!("/api/v1/users/{}", api.add(ana()).await);

    let deleted = api.send(Role::Operator, "DELETE", &path, Json::Null).await;

    assert_eq!(deleted.status, 204);
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(api.send(Role::Operator, "DELETE", &path, Json::Null).await.status, 404);
    assert_eq!(api.send(Role::Operator, "PATCH", &path, json!({ "title": "x" })).await.status, 404);
    assert_eq!(api.get("/api/v1/users").await.items().len(), 0);
    assert_eq!(api.send(Role::Operator, "POST", "/api/v1/users", ana()).await.status, 201);
}

#[tokio::test]
async fn a_person_who_cannot_be_is_refused_with_each_field_and_its_mend() {
    let api = Api::new().await;
    api.add(ana()).await;
    let table = [
        (json!({}), vec!["userName"], "A user name is needed."),
        (json!({ "userName": null }), vec!["userName"], "A user name is needed."),
        (
            json!({ "userName": "ANA@example.com" }),
            vec!["userName"],
            "Another person has this user name.",
        ),
        (json!({ "userName": "b", "email": "b" }), vec!["email"], "Must be an e-mail address"),
        (json!({ "userName": "b", "email": "b", "phone": "x" }), vec!["email", "phone"], "Must be"),
        (
            json!({ "userName": "b", "title": "x".repeat(257) }),
            vec!["title"],
            "Must have at most 256 characters",
        ),
        (
            json!({ "userName": "b", "title": "x\u{0}" }),
            vec!["title"],
            "Must not have the character U+0000.",
        ),
        (json!({ "userName": "b", "title": 7 }), vec!["title"], "Must be a text"),
        (json!({ "userName": "b", "active": null }), vec!["active"], "Must be true or false."),
        (
            json!({ "userName": "b", "username": "b" }),
            vec!["username"],
            "Is not known here. Known are userName,",
        ),
        (json!({ "userName": "b", "id": "usr_1" }), vec!["id"], "Is not known here."),
    ];
    for (body, fields, mend) in table {
        let answer = api.send(Role::Operator, "POST", "/api/v1/users", body.clone()).await;

        assert_eq!((answer.status, answer.problem()), (422, "invalid-fields"), "{body}");
        assert_eq!(answer.fields(), fields, "{body}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(mend), "{body}: {detail}");
    }
    assert_eq!(api.get("/api/v1/users").await.items().len(), 1);
}

#[tokio::test]
async fn each_body_takes_the_fields_that_the_document_names_and_no_other() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let (action, user) = (action["id"].as_str().unwrap(), action["user"]["id"].as_str().unwrap());
    let table = [
        ("POST", "/users".to_owned(), "NewUser"),
        ("PATCH", format!("/users/{user}"), "UserPatch"),
        ("POST", format!("/actions/{action}/approve"), "Approval"),
        ("POST", format!("/actions/{action}/reject"), "Rejection"),
        ("POST", format!("/actions/{action}/link"), "Link"),
        ("PATCH", "/apps/echosign/provisioning".to_owned(), "ProvisioningPatch"),
        ("PATCH", "/apps/echosign/sending".to_owned(), "SendingPatch"),
        ("POST", "/apps/echosign/pause".to_owned(), "Pause"),
    ];
    for (method, path, schema) in table {
        let answer =
            api.send(Role::Owner, method, &format!("/api/v1{path}"), json!({ "zzz": 1 })).await;

        let detail = answer.body["detail"].as_str().unwrap();
        let (_, known) = detail.trim_end_matches('.').split_once("Known are ").unwrap();
        let known: BTreeSet<_> = known.split(", ").collect();
        let described =
            api.document().0["components"]["schemas"][schema]["properties"].as_object().unwrap();
        let described: BTreeSet<_> = described.keys().map(String::as_str).collect();
        assert_eq!(known, described, "{schema}");
    }
}
