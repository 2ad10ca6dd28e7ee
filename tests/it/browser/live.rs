//! Two browsers at the same queue: what one does, the other sees where it stands.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::{Value as Json, json};

use super::{
    EMAIL, PASSWORD, add_a_person, begin, chrome::Chrome, connect, create_the_owner, enable,
};

/// The longest that anything may take to be told.
const PATIENCE: Duration = Duration::from_secs(20);

async fn sign_in(chrome: &Chrome) {
    chrome.open("/sign-in").await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.reads("Provisioning").await;
}

/// Opens the queue, and waits until it is told what happens.
async fn watch(chrome: &Chrome) {
    chrome.open("/users/provisioning").await;
    shows(chrome, "//html[@data-stream='open']").await;
}

/// Waits until something is on the page.
async fn shows(chrome: &Chrome, path: &str) {
    let found = chrome.client.wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await;
    if let Err(error) = found {
        unreachable!("{path}: {error}\n{}", chrome.text().await);
    }
}

/// Waits until a person's row says who decided it: the same owner, in the other browser.
async fn is_decided(chrome: &Chrome, name: &str) {
    let path = format!("//tr[@data-row][contains(., '{name}')][contains(., 'by you')]");
    shows(chrome, &path).await;
}

async fn run(chrome: &Chrome, script: &str, about: &str) -> Json {
    let script = format!(
        "const row = name => [...document.querySelectorAll('tr[data-row]')].find(tr => tr.textContent.includes(name));
         {script}"
    );
    chrome.client.execute(&script, vec![json!(about)]).await.unwrap()
}

async fn turn(chrome: &Chrome, state: &str) {
    let script = "const hidden = arguments[0] === 'hidden';
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))";
    run(chrome, script, state).await;
}

/// As if another tab were in front: nothing more is told there.
pub(super) async fn hide(chrome: &Chrome) {
    turn(chrome, "hidden").await;
    shows(chrome, "//html[@data-stream='paused']").await;
}

/// Ticks a person's box and takes their Approve in hand.
async fn take_in_hand(chrome: &Chrome, name: &str) {
    let script = "row(arguments[0]).querySelector('input[type=checkbox]').checked = true;
        row(arguments[0]).querySelector('[data-key=a]').focus()";
    run(chrome, script, name).await;
}

/// Approves what waits for a person, on the action's own page.
async fn approve(chrome: &Chrome, name: &str) {
    chrome.open("/users/provisioning").await;
    chrome.reads(name).await;
    let href = run(chrome, "return row(arguments[0]).querySelector('.open').href", name).await;
    chrome.open(href.as_str().unwrap()).await;
    chrome.reads("You approve exactly this").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;
}

/// Whether the focus is within a person's row, and on what; and whether their box is ticked.
async fn in_hand(chrome: &Chrome, name: &str) -> Json {
    let script = "const held = document.activeElement;
        return [
            row(arguments[0]).contains(held) && (held.dataset.key ?? held.localName),
            row(arguments[0]).querySelector('input[type=checkbox]')?.checked,
        ]";
    run(chrome, script, name).await
}

/// Whose rows there are, and how far from the top each is.
async fn places(chrome: &Chrome) -> Json {
    let script = "return [...document.querySelectorAll('tr[data-row]')]
        .map(tr => [tr.id, tr.getBoundingClientRect().top])";
    run(chrome, script, "").await
}

/// The same rows stand where they stood, but for the few pixels that a decided row may be taller.
fn stay(before: &Json, after: &Json) {
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        let shift = before[1].as_f64().unwrap() - after[1].as_f64().unwrap();
        assert!(before[0] == after[0] && shift.abs() <= 1.0, "{before} moved to {after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_decides_the_other_sees_where_it_stands() {
    let (_db, mut program, mut mine) = begin().await;
    create_the_owner(&mine, &program).await;
    connect(&mine, &program).await;
    enable(&mine).await;
    add_a_person(&mine, "ana.lima@northwind.example", "Ana", "Lima").await;
    add_a_person(&mine, "ben.okafor@northwind.example", "Ben", "Okafor").await;
    let theirs = Chrome::start(&program.link).await;
    sign_in(&theirs).await;
    watch(&mine).await;

    // Another row is decided: it says by whom, and what I have in hand stays there.
    take_in_hand(&mine, "Ben Okafor").await;
    let before = places(&mine).await;
    approve(&theirs, "Ana Lima").await;
    is_decided(&mine, "Ana Lima").await;
    mine.reads("1 change waits for approval").await;
    assert_eq!(in_hand(&mine, "Ben Okafor").await, json!(["a", true]));
    stay(&before, &places(&mine).await);
    mine.look("queue-decided-elsewhere").await;

    // What comes waits behind its number, and moves nothing until it is asked for.
    let before = places(&mine).await;
    add_a_person(&theirs, "cleo.marsh@northwind.example", "Cleo", "Marsh").await;
    mine.reads("1 new").await;
    mine.reads("2 changes wait for approval").await;
    stay(&before, &places(&mine).await);
    assert_eq!(in_hand(&mine, "Ben Okafor").await, json!(["a", true]));
    mine.look("queue-news").await;
    mine.press("1 new").await;
    mine.reads("Cleo Marsh").await;
    assert_eq!(in_hand(&mine, "Ben Okafor").await[1], json!(true), "ticked still");

    // What is shown beside the list is decided: it says so there, and is not offered any more.
    run(&mine, "row(arguments[0]).querySelector('.open').click()", "Cleo Marsh").await;
    shows(&mine, "//aside[@id='pane'][contains(., 'You approve exactly this')]").await;
    approve(&theirs, "Cleo Marsh").await;
    shows(&mine, "//aside[@id='pane'][not(contains(., 'You approve exactly this'))][contains(., 'Ruth Varga approved')]").await;
    mine.keys("\u{e00c}").await;

    // The row in hand is decided: the focus stays in it, and there is nothing to tick any more.
    take_in_hand(&mine, "Ben Okafor").await;
    approve(&theirs, "Ben Okafor").await;
    is_decided(&mine, "Ben Okafor").await;
    assert_eq!(in_hand(&mine, "Ben Okafor").await, json!(["a", null]));

    // The stream holds the end of the program up by nothing.
    mine.is_silent("the whole way").await;
    program.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_page_was_hidden_is_seen_on_coming_back() {
    let (_db, program, mine) = begin().await;
    create_the_owner(&mine, &program).await;
    connect(&mine, &program).await;
    enable(&mine).await;
    add_a_person(&mine, "ana.lima@northwind.example", "Ana", "Lima").await;
    let theirs = Chrome::start(&program.link).await;
    sign_in(&theirs).await;
    watch(&mine).await;

    hide(&mine).await;
    approve(&theirs, "Ana Lima").await;
    turn(&mine, "visible").await;

    is_decided(&mine, "Ana Lima").await;
    mine.is_silent("hidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_stream_can_be_had_the_page_looks_again_by_itself() {
    let (_db, program, mine) = begin().await;
    create_the_owner(&mine, &program).await;
    connect(&mine, &program).await;
    enable(&mine).await;
    add_a_person(&mine, "ana.lima@northwind.example", "Ana", "Lima").await;
    let theirs = Chrome::start(&program.link).await;
    sign_in(&theirs).await;
    // Every stream fails, and whatever takes time takes a twentieth of it.
    let deaf = "window.EventSource = class {
            constructor() { setTimeout(() => this.onerror()) }
            addEventListener() {}
            close() {}
        }
        for (const name of ['setTimeout', 'setInterval']) {
            const real = window[name]
            window[name] = (then, ms, ...rest) => real(then, ms / 20, ...rest)
        }";
    mine.begins_with(deaf).await;
    mine.open("/users/provisioning").await;
    shows(&mine, "//html[@data-stream='closed']").await;

    approve(&theirs, "Ana Lima").await;
    is_decided(&mine, "Ana Lima").await;
    add_a_person(&theirs, "ben.okafor@northwind.example", "Ben", "Okafor").await;
    mine.reads("1 new").await;

    mine.reads("1 change waits for approval").await;
    mine.is_silent("without a stream").await;
}
