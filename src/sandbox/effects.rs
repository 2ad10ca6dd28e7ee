//! The record of what really changed, for a proof to read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::scim::{resource, user};

/// What every account has, and what says nothing that a client asked for.
const OURS: [&str; 3] = ["id", "meta", "schemas"];

/// One change of what is kept. What was refused, was only pretended, or left an account as it
/// was is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// What became of the account.
    pub kind: EffectKind,
    /// The account's id.
    pub id: String,
    /// Its user name, afterwards where it is still there.
    pub user_name: String,
    /// The id that the client gave it, afterwards where it is still there.
    pub external_id: Option<String>,
    /// The members at its root that changed, but for `id`, `meta` and `schemas`.
    pub members: BTreeMap<String, Changed>,
}

/// What became of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EffectKind {
    /// It was not there before.
    Create,
    /// It was there before and is there now.
    Change,
    /// It is not there any more.
    Delete,
}

/// A member before and after; null where there was or is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
}

/// What was recorded so far, if anything is.
#[derive(Debug, Default)]
pub(super) struct Effects(Option<Vec<Effect>>);

impl Effects {
    /// A record that is empty, and grows with every change.
    pub(super) const fn recording() -> Self {
        Self(Some(Vec::new()))
    }

    /// All of them, in their order; `None` where none are recorded.
    pub(super) fn all(&self) -> Option<&[Effect]> {
        self.0.as_deref()
    }

    /// Records that an account was this before and is that now.
    pub(super) fn record(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let Some(recorded) = &mut self.0 else { return };
        let kind = match (before, after) {
            (None, _) => EffectKind::Create,
            (Some(_), Some(_)) => EffectKind::Change,
            (Some(_), None) => EffectKind::Delete,
        };
        let account = after.or(before).unwrap_or(&Value::Null);
        let text = |path| resource::text(account, path).map(str::to_owned);
        recorded.push(Effect {
            kind,
            id: text(user::ID).unwrap_or_default(),
            user_name: text(user::USER_NAME).unwrap_or_default(),
            external_id: text(user::EXTERNAL_ID),
            members: changed(before, after),
        });
    }
}

fn changed(before: Option<&Value>, after: Option<&Value>) -> BTreeMap<String, Changed> {
    let of = |account: Option<&Value>, name: &str| {
        account.and_then(|account| account.get(name)).cloned().unwrap_or_default()
    };
    let members = [before, after].into_iter().flatten().filter_map(Value::as_object);
    let names: BTreeSet<_> = members.flat_map(|members| members.keys()).collect();
    names
        .into_iter()
        .filter(|name| !OURS.contains(&name.as_str()))
        .map(|name| (name.clone(), Changed { from: of(before, name), to: of(after, name) }))
        .filter(|(_, changed)| changed.from != changed.to)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_effect_tells_whose_and_what_from_and_to() {
        let ana = json!({ "id": "7", "userName": "ana", "externalId": "usr_1", "title": "Clerk",
            "active": true, "schemas": ["urn:a"], "meta": { "version": "1" } });
        let lima = json!({ "id": "7", "userName": "lima", "externalId": "usr_1", "active": true,
            "schemas": ["urn:a", "urn:b"], "meta": { "version": "2" } });
        let mut effects = Effects::recording();

        effects.record(None, Some(&ana));
        effects.record(Some(&ana), Some(&lima));
        effects.record(Some(&lima), None);

        assert_eq!(
            json!(effects.all()),
            json!([
                { "kind": "create", "id": "7", "userName": "ana", "externalId": "usr_1", "members": {
                    "userName": { "from": null, "to": "ana" }, "externalId": { "from": null, "to": "usr_1" },
                    "title": { "from": null, "to": "Clerk" }, "active": { "from": null, "to": true },
                } },
                { "kind": "change", "id": "7", "userName": "lima", "externalId": "usr_1", "members": {
                    "userName": { "from": "ana", "to": "lima" }, "title": { "from": "Clerk", "to": null },
                } },
                { "kind": "delete", "id": "7", "userName": "lima", "externalId": "usr_1", "members": {
                    "userName": { "from": "lima", "to": null }, "externalId": { "from": "usr_1", "to": null },
                    "active": { "from": true, "to": null },
                } },
            ])
        );
    }

    #[test]
    fn nothing_is_recorded_unless_it_was_asked_for() {
        let mut effects = Effects::default();

        effects.record(None, Some(&json!({ "id": "7" })));

        assert_eq!(effects.all(), None);
    }
}
