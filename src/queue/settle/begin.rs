//! Beginning to send.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::super::{Action, decide::lock, propose::details, store};
use crate::{
    apps::{
        App,
        account::{self, Confirmed},
        change::Kind,
    },
    audit::{self, By, Verb},
    directory::User,
    jobs::{self, Claim, Settled, Step},
    kernel::ActionId,
};

/// All that is needed to send one action.
#[derive(Debug)]
pub struct Work {
    /// What is sent; its approval is of exactly this content.
    pub action: Action,
    /// Whose account.
    pub user: User,
    /// Where.
    pub app: App,
    /// The account as it was last confirmed.
    pub confirmed: Confirmed,
    /// Which try this is, counted from 1.
    pub attempt: i32,
    /// Whether an earlier try may have made the account, and nobody heard of it: a try of this action, or where
    /// this makes none and none is known, of a create that is over.
    pub tried: bool,
}

/// Whether there is something to send.
#[derive(Debug)]
pub enum Begun {
    /// There is, and the action says that it is being sent.
    Work(Box<Work>),
    /// Not now, or not at all: the job is settled.
    Nothing(Settled),
}

/// Takes the action of a job in hand: approved → sending, with the attempt noted. A job whose
/// action is over is done; one whose app is paused or switched off waits for its gate to open.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    pool: &PgPool,
    now: OffsetDateTime,
    claim: &Claim,
    id: ActionId,
) -> sqlx::Result<Begun> {
    let stored = store::find(pool, id).await?;
    let mut tx = pool.begin().await?;
    let Some(stored) = stored else {
        let settled = jobs::store::settle(&mut tx, claim, Step::Done).await?;
        tx.commit().await?;
        return Ok(Begun::Nothing(settled));
    };
    let (mut action, user, app) = lock(&mut tx, &stored).await?;
    let held = jobs::store::hold(&mut tx, claim).await?;
    let step = match action.state.clone().begin() {
        Err(_over) => Some(Step::Done),
        Ok(_) if !held => Some(Step::Done),
        // It was claimed just before its gate was closed.
        Ok(_) if !app.is_open() => {
            Some(Step::Later { at: now, says: "nothing is sent to the app".to_owned() })
        }
        Ok(sending) => {
            action.state = sending;
            None
        }
    };
    if let Some(step) = step {
        let settled = jobs::store::settle(&mut tx, claim, step).await?;
        tx.commit().await?;
        return Ok(Begun::Nothing(settled));
    }
    let confirmed = account::store::lock(&mut tx, app.id, user.id).await?;
    let tried = match (action.content.kind, &confirmed.remote_id) {
        (Kind::Create, _) => store::may_have_created(&mut tx, id).await?,
        (_, None) => store::left(&mut tx, app.id, user.id).await?.is_some(),
        (_, Some(_)) => false,
    };
    let attempt = store::begin_attempt(&mut tx, now, app.id, id).await?;
    store::put(&mut tx, now, &mut action).await?;
    let mut told = details(&action, &user, &app);
    told["attempt"] = attempt.into();
    let by = By::System("Forwarder".to_owned());
    audit::record(&mut tx, now, &by, Verb::ActionSending, action.about(), told).await?;
    tx.commit().await?;
    Ok(Begun::Work(Box::new(Work { action, user, app, confirmed, attempt, tried })))
}
