//! The pages of sources: what an administrator sees and does there.

use std::time::Duration;

use axum::http::StatusCode;
use countersign::{
    audit::Verb,
    directory::Source,
    sources::log::{Entry, Masked},
};
use serde_json::json;

use crate::pages::{Answer, Site};

impl Site {
    async fn as_owner(&self, method: &str, path: &str, form: &str) -> Answer {
        self.send(Some(&self.app.owner), method, path, &[], form).await
    }

    async fn sees(&self, path: &str) -> String {
        let answer = self.as_owner("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.text
    }
}

/// The token that a page shows.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once(r#"aria-labelledby="token-label">"#).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

/// What a page's form would send as `newest`.
fn newest(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="newest" value=""#).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_new_source_is_given_a_token_that_works_and_is_shown_once() {
    let site = Site::new().await;
    assert!(site.sees("/settings/sources").await.contains("No source yet"));

    let made = site.as_owner("POST", "/settings/sources", "name=Okta+(EU)&provider=okta").await;

    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    assert!(made.text.contains("http://countersign.example/scim/v2"), "{}", made.text);
    assert!(made.text.contains("Test Connector Configuration"));
    let token = token(&made.text);
    assert!(site.app.opens(&token).await);
    for path in ["/settings/sources", "/settings/sources/okta-eu", "/audit"] {
        assert!(!site.sees(path).await.contains(&token), "{path} shows the token");
    }
}

#[tokio::test]
async fn a_reload_makes_no_second_source_and_no_second_token() {
    let site = Site::new().await;
    let form = "name=Okta&provider=okta";
    site.as_owner("POST", "/settings/sources", form).await;

    let again = site.as_owner("POST", "/settings/sources", form).await;

    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("There is a source of this name"), "{}", again.text);
    assert_eq!(site.app.history(Verb::TokenCreated).await.len(), 1);

    site.app.clock.advance(Duration::from_hours(1));
    let page = site.sees("/settings/sources/okta").await;
    let form = format!("newest={}&overlap=hour", newest(&page));
    let rotated = site.as_owner("POST", "/settings/sources/okta/rotate", &form).await;
    let again = site.as_owner("POST", "/settings/sources/okta/rotate", &form).await;

    assert!(site.app.opens(&token(&rotated.text)).await);
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("given a new token meanwhile"), "{}", again.text);
    assert_eq!(site.app.history(Verb::TokenCreated).await.len(), 2);
    let page = site.sees("/settings/sources/okta").await;
    assert!(page.contains("Ends in 60 min"), "the one before ends: {page}");
}

#[tokio::test]
async fn a_source_is_revoked_by_its_name_and_not_by_a_slip() {
    let site = Site::new().await;
    let made = site.as_owner("POST", "/settings/sources", "name=Okta&provider=okta").await;
    let token = token(&made.text);

    let slip = site.as_owner("POST", "/settings/sources/okta/revoke", "name=okta").await;

    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.text.contains("Type Okta, just as it is called"), "{}", slip.text);
    assert!(site.app.opens(&token).await);

    let meant = site.as_owner("POST", "/settings/sources/okta/revoke", "name=Okta").await;

    assert_eq!(meant.header("location"), Some("/settings/sources/okta"));
    assert!(!site.app.opens(&token).await);
    assert!(site.sees("/settings/sources").await.contains("Revoked"));
    assert!(site.sees("/settings/sources/okta").await.contains("Give it a new token"));
}

#[tokio::test]
async fn the_log_shows_what_was_refused_and_nothing_of_the_person() {
    let site = Site::new().await;
    site.as_owner("POST", "/settings/sources", "name=Okta&provider=okta").await;
    assert!(site.sees("/settings/sources/okta").await.contains("press Test Connector"));
    let request = |method: &str, status, says: Option<&str>| Entry {
        source: Source("okta".to_owned()),
        at: site.app.now(),
        method: method.to_owned(),
        path: "/scim/v2/Users?filter=userName%20eq%20%22ana@example.com%22".to_owned(),
        status,
        duration: Duration::from_micros(900),
        body: Some(Masked::of(&json!({ "userName": "ana@example.com" }))),
        says: says.map(str::to_owned),
        caused: Vec::new(),
    };
    let refused = request("POST", 409, Some("Another person has this user name."));
    site.app.noted([request("GET", 200, None), refused]).await;

    let all = site.sees("/settings/sources/okta").await;
    let only_refused = site.sees("/settings/sources/okta?show=refused").await;
    let list = site.sees("/settings/sources").await;

    assert!(all.contains("200 OK") && all.contains("409 Conflict"));
    assert!(!only_refused.contains("200 OK") && only_refused.contains("409 Conflict"));
    assert!(list.contains("409 Another person has this user name."), "{list}");
    for page in [all, only_refused, list] {
        assert!(!page.contains("ana@example.com"), "{page}");
    }
}

#[tokio::test]
async fn who_may_only_look_is_offered_nothing_to_change() {
    let site = Site::new().await;
    site.as_owner("POST", "/settings/sources", "name=Okta&provider=okta").await;
    let auditor = site.an_auditor().await;

    let list = site.ask(Some(&auditor), "GET", "/settings/sources").await;
    let page = site.ask(Some(&auditor), "GET", "/settings/sources/okta").await;

    assert!(list.text.contains("Okta") && !list.text.contains("/settings/sources/new"));
    assert!(page.text.contains("Base URL and tokens") && !page.text.contains("okta/rotate"));
}

#[tokio::test]
async fn what_is_no_identity_provider_has_no_page() {
    let site = Site::new().await;

    for slug in ["console", "nobody"] {
        let answer = site.as_owner("GET", &format!("/settings/sources/{slug}"), "").await;

        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{slug}");
    }
}
