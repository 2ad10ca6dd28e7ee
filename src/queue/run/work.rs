//! Deciding on the items of a run: some hundreds in one transaction, with the same few statements however many.

use std::{collections::HashMap, time::Duration};

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Run, Stage, Verdict, start::end};
use crate::{
    access::{self, Actor, Approver},
    apps::{self, App, account},
    audit::{Ledger, Verb},
    db,
    directory::{self, User},
    kernel::{ActionId, AppId, RunId, UserId, sentence},
    queue::{
        Action,
        decide::{self, DecideError, decision},
        propose::details,
        store::{self, runs},
    },
};

/// How many items are decided in one transaction.
const ITEMS: i64 = 500;

/// Decides on the next items of a run; `false` when there is nothing more to do. Whoever else is at it waits
/// meanwhile, and goes on where this ended.
///
/// What the database refuses is tried one by one, so that one item that it will not take holds up no other.
///
/// # Errors
/// When the database does not answer. Nothing of the piece was decided then.
pub async fn piece(pool: &PgPool, now: OffsetDateTime, id: RunId) -> sqlx::Result<bool> {
    match some(pool, now, id, ITEMS).await {
        Err(error) if !db::is_down(&error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, run.id = %id, "decided one by one");
            one_by_one(pool, now, id).await
        }
        done => done,
    }
}

async fn one_by_one(pool: &PgPool, now: OffsetDateTime, id: RunId) -> sqlx::Result<bool> {
    for _ in 0..ITEMS {
        let more = match some(pool, now, id, 1).await {
            Err(error) if !db::is_down(&error) => pass_over(pool, id).await?,
            done => done?,
        };
        if !more {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Skips one item that the database will not take.
async fn pass_over(pool: &PgPool, id: RunId) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let Some(mut run) = runs::lock(&mut tx, id).await? else { return Ok(false) };
    let items = runs::next(&mut tx, id, run.reached, 1).await?;
    let says = "It could not be written. Open it and decide it by itself.";
    let results = items.iter().map(|item| (item.place, Some(says.to_owned()))).collect();
    note(&mut tx, &mut run, results).await?;
    tx.commit().await?;
    Ok(true)
}

async fn some(pool: &PgPool, now: OffsetDateTime, id: RunId, limit: i64) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let Some(mut run) = runs::lock(&mut tx, id).await? else { return Ok(false) };
    if run.stage != Stage::Running {
        return Ok(false);
    }
    let by = match decider(pool, &run).await? {
        Ok(by) => by,
        Err(says) => {
            let system = Actor { name: "Countersign".to_owned(), ..Actor::command_line() };
            end(&mut tx, now, &system, &mut run, Some(says)).await?;
            tx.commit().await?;
            return Ok(false);
        }
    };
    let items = runs::next(&mut tx, id, run.reached, limit).await?;
    if items.is_empty() {
        end(&mut tx, now, by.actor(), &mut run, None).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let held = Held::lock(&mut tx, &items).await?;
    let results = decide_on(&mut tx, now, &run, &by, &items, held).await?;
    note(&mut tx, &mut run, results).await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whoever started the run, if they may still decide.
async fn decider(pool: &PgPool, run: &Run) -> sqlx::Result<Result<Approver, String>> {
    let name = &run.name;
    let Some(administrator) = access::store::find_enabled(pool, run.administrator).await? else {
        return Ok(Err(format!("{name} may no longer sign in. What is left waits as before.")));
    };
    let gone = format!("{name} may no longer approve. What is left waits as before.");
    Ok(Actor::from(administrator).approver().map_err(|_| gone))
}

/// The actions of some items and what they are judged with, held until the transaction ends in the order that
/// everybody keeps to: people, accounts, actions.
struct Held {
    actions: HashMap<ActionId, Action>,
    users: HashMap<UserId, User>,
    apps: HashMap<AppId, App>,
}

impl Held {
    async fn lock(tx: &mut PgConnection, items: &[runs::Item]) -> sqlx::Result<Self> {
        let ids: Vec<_> = items.iter().map(|item| item.action).collect();
        let people = runs::people(tx, &ids).await?;
        let users = directory::store::lock_all(tx, &people).await?;
        account::store::lock_all(tx, &people).await?;
        let actions = store::lock_all(tx, &ids).await?;
        let apps = apps::store::list(tx).await?;
        Ok(Self {
            actions: actions.into_iter().map(|action| (action.id, action)).collect(),
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            apps: apps.into_iter().map(|app| (app.id, app)).collect(),
        })
    }
}

/// Decides on each item, writes what was decided, and returns why each of the others was not, by its place.
async fn decide_on(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    run: &Run,
    by: &Approver,
    items: &[runs::Item],
    mut held: Held,
) -> sqlx::Result<Vec<(i32, Option<String>)>> {
    let mut results = Vec::with_capacity(items.len());
    let mut decided = Vec::with_capacity(items.len());
    let mut ledger = Ledger::default();
    for item in items {
        let mut action = held.actions.remove(&item.action).ok_or(sqlx::Error::RowNotFound)?;
        let user = held.users.get(&action.content.account).ok_or(sqlx::Error::RowNotFound)?;
        let app = held.apps.get(&action.content.app).ok_or(sqlx::Error::RowNotFound)?;
        match judge(tx, now, run, by, (item, app), &mut action).await {
            Ok(()) => {}
            Err(DecideError::Store(error)) => return Err(error),
            Err(error) => {
                results.push((item.place, Some(sentence(error))));
                continue;
            }
        }
        let verb = match run.verdict {
            Verdict::Approve => Verb::ActionApproved,
            Verdict::Reject => Verb::ActionRejected,
        };
        let mut told = details(&action, user, app);
        told["reason"] = json!(run.reason);
        told["run"] = json!(run.id);
        ledger.tell(now, &by.actor().by(), verb, action.about(), told);
        let due_at = now + Duration::from_secs(app.sending.undo_seconds.into());
        decided.push((action, due_at));
        results.push((item.place, None));
    }
    write(tx, now, run.verdict, decided).await?;
    ledger.write(tx).await?;
    Ok(results)
}

/// The same rules as for one action, with the content that was counted.
async fn judge(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    run: &Run,
    by: &Approver,
    (item, app): (&runs::Item, &App),
    action: &mut Action,
) -> Result<(), DecideError> {
    let decision = decision(now, by, item.digest, run.reason.as_deref());
    // Whoever decides on one action sees the accounts that may be meant; here nobody does.
    let unclear = !action.candidates.is_empty();
    match run.verdict {
        Verdict::Approve => decide::let_through(tx, action, by, app, decision).await?,
        Verdict::Reject => decide::turn_down(tx, action, app, decision).await?,
    }
    if action.digest() != item.digest {
        return Err(DecideError::Stale);
    }
    if unclear && run.verdict == Verdict::Approve {
        let says = "Somebody has to say first which account is theirs. Open it.";
        return Err(DecideError::Reason(says.to_owned()));
    }
    Ok(())
}

async fn write(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    verdict: Verdict,
    decided: Vec<(Action, OffsetDateTime)>,
) -> sqlx::Result<()> {
    let (mut actions, due): (Vec<_>, Vec<_>) = decided.into_iter().unzip();
    store::put_decided(tx, now, &mut actions).await?;
    match verdict {
        Verdict::Approve => store::enqueue_all(tx, now, &actions, &due).await,
        Verdict::Reject => store::refuse_all(tx, now, &actions).await,
    }
}

/// Writes the results of the next items.
async fn note(
    tx: &mut PgConnection,
    run: &mut Run,
    results: Vec<(i32, Option<String>)>,
) -> sqlx::Result<()> {
    for (place, skipped) in &results {
        let counter = if skipped.is_some() { &mut run.skipped } else { &mut run.decided };
        *counter += 1;
        run.reached = run.reached.max(*place);
    }
    runs::note(tx, run.id, &results).await?;
    runs::put(tx, run).await
}
