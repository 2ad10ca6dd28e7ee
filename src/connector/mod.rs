//! What speaks an app's API: looks accounts up, plans requests, sends them.
//!
//! May use: apps, kernel, scim.
//!
//! `plan` is pure: the preview a reviewer sees and what the forwarder sends are the
//! same value. Every answer of an app means exactly one thing, a [`Refusal`] included.
//! Nothing here reads or writes a table, and nothing here decides.

pub mod answer;
mod factory;
mod recent;
pub mod scim;
pub mod transport;

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use self::answer::{Fate, Instead, Refusal, TlsFault, Unreached};
pub use self::factory::{BadConnection, Connectors};
pub use self::recent::{Look, Recent};
use crate::{
    apps::{account::Account, change::Content},
    kernel::UserId,
};

/// Whose account is looked for, and by what it may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Our id of the user, which the app may keep as `externalId`.
    pub user: UserId,
    /// The app's id of the account, where it once told it.
    pub remote_id: Option<String>,
    /// The user name it has or shall have.
    pub user_name: String,
    /// The e-mail address it shall have.
    pub email: Option<String>,
}

/// One HTTP request of a plan. Holds no credential: the transport adds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `POST`, `PUT`, `PATCH` or `DELETE`; `GET` where it only looks.
    pub method: String,
    /// Below the app's base URL, percent-encoded, without a leading slash, with its query
    /// where it has one: `Users/6f2a`.
    pub path: String,
    /// The JSON body, where there is one.
    pub body: Option<serde_json::Value>,
}

/// One request that was really made and what came back, for the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked.
    pub request: Request,
    /// The HTTP status, or `None` when no answer came.
    pub status: Option<u16>,
    /// The beginning of what came back, at most 2,000 characters, or why nothing did.
    pub answer: String,
    /// How long it took.
    pub duration_ms: u64,
}

/// What became of one request.
#[derive(Debug)]
pub struct Sent {
    /// The evidence.
    pub exchange: Exchange,
    /// The account as the answer shows it, where it shows one.
    pub outcome: Result<Option<Account>, Refusal>,
}

/// What a look-up found, and the requests it took.
#[derive(Debug)]
pub struct Found {
    /// The evidence, one entry a request.
    pub exchanges: Vec<Exchange>,
    /// The account, `None` when there is none.
    pub outcome: Result<Option<Account>, Refusal>,
}

/// Accounts that may be meant, and the requests it took to find them.
#[derive(Debug)]
pub struct Candidates {
    /// The evidence, one entry a request.
    pub exchanges: Vec<Exchange>,
    /// The accounts, none when there are none.
    pub outcome: Result<Vec<Account>, Refusal>,
}

/// What `connect` learnt about an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Whether the app described itself (RFC 7643 section 5) or was only asked for its users.
    pub described: bool,
    /// Whether PATCH works, by its own word; `None` when it did not say.
    pub patch: Option<bool>,
    /// Whether `filter` works, by its own word or by trying; `None` when it could not be told.
    pub filter: Option<bool>,
    /// How many accounts the app says it has.
    pub accounts: Option<u64>,
    /// Whether its schema of an e-mail address has no `type`, so that none may be sent.
    #[serde(default)]
    pub untyped: bool,
}

impl Capabilities {
    /// Reads what was stored; `None` when an older or newer version wrote it in another way.
    #[must_use]
    pub fn read(stored: &serde_json::Value) -> Option<Self> {
        Self::deserialize(stored).ok()
    }

    /// As it is stored with the app.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!(self)
    }
}

/// Speaks one app's API.
#[async_trait]
pub trait Connector: Send + Sync + fmt::Debug {
    /// Asks the app to describe itself and for its users, and says what it can do.
    ///
    /// # Errors
    /// What has to be mended before it can be used.
    async fn connect(&self) -> Result<Capabilities, Refusal>;

    /// Asks for as little as shows that the app can be used.
    ///
    /// # Errors
    /// What has to be mended, or that it does not answer.
    async fn probe(&self) -> Result<(), Refusal>;

    /// Looks an account up: by the app's id, else by user name, else by our id.
    async fn find(&self, sought: &Sought) -> Found;

    /// Every account that may be meant: of the user name, of our id, or of the e-mail address.
    async fn candidates(&self, sought: &Sought) -> Candidates;

    /// The requests that take `current` to what `content` says; empty when nothing is left to do.
    /// Pure. `current` is `None` when the app has no such account: then only a create asks for
    /// anything, and whoever wants to change an account must have found one.
    fn plan(&self, content: &Content, current: Option<&Account>) -> Vec<Request>;

    /// Sends one request of a plan.
    async fn send(&self, request: &Request) -> Sent;
}
