//! The world that a script happens in: people, EchoSign, Countersign between them, and the model beside it.

use std::time::Duration;

use countersign::{
    access::Actor,
    apps::{
        Provisioning, Sending,
        change::{Attribute, Kind},
    },
    directory::{Source, User},
    forwarder::Prober,
    kernel::{ActionId, UserId},
    queue::{
        flow::{self, FlowError},
        people::{self, PeopleError, Wish},
        store,
    },
    sandbox::faults::{Mishap, Quirk},
};
use serde_json::json;

use super::{
    accounts::Held,
    book::{Book, During},
    effects::Accounts,
    step::{Elsewhere, Fault, Step, Who},
    work::Stopped,
};
use crate::support::{
    app::{TestApp, someone},
    echosign::TOKEN,
};

/// What differs from what may be, in words.
pub(super) type Differs = String;

/// What cannot be at all, such as a database that does not answer.
pub(super) fn odd(what: &str, error: impl std::fmt::Debug) -> Differs {
    format!("{what}: {error:?}")
}

pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) prober: Prober,
    pub(super) people: Vec<(Who, User)>,
    pub(super) book: Book,
    pub(super) accounts: Accounts,
    pub(super) provisioning: Provisioning,
    pub(super) undo: u16,
    pub(super) drains_since: Option<usize>,
    pub(super) stopped: Vec<Stopped>,
    pub(super) quirks: Vec<Quirk>,
    /// How often each job was claimed.
    pub(super) claims: std::collections::HashMap<i64, u32>,
    olivia_asks: bool,
    olivia_decides: bool,
    round: u32,
}

impl World {
    pub(super) async fn new() -> Self {
        let app = TestApp::provisioned().await;
        let prober = Prober::new(app.pool.clone(), app.clock.clone(), app.connectors.clone());
        let provisioning = app.app().await.provisioning;
        app.echosign.effects();
        Self {
            app,
            prober,
            people: Vec::new(),
            book: Book::new(),
            accounts: Accounts::default(),
            provisioning,
            undo: 0,
            drains_since: None,
            stopped: Vec::new(),
            quirks: Vec::new(),
            claims: std::collections::HashMap::new(),
            olivia_asks: false,
            olivia_decides: false,
            round: 0,
        }
    }

    /// Everything is as at the beginning, but for the time and for what is long over.
    pub(super) async fn begin_anew(&mut self) {
        self.round += 1;
        self.quirks = vec![Quirk::AllowsDuplicates];
        self.app.echosign.has_only(&self.quirks);
        for account in self.app.echosign.accounts().await {
            self.app.echosign.removes_by_id(account["id"].as_str().unwrap()).await;
        }
        self.app.clock.advance(Duration::from_hours(1));
        self.app.provisioning(|_| {}).await;
        self.provisioning = self.app.app().await.provisioning;
        self.undo = 0;
        self.tune().await;
        let learnt = self.app.app().await.connection.and_then(|connection| connection.learnt);
        if learnt.is_some() {
            self.app.echosign_is_connected().await;
        }
        self.people.clear();
        self.book = Book::new();
        self.accounts = Accounts::default();
        self.stopped.clear();
        self.drains_since = None;
        (self.olivia_asks, self.olivia_decides) = (false, false);
    }

    /// Something happens.
    pub(super) async fn take(&mut self, step: &Step) -> Result<(), Differs> {
        self.moves_on();
        match *step {
            Step::Add(who) => self.add(who).await,
            Step::Retitle(who, title) => {
                self.edit(who, |wish| title.clone_into(&mut wish.draft.title)).await
            }
            Step::Move(who, to) => {
                self.edit(who, |wish| to.clone_into(&mut wish.draft.department)).await
            }
            Step::Rename(who, name) => {
                let name = self.user_name(name);
                self.edit(who, |wish| wish.draft.user_name = name).await
            }
            Step::Suspend(who) => self.edit(who, |wish| wish.active = false).await,
            Step::Reactivate(who) => self.edit(who, |wish| wish.active = true).await,
            Step::Delete(who) => self.delete(who).await,
            Step::Approve(nth) => self.approve(nth).await,
            Step::ApproveUnseen(nth) => self.approve_unseen(nth).await,
            Step::ApproveStale(nth) => self.approve_stale(nth).await,
            Step::Reject(nth) => self.reject(nth).await,
            Step::Cancel(nth) => self.cancel(nth).await,
            Step::Undo(nth) => self.undo(nth).await,
            Step::Retry(nth) => self.retry(nth).await,
            Step::Reverse(nth) => self.reverse(nth).await,
            Step::Link(nth) => self.link(nth).await,
            Step::Work(times) => self.work(times).await,
            Step::Stops(stops) => self.stops(stops).await,
            Step::GoesOn(nth) => self.goes_on(nth).await,
            Step::Elsewhere(what) => self.elsewhere(what).await,
            _ => self.set(step).await,
        }
    }

    /// One thing comes after another.
    pub(super) fn moves_on(&mut self) {
        self.book.rank += 1;
        self.app.clock.advance(Duration::from_millis(1));
    }

    async fn set(&mut self, step: &Step) -> Result<(), Differs> {
        match *step {
            Step::Require(kind) | Step::LetThrough(kind) => {
                let required = matches!(step, Step::Require(_));
                let approve = &mut self.provisioning.approve;
                *match kind {
                    Kind::Create | Kind::Reactivate => &mut approve.create,
                    Kind::Update => &mut approve.update,
                    Kind::Suspend => &mut approve.suspend,
                    Kind::Delete => &mut approve.delete,
                } = required;
                self.configure().await;
            }
            Step::FourEyes(on) => {
                self.provisioning.four_eyes = on;
                self.configure().await;
            }
            Step::OliviaAsks(does) => self.olivia_asks = does,
            Step::OliviaDecides(does) => self.olivia_decides = does,
            Step::UndoWithin(seconds) => {
                self.undo = seconds;
                self.tune().await;
            }
            Step::Advance(seconds) => {
                self.app.clock.advance(Duration::from_secs(seconds.into()));
            }
            Step::Fault(fault) => self.misbehave(fault),
            Step::UniqueNames => {
                self.quirks.retain(|quirk| *quirk != Quirk::AllowsDuplicates);
                self.app.echosign.has_only(&self.quirks);
            }
            Step::OneOperation => {
                self.quirks.push(Quirk::RefusesSeveralOperations);
                self.app.echosign.has_only(&self.quirks);
            }
            _ => return self.flow(step).await,
        }
        Ok(())
    }

    async fn flow(&mut self, step: &Step) -> Result<(), Differs> {
        let app = self.app.app().await;
        let (pool, now) = (&self.app.pool, self.app.now());
        let oscar = self.app.operator.retrier().unwrap();
        let done = match step {
            Step::Pause => flow::pause(pool, now, &oscar, &app, "").await,
            Step::Drain => flow::drain(pool, now, &oscar, &app).await,
            _ => {
                self.app.echosign.takes_only(TOKEN);
                flow::resume(pool, &self.app.connectors, now, &oscar, &app).await
            }
        };
        match (step, done) {
            (Step::Drain, Ok(())) => self.drains_since = Some(self.book.rank),
            (Step::Resume, Ok(())) => self.drains_since = None,
            (_, Ok(()) | Err(FlowError::Already(_) | FlowError::Unanswered(_))) => {}
            (_, Err(error)) => return Err(odd("stopping or going on", error)),
        }
        Ok(())
    }

    async fn configure(&self) {
        let wanted = self.provisioning;
        self.app.provisioning(|provisioning| *provisioning = wanted).await;
    }

    async fn tune(&self) {
        let sending = Sending { undo_seconds: self.undo, ..Sending::default() };
        let tuned = flow::Tuned { sending, rate: None };
        let (olivia, app) = (self.app.owner.owner().unwrap(), self.app.app().await);
        flow::tune(&self.app.pool, self.app.now(), &olivia, &app, &tuned).await.unwrap();
    }

    fn misbehave(&self, fault: Fault) {
        let meets = |mishap| self.app.echosign.is_to_meet(mishap);
        match fault {
            Fault::Answers(method, status, times) => meets(Mishap {
                method: Some(method),
                status: Some(status),
                times,
                ..Mishap::default()
            }),
            Fault::AnswersWithAPage(method) => meets(Mishap {
                method: Some(method),
                status: Some(200),
                html: true,
                ..Mishap::default()
            }),
            Fault::AsksToWait(seconds) => {
                let retry_after = Some(seconds);
                meets(Mishap { status: Some(429), retry_after, ..Mishap::default() });
            }
            Fault::LosesTheAnswer(method) => {
                meets(Mishap { method: Some(method), lose_answer: true, ..Mishap::default() });
            }
            Fault::RefusesTheToken => self.app.echosign.takes_only("another-token"),
        }
    }

    // --- people ---

    fn user_name(&self, name: &str) -> String {
        format!("{name}.{}@example.com", self.round)
    }

    pub(super) fn asker(&self) -> &Actor {
        if self.olivia_asks { &self.app.owner } else { &self.app.operator }
    }

    pub(super) fn decider(&self) -> &Actor {
        if self.olivia_decides { &self.app.owner } else { &self.app.approver }
    }

    fn during_change(&self) -> During {
        During::Change(if self.olivia_asks { "Olivia" } else { "Oscar" })
    }

    /// Who is there by that name.
    fn living(&self, who: Who) -> Option<&User> {
        let is = |of: &&(Who, User)| of.0 == who && of.1.deleted_at.is_none();
        self.people.iter().find(is).map(|of| &of.1)
    }

    async fn add(&mut self, who: Who) -> Result<(), Differs> {
        if self.living(who).is_some() {
            return Ok(());
        }
        let wish = someone(&self.user_name(who.name()));
        let by = self.asker().operator().unwrap();
        let (pool, now) = (&self.app.pool, self.app.now());
        match people::add(pool, now, &by, Source::console(), &wish).await {
            Ok(user) => {
                let id = user.id;
                self.people.push((who, user));
                self.observe(self.during_change(), id).await
            }
            Err(PeopleError::Taken(_)) => Ok(()),
            Err(error) => Err(odd("adding", error)),
        }
    }

    async fn edit(&mut self, who: Who, edit: impl FnOnce(&mut Wish)) -> Result<(), Differs> {
        let Some(id) = self.living(who).map(|user| user.id) else { return Ok(()) };
        let by = self.asker().operator().unwrap();
        let (pool, now) = (&self.app.pool, self.app.now());
        match people::edit(pool, now, &by, Source::console(), id, edit).await {
            Ok(user) => self.is_now(user),
            Err(PeopleError::Taken(_)) => {}
            Err(error) => return Err(odd("changing", error)),
        }
        self.observe(self.during_change(), id).await
    }

    async fn delete(&mut self, who: Who) -> Result<(), Differs> {
        let Some(id) = self.living(who).map(|user| user.id) else { return Ok(()) };
        let by = self.asker().operator().unwrap();
        let (pool, now) = (&self.app.pool, self.app.now());
        let gone = people::delete(pool, now, &by, Source::console(), id).await;
        self.is_now(gone.map_err(|error| odd("deleting", error))?);
        self.observe(self.during_change(), id).await
    }

    pub(super) fn is_now(&mut self, user: User) {
        if let Some(of) = self.people.iter_mut().find(|of| of.1.id == user.id) {
            of.1 = user;
        }
    }

    /// Looks at what became of somebody's actions.
    pub(super) async fn observe(&mut self, during: During, user: UserId) -> Result<(), Differs> {
        let actions = store::newest_of_user(&self.app.pool, user, 100).await;
        let mut actions = actions.map_err(|error| odd("reading the actions", error))?;
        actions.reverse();
        self.book.observe(during, self.provisioning.approve, self.app.now(), &actions)
    }

    pub(super) fn person_of(&self, action: ActionId) -> UserId {
        self.book.known[&action].content.account
    }

    // --- in EchoSign itself ---

    pub(super) async fn held(&self) -> Vec<Held> {
        self.app.echosign.accounts().await.iter().map(Held::of).collect()
    }

    async fn elsewhere(&mut self, what: Elsewhere) -> Result<(), Differs> {
        let rank = self.book.rank;
        let (Elsewhere::Retitles(who, _)
        | Elsewhere::Suspends(who)
        | Elsewhere::Removes(who)
        | Elsewhere::Makes(who, _)) = what;
        let Some((user, name)) =
            self.living(who).map(|user| (user.id, user.profile.user_name.as_str().to_owned()))
        else {
            return Ok(());
        };
        let held = self.held().await;
        if let Elsewhere::Makes(_, title) = what {
            let taken = held.iter().any(|held| held.name() == name);
            if !taken || self.quirks.contains(&Quirk::AllowsDuplicates) {
                let emails = json!([{ "value": name, "type": "work" }]);
                self.app
                    .echosign
                    .has(json!({ "userName": name, "emails": emails, "title": title }));
            }
            return Ok(());
        }
        let theirs = self.accounts.of.get(&user);
        let Some(held) = held.iter().find(|held| match theirs {
            Some(id) => held.id == *id,
            None => held.name() == name,
        }) else {
            return Ok(());
        };
        let app = &self.app.echosign;
        let attribute = match what {
            Elsewhere::Retitles(_, title) => {
                app.changes_by_id(&held.id, "title", json!(title)).await;
                Some(Attribute::Title)
            }
            Elsewhere::Suspends(_) => {
                app.changes_by_id(&held.id, "active", json!(false)).await;
                Some(Attribute::Active)
            }
            _ => {
                app.removes_by_id(&held.id).await;
                None
            }
        };
        self.accounts.touched.push((held.id.clone(), attribute, rank));
        Ok(())
    }
}
