//! Whoever acts, and the proofs of what they may do.

use uuid::Uuid;

use crate::{
    audit::By,
    kernel::{AdministratorId, TokenId, words},
};

words! {
    /// What an administrator is trusted with.
    Role {
        /// Everything: administrators, apps, people, decisions.
        Owner = "owner",
        /// People and retries, but no decision: who asks is not who approves.
        Operator = "operator",
        /// Decisions and retries.
        Approver = "approver",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
    }
}

/// Which identity acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Someone who signed in.
    Administrator(AdministratorId),
    /// A bearer token of scope `api`, and who made it where a person did.
    Token(TokenId, Option<AdministratorId>),
    /// Someone at the machine itself, by the command line.
    CommandLine,
}

/// Whoever acts: known by name, trusted with a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Which identity.
    pub who: Who,
    /// The name to show.
    pub name: String,
    /// The e-mail address, by which a change that is about them is recognised.
    pub email: Option<String>,
    /// What they are trusted with.
    pub role: Role,
}

/// A role that does not allow what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the role {needs}; you are {has}")]
pub struct Forbidden {
    /// Which roles may.
    pub needs: &'static str,
    /// Which role asked.
    pub has: Role,
}

/// What an actor has to prove to be let in somewhere.
pub trait Proof: Sized + Send {
    /// The proof, if the role allows it.
    ///
    /// # Errors
    /// [`Forbidden`] otherwise.
    fn of(actor: &Actor) -> Result<Self, Forbidden>;
}

macro_rules! proofs {
    ($($(#[$says:meta])* $proof:ident by $make:ident needs $needs:literal: $($role:ident)|+;)*) => {$(
        $(#[$says])*
        #[derive(Debug, Clone)]
        pub struct $proof(Actor);

        impl $proof {
            /// Who it is.
            #[must_use]
            pub const fn actor(&self) -> &Actor {
                &self.0
            }
        }

        impl Proof for $proof {
            fn of(actor: &Actor) -> Result<Self, Forbidden> {
                actor.$make()
            }
        }

        impl Actor {
            $(#[$says])*
            ///
            /// # Errors
            /// [`Forbidden`] when the role does not allow it.
            pub fn $make(&self) -> Result<$proof, Forbidden> {
                if matches!(self.role, $(Role::$role)|+) {
                    Ok($proof(self.clone()))
                } else {
                    Err(Forbidden { needs: $needs, has: self.role })
                }
            }
        }
    )*};
}

proofs! {
    /// Proof that someone may read.
    Reader by reader needs "auditor": Owner | Operator | Approver | Auditor;
    /// Proof that someone may have a failed action sent again, or give one up.
    Retrier by retrier needs "operator, approver or owner": Owner | Operator | Approver;
    /// Proof that someone may change people.
    Operator by operator needs "operator or owner": Owner | Operator;
    /// Proof that someone may change apps, settings and administrators.
    Owner by owner needs "owner": Owner;
}

/// Proof that someone may approve and reject: a role that allows it, and an identity that
/// the decision is kept with.
#[derive(Debug, Clone)]
pub struct Approver {
    actor: Actor,
    id: Uuid,
}

impl Proof for Approver {
    fn of(actor: &Actor) -> Result<Self, Forbidden> {
        actor.approver()
    }
}

impl Approver {
    /// Who it is.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The id that the decision is kept with.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }
}

impl Actor {
    /// Proof that someone may approve and reject.
    ///
    /// # Errors
    /// [`Forbidden`] when the role does not allow it, and for the command line without `--as`.
    pub fn approver(&self) -> Result<Approver, Forbidden> {
        match (self.role, self.id()) {
            (Role::Owner | Role::Approver, Some(id)) => Ok(Approver { actor: self.clone(), id }),
            (has, _) => Err(Forbidden { needs: "approver or owner", has }),
        }
    }

    /// Someone at the machine itself, who could change the database by hand as well.
    #[must_use]
    pub fn command_line() -> Self {
        Self {
            who: Who::CommandLine,
            name: "Command line".to_owned(),
            email: None,
            role: Role::Owner,
        }
    }

    /// How the history names them.
    #[must_use]
    pub fn by(&self) -> By {
        match self.who {
            Who::Administrator(id) => By::Administrator(id, self.name.clone()),
            Who::Token(id, _) => By::Token(id, self.name.clone()),
            Who::CommandLine => By::System(self.name.clone()),
        }
    }

    /// The administrator who acts in person; `None` for a token and for the command line.
    #[must_use]
    pub const fn administrator(&self) -> Option<AdministratorId> {
        match self.who {
            Who::Administrator(id) => Some(id),
            Who::Token(..) | Who::CommandLine => None,
        }
    }

    /// The id that a decision of theirs is stored with; `None` for the command line, which has none.
    #[must_use]
    pub const fn id(&self) -> Option<Uuid> {
        match self.who {
            Who::Administrator(id) => Some(id.uuid()),
            Who::Token(id, _) => Some(id.uuid()),
            Who::CommandLine => None,
        }
    }

    /// Every id that is this same person: a token is also the person who made it.
    #[must_use]
    pub fn same_person(&self) -> Vec<Uuid> {
        match self.who {
            Who::Token(_, Some(maker)) => self.id().into_iter().chain([maker.uuid()]).collect(),
            _ => self.id().into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(role: Role) -> Actor {
        let id = AdministratorId::at(time::OffsetDateTime::UNIX_EPOCH);
        Actor { role, who: Who::Administrator(id), ..Actor::command_line() }
    }

    #[test]
    fn each_role_may_what_it_is_trusted_with_and_no_more() {
        //            role             read  people decide own
        let table = [
            (Role::Owner, [true, true, true, true]),
            (Role::Operator, [true, true, false, false]),
            (Role::Approver, [true, false, true, false]),
            (Role::Auditor, [true, false, false, false]),
        ];
        for (role, may) in table {
            let actor = with(role);
            let has = [
                actor.reader().is_ok(),
                actor.operator().is_ok(),
                actor.approver().is_ok(),
                actor.owner().is_ok(),
            ];

            assert_eq!(has, may, "{role}");
        }
    }

    #[test]
    fn nobody_decides_without_an_identity_to_keep_the_decision_with() {
        assert!(Actor::command_line().owner().is_ok());
        assert!(Actor::command_line().approver().is_err());
    }

    #[test]
    fn a_refusal_says_what_it_would_take() {
        let refused = with(Role::Auditor).approver().expect_err("forbidden");

        assert_eq!(refused.to_string(), "this needs the role approver or owner; you are auditor");
    }
}
