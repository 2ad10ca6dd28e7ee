//! What a reviewer sees: now → proposed, and the very requests that would go out.

use std::time::Duration;

use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{Action, State, store};
use crate::{
    apps::{
        self, App,
        account::{self, Account, Confirmed},
        change::{Attribute, Attributes, Content, Kind},
    },
    connector::{Connectors, Request, Sought},
    directory::{self, User},
    kernel::{ActionId, Digest},
};

/// How long a reviewer waits for an app; a slow one is shown as it was last confirmed.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where the present values come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// From the app itself, just now.
    Live {
        /// When.
        at: OffsetDateTime,
    },
    /// From what the app last confirmed.
    Confirmed {
        /// When; `None` when it never was.
        at: Option<OffsetDateTime>,
        /// Why the app itself was not asked, in plain words.
        because: Option<String>,
    },
}

/// What a reviewer sees of one action.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The action as it is stored.
    pub action: Action,
    /// Whose account it is.
    pub user: User,
    /// In which app.
    pub app: App,
    /// What is done, over the present values.
    pub content: Content,
    /// What an approval of that is bound to.
    pub digest: Digest,
    /// The present attributes of the account; `None` when there is none.
    pub present: Option<Attributes>,
    /// Where they come from.
    pub read: Read,
    /// What would be sent.
    pub requests: Vec<Request>,
    /// Numbers of the actions that are sent before.
    pub waits_for: Vec<i64>,
}

impl Preview {
    /// Whether the app holds something else than what the stored action starts from.
    #[must_use]
    pub fn is_rebased(&self) -> bool {
        self.digest != self.action.digest()
    }

    /// The attributes that the account has and that stay as they are.
    pub fn unchanged(&self) -> impl Iterator<Item = Attribute> {
        let changed = |attribute: &Attribute| {
            self.content.changes.iter().any(|change| change.attribute == *attribute)
        };
        self.present.iter().flatten().map(|(attribute, _)| *attribute).filter(move |a| !changed(a))
    }
}

/// Shows one action. A pending one is read live from its app where that is possible; nothing is changed.
///
/// # Errors
/// When the database does not answer.
pub async fn preview(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    id: ActionId,
) -> sqlx::Result<Option<Preview>> {
    let Some(action) = store::find(pool, id).await? else { return Ok(None) };
    let user = directory::store::find(pool, action.content.account)
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    let app = apps::store::fetch(&mut *pool.acquire().await?, action.content.app).await?;
    let confirmed = account::store::find(pool, app.id, user.id).await?;
    let waits_for = store::sent_before(pool, &action).await?;

    let connector = connectors.of(&app);
    let (account, read) = match &connector {
        Ok(connector) if action.state == State::Pending => {
            let because = match (&app.pause, waits_for.is_empty()) {
                (Some(pause), _) => Err(pause.because.clone()),
                (None, false) => Err("earlier actions of this account are sent first".to_owned()),
                (None, true) => Ok(()),
            };
            match because {
                Ok(()) => {
                    let sought = sought(&action, &user, &confirmed);
                    match timeout(PATIENCE, connector.find(&sought))
                        .await
                        .map(|found| found.outcome)
                    {
                        Ok(Ok(account)) => (account, Read::Live { at: now }),
                        Ok(Err(refusal)) => stored(&confirmed, Some(refusal.says(&app.name))),
                        Err(_) => stored(
                            &confirmed,
                            Some(format!("{} takes too long to answer.", app.name)),
                        ),
                    }
                }
                Err(because) => stored(&confirmed, Some(because)),
            }
        }
        Ok(_) => stored(&confirmed, None),
        Err(error) => stored(&confirmed, Some(error.to_string())),
    };

    let present = account.as_ref().map(|account| account.attributes.clone());
    let live = matches!(read, Read::Live { .. });
    let content = match &present {
        Some(present) if live => action.content.over(present),
        _ => action.content.clone(),
    };
    let account = account.or_else(|| not_yet(&content, &waits_for));
    let requests =
        connector.map(|connector| connector.plan(&content, account.as_ref())).unwrap_or_default();
    let digest = content.digest();
    Ok(Some(Preview { action, user, app, content, digest, present, read, requests, waits_for }))
}

/// The account that an earlier action is about to create, as far as it is known: the app
/// has yet to give it its id.
fn not_yet(content: &Content, waits_for: &[i64]) -> Option<Account> {
    let from =
        content.changes.iter().filter_map(|change| Some((change.attribute, change.from.clone()?)));
    (!waits_for.is_empty() && content.kind != Kind::Create).then(|| Account {
        remote_id: "id-of-the-new-account".to_owned(),
        external_id: None,
        attributes: from.collect(),
        resource: None,
    })
}

fn stored(confirmed: &Confirmed, because: Option<String>) -> (Option<Account>, Read) {
    (confirmed.account(), Read::Confirmed { at: confirmed.at, because })
}

/// By what an action's account is looked for.
#[must_use]
pub fn sought(action: &Action, user: &User, confirmed: &Confirmed) -> Sought {
    let wanted = action.content.wants(Attribute::UserName).map(ToString::to_string);
    let known = confirmed.attributes.get(&Attribute::UserName).map(ToString::to_string);
    // An account that is known is looked for by the name it has; one that shall be, by the name it gets.
    let user_name = known.or(wanted).unwrap_or_else(|| user.profile.user_name.as_str().to_owned());
    Sought { user: user.id, remote_id: confirmed.remote_id.clone(), user_name }
}
