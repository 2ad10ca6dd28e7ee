//! What has to be looked at anew: it came back, or nobody knows which account is meant.

use super::*;
use crate::{apps::account::Candidate, web::parts::CandidateLine};

fn candidate(remote_id: &str, title: &str, active: bool) -> Candidate {
    let (name, mail) = somebody(1);
    let attributes = Attributes::from([
        (Attribute::UserName, text(mail)),
        (Attribute::DisplayName, text(name)),
        (Attribute::Email, text(mail)),
        (Attribute::Title, text(title)),
        (Attribute::Active, Value::Flag(active)),
    ]);
    Candidate { remote_id: remote_id.to_owned(), attributes }
}

fn which(choose: Option<&str>) -> ActionPage {
    let candidates = [
        candidate("6f2a91d0-41c1-4a2b", "Analyst", true),
        candidate("b7c1e0aa-9d52-47f3", "Contractor", false),
    ];
    let line = |one| CandidateLine::of(one, choose.map(str::to_owned));
    let why =
        "Link the account that is theirs, or reject it: then none is made and none is linked.";
    ActionPage {
        shell: shell("Create Marek Rybak", Place::Queue, &["Users", "Provisioning"]),
        kind: Badge::kind(Kind::Create),
        candidates: candidates.iter().map(line).collect(),
        diff: Diff::of(&content(Kind::Create), None, "EchoSign"),
        planned: Planned::Unknown(
            "Nothing, before somebody has said which account is theirs.".to_owned(),
        ),
        decide: Decide::Open {
            digest: "9c41e07b".repeat(8),
            approval: Approval::Barred(why.to_owned()),
            reason: String::new(),
            needed: false,
            refused: None,
        },
        ..page()
    }
}

#[test]
fn where_several_accounts_may_be_meant_one_is_linked_and_nothing_approved() {
    let html = draw("action-which", &which(Some("/users/provisioning/act_1/link")));

    assert!(html.contains("EchoSign has 2 accounts that may be Marek Rybak&#39;s."));
    assert_eq!(html.matches("/link\"").count(), 2);
    assert!(html.contains(r#"name="remoteId" value="b7c1e0aa-9d52-47f3""#));
    assert!(html.contains("/reject") && !html.contains("/approve"));
}

#[test]
fn who_may_not_choose_sees_the_accounts_all_the_same() {
    let html = draw("action-which-reader", &which(None));

    assert!(html.contains("b7c1e0aa-9d52-47f3") && !html.contains("/link"));
}

#[test]
fn what_came_back_stands_beside_what_was_approved() {
    let mut before = content(Kind::Update);
    before.changes[0].from = Some(text("Clerk"));
    let now = Attributes::from([
        (Attribute::Title, text("Analyst")),
        (Attribute::Active, Value::Flag(true)),
    ]);
    let says = "The account was changed in EchoSign since this was approved. Nothing was sent.";
    let paula = Moment::ago(NOW - Duration::minutes(5), NOW);

    let html = draw(
        "action-came-back",
        &ActionPage {
            callouts: vec![Callout::new(Tone::Warn, says).titled("It came back for review.")],
            approved: Some(
                Diff::of(&before, None, "EchoSign").headed("What Paula approved", Some(paula)),
            ),
            diff: Diff::of(&content(Kind::Update), Some(&now), "EchoSign")
                .headed("What would be done now", None)
                .since(&before.changes)
                .read(Moment::ago(NOW - Duration::seconds(4), NOW)),
            timeline: vec![entry(
                Icon::Warning,
                "waits",
                "EchoSign held something else: the update came back for review; the approval of Paula is void.",
                Some(says),
                4,
            )],
            ..page()
        },
    );

    let approved = html.find("What Paula approved <time").expect("what was approved");
    assert!(approved < html.find("What would be done now").expect("what would be done"));
    assert_eq!(html.matches("changed since").count(), 1);
    assert!(html.contains("/approve"));
}

#[test]
fn an_app_that_does_not_answer_is_shown_as_it_was() {
    let had = Moment::ago(NOW - Duration::hours(2), NOW);
    let diff = Diff::of(&content(Kind::Update), None, "EchoSign")
        .unread("EchoSign does not answer.", Some(had));

    let html = draw("action-unread", &ActionPage { diff, ..page() });

    assert!(html.contains("EchoSign does not answer. Shown is what it had <time"));
}
