//! A person's page: one timeline of changes, decisions, tries and answers.

use countersign::{apps::change::Kind, sandbox::faults::Method};

use super::Site;

#[tokio::test]
async fn a_person_s_timeline_tells_what_was_asked_decided_sent_and_answered() {
    let site = Site::new().await;
    let app = &site.app;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let update = app.the(Kind::Update, ana.id).await.id;
    app.reject(update).await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 403, 1);
    app.run_jobs().await;

    let html = site.ask(Some(&app.owner), "GET", &format!("/users/{}", ana.id)).await.text;

    let mut rest = &html[html.find("id=\"timeline\"").unwrap()..];
    for newest_first in [
        "EchoSign did not take the update.",
        "Attempt 1: GET 200, PATCH 403",
        "Paula approved the update.",
        "Oscar changed phone.",
        "Paula rejected the update.",
        "Not this one.",
        &format!("href=\"/users/provisioning/{update}\">#"),
        "Oscar changed title.",
        "EchoSign has the new account.",
        "POST 201",
        "Paula approved the new account.",
        "Oscar added the person.",
    ] {
        let at = rest.find(newest_first);
        rest = &rest[at.unwrap_or_else(|| panic!("no “{newest_first}” in {rest}"))..];
    }
}

#[tokio::test]
async fn a_long_timeline_is_read_page_by_page() {
    let site = Site::new().await;
    let app = &site.app;
    let ana = app.a_person("ana@example.com").await;
    for number in 0..30 {
        app.retitle(ana.id, &format!("Analyst {number}")).await;
    }
    let address = format!("/users/{}", ana.id);

    let first = site.ask(Some(&app.owner), "GET", &address).await.text;
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('#').next().unwrap();
    let second = site.ask(Some(&app.owner), "GET", next).await.text;
    let wrong = site.ask(Some(&app.owner), "GET", &format!("{address}?cursor=nonsense")).await;

    let added = "Oscar added the person.";
    assert!(first.contains("50 entries") && !first.contains(added), "{first}");
    assert!(second.contains(added) && second.contains(">First<"), "{second}");
    assert!(!second.contains("rel=\"next\""), "{second}");
    assert!(wrong.status.is_client_error(), "{}", wrong.status);
}
