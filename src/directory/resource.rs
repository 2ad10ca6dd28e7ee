//! A person as SCIM tells them (RFC 7643 section 4.1), and what of that has a place in the directory.

use serde_json::{Value as Json, json};

use super::{Draft, Profile, profile::Text};
use crate::scim::{
    resource,
    schema::USERS,
    user::{self, ACTIVE, DEPARTMENT, DISPLAY_NAME, FAMILY_NAME, GIVEN_NAME, TITLE, USER_NAME},
};

const EMAILS: &str = "emails";
const PHONES: &str = "phoneNumbers";

/// What nobody says of a person but us, and the id that is the source's alone.
const NOT_THEIRS: [&str; 4] = [user::ID, "meta", "groups", user::EXTERNAL_ID];

/// What a resource says of a person, before anyone believed it. Its names are in the RFC's case,
/// as [`resource::accept`] leaves them.
#[must_use]
pub fn draft(told: &Json) -> Draft {
    let text = |path| resource::text(told, path).unwrap_or_default().to_owned();
    Draft {
        user_name: text(USER_NAME),
        given_name: text(GIVEN_NAME),
        family_name: text(FAMILY_NAME),
        display_name: text(DISPLAY_NAME),
        email: at_work(told, EMAILS),
        title: text(TITLE),
        department: text(DEPARTMENT),
        phone: at_work(told, PHONES),
    }
}

/// Whether the person may work; `None` when the resource does not say.
#[must_use]
pub fn active(told: &Json) -> Option<bool> {
    resource::flag(told, ACTIVE)
}

/// The resource without what is not the person's to say, and with the values that were parsed. An `active`
/// that is null was just taken away: that changes nothing of whether they may work, and is shown as asked.
#[must_use]
pub fn in_step(mut told: Json, profile: &Profile, active: bool) -> Json {
    if let Some(members) = told.as_object_mut() {
        for name in NOT_THEIRS {
            members.remove(name);
        }
    }
    let texts = [
        (USER_NAME, Some(&profile.user_name)),
        (GIVEN_NAME, profile.given_name.as_ref()),
        (FAMILY_NAME, profile.family_name.as_ref()),
        (DISPLAY_NAME, profile.display_name.as_ref()),
        (TITLE, profile.title.as_ref()),
        (DEPARTMENT, profile.department.as_ref()),
    ];
    for (path, text) in texts {
        let text = text.map(Text::as_str);
        if resource::text(&told, path) != text {
            set(&mut told, path, json!(text));
        }
    }
    if told.get(ACTIVE).is_some_and(Json::is_null) {
        set(&mut told, ACTIVE, Json::Null);
    } else if resource::flag(&told, ACTIVE) != Some(active) {
        set(&mut told, ACTIVE, json!(active));
    }
    for (name, text) in [(EMAILS, &profile.email), (PHONES, &profile.phone)] {
        let text = text.as_deref().unwrap_or_default();
        if at_work(&told, name) != text {
            put_at_work(&mut told, name, text);
        }
    }
    told
}

/// A resource with no values at all: what the console and a file begin with.
#[must_use]
pub fn empty() -> Json {
    resource::empty(&USERS)
}

fn set(told: &mut Json, path: &str, value: Json) {
    // Every path here is one of the schema's, and every value of its kind: nothing is refused.
    let set = resource::set(told, path, value, &USERS);
    debug_assert!(set.is_ok(), "{path}: {set:?}");
}

/// The value to reach somebody at work by: that of type `work`, else the primary one, else the first,
/// of those that are not private. authentik calls its only address `other`, Keycloak gives it no type
/// (facts/identity-providers.md 3.3, 3.4).
fn at_work(told: &Json, name: &str) -> String {
    let values = told[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let value = place_at_work(values).and_then(|place| values.get(place)?.get("value")?.as_str());
    value.unwrap_or_default().to_owned()
}

fn place_at_work(values: &[Json]) -> Option<usize> {
    let first = |is: &dyn Fn(&Json) -> bool| values.iter().position(is);
    first(&|value| kind(value).eq_ignore_ascii_case("work"))
        .or_else(|| first(&|value| !is_private(value) && value["primary"] == true))
        .or_else(|| first(&|value| !is_private(value)))
}

fn kind(value: &Json) -> &str {
    value["type"].as_str().unwrap_or("other")
}

fn is_private(value: &Json) -> bool {
    !["work", "other"].iter().any(|known| kind(value).eq_ignore_ascii_case(known))
}

fn put_at_work(told: &mut Json, name: &str, text: &str) {
    let mut values = told[name].as_array().cloned().unwrap_or_default();
    match (place_at_work(&values), text) {
        (Some(_), "") => values.retain(is_private),
        (Some(place), text) => {
            if let Some(value) = values.get_mut(place) {
                value["value"] = json!(text);
            }
        }
        (None, "") => {}
        (None, text) => values.push(json!({ "type": "work", "value": text })),
    }
    set(told, name, if values.is_empty() { Json::Null } else { Json::Array(values) });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scim::urn::ENTERPRISE_USER;

    fn parsed(draft: &Draft) -> Profile {
        Profile::parse(draft).expect("a profile")
    }

    #[test]
    fn what_a_resource_says_is_found_where_clients_put_it() {
        let told = json!({
            "userName": "ana", "name": { "givenName": "Ana", "familyName": "Lima" }, "displayName": "Ana Lima",
            "title": "Clerk", "active": "False", "phoneNumbers": [{ "type": "mobile", "value": "1" }],
            "emails": [{ "type": "home", "value": "h@x.test" }, { "type": "other", "value": "o@x.test" }],
            ENTERPRISE_USER: { "department": "Legal" },
        });

        let draft = draft(&told);

        assert_eq!(active(&told), Some(false));
        assert_eq!(
            draft,
            Draft {
                user_name: "ana".to_owned(),
                given_name: "Ana".to_owned(),
                family_name: "Lima".to_owned(),
                display_name: "Ana Lima".to_owned(),
                email: "o@x.test".to_owned(),
                title: "Clerk".to_owned(),
                department: "Legal".to_owned(),
                phone: String::new(),
            }
        );
    }

    #[test]
    fn the_address_at_work_is_told_from_the_private_one() {
        let address = |emails| at_work(&json!({ "emails": emails }), EMAILS);
        for (emails, expected) in [
            (json!([{ "type": "other", "value": "o" }, { "type": "Work", "value": "w" }]), "w"),
            (json!([{ "value": "a" }, { "value": "b", "primary": true }]), "b"),
            (json!([{ "value": "a" }, { "type": "other", "value": "b" }]), "a"),
            (json!([{ "type": "home", "value": "h", "primary": true }]), ""),
            (json!([{ "type": "work" }]), ""),
            (json!(null), ""),
        ] {
            assert_eq!(address(emails.clone()), expected, "{emails}");
        }
    }

    #[test]
    fn an_edit_reaches_the_value_that_was_read_and_no_other() {
        let told = json!({
            "schemas": [], "id": "1", "meta": {}, "externalId": "e", "groups": [], "userName": "ana", "nickName": "A",
            "emails": [{ "type": "home", "value": "h@x.test" }, { "type": "other", "value": "o@x.test", "primary": true }],
        });
        let mut wanted = draft(&told);
        wanted.email = "new@x.test".to_owned();
        wanted.department = "Legal".to_owned();

        let edited = in_step(told, &parsed(&wanted), true);

        assert_eq!(
            edited,
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE_USER],
                "userName": "ana", "nickName": "A", "active": true, ENTERPRISE_USER: { "department": "Legal" },
                "emails": [
                    { "type": "home", "value": "h@x.test" },
                    { "type": "other", "value": "new@x.test", "primary": true },
                ],
            })
        );
    }

    #[test]
    fn an_active_that_was_taken_away_is_not_told_until_the_next_change() {
        let told = json!({ "userName": "ana", "active": null });
        let profile = parsed(&draft(&told));

        for active in [true, false] {
            let taken_away = in_step(told.clone(), &profile, active);
            assert_eq!(taken_away.get("active"), None);
            assert_eq!(in_step(taken_away, &profile, active)["active"], active);
        }
    }

    #[test]
    fn what_is_cleared_is_gone() {
        let told =
            json!({ "userName": "ana", "title": "Clerk", "emails": [{ "value": "a@x.test" }] });
        let wanted = Draft { user_name: "ana".to_owned(), ..Draft::default() };

        let edited = in_step(told, &parsed(&wanted), false);

        assert_eq!((edited.get("title"), edited.get("emails")), (None, None));
        assert_eq!(edited["active"], false);
    }

    proptest! {
        #[test]
        fn what_is_in_step_says_what_was_parsed(
            user_name in "[a-z]{1,8}", given in "[A-Z ]{0,4}", email in "([a-z]{1,4}@x\\.test)?",
            phone in "(\\+[0-9]{3,6})?", department in "[a-z]{0,4}", kind in "work|other|home|mobile", old in "[0-9]{3}",
        ) {
            let wanted = Draft {
                user_name, given_name: given, email, phone, department, ..Draft::default()
            };
            let profile = parsed(&wanted);
            let before = json!({ "userName": "x", "phoneNumbers": [{ "type": kind, "value": old }] });

            let told = in_step(before, &profile, true);

            prop_assert_eq!(parsed(&draft(&told)), profile.clone());
            prop_assert_eq!(in_step(told.clone(), &profile, true), told);
        }
    }
}
