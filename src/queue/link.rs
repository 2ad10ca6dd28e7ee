//! Saying which account of an app is a person's.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Action, Illegal,
    asking::Asking,
    decide::lock,
    late,
    preview::sought,
    propose::{details, rederive},
    store,
};
use crate::{
    access::Approver,
    apps::{
        self,
        account::{self, Account, Unkept},
        change::{Attribute, Kind, same},
    },
    audit::{self, Verb},
    connector::{Connectors, Sought},
    kernel::ActionId,
};

/// Why nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no such action.
    #[error("there is no such action")]
    NotFound,
    /// It is no create, or the account cannot be linked; says why and what to do.
    #[error("{0}")]
    Not(String),
    /// Whoever asked, or whom it is about, cannot link where four eyes are on.
    #[error(
        "you asked for this change, or it is about you: with four eyes on, someone else must choose"
    )]
    OwnRequest,
    /// It was decided already, or undone.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Says that an account which the app has already is this person's. The create is over; what the account lacks
/// is asked for as a change of it, which waits for somebody whatever the rules say.
///
/// # Errors
/// [`LinkError::Not`] when the app has no such account, does not answer, or it is another person's.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn link(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    by: &Approver,
    id: ActionId,
    remote_id: &str,
) -> Result<Action, LinkError> {
    let stored = store::find(pool, id).await?.ok_or(LinkError::NotFound)?;
    if stored.content.kind != Kind::Create {
        let says = "Only a new account can be linked to one that is there already.";
        return Err(LinkError::Not(says.to_owned()));
    }
    // Who comes too late hears that first, and not what the app says.
    let mut connection = pool.acquire().await?;
    late::step::<LinkError>(&mut connection, &stored, |state| state.link(now)).await?;
    drop(connection);
    let account = read(pool, connectors, &stored, remote_id).await?;

    let mut tx = pool.begin().await?;
    let (mut action, user, app) = lock(&mut tx, &stored).await?;
    let over = late::step::<LinkError>(&mut tx, &action, |state| state.link(now)).await?;
    if action.bars(by.actor(), &app) {
        return Err(LinkError::OwnRequest);
    }
    account::store::let_go(&mut tx, app.id, &account.remote_id).await?;
    let found = Some((&*account.remote_id, &account.attributes));
    account::store::confirm(&mut tx, now, app.id, user.id, found, &Unkept::new())
        .await
        .map_err(anothers)?;
    action.state = over;
    action.candidates = Vec::new();
    store::put(&mut tx, now, &mut action).await?;
    let mut told = details(&action, &user, &app);
    told["remoteId"] = json!(account.remote_id);
    let by = by.actor().by();
    audit::record(&mut tx, now, &by, Verb::ActionLinked, action.about(), told).await?;
    let asking = Asking::again(now, by, &action).always_held();
    rederive(&mut tx, &asking, &app, &user).await?;
    store::ring(&mut tx).await?;
    tx.commit().await?;
    Ok(action)
}

/// The account as the app has it now.
async fn read(
    pool: &PgPool,
    connectors: &Connectors,
    action: &Action,
    remote_id: &str,
) -> Result<Account, LinkError> {
    let (app, user) = (action.content.app, action.content.account);
    let app = apps::store::fetch(&mut *pool.acquire().await?, app).await?;
    let person = crate::directory::store::find(pool, user).await?.ok_or(LinkError::NotFound)?;
    let connector = connectors.of(&app).map_err(|bad| LinkError::Not(bad.to_string()))?;
    let confirmed = account::store::find(pool, app.id, user).await?;
    let sought =
        Sought { remote_id: Some(remote_id.to_owned()), ..sought(action, &person, &confirmed) };
    let found = connector.find(&sought).await.outcome;
    match found.map_err(|refusal| LinkError::Not(refusal.says(&app.name)))? {
        Some(account) if account.remote_id == remote_id => {
            let (has, wants) = (
                account.attributes.get(&Attribute::UserName),
                action.content.wants(Attribute::UserName),
            );
            let same_name = same(Attribute::UserName, has, wants);
            if same_name || action.candidates.iter().any(|known| known.remote_id == remote_id) {
                return Ok(account);
            }
            let says =
                "That account has another user name and e-mail address: it is not this person's.";
            Err(LinkError::Not(says.to_owned()))
        }
        _ => Err(LinkError::Not(format!("{} has no such account any more.", app.name))),
    }
}

fn anothers(error: sqlx::Error) -> LinkError {
    if account::store::is_anothers(&error) {
        let says =
            "That account belongs to another person here. Choose another one, or reject this.";
        return LinkError::Not(says.to_owned());
    }
    error.into()
}
