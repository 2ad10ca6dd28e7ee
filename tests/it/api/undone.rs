//! Undo, reverse, link: taking back what was approved, done, or not known.

use countersign::access::Role;
use serde_json::{Value as Json, json};
use wiremock::{Mock, ResponseTemplate, matchers::method};

use super::fixture::{Answer, Api, at};

impl Api {
    async fn undo(&self, action: &Json) -> Answer {
        self.send(Role::Approver, "POST", &at(action, "undo"), Json::Null).await
    }

    async fn reverse(&self, action: &Json) -> Answer {
        self.send(Role::Operator, "POST", &at(action, "reverse"), Json::Null).await
    }

    async fn link(&self, action: &Json, body: Json) -> Answer {
        self.send(Role::Approver, "POST", &at(action, "link"), body).await
    }

    /// Ana's account was created.
    pub(super) async fn was_created(&self) -> Json {
        let action = self.create_waits().await;
        self.makes(&account("remote-1", "ana@example.com")).await;
        self.approve_as_shown(&action).await;
        assert_eq!(self.forward().await, 1);
        action
    }

    async fn status(&self, action: &Json) -> Json {
        self.get(&at(action, "")).await.body["status"].clone()
    }
}

/// An account of Ana as the app tells it.
pub(super) fn account(id: &str, user_name: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": id,
        "userName": user_name,
        "displayName": "Ana Lima",
        "title": "Analyst",
        "active": true,
    })
}

#[tokio::test]
async fn an_approval_is_taken_back_once_and_nothing_is_sent() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let early = api.undo(&action).await;
    api.approve_as_shown(&action).await;

    let undone = api.undo(&action).await;
    let again = api.undo(&action).await;

    assert_eq!((early.status, early.problem()), (409, "state"));
    assert_eq!(undone.status, 200, "{}", undone.body);
    assert_eq!(undone.body["status"], "pending");
    assert_eq!(undone.body["decision"], Json::Null);
    assert_eq!((again.status, &again.body["current"]["status"]), (409, &json!("pending")));
    assert_eq!(api.forward().await, 0);
    assert_eq!(api.waiting().await["digest"], action["digest"]);
}

#[tokio::test]
async fn a_rejection_is_taken_back_and_waits_as_it_did() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let no = json!({ "reason": "Not ours." });
    let rejected = api.send(Role::Approver, "POST", &at(&action, "reject"), no).await;
    assert_eq!(rejected.body["status"], "rejected", "{}", rejected.body);

    let undone = api.undo(&action).await;
    let again = api.undo(&action).await;

    assert_eq!((undone.status, &undone.body["status"]), (200, &json!("pending")));
    assert_eq!((&undone.body["id"], &undone.body["decision"]), (&action["id"], &Json::Null));
    assert_eq!((again.status, &again.body["current"]["status"]), (409, &json!("pending")));
    assert_eq!(api.waiting().await["digest"], action["digest"]);
}

#[tokio::test]
async fn what_was_tried_is_not_undone_and_the_answer_says_what_to_do_instead() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).mount(&api.app).await;
    api.approve_as_shown(&action).await;
    api.forward().await;

    let undone = api.undo(&action).await;

    assert_eq!((undone.status, undone.problem()), (409, "state"));
    let detail = undone.body["detail"].as_str().unwrap();
    assert!(detail.starts_with("It was tried already"), "{detail}");
    assert_eq!(api.status(&action).await, "approved");
}

#[tokio::test]
async fn the_opposite_of_what_was_done_waits_and_is_told_with_its_person() {
    let api = Api::new().await;
    let action = api.was_created().await;

    let reversed = api.reverse(&action).await;
    let suspends = api.waiting().await;
    let again = api.reverse(&action).await;

    assert_eq!(reversed.status, 200, "{}", reversed.body);
    assert_eq!(reversed.body["user"]["active"], false);
    let caused = json!([{
        "verb": "action.requested",
        "action": suspends["id"],
        "number": suspends["number"],
        "kind": "suspend",
    }]);
    assert_eq!(reversed.body["caused"], caused);
    assert_eq!((again.status, again.problem()), (409, "state"));
    let says = "It is so already: nothing is to be reversed. Last changed by A token of operator at 2026-11-23 10:00 UTC.";
    assert_eq!(again.body["detail"], says);
}

#[tokio::test]
async fn what_was_not_done_has_no_opposite() {
    let api = Api::new().await;
    let action = api.create_waits().await;

    let reversed = api.reverse(&action).await;

    assert_eq!((reversed.status, reversed.problem()), (409, "state"));
    assert_eq!(
        reversed.body["detail"],
        "Only what was carried out has an opposite; this is pending."
    );
}

#[tokio::test]
async fn a_user_name_that_is_taken_since_is_named_and_nothing_is_reversed() {
    let api = Api::new().await;
    let created = api.was_created().await;
    let user = created["user"]["id"].as_str().unwrap().to_owned();
    api.has_accounts(&[account("remote-1", "ana@example.com")]).await;
    api.send_as_operator(&user, json!({ "userName": "lima@example.com" })).await;
    let renamed = api.waiting().await;
    let patched = account("remote-1", "lima@example.com").to_string();
    let patched = ResponseTemplate::new(200).set_body_raw(patched, "application/scim+json");
    Mock::given(method("PATCH")).respond_with(patched).mount(&api.app).await;
    api.approve_as_shown(&renamed).await;
    api.forward().await;
    api.add(json!({ "userName": "ana@example.com" })).await;

    let reversed = api.reverse(&renamed).await;

    assert_eq!((reversed.status, reversed.problem()), (409, "state"));
    assert_eq!(reversed.fields(), ["userName"]);
    assert_eq!(
        api.get(&format!("/api/v1/users/{user}")).await.body["userName"],
        "lima@example.com"
    );
}

#[tokio::test]
async fn candidates_are_shown_and_the_one_that_is_chosen_is_the_persons() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let found = [account("remote-1", "ana@example.com"), account("remote-2", "ana@example.com")];
    api.has_accounts(&found).await;

    let shown = api.get(&at(&action, "")).await;
    let linked = api.link(&action, json!({ "remoteId": "remote-2" })).await;
    let again = api.link(&action, json!({ "remoteId": "remote-2" })).await;

    let candidates = shown.body["candidates"].as_array().unwrap();
    let ids: Vec<_> = candidates.iter().map(|candidate| &candidate["remoteId"]).collect();
    assert_eq!(ids, ["remote-1", "remote-2"], "{}", shown.body);
    assert_eq!(candidates[0]["attributes"]["displayName"], "Ana Lima");
    assert_eq!(linked.status, 200, "{}", linked.body);
    assert_eq!(linked.body["status"], "withdrawn");
    assert_eq!((again.status, &again.body["current"]["status"]), (409, &json!("withdrawn")));
    assert_eq!(api.get("/api/v1/audit?verb=action.linked").await.items().len(), 1);
}

#[tokio::test]
async fn an_account_that_cannot_be_linked_is_refused_with_the_reason() {
    let api = Api::new().await;
    let action = api.create_waits().await;

    let none = api.link(&action, json!({})).await;
    let empty = api.link(&action, json!({ "remoteId": "" })).await;
    let gone = api.link(&action, json!({ "remoteId": "remote-7" })).await;
    api.has_accounts(&[account("remote-8", "ben@example.com")]).await;
    let anothers = api.link(&action, json!({ "remoteId": "remote-8" })).await;

    assert_eq!((none.status, none.fields()), (422, vec!["remoteId"]));
    assert_eq!((empty.status, empty.fields()), (422, vec!["remoteId"]));
    for (answer, says) in [
        (gone, "EchoSign has no such account any more."),
        (
            anothers,
            "That account has another user name and e-mail address: it is not this person's.",
        ),
    ] {
        assert_eq!((answer.status, answer.problem()), (409, "state"), "{}", answer.body);
        assert_eq!(answer.body["detail"], says);
    }
    assert_eq!(api.status(&action).await, "pending");
}

#[tokio::test]
async fn what_is_over_waits_for_nothing_that_came_after_it() {
    let api = Api::new().await;
    let created = api.was_created().await;
    let user = created["user"]["id"].as_str().unwrap();
    api.has_accounts(&[account("remote-1", "ana@example.com")]).await;
    api.send_as_operator(user, json!({ "title": "Director" })).await;
    let update = api.waiting().await;
    api.approve_as_shown(&update).await;
    api.send_as_operator(user, json!({ "active": false })).await;
    let suspend = api.waiting().await;

    let over = api.get(&at(&created, "")).await;
    let waits = api.get(&at(&suspend, "")).await;

    assert_eq!(over.body["waitsFor"], json!([]));
    assert_eq!(waits.body["waitsFor"], json!([update["number"]]));
}
