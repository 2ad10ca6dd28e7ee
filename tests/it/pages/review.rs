//! What a reviewer has to give and is told: reasons and domains, on the pages.

use axum::http::StatusCode;
use countersign::{
    apps::{ReasonRule, change::Kind},
    queue::hint::Hint,
};

use super::{Answer, Site};

const REASONS: &str = "/apps/echosign/provisioning/reasons";
const DOMAINS: &str = "/apps/echosign/provisioning/domains";

fn a_ticket() -> ReasonRule {
    let (pattern, says) = (Some(r"CHG-\d+".to_owned()), Some("Name the change.".to_owned()));
    ReasonRule { required: true, pattern, says }
}

impl Site {
    async fn saves(&self, path: &str, form: &str) -> Answer {
        self.send(Some(&self.app.owner), "POST", path, &[], form).await
    }
}

#[tokio::test]
async fn rules_are_saved_for_each_kind_and_shown_again() {
    let site = Site::new().await;

    let form = "create-need=optional&delete-need=required&delete-pattern=CHG-%5Cd%2B&delete-message=+Name+the+change.+";
    let saved = site.saves(REASONS, form).await;
    let page = site.ask(Some(&site.app.owner), "GET", "/apps/echosign/provisioning").await;

    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(site.app.app().await.reasons, [(Kind::Delete, a_ticket())].into());
    assert!(page.text.contains(r#"value="CHG-\d+""#) && page.text.contains("Name the change."));
}

#[tokio::test]
async fn a_pattern_that_cannot_be_read_is_refused_and_what_was_typed_is_kept() {
    let site = Site::new().await;

    let form =
        "delete-need=required&delete-pattern=CHG-%5B&delete-message=Name+it.&update-message=Why%3F";
    let refused = site.saves(REASONS, form).await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [r#"value="CHG-[""#, "unclosed character class", "Name it.", "Why?"] {
        assert!(refused.text.contains(part), "{part}");
    }
    assert!(site.app.app().await.reasons.is_empty());
}

#[tokio::test]
async fn the_action_says_that_a_reason_is_needed_and_keeps_one_that_will_not_do() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    let (paula, path) = (Some(&site.app.approver), format!("/users/provisioning/{id}"));
    let before = site.ask(paula, "GET", &path).await.text;
    site.app.wants_reasons(Kind::Create, a_ticket()).await;

    let after = site.ask(paula, "GET", &path).await.text;
    let row = site.ask(paula, "GET", &format!("{path}/row")).await.text;
    let form = format!("digest={}&reason=She+starts+on+Monday", site.app.action(id).await.digest());
    let refused = site.send(paula, "POST", &format!("{path}/approve"), &[], &form).await;
    let in_row = site.send(paula, "POST", &format!("{path}/approve?row=1"), &[], &form).await;

    assert!(before.contains(">needed to reject<") && after.contains(">needed<"));
    assert!(row.contains("data-needs-reason"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("She starts on Monday"));
    assert!(refused.text.contains("Name the change."));
    assert_eq!(in_row.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(in_row.text.contains("Name the change."));
}

#[tokio::test]
async fn an_address_in_none_of_the_domains_that_were_typed_is_hinted_at() {
    let site = Site::new().await;
    let hinted = async |name: &str| {
        let user = site.app.a_person(name).await;
        site.app.the(Kind::Create, user.id).await.hints.contains(&Hint::Domain)
    };

    let page = site.ask(Some(&site.app.owner), "GET", "/apps/echosign/provisioning").await;
    let saved = site.saves(DOMAINS, "domains=Example.com%2C+%40partner.example").await;
    let ours = (hinted("ana@example.com").await, hinted("ben@partner.example").await);
    let foreign = hinted("eve@elsewhere.example").await;

    let administrators = site.app.owner.email.as_deref().unwrap().split_once('@').unwrap().1;
    assert!(page.text.contains(&format!("your administrators count, now {administrators}.")));
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    assert_eq!(site.app.app().await.domains, ["example.com", "partner.example"]);
    assert_eq!((ours, foreign), ((false, false), true));
}

#[tokio::test]
async fn what_is_no_domain_is_named_and_what_was_typed_is_kept() {
    let site = Site::new().await;

    let refused = site.saves(DOMAINS, "domains=example.com+https%3A%2F%2Fb.example").await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains(r#"value="example.com https://b.example""#));
    assert!(refused.text.contains("is no mail domain"));
    assert!(site.app.app().await.domains.is_empty());
}
