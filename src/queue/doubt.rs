//! What may have been done to an account by something that was given up, and of which nobody heard.

use sqlx::PgConnection;

use super::{Action, store};
use crate::apps::{
    account::{self, Unheard},
    change::{Content, Kind},
};

/// Remembers what an action that is given up may have done to its account, until the app next tells; and says so,
/// as "EchoSign may have …". A delete that was given up is asked for again while it is wanted.
pub(super) async fn doubt(
    tx: &mut PgConnection,
    action: &Action,
) -> sqlx::Result<Option<&'static str>> {
    if action.content.kind == Kind::Create {
        let may = store::may_have_created(tx, action.id).await?;
        return Ok(may.then_some("made the account"));
    }
    let unheard = unheard(tx, action).await?;
    if unheard.is_empty() {
        return Ok(None);
    }
    account::store::doubt(tx, action.content.app, action.content.account, &unheard).await?;
    Ok(Some("made the change"))
}

/// What an action may have done to an account that is there.
pub(super) async fn unheard(tx: &mut PgConnection, action: &Action) -> sqlx::Result<Unheard> {
    let Content { kind, changes, .. } = &action.content;
    let known = matches!(kind, Kind::Update | Kind::Suspend | Kind::Reactivate);
    if !known || !store::may_have_changed(tx, action.id).await? {
        return Ok(Unheard::new());
    }
    Ok(changes.iter().map(|change| (change.attribute, change.to.clone())).collect())
}

/// Whether an action undoes what may have been done.
pub(super) fn undoes(action: &Action, unheard: &Unheard) -> bool {
    let changes = &mut action.content.changes.iter();
    changes.any(|change| unheard.get(&change.attribute) == Some(&change.from))
}
