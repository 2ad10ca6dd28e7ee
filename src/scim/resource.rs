//! A resource of any kind: taken from a client, read from, written to.

use serde_json::{Value, json};

use super::{
    Error, ErrorType, Path,
    filter::Filter,
    member::{self, Object},
    patch::{Edit, Op, Operation},
    schema::{self, ResourceType},
    urn,
};

/// A resource with nothing but its `schemas`.
#[must_use]
pub fn empty(kind: &ResourceType) -> Value {
    json!({ "schemas": [kind.core.id] })
}

/// The resource that the body of a POST or PUT means: names in the RFC's case, values in the
/// form their attribute has, nulls for absent, `schemas` from what is there. Passwords and what
/// no client may set (`id`, `meta`, `groups`) are left out; attributes nobody knows are kept.
///
/// # Errors
/// `invalidSyntax` when it is no object of attributes, `invalidValue` when a value cannot be
/// its attribute's or a required one is missing.
pub fn accept(body: &Value, kind: &'static ResourceType) -> Result<Value, Error> {
    if !body.is_object() {
        return Err(Error::of(ErrorType::InvalidSyntax, "the body must be a JSON object"));
    }
    let mut edit = Edit::of(&empty(kind), kind)?;
    let all = Operation { op: Op::Replace, path: None, value: Some(body.clone()) };
    edit.apply(&all).map_err(|error| match error.kind {
        Some(ErrorType::InvalidPath | ErrorType::InvalidFilter) => {
            Error::of(ErrorType::InvalidSyntax, error.detail)
        }
        _ => error,
    })?;
    let resource = edit.finish();
    check_required(&resource, kind)?;
    Ok(resource)
}

/// Whether all that a resource must have is there and not blank.
///
/// # Errors
/// `invalidValue` that names what is missing.
pub fn check_required(resource: &Value, kind: &ResourceType) -> Result<(), Error> {
    let is_there = |name| match member::of(resource, name) {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(value) => member::is_present(value),
        None => false,
    };
    let missing = kind.core.attributes.iter().find(|a| a.required && !is_there(a.name));
    match missing {
        Some(missing) => {
            let says = format!("{} is required", missing.name);
            Err(Error::of(ErrorType::InvalidValue, says))
        }
        None => Ok(()),
    }
}

/// The value at `path`, such as `name.givenName`, `emails[type eq "work"].value` or
/// `urn:…:enterprise:2.0:User:department`, with names in any case. `None` when it has none,
/// and when `path` is no path. Of several values it is the first that has the part.
#[must_use]
pub fn get<'a>(resource: &'a Value, path: &str) -> Option<&'a Value> {
    let path: Path = path.parse().ok()?;
    if let Some(id) = path.as_schema() {
        return member::of(resource, &id);
    }
    let (home, attribute) = match path.extension() {
        Some(home) => (member::of(resource, home)?, schema::find(Some(home), &path.name)),
        None => (home_of(resource, &path.name)?, schema::find(None, &path.name)),
    };
    let whole = member::of(home, &path.name)?;
    if path.filter.is_none() && path.part.is_none() {
        return (!whole.is_null()).then_some(whole);
    }
    let values = whole.as_array().map_or(std::slice::from_ref(whole), Vec::as_slice);
    let is_meant = |value: &&Value| {
        path.filter.as_ref().is_none_or(|filter: &Filter| filter.matches_value(value, attribute))
    };
    values.iter().filter(is_meant).find_map(|value| match &path.part {
        Some(part) => member::of(value, part).filter(|part| !part.is_null()),
        None => Some(value),
    })
}

/// The object that has `name`: the resource, or the extension that alone knows the name.
fn home_of<'a>(resource: &'a Value, name: &str) -> Option<&'a Value> {
    match member::of(resource, name) {
        Some(_) => Some(resource),
        None => member::of(resource, schema::USERS.home_of(name)?.id),
    }
}

/// The text at `path`; `None` also when it is empty. See [`get`].
#[must_use]
pub fn text<'a>(resource: &'a Value, path: &str) -> Option<&'a str> {
    get(resource, path)?.as_str().filter(|text| !text.is_empty())
}

/// True or false at `path`, also where it was written as a text. See [`get`].
#[must_use]
pub fn flag(resource: &Value, path: &str) -> Option<bool> {
    member::as_flag(get(resource, path)?)
}

/// Puts `value` at `path`, and makes what the path names on the way: the object `name`, the
/// entry of `emails` whose type is `work`, the extension. Null takes the value away.
///
/// # Errors
/// As [`Patch::apply`](super::Patch::apply); the resource is as it was then.
pub fn set(
    resource: &mut Value,
    path: &str,
    value: Value,
    kind: &'static ResourceType,
) -> Result<(), Error> {
    let path: Path = path.parse()?;
    let op = match (&value, &path.filter) {
        (Value::Null, _) => Op::Remove,
        (_, Some(_)) => Op::Add,
        (_, None) => Op::Replace,
    };
    let value = (!value.is_null()).then_some(value);
    let mut edit = Edit::of(resource, kind)?;
    edit.apply(&Operation { op, path: Some(path), value })?;
    *resource = edit.finish();
    Ok(())
}

/// Makes `schemas` say what is there: the core schema and each extension that has something in it.
pub(super) fn set_schemas(resource: &mut Object, kind: &ResourceType) {
    resource
        .retain(|name, value| !is_urn(name) || !value.as_object().is_some_and(Object::is_empty));
    let extensions = resource.keys().filter(|name| is_urn(name)).map(String::as_str);
    let schemas: Vec<_> = std::iter::once(kind.core.id).chain(extensions).collect();
    let schemas = json!(schemas);
    member::remove(resource, "schemas");
    resource.insert("schemas".to_owned(), schemas);
}

fn is_urn(name: &str) -> bool {
    name.contains(':') && !urn::is_core(name)
}

#[cfg(test)]
mod tests {
    use super::super::schema::{GROUPS, USERS};
    use super::*;

    fn ana() -> Value {
        json!({
            "Id": "1", "userName": "ana", "title": "", "active": "False", "nickName": null,
            "emails": [{ "type": "home", "value": "h" }, { "Type": "Work", "Value": "w" }],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": { "Department": "Legal" },
        })
    }

    #[test]
    fn values_are_found_by_path_in_any_case() {
        let ana = ana();
        let department = format!("{}:department", urn::ENTERPRISE_USER);
        for (path, found) in [
            ("id", Some("1")),
            ("USERNAME", Some("ana")),
            ("title", None),
            ("nickName", None),
            ("name.givenName", None),
            (r#"emails[type eq "work"].value"#, Some("w")),
            (r#"emails[type eq "other"].value"#, None),
            ("emails.value", Some("h")),
            (&department, Some("Legal")),
            ("department", Some("Legal")),
            ("urn:example:1.0:X:department", None),
            ("no path", None),
        ] {
            assert_eq!(text(&ana, path), found, "{path}");
        }
        assert_eq!(flag(&ana, "active"), Some(false));
        assert_eq!(flag(&ana, "userName"), None);
    }

    #[test]
    fn what_is_set_is_found_again() {
        let mut user = empty(&USERS);
        let department = format!("{}:department", urn::ENTERPRISE_USER);
        for (path, value) in [
            ("userName", json!("ana")),
            ("name.givenName", json!("Ana")),
            ("name.familyName", json!("Lima")),
            (r#"emails[type eq "work"].value"#, json!("w")),
            (&department, json!("Legal")),
            ("active", json!(true)),
            ("title", json!("Clerk")),
            ("title", json!(null)),
            (r#"emails[type eq "work"].value"#, json!("new")),
        ] {
            set(&mut user, path, value, &USERS).unwrap();
        }

        assert_eq!(
            user,
            json!({
                "schemas": [urn::USER, urn::ENTERPRISE_USER],
                "userName": "ana", "name": { "givenName": "Ana", "familyName": "Lima" },
                "emails": [{ "type": "work", "value": "new" }], "active": true,
                urn::ENTERPRISE_USER: { "department": "Legal" },
            })
        );
    }

    #[test]
    fn the_last_value_of_an_extension_takes_it_along() {
        let mut user = ana();
        let department = format!("{}:department", urn::ENTERPRISE_USER);

        set(&mut user, &department, json!(null), &USERS).unwrap();

        assert_eq!(user["schemas"], json!([urn::USER]));
        assert_eq!(text(&user, &department), None);
    }

    #[test]
    fn what_cannot_be_set_leaves_the_resource_alone() {
        let mut user = ana();

        assert!(set(&mut user, "id", json!("2"), &USERS).is_err());
        assert!(set(&mut user, "active", json!("perhaps"), &USERS).is_err());
        assert_eq!(user, ana());
    }

    #[test]
    fn a_body_is_taken_for_what_it_means() {
        let sent = json!({
            "schemas": ["urn:scim:schemas:core:2.0", urn::ENTERPRISE_USER],
            "id": null, "meta": { "version": "1" }, "groups": [], "password": "secret", "Password": "x",
            "username": "ana", "active": "true", "emails": { "value": "a", "Primary": "True" },
            "title": null, "name.givenName": "Ana", "Department": "Legal", "shoeSize": 38,
        });

        let kept = accept(&sent, &USERS);

        assert_eq!(
            kept,
            Ok(json!({
                "schemas": [urn::USER, urn::ENTERPRISE_USER],
                "userName": "ana", "active": true, "emails": [{ "value": "a", "primary": true }],
                "name": { "givenName": "Ana" }, "shoeSize": 38,
                urn::ENTERPRISE_USER: { "department": "Legal" },
            }))
        );
    }

    #[test]
    fn t11_odd_schemas_and_an_older_extension_mean_the_usual_ones() {
        let sent = json!({
            "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"],
            "userName": "u1", "name": { "familyName": "F" }, "emails": { "value": "u1@ex.test" },
            "urn:scim:schemas:extension:enterprise:1.0": { "department": "Legal" },
            "urn:example:none:1.0": null,
        });

        let kept = accept(&sent, &USERS);

        assert_eq!(
            kept,
            Ok(json!({
                "schemas": [urn::USER, urn::ENTERPRISE_USER],
                "userName": "u1", "name": { "familyName": "F" }, "emails": [{ "value": "u1@ex.test" }],
                urn::ENTERPRISE_USER: { "department": "Legal" },
            }))
        );
    }

    #[test]
    fn a_body_that_means_no_resource_is_refused() {
        let kind = |body: Value, of| accept(&body, of).map_err(|error| error.kind);

        assert_eq!(kind(json!([]), &USERS), Err(Some(ErrorType::InvalidSyntax)));
        assert_eq!(kind(json!({ "no name": 1 }), &USERS), Err(Some(ErrorType::InvalidSyntax)));
        assert_eq!(kind(json!({ "userName": " " }), &USERS), Err(Some(ErrorType::InvalidValue)));
        assert_eq!(kind(json!({ "userName": "ana" }), &GROUPS), Err(Some(ErrorType::InvalidValue)));
    }
}
