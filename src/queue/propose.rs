//! From a user as wanted to actions: compares, folds, withdraws, and lets rules decide.

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    Action, Decider, Decision, State,
    asking::Asking,
    difference::{difference, keep_what_was_found, why_unwanted, without_refused},
    doubt::{doubt, suspect, undoes},
    hint::{self, Hint},
    store,
};
use crate::{
    apps::{
        self, App,
        account::{self, Confirmed},
        change::{Change, Content, Kind},
    },
    audit::{By, Ledger, Verb},
    directory::{User, held_store},
    kernel::ActionId,
    policy::{self, Verdict},
};

/// Brings the queue of one app in line with what is wanted of `user` by now, and writes what came of it.
pub(super) async fn rederive(
    tx: &mut PgConnection,
    asking: &Asking,
    app: &App,
    user: &User,
) -> sqlx::Result<()> {
    if !app.provisioning.enabled {
        return Ok(());
    }
    let mut ledger = Ledger::default();
    propose_in(tx, &mut ledger, asking, app, user).await?;
    ledger.write(tx).await
}

/// What a change made of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caused {
    /// `action.requested`, `action.folded` or `action.withdrawn`.
    pub verb: Verb,
    /// Which action.
    pub action: ActionId,
    /// Its number.
    pub number: i64,
    /// What it does to the account.
    pub kind: Kind,
}

/// Brings the queue of every app that is provisioned in line with what is wanted of `user`.
/// The caller holds the lock of the user's row, and writes the ledger.
pub(super) async fn propose(
    tx: &mut PgConnection,
    ledger: &mut Ledger,
    asking: &Asking,
    user: &User,
) -> sqlx::Result<Vec<Caused>> {
    let mut caused = Vec::new();
    for app in apps::store::list(&mut *tx).await? {
        if app.provisioning.enabled {
            caused.append(&mut propose_in(tx, ledger, asking, &app, user).await?);
        }
    }
    Ok(caused)
}

/// The same for people who were added in this very transaction: no account of theirs was ever heard
/// of. Returns what was caused for each, in their order.
pub(super) async fn propose_new(
    tx: &mut PgConnection,
    ledger: &mut Ledger,
    people: &[(Asking, User)],
) -> sqlx::Result<Vec<Vec<Caused>>> {
    let mut caused = vec![Vec::new(); people.len()];
    for app in apps::store::list(&mut *tx).await? {
        if !app.provisioning.enabled {
            continue;
        }
        let ids: Vec<_> = people.iter().map(|(_, user)| user.id).collect();
        account::store::insert_all(tx, app.id, &ids).await?;
        let (mut places, mut actions) = (Vec::new(), Vec::new());
        for (place, (asking, user)) in people.iter().enumerate() {
            for (kind, changes) in difference(user, app.provisioning, None, &Confirmed::default()) {
                places.push(place);
                actions.push(requested(asking, &app, user, kind, changes));
            }
        }
        let about = places.iter().filter_map(|place| Some(&people.get(*place)?.1));
        hint::put_on_new(tx, &app, &mut about.zip(&mut actions).collect::<Vec<_>>()).await?;
        store::insert_all(tx, &mut actions).await?;
        for (place, action) in places.into_iter().zip(&mut actions) {
            let (Some((asking, user)), Some(caused)) = (people.get(place), caused.get_mut(place))
            else {
                continue;
            };
            let kind = action.content.kind;
            // Nobody is in a group before they are there.
            let held = asking.always_held;
            let (known, opposed, left) = (&Confirmed::default(), false, None);
            let app = &app;
            let mut about =
                Proposal { ledger, asking, app, user, known, held, opposed, left, kind, caused };
            about.announce(tx, action).await?;
        }
    }
    Ok(caused)
}

/// The same for one app.
pub(super) async fn propose_in(
    tx: &mut PgConnection,
    ledger: &mut Ledger,
    asking: &Asking,
    app: &App,
    user: &User,
) -> sqlx::Result<Vec<Caused>> {
    let mut confirmed = account::store::lock(tx, app.id, user.id).await?;
    let open = store::open_of_account(tx, app.id, user.id).await?;
    suspect(tx, &open, &mut confirmed).await?;
    // Whoever shall have an account is looked for before one is made; of whoever shall not, one may be left.
    let left = match confirmed.remote_id {
        None if user.deleted_at.is_some() || !user.active => {
            store::left(tx, app.id, user.id).await?
        }
        _ => None,
    };
    let has = confirmed.attributes().or(left.as_ref().map(|left| &left.attributes));
    let baseline = open
        .iter()
        .filter(|action| matches!(action.state, State::Approved(_) | State::Sending(_)))
        .fold(has.cloned(), |before, action| action.content.applied_to(before));
    let mut drafts = difference(user, app.provisioning, baseline.as_ref(), &confirmed);

    let refused = store::refused(tx, app.id, user.id).await?;
    let over = without_refused(&mut drafts, &refused);
    store::forget_refusals(tx, app.id, user.id, &over).await?;

    let held = asking.always_held || held_store::is_held(tx, user.id).await?;
    let mut caused = Vec::new();
    for kind in Kind::ALL {
        let changes = drafts.iter().find(|draft| draft.0 == *kind).map(|draft| draft.1.clone());
        let waits = |action: &&Action| matches!(action.state, State::Pending | State::Failed(..));
        let of_kind = open.iter().filter(|action| action.content.kind == *kind);
        let waiting: Vec<_> = of_kind.filter(waits).cloned().collect();
        let asking = &asking.for_all_of(&waiting);
        let opposed =
            open.iter().any(|action| hint::opposites(*kind).contains(&action.content.kind));
        let (kind, caused, left) = (*kind, &mut caused, left.as_ref().map(|left| left.number));
        let known = &confirmed;
        let mut about =
            Proposal { ledger, asking, app, user, known, held, opposed, left, kind, caused };
        about.reconcile(tx, waiting, changes.unwrap_or_default()).await?;
    }
    Ok(caused)
}

/// What one submission means for one kind of action of one account.
struct Proposal<'a> {
    ledger: &'a mut Ledger,
    asking: &'a Asking,
    app: &'a App,
    user: &'a User,
    /// What is known of the account.
    known: &'a Confirmed,
    /// Whether a person is asked whatever the rules say: they are in a held group, or it was decided so.
    held: bool,
    /// Whether an action that does the opposite is not finished.
    opposed: bool,
    /// The number of a create that may have left an account, of which nobody heard how it ended.
    left: Option<i64>,
    kind: Kind,
    caused: &'a mut Vec<Caused>,
}

impl Proposal<'_> {
    /// Brings the actions that wait, if any do, in line with the difference, if there is one.
    async fn reconcile(
        &mut self,
        tx: &mut PgConnection,
        mut waiting: Vec<Action>,
        mut changes: Vec<Change>,
    ) -> sqlx::Result<()> {
        if self.kind == Kind::Create {
            keep_what_was_found(&waiting, &mut changes);
        }
        // What failed and is still wanted stays as it is, and nothing else is combined with it.
        waiting.sort_by_key(|action| action.state == State::Pending);
        for mut waiting in waiting {
            let kept = self.kept(&waiting, &changes);
            changes.retain(|change| !kept.contains(change));
            if kept.is_empty() {
                self.withdraw(tx, &mut waiting).await?;
            } else if kept != waiting.content.changes {
                self.fold(tx, &mut waiting, kept).await?;
            }
        }
        if changes.is_empty() { Ok(()) } else { self.request(tx, changes).await }
    }

    /// What of the difference a waiting action is to hold.
    fn kept(&self, waiting: &Action, changes: &[Change]) -> Vec<Change> {
        let still = || {
            let mut still = waiting.content.changes.clone();
            still.retain(|change| changes.contains(change));
            still
        };
        let whole = |still: Vec<Change>| {
            if still == waiting.content.changes { still } else { Vec::new() }
        };
        // What a cleared check box lets through goes past what still waits.
        let passes = matches!(self.verdict(), Verdict::ByRule(_));
        match (&waiting.state, self.kind) {
            (State::Pending, Kind::Update) if passes => still(),
            (State::Pending, _) => changes.to_vec(),
            (_, Kind::Update) => whole(still()),
            _ if waiting.content.changes == changes => changes.to_vec(),
            _ => Vec::new(),
        }
    }

    fn verdict(&self) -> Verdict {
        policy::judge(&self.app.provisioning, self.kind, self.held)
    }

    async fn request(&mut self, tx: &mut PgConnection, changes: Vec<Change>) -> sqlx::Result<()> {
        let mut action = [requested(self.asking, self.app, self.user, self.kind, changes)];
        let [new] = &mut action;
        if self.opposed {
            new.hints.push(Hint::Opposite);
        }
        hint::put_on(tx, self.app, &mut [(self.user, new)]).await?;
        store::insert_all(tx, &mut action).await?;
        let [mut action] = action;
        self.announce(tx, &mut action).await
    }

    /// Tells of a new action, and lets it through where a rule does.
    async fn announce(&mut self, tx: &mut PgConnection, action: &mut Action) -> sqlx::Result<()> {
        self.tell(action, Verb::ActionRequested);
        if let Verdict::ByRule(words) = self.verdict() {
            let about = (self.user, self.app);
            approve_by_rule(tx, self.asking.now, self.ledger, action, about, words).await?;
        }
        Ok(())
    }

    async fn fold(
        &mut self,
        tx: &mut PgConnection,
        action: &mut Action,
        changes: Vec<Change>,
    ) -> sqlx::Result<()> {
        action.content.changes = changes;
        for id in &self.asking.barred {
            if !action.barred.contains(id) {
                action.barred.push(*id);
            }
        }
        // Whoever chose among accounts chose for what was wanted then.
        action.candidates = Vec::new();
        hint::put_on(tx, self.app, &mut [(self.user, &mut *action)]).await?;
        store::put(tx, self.asking.now, action).await?;
        self.tell(action, Verb::ActionFolded);
        Ok(())
    }

    async fn withdraw(&mut self, tx: &mut PgConnection, action: &mut Action) -> sqlx::Result<()> {
        // Pending and failed actions are the only ones that wait, and both may be withdrawn.
        if let Ok(state) = action.state.clone().withdraw(self.asking.now) {
            if action.state != State::Pending {
                store::dequeue(tx, action).await?;
                doubt(tx, action).await?;
            }
            action.state = state;
            store::put(tx, self.asking.now, action).await?;
            self.tell(action, Verb::ActionWithdrawn);
        }
        Ok(())
    }

    /// Why something is asked for that nothing known calls for.
    fn why_requested(&self, action: &Action) -> Option<String> {
        let name = &self.app.name;
        match self.left {
            Some(create) => {
                Some(format!("Nobody heard how #{create} ended: {name} may have this account."))
            }
            None => undoes(action, &self.known.unheard).then(|| {
                format!(
                    "Nobody heard how a change ended that was given up: {name} may have made it."
                )
            }),
        }
    }

    fn tell(&mut self, action: &Action, verb: Verb) {
        let (number, kind) = (action.number, action.content.kind);
        self.caused.push(Caused { verb, action: action.id, number, kind });
        let mut details = details(action, self.user, self.app);
        match verb {
            // The action's own source is that of whoever asked for it first.
            Verb::ActionFolded => details["source"] = json!(self.asking.source.0),
            Verb::ActionWithdrawn => details["says"] = json!(why_unwanted(self.user, kind)),
            Verb::ActionRequested => {
                if let Some(says) = self.why_requested(action) {
                    details["says"] = json!(says);
                }
            }
            _ => {}
        }
        self.ledger.tell(self.asking.now, &self.asking.by, verb, action.about(), details);
    }
}

fn requested(asking: &Asking, app: &App, user: &User, kind: Kind, changes: Vec<Change>) -> Action {
    Action {
        id: ActionId::at(asking.now),
        number: 0,
        content: Content { app: app.id, account: user.id, kind, changes },
        source: asking.source.clone(),
        barred: asking.barred.clone(),
        four_eyes: false,
        candidates: Vec::new(),
        hints: Vec::new(),
        state: State::Pending,
        created_at: asking.now,
        changed_at: asking.now,
    }
}

/// Lets an action through by a rule, in the caller's transaction.
pub(super) async fn approve_by_rule(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    ledger: &mut Ledger,
    action: &mut Action,
    (user, app): (&User, &App),
    words: String,
) -> sqlx::Result<()> {
    let by = By::Rule(words.clone());
    let decision =
        Decision { by: Decider::Rule(words), at: now, digest: action.digest(), reason: None };
    if let Ok(state) = action.state.clone().approve(decision) {
        action.state = state;
        store::put(tx, now, action).await?;
        ledger.tell(now, &by, Verb::ActionApproved, action.about(), details(action, user, app));
        store::enqueue(tx, now, action, now).await?;
    }
    Ok(())
}

/// What an event of an action tells besides its verb.
pub(super) fn details(action: &Action, user: &User, app: &App) -> serde_json::Value {
    json!({
        "number": action.number,
        "kind": action.content.kind,
        "person": user.profile.name(),
        "app": app.name,
        "source": action.source.0,
        "changes": action.content.changes,
        "digest": action.digest(),
    })
}
