//! An approval that waits a while counts down, and is undone.

use countersign::apps::{self, Sending};

use super::{
    ANA, add_a_person, begin, chrome::Chrome, connect, create_the_owner, enable, open_what_waits,
};
use crate::support::db::TestDb;

/// Approvals can be undone for five minutes.
pub(super) async fn delay(db: &TestDb) {
    let mut connection = db.pool.acquire().await.unwrap();
    let app = apps::store::find_by_slug(&db.pool, "echosign").await.unwrap().unwrap();
    let sending = Sending { undo_seconds: 300, ..app.sending };
    apps::store::put_sending(&mut connection, app.id, &sending).await.unwrap();
}

/// What the countdown says.
async fn left(chrome: &Chrome) -> String {
    let script = "return document.querySelector('time[data-left]').textContent";
    let told = chrome.client.execute(script, Vec::new()).await.unwrap();
    told.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_counts_down_and_is_undone() {
    let (db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    delay(&db).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;
    open_what_waits(&chrome, "Ana Lima").await;

    // It counts down, also after the page has looked again by itself.
    chrome.press("Approve").await;
    chrome.reads("It is sent in 5 minutes.").await;
    chrome.reads("It is sent in 4 min").await;
    let first = left(&chrome).await;
    chrome.look("action-undo").await;
    assert_ne!(left(&chrome).await, first);

    // Undone, it waits for a decision again, and nothing was sent.
    chrome.press("Undo").await;
    chrome.reads("Nothing was sent.").await;
    chrome.reads("You approve exactly this").await;
    chrome.reads("Ruth Varga undid the approval of the new account.").await;
    chrome.look("action-undone").await;

    // Approved in the list, the way to undo it is told there; without a script the time itself is read.
    chrome.open("/users/provisioning").await;
    let page = chrome.leads_to("Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads(", sent in 4 min").await;
    chrome.look("queue-undo").await;
    chrome.press("Undo").await;
    chrome.reads("1 change waits for approval").await;
    chrome.scripts(false).await;
    chrome.open("/users/provisioning").await;
    chrome.press("Approve").await;
    chrome.reads("It is sent in 5 minutes.").await;
    chrome.follow("Open it to undo").await;
    assert!(chrome.path().await.starts_with(page.split('?').next().unwrap()));
    chrome.reads("It is sent at ").await;
    chrome.press("Undo").await;
    chrome.reads("You approve exactly this").await;
    chrome.is_silent("the whole way").await;
}
