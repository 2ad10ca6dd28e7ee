//! An app, its connection, and how it is provisioned.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::OffsetDateTime;
use url::Url;

use super::{
    change::{Attribute, Kind},
    reason::Reasons,
    seal::Sealed,
};
use crate::kernel::{AppId, words};

words! {
    /// What speaks the app's API.
    ConnectorKind {
        /// SCIM 2.0.
        Scim = "scim",
        /// Acrobat Sign REST v6.
        AcrobatSign = "acrobat-sign",
    }
}

words! {
    /// How accounts are changed.
    Updates {
        /// As Connect found out.
        Detect = "detect",
        /// By PATCH.
        Patch = "patch",
        /// By reading the whole resource and putting it back.
        Put = "put",
    }
}

words! {
    /// How accounts are looked up.
    Lookups {
        /// As Connect found out.
        Detect = "detect",
        /// By `filter`.
        Filter = "filter",
        /// By reading the whole list.
        List = "list",
    }
}

words! {
    /// How accounts are deleted.
    Deletes {
        /// By DELETE.
        Delete = "delete",
        /// By switching them off, where the app cannot delete.
        Deactivate = "deactivate",
    }
}

words! {
    /// A simpler way to ask, which the app's answers taught us.
    Learnt {
        /// One operation in each PATCH.
        OneOperation = "one-operation",
        /// No PATCH at all.
        Put = "put",
    }
}

words! {
    /// *When users are deleted…*
    OnDelete {
        /// The account is deleted.
        Delete = "delete",
        /// The account is suspended.
        Suspend = "suspend",
        /// Nothing happens to it.
        Nothing = "nothing",
    }
}

words! {
    /// *When users are suspended…*
    OnSuspend {
        /// The account is suspended.
        Suspend = "suspend",
        /// Nothing happens to it.
        Nothing = "nothing",
    }
}

/// How an app is spoken to. Settings and not constants, since EchoSign's own SCIM endpoint is
/// not publicly documented (`facts/echosign.md` 1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// In which language.
    pub connector: ConnectorKind,
    /// Where.
    pub base_url: Url,
    /// With which bearer token.
    pub credential: Sealed,
    /// How accounts are changed.
    pub updates: Updates,
    /// How accounts are looked up.
    pub lookups: Lookups,
    /// How accounts are deleted.
    pub deletes: Deletes,
    /// What its answers taught us since.
    pub learnt: Option<Learnt>,
    /// What the last Connect found, as the connector wrote it.
    pub capabilities: Option<Json>,
    /// When the last Connect succeeded.
    pub verified_at: Option<OffsetDateTime>,
}

/// *Require admin approval before this action is performed.*
#[expect(clippy::struct_excessive_bools, reason = "each is one check box of the article")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// Create user; and reactivate, which gives access just the same.
    pub create: bool,
    /// Update user.
    pub update: bool,
    /// Suspend user.
    pub suspend: bool,
    /// Delete user.
    pub delete: bool,
}

impl Approvals {
    /// Whether an action of `kind` waits for a person.
    #[must_use]
    pub const fn require(self, kind: Kind) -> bool {
        match kind {
            Kind::Create | Kind::Reactivate => self.create,
            Kind::Update => self.update,
            Kind::Suspend => self.suspend,
            Kind::Delete => self.delete,
        }
    }
}

/// The *Provisioning* tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provisioning {
    /// *Enable provisioning.*
    pub enabled: bool,
    /// Which kinds wait for a person.
    pub approve: Approvals,
    /// What becomes of the account of a deleted user.
    pub on_delete: OnDelete,
    /// What becomes of the account of a suspended user.
    pub on_suspend: OnSuspend,
    /// Whether nobody may approve what they asked for, or what is about them.
    pub four_eyes: bool,
}

/// How approved actions are sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sending {
    /// How long an approval by a person can be undone before it is sent, in seconds; at most [`LONGEST_UNDO`].
    pub undo_seconds: u16,
    /// A change of these in the app does not bring an action back for review: it is sent anyway.
    pub send_anyway: BTreeSet<Attribute>,
}

/// The longest that an approval waits for somebody to undo it, in seconds.
pub const LONGEST_UNDO: u16 = 600;

words! {
    /// Who or what stopped sending to an app.
    PausedBy {
        /// Somebody did.
        Person = "person",
        /// The app refused what everything needs: the token, the address. A person has to mend that.
        Refusal = "refusal",
        /// Too many tries failed in a short time. It goes on once a probe is answered.
        Failures = "failures",
    }
}

/// Why nothing is sent to an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub at: OffsetDateTime,
    /// Who or what stopped it.
    pub by: PausedBy,
    /// Why, and what to mend.
    pub because: String,
}

/// A system that accounts are provisioned in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// Its name in addresses: `echosign`.
    pub slug: String,
    /// Its name on pages: EchoSign.
    pub name: String,
    /// How it is spoken to, once it is connected.
    pub connection: Option<Connection>,
    /// How it is provisioned.
    pub provisioning: Provisioning,
    /// What reasons for decisions have to be like.
    pub reasons: Reasons,
    /// How approved actions are sent to it.
    pub sending: Sending,
    /// Why nothing is sent to it at present.
    pub pause: Option<Pause>,
    /// Since when it only finishes what was approved by then, and is paused after that.
    pub draining_at: Option<OffsetDateTime>,
    /// When it last went on after a pause.
    pub resumed_at: Option<OffsetDateTime>,
    /// The mail domains that are the organisation's own, in lower case. When there are none, those of its
    /// administrators are.
    pub domains: Vec<String>,
}

impl App {
    /// Whether anything may be sent to it at all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.pause.is_none() && self.connection.is_some() && self.provisioning.enabled
    }
}
