//! The attributes of a User that Countersign provisions: where they stand, and how they are
//! read from services that put them elsewhere.

use serde_json::Value;

use super::{member, resource};

/// The user name.
pub const USER_NAME: &str = "userName";
/// Our id of the user.
pub const EXTERNAL_ID: &str = "externalId";
/// The service's id of the account.
pub const ID: &str = "id";
/// First name.
pub const GIVEN_NAME: &str = "name.givenName";
/// Last name.
pub const FAMILY_NAME: &str = "name.familyName";
/// The name to show.
pub const DISPLAY_NAME: &str = "displayName";
/// Work address.
pub const WORK_EMAIL: &str = r#"emails[type eq "work"].value"#;
/// Job title.
pub const TITLE: &str = "title";
/// Department, in the enterprise extension.
pub const DEPARTMENT: &str =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
/// Work telephone number.
pub const WORK_PHONE: &str = r#"phoneNumbers[type eq "work"].value"#;
/// Whether the account may be used.
pub const ACTIVE: &str = "active";
/// When the account last changed.
pub const LAST_MODIFIED: &str = "meta.lastModified";
/// The version of the account.
pub const VERSION: &str = "meta.version";

/// The work address: the value of that type; where none has a type, the primary or the first one.
#[must_use]
pub fn work_email(user: &Value) -> Option<&str> {
    work(user, WORK_EMAIL, "emails")
}

/// The work telephone number, found like the address.
#[must_use]
pub fn work_phone(user: &Value) -> Option<&str> {
    work(user, WORK_PHONE, "phoneNumbers")
}

/// Some services drop the types of values, so one value without a type is as good as the one
/// that was sent with it.
fn work<'a>(user: &'a Value, path: &str, attribute: &str) -> Option<&'a str> {
    if let Some(text) = resource::text(user, path) {
        return Some(text);
    }
    let whole = resource::get(user, attribute)?;
    let values = whole.as_array().map_or(std::slice::from_ref(whole), Vec::as_slice);
    let untyped = || values.iter().filter(|value| !has(value, "type"));
    let is_primary =
        |value: &&Value| member::of(value, "primary").and_then(member::as_flag) == Some(true);
    let value = untyped().find(is_primary).or_else(|| untyped().next())?;
    member::of(value, "value").unwrap_or(value).as_str().filter(|text| !text.is_empty())
}

fn has(value: &Value, part: &str) -> bool {
    member::of(value, part).is_some_and(member::is_present)
}

/// The name to call the account by: display name, else first and last name, else user name.
#[must_use]
pub fn name(user: &Value) -> String {
    let parts = [GIVEN_NAME, FAMILY_NAME].map(|path| resource::text(user, path));
    let full = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match (resource::text(user, DISPLAY_NAME), full) {
        (Some(name), _) => name.to_owned(),
        (None, full) if !full.is_empty() => full,
        _ => resource::text(user, USER_NAME).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Path, schema::USERS};
    use super::*;

    const ALL: [&str; 13] = [
        USER_NAME,
        EXTERNAL_ID,
        ID,
        GIVEN_NAME,
        FAMILY_NAME,
        DISPLAY_NAME,
        WORK_EMAIL,
        TITLE,
        DEPARTMENT,
        WORK_PHONE,
        ACTIVE,
        LAST_MODIFIED,
        VERSION,
    ];

    #[test]
    fn every_path_is_one_and_names_what_the_rfc_knows() {
        for text in ALL {
            let path: Path = text.parse().unwrap();
            let attribute = match path.extension() {
                Some(id) => USERS.extension(id).and_then(|schema| schema.attribute(&path.name)),
                None => USERS.attribute(&path.name),
            };
            let part = path.part.as_ref().map(|part| attribute.and_then(|a| a.part(part)));

            assert!(attribute.is_some() && !matches!(part, Some(None)), "{text}");
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn the_work_address_is_found_wherever_a_service_puts_it() {
        for (emails, found) in [
            (
                json!([{ "value": "h", "type": "home" }, { "value": "w", "type": "work" }]),
                Some("w"),
            ),
            (json!([{ "value": "a" }, { "value": "b", "primary": "true" }]), Some("b")),
            (json!([{ "value": "a", "type": null }]), Some("a")),
            (json!({ "value": "a" }), Some("a")),
            (json!("a"), Some("a")),
            (json!([{ "value": "h", "type": "home" }]), None),
            (json!([{ "value": "" }]), None),
            (json!([]), None),
        ] {
            let user = json!({ "emails": emails });
            assert_eq!(work_email(&user), found, "{user}");
        }
        assert_eq!(work_phone(&json!({ "phoneNumbers": [{ "value": "1" }] })), Some("1"));
    }

    #[test]
    fn an_account_is_called_by_the_best_name_there_is() {
        let mut user = json!({ "userName": "ana" });
        assert_eq!(name(&user), "ana");

        user["name"] = json!({ "familyName": "Lima" });
        assert_eq!(name(&user), "Lima");

        user["displayName"] = json!("Dr Ana Lima");
        assert_eq!(name(&user), "Dr Ana Lima");
    }
}
