//! Watching the queue: what those who watch are told, and that nobody is asked while none do.

mod tail;

use std::{sync::Arc, time::Duration};

use countersign::{
    kernel::ActionId,
    queue::{
        live::{Feeder, Heard, Live, Pace, SEATS, Told, Watching},
        store::{Filter, Tab},
    },
};
use futures_util::poll;
use sqlx::postgres::PgPoolOptions;
use tokio_util::sync::CancellationToken;

use crate::support::app::TestApp;

/// Nothing is found by looking, in the time that a test takes.
const BY_BELL: Pace = Pace { look: Duration::from_hours(1), ask: Duration::from_hours(1) };
/// What rings no bell is found soon.
const BY_LOOKING: Pace = Pace { look: Duration::from_millis(20), ask: Duration::from_hours(1) };

impl TestApp {
    /// Where its queue is watched from; the feeder runs until the token is cancelled.
    pub(crate) fn live(&self, pace: Pace) -> (Live, CancellationToken) {
        let over = CancellationToken::new();
        let (live, feeder) = Live::paced(self.pool.clone(), self.clock.clone(), over.clone(), pace);
        tokio::spawn(feeder.run());
        (live, over)
    }

    /// People are added, and the accounts to create for them wait.
    pub(crate) async fn actions_wait<const N: usize>(&self) -> [ActionId; N] {
        let mut ids = [ActionId::at(self.now()); N];
        for (at, id) in ids.iter_mut().enumerate() {
            let user = self.a_person(&format!("person-{at}@example.com")).await;
            *id = self.actions(user.id).await[0].id;
        }
        ids
    }
}

/// Listens until it was told that an action moved.
async fn until_moved(watching: &mut Watching, action: ActionId) -> Arc<Told> {
    loop {
        match watching.next().await {
            Heard::Told(told) if told.moved().contains(&action) => return told,
            Heard::Told(_) => {}
            heard => unreachable!("{heard:?}"),
        }
    }
}

#[tokio::test]
async fn a_decision_is_told_by_the_bell() {
    let app = TestApp::provisioned().await;
    let [first, second] = app.actions_wait().await;
    let (live, _over) = app.live(BY_BELL);
    let mut watching = live.watch().unwrap();
    app.reject(first).await;
    until_moved(&mut watching, first).await;

    app.reject(second).await;

    until_moved(&mut watching, second).await;
}

#[tokio::test]
async fn what_rings_no_bell_is_found_by_looking() {
    let app = TestApp::provisioned().await;
    let (live, _over) = app.live(BY_LOOKING);
    let mut watching = live.watch().unwrap();
    let action = app.an_action_waits().await;

    app.approve(action).await;
    app.run_jobs().await;
    let user = app.action(action).await.content.account;
    app.retitle(user, "Director").await;
    let waits = app.actions(user).await[1].id;
    app.retitle(user, "Senior Analyst").await;

    until_moved(&mut watching, waits).await;
}

#[tokio::test]
async fn nothing_is_asked_while_nobody_watches() {
    let app = TestApp::provisioned().await;
    let pool = PgPoolOptions::new().connect_lazy(&app.url()).unwrap();
    let (live, feeder) =
        Live::paced(pool.clone(), app.clock.clone(), CancellationToken::new(), BY_LOOKING);
    let mut feeding = std::pin::pin!(Feeder::run(feeder));

    assert!(poll!(&mut feeding).is_pending());
    assert_eq!(pool.size(), 0, "nobody watches yet");

    let watching = live.watch().unwrap();
    tokio::select! {
        () = &mut feeding => unreachable!("it is not over"),
        () = listens(&app, true) => {}
    }
    drop(watching);
    tokio::select! {
        () = &mut feeding => unreachable!("it is not over"),
        () = listens(&app, false) => {}
    }
}

/// Waits until a connection listens for decisions, or none does. One that was used for it and given back
/// has been told to stop listening.
async fn listens(app: &TestApp, wanted: bool) {
    let sql = "select exists (
            select 1 from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen %'
        )";
    while sqlx::query_scalar::<_, bool>(sql).fetch_one(&app.pool).await.unwrap() != wanted {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_action_comes_to_the_lists_that_it_belongs_to() {
    let app = TestApp::provisioned().await;
    let action = app.an_action_waits().await;
    let (live, _over) = app.live(BY_BELL);
    let on = |tab| Filter { tab: Some(tab), ..Filter::default() };
    let named = |word: &str| Filter { words: vec![word.to_owned()], ..on(Tab::Pending) };

    let told = live.lately().await.unwrap();

    let came = async |filter| told.came(&app.pool, &filter).await.unwrap();
    assert_eq!(told.moved(), []);
    assert_eq!(came(on(Tab::Pending)).await, [action]);
    assert_eq!(came(named("ana")).await, [action]);
    assert_eq!(came(Filter::default()).await, [action]);
    assert_eq!(came(named("ben")).await, []);
    assert_eq!(came(on(Tab::Failed)).await, []);
}

#[tokio::test]
async fn a_decision_brings_an_action_to_another_tab_and_not_to_the_list_of_all() {
    let app = TestApp::provisioned().await;
    let (live, _over) = app.live(BY_BELL);
    let mut watching = live.watch().unwrap();
    let [first, action] = app.actions_wait().await;
    app.reject(first).await;
    until_moved(&mut watching, first).await;

    app.reject(action).await;
    let told = until_moved(&mut watching, action).await;

    let rejected = Filter { tab: Some(Tab::Rejected), ..Filter::default() };
    assert!(told.came(&app.pool, &rejected).await.unwrap().contains(&action));
    assert_eq!(told.came(&app.pool, &Filter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn only_so_many_watch_at_once_and_whoever_leaves_makes_room() {
    let app = TestApp::new().await;
    let (live, _over) = app.live(BY_BELL);

    let watching: Vec<_> = (0..SEATS).map_while(|_| live.watch()).collect();

    assert_eq!(watching.len(), SEATS);
    assert!(live.watch().is_none());
    drop(watching);
    assert!(live.watch().is_some());
}

#[tokio::test]
async fn whoever_watches_hears_the_end() {
    let app = TestApp::new().await;
    let (live, over) = app.live(BY_BELL);
    let mut watching = live.watch().unwrap();

    over.cancel();

    assert!(matches!(watching.next().await, Heard::Over));
}
