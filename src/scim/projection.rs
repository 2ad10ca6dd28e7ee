//! Which attributes an answer shows (RFC 7644 section 3.9).

use serde_json::{Value, json};

use super::{
    AttrPath, Error, ErrorType,
    member::{self, Object},
    schema,
};

/// What is always shown: the schema of RFC 7643 says so of `id`, and no resource is without `schemas`.
const ALWAYS: [&str; 2] = ["schemas", "id"];

/// Which attributes are shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Projection {
    /// All.
    #[default]
    All,
    /// These.
    Only(Vec<AttrPath>),
    /// All but these.
    Without(Vec<AttrPath>),
}

impl Projection {
    /// Reads the parameters `attributes` and `excludedAttributes`: names with commas between
    /// them. An empty one is as good as none.
    ///
    /// # Errors
    /// `invalidValue` when both are given, or a name is none.
    pub fn read(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, Error> {
        match (names(attributes)?, names(excluded)?) {
            (only, without) if without.is_empty() && only.is_empty() => Ok(Self::All),
            (only, without) if without.is_empty() => Ok(Self::Only(only)),
            (only, without) if only.is_empty() => Ok(Self::Without(without)),
            _ => {
                let says = "attributes and excludedAttributes cannot be used together";
                Err(Error::of(ErrorType::InvalidValue, says))
            }
        }
    }

    /// Whether anything of the core's attribute `name` may be shown, so that it has to be found out.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(_) => self.asks_for(name),
            Self::Without(paths) => {
                !paths.iter().any(|path| is_of_core(path, name) && path.part.is_none())
            }
        }
    }

    /// Whether the core's attribute `name` is asked for by that name.
    #[must_use]
    pub fn asks_for(&self, name: &str) -> bool {
        matches!(self, Self::Only(paths) if paths.iter().any(|path| is_of_core(path, name)))
    }

    /// What is shown of `resource`.
    #[must_use]
    pub fn of(&self, mut resource: Value) -> Value {
        match (self, &mut resource) {
            (Self::Only(paths), Value::Object(members)) => only(members, paths),
            (Self::Without(paths), Value::Object(members)) => {
                for path in paths.iter().filter(|path| !is_always(path)) {
                    without(members, path);
                }
                resource
            }
            _ => resource,
        }
    }
}

fn names(list: Option<&str>) -> Result<Vec<AttrPath>, Error> {
    let names = list.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            name.parse::<AttrPath>()
                .map_err(|bad| Error::of(ErrorType::InvalidValue, bad.to_string()))
        })
        .collect()
}

fn is_of_core(path: &AttrPath, name: &str) -> bool {
    path.extension().is_none() && path.name.eq_ignore_ascii_case(name)
}

fn is_always(path: &AttrPath) -> bool {
    path.extension().is_none() && ALWAYS.iter().any(|name| name.eq_ignore_ascii_case(&path.name))
}

/// Where an attribute is.
enum Place {
    /// At the root.
    Root,
    /// In the extension of this key.
    In(String),
    /// The name is that of the extension of this key.
    Whole(String),
}

fn place(members: &Object, path: &AttrPath) -> Option<Place> {
    let key = |urn: &str| member::key(members, urn).map(str::to_owned);
    if let Some(extension) = key(&path.to_string()).filter(|_| path.schema.is_some()) {
        return Some(Place::Whole(extension));
    }
    match path.extension() {
        Some(extension) => key(extension).map(Place::In),
        None if member::key(members, &path.name).is_some() => Some(Place::Root),
        None => key(schema::USERS.home_of(&path.name)?.id).map(Place::In),
    }
}

fn only(members: &Object, paths: &[AttrPath]) -> Value {
    let mut shown = Object::new();
    for name in ALWAYS {
        if let Some(value) = member::find(members, name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    for path in paths {
        match place(members, path) {
            Some(Place::Root) => show(&mut shown, members, path),
            Some(Place::In(extension)) => {
                let into = shown.entry(extension.clone()).or_insert_with(|| json!({}));
                if let (Some(into), Some(Value::Object(from))) =
                    (into.as_object_mut(), members.get(&extension))
                {
                    show(into, from, path);
                }
            }
            Some(Place::Whole(extension)) => {
                let whole = members.get(&extension).cloned().unwrap_or_default();
                shown.insert(extension, whole);
            }
            None => {}
        }
    }
    shown.retain(|name, value| !name.contains(':') || member::is_present(value));
    Value::Object(shown)
}

/// Shows an attribute, or only a part of each of its values; parts named before stay.
fn show(into: &mut Object, from: &Object, path: &AttrPath) {
    let Some(key) = member::key(from, &path.name) else { return };
    let Some(value) = from.get(key) else { return };
    let Some(part) = path.part.as_deref() else {
        into.insert(key.to_owned(), value.clone());
        return;
    };
    let old = into.remove(key);
    let new = match value {
        Value::Array(values) => {
            let before = |at| old.as_ref().and_then(|old| old.get(at));
            values
                .iter()
                .enumerate()
                .map(|(at, value)| with_part(before(at), value, part))
                .collect()
        }
        value => with_part(old.as_ref(), value, part),
    };
    if member::is_present(&new) {
        into.insert(key.to_owned(), new);
    }
}

fn with_part(before: Option<&Value>, value: &Value, part: &str) -> Value {
    let mut shown = before.and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(members) = value.as_object()
        && let Some(key) = member::key(members, part)
    {
        shown.insert(key.to_owned(), members.get(key).cloned().unwrap_or_default());
    }
    Value::Object(shown)
}

fn without(members: &mut Object, path: &AttrPath) {
    match place(members, path) {
        Some(Place::Root) => hide(members, path),
        Some(Place::In(extension)) => {
            if let Some(extension) = members.get_mut(&extension).and_then(Value::as_object_mut) {
                hide(extension, path);
            }
        }
        Some(Place::Whole(extension)) => drop(members.remove(&extension)),
        None => {}
    }
}

fn hide(members: &mut Object, path: &AttrPath) {
    let Some(part) = path.part.as_deref() else {
        member::remove(members, &path.name);
        return;
    };
    match member::find_mut(members, &path.name) {
        Some(Value::Object(parts)) => drop(member::remove(parts, part)),
        Some(Value::Array(values)) => {
            for parts in values.iter_mut().filter_map(Value::as_object_mut) {
                member::remove(parts, part);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::urn;
    use super::*;

    fn ana() -> Value {
        json!({
            "schemas": [urn::USER], "id": "1", "userName": "ana", "name": { "givenName": "Ana", "familyName": "L" },
            "emails": [{ "type": "work", "value": "w", "primary": true }],
            urn::ENTERPRISE_USER: { "department": "Legal", "division": "North" },
        })
    }

    fn shown(attributes: &str, excluded: &str) -> Value {
        Projection::read(Some(attributes), Some(excluded)).unwrap().of(ana())
    }

    #[test]
    fn only_what_is_named_is_shown_and_what_is_always_shown() {
        for (attributes, expected) in [
            ("USERNAME", json!({ "userName": "ana" })),
            (
                "name.givenName, emails.value,emails.type",
                json!({ "name": { "givenName": "Ana" }, "emails": [{ "value": "w", "type": "work" }] }),
            ),
            ("department", json!({ urn::ENTERPRISE_USER: { "department": "Legal" } })),
            (
                &format!("{}:division", urn::ENTERPRISE_USER),
                json!({ urn::ENTERPRISE_USER: { "division": "North" } }),
            ),
            (
                urn::ENTERPRISE_USER,
                json!({ urn::ENTERPRISE_USER: { "department": "Legal", "division": "North" } }),
            ),
            ("nickName,name.middleName", json!({})),
        ] {
            let mut expected = expected;
            expected["schemas"] = json!([urn::USER]);
            expected["id"] = json!("1");
            assert_eq!(shown(attributes, ""), expected, "{attributes}");
        }
    }

    #[test]
    fn what_is_excluded_is_not_shown_unless_it_always_is() {
        let shown = shown("", "id,name,emails.primary,department,nickName");

        assert_eq!(
            shown,
            json!({
                "schemas": [urn::USER], "id": "1", "userName": "ana",
                "emails": [{ "type": "work", "value": "w" }],
                urn::ENTERPRISE_USER: { "division": "North" },
            })
        );
    }

    #[test]
    fn what_is_not_shown_need_not_be_found_out() {
        let shows =
            |only, without| Projection::read(Some(only), Some(without)).unwrap().shows("members");

        assert!(shows("", "") && shows("Members.value", "") && shows("", "members.display"));
        assert!(!shows("displayName", "") && !shows("", "Members"));
        assert!(!shows("", &format!("{}:members", urn::GROUP)));
    }

    #[test]
    fn nothing_named_is_everything_shown() {
        assert_eq!(shown("", " , "), ana());
        assert_eq!(Projection::read(None, None), Ok(Projection::All));
    }

    #[test]
    fn both_at_once_and_what_is_no_name_are_refused() {
        for (attributes, excluded) in [("a", "b"), ("a b", ""), ("", "1")] {
            let read = Projection::read(Some(attributes), Some(excluded));
            assert_eq!(read.map_err(|error| error.kind), Err(Some(ErrorType::InvalidValue)));
        }
    }
}
