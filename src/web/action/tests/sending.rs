//! What is approved: on its way, held up, failed, done.

use super::*;
use crate::web::parts::Exchange;

fn attempt(number: u32, outcome: Badge, says: Option<&str>, status: &str, answer: &str) -> Attempt {
    Attempt {
        number,
        outcome,
        says: says.map(str::to_owned),
        at: ago(i64::from(10 - number)),
        exchanges: vec![
            Exchange {
                request: RequestBlock::new(
                    format!("a{number}-1"),
                    "GET",
                    "Users/6f2a91d0-41c1-4a2b",
                    None,
                ),
                outcome: "200 in 31 ms".to_owned(),
                answer: String::new(),
            },
            Exchange {
                request: patch(&format!("a{number}-2")),
                outcome: status.to_owned(),
                answer: answer.to_owned(),
            },
        ],
    }
}

fn approved(leaves: Leaves, recall: Recall) -> ActionPage {
    ActionPage {
        state: Badge::busy("Approved"),
        planned: Planned::Past,
        decide: Decide::Approved { leaves, recall },
        again: Some(2),
        ..page()
    }
}

#[test]
fn an_approval_counts_down_and_can_be_undone() {
    let soon = || Leaves::At(Countdown::to(NOW + Duration::seconds(28), NOW));
    let shell = Shell {
        flash: Some(done("Approved: Update #1042. It is sent in 30 seconds.")),
        ..page().shell
    };

    let html = draw("action-undo", &ActionPage { shell, ..approved(soon(), Recall::Undo) });

    assert!(html.contains("It is sent <time") && html.contains("at 18:00:28 UTC"));
    assert!(html.contains("/undo") && !html.contains("/cancel"));
    let reader = draw("action-undo-reader", &approved(soon(), Recall::Nothing));
    assert!(reader.contains("It is sent <time") && !reader.contains("/undo"));
}

#[test]
fn what_was_tried_can_be_given_up_and_not_undone() {
    let again = Leaves::Once("It is tried again by itself.".to_owned());
    let attempts = vec![attempt(
        1,
        Badge::again("Tried again later"),
        Some("EchoSign does not answer."),
        "no answer after 30,000 ms",
        "",
    )];
    let callouts = vec![
        Callout::new(Tone::Warn, "It is tried again by itself in 4 min.")
            .titled("EchoSign could not take it."),
    ];

    let html =
        draw("action-again", &ActionPage { callouts, attempts, ..approved(again, Recall::GiveUp) });

    assert!(html.contains("Give it up") && html.contains("is asked for again"));
    assert!(!html.contains("/undo"));
}

#[test]
fn what_waits_for_others_leads_to_them() {
    let waits = "It is sent after these, which are of the same account and not finished:";
    let callout = Callout::new(Tone::Warn, waits)
        .naming(
            "/users/provisioning/act_41",
            "#41",
            "Create, which failed: it has to be sent again or given up first.",
        )
        .naming("/users/provisioning/act_42", "#42", "Update, which is approved.");
    let turn = Leaves::Once("It is sent as soon as it is its turn.".to_owned());

    let html = draw(
        "action-waits",
        &ActionPage { callouts: vec![callout], again: None, ..approved(turn, Recall::Undo) },
    );

    assert!(html.contains(r#"<a href="/users/provisioning/act_41">#41</a> Create, which failed"#));
}

#[test]
fn a_failure_says_its_cause_and_offers_to_send_it_again_or_give_it_up() {
    let cause = "EchoSign refused the values (400): title is too long.";
    let failed = ActionPage {
        state: Badge::bad("Failed"),
        callouts: vec![
            Callout::new(Tone::Bad, cause).titled("EchoSign did not take it."),
            Callout::new(
                Tone::Quiet,
                "2 approved changes of the same account wait behind it until it is sent again or given up.",
            ),
        ],
        planned: Planned::Past,
        attempts: vec![
            attempt(
                1,
                Badge::again("Tried again later"),
                Some("EchoSign did not answer in time."),
                "no answer after 30,000 ms",
                "",
            ),
            attempt(
                2,
                Badge::bad("Failed"),
                Some(cause),
                "400 in 84 ms",
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","detail":"title is too long"}"#,
            ),
        ],
        decide: Decide::Failed { may: true },
        ..page()
    };

    let html = draw("action-failed", &failed);

    for part in [cause, "/retry", "/cancel", "Attempt 2"] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn an_action_on_its_way_looks_again_by_itself_and_a_finished_one_does_not() {
    let sending = ActionPage {
        state: Badge::busy("Sending"),
        decide: Decide::Over,
        planned: Planned::Past,
        again: Some(2),
        ..page()
    };
    let done = ActionPage {
        state: Badge::good("Provisioned"),
        again: None,
        decide: Decide::Done(
            "Marek Rybak is put back here to what was before: title Analyst, phone empty. The update of the account in EchoSign then waits for approval."
                .to_owned(),
        ),
        planned: Planned::Past,
        attempts: vec![attempt(
            1,
            Badge::good("Provisioned"),
            Some("Changed in EchoSign meanwhile, and sent anyway: title (Clerk)."),
            "200 in 57 ms",
            "{}",
        )],
        ..page()
    };

    assert!(draw("action-sending", &sending).contains("hx-trigger"));
    let done = draw("action-done", &done);
    assert!(!done.contains("hx-trigger"));
    assert!(done.contains("/reverse") && done.contains("title Analyst, phone empty"));
}
