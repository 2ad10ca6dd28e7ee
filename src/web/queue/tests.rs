use time::Duration;

use super::*;
use crate::{
    apps::{
        PausedBy,
        change::{Attribute, Change, Kind, Value},
    },
    web::{
        samples::{NOW, draw, shell, somebody},
        shell::{Banner, Place},
    },
};

fn change(attribute: Attribute, from: Option<&str>, to: &str) -> Change {
    let value = |text: &str| Value::Text(text.to_owned());
    Change { attribute, from: from.map(value), to: Some(value(to)) }
}

fn changes(number: usize, kind: Kind) -> Vec<Change> {
    let active = |on: bool| Change {
        attribute: Attribute::Active,
        from: Some(Value::Flag(!on)),
        to: Some(Value::Flag(on)),
    };
    match kind {
        Kind::Create => vec![
            change(Attribute::Department, None, "Legal"),
            change(Attribute::Title, None, "Clerk"),
        ],
        Kind::Suspend => vec![active(false)],
        Kind::Reactivate => vec![active(true)],
        Kind::Delete => vec![change(Attribute::Title, Some("Clerk"), "")],
        Kind::Update if number.is_multiple_of(2) => vec![
            change(
                Attribute::Email,
                Some("sofia.p@northwind.example"),
                "sofia.pereira-lindqvist@northwind.example",
            ),
            change(Attribute::UserName, Some("a"), "b"),
        ],
        Kind::Update => vec![change(Attribute::Title, Some("Analyst"), "Senior Analyst")],
    }
}

fn hinted(says: &str) -> Hinted {
    Hinted { says: says.to_owned(), means: "Somebody else has the same name.".to_owned() }
}

fn row(number: usize, decides: bool, state: Badge) -> QueueRow {
    let kind = Kind::ALL[number % Kind::ALL.len()];
    let (name, mail) = somebody(number);
    let href = format!("/users/provisioning/act_{number}");
    let (hints, notes) = match number % 6 {
        2 => (vec![hinted("Looks like another person")], Vec::new()),
        4 => (Vec::new(), vec![Note::quiet("After #1041, which is not finished")]),
        _ => (Vec::new(), Vec::new()),
    };
    QueueRow {
        id: format!("act_{number}"),
        row: format!("{href}/row?status=pending"),
        who: Who::new(name, mail).opening(href.clone()),
        kind: Badge::kind(kind),
        change: ChangeLine::of(kind, &changes(number, kind)),
        hints,
        notes,
        at: Moment::short(NOW - Duration::minutes(i64::try_from(number * 37).unwrap_or(1)), NOW),
        late: number.is_multiple_of(11),
        source: ["Okta", "Console", "CSV import", "API"][number % 4].to_owned(),
        app: "EchoSign".to_owned(),
        state,
        decided: None,
        over: false,
        said: String::new(),
        act: if decides {
            RowAct::Decide(RowDecide {
                approve: format!("{href}/approve?status=pending"),
                reject: format!("{href}/reject?status=pending"),
                by_hand: format!("{href}?status=pending"),
                digest: "9c41e07b".repeat(8),
                needs_reason: kind == Kind::Delete,
            })
        } else {
            RowAct::Nothing
        },
    }
}

fn tabs(here: &str) -> Vec<Tab> {
    let tab = |name, word: &str, count: Option<&str>, bad| Tab {
        href: format!("/users/provisioning?status={word}"),
        name,
        count: count.map(str::to_owned),
        bad,
        here: word == here,
    };
    vec![
        tab("Pending", "pending", Some("14"), false),
        tab("In progress", "progress", Some("2"), false),
        tab("Failed", "failed", Some("1"), true),
        tab("Done", "done", None, false),
        tab("Rejected", "rejected", None, false),
        tab("All", "all", None, false),
    ]
}

fn page(rows: Vec<QueueRow>) -> QueuePage {
    QueuePage {
        shell: shell("Provisioning", Place::Queue, &["Users", "Provisioning"]),
        state: QueueState {
            waiting: 14,
            oldest: Some(Moment::ago(NOW - Duration::hours(18), NOW)),
            dot: "good",
            app: "EchoSign is connected.".to_owned(),
        },
        tabs: tabs("pending"),
        status: "pending".to_owned(),
        sort: String::new(),
        views: Views::default(),
        orders: vec![Choice { href: "?sort=age".to_owned(), name: "Oldest first", here: true }],
        all: Some("14".to_owned()),
        live: "/users/provisioning/live?status=pending".to_owned(),
        problems: Vec::new(),
        query: String::new(),
        waits: true,
        pager: Pager {
            first: None,
            previous: None,
            next: (!rows.is_empty()).then(|| "/users/provisioning?cursor=abc".to_owned()),
            onward: "Next",
            shown: format!("{} shown", rows.len()),
        },
        rows,
        nothing: Nothing::Waits,
        running: None,
    }
}

fn waiting(number: usize) -> Vec<QueueRow> {
    (0..number).map(|number| row(number, true, Badge::waits("Waiting"))).collect()
}

#[test]
fn each_row_is_approved_by_the_digest_that_was_shown() {
    let html = draw("queue", &page(waiting(14)));
    draw("queue-200", &page(waiting(200)));

    assert_eq!(
        html.matches(&format!(r#"name="digest" value="{}""#, "9c41e07b".repeat(8))).count(),
        14
    );
    assert_eq!(
        html.matches(r#"action="/users/provisioning/act_7/approve?status=pending""#).count(),
        1
    );
}

#[test]
fn who_may_not_decide_sees_states_and_no_buttons() {
    let rows = (0..4).map(|number| row(number, false, Badge::waits("Waiting"))).collect();

    let html = draw("queue-auditor", &page(rows));

    assert!(!html.contains("<button class=\"btn s\">Approve"));
    assert_eq!(html.matches("Waiting</span>").count(), 4);
}

#[test]
fn what_failed_says_why_in_the_list() {
    let failed = (0..3).map(|number| QueueRow {
        notes: vec![Note::bad(
            "EchoSign refused the token (401). Create a new token there and press Connect.",
        )],
        ..row(number, false, Badge::bad("Failed"))
    });
    let done = (3..9).map(|number| {
        row(
            number,
            false,
            [Badge::good("Provisioned"), Badge::over("Rejected"), Badge::busy("Sending")]
                [number % 3]
                .clone(),
        )
    });
    let rows = failed.chain(done).collect();

    let html = draw("queue-all", &QueuePage { tabs: tabs("all"), waits: false, ..page(rows) });

    assert!(html.contains("refused the token"));
}

#[test]
fn each_emptiness_has_its_reason_and_its_way_on() {
    for (name, nothing, says) in [
        ("waits", Nothing::Waits, "All done"),
        ("here", Nothing::Here, "Nothing here"),
        ("matches", Nothing::Matches, "Nothing matches"),
        ("unconnected", Nothing::Unconnected, "Connect EchoSign"),
    ] {
        let mut empty = QueuePage { nothing, ..page(Vec::new()) };
        empty.state = QueueState { waiting: 0, oldest: None, ..empty.state };
        if nothing == Nothing::Unconnected {
            empty.shell.banners =
                vec![Banner::demo("/sandbox/echosign"), Banner::unconnected(true)];
            empty.state = QueueState {
                dot: "warn",
                app: "EchoSign is not connected.".to_owned(),
                ..empty.state
            };
        }

        assert!(draw(&format!("queue-empty-{name}"), &empty).contains(says), "{name}");
    }
}

#[test]
fn a_pause_is_said_on_top() {
    let mut paused = page(waiting(3));
    let since = Moment::ago(NOW - Duration::minutes(7), NOW);
    let because = "EchoSign refused the token (401). Create a new token there and press Connect.";
    paused.shell.banners =
        vec![Banner::paused(PausedBy::Refusal, because, since, true), Banner::switched_off(false)];
    paused.state.dot = "bad";

    assert!(draw("queue-paused", &paused).contains("EchoSign is paused."));
}
