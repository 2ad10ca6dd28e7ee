//! T1 to T22 of facts/identity-providers.md 3.6, as far as they are about people: each as the client
//! sends it, what it is answered, and what is in the directory and the queue then.

use countersign::{apps::change::Kind, queue::Status};
use serde_json::{Value as Json, json};

use super::fixture::{ENTERPRISE, Idp, PATCH_OP, USER, path, someone};

/// Whether a person who has an account is off now, and only a suspension waits.
async fn is_suspended(idp: &Idp, user: &Json) {
    assert!(!idp.kept(user).await.active);
    assert_eq!(idp.get(&path(user)).await.ok(200)["active"], false);
    assert_eq!(
        idp.story(user).await,
        [(Kind::Create, Status::Provisioned), (Kind::Suspend, Status::Pending)]
    );
}

#[tokio::test]
async fn t1_okta_deactivates_without_a_path() {
    let idp = Idp::new().await;
    let user = idp.with_account("ana@example.com").await;

    let body = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "value": { "active": false } }] });
    let answer = idp.send("PATCH", &path(&user), &body).await.ok(200);

    assert_eq!((&answer["active"], &answer["title"]), (&json!(false), &user["title"]));
    is_suspended(&idp, &user).await;
}

#[tokio::test]
async fn t2_entra_disables_with_a_text() {
    let idp = Idp::new().await;
    let user = idp.with_account("ana@example.com").await;

    idp.patch(&user, json!([{ "op": "Replace", "path": "active", "value": "False" }]))
        .await
        .ok(200);

    is_suspended(&idp, &user).await;
}

#[tokio::test]
async fn t3_entra_replaces_several() {
    let idp = Idp::new().await;
    let user = idp.with_account("ana@example.com").await;
    let number = format!("{ENTERPRISE}:employeeNumber");

    let answer = idp.patch(
        &user,
        json!([
            { "op": "Replace", "path": "displayName", "value": "D" },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "n@ex.test" },
            { "op": "Replace", "path": "name.givenName", "value": "G" },
            { "op": "Replace", "path": number, "value": "7" },
        ]),
    );
    let answer = answer.await.ok(200);

    assert_eq!(
        answer["emails"],
        json!([{ "primary": true, "value": "n@ex.test", "type": "work" }])
    );
    assert_eq!(answer["name"], json!({ "givenName": "G", "familyName": "Lima" }));
    assert_eq!(answer[ENTERPRISE], json!({ "employeeNumber": "7" }));
    assert_eq!(answer["schemas"], json!([USER, ENTERPRISE]));
    let kept = idp.kept(&user).await.profile;
    assert_eq!((kept.email.as_deref(), kept.given_name.as_deref()), (Some("n@ex.test"), Some("G")));
    assert_eq!(
        idp.story(&user).await,
        [(Kind::Create, Status::Provisioned), (Kind::Update, Status::Pending)]
    );
}

#[tokio::test]
async fn t4_entra_with_its_flag_sends_dotted_and_urn_names() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;

    let body = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "value": {
        "displayName": "D", "name.givenName": "G", format!("{ENTERPRISE}:employeeNumber"): "7",
    } }] });
    let address = format!("{}?aadOptscim062020", path(&user));
    let answer = idp.send("PATCH", &address, &body).await.ok(200);

    assert_eq!(answer["name"], json!({ "givenName": "G", "familyName": "Lima" }));
    assert_eq!(answer[ENTERPRISE], json!({ "employeeNumber": "7" }));
    assert!(
        !answer.as_object().unwrap().keys().any(|name| name.contains('.') && name != ENTERPRISE)
    );
    assert_eq!(idp.kept(&user).await.profile.given_name.as_deref(), Some("G"));
}

#[tokio::test]
async fn t5_entra_adds_to_an_entry_that_is_not_there() {
    let idp = Idp::new().await;
    let user = idp.post(&json!({ "schemas": [USER], "userName": "ana" })).await.ok(201);
    let address = |part: &str, value: &str| json!({ "op": "Add", "path": format!("addresses[type eq \"work\"].{part}"), "value": value });

    let mail =
        json!([{ "op": "Add", "path": "emails[type eq \"work\"].value", "value": "n@ex.test" }]);
    let mail = idp.patch(&user, mail).await.ok(200);
    let whole = idp.patch(
        &user,
        json!([
            address("streetAddress", "1 High St"),
            address("locality", "Lisbon"),
            address("region", "L"),
            address("postalCode", "1000"),
            address("country", "PT"),
        ]),
    );
    let whole = whole.await.ok(200);

    assert_eq!(mail["emails"], json!([{ "type": "work", "value": "n@ex.test" }]));
    assert_eq!(
        whole["addresses"],
        json!([{
            "type": "work", "streetAddress": "1 High St", "locality": "Lisbon", "region": "L",
            "postalCode": "1000", "country": "PT",
        }])
    );
    assert_eq!(idp.kept(&user).await.profile.email.as_deref(), Some("n@ex.test"));
    assert_eq!(idp.story(&user).await, [(Kind::Create, Status::Pending)]);
}

#[tokio::test]
async fn t6_entra_names_a_manager_by_a_bare_text() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let path_of_it = format!("{ENTERPRISE}:manager");

    let bare = json!([{ "op": "Add", "path": path_of_it, "value": "271" }]);
    let bare = idp.patch(&user, bare).await.ok(200);
    let listed = json!([{ "op": "Replace", "path": "manager", "value": [{ "$ref": null, "value": "272" }] }]);
    let listed = idp.patch(&user, listed).await.ok(200);

    assert_eq!(bare[ENTERPRISE], json!({ "manager": { "value": "271" } }));
    assert_eq!(listed[ENTERPRISE], json!({ "manager": { "value": "272" } }));
}

#[tokio::test]
async fn t11_onelogin_puts_with_odd_schemas_and_one_address() {
    let idp = Idp::new().await;
    let user = idp.pushed("u1").await;

    let body = json!({
        "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"],
        "userName": "u1", "name": { "familyName": "F", "givenName": "G" },
        "emails": { "value": "u1@ex.test" }, "active": true,
    });
    let accept = [("accept", "application/json")];
    let answer = idp.with("PUT", &format!("{}?", path(&user)), &accept, &body).await;

    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answer = answer.ok(200);
    assert_eq!((&answer["id"], &answer["schemas"]), (&user["id"], &json!([USER])));
    assert_eq!(answer["emails"], json!([{ "value": "u1@ex.test" }]));
    assert_eq!(idp.kept(&user).await.profile.email.as_deref(), Some("u1@ex.test"));
}

#[tokio::test]
async fn t13_keycloak_sends_active_as_a_text() {
    let idp = Idp::new().await;
    let user = idp.with_account("u1").await;

    let operations = json!([
        { "op": "replace", "path": "active", "value": "false" },
        { "op": "replace", "path": "userName", "value": "u1" },
    ]);
    let answer = idp.patch(&user, operations).await.ok(200);

    assert_eq!(answer["active"], false);
    is_suspended(&idp, &user).await;
}

#[tokio::test]
async fn t14_what_a_template_of_onelogin_leaves_behind_is_read() {
    let idp = Idp::new().await;

    let mut body = someone("ana@example.com");
    (body["id"], body["active"]) = (Json::Null, json!("true"));
    let user = idp.post(&body).await.ok(201);

    assert!(user["id"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(user["active"], true);
    assert!(idp.kept(&user).await.active);
}

#[tokio::test]
async fn t15_okta_pushes_again_whom_it_deactivated() {
    let idp = Idp::new().await;
    let mut body = someone("ana@example.com");
    (body["password"], body["groups"]) = (json!("placeholder"), json!([]));

    let user = idp.post(&body).await.ok(201);
    assert_eq!((user.get("password"), user.get("groups")), (None, None));
    let twice = idp.post(&body).await;
    assert!(twice.refused(409, Some("uniqueness")).contains("userName"));
    idp.app.approve_all(super::fixture::id(&user)).await;
    idp.app.run_jobs().await;
    idp.patch(&user, json!([{ "op": "replace", "value": { "active": false } }])).await.ok(200);
    body["title"] = json!("Counsel");
    let answer = idp.post(&body).await;

    assert_eq!(answer.header("location"), None, "nothing was created");
    let restored = answer.ok(200);
    assert_eq!((&restored["id"], &restored["active"]), (&user["id"], &json!(true)));
    assert_eq!(restored["title"], "Counsel");
    assert!(idp.kept(&user).await.active);
    assert_eq!(
        idp.story(&user).await,
        [
            (Kind::Create, Status::Provisioned),
            (Kind::Suspend, Status::Withdrawn),
            (Kind::Update, Status::Pending)
        ]
    );
    idp.post(&body).await.refused(409, Some("uniqueness"));
}

#[tokio::test]
async fn t15_nobody_else_is_brought_back() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    idp.patch(&user, json!([{ "op": "replace", "value": { "active": false } }])).await.ok(200);
    let entra = format!("Bearer {}", idp.another_source("Entra").await);

    let mut other_id = someone("ana@example.com");
    other_id["externalId"] = json!("another");
    let mut no_id = other_id.clone();
    no_id["externalId"] = Json::Null;
    idp.post(&other_id).await.refused(409, Some("uniqueness"));
    idp.post(&no_id).await.refused(409, Some("uniqueness"));
    let as_entra = [("authorization", &*entra)];
    let same = someone("ana@example.com").to_string();
    idp.raw("POST", "/Users", &as_entra, same).await.refused(409, Some("uniqueness"));

    assert!(!idp.kept(&user).await.active);
}

#[tokio::test]
async fn t17_to_add_a_single_value_is_to_replace_it() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;

    let add = json!([{ "op": "add", "path": "title", "value": "Counsel" }, { "op": "add", "value": { "nickName": "A" } }]);
    let answer = idp.patch(&user, add).await.ok(200);
    let mail = json!([{ "op": "add", "path": "emails", "value": [{ "type": "work", "value": "ana@example.com" }] }]);
    let again = idp.patch(&user, mail).await.ok(200);

    assert_eq!((&answer["title"], &answer["nickName"]), (&json!("Counsel"), &json!("A")));
    assert_eq!(again["emails"], user["emails"], "what is there is not added again");
}

#[tokio::test]
async fn t18_what_is_another_users_is_refused_as_that() {
    let idp = Idp::new().await;
    let (ana, ben) = (idp.pushed("ana@example.com").await, idp.pushed("ben@example.com").await);

    for (name, value) in
        [("userName", json!("ANA@example.com")), ("externalId", ana["externalId"].clone())]
    {
        let mut body = someone("ben@example.com");
        body[name] = value.clone();
        let put = idp.send("PUT", &path(&ben), &body).await;
        let patch =
            idp.patch(&ben, json!([{ "op": "replace", "path": name, "value": value }])).await;

        for answer in [put, patch] {
            assert!(answer.refused(409, Some("uniqueness")).starts_with(name), "{}", answer.body);
        }
    }

    assert_eq!(idp.get(&path(&ben)).await.ok(200), ben);
    let own = idp
        .patch(&ana, json!([{ "op": "replace", "path": "userName", "value": "ANA@example.com" }]));
    assert_eq!(own.await.ok(200)["userName"], "ANA@example.com");
}

#[tokio::test]
async fn t19_a_new_primary_value_takes_the_place_of_the_old() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;

    let home = json!([{ "op": "add", "path": "emails", "value": [{ "type": "home", "value": "h@ex.test", "primary": true }] }]);
    let home = idp.patch(&user, home).await.ok(200);
    let work =
        json!([{ "op": "replace", "path": "emails[type eq \"work\"].primary", "value": true }]);
    let work = idp.patch(&user, work).await.ok(200);

    let primary = |user: &Json| {
        let emails = user["emails"].as_array().unwrap().iter();
        emails
            .filter(|mail| mail["primary"] == true)
            .map(|mail| mail["type"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((primary(&home), primary(&work)), (vec![json!("home")], vec![json!("work")]));
}

#[tokio::test]
async fn t21_what_is_not_there_is_not_found_and_what_is_off_is() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    idp.patch(&user, json!([{ "op": "replace", "value": { "active": false } }])).await.ok(200);

    let mut off = someone("ana@example.com");
    off["active"] = json!(false);
    let put = idp.send("PUT", &path(&user), &off).await.ok(200);
    let unknown = format!("/Users/{}", countersign::kernel::UserId::at(idp.app.now()));
    let refused = idp.send("DELETE", &unknown, &Json::Null).await;
    let first = idp.send("DELETE", &path(&user), &Json::Null).await;
    let second = idp.send("DELETE", &path(&user), &Json::Null).await;

    assert_eq!(put["active"], false);
    assert!(refused.refused(404, None).contains("user"));
    assert_eq!(first.status, 204);
    second.refused(404, None);
}

#[tokio::test]
async fn t22_to_replace_without_a_path_is_to_merge() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;

    let merged = idp.patch(
        &user,
        json!([{ "op": "replace", "value": { "title": "Counsel", "name": { "givenName": "G" } } }]),
    );
    let merged = merged.await.ok(200);

    assert_eq!(merged["name"], json!({ "givenName": "G", "familyName": "Lima" }));
    for name in ["userName", "emails", "displayName", "externalId", "active"] {
        assert_eq!(merged[name], user[name], "{name}");
    }
}
