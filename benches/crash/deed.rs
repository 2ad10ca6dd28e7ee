//! What happens to one account, in words that can be compared.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// What an account has, by the names that actions use. What is null is absent.
pub(crate) type Attributes = BTreeMap<String, Value>;

/// Where a SCIM user keeps each.
const PLACES: [(&str, &str); 7] = [
    ("userName", "/userName"),
    ("givenName", "/name/givenName"),
    ("familyName", "/name/familyName"),
    ("displayName", "/displayName"),
    ("email", "/emails/0/value"),
    ("title", "/title"),
    ("active", "/active"),
];

/// The attributes of a SCIM user.
pub(crate) fn attributes(user: &Value) -> Attributes {
    let values = PLACES.iter().filter_map(|(name, place)| Some((*name, user.pointer(place)?)));
    values.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// A create, a change or a delete, with the values that there are afterwards.
pub(crate) type Deed = String;

/// Whether it leaves no account.
pub(crate) fn is_delete(deed: &Deed) -> bool {
    deed.starts_with("delete")
}

/// What made `after` of `before`; `None` where that is nothing.
pub(crate) fn between(before: Option<&Value>, after: Option<&Value>) -> Option<Deed> {
    match (before.map(attributes), after.map(attributes)) {
        (None, None) => None,
        (None, Some(after)) => Some(deed("create", &after)),
        (Some(_), None) => Some(deed("delete", &Attributes::new())),
        (Some(before), Some(after)) => {
            let differs = |name: &&str| before.get(*name) != after.get(*name);
            let value = |name| after.get(name).cloned().unwrap_or_default();
            let names = PLACES.iter().map(|(name, _)| *name).filter(differs);
            let changes: Attributes = names.map(|name| (name.to_owned(), value(name))).collect();
            (!changes.is_empty()).then(|| deed("change", &changes))
        }
    }
}

/// One attribute of an action.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Change {
    attribute: String,
    to: Option<Value>,
}

/// What an action of `kind` does.
pub(crate) fn of_action(kind: &str, changes: &[Change]) -> Deed {
    let values = changes
        .iter()
        .map(|change| (change.attribute.clone(), change.to.clone().unwrap_or_default()));
    match kind {
        "create" => deed("create", &values.collect()),
        "delete" => deed("delete", &Attributes::new()),
        _ => deed("change", &values.collect()),
    }
}

fn deed(what: &str, values: &Attributes) -> Deed {
    format!("{what} {}", json!(values))
}
