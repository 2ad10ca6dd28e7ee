//! Apps and how they are provisioned.

use countersign::access::Role;
use serde_json::{Value as Json, json};

use super::fixture::{Answer, Api, at};

const PATH: &str = "/api/v1/apps/echosign/provisioning";

#[tokio::test]
async fn an_app_is_shown_with_its_settings_and_never_its_credential() {
    let api = Api::new().await;

    let shown = api.get("/api/v1/apps/echosign").await;
    let listed = api.get("/api/v1/apps").await;

    assert_eq!(shown.status, 200);
    assert_eq!(listed.items(), std::slice::from_ref(&shown.body));
    assert_eq!(shown.body["name"], "EchoSign");
    assert_eq!(shown.body["connection"]["connector"], "scim");
    assert_eq!(shown.body["connection"]["baseUrl"], format!("{}/scim/v2/", api.app.uri()));
    for nothing in ["paused", "drainingSince", "restsUntil", "requestsLeft"] {
        assert_eq!(shown.body[nothing], Json::Null, "{nothing}");
    }
    assert_eq!(shown.body["sending"], json!({ "undoSeconds": 0, "sendAnyway": [], "rate": null }));
    assert_eq!(
        shown.body["provisioning"],
        json!({
            "enabled": true,
            "approve": ["create", "update", "suspend", "delete"],
            "onDelete": "delete",
            "onSuspend": "suspend",
            "fourEyes": false,
            "reasons": {},
            "domains": [],
        })
    );
    assert!(!shown.body.to_string().to_lowercase().contains("credential"));
}

#[tokio::test]
async fn settings_change_where_they_are_named_and_what_waits_goes_on_waiting() {
    let api = Api::new().await;
    let action = api.create_waits().await;

    let changed = api
        .send(Role::Owner, "PATCH", PATH, json!({ "approve": ["delete"], "onDelete": "nothing" }))
        .await;
    let same = api.send(Role::Owner, "PATCH", PATH, json!({})).await;

    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        changed.body["app"]["provisioning"],
        json!({
            "enabled": true,
            "approve": ["delete"],
            "onDelete": "nothing",
            "onSuspend": "suspend",
            "fourEyes": false,
            "reasons": {},
            "domains": [],
        })
    );
    assert_eq!(changed.body["stillWaiting"], json!([{ "kind": "create", "count": 1 }]));
    assert_eq!(changed.body["withoutAccount"], Json::Null);
    assert_eq!(same.body["app"], api.get("/api/v1/apps/echosign").await.body);
    assert_eq!(same.body["app"], changed.body["app"]);
    assert_eq!(api.get(&at(&action, "")).await.body["status"], "pending");
}

#[tokio::test]
async fn turning_provisioning_on_counts_who_has_no_account() {
    let api = Api::new().await;
    api.send(Role::Owner, "PATCH", PATH, json!({ "enabled": false })).await;
    api.add(json!({ "userName": "ana@example.com" })).await;

    let on = api.send(Role::Owner, "PATCH", PATH, json!({ "enabled": true })).await;

    assert_eq!(on.status, 200, "{}", on.body);
    assert_eq!(on.body["withoutAccount"], 1);
    assert_eq!(api.get("/api/v1/actions").await.items().len(), 0);
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_with_each_field_and_its_mend() {
    let api = Api::new().await;
    let before = api.get("/api/v1/apps/echosign").await.body;
    let table = [
        (json!({ "approve": "create" }), "approve", "Must be a list of texts"),
        (json!({ "approve": ["mend"] }), "approve", "Must be one of create,"),
        (json!({ "approve": ["reactivate"] }), "approve", "Leave reactivate out"),
        (json!({ "onDelete": "burn" }), "onDelete", "Must be one of delete, suspend, nothing."),
        (json!({ "onSuspend": null }), "onSuspend", "Must be a text"),
        (json!({ "fourEyes": "yes" }), "fourEyes", "Must be true or false."),
        (json!({ "four_eyes": true }), "four_eyes", "Is not known here."),
    ];
    for (body, field, mend) in table {
        let answer = api.send(Role::Owner, "PATCH", PATH, body.clone()).await;

        assert_eq!((answer.status, answer.fields()), (422, vec![field]), "{body}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(mend), "{body}: {detail}");
    }
    assert_eq!(api.get("/api/v1/apps/echosign").await.body, before);
}

#[tokio::test]
async fn an_app_that_is_not_there_is_not_found() {
    let api = Api::new().await;

    let answer = api.get("/api/v1/apps/docusign").await;
    let patched =
        api.send(Role::Owner, "PATCH", "/api/v1/apps/docusign/provisioning", json!({})).await;

    assert_eq!((answer.status, answer.problem()), (404, "not-found"));
    assert_eq!(patched.status, 404);
    for step in ["pause", "resume", "drain"] {
        let path = format!("/api/v1/apps/docusign/{step}");
        assert_eq!(api.send(Role::Owner, "POST", &path, Json::Null).await.status, 404, "{step}");
    }
}

#[tokio::test]
async fn rules_for_reasons_are_patched_kind_by_kind() {
    let api = Api::new().await;
    let rule = json!({ "required": true, "pattern": r"CHG-\d+" });
    let none = json!({ "required": false, "pattern": null, "message": null });

    let set = api.send(Role::Owner, "PATCH", PATH, json!({ "reasons": { "delete": rule } })).await;
    let mended = json!({ "reasons": { "delete": { "message": "Name it." }, "create": none } });
    let mended = api.send(Role::Owner, "PATCH", PATH, mended).await;
    let gone = api.send(Role::Owner, "PATCH", PATH, json!({ "reasons": { "delete": null } })).await;

    let reasons = |answer: &Answer| answer.body["app"]["provisioning"]["reasons"].clone();
    let stored = json!({ "required": true, "pattern": r"CHG-\d+", "message": null });
    assert_eq!(reasons(&set), json!({ "delete": stored }));
    let stored = json!({ "required": true, "pattern": r"CHG-\d+", "message": "Name it." });
    assert_eq!(reasons(&mended), json!({ "delete": stored }));
    assert_eq!(reasons(&gone), json!({}));
}

#[tokio::test]
async fn domains_are_kept_in_lower_case() {
    let api = Api::new().await;

    let set = json!({ "domains": ["Example.com", "b.example", "example.com"] });
    let set = api.send(Role::Owner, "PATCH", PATH, set).await;

    let domains = json!(["example.com", "b.example"]);
    assert_eq!(set.body["app"]["provisioning"]["domains"], domains);
}

#[tokio::test]
async fn what_cannot_be_a_rule_or_a_domain_is_named_and_nothing_is_stored() {
    let api = Api::new().await;
    let before = api.get("/api/v1/apps/echosign").await.body;
    let table = [
        (json!({ "reasons": { "delete": { "pattern": "(" } } }), "reasons.delete.pattern"),
        (json!({ "reasons": { "delete": { "message": "a\u{7}" } } }), "reasons.delete.message"),
        (json!({ "reasons": { "delete": { "need": true } } }), "reasons.delete"),
        (json!({ "reasons": { "delete": "CHG" } }), "reasons.delete"),
        (json!({ "reasons": { "mend": {} } }), "reasons.mend"),
        (json!({ "reasons": [] }), "reasons"),
        (json!({ "domains": ["localhost"] }), "domains"),
        (
            json!({ "domains": (0..101).map(|n| format!("a{n}.example")).collect::<Vec<_>>() }),
            "domains",
        ),
    ];
    for (mut patch, field) in table {
        patch["fourEyes"] = json!(true);

        let refused = api.send(Role::Owner, "PATCH", PATH, patch.clone()).await;

        assert_eq!((refused.status, refused.fields()), (422, vec![field]), "{patch}");
        assert_eq!(api.get("/api/v1/apps/echosign").await.body, before, "{patch}");
    }
}
