//! From the content of an action to the requests that carry it out. Pure.

use serde_json::{Value as Json, json};

use super::{
    resource::{Object, Place, has_one_work_entry, member, put, write},
    settings::{ScimSettings, UpdateStyle},
};
use crate::{
    apps::{
        Deletes,
        account::Account,
        change::{Attribute, Attributes, Change, Content, Kind, Value, same},
    },
    connector::{Request, transport::encoded},
    scim::urn::{ENTERPRISE_USER as ENTERPRISE, PATCH_OP, USER},
};

/// The requests that take `current` to what `content` says. Only what is not already so is asked for.
pub(super) fn plan(
    settings: &ScimSettings,
    content: &Content,
    current: Option<&Account>,
) -> Vec<Request> {
    match (content.kind, current) {
        (Kind::Create, None) => vec![create(settings, content)],
        (_, None) => Vec::new(),
        (Kind::Delete, Some(account)) => remove(settings, account),
        (_, Some(account)) => change(settings, &content.changes, account),
    }
}

fn create(settings: &ScimSettings, content: &Content) -> Request {
    let wanted = content.applied_to(None).unwrap_or_default();
    let mut user = Object::new();
    put(&mut user, "externalId", Some(json!(content.account)));
    for (attribute, value) in &wanted {
        write(&mut user, *attribute, Some(value), settings.untyped);
    }
    // Some apps take no account without these two.
    put(
        &mut user,
        "active",
        Some(json!(wanted.get(&Attribute::Active) != Some(&Value::Flag(false)))),
    );
    put_formatted(&mut user, &wanted);
    put_schemas(&mut user);
    request("POST", "Users".to_owned(), Some(Json::Object(user)))
}

fn remove(settings: &ScimSettings, account: &Account) -> Vec<Request> {
    match settings.deletes {
        Deletes::Delete => vec![request("DELETE", path_of(account), None)],
        Deletes::Deactivate => {
            let off =
                Change { attribute: Attribute::Active, from: None, to: Some(Value::Flag(false)) };
            change(settings, &[off], account)
        }
    }
}

fn change(settings: &ScimSettings, changes: &[Change], account: &Account) -> Vec<Request> {
    let left: Vec<_> = changes
        .iter()
        .filter(|change| !is_so(change, account) && (change.to.is_some() || may_be_absent(change)))
        .collect();
    if left.is_empty() {
        return Vec::new();
    }
    let user = path_of(account);
    let after = user_with(settings, &left, account);
    if settings.updates == UpdateStyle::Put {
        return vec![request("PUT", user, Some(Json::Object(to_put(after))))];
    }
    let before = account.resource.as_ref().and_then(Json::as_object);
    let mut operations: Vec<_> =
        left.iter().map(|change| operation(settings, change, before, &after)).collect();
    operations.extend(formatted_operation(before, &after));
    let patch = |operations: Vec<Json>| {
        let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
        request("PATCH", user.clone(), Some(body))
    };
    match settings.updates {
        UpdateStyle::PatchOneOperation => {
            operations.into_iter().map(|operation| patch(vec![operation])).collect()
        }
        _ => vec![patch(operations)],
    }
}

fn is_so(change: &Change, account: &Account) -> bool {
    let has = account.attributes.get(&change.attribute);
    same(change.attribute, has, change.to.as_ref())
}

const fn may_be_absent(change: &Change) -> bool {
    !matches!(change.attribute, Attribute::UserName | Attribute::Active)
}

/// The resource with the changes in it. What stands only in our tables is made into one.
fn user_with(settings: &ScimSettings, changes: &[&Change], account: &Account) -> Object {
    let mut user =
        account.resource.as_ref().and_then(Json::as_object).cloned().unwrap_or_else(|| {
            let mut user = Object::new();
            for (attribute, value) in &account.attributes {
                write(&mut user, *attribute, Some(value), settings.untyped);
            }
            user
        });
    let mut attributes = account.attributes.clone();
    let ours = formatted(&user).is_some() && formatted(&user) == full_name(&attributes).as_deref();
    for Change { attribute, to, .. } in changes {
        write(&mut user, *attribute, to.as_ref(), settings.untyped);
        match to {
            Some(to) => attributes.insert(*attribute, to.clone()),
            None => attributes.remove(attribute),
        };
    }
    // A formatted name of our making follows the names it is made of; another is left alone.
    if ours {
        put_formatted(&mut user, &attributes);
    }
    user
}

/// What a PUT may carry: the resource without what only the app may set.
fn to_put(mut user: Object) -> Object {
    for name in ["id", "meta", "password", "groups"] {
        put(&mut user, name, None);
    }
    user.retain(|_, value| !value.is_null());
    put_schemas(&mut user);
    user
}

fn operation(
    settings: &ScimSettings,
    change: &Change,
    before: Option<&Object>,
    after: &Object,
) -> Json {
    let place = Place::of(change.attribute);
    let value = change.to.as_ref().map(|to| json!(to));
    match place {
        Place::Root(name) => replace(name, value),
        Place::Name(part) => replace(&format!("name.{part}"), value),
        Place::Enterprise(part) => replace(&format!("{ENTERPRISE}:{part}"), value),
        Place::Listed(name) => {
            let simple = settings.updates == UpdateStyle::PatchOneOperation;
            match (simple || !before.is_none_or(|user| has_one_work_entry(user, name)), value) {
                (true, _) => replace(name, member(after, name).cloned()),
                (false, None) => replace(&format!(r#"{name}[type eq "work"]"#), None),
                (false, value) => replace(&format!(r#"{name}[type eq "work"].value"#), value),
            }
        }
    }
}

fn formatted_operation(before: Option<&Object>, after: &Object) -> Option<Json> {
    let now = formatted(after)?;
    (formatted(before?)? != now).then(|| replace("name.formatted", Some(json!(now))))
}

fn replace(path: &str, value: Option<Json>) -> Json {
    match value {
        Some(value) => json!({ "op": "replace", "path": path, "value": value }),
        None => json!({ "op": "remove", "path": path }),
    }
}

fn formatted(user: &Object) -> Option<&str> {
    member(member(user, "name")?.as_object()?, "formatted")?.as_str()
}

fn put_formatted(user: &mut Object, attributes: &Attributes) {
    if let Some(full) = full_name(attributes) {
        let mut name = member(user, "name").and_then(Json::as_object).cloned().unwrap_or_default();
        put(&mut name, "formatted", Some(json!(full)));
        put(user, "name", Some(Json::Object(name)));
    }
}

/// Given and family name as far as they are there, else the name to show, else the user name.
fn full_name(attributes: &Attributes) -> Option<String> {
    let text = |attribute| attributes.get(&attribute).map(Value::to_string);
    let names = [Attribute::GivenName, Attribute::FamilyName].map(text);
    let full = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let other = || text(Attribute::DisplayName).or_else(|| text(Attribute::UserName));
    Some(full).filter(|full| !full.is_empty()).or_else(other)
}

fn put_schemas(user: &mut Object) {
    let mut schemas = member(user, "schemas").and_then(Json::as_array).cloned().unwrap_or_default();
    let extended = member(user, ENTERPRISE).is_some();
    for urn in [Some(USER), extended.then_some(ENTERPRISE)].into_iter().flatten() {
        if !schemas.iter().any(|schema| schema == urn) {
            schemas.push(json!(urn));
        }
    }
    put(user, "schemas", Some(Json::Array(schemas)));
}

fn path_of(account: &Account) -> String {
    format!("Users/{}", encoded(&account.remote_id))
}

fn request(method: &str, path: String, body: Option<Json>) -> Request {
    Request { method: method.to_owned(), path, body }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
