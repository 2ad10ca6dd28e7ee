//! The values of an attribute that has several: adding, removing, and the one a filter names.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::{
    filter::{Filter, Literal, Operator},
    member::{self, Object},
    schema::Attribute,
    shape::keep_primary,
};

/// Adds `more`. A value that is there already is not added again, but takes over what the new
/// one says besides; a new primary one takes the place of the old.
pub(super) fn add(values: &mut Vec<Value>, more: Vec<Value>, of: Option<&Attribute>) {
    let mut places = by_value(values);
    for new in more {
        let same = match key(&new) {
            Some(key) => places.get(&key).map(Vec::as_slice).unwrap_or_default(),
            None => &[],
        };
        let same =
            same.iter().copied().find(|&at| values.get(at).is_some_and(|v| is_same(v, &new, of)));
        let same = same.or_else(|| match key(&new) {
            Some(_) => None,
            None => values.iter().position(|value| covers(value, &new, of)),
        });
        let at = same.unwrap_or(values.len());
        match (same.and_then(|at| values.get_mut(at)), new) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (Some(_), _) => {}
            (None, new) => {
                if let Some(key) = key(&new) {
                    places.entry(key).or_default().push(at);
                }
                values.push(new);
            }
        }
        keep_primary(values, at);
    }
}

/// Removes each value that has all that one of `unwanted` says; what only describes a value
/// (`$ref`, `display`) does not count.
pub(super) fn remove(values: &mut Vec<Value>, unwanted: &[Value], of: Option<&Attribute>) {
    let places = by_value(unwanted);
    let nameless: Vec<_> = unwanted.iter().filter(|one| key(one).is_none()).collect();
    values.retain(|value| {
        let named =
            key(value).and_then(|key| places.get(&key)).map(Vec::as_slice).unwrap_or_default();
        let mut named = named.iter().filter_map(|&at| unwanted.get(at));
        !named.any(|one| covers(value, one, of))
            && !nameless.iter().any(|one| covers(value, one, of))
    });
}

/// Sets the members of `new` in `old`.
pub(super) fn merge(old: &mut Object, new: Object) {
    for (name, value) in new {
        let name = member::key(old, &name).map_or(name.clone(), str::to_owned);
        old.insert(name, value);
    }
}

/// The value that `filter` names so exactly that it can be made: `type eq "work"`, and several
/// of the kind joined by `and`.
pub(super) fn named_by(filter: &Filter) -> Option<Object> {
    match filter {
        Filter::Compare(path, Operator::Eq, literal)
            if path.schema.is_none() && path.part.is_none() =>
        {
            let value = match literal {
                Literal::Text(text) => json!(text),
                Literal::Boolean(flag) => json!(flag),
                Literal::Number(number) => json!(number),
                Literal::Null => return None,
            };
            Some(Object::from_iter([(path.name.clone(), value)]))
        }
        Filter::All(several) => {
            several.iter().map(named_by).try_fold(Object::new(), |mut all, one| {
                merge(&mut all, one?);
                Some(all)
            })
        }
        _ => None,
    }
}

/// Where each value stands, by what it is in lower case, so that ten thousand members are
/// compared with ten thousand in one go.
fn by_value(values: &[Value]) -> HashMap<String, Vec<usize>> {
    let mut places: HashMap<_, Vec<_>> = HashMap::new();
    for (at, value) in values.iter().enumerate() {
        if let Some(key) = key(value) {
            places.entry(key).or_default().push(at);
        }
    }
    places
}

fn key(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(members) => member::find(members, "value")?.as_str()?,
        plain => plain.as_str()?,
    };
    Some(member::lower(text).collect())
}

/// Whether both are the same value, of the same type where both have one.
fn is_same(old: &Value, new: &Value, of: Option<&Attribute>) -> bool {
    let agree = |part| match (member::of(old, part), member::of(new, part)) {
        (Some(old), Some(new)) => same_part(part, old, new, of),
        _ => true,
    };
    match (old, new) {
        (Value::Object(_), Value::Object(_)) => agree("value") && agree("type"),
        _ => old == new,
    }
}

/// Whether `value` has all that `part_of_it` says.
fn covers(value: &Value, part_of_it: &Value, of: Option<&Attribute>) -> bool {
    let Value::Object(wanted) = part_of_it else {
        let bare = member::of(value, "value").unwrap_or(value);
        return same_part("value", bare, part_of_it, of);
    };
    let mut said = wanted.iter().filter(|(name, value)| {
        let describes = ["$ref", "display"].iter().any(|n| n.eq_ignore_ascii_case(name));
        !value.is_null() && !describes
    });
    said.clone().next().is_some()
        && said.all(|(name, wanted)| match member::of(value, name) {
            Some(there) => same_part(name, there, wanted, of),
            None => !value.is_object() && name.eq_ignore_ascii_case("value") && value == wanted,
        })
}

fn same_part(name: &str, one: &Value, other: &Value, of: Option<&Attribute>) -> bool {
    let exact = of.and_then(|of| of.part(name)).is_some_and(|part| part.exact);
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) if !exact => member::same_but_for_case(one, other),
        _ => one == other,
    }
}
