//! Approve, reject, retry, cancel.

use countersign::access::{Actor, NewAdministrator, Owner, Passwords, Role, create_administrator};
use countersign::audit::By;
use countersign::kernel::Clock;
use serde_json::{Value as Json, json};

use super::fixture::{Answer, Api, at};

impl Api {
    pub(super) async fn approve(&self, action: &Json, approval: Json) -> Answer {
        self.send(Role::Approver, "POST", &at(action, "approve"), approval).await
    }

    pub(super) async fn approve_as_shown(&self, action: &Json) -> Answer {
        self.approve(action, json!({ "digest": action["digest"] })).await
    }

    pub(super) async fn send_as_operator(&self, user: &str, patch: Json) {
        let answer =
            self.send(Role::Operator, "PATCH", &format!("/api/v1/users/{user}"), patch).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn step(&self, action: &Json, step: &str) -> Answer {
        self.send(Role::Operator, "POST", &at(action, step), Json::Null).await
    }

    async fn four_eyes(&self) {
        let path = "/api/v1/apps/echosign/provisioning";
        let answer = self.send(Role::Owner, "PATCH", path, json!({ "fourEyes": true })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn owner(&self, name: &str) -> Owner {
        let new = NewAdministrator {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: Role::Owner,
            password: "correct horse battery".into(),
        };
        let (passwords, by) = (Passwords::default(), By::System("Test".to_owned()));
        let made = create_administrator(&self.db.pool, self.clock.now(), &passwords, &by, new)
            .await
            .unwrap();
        Actor::from(made).owner().unwrap()
    }
}

#[tokio::test]
async fn an_approval_is_kept_with_who_when_and_why_and_the_app_gets_it() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    api.a_minute_passes();

    let approval = json!({ "digest": action["digest"], "reason": " She starts on Monday. " });
    let approved = api.approve(&action, approval).await;
    let forwarded = api.forward().await;

    assert_eq!(approved.status, 200, "{}", approved.body);
    assert_eq!(approved.body["status"], "approved");
    let decision = &approved.body["decision"];
    assert_eq!(decision["by"], "A token of approver");
    assert_eq!(decision["byRule"], false);
    assert_eq!(decision["at"], "2026-11-23T10:01:00Z");
    assert_eq!(decision["digest"], action["digest"]);
    assert_eq!(decision["reason"], "She starts on Monday.");
    assert_eq!(forwarded, 1);
}

#[tokio::test]
async fn an_approval_of_what_is_no_longer_shown_is_answered_with_what_is() {
    let api = Api::new().await;
    let shown = api.create_waits().await;
    api.send_as_operator(shown["user"]["id"].as_str().unwrap(), json!({ "title": "Director" }))
        .await;
    let now = api.waiting().await;

    let late = api.approve_as_shown(&shown).await;
    let current = &late.body["current"];
    let again = api.approve(&shown, json!({ "digest": current["digest"] })).await;

    assert_eq!((late.status, late.problem()), (409, "changed"));
    assert_eq!(current["status"], "pending");
    assert_eq!(current["digest"], now["digest"]);
    assert_eq!(current["changes"], now["changes"]);
    assert_ne!(current["digest"], shown["digest"]);
    assert_eq!(again.status, 200, "{}", again.body);
}

#[tokio::test]
async fn of_two_approvals_at_once_one_wins_and_the_other_hears_who_did() {
    let api = Api::new().await;
    let action = api.create_waits().await;

    let (one, other) = tokio::join!(api.approve_as_shown(&action), api.approve_as_shown(&action));

    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    assert_eq!(won.status, 200, "{}", won.body);
    assert_eq!((lost.status, lost.problem()), (409, "state"));
    assert_eq!(
        lost.body["detail"],
        "Cannot approve it: already approved by A token of approver at 2026-11-23T10:00:00Z."
    );
    assert_eq!(lost.body["current"]["status"], "approved");
    assert_eq!(api.forward().await, 1);
}

#[tokio::test]
async fn a_rejection_keeps_its_reason_and_comes_once() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let path = at(&action, "reject");

    let without = api.send(Role::Approver, "POST", &path, json!({ "reason": "  " })).await;
    let endless =
        api.send(Role::Approver, "POST", &path, json!({ "reason": "x".repeat(1_001) })).await;
    let rejected = api.send(Role::Approver, "POST", &path, json!({ "reason": "Not hired." })).await;
    let again = api.send(Role::Approver, "POST", &path, json!({ "reason": "Not hired." })).await;

    assert_eq!((without.status, without.fields()), (422, vec!["reason"]));
    assert_eq!((endless.status, endless.fields()), (422, vec!["reason"]));
    assert_eq!(rejected.status, 200, "{}", rejected.body);
    assert_eq!(rejected.body["status"], "rejected");
    assert_eq!(rejected.body["decision"]["reason"], "Not hired.");
    assert_eq!(rejected.body["endedAt"], "2026-11-23T10:00:00Z");
    assert_eq!(again.status, 409);
    assert!(
        again.body["detail"].as_str().unwrap().starts_with("Cannot reject it: already rejected by")
    );
}

#[tokio::test]
async fn what_failed_can_be_sent_again_and_nothing_else_can() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let early = api.step(&action, "retry").await;
    api.refuses().await;
    api.approve_as_shown(&action).await;
    api.forward().await;

    let retried = api.step(&action, "retry").await;

    assert_eq!(early.status, 409);
    assert_eq!(early.body["detail"], "Cannot retry it: it is pending.");
    assert_eq!(early.body["current"]["status"], "pending");
    assert_eq!(retried.status, 200, "{}", retried.body);
    assert_eq!(retried.body["status"], "approved");
    assert_eq!(api.forward().await, 1);
}

#[tokio::test]
async fn what_was_approved_can_be_given_up_before_it_is_sent() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let early = api.step(&action, "cancel").await;
    api.approve_as_shown(&action).await;

    let cancelled = api.step(&action, "cancel").await;
    api.forward().await;
    let afterwards = api.get(&at(&action, "")).await;

    assert_eq!(early.status, 409);
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    assert_eq!(cancelled.body["status"], "cancelled");
    assert_eq!(afterwards.body["status"], "cancelled");
    assert_eq!(afterwards.body["attempts"], json!([]));
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_what_they_or_their_token_asked_for() {
    let api = Api::new().await;
    api.four_eyes().await;
    let (ana, ben) = (api.owner("Ana").await, api.owner("Ben").await);
    let (asks, approves) =
        (api.token_of(&ana, Role::Owner).await, api.token_of(&ana, Role::Approver).await);
    let other = api.token_of(&ben, Role::Approver).await;
    let user = json!({ "userName": "cara@example.com" });
    api.send_with(&asks, "POST", "/api/v1/users", user).await;
    let action = api.waiting().await;
    let approval = json!({ "digest": action["digest"] });
    let path = at(&action, "approve");

    let by_itself = api.send_with(&asks, "POST", &path, approval.clone()).await;
    let by_its_maker = api.send_with(&approves, "POST", &path, approval.clone()).await;
    let by_another = api.send_with(&other, "POST", &path, approval).await;

    assert_eq!((by_itself.status, by_itself.problem()), (403, "own-request"));
    assert_eq!((by_its_maker.status, by_its_maker.problem()), (403, "own-request"));
    assert_eq!(by_another.status, 200, "{}", by_another.body);
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_what_is_about_them() {
    let api = Api::new().await;
    api.four_eyes().await;
    let ana = api.owner("Ana").await;
    let hers = api.token_of(&ana, Role::Approver).await;
    api.add(json!({ "userName": "Ana@Example.com" })).await;
    let action = api.waiting().await;
    let approval = json!({ "digest": action["digest"] });

    let by_herself = api.send_with(&hers, "POST", &at(&action, "approve"), approval).await;

    assert_eq!((by_herself.status, by_herself.problem()), (403, "own-request"));
    assert_eq!(api.approve_as_shown(&action).await.status, 200);
}

#[tokio::test]
async fn a_reason_that_is_not_as_the_rule_wants_it_is_named_with_the_mend() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let rule = json!({ "required": true, "pattern": r"CHG-\d+", "message": "Name the change." });
    let path = "/api/v1/apps/echosign/provisioning";
    api.send(Role::Owner, "PATCH", path, json!({ "reasons": { "create": rule } })).await;

    let none = api.approve_as_shown(&action).await;
    let other = json!({ "reason": "Not ours." });
    let other = api.send(Role::Approver, "POST", &at(&action, "reject"), other).await;
    let approval = json!({ "digest": action["digest"], "reason": "CHG-12" });
    let approved = api.approve(&action, approval).await;

    for refused in [none, other] {
        assert_eq!((refused.status, refused.fields()), (422, vec!["reason"]), "{}", refused.body);
        assert!(refused.body.to_string().contains("Name the change."), "{}", refused.body);
    }
    assert_eq!(approved.status, 200, "{}", approved.body);
}
