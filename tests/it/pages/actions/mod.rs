//! One action through the pages: approved and undone, come back, reversed, linked.

mod held_up;
mod meant;

use std::time::Duration;

use axum::http::StatusCode;
use countersign::{
    access::Actor,
    apps::{Sending, change::Kind},
    jobs::Handler,
    kernel::ActionId,
    queue::{
        Status,
        flow::{Tuned, tune},
    },
};
use serde_json::json;

use super::{Answer, Site};

impl Site {
    /// Approvals can be undone for so many seconds.
    async fn delays(&self, undo_seconds: u16) {
        let sending = Sending { undo_seconds, ..Sending::default() };
        let (olivia, tuned) = (self.app.owner.owner().unwrap(), Tuned { sending, rate: None });
        let app = self.app.app().await;
        tune(&self.app.pool, self.app.now(), &olivia, &app, &tuned).await.unwrap();
    }

    /// What Paula sees of an action.
    async fn looks(&self, id: ActionId) -> String {
        self.looks_as(&self.app.approver, id).await
    }

    async fn looks_as(&self, who: &Actor, id: ActionId) -> String {
        let answer = self.ask(Some(who), "GET", &format!("/users/provisioning/{id}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }

    /// Somebody presses a button.
    async fn steps(&self, who: &Actor, id: ActionId, step: &str, form: &str) -> Answer {
        let path = format!("/users/provisioning/{id}/{step}");
        self.send(Some(who), "POST", &path, &[], form).await
    }

    /// Paula looks at an action and approves what she sees, here or, by `&back=1`, on its row; what the next page
    /// says.
    async fn approves(&self, id: ActionId, back: &str) -> String {
        let page = self.looks(id).await;
        let (_, rest) = page.split_once(r#"name="digest" value=""#).unwrap();
        let form = format!("digest={}{back}", rest.split_once('"').unwrap().0);
        self.follows(&self.app.approver, "approve", id, &form).await
    }

    /// Somebody presses a button and is led on; what the next page says.
    async fn follows(&self, who: &Actor, step: &str, id: ActionId, form: &str) -> String {
        let cookie = self.cookie(who).await;
        let path = format!("/users/provisioning/{id}/{step}");
        let headers = [("cookie", &*cookie)];
        let answer = self.send(None, "POST", &path, &headers, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let to = answer.header("location").unwrap();
        self.send(None, "GET", to, &headers, "").await.text
    }
}

#[tokio::test]
async fn an_approval_waits_is_undone_and_waits_for_a_decision_again() {
    let site = Site::new().await;
    site.delays(60).await;
    let id = site.app.an_action_waits().await;

    let approved = site.approves(id, "").await;
    site.app.clock.advance(Duration::from_secs(20));
    let later = site.looks(id).await;
    let oscar = site.looks_as(&site.app.operator, id).await;
    let undone = site.follows(&site.app.approver, "undo", id, "").await;
    site.app.clock.advance(Duration::from_mins(1));

    assert!(approved.contains("Approved: Create #1. It is sent in 1 minute."));
    assert!(approved.contains("It is sent <time") && approved.contains("at 09:01:00 UTC"));
    assert!(approved.contains(r#"data-left="60""#) && later.contains(r#"data-left="40""#));
    assert!(oscar.contains("at 09:01:00 UTC") && !oscar.contains("/undo"));
    assert!(oscar.contains("Give it up") && oscar.contains("is asked for again"));
    assert!(undone.contains("Undone: Create #1. Nothing was sent."));
    assert!(undone.contains("You approve exactly this"));
    assert!(undone.contains("Paula undid the approval of the new account."));
    assert_eq!((site.app.run_jobs().await, site.app.status(id).await), (0, Status::Pending));
}

#[tokio::test]
async fn an_approval_that_nobody_undid_is_sent_when_its_time_has_come() {
    let site = Site::new().await;
    site.delays(60).await;
    let id = site.app.an_action_waits().await;

    let queue = site.approves(id, "&back=1").await;
    let early = site.app.run_jobs().await;
    site.app.clock.advance(Duration::from_mins(1));
    let due = site.app.run_jobs().await;
    let late = site.steps(&site.app.approver, id, "undo", "").await;

    assert!(queue.contains("It is sent in 1 minute.") && queue.contains("Open it to undo"));
    assert!(queue.contains(&format!(r#"<a href="/users/provisioning/{id}">"#)));
    assert_eq!((early, due, site.app.status(id).await), (0, 1, Status::Provisioned));
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("it is provisioned, approved by Paula at 09:00 UTC"),
        "{}",
        late.text
    );
}

#[tokio::test]
async fn without_a_delay_an_approval_promises_no_time_and_can_be_undone_until_it_is_tried() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;

    let approved = site.approves(id, "").await;
    let claim = site.app.claim().await;
    let undone = site.follows(&site.app.approver, "undo", id, "").await;
    site.app.forwarder.work(claim).await.unwrap();

    assert!(approved.contains("Approved: Create #1.") && !approved.contains("Create #1. It is"));
    assert!(approved.contains("/undo") && approved.contains("as soon as it is its turn"));
    assert!(undone.contains("Undone: Create #1."));
    assert_eq!(site.app.echosign.was_sent(), [""; 0]);
}

#[tokio::test]
async fn what_came_back_shows_what_was_approved_beside_what_would_be_done_now() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let id = site.app.the(Kind::Update, ana.id).await.id;
    site.approves(id, "").await;
    site.app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;
    site.app.run_jobs().await;
    site.app.clock.advance(Duration::from_mins(5));

    let back = site.looks(id).await;
    let again = site.approves(id, "").await;
    site.app.run_jobs().await;

    let (approved, now) = back.split_once("What would be done now").unwrap();
    assert!(approved.contains("What Paula approved <time") && approved.contains(">5 min ago<"));
    assert!(approved.contains("<del>Analyst</del>") && !approved.contains("<del>Clerk</del>"));
    assert!(now.contains("<del>Clerk</del>") && now.contains("changed since"));
    assert!(
        back.contains("It came back for review.") && back.contains("the approval of Paula is void")
    );
    assert!(!again.contains("What Paula approved"));
    assert_eq!(site.app.status(id).await, Status::Provisioned);
}

#[tokio::test]
async fn an_update_that_was_carried_out_is_reversed_by_an_action_that_waits() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let id = site.app.the(Kind::Update, ana.id).await.id;
    site.approves(id, "").await;
    site.app.clock.advance(Duration::from_mins(1));
    site.app.run_jobs().await;

    let done = site.looks_as(&site.app.operator, id).await;
    let paula = site.looks(id).await;
    let reversed = site.follows(&site.app.operator, "reverse", id, "").await;
    let over = site.looks_as(&site.app.operator, id).await;
    let twice = site.steps(&site.app.operator, id, "reverse", "").await;

    assert!(done.contains("Prepare the reverse action") && done.contains("before: title Analyst."));
    assert!(!paula.contains("Prepare the reverse action"));
    assert!(reversed.contains("Prepared: Update #3. It waits for approval."));
    assert!(reversed.contains("<del>Director</del>") && reversed.contains("<ins>Analyst</ins>"));
    assert!(!over.contains("Prepare the reverse action"), "it cannot be reversed twice");
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.text.contains("title has changed again since."), "{}", twice.text);
}

#[tokio::test]
async fn what_stands_rejected_is_on_the_persons_page_until_what_is_wanted_changes() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let id = site.app.the(Kind::Update, ana.id).await.id;
    site.app.reject(id).await;
    let person = format!("/users/{}", ana.id);

    let rejected = site.ask(Some(&site.app.approver), "GET", &person).await.text;
    site.app.retitle(ana.id, "President").await;
    let newer = site.ask(Some(&site.app.approver), "GET", &person).await.text;

    let (_, stands) = rejected.split_once("Stands rejected").unwrap();
    assert!(stands.contains("<b>title: Director</b>") && stands.contains("EchoSign"));
    assert!(stands.contains(&format!("/users/provisioning/{id}")));
    assert!(!newer.contains("Stands rejected"));
}
