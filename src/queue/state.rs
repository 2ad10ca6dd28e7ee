//! How far an action has come.

use time::OffsetDateTime;
use uuid::Uuid;

use super::late::{Illegal, Moved, a_rule};
use crate::kernel::{Digest, words};

words! {
    /// The state of an action, without its facts.
    Status {
        /// Waits for a person.
        Pending = "pending",
        /// Waits to be sent.
        Approved = "approved",
        /// Is being sent.
        Sending = "sending",
        /// The app has it.
        Provisioned = "provisioned",
        /// The app will not take it.
        Failed = "failed",
        /// A person turned it down.
        Rejected = "rejected",
        /// A person gave it up.
        Cancelled = "cancelled",
        /// A newer change undid it.
        Withdrawn = "withdrawn",
    }
}

/// Who let an action through, or turned it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// An administrator or a token, and what it was called.
    Person {
        /// The id of either.
        id: Uuid,
        /// The name at the time.
        name: String,
    },
    /// A rule, by its words.
    Rule(String),
}

impl Decider {
    /// The person's name or the rule's words.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person { name, .. } | Self::Rule(name) => name,
        }
    }
}

/// A decision, bound to the digest of what was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whose.
    pub by: Decider,
    /// When.
    pub at: OffsetDateTime,
    /// On exactly what.
    pub digest: Digest,
    /// Why, where a reason was given.
    pub reason: Option<String>,
}

/// How far an action has come. What each step knows is in its variant, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits for a person.
    Pending,
    /// Waits to be sent.
    Approved(Decision),
    /// Is being sent.
    Sending(Decision),
    /// The app has it since then.
    Provisioned(Decision, OffsetDateTime),
    /// The app will not take it: since when, and the cause in plain words.
    Failed(Decision, OffsetDateTime, String),
    /// A person turned it down; the decision holds the reason.
    Rejected(Decision),
    /// A person gave it up after it was approved.
    Cancelled(Decision, OffsetDateTime),
    /// A newer change undid it.
    Withdrawn(Option<Decision>, OffsetDateTime),
}

impl State {
    /// The state without its facts.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Approved(_) => Status::Approved,
            Self::Sending(_) => Status::Sending,
            Self::Provisioned(..) => Status::Provisioned,
            Self::Failed(..) => Status::Failed,
            Self::Rejected(_) => Status::Rejected,
            Self::Cancelled(..) => Status::Cancelled,
            Self::Withdrawn(..) => Status::Withdrawn,
        }
    }

    /// The decision that stands, if there is one.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Pending => None,
            Self::Approved(decision)
            | Self::Sending(decision)
            | Self::Provisioned(decision, _)
            | Self::Failed(decision, ..)
            | Self::Rejected(decision)
            | Self::Cancelled(decision, _) => Some(decision),
            Self::Withdrawn(decision, _) => decision.as_ref(),
        }
    }

    /// When it came to its end, if it has.
    #[must_use]
    pub const fn ended_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Pending | Self::Approved(_) | Self::Sending(_) => None,
            Self::Provisioned(_, at)
            | Self::Failed(_, at, _)
            | Self::Cancelled(_, at)
            | Self::Withdrawn(_, at) => Some(*at),
            Self::Rejected(decision) => Some(decision.at),
        }
    }

    /// Lets it through.
    ///
    /// # Errors
    /// [`Illegal`] unless it is pending.
    pub fn approve(self, decision: Decision) -> Result<Self, Illegal> {
        match self {
            Self::Pending => Ok(Self::Approved(decision)),
            other => Err(other.illegal("approve")),
        }
    }

    /// Turns it down; the decision holds the reason.
    ///
    /// # Errors
    /// [`Illegal`] unless it is pending.
    pub fn reject(self, decision: Decision) -> Result<Self, Illegal> {
        match self {
            Self::Pending => Ok(Self::Rejected(decision)),
            other => Err(other.illegal("reject")),
        }
    }

    /// Takes the decision back: an approval before it is sent, a rejection at any time.
    ///
    /// # Errors
    /// [`Illegal`] unless it is approved or rejected.
    pub fn undo(self) -> Result<Self, Illegal> {
        match self {
            Self::Approved(_) | Self::Rejected(_) => Ok(Self::Pending),
            other => Err(other.illegal("undo")),
        }
    }

    /// Begins to send it, or to send it again after a worker died.
    ///
    /// # Errors
    /// [`Illegal`] unless it is approved or being sent.
    pub fn begin(self) -> Result<Self, Illegal> {
        match self {
            Self::Approved(decision) | Self::Sending(decision) => Ok(Self::Sending(decision)),
            other => Err(other.illegal("send")),
        }
    }

    /// The app has it.
    ///
    /// # Errors
    /// [`Illegal`] unless it is being sent.
    pub fn provision(self, at: OffsetDateTime) -> Result<Self, Illegal> {
        match self {
            Self::Sending(decision) => Ok(Self::Provisioned(decision, at)),
            other => Err(other.illegal("settle")),
        }
    }

    /// The app cannot take it now.
    ///
    /// # Errors
    /// [`Illegal`] unless it is being sent.
    pub fn postpone(self) -> Result<Self, Illegal> {
        match self {
            Self::Sending(decision) => Ok(Self::Approved(decision)),
            other => Err(other.illegal("postpone")),
        }
    }

    /// The app will not take it.
    ///
    /// # Errors
    /// [`Illegal`] unless it is being sent.
    pub fn fail(self, at: OffsetDateTime, cause: String) -> Result<Self, Illegal> {
        match self {
            Self::Sending(decision) => Ok(Self::Failed(decision, at, cause)),
            other => Err(other.illegal("settle")),
        }
    }

    /// It is no longer what was approved: back to whoever decides.
    ///
    /// # Errors
    /// [`Illegal`] unless it is being sent.
    pub fn drift(self) -> Result<Self, Illegal> {
        match self {
            Self::Sending(_) => Ok(Self::Pending),
            other => Err(other.illegal("send back")),
        }
    }

    /// Sends it again after it failed: the approval of the same content still stands.
    ///
    /// # Errors
    /// [`Illegal`] unless it failed.
    pub fn retry(self) -> Result<Self, Illegal> {
        match self {
            Self::Failed(decision, ..) => Ok(Self::Approved(decision)),
            other => Err(other.illegal("retry")),
        }
    }

    /// Gives it up before it is sent, or after it failed.
    ///
    /// # Errors
    /// [`Illegal`] unless it is approved or failed.
    pub fn cancel(self, at: OffsetDateTime) -> Result<Self, Illegal> {
        match self {
            Self::Approved(decision) | Self::Failed(decision, ..) => {
                Ok(Self::Cancelled(decision, at))
            }
            other => Err(other.illegal("cancel")),
        }
    }

    /// A newer change, or the app itself, undid it.
    ///
    /// # Errors
    /// [`Illegal`] when it is over, or waits to be sent.
    pub fn withdraw(self, at: OffsetDateTime) -> Result<Self, Illegal> {
        match self {
            Self::Pending => Ok(Self::Withdrawn(None, at)),
            Self::Sending(decision) | Self::Failed(decision, ..) => {
                Ok(Self::Withdrawn(Some(decision), at))
            }
            other => Err(other.illegal("withdraw")),
        }
    }

    /// Somebody said which account is meant, so that none is made.
    ///
    /// # Errors
    /// [`Illegal`] unless it is pending.
    pub fn link(self, at: OffsetDateTime) -> Result<Self, Illegal> {
        match self {
            Self::Pending => Ok(Self::Withdrawn(None, at)),
            other => Err(other.illegal("link")),
        }
    }

    fn illegal(self, step: &'static str) -> Illegal {
        let did = if matches!(self, Self::Rejected(_)) { "rejected" } else { "approved" };
        let last = self.decision().map(|decision| {
            let by = match &decision.by {
                Decider::Person { name, .. } => name.clone(),
                Decider::Rule(words) => a_rule(words),
            };
            Moved { did, by, at: decision.at }
        });
        Illegal { from: self.status(), step, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn decision() -> Decision {
        let by = Decider::Rule("by rule: it is so".to_owned());
        Decision { by, at: AT, digest: Digest::of(&"x"), reason: None }
    }

    fn every() -> [State; 8] {
        [
            State::Pending,
            State::Approved(decision()),
            State::Sending(decision()),
            State::Provisioned(decision(), AT),
            State::Failed(decision(), AT, "no".to_owned()),
            State::Rejected(decision()),
            State::Cancelled(decision(), AT),
            State::Withdrawn(None, AT),
        ]
    }

    #[test]
    fn each_step_starts_where_the_drawing_says_and_nowhere_else() {
        use Status::{
            Approved, Cancelled, Failed, Pending, Provisioned, Rejected, Sending, Withdrawn,
        };
        type Step = fn(State) -> Result<State, Illegal>;
        let table: [(&str, Step, &[Status], Status); 12] = [
            ("approve", |s| s.approve(decision()), &[Pending], Approved),
            ("reject", |s| s.reject(decision()), &[Pending], Rejected),
            ("undo", State::undo, &[Approved, Rejected], Pending),
            ("begin", State::begin, &[Approved, Sending], Sending),
            ("provision", |s| s.provision(AT), &[Sending], Provisioned),
            ("postpone", State::postpone, &[Sending], Approved),
            ("fail", |s| s.fail(AT, "no".to_owned()), &[Sending], Failed),
            ("drift", State::drift, &[Sending], Pending),
            ("retry", State::retry, &[Failed], Approved),
            ("cancel", |s| s.cancel(AT), &[Approved, Failed], Cancelled),
            ("link", |s| s.link(AT), &[Pending], Withdrawn),
            ("withdraw", |s| s.withdraw(AT), &[Pending, Sending, Failed], Withdrawn),
        ];
        for (name, step, starts, end) in table {
            for state in every() {
                let from = state.status();
                let moved = step(state).map(|state| state.status());

                match moved {
                    Ok(to) => {
                        assert!(starts.contains(&from) && to == end, "{name} from {from} to {to}");
                    }
                    Err(illegal) => {
                        assert!(!starts.contains(&from), "{name} from {from}");
                        assert_eq!(illegal.from, from);
                    }
                }
            }
        }
    }

    #[test]
    fn whoever_loses_a_race_hears_who_won_it() {
        let illegal = State::Approved(decision()).approve(decision()).expect_err("too late");

        let says = "cannot approve: already approved by a rule (it is so) at 1970-01-01 00:00 UTC";
        assert_eq!(illegal.to_string(), says);
    }
}
