//! A reason that a rule asks for is given on the row, and the list is kept as a view.

use super::{ANA, add_a_person, begin, chrome::Chrome, connect, create_the_owner, enable};

const WHY: &str = "Name the change, such as CHG-1234.";

async fn runs(chrome: &Chrome, script: &str) {
    chrome.client.execute(script, Vec::new()).await.unwrap();
}

/// Sets the rule for creates, at the second try.
async fn a_ticket_is_required(chrome: &mut Chrome) {
    chrome.open("/apps/echosign/provisioning").await;
    chrome.choose("create-need", "required").await;
    chrome.fill("create-pattern", "CHG-[").await;
    chrome.fill("create-message", WHY).await;
    chrome.press("Save reasons").await;
    chrome.reads("This is no regular expression").await;
    assert_eq!(chrome.value("create-message").await, WHY);
    chrome.look("reasons-refused").await;
    chrome.fill("create-pattern", r"CHG-\d+").await;
    chrome.press("Save reasons").await;
    chrome.reads("Saved.").await;
    runs(chrome, "document.getElementById('reasons').scrollIntoView()").await;
    chrome.look("reasons").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_is_needed_is_asked_for_on_the_row() {
    let (_db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    a_ticket_is_required(&mut chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;

    chrome.open("/users/provisioning").await;
    chrome.press("Approve").await;
    chrome.reads("Approve: Create Ana Lima").await;
    chrome.fill("reason", "She starts on Monday").await;
    chrome.look("row-reason").await;
    runs(&chrome, "document.querySelector('#reject form.decide button').click()").await;
    chrome.reads(WHY).await;
    runs(&chrome, "document.querySelector('[data-needs-reason]').click()").await;
    assert_eq!(chrome.value("reason").await, "She starts on Monday");
    chrome.fill("reason", "CHG-12").await;
    runs(&chrome, "document.querySelector('#reject form.decide button').click()").await;

    chrome.reads("by you").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_kept_as_a_view_and_come_back_to() {
    let (_db, program, mut chrome) = begin().await;
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;

    chrome.open("/users/provisioning?status=failed&q=action:delete").await;
    chrome.press("Views").await;
    chrome.look("views-none").await;
    chrome.fill("name", "Leavers that failed").await;
    chrome.tick("shared", true).await;
    chrome.press("Save").await;
    chrome.reads("Kept: Leavers that failed.").await;
    chrome.open("/users/provisioning").await;
    chrome.press("Views").await;
    chrome.reads("shared with everybody").await;
    chrome.look("views").await;
    runs(&chrome, "document.querySelector('#views li a').click()").await;

    chrome.reads("Nothing matches").await;
    chrome.press("Leavers that failed").await;
    runs(&chrome, "document.querySelector('[aria-label^=Delete]').click()").await;
    chrome.reads("Deleted this view: Leavers that failed.").await;
}
