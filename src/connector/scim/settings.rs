//! How one SCIM app is spoken to: what was set, what Connect found, what its answers taught.

use crate::{
    apps::{Connection, Deletes, Learnt, Lookups, Updates},
    connector::Capabilities,
};

/// How an account is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateStyle {
    /// One PATCH with an operation for each change.
    Patch,
    /// A PATCH for each change, with plain paths only.
    PatchOneOperation,
    /// A PUT of the whole resource with the changes in it.
    Put,
}

impl From<Learnt> for UpdateStyle {
    fn from(learnt: Learnt) -> Self {
        match learnt {
            Learnt::OneOperation => Self::PatchOneOperation,
            Learnt::Put => Self::Put,
        }
    }
}

/// How one SCIM app is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimSettings {
    /// How an account is changed.
    pub updates: UpdateStyle,
    /// Whether accounts are looked up by `filter` first, rather than in the whole list.
    pub filter: bool,
    /// How an account is removed.
    pub deletes: Deletes,
    /// Whether an address or a number is sent without its `type`, which this app does not know.
    pub untyped: bool,
}

impl ScimSettings {
    /// What follows from an app's row. An operator's word beats what Connect found, and what
    /// the app's answers taught beats what it says of itself.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        let found = connection.capabilities.as_ref().and_then(Capabilities::read);
        let without_patch = found.as_ref().is_some_and(|found| found.patch == Some(false));
        let updates = match (connection.updates, connection.learnt) {
            (Updates::Put, _) | (Updates::Detect, Some(Learnt::Put)) => UpdateStyle::Put,
            (Updates::Detect, _) if without_patch => UpdateStyle::Put,
            (_, None) => UpdateStyle::Patch,
            (_, Some(_)) => UpdateStyle::PatchOneOperation,
        };
        let filter = match connection.lookups {
            Lookups::Filter => true,
            Lookups::List => false,
            Lookups::Detect => found.as_ref().and_then(|found| found.filter).unwrap_or(true),
        };
        Self {
            updates,
            filter,
            deletes: connection.deletes,
            untyped: found.is_some_and(|found| found.untyped),
        }
    }

    /// What an app teaches that answers [`Fate::Simpler`](crate::connector::Fate::Simpler):
    /// to be kept and tried next. `None` when there is no simpler way, or none that was allowed.
    #[must_use]
    pub fn simpler(&self, set: Updates) -> Option<Learnt> {
        match (self.updates, set) {
            (UpdateStyle::Patch, _) => Some(Learnt::OneOperation),
            (UpdateStyle::PatchOneOperation, Updates::Detect) => Some(Learnt::Put),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;
    use crate::{
        apps::{ConnectorKind, seal::Key},
        kernel::AppId,
    };

    fn connection() -> Connection {
        let key = Key::new(SecretBox::new(Box::new([7; 32])));
        Connection {
            connector: ConnectorKind::Scim,
            base_url: "https://app.example/scim/v2".parse().expect("a URL"),
            credential: key.seal(AppId::at(time::OffsetDateTime::UNIX_EPOCH), &"token".into()),
            updates: Updates::Detect,
            lookups: Lookups::Detect,
            deletes: Deletes::Delete,
            learnt: None,
            capabilities: None,
            verified_at: None,
        }
    }

    fn found(patch: Option<bool>, filter: Option<bool>) -> Capabilities {
        Capabilities { described: true, patch, filter, accounts: None, untyped: false }
    }

    #[test]
    fn the_way_to_change_an_account_follows_from_what_is_set_found_and_learnt() {
        use UpdateStyle::{Patch, PatchOneOperation, Put};
        for (set, says_patch, learnt, style) in [
            (Updates::Detect, None, None, Patch),
            (Updates::Detect, Some(true), None, Patch),
            (Updates::Detect, Some(false), None, Put),
            (Updates::Detect, Some(true), Some(Learnt::OneOperation), PatchOneOperation),
            (Updates::Detect, Some(true), Some(Learnt::Put), Put),
            (Updates::Patch, Some(false), None, Patch),
            (Updates::Patch, Some(true), Some(Learnt::OneOperation), PatchOneOperation),
            (Updates::Patch, Some(true), Some(Learnt::Put), PatchOneOperation),
            (Updates::Put, Some(true), Some(Learnt::OneOperation), Put),
        ] {
            let capabilities = Some(found(says_patch, None).to_json());
            let settings = ScimSettings::of(&Connection {
                updates: set,
                learnt,
                capabilities,
                ..connection()
            });

            assert_eq!(settings.updates, style, "{set:?} {says_patch:?} {learnt:?}");
        }
    }

    #[test]
    fn stepping_down_ends() {
        for (set, steps) in [(Updates::Detect, 2), (Updates::Patch, 1), (Updates::Put, 0)] {
            let mut connection = Connection { updates: set, ..connection() };
            let mut taken = 0;

            while let Some(learnt) = ScimSettings::of(&connection).simpler(set) {
                connection.learnt = Some(learnt);
                taken += 1;
                assert!(taken < 10, "{set:?}");
            }

            assert_eq!(taken, steps, "{set:?}");
        }
    }

    #[test]
    fn a_filter_is_tried_unless_it_is_known_not_to_work() {
        for (set, works, filter) in [
            (Lookups::Detect, None, true),
            (Lookups::Detect, Some(true), true),
            (Lookups::Detect, Some(false), false),
            (Lookups::Filter, Some(false), true),
            (Lookups::List, Some(true), false),
        ] {
            let capabilities = Some(found(None, works).to_json());
            let settings =
                ScimSettings::of(&Connection { lookups: set, capabilities, ..connection() });

            assert_eq!(settings.filter, filter, "{set:?} {works:?}");
        }
    }

    #[test]
    fn capabilities_that_cannot_be_read_are_no_capabilities() {
        let odd = Connection { capabilities: Some(serde_json::json!([1])), ..connection() };

        assert_eq!(ScimSettings::of(&odd), ScimSettings::of(&connection()));
    }
}
