//! What the overview counts, over a real queue.

use std::time::Duration;

use countersign::{
    apps::change::Kind,
    queue::{
        cancel, retry,
        store::overview::{LastSuccess, decisions, failures, last_success, took, unsent, waiting},
        undo,
    },
    sandbox::faults::Method,
};

use crate::support::app::{NOTHING, TestApp};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn what_waits_is_counted_by_kind_and_source_and_nothing_else_is() {
    let app = TestApp::provisioned().await;
    app.an_account("done@example.com").await;
    for name in ["ana", "ben"] {
        app.a_person(&format!("{name}@example.com")).await;
    }
    let cleo = app.an_account("cleo@example.com").await;
    app.retitle(cleo.id, "Director").await;

    let told = waiting(&app.pool).await.unwrap();

    let told: Vec<_> = told.iter().map(|one| (one.kind, &*one.source.0, one.count)).collect();
    assert_eq!(told, [(Kind::Create, "console", 2), (Kind::Update, "console", 1)]);
}

#[tokio::test]
async fn decisions_are_counted_by_day_and_by_who_made_them_also_what_was_undone() {
    let app = TestApp::provisioned().await;
    let first = app.now().date();
    let ana = app.a_person("ana@example.com").await;
    let create = app.the(Kind::Create, ana.id).await.id;
    app.approve(create).await;
    undo::undo(&app.pool, app.now(), &app.approver.approver().unwrap(), create).await.unwrap();
    app.clock.advance(DAY);
    app.reject(create).await;
    app.provisioning(|wanted| wanted.approve = NOTHING).await;
    app.a_person("ben@example.com").await;
    app.run_jobs().await;

    let days = decisions(&app.pool, first - time::Duration::DAY, app.now().date()).await.unwrap();

    let told: Vec<_> = days.iter().map(|day| (day.people, day.rules, day.rejected)).collect();
    assert_eq!(told, [(0, 0, 0), (1, 0, 0), (0, 1, 1)]);
    assert_eq!(days[1].day, first);
}

#[tokio::test]
async fn how_long_people_took_is_told_for_all_and_by_day_and_rules_do_not_count() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    let ben = app.a_person("ben@example.com").await;
    app.clock.advance(HOUR);
    app.reject(app.the(Kind::Create, ana.id).await.id).await;
    app.clock.advance(DAY + 2 * HOUR);
    app.reject(app.the(Kind::Create, ben.id).await.id).await;
    app.provisioning(|wanted| wanted.approve = NOTHING).await;
    app.a_person("cleo@example.com").await;
    app.run_jobs().await;

    let told = took(&app.pool, app.now() - time::Duration::days(30)).await.unwrap();
    let none = took(&app.pool, app.now() + time::Duration::HOUR).await.unwrap();

    let hours = |seconds: f64| seconds / HOUR.as_secs_f64();
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.day.is_some(), one.count, hours(one.half), hours(one.most)))
        .collect();
    assert_eq!(told, [(false, 2, 14.0, 24.4), (true, 1, 1.0, 1.0), (true, 1, 27.0, 27.0)]);
    assert!(none.is_empty());
}

#[tokio::test]
async fn failures_are_told_by_cause_and_what_stands_comes_first() {
    let app = TestApp::provisioned().await;
    let mut failed = Vec::new();
    for (name, status) in [("ana", 400), ("ben", 400), ("cleo", 403)] {
        let user = app.a_person(&format!("{name}@example.com")).await;
        app.approve_all(user.id).await;
        app.echosign.answers(Method::Post, status, 1);
        app.run_jobs().await;
        failed.push(app.the(Kind::Create, user.id).await.id);
        app.clock.advance(HOUR);
    }
    let oscar = app.operator.retrier().unwrap();
    retry::retry(&app.pool, app.now(), &oscar, failed[0]).await.unwrap();
    app.run_jobs().await;
    cancel::cancel(&app.pool, app.now(), &oscar, failed[2]).await.unwrap();

    let told = failures(&app.pool, app.now() - time::Duration::days(7)).await.unwrap();
    app.clock.advance(8 * DAY);
    let later = failures(&app.pool, app.now() - time::Duration::days(7)).await.unwrap();

    let numbers: Vec<_> = told.iter().map(|one| (one.lately, one.standing, one.newest)).collect();
    assert_eq!(numbers, [(2, 1, failed[1]), (1, 0, failed[2])]);
    assert_ne!(told[0].cause, told[1].cause);
    let numbers: Vec<_> = later.iter().map(|one| (one.lately, one.standing)).collect();
    assert_eq!(numbers, [(0, 1)], "what stands is told however old it is");
}

#[tokio::test]
async fn an_app_has_a_last_success_once_it_took_something() {
    let app = TestApp::provisioned().await;
    let id = app.app().await.id;
    let before = last_success(&app.pool).await.unwrap();
    app.an_account("ana@example.com").await;
    let at = app.now();
    app.clock.advance(HOUR);
    let ben = app.a_person("ben@example.com").await;
    app.approve_all(ben.id).await;

    let waits = unsent(&app.pool).await.unwrap();
    app.echosign.answers(Method::Post, 400, 1);
    app.run_jobs().await;
    let after = last_success(&app.pool).await.unwrap();

    assert_eq!(before.get(&id), Some(&LastSuccess::Untried));
    assert_eq!(waits.get(&id), Some(&1));
    assert_eq!(after.get(&id), Some(&LastSuccess::At(at)));
}
