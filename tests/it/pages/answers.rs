//! What every page carries, whoever asks and however it went.

use std::time::Duration;

use axum::http::StatusCode;
use countersign::{
    apps::change::Kind,
    directory::Source,
    kernel::ActionId,
    queue::groups::{self, GroupTold},
    web::CONTENT_SECURITY_POLICY,
};
use serde_json::json;
use sqlx::postgres::PgPoolOptions;

use super::{Site, answer, router};

const HTMX: [(&str, &str); 1] = [("hx-request", "true")];

#[tokio::test]
async fn every_answer_carries_the_one_policy_and_is_kept_by_nobody() {
    let site = Site::new().await;
    let owner = Some(&site.app.owner);
    for (who, path) in [
        (owner, "/users"),
        (owner, "/nowhere"),
        (owner, "/users/usr_nobody"),
        (None, "/sign-in"),
        (None, "/setup?token=x"),
        (None, "/users"),
    ] {
        let answer = site.ask(who, "GET", path).await;

        assert_eq!(
            answer.header("content-security-policy"),
            Some(CONTENT_SECURITY_POLICY),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let site = Site::new().await;
    let form = "userName=eve%40example.com";
    let theirs = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];

    let answer = site.send(Some(&site.app.operator), "POST", "/users", &theirs, form).await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let people = site.ask(Some(&site.app.operator), "GET", "/users").await;
    assert!(!people.text.contains("eve@example.com"));
}

#[tokio::test]
async fn a_page_that_is_only_read_leaves_the_session_as_it_is() {
    let site = Site::new().await;
    for path in ["/users", "/users/provisioning", "/audit", "/nowhere"] {
        let answer = site.ask(Some(&site.app.owner), "GET", path).await;

        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}

#[tokio::test]
async fn who_comes_too_late_hears_it_on_top_of_the_page_that_is_there() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    let shown = site.app.preview(id).await.digest;
    site.app.approve(id).await;
    let (path, form) = (format!("/users/provisioning/{id}/approve"), format!("digest={shown}"));

    let whole = site.send(Some(&site.app.owner), "POST", &path, &[], &form).await;
    let part = site.send(Some(&site.app.owner), "POST", &path, &HTMX, &form).await;

    assert_eq!((whole.status, part.status), (StatusCode::CONFLICT, StatusCode::CONFLICT));
    assert!(whole.text.contains("<html") && whole.text.contains("Paula"));
    assert!(!part.text.contains("<html") && part.text.contains("role=\"alert\""));
    assert_eq!(part.header("hx-retarget"), Some("#alerts"));
    site.app.leaves_jobs();
}

#[tokio::test]
async fn a_script_whose_session_is_over_is_sent_to_the_sign_in_whole() {
    let site = Site::new().await;

    let answer = site.send(None, "GET", "/users?q=ana", &HTMX, "").await;

    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("hx-redirect").is_some_and(|to| to.starts_with("/sign-in?next=")));
    assert_eq!(answer.text, "");
}

#[tokio::test]
async fn an_approval_of_something_else_than_what_would_be_done_shows_that_instead() {
    let site = Site::new().await;
    let id: ActionId = site.app.an_action_waits().await;
    let shown = site.app.preview(id).await.digest;
    let user = site.app.action(id).await.content.account;
    site.app.retitle(user, "Director").await;
    let (path, form) = (format!("/users/provisioning/{id}/approve"), format!("digest={shown}"));

    let answer = site.send(Some(&site.app.owner), "POST", &path, &HTMX, &form).await;

    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.text.contains("It has changed since you looked.")
            && answer.text.contains("Director")
    );
    assert_eq!(answer.header("hx-push-url"), Some(&*format!("/users/provisioning/{id}")));
}

#[tokio::test]
async fn with_the_database_down_pages_say_so_and_that_nothing_is_lost() {
    let site = Site::new().await;
    let nowhere = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(200))
        .connect_lazy("postgres://nobody@127.0.0.1:1/nothing")
        .unwrap();
    let pages = router(&site.app, nowhere);
    let cookie = site.cookie(&site.app.owner).await;
    for path in ["/users", "/users/provisioning", "/sign-in", "/setup?token=x"] {
        let request = axum::http::Request::get(path).header("cookie", &cookie);

        let answer = answer(&pages, request.body(axum::body::Body::empty()).unwrap()).await;

        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.text.contains("Nothing is lost"), "{path}: {}", answer.text);
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
}

#[tokio::test]
async fn the_groups_somebody_is_in_stand_on_their_page_and_beside_what_is_decided() {
    let site = Site::new().await;
    let app = &site.app;
    let ana = app.a_person("ana@example.com").await;
    let action = app.the(Kind::Create, ana.id).await;
    let pages = [format!("/users/{}", ana.id), format!("/users/provisioning/{}", action.id)];
    for page in &pages {
        let alone = site.ask(Some(&app.approver), "GET", page).await;
        assert!(!alone.text.contains("In groups"), "{page}");
    }
    let told = GroupTold {
        display_name: "Finance & Tax".to_owned(),
        external_id: None,
        resource: json!({}),
        members: vec![ana.id],
    };
    let oscar = app.operator.operator().unwrap();
    groups::add(&app.pool, app.now(), &oscar, &Source::api(), told).await.unwrap();

    for page in &pages {
        let answer = site.ask(Some(&app.approver), "GET", page).await;

        assert!(answer.text.contains("In groups: Finance &#38; Tax"), "{page}");
    }
}
