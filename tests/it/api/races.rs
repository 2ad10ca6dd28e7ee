//! Two requests at once: one counts, and the other is answered with the fact and never with a fault.

use countersign::access::Role;
use serde_json::{Value as Json, json};

use super::{
    fixture::{Answer, Api, at},
    undone::account,
};

impl Api {
    /// Asks for the same twice at once; what the one who came too late is told.
    async fn twice(&self, role: Role, path: &str, body: Json) -> Answer {
        let ask = || self.send(role, "POST", path, body.clone());

        let (one, other) = tokio::join!(ask(), ask());

        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(won.status, 200, "{path}: {}", won.body);
        assert_eq!((lost.status, lost.problem()), (409, "state"), "{path}: {}", lost.body);
        lost
    }
}

#[tokio::test]
async fn who_comes_too_late_to_an_action_hears_who_was_quicker() {
    let by = |role: &str| format!(" by A token of {role} at 2026-11-23T10:00:00Z.");
    let table = [
        ("reject", false, Role::Approver, json!({ "reason": "No." }), by("approver")),
        ("link", false, Role::Approver, json!({ "remoteId": "remote-1" }), by("approver")),
        ("undo", true, Role::Approver, Json::Null, by("approver")),
        ("cancel", true, Role::Operator, Json::Null, by("operator")),
    ];
    for (step, approved, role, body, by) in table {
        let api = Api::new().await;
        let action = api.create_waits().await;
        if approved {
            api.approve_as_shown(&action).await;
        }
        api.has_accounts(&[account("remote-1", "ana@example.com")]).await;

        let late = api.twice(role, &at(&action, step), body).await;

        let detail = late.body["detail"].as_str().unwrap();
        assert!(detail.ends_with(&by), "{step}: {detail}");
    }
}

#[tokio::test]
async fn who_reverses_what_somebody_just_reversed_hears_who_it_was() {
    let api = Api::new().await;
    let action = api.was_created().await;

    let late = api.twice(Role::Operator, &at(&action, "reverse"), Json::Null).await;

    let detail = late.body["detail"].as_str().unwrap();
    assert!(detail.contains("Last changed by A token of operator at 2026-11-23"), "{detail}");
}

#[tokio::test]
async fn who_comes_too_late_to_an_app_hears_who_was_quicker() {
    for (step, says) in [("pause", "A token of operator paused it."), ("drain", " by A token of")] {
        let api = Api::new().await;

        let path = format!("/api/v1/apps/echosign/{step}");
        let late = api.twice(Role::Operator, &path, Json::Null).await;

        let detail = late.body["detail"].as_str().unwrap();
        assert!(detail.contains(says) && detail.contains("2026-11-23 10:00 UTC"), "{detail}");
    }
}
