//! Which of several accounts is theirs.

use axum::http::StatusCode;
use countersign::{
    apps::change::Kind,
    kernel::ActionId,
    queue::{Status, decide},
    sandbox::faults::Quirk,
};
use serde_json::json;

use super::Site;

impl Site {
    /// EchoSign has two accounts by the name that Ana's create asks for; the create, and their ids there.
    async fn two_may_be_meant(&self) -> (ActionId, Vec<String>) {
        (self.app.an_action_waits().await, self.two_are_there().await)
    }

    async fn two_are_there(&self) -> Vec<String> {
        self.app.echosign.has_quirk(Quirk::AllowsDuplicates);
        for title in ["Analyst", "Clerk"] {
            let emails = json!([{ "value": "ana@example.com", "type": "work" }]);
            let account =
                json!({ "userName": "ana@example.com", "emails": emails, "title": title });
            self.app.echosign.has(account);
        }
        let accounts = self.app.echosign.accounts().await;
        let ids = accounts.iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect()
    }
}

#[tokio::test]
async fn the_one_of_two_accounts_that_is_theirs_is_linked_and_what_it_lacks_waits() {
    let site = Site::new().await;
    let (id, accounts) = site.two_may_be_meant().await;

    let which = site.looks(id).await;
    let reader = site.looks_as(&site.app.operator, id).await;
    let form = format!("remoteId={}", accounts[1]);
    let next = site.follows(&site.app.approver, "link", id, &form).await;
    let over = site.looks(id).await;

    assert!(which.contains("Which account is theirs?") && which.contains("/reject"));
    assert!(accounts.iter().all(|account| which.contains(&format!(r#"value="{account}""#))));
    assert!(!which.contains("/approve") && !reader.contains("/link"));
    assert!(reader.contains(&accounts[0]));
    assert!(next.contains("Linked: no new account is made. What it lacks waits for approval."));
    assert!(next.contains("<del>Clerk</del>") && next.contains("<ins>Analyst</ins>"));
    assert!(over.contains("Paula linked an account that was there already."));
    assert_eq!(site.app.status(id).await, Status::Withdrawn);
    let ana = site.app.action(id).await.content.account;
    assert_eq!(site.app.the(Kind::Update, ana).await.state.status(), Status::Pending);
}

#[tokio::test]
async fn an_account_that_lacks_nothing_leads_to_the_person() {
    let site = Site::new().await;
    let (id, accounts) = site.two_may_be_meant().await;

    let form = format!("remoteId={}", accounts[0]);
    let next = site.follows(&site.app.approver, "link", id, &form).await;

    assert!(next.contains("Linked: no new account is made. It lacks nothing."), "{next}");
    assert!(next.contains("<h2 id=\"profile\">"));
}

#[tokio::test]
async fn who_chooses_an_account_that_is_gone_or_too_late_hears_the_fact() {
    let site = Site::new().await;
    let (id, accounts) = site.two_may_be_meant().await;
    let paula = site.app.approver.clone();

    let gone = site.steps(&paula, id, "link", "remoteId=no-such-account").await;
    let ruth = site.app.an_approver("Ruth").await;
    let ruth = ruth.approver().unwrap();
    decide::reject(&site.app.pool, site.app.now(), &ruth, id, "None of them.").await.unwrap();
    let late = site.steps(&paula, id, "link", &format!("remoteId={}", accounts[0])).await;

    assert_eq!((gone.status, late.status), (StatusCode::CONFLICT, StatusCode::CONFLICT));
    assert!(gone.text.contains("Nothing was linked.") && gone.text.contains("Which account is"));
    assert!(late.text.contains("already rejected by Ruth at 09:00 UTC"), "{}", late.text);
}

#[tokio::test]
async fn what_came_back_with_several_accounts_is_not_approved_in_the_list() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    site.app.approve(id).await;
    site.two_are_there().await;
    site.app.run_jobs().await;

    let list = site.ask(Some(&site.app.approver), "GET", "/users/provisioning").await.text;

    assert!(list.contains("Which account is theirs?") && !list.contains("/approve"));
}
