//! One entry of the history.

use serde_json::Value as Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::kernel::{ActionId, AdministratorId, AppId, EventId, TokenId, UserId, words};

/// Who did it, and what they were called at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Someone who signed in.
    Administrator(AdministratorId, String),
    /// A bearer token.
    Token(TokenId, String),
    /// A rule of an app's settings, by its words.
    Rule(String),
    /// Countersign itself, or someone at the machine; says which part.
    System(String),
}

impl By {
    /// Its word in the table.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Administrator(..) => "administrator",
            Self::Token(..) => "token",
            Self::Rule(_) => "rule",
            Self::System(_) => "system",
        }
    }

    /// Its id, where it has one.
    #[must_use]
    pub const fn id(&self) -> Option<Uuid> {
        match self {
            Self::Administrator(id, _) => Some(id.uuid()),
            Self::Token(id, _) => Some(id.uuid()),
            Self::Rule(_) | Self::System(_) => None,
        }
    }

    /// What it was called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Administrator(_, name)
            | Self::Token(_, name)
            | Self::Rule(name)
            | Self::System(name) => name,
        }
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct About {
    /// Which action.
    pub action: Option<ActionId>,
    /// Whose.
    pub user: Option<UserId>,
    /// In which app.
    pub app: Option<AppId>,
}

impl About {
    /// About a user.
    #[must_use]
    pub fn user(user: UserId) -> Self {
        Self { user: Some(user), ..Self::default() }
    }

    /// About an app.
    #[must_use]
    pub fn app(app: AppId) -> Self {
        Self { app: Some(app), ..Self::default() }
    }

    /// About an action.
    #[must_use]
    pub const fn action(action: ActionId, user: UserId, app: AppId) -> Self {
        Self { action: Some(action), user: Some(user), app: Some(app) }
    }
}

words! {
    /// What was done.
    Verb {
        /// An administrator was made.
        AdministratorCreated = "administrator.created",
        /// Someone signed in.
        SignedIn = "administrator.signed_in",
        /// Someone signed out.
        SignedOut = "administrator.signed_out",
        /// A sign-in was refused.
        SignInRefused = "administrator.sign_in_refused",
        /// A token was made.
        TokenCreated = "token.created",
        /// An identity provider may push from now on.
        SourceCreated = "source.created",
        /// A source was given another token; the ones before run out.
        SourceRotated = "source.rotated",
        /// A source may push no longer.
        SourceRevoked = "source.revoked",
        /// An app was connected: it answered, and its credential was stored.
        AppConnected = "app.connected",
        /// How an app is provisioned was changed.
        AppConfigured = "app.configured",
        /// Sending to an app was stopped: by somebody, by what it refused, or by too many failures.
        AppPaused = "app.paused",
        /// An app is paused once what was approved by then is sent.
        AppDraining = "app.draining",
        /// Sending to an app goes on.
        AppResumed = "app.resumed",
        /// The app's answers taught us a simpler way to ask.
        AppLearnt = "app.learnt",
        /// A person was added.
        UserCreated = "user.created",
        /// What is known of a person was changed.
        UserUpdated = "user.updated",
        /// A person was suspended.
        UserSuspended = "user.suspended",
        /// A suspension was lifted.
        UserReactivated = "user.reactivated",
        /// A person was deleted.
        UserDeleted = "user.deleted",
        /// A group was pushed.
        GroupCreated = "group.created",
        /// What a group is called, or who is in it, was changed.
        GroupUpdated = "group.updated",
        /// A group was deleted.
        GroupDeleted = "group.deleted",
        /// A file of people was read, and applying it began.
        ImportStarted = "import.started",
        /// A file of people was applied, or stopped on the way.
        ImportFinished = "import.finished",
        /// A decision on many actions at once was started.
        RunStarted = "run.started",
        /// A decision on many actions at once was finished, or stopped on the way.
        RunEnded = "run.ended",
        /// An action was asked for and waits.
        ActionRequested = "action.requested",
        /// A newer change was folded into an action that still waited.
        ActionFolded = "action.folded",
        /// The app held something else than was shown; the action now starts from that.
        ActionRebased = "action.rebased",
        /// Someone, or a rule, let it through.
        ActionApproved = "action.approved",
        /// Someone took back a decision, theirs or another's: an approval before it was sent, or a rejection.
        ActionUndone = "action.undone",
        /// Someone said which account of the app is meant.
        ActionLinked = "action.linked",
        /// Someone turned it down.
        ActionRejected = "action.rejected",
        /// A newer change undid it.
        ActionWithdrawn = "action.withdrawn",
        /// Sending began.
        ActionSending = "action.sending",
        /// The app could not take it now; it is tried again.
        ActionPostponed = "action.postponed",
        /// What was approved is no longer what would be done; it came back for review.
        ActionDrifted = "action.drifted",
        /// An account that was there already was taken over.
        ActionAdopted = "action.adopted",
        /// The app has it.
        ActionProvisioned = "action.provisioned",
        /// The app will not take it.
        ActionFailed = "action.failed",
        /// Someone had a failed action sent again.
        ActionRetried = "action.retried",
        /// Someone gave it up.
        ActionCancelled = "action.cancelled",
    }
}

/// One entry, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of recording.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: OffsetDateTime,
    /// `administrator`, `token`, `rule` or `system`.
    pub actor_kind: String,
    /// What the actor was called; `None` once it was erased.
    pub actor: Option<String>,
    /// What was done.
    pub verb: Verb,
    /// To what.
    pub about: About,
    /// The rest, by verb; `Null` once it was erased. Always an object with `actor` otherwise.
    pub details: Json,
}

impl Event {
    /// One text of the details.
    #[must_use]
    pub fn detail(&self, key: &str) -> Option<&str> {
        self.details.get(key)?.as_str()
    }
}
