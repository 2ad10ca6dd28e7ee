//! An identity provider is let in, watched, given another token, and shut out again.

use std::time::Duration;

use countersign::{
    directory::Source,
    kernel::{Clock, SystemClock},
    sources::log::{Entry, Log, Masked},
};
use serde_json::json;

use super::{begin, chrome::Chrome, create_the_owner};
use crate::support::db::TestDb;

/// What Okta asks when its connector is tested, and a push that is refused.
async fn okta_asks(db: &TestDb) {
    let (log, mut writer) = Log::open(db.pool.clone());
    let request = |method: &str, path: &str, status, says: Option<&str>| Entry {
        source: Source("okta-eu".to_owned()),
        at: SystemClock.now(),
        method: method.to_owned(),
        path: path.to_owned(),
        status,
        duration: Duration::from_micros(1_400),
        body: says
            .map(|_| Masked::of(&json!({ "userName": "ana@northwind.example", "active": true }))),
        says: says.map(str::to_owned),
        caused: Vec::new(),
    };
    log.note(request(
        "GET",
        "/scim/v2/Users?filter=userName%20eq%20%22ana%22&count=100",
        200,
        None,
    ));
    log.note(request("GET", "/scim/v2/Users/usr_019aab3f5c0a7d4f8f6f0a1b2c3d4e5f", 404, None));
    let taken = "Another person has this user name.";
    log.note(request("POST", "/scim/v2/Users", 409, Some(taken)));
    writer.write_noted().await;
}

async fn add(chrome: &Chrome, name: &str) {
    chrome.follow("Add a source").await;
    chrome.fill("name", name).await;
    chrome.press("Add the source").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_let_in_watched_and_shut_out() {
    let (db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    chrome.open("/settings/sources").await;
    chrome.reads("No source yet").await;
    chrome.look("sources-empty").await;

    // Without a name it is refused beside the field; with one it is there, and the token is shown.
    add(&chrome, "").await;
    chrome.reads("Give it a name").await;
    chrome.look("source-form-refused").await;
    chrome.fill("name", "Okta (EU)").await;
    chrome.press("Add the source").await;
    chrome.reads("Okta (EU) was added.").await;
    chrome.reads("Okta cannot reach http://127.0.0.1").await;
    chrome.look("source-ready").await;

    // Its page waits for a first request; then it shows what was asked.
    chrome.follow("I have put both away").await;
    chrome.reads("Nothing yet").await;
    chrome.look("source-quiet").await;
    okta_asks(&db).await;
    chrome.open("/settings/sources/okta-eu").await;
    chrome.reads("409 Conflict").await;
    chrome.look("source").await;
    chrome.follow("Refused").await;
    chrome.reads("Another person has this user name.").await;
    chrome.open("/settings/sources").await;
    chrome.reads("Last request refused").await;
    chrome.look("sources").await;

    // Another token; then none.
    chrome.open("/settings/sources/okta-eu").await;
    chrome.press("Rotate the token").await;
    chrome.reads("Okta (EU) has a new token.").await;
    chrome.open("/settings/sources/okta-eu").await;
    chrome.reads("Ends in 24 h").await;
    chrome.fill("name", "Okta (EU)").await;
    chrome.press("Revoke").await;
    chrome.reads("no token of it is good").await;
    chrome.reads("Give it a new token").await;
    chrome.look("source-revoked").await;
    chrome.is_silent("the whole way").await;
}
