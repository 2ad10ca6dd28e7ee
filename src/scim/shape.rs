//! Brings a value that a client sent into the form its attribute has.

use serde_json::{Value, json};

use super::{
    Error, ErrorType,
    member::{self, Object},
    schema::{Attribute, Type},
};

/// `value` as `attribute` takes it: one value or a list, true and false as such, bare texts as
/// the `value` of a complex one. `None` when it says nothing: null or an empty list
/// (RFC 7643 section 2.5).
///
/// # Errors
/// `invalidValue` when it cannot be one of the attribute's.
pub(super) fn shape(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    if attribute.multi {
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        let values = values.into_iter().filter_map(|value| shape_one(attribute, value).transpose());
        let mut values = values.collect::<Result<Vec<_>, _>>()?;
        keep_first_primary(&mut values);
        return Ok((!values.is_empty()).then_some(Value::Array(values)));
    }
    match value {
        Value::Array(mut values) if values.len() <= 1 => match values.pop() {
            Some(value) => shape_one(attribute, value),
            None => Ok(None),
        },
        Value::Array(_) => Err(refused(attribute, "takes one value, not several")),
        value => shape_one(attribute, value),
    }
}

/// The same for one of the values of an attribute that may have several.
pub(super) fn shape_one(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    if value.is_null() {
        return Ok(None);
    }
    match attribute.kind {
        Type::Boolean => match member::as_flag(&value) {
            Some(flag) => Ok(Some(Value::Bool(flag))),
            None => Err(refused(attribute, "must be true or false")),
        },
        Type::Complex => complex(attribute, value),
        _ => text(attribute, value),
    }
}

fn text(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    match value {
        Value::String(_) => Ok(Some(value)),
        Value::Number(number) => Ok(Some(Value::String(number.to_string()))),
        Value::Bool(flag) => Ok(Some(Value::String(flag.to_string()))),
        Value::Object(mut members) => match member::remove(&mut members, "value") {
            Some(text @ Value::String(_)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(refused(attribute, "must be a text")),
        },
        Value::Null | Value::Array(_) => Err(refused(attribute, "must be a text")),
    }
}

fn complex(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    match value {
        Value::Object(members) => {
            let mut shaped = Object::new();
            for (name, value) in members {
                let part = attribute.part(&name);
                let value = match part {
                    Some(part) => shape(part, value)?,
                    None => pruned(value),
                };
                if let Some(value) = value {
                    shaped.insert(part.map_or(name, |part| part.name.to_owned()), value);
                }
            }
            Ok((!shaped.is_empty()).then_some(Value::Object(shaped)))
        }
        bare if !bare.is_array() && attribute.part("value").is_some() => {
            complex(attribute, json!({ "value": bare }))
        }
        _ => Err(refused(attribute, "must be an object")),
    }
}

/// What is left of a value of unknown type when null and what is empty are taken for absent,
/// wherever they stand. An empty text is a value.
pub(super) fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.filter_map(|(name, value)| Some((name, pruned(value)?)));
            let members: Object = members.collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.into_iter().filter_map(pruned).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        plain => Some(plain),
    }
}

/// At most one value is the primary one (RFC 7643 section 2.4): the first that says so.
fn keep_first_primary(values: &mut [Value]) {
    let first = values.iter().position(is_primary);
    if let Some(first) = first {
        keep_primary(values, first);
    }
}

/// Makes the value at `newest` the only primary one, if it is one at all.
pub(super) fn keep_primary(values: &mut [Value], newest: usize) {
    if !values.get(newest).is_some_and(is_primary) {
        return;
    }
    for (index, value) in values.iter_mut().enumerate() {
        if index != newest
            && let Some(primary) =
                value.as_object_mut().and_then(|v| member::find_mut(v, "primary"))
            && member::as_flag(primary) == Some(true)
        {
            *primary = Value::Bool(false);
        }
    }
}

fn is_primary(value: &Value) -> bool {
    member::of(value, "primary").and_then(member::as_flag) == Some(true)
}

fn refused(attribute: &Attribute, why: &str) -> Error {
    Error::of(ErrorType::InvalidValue, format!("{} {why}", attribute.name))
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn shaped(name: &str, value: Value) -> Result<Option<Value>, String> {
        let attribute = schema::find(None, name).expect(name);
        shape(attribute, value).map_err(|error| error.detail)
    }

    #[test]
    fn values_are_read_for_what_they_mean() {
        for (name, sent, kept) in [
            ("active", json!("False"), json!(false)),
            ("active", json!(["true"]), json!(true)),
            ("displayName", json!(["Ana"]), json!("Ana")),
            ("displayName", json!([{ "value": "Ana", "primary": true }]), json!("Ana")),
            ("employeeNumber", json!(70), json!("70")),
            ("emails", json!({ "value": "a" }), json!([{ "value": "a" }])),
            ("emails", json!("a"), json!([{ "value": "a" }])),
            (
                "emails",
                json!([{ "Value": "a", "Primary": "True", "type": null }]),
                json!([{ "value": "a", "primary": true }]),
            ),
            ("manager", json!("271"), json!({ "value": "271" })),
            ("manager", json!([{ "$REF": null, "value": "271" }]), json!({ "value": "271" })),
            (
                "name",
                json!({ "givenname": "Ana", "x": { "y": null, "z": 1 } }),
                json!({ "givenName": "Ana", "x": { "z": 1 } }),
            ),
        ] {
            assert_eq!(shaped(name, sent.clone()), Ok(Some(kept)), "{name} {sent}");
        }
    }

    #[test]
    fn nothing_is_said_by_null_and_by_what_is_empty() {
        for (name, sent) in [
            ("title", json!(null)),
            ("title", json!([])),
            ("title", json!({ "value": null })),
            ("emails", json!([null, { "value": null }])),
            ("name", json!({})),
        ] {
            assert_eq!(shaped(name, sent.clone()), Ok(None), "{name} {sent}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (name, sent, says) in [
            ("active", json!("yes"), "active must be true or false"),
            ("active", json!(1), "active must be true or false"),
            ("title", json!(["a", "b"]), "title takes one value, not several"),
            ("title", json!({ "text": "a" }), "title must be a text"),
            ("name", json!("Ana"), "name must be an object"),
            ("emails", json!([["a"]]), "emails must be an object"),
        ] {
            assert_eq!(shaped(name, sent), Err(says.to_owned()));
        }
    }

    #[test]
    fn one_value_at_most_is_the_primary_one() {
        let sent = json!([{ "value": "a" }, { "value": "b", "primary": true }, { "value": "c", "primary": true }]);

        let kept = json!([{ "value": "a" }, { "value": "b", "primary": true }, { "value": "c", "primary": false }]);
        assert_eq!(shaped("emails", sent), Ok(Some(kept)));
    }
}
