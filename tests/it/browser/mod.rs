//! The main job in a real browser: from the one-time link to the evidence.

mod bulk;
mod chrome;
mod imports;
mod live;
mod program;
mod queue;
mod review;
mod sources;
mod triage;
mod undo;

use self::{chrome::Chrome, program::Program};
use crate::support::db::TestDb;

const EMAIL: &str = "ruth@northwind.example";
const PASSWORD: &str = "a sentence to remember";
const ANA: &str = "ana.lima@northwind.example";

/// A browser at a program of its own.
async fn begin() -> (TestDb, Program, Chrome) {
    let db = TestDb::new().await;
    let program = Program::start(&db);
    let chrome = Chrome::start(&program.link).await;
    (db, program, chrome)
}

async fn create_the_owner(chrome: &Chrome, program: &Program) {
    chrome.open(&program.link).await;
    chrome.fill("name", "Ruth Varga").await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Create the owner").await;
    chrome.reads("Connect EchoSign next").await;
}

async fn connect(chrome: &Chrome, program: &Program) {
    chrome.open("/apps/echosign/configuration").await;
    chrome.fill("baseUrl", &program.sandbox).await;
    chrome.fill("token", &program.token).await;
    chrome.press("Connect").await;
    chrome.reads("EchoSign is connected").await;
}

async fn enable(chrome: &Chrome) {
    chrome.open("/apps/echosign/provisioning").await;
    chrome.tick("enabled", true).await;
    chrome.press("Save").await;
    chrome.reads("Saved.").await;
}

async fn add_a_person(chrome: &Chrome, user_name: &str, first: &str, last: &str) {
    chrome.open("/users/new").await;
    chrome.fill("userName", user_name).await;
    chrome.fill("email", user_name).await;
    chrome.fill("givenName", first).await;
    chrome.fill("familyName", last).await;
    chrome.fill("title", "Analyst").await;
    chrome.press("Add the person").await;
    chrome.reads(&format!("{first} {last} was added.")).await;
}

async fn open_the_person(chrome: &Chrome, name: &str) {
    chrome.open("/users").await;
    chrome.follow(name).await;
    chrome.reads("Profile").await;
}

async fn retitle(chrome: &Chrome, name: &str, title: &str) {
    open_the_person(chrome, name).await;
    chrome.follow("Edit").await;
    chrome.fill("title", title).await;
    chrome.press("Save").await;
    chrome.reads(&format!("{name} was saved.")).await;
}

/// Opens the one action that waits.
async fn open_what_waits(chrome: &Chrome, name: &str) {
    chrome.open("/users/provisioning").await;
    // On a page of its own, also where there is room for it beside the list.
    let page = chrome.leads_to(name).await;
    chrome.open(&page).await;
    chrome.reads("You approve exactly this").await;
}

async fn set_up(chrome: &mut Chrome, program: &Program) {
    chrome.open(&program.link).await;
    chrome.look("setup").await;
    chrome.fill("name", "Ruth Varga").await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", "short").await;
    chrome.press("Create the owner").await;
    chrome.reads("Must have at least 12 characters; this has 5.").await;
    assert_eq!(chrome.value("email").await, EMAIL);
    assert_eq!(chrome.value("password").await, "");
    chrome.look("setup-refused").await;
    create_the_owner(chrome, program).await;
    chrome.open(&program.link).await;
    chrome.reads("This link does not work").await;
    chrome.look("setup-again").await;
}

async fn sign_in_again(chrome: &mut Chrome) {
    chrome.open("/").await;
    chrome.reads("0 of 3 done").await;
    chrome.look("overview-empty").await;
    chrome.open("/users/provisioning").await;
    chrome.reads("EchoSign is not connected").await;
    chrome.look("queue-unconnected").await;
    chrome
        .client
        .execute("document.querySelector('[aria-label=\"Sign out\"]').click()", Vec::new())
        .await
        .unwrap();
    chrome.reads("Sign in").await;
    chrome.fill("email", EMAIL).await;
    chrome.fill("password", "not the sentence").await;
    chrome.press("Sign in").await;
    chrome.reads("The e-mail address or the password is not right.").await;
    chrome.look("sign-in-refused").await;
    chrome.fill("password", PASSWORD).await;
    chrome.press("Sign in").await;
    chrome.reads("EchoSign is not connected").await;
}

async fn connect_at_the_second_try(chrome: &mut Chrome, program: &Program) {
    chrome.open("/apps/echosign/configuration").await;
    chrome.fill("baseUrl", &program.sandbox).await;
    chrome.fill("token", "not-the-token").await;
    chrome.press("Connect").await;
    chrome.reads("refused the token").await;
    assert_eq!(chrome.value("baseUrl").await, program.sandbox);
    chrome.look("connect-refused").await;
    connect(chrome, program).await;
    chrome.reads("A token is stored").await;
    assert_eq!(chrome.value("token").await, "");
    chrome.look("connected").await;
}

async fn add_a_person_at_the_second_try(chrome: &mut Chrome) {
    chrome.open("/users").await;
    chrome.look("people-empty").await;
    chrome.open("/users/new").await;
    chrome.fill("userName", ANA).await;
    chrome.fill("email", "ana").await;
    chrome.press("Add the person").await;
    chrome.reads("Must be an e-mail address").await;
    assert_eq!(chrome.value("userName").await, ANA);
    chrome.look("person-refused").await;
    add_a_person(chrome, ANA, "Ana", "Lima").await;
    chrome.look("person").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_from_the_first_link_to_the_evidence() {
    let (_db, program, mut chrome) = begin().await;

    // 1. The link makes the owner, and nobody after that.
    set_up(&mut chrome, &program).await;
    sign_in_again(&mut chrome).await;

    // 2. Connect calls the app, and says what to mend. 3. The Provisioning tab, in the article's words.
    connect_at_the_second_try(&mut chrome, &program).await;
    enable(&chrome).await;
    chrome.reads("Require admin approval before this action is performed in EchoSign").await;
    chrome.look("settings").await;

    // 4. People; a bad value is refused beside its field, and what was typed stays.
    add_a_person_at_the_second_try(&mut chrome).await;

    // 5. What waits is seen as it will be sent, and approved by its digest.
    chrome.open("/users/provisioning").await;
    chrome.reads("1 change waits for approval").await;
    chrome.look("queue").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.reads("POST Users").await;
    chrome.look("action").await;

    // 6. The forwarder sends it, the page turns by itself, and the account is there.
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;
    chrome.reads("What was sent").await;
    chrome.look("action-done").await;
    chrome.open("/sandbox/echosign").await;
    chrome.reads(ANA).await;

    // 7. The evidence.
    chrome.open("/audit").await;
    for entry in ["signed in", "connected EchoSign", "added the person", "approved the", "has the"]
    {
        chrome.reads(entry).await;
    }
    chrome.look("activity").await;
    chrome.follow("Verify all of it").await;
    chrome.reads("The history is whole").await;

    // 8. The person's story, and how it all stands.
    open_the_person(&chrome, "Ana Lima").await;
    chrome.reads("Attempt 1: GET 200").await;
    chrome.look("person-story").await;
    retitle(&chrome, "Ana Lima", "Senior Analyst").await;
    chrome.open("/overview").await;
    chrome.reads("1 change waits for approval").await;
    chrome.look("overview").await;
    chrome.follow("Ana Lima").await;
    chrome.reads("You approve exactly this").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_change_reaches_the_app_and_a_cleared_box_lets_it_through() {
    let (_db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;

    // An update is turned down, which needs a reason.
    retitle(&chrome, "Ana Lima", "Director").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.reads("Analyst").await;
    chrome.press("Reject").await;
    chrome.reads("You approve exactly this").await;
    chrome.fill("reason", "Not before January").await;
    chrome.press("Reject").await;
    chrome.reads("Ruth Varga rejected it.").await;
    chrome.look("action-rejected").await;

    // Another one is approved in the list, by keys alone.
    retitle(&chrome, "Ana Lima", "Senior Analyst").await;
    chrome.open("/users/provisioning").await;
    chrome.reads("Senior Analyst").await;
    chrome.keys("j").await;
    chrome.keys("a").await;
    chrome.reads("by you").await;
    chrome.opens_until("/sandbox/echosign", "Senior Analyst").await;

    // A suspension goes the same way, and so does its end.
    open_the_person(&chrome, "Ana Lima").await;
    chrome.press("Suspend").await;
    chrome.reads("is suspended here").await;
    chrome.look("person-suspended").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;
    open_the_person(&chrome, "Ana Lima").await;
    chrome.press("Reactivate").await;
    chrome.reads("is active again here").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;

    // With the box cleared, an update goes straight through, and the history says by which rule.
    chrome.open("/apps/echosign/provisioning").await;
    chrome.tick("update", false).await;
    chrome.press("Save").await;
    chrome.reads("Saved.").await;
    retitle(&chrome, "Ana Lima", "Director").await;
    chrome.open("/audit?verb=action.approved").await;
    chrome.reads("by rule: update needs no approval").await;

    // A delete is asked about first.
    open_the_person(&chrome, "Ana Lima").await;
    chrome.follow("Delete…").await;
    chrome.reads("leaves the directory at once").await;
    chrome.look("delete").await;
    chrome.press("Delete Ana Lima").await;
    chrome.reads("Ana Lima was deleted.").await;
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;
    chrome.is_silent("the whole way").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_is_shown_and_not_approved() {
    let (_db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;
    open_what_waits(&chrome, "Ana Lima").await;
    let shown = chrome.client.window().await.unwrap();

    // It changes while it is looked at.
    let other = chrome.client.new_window(true).await.unwrap().handle;
    chrome.client.switch_to_window(other.clone()).await.unwrap();
    retitle(&chrome, "Ana Lima", "Director").await;
    chrome.client.switch_to_window(shown.clone()).await.unwrap();
    chrome.press("Approve").await;
    chrome.reads("It has changed since you looked.").await;
    chrome.reads("Director").await;
    chrome.look("action-changed").await;

    // Somebody else is quicker, and the list is not told: it stays, and says so on top.
    chrome.open("/users/provisioning").await;
    live::hide(&chrome).await;
    chrome.client.switch_to_window(other.clone()).await.unwrap();
    open_what_waits(&chrome, "Ana Lima").await;
    chrome.press("Approve").await;
    chrome.reads("Provisioned").await;
    chrome.client.switch_to_window(shown.clone()).await.unwrap();
    chrome.press("Approve").await;
    chrome.reads("Nothing was changed: it is ").await;
    chrome.reads("approved by Ruth Varga at").await;
    chrome.look("queue-too-late").await;

    // The session is over: a click leads to the whole sign-in, and nothing of it into the page.
    add_a_person(&chrome, "ben.okafor@northwind.example", "Ben", "Okafor").await;
    chrome.open("/users/provisioning").await;
    chrome.reads("Ben Okafor").await;
    chrome.client.delete_all_cookies().await.unwrap();
    chrome.press("Approve").await;
    chrome.reads("Password").await;
    assert_eq!(chrome.path().await, "/sign-in");
    chrome.is_silent("after the session").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_a_script() {
    let (_db, program, chrome) = begin().await;
    chrome.scripts(false).await;

    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;
    chrome.open("/users?q=lima").await;
    chrome.reads("Create waits").await;
    chrome.open("/users/provisioning").await;
    chrome.press("Approve").await;
    chrome.reads("All done").await;
    chrome.opens_until("/sandbox/echosign", ANA).await;
}
