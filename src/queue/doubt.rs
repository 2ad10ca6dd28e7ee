//! What may have been done to an account by something that was given up, and of which nobody heard.

use sqlx::PgConnection;

use super::{Action, State, store};
use crate::apps::{
    account::{self, Confirmed, Unheard},
    change::{Attribute, Content, Kind, same},
};

/// Remembers what an action that is given up may have done to its account, until the app next tells; and says so,
/// as "EchoSign may have …".
pub(super) async fn doubt(
    tx: &mut PgConnection,
    action: &Action,
) -> sqlx::Result<Option<&'static str>> {
    let Content { app, account, kind, .. } = action.content;
    if kind == Kind::Create {
        let may = store::may_have_created(tx, action.id).await?;
        return Ok(may.then_some("made the account"));
    }
    let known = account::store::lock(tx, app, account).await?;
    let unheard = unheard(tx, action, &known).await?;
    if unheard.is_empty() {
        return Ok(None);
    }
    account::store::doubt(tx, app, account, &unheard).await?;
    Ok(Some(if kind == Kind::Delete { "deleted the account" } else { "made the change" }))
}

/// What an account may have, besides what is remembered, in place of what was confirmed: by actions that failed.
/// What one that is approved or being sent is about is found out with it.
pub(super) async fn suspect(
    tx: &mut PgConnection,
    open: &[Action],
    known: &mut Confirmed,
) -> sqlx::Result<()> {
    for failed in open.iter().filter(|action| matches!(action.state, State::Failed(..))) {
        let mut unheard = unheard(tx, failed, known).await?;
        known.unheard.append(&mut unheard);
    }
    let sent = open.iter().filter(|a| matches!(a.state, State::Approved(_) | State::Sending(_)));
    for change in sent.flat_map(|action| &action.content.changes) {
        known.unheard.remove(&change.attribute);
    }
    Ok(())
}

/// What an action may have done to an account that is there. What was confirmed is no doubt: an older one, of what
/// this one was to undo, stays.
async fn unheard(
    tx: &mut PgConnection,
    action: &Action,
    known: &Confirmed,
) -> sqlx::Result<Unheard> {
    let Content { kind, changes, .. } = &action.content;
    if *kind == Kind::Create || !store::may_have_changed(tx, action.id).await? {
        return Ok(Unheard::new());
    }
    if *kind == Kind::Delete {
        // Whoever is to be active again is looked for, and where there is no account, one is asked for.
        return Ok(Unheard::from([(Attribute::Active, None)]));
    }
    let new = changes.iter().filter(|change| {
        let has = known.attributes.get(&change.attribute);
        !same(change.attribute, change.to.as_ref(), has)
    });
    Ok(new.map(|change| (change.attribute, change.to.clone())).collect())
}

/// Whether an action undoes what may have been done.
pub(super) fn undoes(action: &Action, unheard: &Unheard) -> bool {
    let changes = &mut action.content.changes.iter();
    changes.any(|change| unheard.get(&change.attribute) == Some(&change.from))
}
