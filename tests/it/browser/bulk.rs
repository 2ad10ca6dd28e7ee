//! Many decisions at once, from the boxes that are ticked to what came of each.

use countersign::{
    access::Actor,
    directory::{self, Source},
    kernel::{Clock, SystemClock},
    queue::people,
};

use sqlx::Executor;

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
    chrome.press("Approve 3…").await;
    chrome.reads("Approve 3 changes").await;
    chrome.look("run-drafted").await;

    // Meanwhile one of them changes, and another is held by somebody else.
    let by = Actor::command_line().operator().unwrap();
    let title = |wish: &mut people::Wish| "Director".clone_into(&mut wish.draft.title);
    let (now, source) = (SystemClock.now(), Source::console());
    people::edit(&db.pool, now, &by, source.clone(), people[0], title).await.unwrap();
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

    // While it goes on, one more of them changes.
    people::edit(&db.pool, now, &by, source, people[2], title).await.unwrap();

    // Let go, it ends, and says what came of each.
    held.rollback().await.unwrap();
    chrome.reads("1 was approved, 2 skipped.").await;
    chrome.look("run-done").await;
    chrome.open(&format!("{}?show=skipped", chrome.path().await)).await;
    chrome.reads("Ana Lima").await;
    chrome.reads("Cy Young").await;
    assert_eq!(chrome.text().await.matches("It changed since it was counted.").count(), 2);
    assert!(!chrome.text().await.contains("Ben Okafor"), "he was approved");
    chrome.look("run-skipped").await;
    chrome.follow("Back to the list").await;
    chrome.reads("Dora Vale").await;
    chrome.reads("Ana Lima").await;
    chrome.is_silent("many decisions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_access_away_is_named_and_typed() {
    let (db, program, mut chrome) = begin().await;
    begin_with(&chrome, &program).await;
    let people = come(&db, &["Ana Lima", "Ben Okafor"]).await;
    chrome.open(QUEUE).await;
    chrome.press("Approve").await;
    chrome.opens_until("/sandbox/echosign", "ana.lima@northwind.example").await;
    let (by, now) = (Actor::command_line().operator().unwrap(), SystemClock.now());
    people::delete(&db.pool, now, &by, Source::console(), people[0]).await.unwrap();

    // Everything that matches is drawn up: who loses access is named.
    chrome.open(QUEUE).await;
    chrome.press("All 2 that match").await;
    chrome.press("Approve all 2…").await;
    chrome.reads("Who loses access").await;
    chrome.reads("suspend 1").await;
    chrome.look("run-destructive").await;

    // Without the words it does not start, and the field for them is in hand.
    chrome.press("Approve 2").await;
    chrome.reads("Type “suspend 1” here.").await;
    chrome.holds("document.activeElement.name === arguments[0]", "confirm").await;
    chrome.look("run-refused").await;

    // Stopped, it says by whom, and what was not decided.
    let stopped =
        "update runs set state = 'stopped', started_at = created_at, ended_at = created_at,
        says = 'Ruth Varga stopped it.'";
    db.pool.execute(stopped).await.unwrap();
    chrome.open(&chrome.path().await.replace("/start", "")).await;
    chrome.reads("Ruth Varga stopped it.").await;
    chrome.reads("Not decided").await;
    chrome.look("run-stopped").await;
}
