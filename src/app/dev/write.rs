//! Writes a plot: everything around it, people, accounts, actions, and what is told of the newest.

use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{
    SeedError, TOLD,
    action::{action, administrator_id, user_id},
    names::{ADMINISTRATORS, SOURCES},
    person::Person,
    plot::{Life, Plot},
    store::{self, Rows},
    time::Times,
};
use crate::{
    apps::App,
    audit::{By, Ledger, Verb},
    directory::Profile,
    kernel::AdministratorId,
    queue::{Action, Decider, State},
};

/// How many rows are sent at once.
const BATCH: usize = 10_000;
/// How many actions are told of in one statement.
const TOLD_AT_ONCE: usize = 500;
/// Before anything happened.
const BEFORE: Duration = Duration::days(760);

const USERS: &str =
    "users (id, source, user_name, given_name, family_name, display_name, email, title, department,
    phone, active, created_at, updated_at, deleted_at, resource, external_id, external_source)";
const ACCOUNTS: &str = "accounts (app_id, user_id, remote_id, attributes, confirmed_at)";
const ACTIONS: &str = "actions (id, app_id, user_id, kind, source, changes, digest, hints, state, decided_at,
    decided_by, decided_name, decided_digest, reason, ended_at, cause, created_at, changed_at, person)";

pub(super) struct Writer<P> {
    pub(super) app: App,
    pub(super) plot: Plot,
    pub(super) times: Times,
    pub(super) now: OffsetDateTime,
    pub(super) progress: P,
}

impl<P: Fn(&str, usize)> Writer<P> {
    /// Administrators, sources and bursts.
    pub(super) async fn around(&self, tx: &mut PgConnection) -> Result<(), SeedError> {
        let before = self.now - BEFORE;
        for (number, someone) in ADMINISTRATORS.into_iter().enumerate() {
            let id = administrator_id(number).uuid();
            store::insert_administrator(tx, id, someone, before).await?;
        }
        for source in SOURCES {
            store::insert_source(tx, source, before).await?;
        }
        for burst in self.times.bursts() {
            let lasts = (self.times.of(burst.first), self.times.of(burst.last));
            let actions = i64::try_from(burst.last - burst.first + 1)?;
            store::insert_burst(tx, burst.source, lasts, actions).await?;
        }
        Ok(())
    }

    pub(super) async fn people(&self, tx: &mut PgConnection) -> Result<(), SeedError> {
        self.each(tx, "people", USERS, self.plot.lives.len(), |rows, number| {
            user(rows, self.now, number, &self.plot.lives[number])
        })
        .await
    }

    pub(super) async fn accounts(&self, tx: &mut PgConnection) -> Result<(), SeedError> {
        let before = self.now - BEFORE;
        self.each(tx, "accounts", ACCOUNTS, self.plot.lives.len(), |rows, number| {
            let standing = self.plot.lives[number].account;
            let attributes = standing.map(|standing| Person::of(number).attributes(standing));
            rows.shown(self.app.id.uuid()).shown(user_id(number).uuid());
            rows.maybe(standing.map(|_| format!("es-{number}")));
            rows.shown(json!(attributes.unwrap_or_default()));
            rows.maybe(standing.map(|_| before)).end();
            Ok(())
        })
        .await
    }

    pub(super) async fn actions(&self, tx: &mut PgConnection) -> Result<(), SeedError> {
        let names = store::sort_names(tx).await?;
        self.each(tx, "actions", ACTIONS, self.plot.deeds.len(), |rows, number| {
            let deed = &self.plot.deeds[number];
            let action = action(self.app.id, self.times, number, deed);
            write_action(rows, &action, &names[deed.person as usize]);
            Ok(())
        })
        .await
    }

    /// Sends rows by the batch.
    async fn each(
        &self,
        tx: &mut PgConnection,
        what: &str,
        into: &str,
        all: usize,
        row: impl Fn(&mut Rows, usize) -> Result<(), SeedError>,
    ) -> Result<(), SeedError> {
        for from in (0..all).step_by(BATCH) {
            let until = all.min(from + BATCH);
            let mut rows = Rows::default();
            (from..until).try_for_each(|number| row(&mut rows, number))?;
            store::copy(tx, into, rows).await?;
            (self.progress)(what, until);
        }
        Ok(())
    }

    /// What is told of the newest actions.
    pub(super) async fn history(&self, tx: &mut PgConnection) -> Result<(), SeedError> {
        let all = self.plot.deeds.len();
        let from = all.saturating_sub(TOLD);
        let numbers = store::newest_numbers(tx, i64::try_from(TOLD)?).await?;
        for begin in (from..all).step_by(TOLD_AT_ONCE) {
            let until = all.min(begin + TOLD_AT_ONCE);
            let mut ledger = Ledger::default();
            for number in begin..until {
                let deed = &self.plot.deeds[number];
                let made = action(self.app.id, self.times, number, deed);
                let draft = Person::of(deed.person as usize)
                    .draft(self.plot.lives[deed.person as usize].last);
                tell(
                    &mut ledger,
                    &Action { number: numbers[number - from], ..made },
                    &draft.display_name,
                );
            }
            ledger.write(tx).await?;
            (self.progress)("actions told of", until - from);
        }
        Ok(())
    }
}

fn user(rows: &mut Rows, now: OffsetDateTime, number: usize, life: &Life) -> Result<(), SeedError> {
    let person = Person::of(number);
    let profile = Profile::parse(&person.draft(life.last))?;
    let deleted = life.is_over();
    let (active, created_at) = (life.last.active && !deleted, now - BEFORE);
    let texts = [
        &profile.given_name,
        &profile.family_name,
        &profile.display_name,
        &profile.email,
        &profile.title,
        &profile.department,
        &profile.phone,
    ];
    rows.shown(user_id(number).uuid()).text(person.source).text(&profile.user_name);
    for text in texts {
        rows.cell(text.as_deref());
    }
    rows.shown(active).shown(created_at).shown(now).maybe(deleted.then_some(now));
    rows.shown(person.resource(&profile, active));
    let external = person.external_id();
    rows.cell(external.as_deref()).cell(external.as_ref().map(|_| person.source)).end();
    Ok(())
}

fn write_action(rows: &mut Rows, action: &Action, person: &str) {
    let (content, state) = (&action.content, &action.state);
    let hints: Vec<_> = action.hints.iter().map(|hint| hint.word()).collect();
    rows.shown(action.id.uuid()).shown(content.app.uuid()).shown(content.account.uuid());
    rows.text(content.kind.word()).text(&action.source.0).shown(json!(content.changes));
    rows.bytes(action.digest().bytes()).text(&format!("{{{}}}", hints.join(",")));
    rows.text(state.status().word());
    match state.decision() {
        Some(decision) => {
            let (id, name) = match &decision.by {
                Decider::Person { id, name } => (Some(id), name),
                Decider::Rule(words) => (None, words),
            };
            rows.shown(decision.at).maybe(id).text(name).bytes(decision.digest.bytes());
            rows.cell(decision.reason.as_deref());
        }
        None => (0..5).for_each(|_| _ = rows.cell(None)),
    }
    let cause = match state {
        State::Failed(_, _, cause) => Some(&**cause),
        _ => None,
    };
    rows.maybe(state.ended_at()).cell(cause);
    rows.shown(action.created_at).shown(action.changed_at).text(person).end();
}

/// The life of an action, as far as it went.
fn tell(ledger: &mut Ledger, action: &Action, person: &str) {
    let system = By::System("Seed".to_owned());
    let told = |more: Json| {
        let mut told = json!({
            "number": action.number, "kind": action.content.kind, "person": person, "app": "EchoSign",
            "source": action.source.0, "changes": action.content.changes, "digest": action.digest(),
        });
        if let (Some(told), Json::Object(more)) = (told.as_object_mut(), more) {
            told.extend(more);
        }
        told
    };
    let about = action.about();
    ledger.tell(action.created_at, &system, Verb::ActionRequested, about, told(json!({})));
    if let Some(decision) = action.state.decision() {
        let by = match &decision.by {
            Decider::Person { id, name } => {
                By::Administrator(AdministratorId::from(*id), name.clone())
            }
            Decider::Rule(words) => By::Rule(words.clone()),
        };
        let verb = match action.state {
            State::Rejected(_) => Verb::ActionRejected,
            _ => Verb::ActionApproved,
        };
        ledger.tell(decision.at, &by, verb, about, told(json!({ "reason": decision.reason })));
    }
    let (verb, says) = match &action.state {
        State::Provisioned(..) => (Verb::ActionProvisioned, None),
        State::Failed(_, _, cause) => (Verb::ActionFailed, Some(&**cause)),
        State::Cancelled(..) => (Verb::ActionCancelled, None),
        State::Withdrawn(..) => (Verb::ActionWithdrawn, Some("The source took the change back.")),
        _ => return,
    };
    let at = action.state.ended_at().unwrap_or(action.changed_at);
    let more = says.map_or_else(|| json!({}), |says| json!({ "says": says }));
    ledger.tell(at, &system, verb, about, told(more));
}
