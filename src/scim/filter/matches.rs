//! What matches a filter.

use std::cmp::Ordering;

use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::well_known::Iso8601};

use super::super::{
    member,
    schema::{self, Attribute, Type},
};
use super::{AttrPath, Filter, Literal, Operator};

impl Filter {
    /// Whether `resource` matches.
    ///
    /// Case matters for attributes that are `caseExact` (RFC 7643), such as `id` and `externalId`,
    /// and for no others. Of several values one that matches is enough. What has no value is not
    /// equal to anything, so `ne` holds for it.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> bool {
        self.holds(Scope::Resource(resource))
    }

    /// Whether one of the values of the attribute `of` matches.
    pub(crate) fn matches_value(&self, value: &Value, of: Option<&'static Attribute>) -> bool {
        self.holds(Scope::Value(value, of))
    }

    fn holds(&self, scope: Scope<'_>) -> bool {
        match self {
            Self::Present(path) => scope.find(path).values.iter().any(|v| member::is_present(v)),
            Self::Compare(path, operator, literal) => scope.find(path).compare(*operator, literal),
            Self::AnyValue(path, inner) => {
                let found = scope.find(path);
                found.values.iter().any(|value| inner.matches_value(value, found.attribute))
            }
            Self::Not(inner) => !inner.holds(scope),
            Self::All(several) => several.iter().all(|one| one.holds(scope)),
            Self::Any(several) => several.iter().any(|one| one.holds(scope)),
        }
    }
}

/// Where names are looked up.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// In a resource.
    Resource(&'a Value),
    /// In one of the values of an attribute.
    Value(&'a Value, Option<&'static Attribute>),
}

/// The values a name led to, and what is known of them.
struct Found<'a> {
    values: Vec<&'a Value>,
    attribute: Option<&'static Attribute>,
}

impl<'a> Scope<'a> {
    fn find(self, path: &AttrPath) -> Found<'a> {
        let (member, attribute) = match self {
            Self::Resource(resource) => {
                (in_resource(resource, path), schema::find(path.extension(), &path.name))
            }
            Self::Value(value, of) => {
                (in_value(value, &path.name), of.and_then(|of| of.part(&path.name)))
            }
        };
        let found = Found { values: flat(member), attribute };
        match &path.part {
            None => found,
            Some(part) => found.part(part),
        }
    }
}

fn in_resource<'a>(resource: &'a Value, path: &AttrPath) -> Option<&'a Value> {
    let home = match path.extension() {
        Some(urn) => urn,
        None => match member::of(resource, &path.name) {
            Some(found) => return Some(found),
            None => schema::USERS.home_of(&path.name)?.id,
        },
    };
    member::of(member::of(resource, home)?, &path.name)
}

/// A bare text or number is its own `value`.
fn in_value<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => member::find(members, name),
        _ => name.eq_ignore_ascii_case("value").then_some(value),
    }
}

impl Found<'_> {
    fn part(self, name: &str) -> Self {
        let parts = self.values.into_iter().filter_map(|value| in_value(value, name));
        Self {
            values: parts.flat_map(|part| flat(Some(part))).collect(),
            attribute: self.attribute.and_then(|attribute| attribute.part(name)),
        }
    }

    /// Compares each value; of a complex one its `value`, as `emails co "example.com"` means.
    fn compare(self, operator: Operator, literal: &Literal) -> bool {
        let found = if self.values.iter().any(|value| value.is_object()) {
            self.part("value")
        } else {
            self
        };
        let there = found.values.iter().any(|value| member::is_present(value));
        match (operator, literal) {
            (Operator::Eq, Literal::Null) => !there,
            (Operator::Ne, Literal::Null) => there,
            (Operator::Ne, _) if !there => true,
            _ => {
                let attribute = found.attribute;
                found.values.iter().any(|value| compare(value, operator, literal, attribute))
            }
        }
    }
}

fn flat(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn compare(
    value: &Value,
    operator: Operator,
    literal: &Literal,
    attribute: Option<&Attribute>,
) -> bool {
    match (value, literal) {
        (Value::String(text), Literal::Text(with)) => {
            compare_texts(text, operator, with, attribute)
        }
        (Value::String(text), Literal::Number(with)) => {
            compare_texts(text, operator, &with.to_string(), attribute)
        }
        (Value::Number(number), Literal::Number(with)) => {
            let order = if number == with {
                Some(Ordering::Equal)
            } else {
                number.as_f64().partial_cmp(&with.as_f64())
            };
            in_order(operator, order)
        }
        (value, Literal::Boolean(with)) => match member::as_flag(value) {
            Some(flag) => (flag == *with) == (operator == Operator::Eq),
            None => operator == Operator::Ne,
        },
        (Value::Bool(flag), Literal::Text(with)) => {
            compare_spelled(&flag.to_string(), operator, &folded(with))
        }
        _ => operator == Operator::Ne,
    }
}

/// Texts of an attribute that nobody knows are points in time when both look like it.
fn compare_texts(
    text: &str,
    operator: Operator,
    with: &str,
    attribute: Option<&Attribute>,
) -> bool {
    if attribute.is_none_or(|attribute| attribute.kind == Type::DateTime)
        && !matches!(operator, Operator::Co | Operator::Sw | Operator::Ew)
        && let (Some(time), Some(with)) = (moment(text), moment(with))
    {
        return in_order(operator, Some(time.cmp(&with)));
    }
    if attribute.is_some_and(|attribute| attribute.exact) {
        compare_spelled(text, operator, with)
    } else {
        compare_spelled(&folded(text), operator, &folded(with))
    }
}

fn folded(text: &str) -> String {
    member::lower(text).collect()
}

fn compare_spelled(text: &str, operator: Operator, with: &str) -> bool {
    match operator {
        Operator::Co => text.contains(with),
        Operator::Sw => text.starts_with(with),
        Operator::Ew => text.ends_with(with),
        _ => in_order(operator, Some(text.cmp(with))),
    }
}

fn in_order(operator: Operator, order: Option<Ordering>) -> bool {
    let Some(order) = order else { return operator == Operator::Ne };
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

/// A point in time as RFC 7643 section 2.3.5 writes it; without an offset it is taken for UTC.
pub(crate) fn moment(text: &str) -> Option<OffsetDateTime> {
    if text.len() < 19 || !text.is_char_boundary(10) || !text.get(10..)?.starts_with('T') {
        return None;
    }
    OffsetDateTime::parse(text, &Iso8601::DEFAULT)
        .or_else(|_| {
            PrimitiveDateTime::parse(text, &Iso8601::DEFAULT).map(PrimitiveDateTime::assume_utc)
        })
        .ok()
}
