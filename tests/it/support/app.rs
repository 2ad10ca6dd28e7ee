//! Countersign without its pages, over a database of its own, with a clock that stands still and an EchoSign beside it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use countersign::{
    access::{Actor, Role, Who},
    apps::{
        self, App, Approvals, ConnectorKind, Deletes, Lookups, OnDelete, OnSuspend, Provisioning,
        Updates,
        account::{self, Confirmed},
        change::Kind,
        seal::Key,
    },
    audit::{self, Event, Verb},
    connector::{
        Connectors,
        transport::{OutboundRules, Transport},
    },
    directory::{Draft, Source, User},
    forwarder::{Forwarder, Prober},
    imports,
    jobs::{
        self, Claim, Handler, Runner, Settler,
        store::gates::{self, Gate},
    },
    kernel::{ActionId, AdministratorId, Clock, HeldClock, UserId},
    queue::{
        Action, Status,
        action::SEND,
        configure, connect, decide,
        flow::{PROBE, gate_of},
        people,
        preview::{Preview, preview},
        run,
        settle::{Ended, Tried, Work},
        store,
    },
};
use sqlx::{AssertSqlSafe, Executor, PgPool};
use time::{OffsetDateTime, macros::datetime};

use super::{
    db::TestDb,
    echosign::{EchoSign, TOKEN},
};

/// When every test begins.
const BEGIN: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);
/// Longer than any test; nothing waits for it.
const PATIENT: Duration = Duration::from_mins(1);

/// No check box is set: rules let everything through.
pub(crate) const NOTHING: Approvals =
    Approvals { create: false, update: false, suspend: false, delete: false };
/// Every check box is set.
pub(crate) const EVERYTHING: Approvals =
    Approvals { create: true, update: true, suspend: true, delete: true };

pub(crate) struct TestApp {
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<HeldClock>,
    pub(crate) echosign: EchoSign,
    pub(crate) connectors: Connectors,
    pub(crate) forwarder: Forwarder,
    pub(crate) owner: Actor,
    pub(crate) operator: Actor,
    pub(crate) approver: Actor,
    runner: Runner,
    jobs_are_left: AtomicBool,
    db: TestDb,
}

/// Somebody as they would be typed in.
pub(crate) fn someone(user_name: &str) -> people::Wish {
    let draft = Draft {
        user_name: user_name.to_owned(),
        email: user_name.to_owned(),
        title: "Analyst".to_owned(),
        ..Draft::default()
    };
    people::Wish { draft, active: true }
}

impl TestApp {
    /// EchoSign is there and not connected. Olivia owns it all, Oscar asks, Paula approves.
    pub(crate) async fn new() -> Self {
        Self::with_patience(PATIENT).await
    }

    /// The same with the longest that a request to an app may take.
    pub(crate) async fn with_patience(patience: Duration) -> Self {
        let db = TestDb::new().await;
        let pool = db.pool.clone();
        let clock = Arc::new(HeldClock::at(BEGIN));
        let time: Arc<dyn Clock> = clock.clone();
        let rules = OutboundRules::new(["127.0.0.1".to_owned()], []);
        let transport =
            Transport::with_timeouts(rules, Arc::clone(&time), PATIENT, patience).unwrap();
        let connectors = Connectors::new(Key::new(Box::new([7; 32]).into()), transport);
        let forwarder = Forwarder::new(pool.clone(), Arc::clone(&time), connectors.clone());
        let importer = imports::Worker::new(pool.clone(), Arc::clone(&time));
        let prober = Prober::new(pool.clone(), Arc::clone(&time), connectors.clone());
        let decider = run::Worker::new(pool.clone(), Arc::clone(&time));
        let handlers: [(&'static str, Arc<dyn Handler>); 4] = [
            (SEND, Arc::new(forwarder.clone())),
            (PROBE, Arc::new(prober)),
            (imports::KIND, Arc::new(importer)),
            (run::KIND, Arc::new(decider)),
        ];
        let runner = Runner::new(pool.clone(), time, handlers);
        Self {
            owner: an_administrator(&pool, Role::Owner, "Olivia").await,
            operator: an_administrator(&pool, Role::Operator, "Oscar").await,
            approver: an_administrator(&pool, Role::Approver, "Paula").await,
            echosign: EchoSign::start(clock.clone()).await,
            jobs_are_left: AtomicBool::new(false),
            pool,
            clock,
            connectors,
            forwarder,
            runner,
            db,
        }
    }

    /// EchoSign is connected and provisioned; everything waits for approval, nobody is barred from approving,
    /// and a deleted user's account is deleted.
    pub(crate) async fn provisioned() -> Self {
        let app = Self::new().await;
        app.echosign_is_connected().await;
        app.provisioning(|_| {}).await;
        app
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// What another process needs to connect to its database.
    pub(crate) fn url(&self) -> String {
        self.db.url()
    }

    /// The test ends with jobs that are due.
    pub(crate) fn leaves_jobs(&self) {
        self.jobs_are_left.store(true, Ordering::Relaxed);
    }

    // --- who ---

    pub(crate) async fn an_owner(&self, name: &str) -> Actor {
        an_administrator(&self.pool, Role::Owner, name).await
    }

    pub(crate) async fn an_approver(&self, name: &str) -> Actor {
        an_administrator(&self.pool, Role::Approver, name).await
    }

    /// Adds a person, by Oscar at the console.
    pub(crate) async fn a_person(&self, user_name: &str) -> User {
        let oscar = self.operator.operator().unwrap();
        people::add(&self.pool, self.now(), &oscar, Source::console(), &someone(user_name))
            .await
            .unwrap()
    }

    /// A person whose account EchoSign has.
    pub(crate) async fn an_account(&self, user_name: &str) -> User {
        let user = self.a_person(user_name).await;
        self.approve_all(user.id).await;
        self.run_jobs().await;
        assert!(self.confirmed(user.id).await.remote_id.is_some(), "{user_name} has an account");
        user
    }

    /// Changes a person, by Oscar at the console.
    pub(crate) async fn edit(&self, user: UserId, edit: impl FnOnce(&mut people::Wish)) -> User {
        let oscar = self.operator.operator().unwrap();
        people::edit(&self.pool, self.now(), &oscar, Source::console(), user, edit).await.unwrap()
    }

    pub(crate) async fn retitle(&self, user: UserId, title: &str) -> User {
        self.edit(user, |wish| title.clone_into(&mut wish.draft.title)).await
    }

    pub(crate) async fn suspend(&self, user: UserId) -> User {
        self.edit(user, |wish| wish.active = false).await
    }

    pub(crate) async fn delete(&self, user: UserId) -> User {
        let oscar = self.operator.operator().unwrap();
        people::delete(&self.pool, self.now(), &oscar, Source::console(), user).await.unwrap()
    }

    // --- the app ---

    pub(crate) async fn app(&self) -> App {
        apps::store::find_by_slug(&self.pool, "echosign").await.unwrap().unwrap()
    }

    /// A connection as Olivia would type it.
    pub(crate) fn connection(&self, token: Option<&str>) -> connect::Wanted {
        connect::Wanted {
            connector: ConnectorKind::Scim,
            base_url: self.echosign.url().to_owned(),
            token: token.map(Into::into),
            updates: Updates::Detect,
            lookups: Lookups::Detect,
            deletes: Deletes::Delete,
        }
    }

    pub(crate) async fn connect(
        &self,
        wanted: connect::Wanted,
    ) -> Result<(), connect::ConnectError> {
        let olivia = self.owner.owner().unwrap();
        let app = self.app().await;
        connect::connect(&self.pool, &self.connectors, self.now(), &olivia, &app, wanted).await?;
        Ok(())
    }

    pub(crate) async fn echosign_is_connected(&self) {
        self.connect(self.connection(Some(TOKEN))).await.unwrap();
    }

    /// Turns provisioning on, with everything to be approved unless `change` says otherwise.
    pub(crate) async fn provisioning(
        &self,
        change: impl FnOnce(&mut Provisioning),
    ) -> configure::Configured {
        let mut provisioning = Provisioning {
            enabled: true,
            approve: EVERYTHING,
            on_delete: OnDelete::Delete,
            on_suspend: OnSuspend::Suspend,
            four_eyes: false,
        };
        change(&mut provisioning);
        let olivia = self.owner.owner().unwrap();
        configure::configure(&self.pool, self.now(), &olivia, &self.app().await, provisioning)
            .await
            .unwrap()
    }

    pub(crate) async fn confirmed(&self, user: UserId) -> Confirmed {
        account::store::find(&self.pool, self.app().await.id, user).await.unwrap()
    }

    // --- the queue ---

    /// A person is added, and the account to create for them waits.
    pub(crate) async fn an_action_waits(&self) -> ActionId {
        let user = self.a_person("ana@example.com").await;
        self.the(Kind::Create, user.id).await.id
    }

    /// The actions of a user, oldest first.
    pub(crate) async fn actions(&self, user: UserId) -> Vec<Action> {
        let mut actions = store::newest_of_user(&self.pool, user, 100).await.unwrap();
        actions.reverse();
        actions
    }

    /// What kinds of actions a user has, and how far each has come, oldest first.
    pub(crate) async fn story(&self, user: UserId) -> Vec<(Kind, Status)> {
        let actions = self.actions(user).await;
        actions.iter().map(|action| (action.content.kind, action.state.status())).collect()
    }

    /// The newest action of a kind.
    pub(crate) async fn the(&self, kind: Kind, user: UserId) -> Action {
        let mut actions = self.actions(user).await;
        actions.retain(|action| action.content.kind == kind);
        actions.pop().unwrap()
    }

    pub(crate) async fn action(&self, id: ActionId) -> Action {
        store::find(&self.pool, id).await.unwrap().unwrap()
    }

    pub(crate) async fn status(&self, id: ActionId) -> Status {
        self.action(id).await.state.status()
    }

    /// What a reviewer sees.
    pub(crate) async fn preview(&self, id: ActionId) -> Preview {
        preview(&self.pool, &self.connectors, self.now(), id).await.unwrap().unwrap()
    }

    /// Paula looks at it and approves what she sees.
    pub(crate) async fn approve(&self, id: ActionId) -> Action {
        let shown = self.preview(id).await.digest;
        let paula = self.approver.approver().unwrap();
        decide::approve(&self.pool, &self.connectors, self.now(), &paula, id, shown, None)
            .await
            .unwrap()
    }

    /// Paula approves everything of a user that waits, in the order it was asked for.
    pub(crate) async fn approve_all(&self, user: UserId) {
        for action in self.actions(user).await {
            if action.state.status() == Status::Pending {
                self.approve(action.id).await;
            }
        }
    }

    /// Paula approves the newest of a kind if it waits.
    pub(crate) async fn approve_all_of(&self, kind: Kind, user: UserId) {
        let action = self.the(kind, user).await;
        if action.state.status() == Status::Pending {
            self.approve(action.id).await;
        }
    }

    /// Paula turns it down.
    pub(crate) async fn reject(&self, id: ActionId) -> Action {
        let paula = self.approver.approver().unwrap();
        decide::reject(&self.pool, self.now(), &paula, id, "Not this one.").await.unwrap()
    }

    // --- the history and the jobs ---

    pub(crate) async fn events(&self, action: ActionId) -> Vec<Event> {
        audit::of_action(&self.pool, action).await.unwrap()
    }

    pub(crate) async fn verbs(&self, action: ActionId) -> Vec<Verb> {
        self.events(action).await.iter().map(|event| event.verb).collect()
    }

    pub(crate) async fn attempts(&self, action: ActionId) -> Vec<store::Attempt> {
        store::attempts(&self.pool, action).await.unwrap()
    }

    /// How many jobs there are, due or not.
    pub(crate) async fn jobs(&self) -> i64 {
        sqlx::query_scalar!(r#"select count(*) as "count!" from jobs"#)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// From now on nothing can be written to a table.
    pub(crate) async fn breaks(&self, table: &str) {
        let sql = format!("alter table {table} add constraint broken check (false) not valid");
        self.pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    /// And now it can again.
    pub(crate) async fn mends(&self, table: &str) {
        let sql = format!("alter table {table} drop constraint broken");
        self.pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    /// Every event of a verb, newest first.
    pub(crate) async fn history(&self, verb: Verb) -> Vec<Event> {
        let filter = audit::Filter { verb: verb.word().to_owned(), ..audit::Filter::default() };
        audit::list(&self.pool, &filter, None, 100).await.unwrap().items
    }

    /// Works every job that is due, one after the other, and returns how many.
    pub(crate) async fn run_jobs(&self) -> usize {
        jobs::work_due(&self.runner).await.unwrap()
    }

    /// A worker settles a try, with nothing that was asked.
    pub(crate) async fn settle(&self, claim: &Claim, work: Box<Work>, ended: Ended) {
        let tried = Tried { now: self.now(), work, ended, exchanges: Vec::new() };
        let settler = Settler::open(self.pool.clone());
        settler.settle(claim.clone(), tried).await.unwrap();
    }

    /// What the jobs of EchoSign stand behind.
    pub(crate) async fn gate(&self) -> Gate {
        gates::find(&self.pool, &gate_of(self.app().await.id)).await.unwrap()
    }

    /// A worker takes the next job that is due, and nothing more.
    pub(crate) async fn claim(&self) -> Claim {
        let mut claims = jobs::store::claim(&self.pool, self.now(), 1).await.unwrap();
        claims.pop().unwrap()
    }
}

/// An administrator of that name. Nobody knows the password.
async fn an_administrator(pool: &PgPool, role: Role, name: &str) -> Actor {
    let id = AdministratorId::at(BEGIN);
    let email = format!("{}@admins.example", name.to_lowercase());
    sqlx::query!(
        "insert into administrators (id, email, name, role, password_hash, created_at) values ($1, $2, $3, $4, '', $5)",
        id.uuid(),
        email,
        name,
        role.word(),
        BEGIN,
    )
    .execute(pool)
    .await
    .unwrap();
    Actor { who: Who::Administrator(id), name: name.to_owned(), email: Some(email), role }
}

impl Drop for TestApp {
    /// No job may be left due, unless the test said so.
    fn drop(&mut self) {
        if thread::panicking() || *self.jobs_are_left.get_mut() {
            return;
        }
        let (url, now) = (self.db.url(), self.now());
        let due = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let pool = PgPool::connect(&url).await.unwrap();
                let due = sqlx::query_scalar!(
                    r#"select count(*) as "count!" from jobs
                       where due_at <= $1 and (leased_until is null or leased_until <= $1)"#,
                    now
                );
                due.fetch_one(&pool).await.unwrap()
            })
        });
        assert_eq!(due.join().unwrap(), 0, "jobs are left that are due");
    }
}
