//! Many decisions at once, from the boxes that are ticked to what came of each.

use countersign::{
    access::Actor,
    directory::{self, Source},
    kernel::{Clock, SystemClock},
    queue::people,
};

use super::{
    begin,
    queue::{QUEUE, begin_with, come},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ticked_is_decided_as_it_was_counted_and_what_changed_is_listed() {
    let (db, program, mut chrome) = begin().await;
    begin_with(&chrome, &program).await;
    let people = come(&db, &["Ana Lima", "Ben Okafor", "Cy Young", "Dora Vale"]).await;

    // Three of four are ticked, and what they are is confirmed.
    chrome.open(QUEUE).await;
    let tick = "document.querySelectorAll('.queue .pick input[name=id]').forEach((box, at) => { if (at < 3) box.click() })";
    chrome.client.execute(tick, Vec::new()).await.unwrap();
    chrome.reads("3 selected").await;
    chrome.press("Approve…").await;
    chrome.reads("Approve 3 changes").await;
    chrome.look("run-drafted").await;

    // Meanwhile one of them changes, and another is held by somebody else.
    let by = Actor::command_line().operator().unwrap();
    let title = |wish: &mut people::Wish| "Director".clone_into(&mut wish.draft.title);
    let (now, source) = (SystemClock.now(), Source::console());
    people::edit(&db.pool, now, &by, source, people[0], title).await.unwrap();
    let mut held = db.pool.begin().await.unwrap();
    directory::store::lock(&mut held, people[1]).await.unwrap();

    // It goes on by itself, and is found again from the list.
    chrome.fill("reason", "HR-7").await;
    chrome.press("Approve 3").await;
    chrome.reads("0 of 3").await;
    chrome.look("run-going").await;
    chrome.open(QUEUE).await;
    chrome.reads("Ruth Varga approves 3 changes at once").await;
    chrome.follow("See how it goes").await;
    chrome.reads("Approving").await;

    // Let go, it ends, and says what came of each.
    held.rollback().await.unwrap();
    chrome.reads("2 were approved, 1 skipped.").await;
    chrome.reads("It changed since it was counted.").await;
    chrome.look("run-done").await;
    chrome.follow("Back to the list").await;
    chrome.reads("Dora Vale").await;
    chrome.reads("Ana Lima").await;
    chrome.is_silent("many decisions").await;
}
