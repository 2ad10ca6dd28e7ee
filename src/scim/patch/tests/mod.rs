//! PATCH as the RFC shows it, as identity providers send it (T1 to T22 of what is known of
//! them), and as nobody would (`properties`).

mod properties;

use super::super::{
    resource,
    schema::{GROUPS, USERS},
};
use super::*;

fn operations(operations: &Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

fn ana() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "id": "1", "userName": "ana", "displayName": "Ana", "active": true,
        "name": { "givenName": "Ana", "familyName": "Lima" },
        "emails": [{ "type": "home", "value": "h", "primary": true }, { "type": "work", "value": "w" }],
        "shoeSize": 38,
        urn::ENTERPRISE_USER: { "department": "Legal", "manager": { "value": "7" } },
        "meta": { "version": "1" },
    })
}

fn group() -> Value {
    let members = json!([{ "value": "U1", "display": "One" }, { "value": "U2" }]);
    json!({ "schemas": [urn::GROUP], "id": "G1", "displayName": "Signers", "members": members })
}

/// What has become of Ana, by path.
fn changed(list: &Value, path: &str) -> Value {
    let ana = Patch::read(&operations(list)).and_then(|read| read.apply(&ana(), &USERS));
    let ana = ana.unwrap_or_else(|error| panic!("{list}: {error}"));
    resource::get(&ana, path).cloned().unwrap_or_default()
}

fn members(body: &Value) -> Value {
    let group = Patch::read(body).and_then(|patch| patch.apply(&group(), &GROUPS));
    resource::get(&group.unwrap(), "members").cloned().unwrap_or_default()
}

fn refused(patch: &Value) -> ErrorType {
    let result = Patch::read(&operations(patch)).and_then(|patch| patch.apply(&ana(), &USERS));
    result.expect_err("refused").kind.expect("a word of table 9")
}

#[test]
fn t1_t2_t13_t14_active_is_switched_off_in_every_spelling() {
    for patch in [
        json!([{ "op": "replace", "value": { "active": false } }]),
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        json!([{ "op": "REPLACE", "PATH": "Active", "VALUE": "false" }]),
        json!({ "op": "add", "path": "active", "value": [false] }),
        json!([{ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": false }]),
        json!([{ "op": "replace", "value": { "id": null, "active": "false", "schemas": ["x"] } }]),
    ] {
        assert_eq!(changed(&patch, "active"), json!(false), "{patch}");
    }
}

#[test]
fn t3_several_replacements_are_made_in_one_request() {
    let employee_number = format!("{}:employeeNumber", urn::ENTERPRISE_USER);
    let patch = json!([
        { "op": "Replace", "path": "displayName", "value": "D" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "n@ex.test" },
        { "op": "Replace", "path": "name.givenName", "value": "G" },
        { "op": "Replace", "path": employee_number, "value": "7" },
    ]);

    for (path, value) in [
        ("displayName", json!("D")),
        (
            "emails",
            json!([{ "type": "home", "value": "h", "primary": true }, { "type": "work", "value": "n@ex.test" }]),
        ),
        ("name", json!({ "givenName": "G", "familyName": "Lima" })),
        (
            urn::ENTERPRISE_USER,
            json!({ "department": "Legal", "manager": { "value": "7" }, "employeeNumber": "7" }),
        ),
        (&employee_number, json!("7")),
        ("department", json!("Legal")),
    ] {
        assert_eq!(changed(&patch, path), value, "{path}");
    }
}

#[test]
fn t4_t22_an_object_without_a_path_is_merged_with_dotted_and_urn_keys() {
    let patch = json!([{ "op": "replace", "value": {
        "displayName": "D", "name.givenName": "G", "emails[type eq \"work\"].value": "n",
        "name": { "middleName": "M" },
        format!("{}:employeeNumber", urn::ENTERPRISE_USER): "7",
        format!("{}:manager", urn::ENTERPRISE_USER): { "value": "9" },
        urn::ENTERPRISE_USER.to_uppercase(): { "Division": "North", "department": null },
    } }]);

    for (path, value) in [
        ("userName", json!("ana")),
        ("displayName", json!("D")),
        ("name", json!({ "givenName": "G", "middleName": "M", "familyName": "Lima" })),
        ("emails[type eq \"work\"].value", json!("n")),
        ("employeeNumber", json!("7")),
        ("manager", json!({ "value": "9" })),
        ("division", json!("North")),
        ("department", json!(null)),
        ("shoeSize", json!(38)),
    ] {
        assert_eq!(changed(&patch, path), value, "{path}");
    }
}

#[test]
fn t5_add_makes_the_entry_it_names_and_makes_it_once() {
    let patch = json!([
        { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" },
        { "op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "S" },
        { "op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "L" },
        { "op": "Add", "path": "addresses[type eq \"work\" and primary eq true].country", "value": "C" },
    ]);

    assert_eq!(changed(&patch, "phoneNumbers"), json!([{ "type": "work", "value": "1" }]));
    assert_eq!(
        changed(&patch, "addresses"),
        json!([
            { "type": "work", "streetAddress": "S", "locality": "L" },
            { "type": "work", "primary": true, "country": "C" },
        ])
    );
}

#[test]
fn t6_a_manager_is_a_bare_text_or_a_list_of_one() {
    for (path, value) in [
        (format!("{}:manager", urn::ENTERPRISE_USER), json!("271")),
        ("manager".to_owned(), json!([{ "$ref": null, "value": "271" }])),
        ("manager.value".to_owned(), json!("271")),
        ("urn:scim:schemas:extension:enterprise:1.0:manager".to_owned(), json!({ "value": 271 })),
    ] {
        let patch = json!([{ "op": "Add", "path": path, "value": value }]);
        assert_eq!(changed(&patch, "manager"), json!({ "value": "271" }), "{path}");
    }
}

#[test]
fn t7_t8_t9_t10_t12_members_come_and_go_in_every_dialect() {
    let two = json!([{ "value": "U2" }]);
    for (patch, left) in [
        (
            json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "U1" }] }]),
            two.clone(),
        ),
        (json!([{ "op": "remove", "path": "members", "value": "U1" }]), two.clone()),
        (json!([{ "op": "remove", "path": "members[value eq \"U1\"]" }]), two.clone()),
        (json!([{ "op": "remove", "path": "members" }]), json!(null)),
        (json!([{ "op": "remove", "path": "members", "value": [] }]), group()["members"].clone()),
        (
            json!([{ "op": "remove", "path": "members", "value": [{ "display": "x" }] }]),
            group()["members"].clone(),
        ),
        (
            json!([{ "op": "remove", "path": "members[value eq \"U9\"]" }]),
            group()["members"].clone(),
        ),
        (
            json!([{ "op": "replace", "value": { "id": "G1", "displayName": "New" } }]),
            group()["members"].clone(),
        ),
        (
            json!([
                { "op": "remove", "path": "members[value eq \"U1\"]" },
                { "op": "add", "path": "members", "value": [{ "value": "U3" }] },
            ]),
            json!([{ "value": "U2" }, { "value": "U3" }]),
        ),
        (
            json!([{ "op": "replace", "path": "members", "value": [{ "value": "U9" }] }]),
            json!([{ "value": "U9" }]),
        ),
        (
            json!([{ "op": "add", "path": "members", "value": ["U2", "u2"] }]),
            json!([{ "value": "U1", "display": "One" }, { "value": "U2" }, { "value": "u2" }]),
        ),
    ] {
        assert_eq!(members(&operations(&patch)), left, "{patch}");
    }
    let one_point_one = json!({ "members": [{ "value": "U3", "operation": "add" }, { "value": "U1", "operation": "Delete" }] });
    assert_eq!(members(&one_point_one), json!([{ "value": "U2" }, { "value": "U3" }]));
}

#[test]
fn t17_what_is_there_is_not_added_again() {
    let added = json!([
        { "op": "add", "path": "title", "value": "A" },
        { "op": "add", "path": "title", "value": "B" },
        { "op": "add", "path": "emails", "value": [{ "type": "WORK", "value": "W" }, { "value": "new" }, { "value": "new" }] },
        { "op": "add", "path": "shoeSizes", "value": [38] },
        { "op": "add", "path": "shoeSizes", "value": [38, 39] },
    ]);

    assert_eq!(changed(&added, "title"), json!("B"));
    assert_eq!(changed(&added, "emails").as_array().map(Vec::len), Some(3));
    assert_eq!(changed(&added, "shoeSizes"), json!([38, 39]));
    let again = json!([{ "op": "add", "path": "members", "value": [{ "value": "U1" }] }]);
    assert_eq!(members(&operations(&again)), group()["members"]);
}

#[test]
fn t19_a_new_primary_one_takes_the_place_of_the_old() {
    for patch in [
        json!([{ "op": "replace", "path": "emails[type eq \"work\"].primary", "value": "True" }]),
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "w", "type": "work", "primary": true }] }]),
        json!([{ "op": "add", "path": "emails[type eq \"work\"]", "value": { "primary": true } }]),
    ] {
        let emails = changed(&patch, "emails");
        assert_eq!(emails[0]["primary"], false, "{patch}");
        assert_eq!(emails[1], json!({ "type": "work", "value": "w", "primary": true }), "{patch}");
    }
}

#[test]
fn null_and_empty_lists_take_away() {
    for (patch, path) in [
        (json!([{ "op": "replace", "path": "displayName", "value": null }]), "displayName"),
        (json!([{ "op": "replace", "value": { "displayName": null } }]), "displayName"),
        (json!([{ "op": "replace", "path": "emails", "value": [] }]), "emails"),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": null }]),
            "emails[type eq \"work\"].value",
        ),
        (
            json!([{ "op": "replace", "path": "name", "value": { "familyName": null } }]),
            "name.familyName",
        ),
        (
            json!([{ "op": "remove", "path": "name.givenName" }, { "op": "remove", "path": "name.familyName" }]),
            "name",
        ),
        (
            json!([{ "op": "remove", "path": "emails.value" }, { "op": "remove", "path": "emails.type" }, { "op": "remove", "path": "emails.primary" }]),
            "emails",
        ),
        (json!([{ "op": "remove", "path": urn::ENTERPRISE_USER }]), "department"),
        (json!([{ "op": "remove", "path": "shoeSize" }]), "shoeSize"),
    ] {
        assert_eq!(changed(&patch, path), json!(null), "{patch}");
    }
    let kept = json!([{ "op": "add", "value": { "displayName": null } }, { "op": "add", "path": "emails", "value": [] }]);
    assert_eq!(changed(&kept, "displayName"), json!("Ana"));
    assert_eq!(changed(&kept, "emails"), ana()["emails"]);
}

#[test]
fn replacing_an_entry_keeps_what_it_was_named_by() {
    let patch = json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": [{ "value": "new" }] }]);

    assert_eq!(changed(&patch, "emails")[1], json!({ "type": "work", "value": "new" }));
}

#[test]
fn unknown_attributes_are_kept_and_changed() {
    let patch = json!([
        { "op": "add", "path": "badge", "value": { "colour": "red", "old": null } },
        { "op": "replace", "path": "badge", "value": { "size": 2 } },
        { "op": "add", "path": "urn:example:2.0:Desk:floor", "value": 3 },
        { "op": "replace", "value": { "urn:example:1.0": { "floor": 4 } } },
    ]);

    assert_eq!(changed(&patch, "badge"), json!({ "colour": "red", "size": 2 }));
    assert_eq!(changed(&patch, "urn:example:2.0:Desk:floor"), json!(3));
    let schemas =
        json!([urn::USER, "urn:example:1.0", "urn:example:2.0:Desk", urn::ENTERPRISE_USER]);
    assert_eq!(changed(&patch, "schemas"), schemas);
}

#[test]
fn every_refusal_has_its_word() {
    for (patch, kind) in [
        (json!([]), ErrorType::InvalidSyntax),
        (json!([{ "op": "move", "path": "title" }]), ErrorType::InvalidSyntax),
        (json!(["x"]), ErrorType::InvalidSyntax),
        (json!([{ "op": "remove" }]), ErrorType::NoTarget),
        (json!([{ "op": "add", "path": "title" }]), ErrorType::InvalidValue),
        (json!([{ "op": "add", "value": "x" }]), ErrorType::InvalidValue),
        (json!([{ "op": "replace", "path": "active", "value": "maybe" }]), ErrorType::InvalidValue),
        (
            json!([{ "op": "replace", "path": "title", "value": ["a", "b"] }]),
            ErrorType::InvalidValue,
        ),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": ["a", "b"] }]),
            ErrorType::InvalidValue,
        ),
        (json!([{ "op": "replace", "path": "a b", "value": "x" }]), ErrorType::InvalidPath),
        (json!([{ "op": "replace", "path": 7, "value": "x" }]), ErrorType::InvalidPath),
        (
            json!([{ "op": "replace", "path": "emails.value", "value": "x" }]),
            ErrorType::InvalidPath,
        ),
        (json!([{ "op": "replace", "path": "title.short", "value": "x" }]), ErrorType::InvalidPath),
        (
            json!([{ "op": "replace", "path": "name[givenName pr].x", "value": "x" }]),
            ErrorType::InvalidPath,
        ),
        (
            json!([{ "op": "replace", "path": "emails[type]", "value": "x" }]),
            ErrorType::InvalidFilter,
        ),
        (
            json!([{ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }]),
            ErrorType::NoTarget,
        ),
        (
            json!([{ "op": "add", "path": "emails[type ne \"home\" and type ne \"work\"].value", "value": "x" }]),
            ErrorType::NoTarget,
        ),
        (json!([{ "op": "replace", "path": "id", "value": "2" }]), ErrorType::Mutability),
        (json!([{ "op": "remove", "path": "meta.version" }]), ErrorType::Mutability),
        (json!([{ "op": "remove", "path": "userName" }]), ErrorType::Mutability),
        (json!([{ "op": "replace", "value": { "userName": null } }]), ErrorType::Mutability),
    ] {
        assert_eq!(refused(&patch), kind, "{patch}");
    }
}

#[test]
fn what_only_the_service_sets_and_passwords_are_passed_over() {
    let patch = json!([
        { "op": "replace", "path": "id", "value": "1" },
        { "op": "replace", "path": "password", "value": "secret" },
        { "op": "add", "value": { "id": "2", "meta": {}, "groups": [{ "value": "G" }], "Password": "secret" } },
    ]);

    let patched = Patch::read(&operations(&patch)).and_then(|patch| patch.apply(&ana(), &USERS));

    assert_eq!(patched, Ok(ana()));
}

#[test]
fn what_is_sent_reads_back_as_the_same() {
    let sent = json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "x" },
        { "op": "add", "value": { "title": null } },
        { "op": "remove", "path": "title" },
    ]);

    let patch = Patch::read(&operations(&sent)).unwrap();

    assert_eq!(patch.to_value(), operations(&sent));
}

#[test]
fn ten_thousand_members_are_added_and_taken_away_at_once() {
    let many: Vec<_> = (0..10_000).map(|n| json!({ "value": format!("U{n}") })).collect();
    let patch = json!([
        { "op": "add", "path": "members", "value": many },
        { "op": "add", "path": "members", "value": many },
        { "op": "remove", "path": "members", "value": many[1..] },
    ]);

    assert_eq!(members(&operations(&patch)), json!([{ "value": "U0" }]));
}
