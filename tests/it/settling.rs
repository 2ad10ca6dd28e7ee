//! Jobs that end together share a transaction, and none spoils another.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use countersign::{
    apps::change::Kind,
    jobs::{Claim, Ending, LEASE, NewJob, Settler, Step, store},
    queue::{
        Status,
        settle::{Begun, Ended, Tried, begin},
    },
};
use serde_json::{Value as Json, json};
use sqlx::{PgConnection, PgPool};
use time::{OffsetDateTime, macros::datetime};

use crate::support::{app::TestApp, db::TestDb};

const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

/// Ends with another job that tells of it, or, where its job says so, with one that there is no gate for.
struct Noted {
    at_once: Arc<Mutex<Vec<usize>>>,
}

#[async_trait]
impl Ending for Noted {
    async fn write(tx: &mut PgConnection, ended: &[(Claim, Self)]) -> sqlx::Result<Vec<Step>> {
        ended[0].1.at_once.lock().unwrap().push(ended.len());
        for (claim, _) in ended {
            let gate = if claim.payload == "poison" { "nowhere" } else { "" };
            let payload = json!(format!("noted {}", claim.payload));
            let noted = NewJob { kind: "work", lane: None, gate, due_at: NOW, payload };
            store::enqueue(tx, NOW, &[noted]).await?;
        }
        Ok(vec![Step::Done; ended.len()])
    }
}

/// Claims what is due in the order it was enqueued.
async fn claim(pool: &PgPool, now: OffsetDateTime) -> Vec<Claim> {
    let mut claims = store::claim(pool, now, 10).await.unwrap();
    claims.sort_by_key(|claim| claim.seq);
    claims
}

/// What those jobs hold, each enqueued in a lane of its own.
async fn jobs_wait(pool: &PgPool, payloads: [&str; 3]) {
    for payload in payloads {
        let mut connection = pool.acquire().await.unwrap();
        let (lane, payload) = (Some(payload), json!(payload));
        let job = NewJob { kind: "work", lane, gate: "", due_at: NOW, payload };
        store::enqueue(&mut connection, NOW, &[job]).await.unwrap();
    }
}

/// Settles three jobs that end at the same moment, and says which were.
async fn settle_together(pool: &PgPool, claims: &[Claim]) -> (Vec<bool>, Vec<usize>) {
    let at_once = Arc::default();
    let settler = Settler::open(pool.clone());
    let end =
        |claim: &Claim| settler.settle(claim.clone(), Noted { at_once: Arc::clone(&at_once) });
    let settled = tokio::join!(end(&claims[0]), end(&claims[1]), end(&claims[2]));
    let settled = [settled.0, settled.1, settled.2].iter().map(Result::is_ok).collect();
    let at_once = at_once.lock().unwrap().clone();
    (settled, at_once)
}

async fn left(pool: &PgPool) -> Vec<Json> {
    let claims = claim(pool, NOW + LEASE * 2).await;
    claims.into_iter().map(|claim| claim.payload).collect()
}

#[tokio::test]
async fn jobs_that_end_together_share_a_transaction() {
    let db = TestDb::new().await;
    jobs_wait(&db.pool, ["a", "b", "c"]).await;
    let claims = claim(&db.pool, NOW).await;

    let (settled, at_once) = settle_together(&db.pool, &claims).await;

    assert_eq!((settled, at_once), (vec![true; 3], vec![3]));
    assert_eq!(left(&db.pool).await, [r#"noted "a""#, r#"noted "b""#, r#"noted "c""#]);
}

#[tokio::test]
async fn an_end_that_is_poisoned_is_due_again_and_its_companions_are_settled() {
    let db = TestDb::new().await;
    jobs_wait(&db.pool, ["a", "poison", "c"]).await;
    let claims = claim(&db.pool, NOW).await;

    let (settled, at_once) = settle_together(&db.pool, &claims).await;

    assert_eq!((settled, at_once), (vec![true, false, true], vec![3, 1, 1, 1]));
    assert_eq!(left(&db.pool).await, ["poison", r#"noted "a""#, r#"noted "c""#]);
}

#[tokio::test]
async fn a_lease_that_was_lost_takes_nothing_from_who_has_it_now_nor_from_its_companions() {
    let db = TestDb::new().await;
    jobs_wait(&db.pool, ["lost", "b", "c"]).await;
    let slow = claim(&db.pool, NOW).await;
    let later = NOW + LEASE;
    let quick = store::claim(&db.pool, later, 1).await.unwrap().remove(0);

    let (settled, at_once) = settle_together(&db.pool, &slow).await;

    assert_eq!((settled, at_once), (vec![true; 3], vec![3]));
    let mut tx = db.pool.begin().await.unwrap();
    let holds = store::hold(&mut tx, &quick).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!((quick.payload, holds), (json!("lost"), true));
    assert!(!left(&db.pool).await.iter().any(|payload| payload == "b" || payload == "c"));
}

#[tokio::test]
async fn a_try_whose_lease_was_lost_changes_nothing_and_the_one_beside_it_is_kept() {
    let app = TestApp::provisioned().await;
    let (ana, ben) = (app.a_person("ana@example.com").await, app.a_person("ben@example.com").await);
    let mut tries = Vec::new();
    for user in [ana.id, ben.id] {
        let id = app.the(Kind::Create, user).await.id;
        app.approve(id).await;
        let claim = app.claim().await;
        let Begun::Work(work) = begin(&app.pool, app.now(), &claim, id).await.unwrap() else {
            panic!("nothing to do")
        };
        let ended = Ended::Failed("It will not.".to_owned());
        tries.push((claim, Tried { now: app.now(), work, ended, exchanges: Vec::new() }));
    }
    app.clock.advance(LEASE);
    let quick = app.claim().await;

    let settler = Settler::open(app.pool.clone());
    let mut settling = tries.into_iter().map(|(claim, tried)| settler.settle(claim, tried));
    let settled = tokio::join!(settling.next().unwrap(), settling.next().unwrap());

    assert!(settled.0.is_ok() && settled.1.is_ok());
    let stands = async |user| app.the(Kind::Create, user).await.state.status();
    assert_eq!((stands(ana.id).await, stands(ben.id).await), (Status::Sending, Status::Failed));
    let mut tx = app.pool.begin().await.unwrap();
    assert!(store::hold(&mut tx, &quick).await.unwrap(), "somebody else's by now");
}

#[tokio::test]
async fn a_job_whose_lease_ran_out_is_first_in_its_old_place() {
    let db = TestDb::new().await;
    jobs_wait(&db.pool, ["a", "b", "c"]).await;
    let dead = store::claim(&db.pool, NOW, 1).await.unwrap();

    let held = claim(&db.pool, NOW + LEASE - Duration::from_secs(1)).await;
    let next = store::claim(&db.pool, NOW + LEASE, 1).await.unwrap();

    assert_eq!(held.iter().map(|claim| &claim.payload).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(next[0].seq, dead[0].seq);
}
