//! The queue as a reviewer works through it: by mouse, by keys alone, on a telephone, and without a script.

use countersign::{
    access::Actor,
    directory::{Draft, Source},
    kernel::{ActionId, Clock, SystemClock, UserId},
    queue::people::{self, Wish},
};
use fantoccini::Locator;
use serde_json::json;

use super::{begin, chrome::Chrome, connect, create_the_owner, enable, undo::delay};
use crate::support::db::TestDb;

pub(super) const QUEUE: &str = "/users/provisioning";
pub(super) const ENTER: &str = "\u{e007}";
pub(super) const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const TAB: &str = "\u{e004}";

/// People whose accounts wait for approval, in this order.
pub(super) async fn come(db: &TestDb, names: &[&str]) -> Vec<UserId> {
    let by = Actor::command_line().operator().unwrap();
    let mut ids = Vec::new();
    for name in names {
        let address = format!("{}@northwind.example", name.to_lowercase().replace(' ', "."));
        let draft = Draft {
            user_name: address.clone(),
            email: address,
            display_name: (*name).to_owned(),
            ..Draft::default()
        };
        let wish = Wish { draft, active: true };
        let user = people::add(&db.pool, SystemClock.now(), &by, Source::console(), &wish).await;
        ids.push(user.unwrap().id);
    }
    ids
}

pub(super) async fn begin_with(chrome: &Chrome, program: &super::Program) {
    create_the_owner(chrome, program).await;
    connect(chrome, program).await;
    enable(chrome).await;
}

/// The ids of the rows, in their order.
pub(super) async fn rows(chrome: &Chrome) -> Vec<ActionId> {
    let script = "return [...document.querySelectorAll('.rows.queue tbody tr')].map(tr => tr.id)";
    let ids = chrome.client.execute(script, Vec::new()).await.unwrap();
    ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect()
}

/// Waits until a row is over, reads like this, and the focus is on another one.
pub(super) async fn is_over(chrome: &Chrome, row: ActionId, words: &str, next: ActionId) {
    let over = format!(
        "document.getElementById('{row}').matches('.over') \
         && document.getElementById('{row}').innerText.replace(/\\s+/g, ' ').includes(arguments[0])"
    );
    chrome.holds(&over, words).await;
    in_hand(chrome, next).await;
}

pub(super) async fn in_hand(chrome: &Chrome, row: ActionId) {
    chrome
        .holds("document.activeElement.closest('tr')?.id === arguments[0]", &row.to_string())
        .await;
}

async fn is_said(chrome: &Chrome, words: &str) {
    chrome.holds("document.getElementById('said').textContent.includes(arguments[0])", words).await;
}

async fn selected(chrome: &Chrome, number: &str) {
    let counts =
        "String(document.querySelectorAll('.pick input[name=id]:checked').length) === arguments[0]";
    chrome.holds(counts, number).await;
}

pub(super) async fn pane_shows(chrome: &Chrome, name: &str) {
    chrome.holds("document.getElementById('pane').innerText.includes(arguments[0])", name).await;
}

async fn is_open(chrome: &Chrome, dialog: &str, open: bool) {
    let is = format!("String(document.getElementById('{dialog}').open) === arguments[0]");
    chrome.holds(&is, &open.to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_decided_in_its_place_and_the_focus_goes_on() {
    let (db, program, mut chrome) = begin().await;
    begin_with(&chrome, &program).await;
    delay(&db).await;
    come(&db, &["Ana Lima", "Ben Okafor", "Cy Young"]).await;
    chrome.open(QUEUE).await;
    let [ana, ben, cy] = rows(&chrome).await[..] else { unreachable!("three wait") };

    // Approved, it stays where it was, and can be undone there.
    chrome.press("Approve").await;
    is_over(&chrome, ana, "Approved Undo by you", ben).await;
    is_said(&chrome, "Approved").await;
    is_said(&chrome, "Ana Lima").await;

    // Selected, the bar says how many.
    chrome.keys("x").await;
    chrome.reads("1 selected").await;
    chrome.look("queue-selected").await;

    // Beside the list, where there is room.
    chrome.keys(ENTER).await;
    pane_shows(&chrome, "You approve exactly this").await;
    assert_eq!(chrome.path().await, QUEUE);
    chrome.look("queue-pane").await;
    chrome.keys(ESCAPE).await;
    chrome.holds("document.getElementById('pane').hidden", "").await;
    in_hand(&chrome, ben).await;

    // Rejected, with the reason that is asked for.
    chrome.keys("r").await;
    is_open(&chrome, "reject", true).await;
    chrome.reads("Reject: Create Ben Okafor").await;
    chrome.look("queue-reject").await;
    chrome.fill("reason", "Not before January").await;
    chrome.keys(ENTER).await;
    is_over(&chrome, ben, "Rejected Undo by you", cy).await;
    chrome.look("queue-decided").await;

    // Undone from the next row, it waits again.
    chrome.keys("u").await;
    in_hand(&chrome, ben).await;
    chrome.holds("!document.getElementById(arguments[0]).matches('.over')", &ben.to_string()).await;
    is_said(&chrome, "Pending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_worked_through_by_keys_alone() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    let names = ["Ana Lima", "Ben Okafor", "Cy Young", "Dora Vale", "Eve Moss", "Fay Ray"];
    let people = come(&db, &names).await;
    chrome.open(QUEUE).await;
    let rows = rows(&chrome).await;

    // Two down, approve; reject the next; and on.
    chrome.keys("j").await;
    in_hand(&chrome, rows[0]).await;
    chrome.keys("j").await;
    chrome.keys("a").await;
    is_over(&chrome, rows[1], "by you", rows[2]).await;
    chrome.keys("r").await;
    is_open(&chrome, "reject", true).await;
    chrome.keys("No ticket").await;
    chrome.keys(ENTER).await;
    is_over(&chrome, rows[2], "Rejected Undo by you", rows[3]).await;

    // One is selected, then all up to another, then none.
    chrome.keys("x").await;
    selected(&chrome, "1").await;
    chrome.keys("j").await;
    chrome.keys("j").await;
    chrome.keys("X").await;
    selected(&chrome, "3").await;
    chrome.reads("3 selected").await;
    chrome.keys(ESCAPE).await;
    selected(&chrome, "0").await;

    // The pane moves along.
    chrome.keys(ENTER).await;
    pane_shows(&chrome, "Fay Ray").await;
    chrome.keys("k").await;
    pane_shows(&chrome, "Eve Moss").await;
    in_hand(&chrome, rows[4]).await;
    chrome.keys("j").await;
    pane_shows(&chrome, "Fay Ray").await;
    chrome.keys(ESCAPE).await;
    chrome.holds("document.getElementById('pane').hidden", "").await;

    // What is open is closed by the browser's own key.
    chrome.keys("?").await;
    is_open(&chrome, "shortcuts", true).await;
    chrome.keys(ESCAPE).await;
    is_open(&chrome, "shortcuts", false).await;
    chrome.press("Oldest first").await;
    chrome.holds("document.querySelector('#orders:popover-open')", "").await;
    chrome.keys(ESCAPE).await;
    chrome.holds("!document.querySelector(':popover-open')", "").await;

    // A search is completed, and narrows the list as it is typed.
    chrome.opens_until("/sandbox/echosign", "ben.okafor@northwind.example").await;
    let by = Actor::command_line().operator().unwrap();
    people::delete(&db.pool, SystemClock.now(), &by, Source::console(), people[1]).await.unwrap();
    search_for_suspensions(&chrome).await;
    chrome.is_silent("all the keys").await;
}

async fn search_for_suspensions(chrome: &Chrome) {
    let options = "[...document.querySelectorAll('#found:not([hidden]) [role=option]')]";
    chrome.open(QUEUE).await;
    chrome.keys("/").await;
    chrome.keys("act").await;
    chrome
        .holds(&format!("{options}.some(one => one.innerText.includes(arguments[0]))"), "action:")
        .await;
    chrome.keys(DOWN).await;
    chrome.holds(&format!("{options}[0].ariaSelected === arguments[0]"), "true").await;
    chrome.keys(ENTER).await;
    assert_eq!(chrome.value("q").await, "action:");
    chrome.keys("sus").await;
    chrome.holds(&format!("{options}.length === 1"), "").await;
    chrome.keys(TAB).await;
    assert_eq!(chrome.value("q").await, "action:suspend ");
    chrome.holds("document.querySelectorAll('.rows.queue tbody tr').length === 1", "").await;
    chrome
        .holds(
            "document.querySelector('.rows.queue').innerText.includes(arguments[0])",
            "Ben Okafor",
        )
        .await;
    chrome.holds("location.search.includes(arguments[0])", "action%3Asuspend").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_decided_on_a_telephone_and_without_a_script() {
    let (db, program, chrome) = begin().await;
    begin_with(&chrome, &program).await;
    delay(&db).await;
    come(&db, &["Ana Lima", "Ben Okafor", "Cy Young"]).await;

    // On a telephone every button can be reached.
    chrome.sized(360, 740).await;
    chrome.open(QUEUE).await;
    let rows = rows(&chrome).await;
    chrome.holds("document.documentElement.scrollWidth <= 360", "").await;
    let script = "return [...document.querySelectorAll('.rowact .btn')].filter(button => {
        button.scrollIntoView({ block: 'center' })
        const box = button.getBoundingClientRect()
        const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
        return button.contains(there) && box.left >= 0 && box.right <= 360 && Math.min(box.width, box.height) >= 24
    }).length";
    assert_eq!(chrome.client.execute(script, Vec::new()).await.unwrap(), json!(6));
    chrome.press("Approve").await;
    is_over(&chrome, rows[0], "by you", rows[1]).await;
    chrome.is_silent("the telephone").await;

    // Without a script a row's form leads back to the list, and its link to where a reason is asked for.
    chrome.scripts(false).await;
    chrome.open(QUEUE).await;
    chrome.press("Approve").await;
    chrome.reads("Open it to undo").await;
    chrome.reads("1 change waits for approval").await;
    let reject = chrome.client.find(Locator::Css("a[data-key=r]")).await.unwrap();
    reject.click().await.unwrap();
    chrome.reads("You approve exactly this").await;
    assert_eq!(chrome.path().await, format!("{QUEUE}/{}", rows[2]));
    chrome.fill("reason", "Not before January").await;
    chrome.press("Reject").await;
    chrome.reads("Ruth Varga rejected it.").await;
}
