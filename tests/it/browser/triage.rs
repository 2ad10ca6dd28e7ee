//! Fifty decisions in a row: nothing moves that need not, and nothing is pressed that was not meant.

use serde_json::{Value as Json, json};

use super::{
    begin,
    chrome::Chrome,
    queue::{ENTER, ESCAPE, QUEUE, begin_with, come, in_hand, is_over, pane_shows, rows},
    undo::delay,
};

/// How far from the top of the page each row is.
async fn places(chrome: &Chrome) -> Json {
    let script = "return [...document.querySelectorAll('.queue tbody tr')]
        .map(tr => Math.round(tr.getBoundingClientRect().top + scrollY))";
    chrome.client.execute(script, Vec::new()).await.unwrap()
}

async fn runs(chrome: &Chrome, script: &str) -> Json {
    chrome.client.execute(script, Vec::new()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_moves_when_one_is_selected_or_decided() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    delay(&db).await;
    come(&db, &["Ana Lima", "Ben Okafor", "Cy Young"]).await;
    chrome.open(QUEUE).await;
    let rows = rows(&chrome).await;
    let before = places(&chrome).await;

    chrome.keys("j").await;
    chrome.keys("x").await;
    chrome.reads("Approve 1…").await;
    assert_eq!(places(&chrome).await, before);

    chrome.keys(ESCAPE).await;
    chrome.keys("a").await;
    is_over(&chrome, rows[0], "Approved Undo by you", rows[1]).await;
    assert_eq!(places(&chrome).await, before);

    // What was approved last is undone from wherever one is by then.
    chrome.keys("j").await;
    chrome.keys("u").await;
    in_hand(&chrome, rows[0]).await;
    chrome.holds("!document.querySelector('.queue .over')", "").await;
    assert_eq!(places(&chrome).await, before);
    chrome.is_silent("three rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_action_beside_the_list_goes_on_with_the_keys() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    come(&db, &["Ana Lima", "Ben Okafor", "Cy Young"]).await;
    chrome.open(QUEUE).await;
    let rows = rows(&chrome).await;

    // It can be decided without scrolling, and the next is shown when it was.
    chrome.keys("j").await;
    chrome.keys(ENTER).await;
    pane_shows(&chrome, "Ana Lima").await;
    chrome.reads("You approve exactly this").await;
    let seen = "return document.querySelector('#pane [data-key=a]').getBoundingClientRect().bottom <= innerHeight";
    assert_eq!(runs(&chrome, seen).await, json!(true));
    chrome.keys("a").await;
    is_over(&chrome, rows[0], "by you", rows[1]).await;
    pane_shows(&chrome, "Ben Okafor").await;

    // The buttons of the pane lead on and back, and keep the focus.
    runs(&chrome, "document.querySelector('#pane [data-step=\"1\"]').focus()").await;
    chrome.keys(ENTER).await;
    pane_shows(&chrome, "Cy Young").await;
    pane_shows(&chrome, "3 of 3 on this page").await;
    chrome.holds("document.activeElement.dataset.step === arguments[0]", "1").await;
    runs(&chrome, "document.querySelector('#pane [data-step=\"-1\"]').click()").await;
    pane_shows(&chrome, "Ben Okafor").await;
    pane_shows(&chrome, "2 of 3 on this page").await;

    // Enter after a reason rejects when that was asked for, and does nothing else.
    runs(&chrome, "document.getElementById('pane').focus()").await;
    chrome.holds("document.querySelector('#pane #reason')", "").await;
    runs(&chrome, "document.querySelector('#pane #reason').focus()").await;
    chrome.keys("Not before January").await;
    chrome.keys(ENTER).await;
    runs(&chrome, "document.getElementById('pane').focus()").await;
    chrome.keys("r").await;
    chrome.holds("document.activeElement.id === arguments[0]", "reason").await;
    assert_eq!(chrome.value("reason").await, "Not before January");
    chrome.keys(ENTER).await;
    pane_shows(&chrome, "Ruth Varga rejected it.").await;
    chrome.holds("document.activeElement.id === arguments[0]", "pane").await;
    chrome.keys("j").await;
    pane_shows(&chrome, "Cy Young").await;
    in_hand(&chrome, rows[2]).await;
    chrome.keys("a").await;
    is_over(&chrome, rows[2], "by you", rows[2]).await;
    chrome.is_silent("the pane").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_lead_on_to_the_next_page_and_back_to_the_row() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    let names: Vec<String> = (0..52).map(|number| format!("Ana Lima{number}")).collect();
    come(&db, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    chrome.open(QUEUE).await;
    let first = rows(&chrome).await;

    // A search is not made of half a qualifier.
    chrome.keys("/").await;
    chrome.keys("action:del").await;
    chrome.holds("document.querySelector('#found:not([hidden])')", "").await;
    chrome.keys(ESCAPE).await;
    chrome.keys(ESCAPE).await;
    chrome.holds("document.activeElement === document.body", "").await;
    assert_eq!((rows(&chrome).await, chrome.value("q").await), (first, "action:del".to_owned()));

    // Below the last row is the way to the next page.
    chrome.keys(&"j".repeat(51)).await;
    chrome.holds("document.activeElement.rel === arguments[0]", "next").await;
    chrome.follow("Newer").await;
    chrome.holds("document.querySelectorAll('.queue tbody tr').length === 2", "").await;

    // Whoever opens one and comes back is at it again.
    let second = rows(&chrome).await;
    chrome.sized(1000, 800).await;
    chrome.keys("j").await;
    chrome.keys("j").await;
    chrome.keys(ENTER).await;
    chrome.reads("You approve exactly this").await;
    chrome.client.back().await.unwrap();
    in_hand(&chrome, second[1]).await;
    chrome.is_silent("two pages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_decides_what_is_meant_and_once() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    come(&db, &["Ana Lima", "Ben Okafor", "Cy Young"]).await;
    chrome.open(QUEUE).await;
    let rows = rows(&chrome).await;

    // Held down, it decides nothing.
    chrome.keys("j").await;
    let held = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', \
        { key: 'a', repeat: true, bubbles: true, cancelable: true }))";
    runs(&chrome, held).await;

    // With the action still on its way to the pane, neither: nobody has seen it.
    let unseen = "document.activeElement.click(); \
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true, cancelable: true })); \
        return document.getElementById('pane').innerText.includes('Ana Lima')";
    assert_eq!(runs(&chrome, unseen).await, json!(true), "whom it is about is known");
    chrome.reads("You approve exactly this").await;
    chrome.keys(ESCAPE).await;
    chrome.holds("!document.querySelector('.queue .over')", "").await;

    // What is selected is decided together.
    in_hand(&chrome, rows[0]).await;
    chrome.keys("x").await;
    chrome.keys("j").await;
    chrome.keys("x").await;
    chrome.keys("a").await;
    chrome.reads("Approve 2 changes").await;
    chrome.is_silent("keys").await;
}
