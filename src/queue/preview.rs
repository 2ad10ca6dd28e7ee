//! What a reviewer sees: now → proposed, and the very requests that would go out.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{Action, State, store};
use crate::{
    apps::{
        self, App,
        account::{self, Account, Candidate, Confirmed},
        change::{Attribute, Attributes, Content, Kind},
    },
    connector::{Connector, Connectors, Look, Recent, Refusal, Request, Sought},
    directory::{self, User},
    kernel::{ActionId, Digest},
};

/// How long a reviewer waits for an app; a slower one is shown as it was last confirmed.
const PATIENCE: Duration = Duration::from_secs(2);

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
    /// Accounts of the app that may be meant, where somebody has to choose one, or none.
    pub candidates: Vec<Candidate>,
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
    let Some(shown) = Shown::read(pool, id).await? else { return Ok(None) };
    let look = match shown.may_look(connectors) {
        Ok(connector) => shown.look(&*connector, now).await,
        Err(because) => Looked::Not(because),
    };
    Ok(Some(shown.preview(connectors, look)))
}

/// The same for whoever looks again and again: what the app told a moment ago is as good as asking it.
///
/// # Errors
/// When the database does not answer.
pub async fn glance(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    id: ActionId,
) -> sqlx::Result<Option<Preview>> {
    let Some(shown) = Shown::read(pool, id).await? else { return Ok(None) };
    let look = match shown.may_look(connectors) {
        Err(because) => Looked::Not(because),
        Ok(connector) => shown.look_or_remember(&*connector, connectors.recent(), now).await,
    };
    Ok(Some(shown.preview(connectors, look)))
}

/// What our own tables say of an action.
struct Shown {
    action: Action,
    user: User,
    app: App,
    confirmed: Confirmed,
    waits_for: Vec<i64>,
}

/// Whether the app was looked at.
enum Looked {
    /// It was.
    At(Look),
    /// It was not; why, in plain words, where that is worth telling.
    Not(Option<String>),
}

impl Shown {
    async fn read(pool: &PgPool, id: ActionId) -> sqlx::Result<Option<Self>> {
        let Some(action) = store::find(pool, id).await? else { return Ok(None) };
        let (app, user) = (action.content.app, action.content.account);
        let user = directory::store::find(pool, user).await?.ok_or(sqlx::Error::RowNotFound)?;
        let app = apps::store::fetch(&mut *pool.acquire().await?, app).await?;
        let confirmed = account::store::find(pool, app.id, user.id).await?;
        let waits_for = store::sent_before(pool, &action).await?;
        Ok(Some(Self { action, user, app, confirmed, waits_for }))
    }

    /// The connector to look with, or why there is nothing to look at.
    fn may_look(&self, connectors: &Connectors) -> Result<Arc<dyn Connector>, Option<String>> {
        let connector = connectors.of(&self.app).map_err(|error| Some(error.to_string()))?;
        match (&self.action.state, &self.app.pause) {
            (State::Pending, Some(pause)) => Err(Some(pause.because.clone())),
            (State::Pending, None) if !self.waits_for.is_empty() => {
                Err(Some("Earlier actions of this account are sent first.".to_owned()))
            }
            (State::Pending, None) => Ok(connector),
            _ => Err(None),
        }
    }

    async fn look_or_remember(
        &self,
        connector: &dyn Connector,
        recent: &Recent,
        now: OffsetDateTime,
    ) -> Looked {
        let (app, user) = (self.app.id, self.user.id);
        if let Some(look) = recent.find(now, app, user, &self.confirmed) {
            return Looked::At(look);
        }
        let looked = self.look(connector, now).await;
        if let Looked::At(look) = &looked {
            recent.keep(app, user, &self.confirmed, look);
        }
        looked
    }

    async fn look(&self, connector: &dyn Connector, now: OffsetDateTime) -> Looked {
        let sought = sought(&self.action, &self.user, &self.confirmed);
        let late = || format!("{} does not answer.", self.app.name);
        let mut look = Look { at: now, found: Ok(None), candidates: Vec::new() };
        look.found = match timeout(PATIENCE, connector.find(&sought)).await {
            Err(_) => Err(late()),
            Ok(found) => match found.outcome {
                Ok(account) => Ok(account),
                Err(refusal) => {
                    if let Refusal::Ambiguous { .. } = refusal {
                        let found = timeout(PATIENCE, connector.candidates(&sought)).await;
                        look.candidates =
                            found.ok().and_then(|found| found.outcome.ok()).unwrap_or_default();
                    }
                    Err(refusal.says(&self.app.name))
                }
            },
        };
        Looked::At(look)
    }

    fn preview(self, connectors: &Connectors, looked: Looked) -> Preview {
        let Self { action, user, app, confirmed, waits_for } = self;
        let stored = |because| {
            (confirmed.account(), Read::Confirmed { at: confirmed.at, because }, Vec::new())
        };
        let (account, read, mut candidates) = match looked {
            Looked::At(Look { at, found: Ok(account), .. }) => {
                (account, Read::Live { at }, Vec::new())
            }
            Looked::At(Look { found: Err(because), candidates, .. }) => {
                let (account, read, _) = stored(Some(because));
                (account, read, candidates.into_iter().map(Candidate::from).collect())
            }
            Looked::Not(because) => stored(because),
        };
        let live = matches!(read, Read::Live { .. });
        if candidates.is_empty() && !(live && account.is_some()) {
            candidates.clone_from(&action.candidates);
        }
        let present = account.as_ref().map(|account| account.attributes.clone());
        let content = match &present {
            Some(present) if live => action.content.over(present),
            // The account that was found in its place is gone: nothing is taken over.
            None if live && action.content.kind == Kind::Create => {
                action.content.over(&Attributes::new())
            }
            _ => action.content.clone(),
        };
        let account = account.or_else(|| not_yet(&content, &waits_for));
        let plan = |connector: Arc<dyn Connector>| connector.plan(&content, account.as_ref());
        let requests = connectors.of(&app).map(plan).unwrap_or_default();
        let digest = content.digest();
        Preview {
            action,
            user,
            app,
            content,
            digest,
            present,
            read,
            candidates,
            requests,
            waits_for,
        }
    }
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

/// By what an action's account is looked for.
#[must_use]
pub fn sought(action: &Action, user: &User, confirmed: &Confirmed) -> Sought {
    let wanted = action.content.wants(Attribute::UserName).map(ToString::to_string);
    let known = confirmed.attributes.get(&Attribute::UserName).map(ToString::to_string);
    // An account that is known is looked for by the name it has; one that shall be, by the name it gets.
    let user_name = known.or(wanted).unwrap_or_else(|| user.profile.user_name.as_str().to_owned());
    let email = action.content.wants(Attribute::Email).map(ToString::to_string);
    let remote_id = confirmed.remote_id.clone();
    Sought { user: user.id, remote_id, user_name, email }
}
