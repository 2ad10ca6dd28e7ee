//! Whatever an account looks like and whatever is wanted of it: what is planned, once done,
//! is what was wanted, and no more.

use proptest::{prelude::*, sample::select};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;

use super::{super::resource, plan};
use crate::{
    apps::{
        Deletes,
        change::{Attribute, Change, Content, Kind, Value, same},
    },
    connector::{
        Request,
        scim::{ScimSettings, UpdateStyle},
    },
    kernel::{AppId, UserId},
    scim::{Patch, schema::USERS, urn::ENTERPRISE_USER},
};

/// What a small, exact app makes of a request.
fn done(request: &Request, user: &Json) -> Json {
    let body = request.body.clone().expect("a body");
    match &*request.method {
        "PATCH" => Patch::read(&body).and_then(|patch| patch.apply(user, &USERS)).expect("a patch"),
        "PUT" | "POST" => {
            let mut user = body;
            user["id"] = json!("1");
            user
        }
        other => panic!("{other} has no place here"),
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z\u{e9}@.\"\\\\ ]{1,6}"
}

/// The same list in the shapes that apps give it.
fn listed() -> impl Strategy<Value = Json> {
    let home = json!({ "value": "home", "type": "home", "primary": true });
    (text(), select(vec![0, 1, 2, 3, 4, 5])).prop_map(move |(text, shape)| match shape {
        0 => json!(null),
        1 => json!([home, { "value": text, "type": "Work", "display": text }]),
        2 => json!([home, { "value": text }]),
        3 => json!([{ "value": text, "type": "work" }, { "value": "b", "type": "work" }]),
        4 => json!({ "value": text }),
        _ => json!([home]),
    })
}

fn user() -> impl Strategy<Value = Json> {
    let words = proptest::collection::vec(proptest::option::of(text()), 6);
    (words, listed(), listed(), any::<bool>(), any::<bool>()).prop_map(
        |(words, emails, phones, active, formatted)| {
            let [given, family, shown, title, department, other] = &words[..] else {
                unreachable!("six words")
            };
            let derived = [given, family].map(Option::as_deref).into_iter().flatten();
            let derived = derived.collect::<Vec<_>>().join(" ");
            json!({
                "id": "1", "userName": "ana", "displayName": shown, "title": title, "nickName": other,
                "name": {
                    "givenName": given, "familyName": family,
                    "formatted": if formatted { &derived } else { "Dr. Ana" },
                },
                "emails": emails, "phoneNumbers": phones, "active": active,
                ENTERPRISE_USER: { "department": department, "costCenter": "7" },
            })
        },
    )
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = |attribute: &Attribute| {
        let attribute = *attribute;
        let to = match attribute {
            Attribute::Active => any::<bool>().prop_map(|flag| Some(Value::Flag(flag))).boxed(),
            Attribute::UserName => text().prop_map(|text| Some(Value::Text(text))).boxed(),
            _ => proptest::option::of(text().prop_map(Value::Text)).boxed(),
        };
        to.prop_map(move |to| Change { attribute, from: None, to })
    };
    let all: Vec<_> = Attribute::ALL.iter().map(change).collect();
    (all, proptest::collection::vec(any::<bool>(), Attribute::ALL.len())).prop_map(|(all, kept)| {
        all.into_iter().zip(kept).filter_map(|(change, kept)| kept.then_some(change)).collect()
    })
}

fn content(kind: Kind, changes: Vec<Change>) -> Content {
    let epoch = OffsetDateTime::UNIX_EPOCH;
    Content { app: AppId::at(epoch), account: UserId::at(epoch), kind, changes }
}

fn style() -> impl Strategy<Value = UpdateStyle> {
    select(vec![UpdateStyle::Patch, UpdateStyle::PatchOneOperation, UpdateStyle::Put])
}

fn settings(updates: UpdateStyle) -> ScimSettings {
    ScimSettings { updates, filter: true, deletes: Deletes::Delete, untyped: false }
}

proptest! {
    #[test]
    fn what_is_planned_reaches_what_was_wanted_and_no_more(
        before in user(), changes in changes(), style in style(),
    ) {
        let content = content(Kind::Update, changes);
        let account = resource::account(&before).expect("an account");

        let requests = plan(&settings(style), &content, Some(&account));
        let after = requests.iter().fold(before, |user, request| done(request, &user));

        let reached = resource::account(&after).expect("an account");
        prop_assert!(content.is_met_by(&reached.attributes), "{requests:?} {after}");
        for attribute in Attribute::ALL {
            let left = !content.changes.iter().any(|change| change.attribute == *attribute);
            let [before, after] =
                [&account, &reached].map(|account| account.attributes.get(attribute));
            prop_assert!(!left || same(*attribute, before, after), "{attribute} {after:?}");
        }
        prop_assert_eq!(&after[ENTERPRISE_USER]["costCenter"], "7");
        prop_assert!(plan(&settings(style), &content, Some(&reached)).is_empty());
    }

    #[test]
    fn what_is_created_is_what_was_wanted(changes in changes(), style in style()) {
        let content = content(Kind::Create, changes);

        let requests = plan(&settings(style), &content, None);
        let created = resource::account(&done(&requests[0], &json!(null))).expect("an account");

        prop_assert_eq!(requests.len(), 1);
        prop_assert!(content.is_met_by(&created.attributes), "{requests:?}");
        prop_assert_eq!(created.external_id, Some(content.account.to_string()));
    }
}
