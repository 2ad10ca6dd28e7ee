//! Two at one app.

use countersign::{
    access::Actor,
    apps::App,
    audit::Verb,
    queue::flow::{self, FlowError},
};

use super::{
    Came::{self, InTime, TooLate},
    ROUNDS, meet, two,
};
use crate::support::app::TestApp;

/// How an app stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Sends,
    Drains,
    Paused,
}
use Stands::{Drains, Paused, Sends};

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pause,
    Drain,
    Resume,
}
use Step::{Drain, Pause, Resume};

/// Whether the one and the other came in time, and how the app stands then.
type Ends = &'static [((bool, bool), Stands)];

const ONE: (bool, bool) = (true, false);
const OTHER: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

/// Everybody who can meet at one app.
const PAIRS: &[(Stands, Step, Step, Ends)] = &[
    (Sends, Pause, Pause, &[(ONE, Paused), (OTHER, Paused)]),
    (Sends, Drain, Drain, &[(ONE, Drains), (OTHER, Drains)]),
    // Who cannot wait for the end of it pauses what drains.
    (Sends, Drain, Pause, &[(BOTH, Paused), (OTHER, Paused)]),
    (Drains, Drain, Resume, &[(OTHER, Sends), (BOTH, Drains)]),
    // What is resumed can be paused again.
    (Drains, Pause, Resume, &[(ONE, Paused), (BOTH, Paused)]),
    (Drains, Pause, Pause, &[(ONE, Paused), (OTHER, Paused)]),
    (Drains, Resume, Resume, &[(ONE, Sends), (OTHER, Sends)]),
    (Paused, Pause, Resume, &[(OTHER, Sends), (BOTH, Paused)]),
    (Paused, Drain, Resume, &[(OTHER, Sends), (BOTH, Drains)]),
    (Paused, Resume, Resume, &[(ONE, Sends), (OTHER, Sends)]),
];

#[tokio::test]
async fn of_two_at_one_app_one_counts_and_the_other_hears_what_is_so() {
    let app = TestApp::provisioned().await;
    let people = two(&app).await;
    for (from, one, other, ends) in PAIRS {
        for round in 0..ROUNDS {
            let pair = format!("{one:?} and {other:?} from {from:?}, round {round}");
            brought(&app, *from).await;
            let seen = app.app().await;
            let before = told(&app).await;

            let (ones, others) = Box::pin(meet(
                &app,
                round,
                takes(&app, &seen, &people[0], *one),
                takes(&app, &seen, &people[1], *other),
            ))
            .await;

            let came = (ones.in_time(), others.in_time());
            let end = (came, stands(&app).await);
            assert!(ends.contains(&end), "{pair}: {end:?}, {ones:?}, {others:?}");
            let counted = usize::from(came.0) + usize::from(came.1);
            assert_eq!(told(&app).await - before, counted, "{pair}");
            for (late, step) in [(ones, one), (others, other)] {
                if let TooLate(says) = late {
                    assert!(tells(&says, *step), "{pair}: {says}");
                }
            }
        }
    }
}

/// Brings the app to where two shall meet; Oscar does it.
async fn brought(app: &TestApp, to: Stands) {
    if stands(app).await != Sends {
        takes(app, &app.app().await, &app.operator, Resume).await;
    }
    match to {
        Sends => {}
        Drains => drop(takes(app, &app.app().await, &app.operator, Drain).await),
        Paused => drop(takes(app, &app.app().await, &app.operator, Pause).await),
    }
    assert_eq!(stands(app).await, to);
}

async fn stands(app: &TestApp) -> Stands {
    let (app, gate) = (app.app().await, app.gate().await);
    let stands = match (&app.pause, app.draining_at) {
        (Some(_), None) => Paused,
        (None, Some(_)) => Drains,
        (None, None) => Sends,
        both => panic!("{both:?}"),
    };
    assert_eq!((gate.closed, gate.drains), (stands != Sends, stands == Drains), "{stands:?}");
    stands
}

async fn takes(app: &TestApp, seen: &App, by: &Actor, step: Step) -> Came {
    let (pool, now, by) = (&app.pool, app.now(), by.retrier().unwrap());
    let taken = match step {
        Pause => flow::pause(pool, now, &by, seen, "").await,
        Drain => flow::drain(pool, now, &by, seen).await,
        Resume => flow::resume(pool, &app.connectors, now, &by, seen).await,
    };
    match taken {
        Ok(()) => InTime,
        Err(FlowError::Already(says)) => TooLate(says),
        Err(error) => panic!("{error:?}"),
    }
}

/// How many steps the history knows.
async fn told(app: &TestApp) -> usize {
    let mut told = 0;
    for verb in [Verb::AppPaused, Verb::AppDraining, Verb::AppResumed] {
        let of_verb = sqlx::query_scalar!(
            r#"select count(*) as "count!" from events where verb = $1"#,
            verb.word()
        );
        told += usize::try_from(of_verb.fetch_one(&app.pool).await.unwrap()).unwrap();
    }
    told
}

/// Whether whoever came too late is told who was quicker and when.
fn tells(says: &str, step: Step) -> bool {
    let at = "2026-03-02 09:00 UTC";
    let by = |fact: &str| {
        ["Quinn", "Rosa", "Oscar"].iter().any(|name| says == format!("{fact} by {name} at {at}."))
    };
    let paused = ["Quinn", "Rosa", "Oscar"]
        .iter()
        .any(|name| says == format!("EchoSign is paused already, since {at}. {name} paused it."));
    match step {
        Pause => paused,
        Drain => paused || by("EchoSign is drained already"),
        Resume => paused || by("EchoSign is not paused: resumed"),
    }
}
