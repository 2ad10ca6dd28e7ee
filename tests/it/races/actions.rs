//! Two at one action.

use countersign::queue::Status::{
    self, Approved, Cancelled, Failed, Pending, Provisioned, Rejected, Sending, Withdrawn,
};

use super::{
    Came::TooLate,
    NOW, ROUNDS, meet,
    stage::{From, Stage, Step},
    two,
};
use crate::support::app::TestApp;

/// How a meeting may end: whether the one and the other came in time, how far the action is, and how many
/// jobs send it.
type Ends = &'static [((bool, bool), Status, i64)];

const ONE: (bool, bool) = (true, false);
const OTHER: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

/// One of the two comes in time, and it is all the same which.
macro_rules! once {
    ($status:ident, $jobs:literal) => {
        &[(ONE, $status, $jobs), (OTHER, $status, $jobs)]
    };
}

/// Everybody who can meet at one action.
const PAIRS: &[(From, Step, Step, Ends)] = &[
    (From::Waiting, Step::Approve, Step::Approve, once!(Approved, 1)),
    (From::Waiting, Step::Approve, Step::Reject, &[(ONE, Approved, 1), (OTHER, Rejected, 0)]),
    (From::Waiting, Step::Reject, Step::Reject, once!(Rejected, 0)),
    // A change before the approval is folded in, and one after it is another action.
    (From::Waiting, Step::Approve, Step::Edit, &[(BOTH, Approved, 1), (OTHER, Pending, 0)]),
    (From::Waiting, Step::Link, Step::Link, once!(Withdrawn, 0)),
    (From::Waiting, Step::Link, Step::Reject, &[(ONE, Withdrawn, 0), (OTHER, Rejected, 0)]),
    (From::Waiting, Step::Link, Step::Approve, &[(ONE, Withdrawn, 0), (OTHER, Approved, 1)]),
    (From::Approved, Step::Undo, Step::Undo, once!(Pending, 0)),
    (From::Approved, Step::Undo, Step::Begin, &[(ONE, Pending, 0), (OTHER, Sending, 1)]),
    (From::Approved, Step::Undo, Step::Cancel, &[(ONE, Pending, 0), (OTHER, Cancelled, 0)]),
    (From::Approved, Step::Cancel, Step::Cancel, once!(Cancelled, 0)),
    (From::Approved, Step::Cancel, Step::Begin, &[(ONE, Cancelled, 0), (OTHER, Sending, 1)]),
    (From::Approved, Step::Begin, Step::Edit, &[(BOTH, Sending, 1)]),
    (From::Sending, Step::Provision, Step::Cancel, &[(ONE, Provisioned, 0)]),
    (From::Sending, Step::Provision, Step::Undo, &[(ONE, Provisioned, 0)]),
    // What failed can be given up.
    (From::Sending, Step::Fail, Step::Cancel, &[(ONE, Failed, 1), (BOTH, Cancelled, 0)]),
    (From::Failed, Step::Cancel, Step::Cancel, once!(Cancelled, 0)),
    // What is sent again can be given up as well.
    (From::Failed, Step::Cancel, Step::Retry, &[(ONE, Cancelled, 0), (BOTH, Cancelled, 0)]),
    (From::Failed, Step::Retry, Step::Retry, once!(Approved, 1)),
    (From::Provisioned, Step::Reverse, Step::Reverse, once!(Provisioned, 0)),
];

#[tokio::test]
async fn of_two_at_one_action_one_counts_and_the_other_hears_what_is_so() {
    let app = TestApp::provisioned().await;
    let people = two(&app).await;
    for (place, (from, one, other, ends)) in PAIRS.iter().enumerate() {
        for round in 0..ROUNDS {
            let pair = format!("{one:?} and {other:?} from {from:?}, round {round}");
            let stage = Stage::new(&app, *from, &format!("p{place}-{round}@example.com")).await;
            let before = verbs(&app, &stage).await;

            let (ones, others) = Box::pin(meet(
                &app,
                round,
                stage.takes(&people[0], *one),
                stage.takes(&people[1], *other),
            ))
            .await;

            let came = (ones.in_time(), others.in_time());
            let end = (came, app.status(stage.id).await, stage.jobs().await);
            assert!(ends.contains(&end), "{pair}: {end:?}");
            let new = verbs(&app, &stage).await.split_off(before.len());
            for (step, counts) in [(one, came.0), (other, came.1)] {
                let as_often = if one == other { 1 } else { usize::from(counts) };
                let written = new.iter().filter(|verb| **verb == step.verb()).count();
                assert_eq!(written, as_often, "{pair}: {new:?}");
            }
            for (late, winner, name) in [(ones, *other, "Rosa"), (others, *one, "Quinn")] {
                if let TooLate(says) = late {
                    assert!(tells(&says, winner, name), "{pair}: {says}");
                }
            }
        }
    }
    app.leaves_jobs();
}

/// What the history says of the person, oldest first.
async fn verbs(app: &TestApp, stage: &Stage<'_>) -> Vec<countersign::audit::Verb> {
    let events = countersign::audit::of_user(&app.pool, stage.user, None, 1_000).await.unwrap();
    events.items.into_iter().rev().map(|event| event.verb).collect()
}

/// Whether whoever came too late is told who was quicker and when, or what the worker does.
fn tells(says: &str, winner: Step, name: &str) -> bool {
    match winner {
        Step::Edit => says == "this changed since you looked; look at it again",
        Step::Provision => says.contains("it is being sent") || says.contains("it is provisioned"),
        Step::Begin | Step::Fail => says.contains("it is being sent"),
        _ => says == "nothing to send" || says.contains(&format!(" by {name}{NOW}")),
    }
}
