//! Jobs: worked at least once, in the order of their lane, and never stuck.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use countersign::{
    connector::transport,
    directory,
    forwarder::LONGEST_TRY,
    jobs::{self, Claim, Handler, HandlerError, LEASE, NewJob, Runner, Settled, Step, store},
    kernel::{Clock, HeldClock},
};
use serde_json::{Value as Json, json};
use sqlx::PgPool;
use time::{OffsetDateTime, macros::datetime};
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::support::{app::TestApp, db::TestDb};

const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

fn job(lane: Option<&str>, payload: Json) -> NewJob<'_> {
    NewJob { kind: "work", lane, gate: "", due_at: NOW, payload }
}

async fn enqueue(pool: &PgPool, lane: Option<&str>, payload: Json) {
    let mut tx = pool.begin().await.unwrap();
    store::enqueue(&mut tx, NOW, &[job(lane, payload)]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(pool: &PgPool, now: OffsetDateTime) -> Vec<Claim> {
    store::claim(pool, now, 100).await.unwrap()
}

async fn settle(pool: &PgPool, claim: &Claim, step: Step) {
    let mut tx = pool.begin().await.unwrap();
    store::settle(&mut tx, claim, step).await.unwrap();
    tx.commit().await.unwrap();
}

fn payloads(claims: &[Claim]) -> Vec<Json> {
    claims.iter().map(|claim| claim.payload.clone()).collect()
}

fn again(at: OffsetDateTime) -> Step {
    Step::Again { at, says: "not now".to_owned() }
}

fn later(at: OffsetDateTime) -> Step {
    Step::Later { at, says: "not yet".to_owned() }
}

#[tokio::test]
async fn a_job_of_what_never_happened_is_not_there() {
    let db = TestDb::new().await;
    let mut tx = db.pool.begin().await.unwrap();
    store::enqueue(&mut tx, NOW, &[job(None, json!(1))]).await.unwrap();

    let before = claim(&db.pool, NOW).await.len();
    tx.rollback().await.unwrap();

    assert_eq!((before, claim(&db.pool, NOW).await.len()), (0, 0));
}

#[tokio::test]
async fn jobs_of_a_lane_are_worked_one_at_a_time_and_other_lanes_do_not_wait() {
    let db = TestDb::new().await;
    for (lane, payload) in [("ana", 1), ("ana", 2), ("ben", 3), ("ana", 4)] {
        enqueue(&db.pool, Some(lane), json!(payload)).await;
    }
    enqueue(&db.pool, None, json!(5)).await;
    enqueue(&db.pool, None, json!(6)).await;

    let mut first = claim(&db.pool, NOW).await;
    first.sort_by_key(|claim| claim.payload.as_i64());
    let meanwhile = claim(&db.pool, NOW).await;
    settle(&db.pool, &first[0], Step::Done).await;
    let second = claim(&db.pool, NOW).await;

    assert_eq!(payloads(&first), [1, 3, 5, 6]);
    assert_eq!(payloads(&meanwhile), [] as [Json; 0]);
    assert_eq!(payloads(&second), [2]);
}

#[tokio::test]
async fn a_job_that_is_put_off_holds_up_its_lane_and_no_other() {
    let db = TestDb::new().await;
    for (lane, payload) in [("ana", 1), ("ana", 2), ("ben", 3)] {
        enqueue(&db.pool, Some(lane), json!(payload)).await;
    }
    let first = claim(&db.pool, NOW).await;
    for claim in &first {
        settle(&db.pool, claim, again(NOW + Duration::from_secs(5))).await;
    }

    let early = claim(&db.pool, NOW + Duration::from_secs(4)).await;
    let due = claim(&db.pool, NOW + Duration::from_secs(5)).await;

    assert_eq!(payloads(&early), [] as [Json; 0]);
    assert_eq!(due.len(), 2);
    assert!(!payloads(&due).contains(&json!(2)));
}

#[tokio::test]
async fn who_waits_behind_a_job_is_counted_in_its_lane_alone_and_up_to_a_bound() {
    let db = TestDb::new().await;
    for (lane, payload) in [("ana", 1), ("ben", 2), ("ana", 3), ("ana", 4)] {
        enqueue(&db.pool, Some(lane), json!(payload)).await;
    }
    for payload in 0..store::COUNTED + 2 {
        enqueue(&db.pool, Some("eva"), json!(payload)).await;
    }

    let mut counted = Vec::new();
    for (lane, payload) in [("ana", 1), ("ana", 3), ("ana", 4), ("ben", 2), ("ana", 2), ("eva", 0)]
    {
        counted.push(store::behind(&db.pool, lane, &json!(payload)).await.unwrap());
    }

    assert_eq!(counted, [2, 1, 0, 0, 0, store::COUNTED]);
}

#[tokio::test]
async fn who_enqueues_at_once_into_a_lane_is_worked_in_the_order_of_commits() {
    let app = Arc::new(TestApp::new().await);
    let ana = app.a_person("ana@example.com").await.id;
    let order = Arc::new(Mutex::new(Vec::new()));
    let submitting = (0..20).map(|number| {
        let (app, order) = (Arc::clone(&app), Arc::clone(&order));
        tokio::task::spawn(async move {
            let mut tx = app.pool.begin().await.unwrap();
            directory::store::lock(&mut tx, ana).await.unwrap();
            order.lock().unwrap().push(json!(number));
            store::enqueue(&mut tx, NOW, &[job(Some("ana"), json!(number))]).await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for submitted in submitting.collect::<Vec<_>>() {
        submitted.await.unwrap();
    }

    let mut worked = Vec::new();
    while let Some(claim) = claim(&app.pool, NOW).await.pop() {
        worked.push(claim.payload.clone());
        settle(&app.pool, &claim, Step::Done).await;
    }

    assert_eq!(worked, *order.lock().unwrap());
}

#[tokio::test]
async fn no_job_is_claimed_twice_however_many_look() {
    let db = TestDb::new().await;
    for number in 0..50 {
        enqueue(&db.pool, Some(&format!("lane{}", number % 25)), json!(number)).await;
    }

    let looking = (0..6).map(|_| {
        let pool = db.pool.clone();
        tokio::task::spawn(async move { store::claim(&pool, NOW, 10).await.unwrap() })
    });
    let mut claimed = Vec::new();
    for found in looking.collect::<Vec<_>>() {
        claimed.extend(payloads(&found.await.unwrap()));
    }
    claimed.extend(payloads(&claim(&db.pool, NOW).await));

    claimed.sort_by_key(Json::as_i64);
    assert_eq!(
        claimed,
        (0..25).map(Json::from).collect::<Vec<_>>(),
        "the first of each lane, once"
    );
}

#[tokio::test]
async fn a_lease_that_runs_out_is_simply_due_again() {
    let db = TestDb::new().await;
    enqueue(&db.pool, None, json!(1)).await;
    let dead = claim(&db.pool, NOW).await.remove(0);

    let held = claim(&db.pool, NOW + LEASE - Duration::from_secs(1)).await;
    let next = claim(&db.pool, NOW + LEASE).await.remove(0);

    assert_eq!(held.len(), 0);
    assert_eq!((dead.seq, dead.attempt, next.attempt), (next.seq, 1, 2));
}

#[tokio::test]
async fn what_is_settled_after_the_lease_was_lost_is_dropped() {
    for step in [Step::Done, again(NOW), later(NOW)] {
        let db = TestDb::new().await;
        enqueue(&db.pool, None, json!(1)).await;
        let slow = claim(&db.pool, NOW).await.remove(0);
        let later = NOW + LEASE;
        let quick = claim(&db.pool, later).await.remove(0);

        settle(&db.pool, &slow, step.clone()).await;

        let mut tx = db.pool.begin().await.unwrap();
        let holds = (
            store::hold(&mut tx, &slow).await.unwrap(),
            store::hold(&mut tx, &quick).await.unwrap(),
        );
        tx.rollback().await.unwrap();
        assert_eq!(holds, (false, true), "{step:?}");
        assert_eq!(claim(&db.pool, later).await.len(), 0, "{step:?}");
    }
}

#[tokio::test]
async fn a_try_that_was_not_made_does_not_count() {
    let db = TestDb::new().await;
    enqueue(&db.pool, None, json!(1)).await;
    let mut attempts = Vec::new();

    for step in [again(NOW), later(NOW), later(NOW), again(NOW), Step::Done] {
        let claim = claim(&db.pool, NOW).await.remove(0);
        attempts.push(claim.attempt);
        settle(&db.pool, &claim, step).await;
    }

    assert_eq!(attempts, [1, 2, 2, 2, 3]);
    assert_eq!(claim(&db.pool, NOW).await.len(), 0);
}

#[test]
fn a_lease_outlasts_whatever_a_handler_does() {
    assert!(LONGEST_TRY + transport::TIMEOUT < LEASE);
}

/// Does as it is told by the payload, and remembers what it saw.
struct Obedient {
    pool: PgPool,
    seen: Arc<Mutex<Vec<u32>>>,
}

#[async_trait]
impl Handler for Obedient {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        self.seen.lock().unwrap().push(claim.attempt);
        assert!(claim.payload != "panic", "as told");
        if claim.payload == "misread" {
            let misread: Result<u8, _> = serde_json::from_value(claim.payload.clone());
            misread?;
        }
        if claim.payload == "no database" {
            return Err(sqlx::Error::PoolClosed.into());
        }
        let mut tx = self.pool.begin().await?;
        let settled = store::settle(&mut tx, &claim, Step::Done).await?;
        tx.commit().await?;
        Ok(settled)
    }
}

#[tokio::test]
async fn a_handler_that_comes_to_grief_is_tried_again_and_holds_up_nobody() {
    for told in ["panic", "misread", "no database"] {
        let db = TestDb::new().await;
        let clock = Arc::new(HeldClock::at(NOW));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<dyn Handler> =
            Arc::new(Obedient { pool: db.pool.clone(), seen: Arc::clone(&seen) });
        let runner = Runner::new(db.pool.clone(), clock.clone(), [("work", handler)]);
        enqueue(&db.pool, Some("ana"), json!(told)).await;
        enqueue(&db.pool, Some("ben"), json!("fine")).await;

        let first = jobs::work_due(&runner).await.unwrap();
        clock.advance(Duration::from_secs(4));
        let early = jobs::work_due(&runner).await.unwrap();
        clock.advance(Duration::from_secs(2));
        let second = jobs::work_due(&runner).await.unwrap();

        assert_eq!((first, early, second), (2, 0, 1), "{told}");
        assert_eq!(*seen.lock().unwrap(), [1, 1, 2], "{told}");
        assert_eq!(
            store::due_at(&db.pool, "ana", &json!(told)).await.unwrap().map(|at| at > clock.now()),
            Some(true)
        );
    }
}

#[tokio::test]
async fn a_job_that_nobody_knows_waits_for_a_version_that_does() {
    let db = TestDb::new().await;
    let clock = Arc::new(HeldClock::at(NOW));
    enqueue(&db.pool, Some("ana"), json!("fine")).await;
    let runner = Runner::new(db.pool.clone(), clock.clone(), []);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler: Arc<dyn Handler> =
        Arc::new(Obedient { pool: db.pool.clone(), seen: Arc::clone(&seen) });

    jobs::work_due(&runner).await.unwrap();
    clock.advance(Duration::from_mins(1));
    let newer = Runner::new(db.pool.clone(), clock, [("work", handler)]);
    jobs::work_due(&newer).await.unwrap();

    assert_eq!(*seen.lock().unwrap(), [2]);
    assert_eq!(claim(&db.pool, NOW + Duration::from_hours(2)).await.len(), 0);
}

/// Waits for leave to finish, and counts.
struct Slow {
    pool: PgPool,
    begun: Semaphore,
    leave: Semaphore,
    done: AtomicUsize,
}

#[async_trait]
impl Handler for Slow {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        self.begun.add_permits(1);
        drop(self.leave.acquire().await);
        let mut tx = self.pool.begin().await?;
        let settled = store::settle(&mut tx, &claim, Step::Done).await?;
        tx.commit().await?;
        self.done.fetch_add(1, Ordering::Relaxed);
        Ok(settled)
    }
}

impl Slow {
    /// A runner that has nothing but this one, until it is told to stop.
    fn begins(pool: &PgPool) -> (Arc<Self>, CancellationToken, JoinHandle<()>) {
        let (begun, leave) = (Semaphore::new(0), Semaphore::new(0));
        let slow = Arc::new(Self { pool: pool.clone(), begun, leave, done: AtomicUsize::new(0) });
        let handler: Arc<dyn Handler> = slow.clone();
        let clock: Arc<dyn Clock> = Arc::new(HeldClock::at(NOW));
        let (runner, stop) =
            (Runner::new(pool.clone(), clock, [("work", handler)]), CancellationToken::new());
        let running = tokio::task::spawn(runner.run(stop.clone()));
        (slow, stop, running)
    }
}

#[tokio::test]
async fn a_runner_works_what_comes_and_ends_what_it_began() {
    let db = TestDb::new().await;
    let (slow, stop, running) = Slow::begins(&db.pool);
    enqueue(&db.pool, None, json!(1)).await;
    slow.begun.acquire().await.unwrap().forget();

    stop.cancel();
    slow.leave.add_permits(1);
    running.await.unwrap();

    assert_eq!(slow.done.load(Ordering::Relaxed), 1);
    assert_eq!(claim(&db.pool, NOW + LEASE).await.len(), 0);
}

#[tokio::test]
async fn what_comes_while_most_of_a_runner_is_slow_is_begun_all_the_same() {
    let db = TestDb::new().await;
    let (slow, stop, running) = Slow::begins(&db.pool);
    for number in 0..40 {
        enqueue(&db.pool, None, json!(number)).await;
    }
    slow.begun.acquire_many(40).await.unwrap().forget();

    enqueue(&db.pool, None, json!(40)).await;
    slow.begun.acquire().await.unwrap().forget();

    stop.cancel();
    slow.leave.add_permits(41);
    running.await.unwrap();
    assert_eq!(slow.done.load(Ordering::Relaxed), 41);
}
