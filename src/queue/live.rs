//! What happens in the queue, told to those who watch it.
//!
//! One [`Feeder`] a process follows the history while anybody watches, however many do. It is woken by
//! what people decide; what intake and workers do rings no bell ([`store::ring`]) and is seen by looking every
//! two seconds.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sqlx::{PgPool, postgres::PgListener};
use time::OffsetDateTime;
use tokio::sync::{
    Mutex, Notify, OwnedSemaphorePermit, Semaphore,
    broadcast::{self, error::RecvError},
};
use tokio_util::sync::CancellationToken;

use super::store::{self, Filter};
use crate::{
    audit::{self, Step, Tail, Verb},
    kernel::{ActionId, Clock},
};

/// How many may watch at once, in one process.
pub const SEATS: usize = 200;
/// How much a slow watcher may fall behind before they have to look at everything anew.
const HELD: usize = 16;
/// The shortest time between two looks: a hundred decisions in a second are told in ten pieces.
const REST: Duration = Duration::from_millis(100);
/// The pause after the database did not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);
/// How long before somebody begins to watch something may have happened that their page does not show.
const LATELY: time::Duration = time::Duration::seconds(5);

/// How often what rings no bell is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Whether something happened.
    pub look: Duration,
    /// Whether a watcher may still watch.
    pub ask: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { look: Duration::from_secs(2), ask: Duration::from_secs(30) }
    }
}

/// What happened in one go.
#[derive(Debug, Default)]
pub struct Told {
    steps: Vec<Step>,
    /// What came to which list: most watch the same one, and it is asked once for them all.
    came: Mutex<Vec<(Filter, Vec<ActionId>)>>,
}

impl Told {
    fn of(steps: Vec<Step>) -> Self {
        Self { steps, came: Mutex::default() }
    }

    /// The actions whose state or content changed.
    #[must_use]
    pub fn moved(&self) -> Vec<ActionId> {
        self.actions(|verb| verb != Verb::ActionRequested)
    }

    /// The actions that came to a list, as they are now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn came(&self, pool: &PgPool, filter: &Filter) -> sqlx::Result<Vec<ActionId>> {
        let candidates = self.actions(|verb| brings(verb, filter));
        if candidates.is_empty() {
            return Ok(candidates);
        }
        let mut known = self.came.lock().await;
        if let Some((_, came)) = known.iter().find(|(of, _)| of == filter) {
            return Ok(came.clone());
        }
        let came = store::among(pool, filter, candidates).await?;
        known.push((filter.clone(), came.clone()));
        Ok(came)
    }

    fn actions(&self, which: impl Fn(Verb) -> bool) -> Vec<ActionId> {
        let steps = self.steps.iter().filter(|step| which(step.verb));
        steps.map(|step| step.action).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Whether what happened may bring an action to a list that it was not on.
fn brings(verb: Verb, filter: &Filter) -> bool {
    match verb {
        Verb::ActionRequested => true,
        Verb::ActionFolded | Verb::ActionRebased | Verb::ActionAdopted => false,
        // Another state of the same tab.
        Verb::ActionSending | Verb::ActionPostponed => filter.status.is_some(),
        _ => filter.tab.is_some() || filter.by.is_some(),
    }
}

/// Where one watches from.
#[derive(Debug, Clone)]
pub struct Live {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    over: CancellationToken,
    pace: Pace,
    told: broadcast::Sender<Arc<Told>>,
    seats: Arc<Semaphore>,
    came: Arc<Notify>,
}

impl Live {
    /// Whoever watches is told by the feeder, while that runs, and until `over`.
    #[must_use]
    pub fn open(pool: PgPool, clock: Arc<dyn Clock>, over: CancellationToken) -> (Self, Feeder) {
        Self::paced(pool, clock, over, Pace::default())
    }

    /// The same at another pace.
    #[must_use]
    pub fn paced(
        pool: PgPool,
        clock: Arc<dyn Clock>,
        over: CancellationToken,
        pace: Pace,
    ) -> (Self, Feeder) {
        let (told, _) = broadcast::channel(HELD);
        let (seats, came) = (Arc::new(Semaphore::new(SEATS)), Arc::default());
        let live = Self { pool, clock, over, pace, told, seats, came };
        (live.clone(), Feeder(live))
    }

    /// How often what rings no bell is looked for.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    /// Begins to watch; `None` where too many do.
    #[must_use]
    pub fn watch(&self) -> Option<Watching> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let told = self.told.subscribe();
        self.came.notify_one();
        Some(Watching { told, over: self.over.clone(), _seat: seat })
    }

    /// What happened a moment ago, which a page that was drawn before may not show.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lately(&self) -> sqlx::Result<Told> {
        let since: OffsetDateTime = self.clock.now() - LATELY;
        Ok(Told::of(audit::lately(&self.pool, since).await?))
    }
}

/// What a watcher hears.
#[derive(Debug)]
pub enum Heard {
    /// Something happened.
    Told(Arc<Told>),
    /// More happened than they were told.
    Missed,
    /// Nothing more is told.
    Over,
}

/// Somebody who watches, until this is dropped.
#[derive(Debug)]
pub struct Watching {
    told: broadcast::Receiver<Arc<Told>>,
    over: CancellationToken,
    _seat: OwnedSemaphorePermit,
}

impl Watching {
    /// Waits for what happens next. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            () = self.over.cancelled() => Heard::Over,
            told = self.told.recv() => match told {
                Ok(told) => Heard::Told(told),
                Err(RecvError::Lagged(_)) => Heard::Missed,
                Err(RecvError::Closed) => Heard::Over,
            },
        }
    }
}

/// What tells those who watch.
#[derive(Debug)]
pub struct Feeder(Live);

impl Feeder {
    /// Tells until it is over. Asks nothing of the database while nobody watches, and waits for one that does
    /// not answer.
    pub async fn run(self) {
        let over = self.0.over.clone();
        over.run_until_cancelled(self.feed()).await;
    }

    async fn feed(self) {
        loop {
            while !self.is_watched() {
                self.0.came.notified().await;
            }
            let mut tail = None;
            while let Err(error) = self.tell(&mut tail).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "those who watch the queue wait for the database"
                );
                tokio::time::sleep(DATABASE_PAUSE).await;
            }
        }
    }

    fn is_watched(&self) -> bool {
        self.0.told.receiver_count() > 0
    }

    /// Tells while anybody watches, from where `followed` got to.
    async fn tell(&self, followed: &mut Option<Tail>) -> sqlx::Result<()> {
        let pool = &self.0.pool;
        // Interest is registered before looking, so that nothing is decided unseen in between.
        let mut bell = listen(pool).await?;
        let tail = if let Some(tail) = followed {
            tail
        } else {
            let tail = followed.insert(Tail::of_now(pool).await?);
            self.send(self.0.lately().await?);
            tail
        };
        while self.is_watched() {
            let told = Told::of(tail.next(pool).await?);
            self.send(told);
            if tail.is_behind() {
                continue;
            }
            tokio::time::sleep(REST).await;
            tokio::select! {
                () = tokio::time::sleep(self.0.pace.look) => {}
                rung = bell.try_recv() => drop(rung?),
            }
            while bell.next_buffered().is_some() {}
        }
        Ok(())
    }

    fn send(&self, told: Told) {
        if !told.steps.is_empty() {
            // Whoever left meanwhile need not hear it.
            let _ = self.0.told.send(Arc::new(told));
        }
    }
}

async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(store::CHANNEL).await?;
    Ok(listener)
}
