//! What is refused, and how (RFC 7644 section 3.12).

use reqwest::Method;
use serde_json::{Value, json};

use super::service::{Answer, Service, USER, path};

pub(super) async fn a_user_name_is_given_once(service: &Service) {
    let (one, two) = (service.created("OnceA").await, service.created("OnceB").await);
    let taken = one["userName"].as_str().unwrap().to_uppercase();
    let body = json!({ "schemas": [USER], "userName": taken });

    service.post(&body).await.refused(409, Some("uniqueness"));
    service.send(Method::PUT, &path(&two), &body).await.refused(409, Some("uniqueness"));
    let rename = json!([{ "op": "replace", "path": "userName", "value": taken }]);
    service.patch(&two, &rename).await.refused(409, Some("uniqueness"));

    assert_eq!(service.get(&path(&two)).await.ok(200), two);
    let same = service.patched(&one, &rename).await;
    assert_eq!(same["userName"], json!(taken), "one's own name in another case is free");
}

pub(super) async fn a_bad_filter_is_no_empty_list(service: &Service) {
    service.created("BadFilter").await;
    for filter in [
        "userName",
        "userName eq",
        r#"userName is "a""#,
        r#"userName eq "a"#,
        r#"(userName eq "a""#,
        r#"userName eq "a" and"#,
        r#"emails[type eq "work""#,
        r#"usrName eq "a""#,
        "active gt true",
    ] {
        let request = service.request(Method::GET, "/Users").query(&[("filter", filter)]);
        Answer::to(request).await.refused(400, Some("invalidFilter"));
    }
    service.get("/Users?count=many").await.refused(400, Some("invalidValue"));
}

pub(super) async fn a_patch_that_is_refused_changes_nothing(service: &Service) {
    let user = service.created("PatchRefused").await;
    for (operation, kind) in [
        (json!({ "op": "remove" }), "noTarget"),
        (
            json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x@y.example" }),
            "noTarget",
        ),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "a b", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
    ] {
        let patch = json!([{ "op": "replace", "path": "title", "value": "half done" }, operation]);
        service.patch(&user, &patch).await.refused(400, Some(kind));
        assert_eq!(service.get(&path(&user)).await.ok(200), user, "{operation}");
    }
    // RFC 7644 has no word for these two; services say invalidSyntax or invalidValue.
    for patch in [json!([]), json!([{ "op": "move", "path": "title", "value": "x" }])] {
        assert_eq!(service.patch(&user, &patch).await.status, 400, "{patch}");
    }
    let title = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    service.patch(&json!({ "id": "nobody" }), &title).await.refused(404, None);
}

pub(super) async fn strangers_are_told_so(service: &Service) {
    for method in [Method::GET, Method::POST] {
        let answer = Answer::to(service.unsigned(method.clone(), "/Users")).await;
        assert!(answer.header("www-authenticate").is_some_and(|asks| asks.starts_with("Bearer")));
        answer.refused(401, None);
        let wrong = service.unsigned(method, "/Users").bearer_auth("wrong");
        Answer::to(wrong).await.refused(401, None);
    }
}

pub(super) async fn wrong_addresses_methods_and_bodies_are_told_so(service: &Service) {
    let user = service.body("Wrong");
    for path in ["/Nothing", "/Users/nobody", "/Users/nobody/else"] {
        service.get(path).await.refused(404, None);
    }
    for (method, path) in [
        (Method::PUT, "/Users"),
        (Method::POST, "/Schemas"),
        (Method::DELETE, "/ServiceProviderConfig"),
    ] {
        let answer = service.send(method.clone(), path, &user).await;
        assert!(
            answer.header("allow").is_some_and(|allowed| allowed.contains("GET")),
            "{method} {path}"
        );
        answer.refused(405, None);
    }

    let text = service
        .request(Method::POST, "/Users")
        .header("content-type", "text/plain")
        .body(user.to_string());
    Answer::to(text).await.refused(415, None);
    for broken in ["", "{", "nonsense", "[1]"] {
        let request =
            service.request(Method::POST, "/Users").header("content-type", "application/scim+json");
        Answer::to(request.body(broken)).await.refused(400, Some("invalidSyntax"));
    }
    for body in
        [json!({ "schemas": [USER] }), json!({ "schemas": [USER], "userName": Value::Null })]
    {
        service.post(&body).await.refused(400, Some("invalidValue"));
    }
    assert_eq!(service.found(&format!("userName eq {}", user["userName"])).await, [""; 0]);

    let plain = service
        .request(Method::POST, "/Users")
        .header("content-type", "application/json; charset=utf-8");
    Answer::to(plain.body(user.to_string())).await.ok(201);
}
