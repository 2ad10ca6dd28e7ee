//! An account in a SCIM User: where each attribute stands, read from whatever shape an app
//! gives it and written back into the same shape.

use serde_json::{Map, Value as Json, json};

use crate::{
    apps::{
        account::Account,
        change::{Attribute, Attributes, Value},
    },
    scim::{
        resource::{flag, get, text},
        urn::ENTERPRISE_USER as ENTERPRISE,
        user,
    },
};

/// A JSON object.
pub(super) type Object = Map<String, Json>;

/// Where an attribute stands in a User.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the root.
    Root(&'static str),
    /// Inside `name`.
    Name(&'static str),
    /// Inside the enterprise extension.
    Enterprise(&'static str),
    /// The value of the work entry of a list.
    Listed(&'static str),
}

impl Place {
    pub(super) const fn of(attribute: Attribute) -> Self {
        match attribute {
            Attribute::UserName => Self::Root("userName"),
            Attribute::GivenName => Self::Name("givenName"),
            Attribute::FamilyName => Self::Name("familyName"),
            Attribute::DisplayName => Self::Root("displayName"),
            Attribute::Email => Self::Listed("emails"),
            Attribute::Title => Self::Root("title"),
            Attribute::Department => Self::Enterprise("department"),
            Attribute::Phone => Self::Listed("phoneNumbers"),
            Attribute::Active => Self::Root("active"),
        }
    }
}

/// The account that a resource shows; `None` when it has no id by which it could be named again.
pub(super) fn account(resource: &Json) -> Option<Account> {
    let remote_id = match get(resource, user::ID)? {
        Json::String(id) => Some(id.clone()).filter(|id| !id.is_empty()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }?;
    let mut attributes: Attributes = Attribute::ALL
        .iter()
        .filter_map(|attribute| Some((*attribute, read(resource, *attribute)?)))
        .collect();
    attributes.entry(Attribute::Active).or_insert(Value::Flag(true));
    let external_id = text(resource, user::EXTERNAL_ID).map(str::to_owned);
    Some(Account { remote_id, external_id, attributes, resource: Some(resource.clone()) })
}

fn read(resource: &Json, attribute: Attribute) -> Option<Value> {
    let text = match attribute {
        Attribute::UserName => text(resource, user::USER_NAME),
        Attribute::GivenName => text(resource, user::GIVEN_NAME),
        Attribute::FamilyName => text(resource, user::FAMILY_NAME),
        Attribute::DisplayName => text(resource, user::DISPLAY_NAME),
        Attribute::Email => user::work_email(resource),
        Attribute::Title => text(resource, user::TITLE),
        Attribute::Department => text(resource, user::DEPARTMENT),
        Attribute::Phone => user::work_phone(resource),
        Attribute::Active => return flag(resource, user::ACTIVE).map(Value::Flag),
    };
    text.map(|text| Value::Text(text.to_owned()))
}

/// Sets an attribute, or takes it away, where this app keeps it.
pub(super) fn write(user: &mut Object, attribute: Attribute, to: Option<&Value>, untyped: bool) {
    let to = to.map(|value| json!(value));
    match Place::of(attribute) {
        Place::Root(name) => put(user, name, to),
        Place::Name(part) => put_inside(user, "name", part, to),
        Place::Enterprise(part) => put_inside(user, ENTERPRISE, part, to),
        Place::Listed(name) => {
            let entries = member(user, name).cloned().unwrap_or_default();
            let listed = listed(entries, to, untyped);
            put(user, name, listed);
        }
    }
}

/// A list with the value of its work entry changed, in the shape it had; `None` when nothing is left.
fn listed(entries: Json, to: Option<Json>, untyped: bool) -> Option<Json> {
    let mut entries = match entries {
        Json::Array(entries) => entries,
        Json::Null => Vec::new(),
        // one entry that stands there without its list
        Json::Object(mut entry) => {
            put(&mut entry, "value", Some(to?));
            return Some(Json::Object(entry));
        }
        _ => return to,
    };
    match (work_entry(&entries), to) {
        (Some(at), Some(to)) => match &mut entries[at] {
            Json::Object(entry) => {
                put(entry, "value", Some(to));
                put(entry, "display", None);
            }
            bare => *bare = to,
        },
        (Some(at), None) => {
            entries.remove(at);
            entries.retain(|entry| !is_work(entry));
        }
        (None, Some(to)) => {
            let first = !entries.iter().any(is_primary);
            entries.push(entry(to, first, untyped));
        }
        (None, None) => {}
    }
    (!entries.is_empty()).then_some(Json::Array(entries))
}

/// A new entry of a list.
pub(super) fn entry(value: Json, primary: bool, untyped: bool) -> Json {
    let mut entry = Object::from_iter([("value".to_owned(), value)]);
    if !untyped {
        entry.insert("type".to_owned(), json!("work"));
    }
    if primary {
        entry.insert("primary".to_owned(), json!(true));
    }
    Json::Object(entry)
}

/// Which entry is the one for work, as [`user::work_email`] reads it: the one that says so,
/// else, of those that do not say what they are for, the primary or the first one.
fn work_entry(entries: &[Json]) -> Option<usize> {
    let untyped = |entry: &Json| kind(entry).is_none();
    entries
        .iter()
        .position(is_work)
        .or_else(|| entries.iter().position(|entry| untyped(entry) && is_primary(entry)))
        .or_else(|| entries.iter().position(untyped))
}

/// Whether exactly one entry of the list `name` says that it is for work.
pub(super) fn has_one_work_entry(user: &Object, name: &str) -> bool {
    let entries = member(user, name).and_then(Json::as_array);
    entries.is_some_and(|entries| entries.iter().filter(|entry| is_work(entry)).count() == 1)
}

fn is_work(entry: &Json) -> bool {
    kind(entry).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
}

fn is_primary(entry: &Json) -> bool {
    flag(entry, "primary") == Some(true)
}

fn kind(entry: &Json) -> Option<&str> {
    text(entry, "type")
}

/// The member called `name`, which SCIM spells in any case (RFC 7643 section 2.1).
pub(super) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object.get(key(object, name)?).filter(|value| !value.is_null())
}

fn key<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    let exact = object.get_key_value(name).map(|(key, _)| key);
    exact.or_else(|| object.keys().find(|key| key.eq_ignore_ascii_case(name))).map(String::as_str)
}

/// Sets or takes away a member, keeping the app's own spelling of its name.
pub(super) fn put(object: &mut Object, name: &str, to: Option<Json>) {
    let key = key(object, name).unwrap_or(name).to_owned();
    match to {
        Some(to) => object.insert(key, to),
        None => object.remove(&key),
    };
}

fn put_inside(user: &mut Object, outer: &str, part: &str, to: Option<Json>) {
    let mut inner = member(user, outer).and_then(Json::as_object).cloned().unwrap_or_default();
    put(&mut inner, part, to);
    put(user, outer, (!inner.is_empty()).then_some(Json::Object(inner)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::urn::USER;

    fn read_of(resource: &Json, attribute: Attribute) -> Option<Value> {
        account(resource).expect("an account").attributes.remove(&attribute)
    }

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn every_attribute_is_read_from_where_the_rfc_puts_it() {
        let account = account(&json!({
            "schemas": [USER, ENTERPRISE], "id": "1", "externalId": "usr_1", "userName": "ana@example.com",
            "name": { "givenName": "Ana", "familyName": "Lima" }, "displayName": "Ana Lima", "title": "Analyst",
            "emails": [{ "value": "home@example.com", "type": "home", "primary": true },
                       { "value": "ana@example.com", "type": "work" }],
            "phoneNumbers": [{ "value": "+44 20 7946 0018", "type": "Work" }],
            "active": false, ENTERPRISE: { "department": "Legal" },
        }))
        .expect("an account");

        let texts: Vec<_> = account.attributes.values().map(Value::to_string).collect();
        assert_eq!(
            texts,
            [
                "ana@example.com",
                "Ana",
                "Lima",
                "Ana Lima",
                "ana@example.com",
                "Analyst",
                "Legal",
                "+44 20 7946 0018",
                "no"
            ]
        );
        assert_eq!((&*account.remote_id, account.external_id.as_deref()), ("1", Some("usr_1")));
    }

    #[test]
    fn an_account_without_an_id_cannot_be_named() {
        for resource in [
            json!({ "userName": "ana" }),
            json!({ "id": "" }),
            json!({ "id": null }),
            json!({ "id": {} }),
            json!([]),
            json!("ana"),
            json!(null),
        ] {
            assert_eq!(account(&resource), None, "{resource}");
        }
        for (id, read) in [(json!(42), "42"), (json!("ana@example.com"), "ana@example.com")] {
            assert_eq!(account(&json!({ "id": id })).expect("an account").remote_id, read);
        }
    }

    #[test]
    fn active_is_read_from_whatever_an_app_writes() {
        for (active, read) in [
            (json!(true), true),
            (json!(false), false),
            (json!("False"), false),
            (json!("true"), true),
            (json!(null), true),
            (json!("maybe"), true),
        ] {
            let resource = json!({ "id": "1", "Active": active });
            assert_eq!(
                read_of(&resource, Attribute::Active),
                Some(Value::Flag(read)),
                "{resource}"
            );
        }
    }

    #[test]
    fn an_address_is_read_from_any_shape() {
        for (emails, read) in [
            (json!([{ "value": "a@b.c" }]), Some(text("a@b.c"))),
            (
                json!([{ "value": "h@b.c", "type": "home" }, { "value": "a@b.c" }]),
                Some(text("a@b.c")),
            ),
            (json!([{ "value": "h@b.c", "type": "home" }]), None),
            (json!({ "value": "a@b.c" }), Some(text("a@b.c"))),
            (json!(["a@b.c"]), Some(text("a@b.c"))),
            (json!("a@b.c"), Some(text("a@b.c"))),
            (json!([]), None),
            (json!([{ "type": "work" }]), None),
            (json!(null), None),
        ] {
            assert_eq!(
                read_of(&json!({ "id": "1", "emails": emails }), Attribute::Email),
                read,
                "{emails}"
            );
        }
    }

    #[test]
    fn an_address_is_written_in_the_shape_it_had() {
        let home = json!({ "value": "h@b.c", "type": "home" });
        for (before, after) in [
            (json!(null), json!([{ "value": "n@b.c", "type": "work", "primary": true }])),
            (json!([home]), json!([home, { "value": "n@b.c", "type": "work", "primary": true }])),
            (
                json!([home, { "value": "a@b.c", "type": "work", "display": "a@b.c" }]),
                json!([home, { "value": "n@b.c", "type": "work" }]),
            ),
            (json!([{ "value": "a@b.c" }]), json!([{ "value": "n@b.c" }])),
            (json!({ "value": "a@b.c" }), json!({ "value": "n@b.c" })),
            (json!(["a@b.c"]), json!(["n@b.c"])),
            (json!("a@b.c"), json!("n@b.c")),
        ] {
            assert_eq!(
                listed(before.clone(), Some(json!("n@b.c")), false),
                Some(after),
                "{before}"
            );
        }
        assert_eq!(
            listed(json!(null), Some(json!("1")), true),
            Some(json!([{ "value": "1", "primary": true }]))
        );
    }

    #[test]
    fn an_address_that_goes_leaves_the_others() {
        let home = json!({ "value": "h@b.c", "type": "home" });

        let work = json!({ "value": "a@b.c", "type": "work" });

        assert_eq!(listed(json!([home, work, work]), None, false), Some(json!([home])));
        for last in [
            json!([{ "value": "a@b.c" }]),
            json!({ "value": "a@b.c" }),
            json!(null),
            json!("a@b.c"),
        ] {
            assert_eq!(listed(last.clone(), None, false), None, "{last}");
        }
    }

    #[test]
    fn what_is_written_keeps_the_apps_spelling_and_leaves_no_empty_object() {
        let mut user = json!({ "UserName": "ana", "name": { "givenName": "Ana" } });
        let object = user.as_object_mut().expect("an object");

        write(object, Attribute::UserName, Some(&text("ana.lima")), false);
        write(object, Attribute::GivenName, None, false);
        write(object, Attribute::Department, Some(&text("Legal")), false);

        assert_eq!(user, json!({ "UserName": "ana.lima", ENTERPRISE: { "department": "Legal" } }));
    }
}
