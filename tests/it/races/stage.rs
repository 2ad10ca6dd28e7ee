//! Where actions stand before two meet, and what the two do.

use countersign::{
    access::Actor,
    apps::change::Kind,
    audit::Verb,
    directory::Source,
    jobs::{Claim, Settler},
    kernel::{ActionId, Digest, UserId},
    queue::{
        cancel, decide, link, people, retry, reverse,
        settle::{Begun, Ended, Tried, Work, begin},
        undo,
    },
    sandbox::faults::Method,
};
use serde_json::json;

use super::{Came, InTime, TooLate};
use crate::support::app::TestApp;

/// How far an action has come before two meet over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// It waits, and EchoSign has an account by the person's name.
    Waiting,
    /// It is approved, and a worker has just taken its job.
    Approved,
    /// A worker sends it.
    Sending,
    /// EchoSign refused it.
    Failed,
    /// EchoSign has it.
    Provisioned,
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Approve,
    Reject,
    Undo,
    Cancel,
    Retry,
    Link,
    Reverse,
    Edit,
    /// The worker begins to send.
    Begin,
    /// The worker says that EchoSign has it.
    Provision,
    /// The worker says that EchoSign will not take it.
    Fail,
}

impl Step {
    /// What the history calls it.
    pub(super) const fn verb(self) -> Verb {
        match self {
            Self::Approve => Verb::ActionApproved,
            Self::Reject => Verb::ActionRejected,
            Self::Undo => Verb::ActionUndone,
            Self::Cancel => Verb::ActionCancelled,
            Self::Retry => Verb::ActionRetried,
            Self::Link => Verb::ActionLinked,
            Self::Reverse => Verb::UserSuspended,
            Self::Edit => Verb::UserUpdated,
            Self::Begin => Verb::ActionSending,
            Self::Provision => Verb::ActionProvisioned,
            Self::Fail => Verb::ActionFailed,
        }
    }
}

/// One action of one person, as far as it shall have come.
pub(super) struct Stage<'a> {
    app: &'a TestApp,
    pub(super) id: ActionId,
    pub(super) user: UserId,
    shown: Digest,
    remote_id: String,
    claim: Option<Claim>,
    work: Option<Box<Work>>,
}

impl<'a> Stage<'a> {
    pub(super) async fn new(app: &'a TestApp, from: From, name: &str) -> Self {
        // What the last two left.
        app.run_jobs().await;
        let user = app.a_person(name).await.id;
        let action = app.the(Kind::Create, user).await;
        let (id, shown) = (action.id, action.digest());
        let remote_id = String::new();
        let mut stage = Self { app, id, user, shown, remote_id, claim: None, work: None };
        if from == From::Waiting {
            app.echosign.has(json!({ "userName": name, "title": "Clerk" }));
            let account = app.echosign.account(name).await.unwrap();
            account["id"].as_str().unwrap().clone_into(&mut stage.remote_id);
            return stage;
        }
        app.approve(id).await;
        match from {
            From::Failed => app.echosign.answers(Method::Post, 422, 1),
            From::Approved | From::Sending => stage.claim = Some(app.claim().await),
            From::Waiting | From::Provisioned => {}
        }
        if let (From::Sending, Some(claim)) = (from, &stage.claim) {
            let begun = begin(&app.pool, app.now(), claim, id).await.unwrap();
            let Begun::Work(work) = begun else { panic!("nothing to do") };
            stage.work = Some(work);
        }
        app.run_jobs().await;
        stage
    }

    /// Somebody takes a step; whoever is too late hears why. Whatever else goes wrong stops the test.
    pub(super) async fn takes(&self, by: &Actor, step: Step) -> Came {
        let (app, pool, now, id) = (self.app, &self.app.pool, self.app.now(), self.id);
        let (approver, retrier) = (by.approver().unwrap(), by.retrier().unwrap());
        match step {
            Step::Approve => {
                let shown = self.shown;
                let result =
                    decide::approve(pool, &app.connectors, now, &approver, id, shown, None).await;
                came(result, |e| matches!(e, decide::DecideError::Store(_)))
            }
            Step::Reject => {
                let rejected = decide::reject(pool, now, &approver, id, "No.").await;
                came(rejected, |e| matches!(e, decide::DecideError::Store(_)))
            }
            Step::Undo => came(undo::undo(pool, now, &approver, id).await, not_moved),
            Step::Cancel => came(cancel::cancel(pool, now, &retrier, id).await, not_moved),
            Step::Retry => came(retry::retry(pool, now, &retrier, id).await, not_moved),
            Step::Link => {
                let linked =
                    link::link(pool, &app.connectors, now, &approver, id, &self.remote_id).await;
                came(linked, |e| matches!(e, link::LinkError::Store(_)))
            }
            Step::Reverse => {
                let reversed = reverse::reverse(pool, now, &by.operator().unwrap(), id).await;
                came(reversed, |e| matches!(e, reverse::ReverseError::People(_)))
            }
            Step::Edit => {
                let (by, user) = (by.operator().unwrap(), self.user);
                let retitle =
                    |wish: &mut people::Wish| "Director".clone_into(&mut wish.draft.title);
                let edited = people::edit(pool, now, &by, Source::console(), user, retitle).await;
                came(edited, |_| true)
            }
            Step::Begin | Step::Provision | Step::Fail => self.works(step).await,
        }
    }

    async fn works(&self, step: Step) -> Came {
        let (app, claim) = (self.app, self.claim.clone().unwrap());
        let ended = match step {
            Step::Provision => Ended::Provisioned(None),
            Step::Fail => Ended::Failed("EchoSign will not take it.".to_owned()),
            _ => {
                return match begin(&app.pool, app.now(), &claim, self.id).await.unwrap() {
                    Begun::Work(_) => InTime,
                    Begun::Nothing(_) => TooLate("nothing to send".to_owned()),
                };
            }
        };
        let work = self.work.as_ref().unwrap();
        let work = Work {
            action: work.action.clone(),
            user: work.user.clone(),
            app: work.app.clone(),
            confirmed: work.confirmed.clone(),
            ..**work
        };
        let tried = Tried { now: app.now(), work: Box::new(work), ended, exchanges: Vec::new() };
        Settler::open(app.pool.clone()).settle(claim, tried).await.unwrap();
        InTime
    }

    /// How many jobs send it.
    pub(super) async fn jobs(&self) -> i64 {
        let jobs = sqlx::query_scalar!(
            r#"select count(*) as "count!" from jobs where payload = $1"#,
            json!({ "action": self.id }),
        );
        jobs.fetch_one(&self.app.pool).await.unwrap()
    }
}

fn not_moved(error: &retry::MoveError) -> bool {
    matches!(error, retry::MoveError::Store(_))
}

/// What it was for whoever did it; stops the test where `broken` says that no fact is told.
fn came<T, E: std::error::Error>(result: Result<T, E>, broken: impl Fn(&E) -> bool) -> Came {
    match result {
        Ok(_) => InTime,
        Err(error) if broken(&error) => panic!("{error:?}"),
        Err(error) => TooLate(error.to_string()),
    }
}
