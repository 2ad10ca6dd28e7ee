//! What can be changed (RFC 7644 sections 3.5, 3.6 and 3.14).

use reqwest::Method;
use serde_json::{Value, json};

use super::service::{Answer, ENTERPRISE, Service, USER, operations_of, path, scim};

pub(super) async fn a_patch_changes_what_it_names_and_no_more(service: &Service) {
    let user = service.created("PatchOne").await;

    let one = service
        .patched(&user, &json!([{ "op": "replace", "path": "title", "value": "Clerk" }]))
        .await;
    let several = json!([
        { "op": "replace", "path": "title", "value": "Counsel" },
        { "op": "add", "path": "name.middleName", "value": "M" },
        { "op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
        { "op": "replace", "path": "active", "value": false },
    ]);
    let several = service.patched(&user, &several).await;
    let gone = json!([{ "op": "remove", "path": "title" }, { "op": "replace", "path": "displayName", "value": null }]);
    let gone = service.patched(&user, &gone).await;

    assert_eq!(one["title"], "Clerk");
    assert_ne!(one["meta"]["version"], user["meta"]["version"]);
    assert_eq!(one["meta"]["created"], user["meta"]["created"]);
    for (name, value) in user.as_object().unwrap().iter().filter(|(name, _)| *name != "meta") {
        assert_eq!(&one[name], value, "{name} was not named");
    }
    assert_eq!(several["title"], "Counsel");
    assert_eq!(
        several["name"],
        json!({ "givenName": "PatchOne", "familyName": "Lima", "middleName": "M" })
    );
    assert_eq!(several[ENTERPRISE], json!({ "department": "Sales" }));
    assert_eq!(several["active"], false);
    assert_eq!((gone.get("title"), gone.get("displayName")), (None, None));
    assert_eq!(gone["userName"], user["userName"]);
}

pub(super) async fn a_patch_without_a_path_is_merged(service: &Service) {
    let user = service.created("PatchMerge").await;

    let patch = json!([{ "op": "replace", "value": {
        "active": false, "nickName": "Pam", "name.familyName": "Pereira",
        format!("{ENTERPRISE}:division"): "North", ENTERPRISE: { "costCenter": "7" },
    } }]);
    let merged = service.patched(&user, &patch).await;

    assert_eq!((&merged["active"], &merged["nickName"]), (&json!(false), &json!("Pam")));
    assert_eq!(merged["name"], json!({ "givenName": "PatchMerge", "familyName": "Pereira" }));
    let enterprise = json!({ "department": "Legal", "division": "North", "costCenter": "7" });
    assert_eq!(merged[ENTERPRISE], enterprise);
    assert_eq!(merged["emails"], user["emails"]);
}

pub(super) async fn a_patch_reaches_into_several_values(service: &Service) {
    let user = service.created("PatchMany").await;
    let home = json!({ "value": "home@conformance.example", "type": "home", "primary": true });
    let emails = async |patch: Value| {
        let mut emails = service.patched(&user, &patch).await["emails"].take();
        if let Some(emails) = emails.as_array_mut() {
            emails.sort_by_key(|email| email["type"].as_str().map(str::to_owned));
        }
        emails
    };

    let changed = emails(json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@conformance.example" }])).await;
    let added = emails(json!([{ "op": "add", "path": "emails", "value": [home] }])).await;
    let again = emails(json!([{ "op": "add", "path": "emails", "value": [home] }])).await;
    let removed = emails(json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }])).await;
    let none = emails(json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }])).await;
    let all = emails(json!([{ "op": "remove", "path": "emails" }])).await;

    let work = json!({ "value": "new@conformance.example", "type": "work", "primary": true });
    assert_eq!(changed, json!([work]));
    assert_eq!((&added[0], &added[1]["value"]), (&home, &work["value"]));
    assert_ne!(added[1]["primary"], true, "only one is the primary one");
    assert_eq!(again, added, "what is there is not added again");
    assert_eq!(removed, json!([home]));
    assert_eq!(none, removed, "what is not there need not be removed");
    assert_eq!(all, Value::Null);
}

pub(super) async fn names_and_words_of_a_patch_have_no_case(service: &Service) {
    let user = service.created("PatchCase").await;

    let patch = json!([
        { "op": "Add", "path": "NICKNAME", "value": "Cas" },
        { "op": "Replace", "path": "Active", "value": "False" },
        { "op": "REPLACE", "path": format!("{}:DisplayName", USER.to_uppercase()), "value": "Shown" },
        { "op": "replace", "path": "Emails[Type EQ \"WORK\"].Display", "value": "Work" },
    ]);
    let user = service.patched(&user, &patch).await;

    assert_eq!(
        (&user["nickName"], &user["active"], &user["displayName"]),
        (&json!("Cas"), &json!(false), &json!("Shown"))
    );
    assert_eq!(user["emails"][0]["display"], "Work");
}

pub(super) async fn a_put_replaces_the_account(service: &Service) {
    let user = service.created("Put").await;
    let sent = json!({
        "schemas": [USER], "id": "another", "meta": { "version": "W/\"0\"" }, "userName": service.name("PutNew"),
        "name": { "familyName": "New" }, "active": true, "groups": [],
    });

    let put = service.send(Method::PUT, &path(&user), &sent).await.ok(200);

    assert_eq!(service.get(&path(&user)).await.ok(200), put);
    assert_eq!((&put["id"], &put["meta"]["created"]), (&user["id"], &user["meta"]["created"]));
    assert_eq!((&put["userName"], &put["name"]), (&sent["userName"], &sent["name"]));
    assert_eq!(
        (put.get("displayName"), put.get("emails"), put.get(ENTERPRISE)),
        (None, None, None)
    );
    service.send(Method::PUT, "/Users/nobody", &sent).await.refused(404, None);
    let nameless = json!({ "schemas": [USER], "title": "x" });
    service.send(Method::PUT, &path(&user), &nameless).await.refused(400, Some("invalidValue"));
}

pub(super) async fn a_version_guards_against_overwriting(service: &Service) {
    let user = service.created("Version").await;
    let version = user["meta"]["version"].as_str().unwrap().to_owned();
    let patch = operations_of(&json!([{ "op": "replace", "path": "title", "value": "First" }]));
    let with = async |method: Method, name: &str, version: &str, body: &Value| {
        let request = service.request(method, &path(&user)).header(name, version);
        Answer::to(scim(request, body)).await
    };

    let known = with(Method::GET, "if-none-match", &version, &Value::Null).await;
    assert_eq!((known.status, known.body), (304, Value::Null));
    let first = with(Method::PATCH, "if-match", &version, &patch).await;
    assert!([200, 204].contains(&first.status), "{first:?}");
    for method in [Method::PATCH, Method::DELETE] {
        with(method, "if-match", &version, &patch).await.refused(412, None);
    }
    let changed = with(Method::GET, "if-none-match", &version, &Value::Null).await.ok(200);
    assert_eq!(changed["title"], "First");
}

pub(super) async fn what_is_deleted_is_gone(service: &Service) {
    let user = service.created("Delete").await;

    let deleted = service.request(Method::DELETE, &path(&user));
    let deleted = Answer::to(deleted).await;

    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    service.get(&path(&user)).await.refused(404, None);
    Answer::to(service.request(Method::DELETE, &path(&user))).await.refused(404, None);
    let title = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    service.patch(&user, &title).await.refused(404, None);
    assert_eq!(service.found(&format!("userName eq {}", user["userName"])).await, [""; 0]);
    let again = service.created("Delete").await;
    assert_ne!(again["id"], user["id"], "an id is given once");
}

/// What the RFC does not ask for and identity providers do; see `Dialect`.
pub(super) async fn real_clients_are_understood(service: &Service) {
    let user = service.created("Real").await;
    let make = json!([{ "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+1 555 0100" }]);
    let unknown = json!([{ "op": "add", "path": "shoeSize", "value": 38 }]);

    if service.dialect.reads_real_clients {
        let phone = service.patched(&user, &make).await;
        assert_eq!(phone["phoneNumbers"], json!([{ "type": "work", "value": "+1 555 0100" }]));
        let manager =
            json!([{ "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "271" }]);
        assert_eq!(
            service.patched(&user, &manager).await[ENTERPRISE]["manager"],
            json!({ "value": "271" })
        );
        let one = json!({ "userName": service.name("RealOne"), "emails": { "value": "a@conformance.example" }, "active": "true" });
        let one = service.post(&one).await.ok(201);
        assert_eq!(
            (&one["emails"], &one["active"]),
            (&json!([{ "value": "a@conformance.example" }]), &json!(true))
        );
        let bare = format!("externalId eq {}", user["externalId"].as_str().unwrap());
        assert_eq!(service.found(&bare).await.len(), 1);
    } else {
        service.patch(&user, &make).await.refused(400, Some("noTarget"));
    }
    if service.dialect.keeps_unknown {
        assert_eq!(service.patched(&user, &unknown).await["shoeSize"], 38);
    } else {
        service.patch(&user, &unknown).await.refused(400, Some("invalidPath"));
    }
}
