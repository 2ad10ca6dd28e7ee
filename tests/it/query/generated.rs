//! People and filters out of a small world of values, so that they often meet.

use countersign::scim::{
    AttrPath, Filter,
    filter::{Literal, Operator},
    schema::{Attribute, COMMON, ENTERPRISE_USER, Type, USER, USERS},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Texts that differ in case, hold what patterns and escapes are made of, or look like something else.
pub(crate) const TEXTS: [&str; 16] = [
    "ana",
    "Ana",
    "ANA LIMA",
    "lima",
    "a%b",
    "A_B",
    "o'x\"y",
    "back\\slash",
    "Åsa",
    "åSA",
    "true",
    "False",
    "12",
    "work",
    "home",
    "2026-03-02T09:00:03Z",
];

/// Whether an answer's values of it are known to the database.
fn is_known(path: &[&Attribute]) -> bool {
    let names: Vec<_> = path.iter().map(|attribute| attribute.name).collect();
    !matches!(names.as_slice(), ["password", ..] | ["meta", "location"] | ["groups", "$ref"])
}

fn value(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    if attribute.multi {
        let one = Attribute { multi: false, ..*attribute };
        return proptest::collection::vec(value_of(one), 0..3).prop_map(Value::Array).boxed();
    }
    value_of(*attribute)
}

fn value_of(attribute: Attribute) -> BoxedStrategy<Value> {
    match attribute.kind {
        Type::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Complex => object(attribute.parts, 0.6).prop_map(Value::Object).boxed(),
        _ => prop_oneof![9 => proptest::sample::select(&TEXTS[..]), 1 => Just("")]
            .prop_map(Value::from)
            .boxed(),
    }
}

fn object(parts: &'static [Attribute], often: f64) -> BoxedStrategy<Map<String, Value>> {
    let mut all = Just(Map::new()).boxed();
    for part in parts {
        let one = proptest::option::weighted(often, value(part));
        all = (all, one)
            .prop_map(|(mut all, one)| {
                if let Some(one) = one {
                    all.insert(part.name.to_owned(), one);
                }
                all
            })
            .boxed();
    }
    all
}

/// What a client might send of a person. Addresses and numbers are such.
pub(crate) fn person() -> impl Strategy<Value = Value> {
    (object(USER.attributes, 0.5), object(ENTERPRISE_USER.attributes, 0.4)).prop_map(
        |(mut core, enterprise)| {
            for (name, like) in
                [("emails", address as fn(&str) -> String), ("phoneNumbers", number)]
            {
                let values = core.get_mut(name).and_then(Value::as_array_mut);
                for value in values.into_iter().flatten() {
                    value["value"] = json!(like(value["value"].as_str().unwrap_or("none")));
                }
            }
            core.insert(ENTERPRISE_USER.id.to_owned(), Value::Object(enterprise));
            Value::Object(core)
        },
    )
}

fn address(text: &str) -> String {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.is_empty() { "none@x.test".to_owned() } else { format!("{plain}@x.test") }
}

fn number(text: &str) -> String {
    format!("+4930{}12", text.len())
}

fn in_any_case(name: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(name.to_owned()),
        1 => Just(name.to_uppercase()),
        1 => Just(name.to_lowercase()),
    ]
}

/// An attribute at the root of a person or of the extension, by a name that means it.
fn attribute() -> impl Strategy<Value = (Option<String>, &'static Attribute)> {
    let core = USER.attributes.iter().chain(COMMON).map(|attribute| (None, attribute));
    let extension = |urn: Option<&str>| {
        let urn = urn.map(str::to_owned);
        ENTERPRISE_USER.attributes.iter().map(move |attribute| (urn.clone(), attribute))
    };
    // `displayName` and its like would mean the core's.
    let bare = extension(None).filter(|(_, attribute)| USERS.attribute(attribute.name).is_none());
    let named = extension(Some(ENTERPRISE_USER.id));
    let all: Vec<_> = core.chain(bare).chain(named).filter(|(_, a)| is_known(&[a])).collect();
    proptest::sample::select(all)
}

fn literal() -> impl Strategy<Value = Literal> {
    let text = proptest::sample::select(&TEXTS[..]).prop_map(str::to_owned);
    let address = proptest::sample::select(&["ana@x.test", "ANA@X.TEST", "@x", "åsa", "limA"][..]);
    let moment = prop_oneof![
        Just("2026-03-02T10:00:10.5+01:00"),
        Just("2026-03-03T09:00:00Z"),
        Just("2026-03"),
        Just(".5Z"),
        Just("W/\"1\""),
        Just("User"),
        Just("usr_"),
        Just("Finance"),
    ];
    prop_oneof![
        6 => text.prop_map(Literal::Text),
        2 => address.prop_map(|text| Literal::Text(text.to_owned())),
        2 => moment.prop_map(|text| Literal::Text(text.to_owned())),
        1 => Just(Literal::Text(String::new())),
        1 => any::<bool>().prop_map(Literal::Boolean),
        1 => Just(Literal::Number(12.into())),
        1 => Just(Literal::Null),
    ]
}

fn leaf(path: AttrPath) -> impl Strategy<Value = Filter> {
    let operator = proptest::sample::select(&Operator::ALL[..]);
    let compare = (operator, literal()).prop_map({
        let path = path.clone();
        move |(operator, literal)| {
            // What does not suit each other is refused by the parser.
            let filter = Filter::Compare(path.clone(), operator, literal);
            let read = filter.to_string().parse::<Filter>();
            read.unwrap_or_else(|_| Filter::Present(path.clone()))
        }
    });
    prop_oneof![1 => Just(Filter::Present(path)), 6 => compare]
}

fn named(
    schema: Option<String>,
    attribute: &'static Attribute,
    part: Option<&'static Attribute>,
) -> impl Strategy<Value = AttrPath> {
    let part =
        part.map_or(Just(None).boxed(), |part| in_any_case(part.name).prop_map(Some).boxed());
    (Just(schema), in_any_case(attribute.name), part).prop_map(|(schema, name, part)| AttrPath {
        schema,
        name,
        part,
    })
}

fn nested(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            inner.prop_map(|one| Filter::Not(Box::new(one))),
            (several, any::<bool>()).prop_map(|(several, all)| join(several, all)),
        ]
    })
    .boxed()
}

fn join(several: Vec<Filter>, all: bool) -> Filter {
    let flat = several.into_iter().flat_map(|one| match one {
        Filter::All(more) if all => more,
        Filter::Any(more) if !all => more,
        one => vec![one],
    });
    if all { Filter::All(flat.collect()) } else { Filter::Any(flat.collect()) }
}

fn parts(attribute: &'static Attribute) -> Vec<&'static Attribute> {
    attribute.parts.iter().filter(|part| is_known(&[attribute, part])).collect()
}

/// A filter that names nothing but what a schema knows.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let one = attribute().prop_flat_map(|(schema, attribute)| {
        let parts = parts(attribute);
        if parts.is_empty() {
            return named(schema, attribute, None).prop_flat_map(leaf).boxed();
        }
        let whole = named(schema.clone(), attribute, None).prop_flat_map(leaf);
        let part = proptest::sample::select(parts.clone());
        let of_part = {
            let schema = schema.clone();
            part.clone()
                .prop_flat_map(move |part| named(schema.clone(), attribute, Some(part)))
                .prop_flat_map(leaf)
        };
        let inner = part.prop_flat_map(|part| named(None, part, None)).prop_flat_map(leaf).boxed();
        let any_value = (named(schema, attribute, None), nested(inner))
            .prop_map(|(path, inner)| Filter::AnyValue(path, Box::new(inner)));
        prop_oneof![whole, of_part, any_value].boxed()
    });
    nested(one.boxed())
}
