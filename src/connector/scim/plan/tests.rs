use serde_json::json;
use time::OffsetDateTime;

use super::*;
use crate::{
    connector::scim::resource,
    kernel::{AppId, UserId},
};

fn settings(updates: UpdateStyle) -> ScimSettings {
    ScimSettings { updates, filter: true, deletes: Deletes::Delete, untyped: false }
}

fn content(kind: Kind, wanted: &[(Attribute, Option<&str>)]) -> Content {
    let changes = wanted
        .iter()
        .map(|(attribute, to)| Change {
            attribute: *attribute,
            from: None,
            to: to.map(|to| match attribute {
                Attribute::Active => Value::Flag(to == "yes"),
                _ => Value::Text(to.to_owned()),
            }),
        })
        .collect();
    let app = AppId::at(OffsetDateTime::UNIX_EPOCH);
    Content { app, account: UserId::at(OffsetDateTime::UNIX_EPOCH), kind, changes }
}

fn ana() -> Json {
    json!({
        "schemas": [USER], "id": "6f/2a", "externalId": "x", "userName": "ana@example.com", "title": "Analyst",
        "name": { "givenName": "Ana", "familyName": "Lima", "formatted": "Ana Lima" }, "active": true,
        "emails": [{ "value": "ana@example.com", "type": "work" }], "nickName": "An",
        "meta": { "version": "1" }, "password": "{SSHA}x", "groups": [], "locale": null,
    })
}

fn account(user: &Json) -> Account {
    resource::account(user).expect("an account")
}

fn planned(
    updates: UpdateStyle,
    wanted: &[(Attribute, Option<&str>)],
    user: &Json,
) -> Vec<Request> {
    plan(&settings(updates), &content(Kind::Update, wanted), Some(&account(user)))
}

/// The operations of each PATCH.
fn operations(requests: &[Request]) -> Vec<Json> {
    requests
        .iter()
        .map(|request| {
            assert_eq!((&*request.method, &*request.path), ("PATCH", "Users/6f%2F2a"));
            let body = request.body.clone().expect("a body");
            assert_eq!(body["schemas"], json!([PATCH_OP]));
            body["Operations"].clone()
        })
        .collect()
}

#[test]
fn a_create_is_a_whole_user_with_our_id_in_it() {
    let content = content(
        Kind::Create,
        &[
            (Attribute::UserName, Some("ana@example.com")),
            (Attribute::GivenName, Some("Ana")),
            (Attribute::FamilyName, Some("Lima")),
            (Attribute::Email, Some("ana@example.com")),
            (Attribute::Department, Some("Legal")),
            (Attribute::Active, Some("yes")),
        ],
    );

    let requests = plan(&settings(UpdateStyle::Patch), &content, None);

    let body = json!({
        "schemas": [USER, ENTERPRISE], "externalId": content.account.to_string(), "userName": "ana@example.com",
        "name": { "givenName": "Ana", "familyName": "Lima", "formatted": "Ana Lima" },
        "emails": [{ "value": "ana@example.com", "type": "work", "primary": true }],
        ENTERPRISE: { "department": "Legal" }, "active": true,
    });
    assert_eq!(requests, [request("POST", "Users".to_owned(), Some(body))]);
}

#[test]
fn a_create_says_no_more_than_there_is() {
    let content = content(Kind::Create, &[(Attribute::UserName, Some("ana"))]);

    let requests = plan(&settings(UpdateStyle::Put), &content, None);

    let body = json!({
        "schemas": [USER], "externalId": content.account.to_string(), "userName": "ana",
        "name": { "formatted": "ana" }, "active": true,
    });
    assert_eq!(requests[0].body, Some(body));
}

#[test]
fn an_app_that_knows_no_type_is_sent_none() {
    let content = content(
        Kind::Create,
        &[(Attribute::Email, Some("a@b.c")), (Attribute::Phone, Some("123"))],
    );

    let untyped = ScimSettings { untyped: true, ..settings(UpdateStyle::Patch) };
    let body = plan(&untyped, &content, None)[0].body.clone().expect("a body");

    assert_eq!(body["emails"], json!([{ "value": "a@b.c", "primary": true }]));
    assert_eq!(body["phoneNumbers"], json!([{ "value": "123", "primary": true }]));
}

#[test]
fn an_update_is_one_patch_of_what_is_not_already_so() {
    let wanted = [
        (Attribute::Title, Some("Senior Analyst")),
        (Attribute::UserName, Some("ANA@example.com")),
        (Attribute::FamilyName, None),
        (Attribute::Email, Some("lima@example.com")),
        (Attribute::Phone, Some("+44 20 7946 0018")),
        (Attribute::Department, Some("Legal")),
        (Attribute::DisplayName, None),
        (Attribute::Active, Some("no")),
    ];

    let requests = planned(UpdateStyle::Patch, &wanted, &ana());

    let expected = json!([
        { "op": "replace", "path": "title", "value": "Senior Analyst" },
        { "op": "remove", "path": "name.familyName" },
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "lima@example.com" },
        { "op": "replace", "path": "phoneNumbers",
          "value": [{ "value": "+44 20 7946 0018", "type": "work", "primary": true }] },
        { "op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Legal" },
        { "op": "replace", "path": "active", "value": false },
        { "op": "replace", "path": "name.formatted", "value": "Ana" },
    ]);
    assert_eq!(operations(&requests), [expected]);
}

#[test]
fn an_app_that_takes_one_operation_gets_one_in_each_request_and_plain_paths() {
    let wanted = [(Attribute::Title, None), (Attribute::Email, Some("lima@example.com"))];

    let requests = planned(UpdateStyle::PatchOneOperation, &wanted, &ana());

    let emails = json!([{ "value": "lima@example.com", "type": "work" }]);
    assert_eq!(
        operations(&requests),
        [
            json!([{ "op": "remove", "path": "title" }]),
            json!([{ "op": "replace", "path": "emails", "value": emails }]),
        ]
    );
}

#[test]
fn a_put_gives_back_what_was_read_with_the_changes_in_it() {
    let requests = planned(UpdateStyle::Put, &[(Attribute::Department, Some("Legal"))], &ana());

    let mut body = ana();
    for name in ["id", "meta", "password", "groups", "locale"] {
        body.as_object_mut().expect("an object").remove(name);
    }
    body["schemas"] = json!([USER, ENTERPRISE]);
    body[ENTERPRISE] = json!({ "department": "Legal" });
    assert_eq!(requests, [request("PUT", "Users/6f%2F2a".to_owned(), Some(body))]);
}

#[test]
fn what_is_so_already_asks_for_nothing() {
    let wanted = [
        (Attribute::UserName, Some("Ana@Example.com")),
        (Attribute::Title, Some("Analyst")),
        (Attribute::Phone, None),
        (Attribute::Active, Some("yes")),
    ];

    for style in [UpdateStyle::Patch, UpdateStyle::PatchOneOperation, UpdateStyle::Put] {
        assert_eq!(planned(style, &wanted, &ana()), []);
    }
}

#[test]
fn an_account_that_is_there_already_is_changed_and_not_created_again() {
    let wanted =
        [(Attribute::UserName, Some("ana@example.com")), (Attribute::Title, Some("Clerk"))];

    let create = content(Kind::Create, &wanted);
    let requests = plan(&settings(UpdateStyle::Patch), &create, Some(&account(&ana())));

    let expected = json!([{ "op": "replace", "path": "title", "value": "Clerk" }]);
    assert_eq!(operations(&requests), [expected]);
}

#[test]
fn a_name_that_is_not_of_our_making_is_left_alone() {
    let mut user = ana();
    user["name"]["formatted"] = json!("Dr. Ana Lima");

    let requests = planned(UpdateStyle::Patch, &[(Attribute::GivenName, Some("Anna"))], &user);

    let expected = json!([{ "op": "replace", "path": "name.givenName", "value": "Anna" }]);
    assert_eq!(operations(&requests), [expected]);
}

#[test]
fn a_delete_is_a_delete_or_switches_off_what_is_on() {
    let delete = content(Kind::Delete, &[(Attribute::Title, None)]);
    let deactivate = ScimSettings { deletes: Deletes::Deactivate, ..settings(UpdateStyle::Patch) };
    let mut off = ana();
    off["active"] = json!(false);

    let removed = plan(&settings(UpdateStyle::Patch), &delete, Some(&account(&ana())));
    let switched = plan(&deactivate, &delete, Some(&account(&ana())));

    assert_eq!(removed, [request("DELETE", "Users/6f%2F2a".to_owned(), None)]);
    assert_eq!(
        operations(&switched),
        [json!([{ "op": "replace", "path": "active", "value": false }])]
    );
    assert_eq!(plan(&deactivate, &delete, Some(&account(&off))), []);
}

#[test]
fn without_an_account_only_a_create_asks_for_anything() {
    for kind in Kind::ALL {
        let content = content(*kind, &[(Attribute::UserName, Some("ana"))]);

        let asks = !plan(&settings(UpdateStyle::Patch), &content, None).is_empty();

        assert_eq!(asks, *kind == Kind::Create, "{kind}");
    }
}

#[test]
fn a_preview_needs_no_resource() {
    let known = Account { resource: None, ..account(&ana()) };
    let content = content(Kind::Update, &[(Attribute::Email, Some("lima@example.com"))]);

    let patch = plan(&settings(UpdateStyle::Patch), &content, Some(&known));
    let put = plan(&settings(UpdateStyle::Put), &content, Some(&known));

    let work = "emails[type eq \"work\"].value";
    assert_eq!(
        operations(&patch),
        [json!([{ "op": "replace", "path": work, "value": "lima@example.com" }])]
    );
    let body = put[0].body.as_ref().expect("a body");
    assert_eq!((&body["userName"], &body["title"]), (&json!("ana@example.com"), &json!("Analyst")));
}
