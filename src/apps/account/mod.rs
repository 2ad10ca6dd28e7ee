//! An account, as its app tells it and as it was last confirmed.

pub mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::OffsetDateTime;

use super::change::{Attribute, Attributes, Value};

/// What was sent and is not so afterwards: the value that was sent, `None` for the removal of one.
pub type Unkept = BTreeMap<Attribute, Option<Value>>;

/// What an account may have in place of what was last confirmed.
pub type Unheard = BTreeMap<Attribute, Option<Value>>;

/// One account as an app told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The app's own id for it.
    pub remote_id: String,
    /// Our id for its user, where the app keeps it (SCIM `externalId`).
    pub external_id: Option<String>,
    /// The attributes that we map, `active` always among them.
    pub attributes: Attributes,
    /// The whole resource as it was read, which a PUT must give back; `None` when this
    /// comes from our own tables and not from the app.
    pub resource: Option<Json>,
}

/// An account that may be meant by a create, as the app told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The app's own id for it.
    pub remote_id: String,
    /// The attributes that we map.
    pub attributes: Attributes,
}

impl From<Account> for Candidate {
    fn from(account: Account) -> Self {
        Self { remote_id: account.remote_id, attributes: account.attributes }
    }
}

/// An account as it was last confirmed, and what was sent that the app did not keep.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmed {
    /// The app's id for it; `None` when the app has no account of this user.
    pub remote_id: Option<String>,
    /// Its attributes; empty when there is none.
    pub attributes: Attributes,
    /// What was sent and not kept, so that it is not proposed again and again.
    pub unkept: Unkept,
    /// What it may have instead: left by changes that were given up, of which nobody heard how they ended.
    pub unheard: Unheard,
    /// When the app last told.
    pub at: Option<OffsetDateTime>,
}

impl Confirmed {
    /// The account's attributes, if there is an account.
    #[must_use]
    pub fn attributes(&self) -> Option<&Attributes> {
        self.remote_id.as_ref().map(|_| &self.attributes)
    }

    /// The account as our tables have it, if there is one.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        let remote_id = self.remote_id.clone()?;
        let attributes = self.attributes.clone();
        Some(Account { remote_id, external_id: None, attributes, resource: None })
    }
}
