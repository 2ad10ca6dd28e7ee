//! PATCH as nobody sends it: arbitrary operations on arbitrary paths.

use proptest::prelude::*;

use super::*;

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        proptest::sample::select(vec!["", "True", "work", "w", "U1"]).prop_map(Value::from),
    ];
    let name = proptest::sample::select(vec![
        "value",
        "type",
        "Primary",
        "$ref",
        "givenName",
        "name.familyName",
        "userName",
        "active",
        "emails",
        "emails[type eq \"work\"].value",
        "manager",
        "id",
        "shoeSize",
        "bad name",
        urn::ENTERPRISE_USER,
        "urn:x:1.0",
    ]);
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..4)
                .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let path = proptest::sample::select(vec![
        "userName",
        "title",
        "active",
        "name",
        "name.givenName",
        "name[x pr]",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "emails[type eq \"other\"].value",
        "emails[not (type pr)].primary",
        "emails[primary eq true].type",
        "shoeSize",
        "shoeSize.left",
        "shoes[value gt 3]",
        "id",
        "schemas",
        "manager",
        "manager.displayName",
        "urn:x:1.0:y",
        "urn:x:1.0:y[value eq 1].z",
        urn::ENTERPRISE_USER,
        urn::USER,
        "members",
    ]);
    let op = proptest::sample::select(vec!["add", "Replace", "REMOVE", "add"]);
    (op, proptest::option::weighted(0.8, path), json_value())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
}

fn holds_no_null(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => values.iter().all(holds_no_null),
        Value::Object(members) => members.values().all(holds_no_null),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn whatever_is_patched_stays_a_resource(list in proptest::collection::vec(operation(), 1..5)) {
        let patch = Patch::read(&operations(&json!(list)));
        let Ok(patched) = patch.and_then(|patch| patch.apply(&ana(), &USERS)) else { return Ok(()) };

        prop_assert_eq!(&patched["id"], "1");
        prop_assert_eq!(&patched["meta"], &ana()["meta"]);
        prop_assert!(patched["userName"].is_string());
        prop_assert_eq!(&patched["schemas"][0], urn::USER);
        prop_assert!(holds_no_null(&patched), "{patched}");
        let emails = patched["emails"].as_array().map(Vec::as_slice).unwrap_or_default();
        prop_assert!(emails.iter().filter(|email| email["primary"] == true).count() <= 1);
        prop_assert!(patched.get("emails").is_none() || !emails.is_empty());
    }

    #[test]
    fn one_request_does_what_its_operations_do_one_after_the_other(
        list in proptest::collection::vec(operation(), 1..5),
    ) {
        let one = |operation: &Value| Patch::read(&operations(&json!([operation])));
        let together = Patch::read(&operations(&json!(list))).and_then(|patch| patch.apply(&ana(), &USERS));
        let apart = list.iter().try_fold(ana(), |user, operation| one(operation)?.apply(&user, &USERS));

        match (together, apart) {
            (Ok(together), Ok(apart)) => prop_assert_eq!(together, apart),
            (together, apart) => prop_assert!(together.is_err() && apart.is_err()),
        }
    }

    #[test]
    fn what_was_accepted_is_accepted_as_it_is(body in json_value()) {
        if let Ok(kept) = resource::accept(&body, &USERS) {
            prop_assert!(holds_no_null(&kept), "{kept}");
            prop_assert_eq!(resource::accept(&kept, &USERS), Ok(kept));
        }
    }

    #[test]
    fn any_body_is_read_or_refused(body in json_value(), key in "Operations|members|schemas") {
        let _ = Patch::read(&body);
        let _ = Patch::read(&json!({ key: body }));
    }
}
