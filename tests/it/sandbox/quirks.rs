//! What it does wrong all the time.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Running, path_of, setting};

#[tokio::test]
async fn ids_take_the_forms_they_take_elsewhere() {
    let running = Running::start().await;

    running.faults(&json!({ "quirks": ["idIsUserName"] })).await;
    let ana: Value = running.create("ana@example.com").await.unwrap().json().await.unwrap();
    running.faults(&json!({ "quirks": ["idIsNumber"] })).await;
    let ben: Value = running.create("ben").await.unwrap().json().await.unwrap();

    assert_eq!(ana["id"], "ana@example.com");
    assert_eq!(running.status(Method::GET, "/Users/ana%40example.com").await, 200);
    assert_eq!(ben["id"], 2);
    assert_eq!(running.status(Method::DELETE, "/Users/2").await, 204);
}

/// One that has a quirk.
async fn with(quirk: &str) -> Running {
    let running = Running::start().await;
    running.faults(&json!({ "quirks": [quirk] })).await;
    running
}

#[tokio::test]
async fn location_leads_nowhere_when_it_is_built_from_the_user_name() {
    let running = with("locationByUserName").await;

    let made = running.create("ana@example.com").await.unwrap();
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = made.json().await.unwrap();

    assert!(location.ends_with("/Users/ana%40example%2Ecom"), "{location}");
    assert_eq!(made["meta"]["location"], json!(location));
    assert_eq!(running.status(Method::GET, "/Users/ana%40example.com").await, 404);
    assert_eq!(running.status(Method::GET, &path_of(&made)).await, 200);
}

#[tokio::test]
async fn names_in_another_case_are_other_names_where_case_matters() {
    let running = with("mindsCase").await;
    running.created("ana").await;

    let other = running.create("Ana").await.unwrap().status();
    let same = running.create("ana").await.unwrap().status();

    assert_eq!((other.as_u16(), same.as_u16()), (201, 409));
    assert_eq!(running.found(r#"userName eq "Ana""#).await, ["Ana"]);
    assert_eq!(running.found(r#"userName eq "ANA""#).await, [""; 0]);
    assert_eq!(running.keeps(), ["ana", "Ana"]);
}

#[tokio::test]
async fn a_list_with_count_fails_and_one_without_does_not() {
    let running = with("countFails").await;
    running.created("ana").await;

    assert_eq!(running.status(Method::GET, "/Users?count=1").await, 500);
    assert_eq!(running.status(Method::GET, "/Users?startIndex=1&count=0").await, 500);
    assert_eq!(running.user_names().await, ["ana"]);
    assert_eq!(running.status(Method::GET, "/Users?startIndex=2").await, 200);
}

#[tokio::test]
async fn a_patch_is_answered_without_a_body_only_when_nothing_changed() {
    let running = with("unchangedWithoutBody").await;
    let path = path_of(&running.created("ana").await);
    let clerk = setting("title", "Clerk");

    let changed = running.send(Method::PATCH, &path, &clerk).await.unwrap();
    let unchanged = running.send(Method::PATCH, &path, &clerk).await.unwrap();

    assert_eq!((changed.status().as_u16(), unchanged.status().as_u16()), (200, 204));
    assert_eq!(changed.json::<Value>().await.unwrap()["title"], "Clerk");
    assert_eq!(unchanged.text().await.unwrap(), "");
    assert_eq!(running.the_account()["meta"]["version"], "W/\"2\"");
}

#[tokio::test]
async fn a_new_account_needs_a_formatted_name_and_active() {
    let running = with("needsNameAndActive").await;
    let ana = json!({ "userName": "ana", "name": { "givenName": "Ana" }, "active": true });
    let ben = json!({ "userName": "ben", "name": { "formatted": "Ben" } });
    let cy = json!({ "userName": "cy", "name": { "formatted": "Cy" }, "active": false });

    let mut statuses = Vec::new();
    for user in [ana, ben, cy] {
        statuses.push(running.send(Method::POST, "/Users", &user).await.unwrap().status().as_u16());
    }
    let path = path_of(&running.the_account());
    let put = running.send(Method::PUT, &path, &json!({ "userName": "cyd" })).await.unwrap();

    assert_eq!(statuses, [400, 400, 201]);
    assert_eq!((put.status().as_u16(), running.keeps()), (200, vec!["cyd".to_owned()]));
}

#[tokio::test]
async fn an_outdated_version_is_ignored() {
    for (quirk, status, title) in [("noLocation", 412, "First"), ("ignoresVersions", 200, "Second")]
    {
        let running = with(quirk).await;
        let ana = running.created("ana").await;
        let path = path_of(&ana);
        running.send(Method::PATCH, &path, &setting("title", "First")).await.unwrap();

        let stale = running.client.patch(format!("{}/scim/v2{path}", running.base));
        let stale = stale
            .bearer_auth(super::TOKEN)
            .header("if-match", ana["meta"]["version"].as_str().unwrap())
            .json(&setting("title", "Second"));
        let answer = stale.send().await.unwrap();

        assert_eq!(answer.status(), status, "{quirk}");
        assert_eq!(running.the_account()["title"], title, "{quirk}");
    }
}

#[tokio::test]
async fn a_text_for_active_is_refused() {
    let running = with("refusesTextsForActive").await;
    let path = path_of(&running.created("ana").await);
    let post = json!({ "userName": "ben", "active": "true" });

    let created = running.send(Method::POST, "/Users", &post).await.unwrap();
    let patched = running.send(Method::PATCH, &path, &setting("Active", "False")).await.unwrap();
    let kept = running.the_account();
    let boolean = running.send(Method::PATCH, &path, &setting("active", false)).await.unwrap();

    assert_eq!((created.status().as_u16(), patched.status().as_u16()), (400, 400));
    assert_eq!(kept["active"], true);
    assert_eq!((boolean.status().as_u16(), &running.the_account()["active"]), (200, &json!(false)));
}

#[tokio::test]
async fn an_attribute_of_no_schema_is_kept_or_refused_or_passed_over() {
    for (quirk, status, kept) in [
        ("noLocation", 201, Some(json!(38))),
        ("refusesUnknown", 400, None),
        ("dropsUnknown", 201, None),
    ] {
        let running = with(quirk).await;
        let ana = json!({ "userName": "ana", "title": "Clerk", "shoeSize": 38 });

        let answer = running.send(Method::POST, "/Users", &ana).await.unwrap();

        assert_eq!(answer.status(), status, "{quirk}");
        let account = running.sandbox.accounts().pop().unwrap_or_default();
        assert_eq!(account.get("shoeSize"), kept.as_ref(), "{quirk}");
        assert_eq!(account["title"] == "Clerk", status == 201, "{quirk}");
    }
}

#[tokio::test]
async fn an_app_that_takes_no_types_describes_none() {
    let running = with("refusesTypes").await;
    let typed =
        json!({ "userName": "ana", "emails": [{ "value": "a@b.example", "type": "work" }] });
    let plain = json!({ "userName": "ana", "emails": [{ "value": "a@b.example" }] });
    let parts = |schema: &Value| {
        let attributes = schema["attributes"].as_array().unwrap();
        let emails = attributes.iter().find(|attribute| attribute["name"] == "emails").unwrap();
        let parts = emails["subAttributes"].as_array().unwrap().iter();
        parts.map(|part| part["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let user = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User";

    let described = parts(&running.json(Method::GET, user, &json!({})).await);
    let refused = running.send(Method::POST, "/Users", &typed).await.unwrap().status();
    let taken = running.send(Method::POST, "/Users", &plain).await.unwrap().status();
    let change = setting(r#"emails[type eq "work"].value"#, "b@b.example");
    let path = path_of(&running.the_account());
    let patched = running.send(Method::PATCH, &path, &change).await.unwrap().status();

    assert!(described.contains(&"value".to_owned()), "{described:?}");
    assert!(!described.contains(&"type".to_owned()), "{described:?}");
    assert_eq!((refused.as_u16(), taken.as_u16(), patched.as_u16()), (400, 201, 400));
    assert_eq!(running.the_account()["emails"], plain["emails"]);
}

#[tokio::test]
async fn a_stranger_is_refused_in_each_of_the_ways() {
    for (quirk, body) in [
        ("bareUnauthorized", ""),
        (
            "otherUnauthorized",
            r#"{"code":"INVALID_ACCESS_TOKEN","message":"Access token is invalid"}"#,
        ),
    ] {
        let running = with(quirk).await;

        let asked = running.client.get(format!("{}/scim/v2/Users", running.base));
        let answer = asked.bearer_auth("wrong").send().await.unwrap();

        assert_eq!(answer.status(), 401, "{quirk}");
        assert_eq!(answer.text().await.unwrap(), body, "{quirk}");
    }
}

#[tokio::test]
async fn a_connection_closes_after_each_answer_of_an_old_server() {
    let running = with("closesConnections").await;

    let made = running.create("ana").await.unwrap();
    let (version, connection) = (made.version(), made.headers()["connection"].clone());
    let body: Value = made.json().await.unwrap();

    assert_eq!((version, connection), (reqwest::Version::HTTP_10, "close".parse().unwrap()));
    assert_eq!(body["userName"], "ana");
    assert_eq!(running.user_names().await, ["ana"], "the next one is answered too");
}

#[tokio::test]
async fn a_change_of_what_is_gone_fails_and_a_look_at_it_does_not() {
    let running = with("unknownIdFails").await;
    let path = path_of(&running.created("ana").await);

    let first = running.status(Method::DELETE, &path).await;
    let second = running.status(Method::DELETE, &path).await;
    let patched = running.send(Method::PATCH, &path, &setting("title", "Clerk")).await.unwrap();

    assert_eq!((first, second, patched.status().as_u16()), (204, 500, 500));
    assert_eq!(running.status(Method::GET, &path).await, 404);
}

#[tokio::test]
async fn a_name_is_taken_once_where_it_is_the_id_even_if_it_may_be_twice() {
    let running = Running::start().await;
    running.faults(&json!({ "quirks": ["allowsDuplicates", "idIsUserName"] })).await;
    running.created("ana").await;

    assert_eq!(running.create("ana").await.unwrap().status(), 409);
    assert_eq!(running.keeps(), ["ana"]);
}
