//! Does an action need people, or does a rule let it through?
//!
//! May use: apps.
//!
//! Pure: an answer depends on nothing but what is passed in.

pub mod reason;

use crate::apps::{Provisioning, change::Kind};

/// What becomes of a new action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It waits for a person.
    Hold,
    /// A rule lets it through; its words for the history.
    ByRule(String),
}

/// Judges an action of `kind` by the app's check boxes, and by whether its person is in a group whose
/// changes always wait.
#[must_use]
pub fn judge(provisioning: &Provisioning, kind: Kind, in_held_group: bool) -> Verdict {
    if in_held_group || provisioning.approve.require(kind) {
        Verdict::Hold
    } else {
        Verdict::ByRule(format!("by rule: {kind} needs no approval"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::{Approvals, OnDelete, OnSuspend};

    fn requiring([create, update, suspend, delete]: [bool; 4]) -> Provisioning {
        Provisioning {
            enabled: true,
            approve: Approvals { create, update, suspend, delete },
            on_delete: OnDelete::Delete,
            on_suspend: OnSuspend::Suspend,
            four_eyes: false,
        }
    }

    #[test]
    fn each_check_box_holds_its_own_kinds() {
        let table = [
            (requiring([true, false, false, false]), vec![Kind::Create, Kind::Reactivate]),
            (requiring([false, true, false, false]), vec![Kind::Update]),
            (requiring([false, false, true, false]), vec![Kind::Suspend]),
            (requiring([false, false, false, true]), vec![Kind::Delete]),
        ];
        for (provisioning, held) in table {
            for kind in Kind::ALL {
                let holds = judge(&provisioning, *kind, false) == Verdict::Hold;

                assert_eq!(holds, held.contains(kind), "{kind} with {provisioning:?}");
                assert_eq!(
                    judge(&provisioning, *kind, true),
                    Verdict::Hold,
                    "{kind} in a held group"
                );
            }
        }
    }

    #[test]
    fn a_rule_says_which_it_is() {
        let verdict = judge(&requiring([true, false, true, true]), Kind::Update, false);

        assert_eq!(verdict, Verdict::ByRule("by rule: update needs no approval".to_owned()));
    }
}
