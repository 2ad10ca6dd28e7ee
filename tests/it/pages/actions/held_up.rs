//! What waits, for whom, and what became of it meanwhile.

use std::time::Duration;

use axum::http::StatusCode;
use countersign::{
    apps::change::Kind,
    jobs::Handler,
    queue::{Status, flow},
    sandbox::faults::Method,
};

use super::Site;

#[tokio::test]
async fn what_waits_behind_a_failed_action_leads_to_it_and_that_one_counts_who_waits() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let failed = site.app.the(Kind::Update, ana.id).await;
    site.approves(failed.id, "").await;
    site.app.echosign.answers(Method::Patch, 422, 1);
    site.app.run_jobs().await;
    site.app.suspend(ana.id).await;
    let behind = site.app.the(Kind::Suspend, ana.id).await;

    let before = site.looks(behind.id).await;
    site.app.approve(behind.id).await;
    let waits = site.looks(behind.id).await;
    let holds_up = site.looks(failed.id).await;

    let link = format!(r#"<a href="/users/provisioning/{}">#{}</a>"#, failed.id, failed.number);
    for page in [&before, &waits] {
        assert!(page.contains(&link), "{page}");
        assert!(page.contains("Update, which failed: it has to be sent again or given up first."));
    }
    assert!(waits.contains("/undo") && !waits.contains("hx-trigger"), "nothing moves by itself");
    assert!(holds_up.contains("1 approved change of the same account waits behind it until"));
    site.app.leaves_jobs();
}

#[tokio::test]
async fn an_approval_of_what_is_not_sent_promises_no_time_says_why_and_can_be_undone() {
    let site = Site::new().await;
    site.delays(60).await;
    let (pool, now, oscar) = (&site.app.pool, site.app.now(), site.app.operator.retrier().unwrap());
    let id = site.app.an_action_waits().await;
    let app = site.app.app().await;
    flow::drain(pool, now, &oscar, &app).await.unwrap();
    site.app.clock.advance(Duration::from_secs(1));

    let drains = site.approves(id, "").await;
    flow::pause(pool, now, &oscar, &site.app.app().await, "").await.unwrap();
    let paused = site.looks(id).await;
    site.app.provisioning(|p| p.enabled = false).await;
    flow::resume(pool, &site.app.connectors, now, &oscar, &site.app.app().await).await.unwrap();
    let off = site.looks(id).await;

    assert!(drains.contains("Approved: Create #1.</p>") && drains.contains("is paused then."));
    assert!(paused.contains("EchoSign is paused: it is sent once that goes on."));
    assert!(off.contains("It is sent once provisioning to EchoSign is on."));
    for page in [drains, paused, off] {
        assert!(page.contains("/undo") && !page.contains("data-left"));
    }
    site.app.leaves_jobs();
}

#[tokio::test]
async fn who_undoes_what_is_being_sent_hears_that() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    site.approves(id, "").await;
    site.app.echosign.hangs_at(Method::Post);
    let (claim, forwarder) = (site.app.claim().await, site.app.forwarder.clone());
    let sending = tokio::task::spawn(async move { forwarder.work(claim).await.map(drop) });
    site.app.echosign.has_done(Method::Post).await;

    let late = site.steps(&site.app.approver, id, "undo", "").await;
    sending.abort();

    assert_eq!((late.status, site.app.status(id).await), (StatusCode::CONFLICT, Status::Sending));
    assert!(
        late.text.contains("it is being sent, approved by Paula at 09:00 UTC"),
        "{}",
        late.text
    );
}

#[tokio::test]
async fn what_was_tried_cannot_be_undone_and_can_be_given_up() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    site.approves(id, "").await;
    site.app.echosign.answers(Method::Post, 503, 1);
    site.app.run_jobs().await;

    let tried = site.looks(id).await;
    let undone = site.steps(&site.app.approver, id, "undo", "").await;
    let given_up = site.follows(&site.app.approver, "cancel", id, "").await;

    assert!(!tried.contains("/undo") && tried.contains("Give it up"));
    assert_eq!(undone.status, StatusCode::CONFLICT);
    assert!(undone.text.contains("may have had an effect"), "{}", undone.text);
    assert!(given_up.contains("Given up: Create #1."));
    let ana = site.app.action(id).await.content.account;
    assert_eq!(site.app.the(Kind::Create, ana).await.state.status(), Status::Pending);
}

#[tokio::test]
async fn newer_changes_are_told_in_a_line_and_why_nothing_is_wanted_any_more() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let id = site.app.the(Kind::Update, ana.id).await.id;
    site.app.retitle(ana.id, "President").await;
    site.app.clock.advance(Duration::from_mins(1));
    site.app.retitle(ana.id, "Chair").await;
    site.app.clock.advance(Duration::from_mins(2));

    let folded = site.looks(id).await;
    site.app.retitle(ana.id, "Analyst").await;
    let withdrawn = site.looks(id).await;

    assert!(folded.contains("2 changes from Console folded in, the last <time"), "{folded}");
    assert!(folded.contains(">2 min ago</time>"));
    assert!(withdrawn.contains("It was withdrawn.") && withdrawn.contains("is as wanted"));
}

#[tokio::test]
async fn an_app_that_does_not_answer_is_shown_as_it_was_and_since_when() {
    let site = Site::new().await;
    let ana = site.app.an_account("ana@example.com").await;
    site.app.retitle(ana.id, "Director").await;
    let id = site.app.the(Kind::Update, ana.id).await.id;
    site.app.clock.advance(Duration::from_mins(4));
    site.app.echosign.answers(Method::Get, 503, 9);

    let page = site.looks(id).await;

    let (_, after) = page.split_once("Shown is what it had <time").unwrap();
    assert!(after.contains(">4 min ago</time>") && after.contains("<del>Analyst</del>"));
}

#[tokio::test]
async fn of_two_at_once_one_is_led_on_and_the_other_hears_who_was_quicker() {
    for (step, says) in [("undo", "it is pending, undone by"), ("cancel", "already cancelled by")] {
        let site = Site::new().await;
        let id = site.app.an_action_waits().await;
        site.app.approve(id).await;
        let paula = &site.app.approver;

        let (one, other) =
            tokio::join!(site.steps(paula, id, step, ""), site.steps(paula, id, step, ""));

        let (led, late) =
            if one.status == StatusCode::SEE_OTHER { (one, other) } else { (other, one) };
        assert_eq!((led.status, late.status), (StatusCode::SEE_OTHER, StatusCode::CONFLICT));
        assert!(late.text.contains(&format!("{says} Paula at 09:00 UTC")), "{}", late.text);
        assert_eq!(site.app.jobs().await, 0);
    }
}
