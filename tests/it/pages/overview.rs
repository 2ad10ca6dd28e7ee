//! The overview: what it counts, and that an empty house looks inviting.

use std::time::Duration;

use axum::http::StatusCode;
use countersign::{
    access::Actor,
    apps::change::Kind,
    queue::{Status, flow},
    sandbox::faults::Method,
};

use super::Site;
use crate::support::app::TestApp;

impl Site {
    async fn overview(&self, who: &Actor) -> String {
        let answer = self.ask(Some(who), "GET", "/overview").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }
}

#[tokio::test]
async fn the_front_door_leads_to_the_overview() {
    let site = Site::new().await;

    let answer = site.ask(Some(&site.app.owner), "GET", "/").await;

    assert_eq!(answer.header("location"), Some("/overview"));
}

#[tokio::test]
async fn an_empty_house_says_what_to_do_next_to_whoever_may_do_it() {
    let site = Site::of(TestApp::new().await);
    let auditor = site.an_auditor().await;

    let (owner, reader) = (site.overview(&site.app.owner).await, site.overview(&auditor).await);

    for part in ["0 of 3 done", "Connect it", "Turn it on", "Import people", "Nothing has failed"] {
        assert!(owner.contains(part), "{part}");
    }
    assert!(reader.contains("0 of 3 done") && !reader.contains("Import people"), "{reader}");
    assert!(!owner.contains("class=\"plot\""), "a chart of nothing");
}

#[tokio::test]
async fn what_waits_was_decided_and_failed_is_all_there() {
    let site = Site::new().await;
    let app = &site.app;
    let id = app.an_action_waits().await;
    app.clock.advance(Duration::from_hours(2));
    app.approve(id).await;
    app.echosign.answers(Method::Post, 400, 1);
    app.run_jobs().await;
    assert_eq!(app.status(id).await, Status::Failed);
    let ben = app.a_person("ben@example.com").await;
    let waits = app.the(Kind::Create, ben.id).await.id;

    let html = site.overview(&app.owner).await;

    for part in [
        "1 change waits for approval",
        &format!("href=\"/users/provisioning/{waits}\""),
        "q=action%3Acreate",
        "q=source%3Aconsole",
        "q=app%3Aechosign",
        "Approved by people 1, Approved by rules 0, Rejected 0",
        "half within 2 h, nine of ten within 2 h. Of 1 decision.",
        "1 stands failed",
        "1 in the last 7 days",
        &format!("href=\"/users/provisioning/{id}\">The newest failed"),
        "none among its last tries",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(!html.contains("Get started"), "all of it is done");
}

#[tokio::test]
async fn an_app_that_is_paused_says_by_whom_and_since_when() {
    let site = Site::new().await;
    let app = &site.app;
    let olivia = app.owner.retrier().unwrap();
    flow::pause(&app.pool, app.now(), &olivia, &app.app().await, "Their release").await.unwrap();
    app.clock.advance(Duration::from_mins(90));

    let html = site.overview(&app.owner).await;

    assert!(
        html.contains("Olivia paused it: Their release.") && html.contains("1 h ago"),
        "{html}"
    );
    assert!(html.contains("nothing was sent yet"), "{html}");
}
