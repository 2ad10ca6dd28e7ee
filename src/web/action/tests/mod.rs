mod meant;
mod sending;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::{
    apps::change::{Attribute, Attributes, Change, Content, Kind, Value},
    kernel::AppId,
    web::{
        parts::Tone,
        samples::{NOW, draw, shell, somebody},
        shell::{Place, done},
    },
};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn ago(minutes: i64) -> Moment {
    Moment::short(NOW - Duration::minutes(minutes), NOW)
}

fn content(kind: Kind) -> Content {
    let change = |attribute, from: Option<&str>, to: Option<&str>| Change {
        attribute,
        from: from.map(text),
        to: to.map(text),
    };
    let changes = match kind {
        Kind::Create => vec![
            change(Attribute::UserName, None, Some("marek.rybak@northwind.example")),
            change(Attribute::DisplayName, None, Some("Marek Rybak")),
            change(Attribute::Title, None, Some("Senior Analyst")),
        ],
        _ => vec![
            change(Attribute::Title, Some("Analyst"), Some("Senior Analyst")),
            change(
                Attribute::Department,
                Some(
                    "A department with a name so long that it cannot stand on one line of any screen",
                ),
                None,
            ),
            change(Attribute::Phone, None, Some("+44 20 7946 0018")),
        ],
    };
    Content {
        app: AppId::at(OffsetDateTime::UNIX_EPOCH),
        account: UserId::at(OffsetDateTime::UNIX_EPOCH),
        kind,
        changes,
    }
}

fn entry(
    icon: Icon,
    class: &'static str,
    says: &str,
    quote: Option<&str>,
    minutes: i64,
) -> TimelineEntry {
    TimelineEntry {
        icon,
        class,
        says: says.to_owned(),
        quote: quote.map(str::to_owned),
        answered: None,
        action: None,
        at: ago(minutes),
    }
}

fn patch(id: &str) -> RequestBlock {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            { "op": "replace", "path": "title", "value": "Senior Analyst" },
            { "op": "remove", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" },
        ],
    });
    RequestBlock::new(id, "PATCH", "Users/6f2a91d0-41c1-4a2b", Some(&body))
}

fn open(refused: Option<&str>) -> Decide {
    Decide::Open {
        digest: "9c41e07b".repeat(8),
        approval: Approval::Open("9c41 e07b".to_owned()),
        reason: String::new(),
        needed: false,
        refused: refused.map(str::to_owned),
    }
}

fn page() -> ActionPage {
    let (name, mail) = somebody(1);
    let now = Attributes::from([
        (Attribute::UserName, text(mail)),
        (Attribute::DisplayName, text(name)),
        (Attribute::Title, text("Analyst")),
        (Attribute::Active, Value::Flag(true)),
    ]);
    ActionPage {
        shell: shell("Update Marek Rybak", Place::Queue, &["Users", "Provisioning"]),
        id: ActionId::at(OffsetDateTime::UNIX_EPOCH),
        number: "#1042".to_owned(),
        user: UserId::at(OffsetDateTime::UNIX_EPOCH),
        who: Who::new(name, mail),
        groups: "Finance, Legal, +3".to_owned(),
        app: "EchoSign".to_owned(),
        kind: Badge::kind(Kind::Update),
        state: Badge::waits("Waiting"),
        source: "Okta".to_owned(),
        asked: Moment::ago(NOW - Duration::hours(3), NOW),
        folded: None,
        hints: Vec::new(),
        context: String::new(),
        beside: None,
        callouts: Vec::new(),
        candidates: Vec::new(),
        approved: None,
        diff: Diff::of(&content(Kind::Update), Some(&now), "EchoSign")
            .read(Moment::ago(NOW - Duration::seconds(4), NOW)),
        planned: Planned::Requests(vec![patch("request-1")]),
        language: "SCIM 2.0".to_owned(),
        attempts: Vec::new(),
        timeline: vec![
            entry(Icon::Inbox, "", "Okta asked for it.", None, 180),
            entry(Icon::Pencil, "", "Okta changed the phone; that was folded in.", None, 120),
            entry(Icon::Clock, "waits", "It waits for approval. You may approve it.", None, 0),
        ],
        decide: open(None),
        again: None,
    }
}

#[test]
fn an_approval_carries_the_digest_that_was_shown() {
    let html = draw("action", &page());

    assert!(html.contains(&format!(r#"name="digest" value="{}""#, "9c41e07b".repeat(8))));
    assert!(html.contains("You approve exactly this"));
    assert!(html.contains("3 attributes stay as they are"));
    assert!(html.contains("In groups: Finance, Legal, +3"));
}

#[test]
fn what_was_folded_in_stands_in_a_line() {
    let folded = Folded {
        says: "3 changes from Okta and 1 from Console".to_owned(),
        last: Moment::ago(NOW - Duration::minutes(2), NOW),
    };

    let html = draw("action-folded", &ActionPage { folded: Some(folded), ..page() });

    assert!(html.contains("3 changes from Okta and 1 from Console folded in, the last <time"));
}

#[test]
fn a_rejection_without_a_reason_is_asked_for_one() {
    let html = draw(
        "action-no-reason",
        &ActionPage {
            decide: open(Some("Say why: whoever asked for it will want to know.")),
            ..page()
        },
    );

    assert!(html.contains(r#"aria-invalid="true""#));
}

#[test]
fn what_changed_since_it_was_looked_at_is_said_before_the_new_difference() {
    let changed = Callout::new(Tone::Warn, "Okta changed it 1 min ago. Nothing was approved and nothing was sent. This is how it is now.")
        .titled("It has changed since you looked.")
        .announced();

    let html = draw("action-changed", &ActionPage { callouts: vec![changed], ..page() });

    assert!(
        html.find("changed since you looked").expect("said")
            < html.find("Senior Analyst").expect("shown")
    );
}

#[test]
fn who_may_not_decide_is_told_why() {
    let why = "Deciding needs the role approver or owner; you are auditor.";

    let html =
        draw("action-reader", &ActionPage { decide: Decide::Barred(why.to_owned()), ..page() });

    assert!(html.contains(why) && !html.contains("/approve") && !html.contains("/reject"));
}

#[test]
fn who_asked_for_it_may_turn_it_down_and_not_let_it_through() {
    let why = "You asked for this change, and with four eyes somebody else has to approve it.";
    let approval = Approval::Barred(why.to_owned());
    let (digest, reason) = ("9c41e07b".repeat(8), String::new());
    let decide = Decide::Open { digest, approval, reason, needed: false, refused: None };

    let html = draw("action-barred", &ActionPage { decide, ..page() });

    assert!(html.contains(why) && html.contains("/reject") && !html.contains("/approve"));
}

#[test]
fn a_new_account_has_no_past() {
    let unread = Diff::of(&content(Kind::Create), None, "EchoSign")
        .unread("EchoSign does not answer.", None);
    let create = ActionPage {
        kind: Badge::kind(Kind::Create),
        diff: unread,
        planned: Planned::Unknown("It can be told once EchoSign answers.".to_owned()),
        ..page()
    };

    let html = draw("action-create", &create);

    assert!(!html.contains("<del>"));
    assert!(html.contains("EchoSign does not answer."));
}
