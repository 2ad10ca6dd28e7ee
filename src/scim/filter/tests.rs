//! The filter as a whole: what is read, what matches, and what another parser says of both.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{super::schema::USERS, *};

fn read(text: &str) -> Filter {
    text.parse().unwrap_or_else(|bad| panic!("{text}: {bad}"))
}

fn ana() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "Ab1", "externalId": "usr_9F", "userName": "Ana.Lima@example.com", "active": true,
        "name": { "givenName": "Ana", "familyName": "O'Malley" }, "title": "",
        "emails": [
            { "type": "home", "value": "ana@home.example" },
            { "type": "work", "value": "Ana.Lima@example.com", "primary": true },
        ],
        "roles": ["signer"], "logins": 12,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Legal", "employeeNumber": "0070", "manager": { "value": "Zed" },
        },
        "meta": { "created": "2026-01-31T10:00:00Z", "version": "W/\"a\"" },
    })
}

#[test]
fn these_match_and_those_do_not() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";
    for (matching, other) in [
        (r#"userName eq "ana.lima@EXAMPLE.com""#, r#"id eq "ab1""#),
        (r#"externalId eq "usr_9F""#, r#"externalId eq "usr_9f""#),
        (r#"USERNAME Sw "ANA""#, r#"userName sw "lima""#),
        (r#"userName ew ".COM" and active eq true"#, "active eq false"),
        ("active eq \"True\"", "active ne true"),
        (r#"name.familyName co "o'm""#, r#"name.familyName co "om""#),
        ("name pr and not (title pr)", "title pr or nickName pr"),
        ("nickName eq null", "userName eq null"),
        (r#"nickName ne "Nan""#, r#"userName ne "ana.lima@example.com""#),
        (
            r#"emails[type eq "work" and value ew "@example.com"]"#,
            r#"emails[type eq "home" and primary eq true]"#,
        ),
        (
            r#"emails[type eq "work"].value eq "ana.lima@example.com""#,
            r#"emails[type eq "home"].value eq "ana.lima@example.com""#,
        ),
        (r#"emails co "home.example""#, r#"emails eq "ana""#),
        (r#"emails.type eq "WORK""#, r#"emails.type eq "other""#),
        (r#"roles eq "Signer" and roles[value eq "signer"]"#, "roles[type pr]"),
        ("logins gt 9 and logins eq 12.0", "logins lt 12"),
        ("employeeNumber eq 0070", "employeeNumber eq 70"),
        (r#"department eq "legal""#, r#"department eq "Finance""#),
        (&format!(r#"{enterprise}:Department eq "Legal""#), &format!("{enterprise}:division pr")),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "Zed""#,
            r#"manager.value eq "zed""#,
        ),
        (
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "a""#,
            "urn:example:1.0:X:userName pr",
        ),
        (
            r#"meta.created eq "2026-01-31T11:00:00+01:00""#,
            r#"meta.created gt "2026-01-31T10:00:00.5Z""#,
        ),
        (r#"meta.created lt "2026-01-31T10:00:01""#, r#"meta.created ge "2027-01-31T10:00:00Z""#),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, r#"schemas eq "urn:x""#),
        ("title pr or active eq true and id pr", "(title pr or active eq true) and nickName pr"),
        (r#"userName gt "amy" and userName le "ana.lima@example.com""#, r#"userName lt "ana""#),
    ] {
        assert!(read(matching).matches(&ana()), "{matching}");
        assert!(!read(other).matches(&ana()), "{other}");
    }
}

#[test]
fn a_filter_is_printed_in_one_way() {
    for (written, printed) in [
        (r#"  userName   EQ "ana"  "#, r#"userName eq "ana""#),
        ("(title pr)", "title pr"),
        ("a pr or (b pr or c pr)", "a pr or b pr or c pr"),
        ("a pr and (b pr or not(c pr))", "a pr and (b pr or not (c pr))"),
        ("(a pr and b pr) or c pr", "a pr and b pr or c pr"),
        ("externalId eq jyoung", r#"externalId eq "jyoung""#),
        (r#"members[value eq"28"]"#, r#"members[value eq "28"]"#),
        ("active eq True", "active eq true"),
        (r#"a eq "\u00e4\"\\""#, r#"a eq "ä\"\\""#),
    ] {
        assert_eq!(read(written).to_string(), printed, "{written}");
    }
}

#[test]
fn a_refusal_says_what_and_where() {
    for (text, says) in [
        ("", "the filter needs the name of an attribute at character 1, where it ends"),
        ("userName", "the filter needs an operator such as `eq` at character 9, where it ends"),
        ("userName regex \"a\"", "the operator 'regex' is not supported"),
        ("ä eq 1", "the filter needs the name of an attribute at character 1, not `ä`"),
        ("userName eq \"ä\" nor", "the filter needs `and` or `or` at character 17, not `nor`"),
        ("userName eq \"a", "the filter needs a text in double quotes at character 13, not `\"`"),
        ("userName eq", "the filter needs a value to compare with at character 12, where it ends"),
        ("(userName pr", "the filter needs `)` at character 13, where it ends"),
        ("not userName pr", "the filter needs `(` after `not` at character 5, not `userName`"),
        ("a[b[c pr]]", "the filter needs an operator such as `eq` at character 4, not `[`"),
        ("active gt true", "the operator 'gt' cannot be used with true"),
    ] {
        let bad = text.parse::<Filter>().expect_err(text).to_string();
        assert!(bad.starts_with(says), "{text}: {bad}");
    }
}

#[test]
fn what_nobody_writes_is_refused_before_it_costs_anything() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));

    assert!(nested(MAX_DEPTH).parse::<Filter>().is_ok());
    assert_eq!(nested(MAX_DEPTH + 1).parse::<Filter>(), Err(BadFilter::TooDeep));
    assert_eq!(nested(9_000).parse::<Filter>(), Err(BadFilter::TooLong));
    let wide = vec![r#"id eq "0198c0de-0000-7000-8000-000000000000""#; 150].join(" or ");
    assert!(wide.parse::<Filter>().is_ok());
}

#[test]
fn an_attribute_that_nobody_knows_is_no_reason_to_find_nothing() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for known in [
        "userName pr and (meta.lastModified pr or id pr)",
        r#"emails[type eq "work"] or not (Emails.Value co "x")"#,
        &format!("{enterprise}:manager.value pr and department pr and schemas eq \"x\""),
    ] {
        assert_eq!(read(known).check(&USERS), Ok(()), "{known}");
    }
    for (filter, named) in [
        ("userName pr and usrName pr", "usrName"),
        ("not (name.first pr)", "name.first"),
        ("emails[kind pr]", "kind"),
        ("emails[type pr].kind pr", "kind"),
        ("emails[emails.value pr]", "emails.value"),
        ("members pr", "members"),
        ("urn:example:1.0:X:title pr", "urn:example:1.0:X:title"),
    ] {
        let error = read(filter).check(&USERS).expect_err(filter);
        assert_eq!(error.kind, Some(ErrorType::InvalidFilter));
        assert_eq!(error.detail, format!("there is no attribute `{named}` to filter by"));
    }
}

fn path() -> impl Strategy<Value = AttrPath> {
    let name = || {
        "[a-z][a-zA-Z0-9_-]{0,5}".prop_filter("no keyword", |name| {
            !["and", "or", "not", "true", "false", "null"].contains(&name.to_lowercase().as_str())
        })
    };
    let schema = proptest::option::of("urn:[a-z]{1,4}(:[a-z0-9.]{1,4}){1,3}");
    (schema, name(), proptest::option::of(name())).prop_map(|(schema, name, part)| AttrPath {
        schema,
        name,
        part,
    })
}

fn comparison() -> impl Strategy<Value = Filter> {
    let text = prop_oneof![".{0,12}", "[a-z\"\\\\ ()\\[\\]]{0,8}"];
    prop_oneof![
        path().prop_map(Filter::Present),
        (path(), 0..Operator::ALL.len(), text).prop_map(|(p, o, t)| Filter::Compare(
            p,
            Operator::ALL[o],
            Literal::Text(t)
        )),
        (path(), any::<f64>()).prop_filter_map("finite", |(p, n)| {
            Some(Filter::Compare(p, Operator::Ge, Literal::Number(Number::from_f64(n)?)))
        }),
        (path(), any::<i64>()).prop_map(|(p, n)| Filter::Compare(
            p,
            Operator::Lt,
            Literal::Number(n.into())
        )),
        (path(), any::<bool>()).prop_map(|(p, b)| Filter::Compare(
            p,
            Operator::Ne,
            Literal::Boolean(b)
        )),
        path().prop_map(|p| Filter::Compare(p, Operator::Eq, Literal::Null)),
    ]
}

fn join(several: Vec<Filter>, all: bool) -> Filter {
    let flat = several.into_iter().flat_map(|one| match one {
        Filter::All(more) if all => more,
        Filter::Any(more) if !all => more,
        one => vec![one],
    });
    if all { Filter::All(flat.collect()) } else { Filter::Any(flat.collect()) }
}

fn nested(leaf: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Filter::Not(Box::new(one))),
            (proptest::collection::vec(inner, 2..4), any::<bool>())
                .prop_map(|(several, all)| join(several, all)),
        ]
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let any_value = (path(), nested(comparison().boxed()))
        .prop_map(|(path, inner)| Filter::AnyValue(path, Box::new(inner)));
    nested(prop_oneof![3 => comparison(), 1 => any_value].boxed())
}

/// Pieces of filters in any order, most of which make none.
fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        3 => proptest::sample::select(vec![
            "userName", "name.givenName", "urn:a:b:c", "a.b.c", "urn:x", "1", "-0.5", "1e9", "\"x\"",
            "\"\\q\"", "true", "null", "eq", "PR", "gt", "and", "or", "not", "(", ")", "[", "]",
        ])
        .prop_map(str::to_owned),
        1 => ".{0,3}",
    ];
    proptest::collection::vec(scrap, 0..8).prop_map(|scraps| scraps.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_printed_reads_back_as_the_same(filter in filter()) {
        prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
    }

    #[test]
    fn any_text_is_read_or_refused_and_any_value_tried(text in scraps(), wild in ".{0,60}") {
        for text in [&text, &wild] {
            if let Ok(filter) = text.parse::<Filter>() {
                prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter.clone()));
                for value in [ana(), json!([null, text])] {
                    let not = Filter::Not(Box::new(filter.clone()));
                    prop_assert_ne!(filter.matches(&value), not.matches(&value));
                }
            }
        }
    }

    #[test]
    fn another_parser_reads_what_we_print_in_the_same_way(filter in filter()) {
        let printed = filter.to_string();

        let theirs = printed.parse::<scim_v2::filter::Filter>();
        prop_assert_eq!(theirs.map(|theirs| theirs.to_string()).ok(), Some(printed));
    }

    /// We read more than the grammar allows (texts without quotes, `eq"x"`, `True`), so the other
    /// parser judges what we make of it. What it reads, we read too, unless it makes no sense.
    #[test]
    fn another_parser_agrees_about_scraps(text in scraps()) {
        let ours = text.parse::<Filter>();
        let theirs = text.parse::<scim_v2::filter::Filter>();
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours.to_string(), theirs.to_string()),
            (Ok(ours), Err(_)) => {
                let printed = ours.to_string();
                let theirs = printed.parse::<scim_v2::filter::Filter>().map(|t| t.to_string());
                prop_assert_eq!(theirs.ok(), Some(printed));
            }
            (Err(ours), Ok(theirs)) => {
                prop_assert!(matches!(ours, BadFilter::Unsuitable(..)), "{ours}: {theirs}");
            }
            (Err(_), Err(_)) => {}
        }
    }
}
