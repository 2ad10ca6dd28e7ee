//! Pausing, draining, resuming and pacing an app.

use countersign::{
    access::Role,
    jobs::store::gates,
    kernel::Clock,
    queue::flow::{finish_draining, gate_of},
};
use serde_json::{Value as Json, json};
use time::{OffsetDateTime, macros::datetime};

use super::{
    fixture::{Answer, Api, at},
    undone::account,
};

const APP: &str = "/api/v1/apps/echosign";

impl Api {
    async fn app_step(&self, step: &str, body: Json) -> Answer {
        self.send(Role::Operator, "POST", &format!("{APP}/{step}"), body).await
    }

    async fn tune(&self, patch: Json) -> Answer {
        self.send(Role::Owner, "PATCH", &format!("{APP}/sending"), patch).await
    }

    /// The app asked to be left alone.
    async fn rests_until(&self, at: OffsetDateTime) {
        let gate = gate_of(self.echosign().await.id);
        let mut connection = self.db.pool.acquire().await.unwrap();
        gates::rest_until(&mut connection, &gate, Some(at)).await.unwrap();
    }
}

#[tokio::test]
async fn while_it_is_paused_approvals_wait_and_after_a_resume_they_are_sent() {
    let api = Api::new().await;
    let action = api.create_waits().await;

    let paused = api.app_step("pause", json!({ "reason": " Their release is tonight. " })).await;
    let approved = api.approve_as_shown(&action).await;
    let meanwhile = api.forward().await;
    let resumed = api.app_step("resume", Json::Null).await;
    let afterwards = api.forward().await;

    assert_eq!(paused.status, 200, "{}", paused.body);
    assert_eq!(
        paused.body["paused"],
        json!({
            "at": "2026-11-23T10:00:00Z",
            "by": "person",
            "because": "A token of operator paused it: Their release is tonight.",
        })
    );
    assert_eq!((approved.status, meanwhile), (200, 0));
    assert_eq!((resumed.status, &resumed.body["paused"]), (200, &Json::Null));
    assert_eq!(afterwards, 1);
}

#[tokio::test]
async fn a_pause_needs_no_reason_and_no_body_and_comes_once() {
    let api = Api::new().await;

    let endless = api.app_step("pause", json!({ "reason": "x".repeat(1_001) })).await;
    let unknown = api.app_step("pause", json!({ "because": "Why not." })).await;
    let paused = api.app_step("pause", Json::Null).await;
    let again = api.app_step("pause", json!({})).await;

    assert_eq!((endless.status, endless.fields()), (422, vec!["reason"]));
    assert_eq!((unknown.status, unknown.fields()), (422, vec!["because"]));
    assert_eq!(paused.body["paused"]["because"], "A token of operator paused it.");
    assert_eq!((again.status, again.problem()), (409, "state"));
    assert_eq!(
        again.body["detail"],
        "EchoSign is paused already, since 2026-11-23 10:00 UTC. A token of operator paused it."
    );
}

#[tokio::test]
async fn a_resume_while_the_app_does_not_answer_changes_nothing_and_says_why() {
    let api = Api::new().await;
    let paused = api.app_step("pause", Json::Null).await;
    api.app.reset().await;

    let resumed = api.app_step("resume", Json::Null).await;

    assert_eq!((resumed.status, resumed.problem()), (409, "unanswered"));
    let detail = resumed.body["detail"].as_str().unwrap();
    assert!(detail.ends_with("Nothing was changed: it stays paused."), "{detail}");
    assert_eq!(api.get(APP).await.body, paused.body);
}

#[tokio::test]
async fn of_two_resumes_at_once_one_wins_and_the_other_hears_that_it_is_not_paused() {
    let api = Api::new().await;
    api.app_step("pause", Json::Null).await;

    let (one, other) =
        tokio::join!(api.app_step("resume", Json::Null), api.app_step("resume", Json::Null));

    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    assert_eq!(won.status, 200, "{}", won.body);
    assert_eq!((lost.status, lost.problem()), (409, "state"));
    assert_eq!(
        lost.body["detail"],
        "EchoSign is not paused: resumed by A token of operator at 2026-11-23 10:00 UTC."
    );
    assert_eq!(api.get("/api/v1/audit?verb=app.resumed").await.items().len(), 1);
}

#[tokio::test]
async fn what_drains_sends_what_was_approved_and_pauses_then() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    api.makes(&account("remote-1", "ana@example.com")).await;
    api.approve_as_shown(&action).await;

    let drains = api.app_step("drain", Json::Null).await;
    let again = api.app_step("drain", Json::Null).await;
    let sent = api.forward().await;
    finish_draining(&api.db.pool, api.clock.now()).await.unwrap();
    let drained = api.get(APP).await;
    let late = api.app_step("drain", Json::Null).await;

    assert_eq!(drains.status, 200, "{}", drains.body);
    assert_eq!(drains.body["drainingSince"], "2026-11-23T10:00:00Z");
    assert_eq!(drains.body["paused"], Json::Null);
    assert_eq!((again.status, again.problem()), (409, "state"));
    assert_eq!(
        again.body["detail"],
        "EchoSign is drained already by A token of operator at 2026-11-23 10:00 UTC."
    );
    assert_eq!(sent, 1);
    assert_eq!(drained.body["drainingSince"], Json::Null);
    assert_eq!(drained.body["paused"]["by"], "person");
    assert_eq!(late.status, 409);
}

#[tokio::test]
async fn sending_is_tuned_where_it_is_named_and_a_null_takes_the_limit_away() {
    let api = Api::new().await;
    let patch = json!({ "undoSeconds": 30, "sendAnyway": ["phone", "title"], "rate": 60 });

    let tuned = api.tune(patch).await;
    let same = api.tune(json!({})).await;
    let undone = api.tune(json!({ "undoSeconds": 0 })).await;
    let unlimited = api.tune(json!({ "rate": null })).await;

    let sending = |undo: u16, rate: Json| json!({ "undoSeconds": undo, "sendAnyway": ["title", "phone"], "rate": rate });
    assert_eq!(tuned.status, 200, "{}", tuned.body);
    assert_eq!(tuned.body["sending"], sending(30, json!(60)));
    assert_eq!(tuned.body["requestsLeft"], 10);
    assert_eq!(same.body, tuned.body);
    assert_eq!(undone.body["sending"], sending(0, json!(60)));
    assert_eq!(unlimited.body["sending"], sending(0, Json::Null));
    assert_eq!(unlimited.body["requestsLeft"], Json::Null);
}

#[tokio::test]
async fn sending_that_cannot_be_is_refused_with_its_field_and_its_mend() {
    let api = Api::new().await;
    let before = api.get(APP).await.body;
    let rate = "Must be 1 to 60000 requests a minute";
    let table = [
        (json!({ "undoSeconds": 601 }), "undoSeconds", "Must be 0 to 600 seconds"),
        (json!({ "undoSeconds": -1 }), "undoSeconds", "Must be 0 to 600 seconds"),
        (json!({ "undoSeconds": 1e9 }), "undoSeconds", "Must be a whole number."),
        (json!({ "undoSeconds": null }), "undoSeconds", "Must be a whole number."),
        (json!({ "rate": 0 }), "rate", rate),
        (json!({ "rate": 60_001 }), "rate", rate),
        (json!({ "rate": i64::MAX }), "rate", rate),
        (json!({ "rate": "60" }), "rate", "Must be a whole number, or null for none."),
        (json!({ "sendAnyway": ["salary"] }), "sendAnyway", "Must be one of userName,"),
        (json!({ "sendAnyway": null }), "sendAnyway", "Must be a list of texts"),
        (json!({ "undo": 30 }), "undo", "Is not known here. Known are undoSeconds,"),
    ];
    for (body, field, mend) in table {
        let answer = api.tune(body.clone()).await;

        assert_eq!((answer.status, answer.fields()), (422, vec![field]), "{body}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(mend), "{body}: {detail}");
    }
    assert_eq!(api.get(APP).await.body, before);
}

#[tokio::test]
async fn every_field_of_sending_that_cannot_be_is_named_at_once() {
    let api = Api::new().await;

    let answer = api.tune(json!({ "undoSeconds": 601, "rate": 0 })).await;

    assert_eq!((answer.status, answer.fields()), (422, vec!["undoSeconds", "rate"]));
}

#[tokio::test]
async fn an_app_that_rests_says_until_when_and_not_once_that_is_over() {
    let api = Api::new().await;
    api.rests_until(datetime!(2026-11-23 10:01 UTC)).await;

    let rests = api.get(APP).await;
    api.a_minute_passes();
    let rested = api.get(APP).await;

    assert_eq!(rests.body["restsUntil"], "2026-11-23T10:01:00Z");
    assert_eq!(rested.body["restsUntil"], Json::Null);
}

#[tokio::test]
async fn an_approval_that_can_be_undone_says_when_it_is_sent() {
    let api = Api::new().await;
    api.tune(json!({ "undoSeconds": 60 })).await;
    let action = api.create_waits().await;
    let pending = api.get(&at(&action, "")).await;
    api.approve_as_shown(&action).await;

    let approved = api.get(&at(&action, "")).await;
    api.a_minute_passes();
    let due = api.get(&at(&action, "")).await;

    assert_eq!(pending.body["sendsAt"], Json::Null);
    assert_eq!(approved.body["sendsAt"], "2026-11-23T10:01:00Z");
    assert_eq!(due.body["sendsAt"], Json::Null);
}
