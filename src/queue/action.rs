//! One action.

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{State, hint::Hint};
use crate::{
    access::Actor,
    apps::{App, account::Candidate, change::Content},
    audit::About,
    directory::Source,
    kernel::{ActionId, Digest},
};

/// The kind of job that sends an action; its payload is `{"action": "act_…"}`.
pub const SEND: &str = "send";

/// One create, update, suspend, reactivate or delete of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// Its number, for people: `#12`.
    pub number: i64,
    /// What is done, whole.
    pub content: Content,
    /// Where the change came from.
    pub source: Source,
    /// Whoever asked for it, or whom it is about, by id: no second pair of eyes.
    pub barred: Vec<Uuid>,
    /// Whether that mattered when it was approved.
    pub four_eyes: bool,
    /// Accounts of the app that may be meant, where somebody has to choose one, or none.
    pub candidates: Vec<Candidate>,
    /// What to look at twice, as far as it was known when it was asked for.
    pub hints: Vec<Hint>,
    /// How far it has come.
    pub state: State,
    /// When it was first asked for.
    pub created_at: OffsetDateTime,
    /// When its content or state last changed.
    pub changed_at: OffsetDateTime,
}

impl Action {
    /// What an approval of it is bound to.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.content.digest()
    }

    /// Whether `actor` asked for it or it is about them.
    #[must_use]
    pub fn is_own_of(&self, actor: &Actor) -> bool {
        actor.same_person().iter().any(|id| self.barred.contains(id))
    }

    /// Whether `actor` cannot be the one who lets it through: four eyes are on, and it is their own.
    #[must_use]
    pub fn bars(&self, actor: &Actor, app: &App) -> bool {
        app.provisioning.four_eyes && self.is_own_of(actor)
    }

    /// What its events are about.
    #[must_use]
    pub const fn about(&self) -> About {
        About::action(self.id, self.content.account, self.content.app)
    }

    /// The lane its jobs are worked in: one for each account.
    #[must_use]
    pub fn lane(&self) -> String {
        format!("{}/{}", self.content.app, self.content.account)
    }

    /// What the job that sends it holds.
    #[must_use]
    pub fn job(&self) -> Json {
        json!({ "action": self.id })
    }
}
