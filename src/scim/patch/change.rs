//! What becomes of one attribute's value.

use serde_json::{Value, json};

use super::{
    super::{
        Error, ErrorType, Filter, Path,
        member::{self, Object},
        schema::Attribute,
        shape::{keep_primary, pruned, shape, shape_one},
    },
    Op, values,
};

/// An attribute that an operation is about.
pub(super) struct Target<'a> {
    /// How the operation names it.
    pub(super) path: &'a Path,
    /// The URN of the extension it belongs to; `None` at the root.
    pub(super) home: Option<&'a str>,
    /// What RFC 7643 says of it, if it knows it.
    pub(super) attribute: Option<&'static Attribute>,
}

impl Target<'_> {
    /// The new value; `None`, an empty list or an empty object when it has none any more.
    pub(super) fn change(
        &self,
        op: Op,
        old: Option<Value>,
        value: Option<Value>,
    ) -> Result<Option<Value>, Error> {
        let value = match (op, value) {
            (Op::Add, Some(Value::Null) | None) => return Ok(old),
            (Op::Remove, value) => return self.remove(old, value.filter(|value| !value.is_null())),
            (Op::Replace, Some(Value::Null) | None) => return self.remove(old, None),
            (Op::Add | Op::Replace, Some(value)) => value,
        };
        match (&self.path.filter, &self.path.part) {
            (Some(filter), _) => self.put_where(op, filter, old, &value),
            (None, Some(part)) => self.put_part(old, part, value).map(Some),
            (None, None) => self.put(op, old, value),
        }
    }

    fn put(&self, op: Op, old: Option<Value>, value: Value) -> Result<Option<Value>, Error> {
        let several = self.attribute.is_some_and(|attribute| attribute.multi);
        let merges = match self.attribute {
            Some(attribute) => !several && !attribute.parts.is_empty(),
            None => old.as_ref().is_some_and(Value::is_object),
        };
        let new = match (value, self.attribute) {
            (Value::Object(parts), _) if merges => return self.put_parts(old, parts),
            (value, Some(attribute)) => shape(attribute, value)?,
            (value, None) => pruned(value),
        };
        Ok(match (op, old, new) {
            (Op::Add, old, None) => old,
            (Op::Add, Some(old), Some(more)) if several || old.is_array() => {
                let mut values = list(old);
                values::add(&mut values, list(more), self.attribute);
                Some(Value::Array(values))
            }
            (_, _, new) => new,
        })
    }

    /// Sets some parts of the only value; the others stay as they are.
    fn put_parts(&self, old: Option<Value>, parts: Object) -> Result<Option<Value>, Error> {
        let mut whole = old;
        for (part, value) in parts {
            whole = match value {
                Value::Null => without_part(whole, &part),
                value => Some(self.put_part(whole, &part, value)?),
            };
        }
        Ok(whole)
    }

    fn put_part(&self, old: Option<Value>, part: &str, value: Value) -> Result<Value, Error> {
        let several = self.attribute.is_some_and(|attribute| attribute.multi);
        let simple = self.attribute.is_some_and(|attribute| attribute.parts.is_empty());
        match old {
            _ if simple => Err(self.has_no_parts()),
            Some(Value::Object(mut members)) if !several => {
                self.set_part(&mut members, part, value)?;
                Ok(Value::Object(members))
            }
            old if several || old.as_ref().is_some_and(Value::is_array) => {
                let mut values = old.map(list).unwrap_or_default();
                if values.is_empty() {
                    values.push(json!({}));
                }
                match values.as_mut_slice() {
                    [Value::Object(only)] => self.set_part(only, part, value)?,
                    _ => return Err(self.is_several()),
                }
                Ok(Value::Array(values))
            }
            None | Some(Value::Null) => self.put_part(Some(json!({})), part, value),
            Some(_) => Err(self.has_no_parts()),
        }
    }

    fn set_part(&self, members: &mut Object, part: &str, value: Value) -> Result<(), Error> {
        let known = self.attribute.and_then(|attribute| attribute.part(part));
        let value = match known {
            Some(known) => shape(known, value)?,
            None => pruned(value),
        };
        let key = member::key(members, part).or(known.map(|known| known.name)).unwrap_or(part);
        let key = key.to_owned();
        match value {
            Some(value) => drop(members.insert(key, value)),
            None => drop(members.remove(&key)),
        }
        Ok(())
    }

    /// Sets the values that the filter finds, or their part; `add` makes the one it names.
    fn put_where(
        &self,
        op: Op,
        filter: &Filter,
        old: Option<Value>,
        value: &Value,
    ) -> Result<Option<Value>, Error> {
        if self.attribute.is_some_and(|attribute| !attribute.multi) {
            return Err(self.is_one());
        }
        let mut values = old.map(list).unwrap_or_default();
        let mut found: Vec<_> = (0..values.len())
            .filter(|&at| values.get(at).is_some_and(|v| filter.matches_value(v, self.attribute)))
            .collect();
        let named = values::named_by(filter);
        if found.is_empty() {
            match (op, &named) {
                (Op::Add, Some(named)) => {
                    found.push(values.len());
                    values.push(Value::Object(named.clone()));
                }
                _ => return Err(self.no_target()),
            }
        }
        for &at in &found {
            if let Some(old) = values.get_mut(at) {
                self.put_into(op, old, value, named.as_ref())?;
            }
        }
        if let Some(&newest) = found.first() {
            keep_primary(&mut values, newest);
        }
        values.retain(|value| !is_empty(value));
        Ok(Some(Value::Array(values)))
    }

    fn put_into(
        &self,
        op: Op,
        old: &mut Value,
        value: &Value,
        named: Option<&Object>,
    ) -> Result<(), Error> {
        if let Some(part) = &self.path.part {
            if !old.is_object() {
                *old = json!({ "value": old });
            }
            return match old.as_object_mut() {
                Some(members) => self.set_part(members, part, value.clone()),
                None => Ok(()),
            };
        }
        let new = match (value, self.attribute) {
            (Value::Array(values), _) => match values.as_slice() {
                [only] => return self.put_into(op, old, only, named),
                _ => return Err(self.needs_one()),
            },
            (value, Some(attribute)) => shape_one(attribute, value.clone())?,
            (value, None) => pruned(value.clone()),
        };
        match (old, new) {
            (Value::Object(old), Some(Value::Object(new))) => {
                if op == Op::Replace {
                    // What the filter named it by stays: `emails[type eq "work"]` is still that one.
                    *old = named.cloned().unwrap_or_default();
                }
                values::merge(old, new);
            }
            (old, Some(new)) => *old = new,
            (_, None) => {}
        }
        Ok(())
    }

    fn remove(&self, old: Option<Value>, value: Option<Value>) -> Result<Option<Value>, Error> {
        let Some(old) = old else { return Ok(None) };
        match (&self.path.filter, &self.path.part, value) {
            (Some(_), ..) if self.attribute.is_some_and(|attribute| !attribute.multi) => {
                Err(self.is_one())
            }
            (Some(filter), part, _) => {
                let mut values = list(old);
                let finds = |value: &Value| filter.matches_value(value, self.attribute);
                match part {
                    None => values.retain(|value| !finds(value)),
                    Some(part) => {
                        for members in
                            values.iter_mut().filter(|v| finds(v)).filter_map(Value::as_object_mut)
                        {
                            member::remove(members, part);
                        }
                        values.retain(|value| !is_empty(value));
                    }
                }
                Ok(Some(Value::Array(values)))
            }
            (None, Some(part), _) => Ok(without_part(Some(old), part)),
            (None, None, Some(unwanted)) if old.is_array() => {
                let mut values = list(old);
                values::remove(&mut values, &list(unwanted), self.attribute);
                Ok(Some(Value::Array(values)))
            }
            (None, None, _) => Ok(None),
        }
    }

    fn no_target(&self) -> Error {
        let says = format!("nothing matches {}", self.path);
        Error::of(ErrorType::NoTarget, says)
    }

    fn is_one(&self) -> Error {
        let says = format!("{} has one value and takes no filter", self.path.name);
        Error::of(ErrorType::InvalidPath, says)
    }

    fn is_several(&self) -> Error {
        let name = &self.path.name;
        let says =
            format!("{name} has several values: say which, as in {name}[type eq \"work\"].value");
        Error::of(ErrorType::InvalidPath, says)
    }

    fn needs_one(&self) -> Error {
        let says = format!("{} takes one value at a time", self.path);
        Error::of(ErrorType::InvalidValue, says)
    }

    fn has_no_parts(&self) -> Error {
        let says = format!("{} has no parts", self.path.name);
        Error::of(ErrorType::InvalidPath, says)
    }
}

fn without_part(old: Option<Value>, part: &str) -> Option<Value> {
    let mut old = old?;
    match &mut old {
        Value::Object(members) => drop(member::remove(members, part)),
        Value::Array(values) => {
            for members in values.iter_mut().filter_map(Value::as_object_mut) {
                member::remove(members, part);
            }
            values.retain(|value| !is_empty(value));
        }
        _ => {}
    }
    Some(old)
}

/// The values of a list, or the one value.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Whether a list or an object has nothing in it: the attribute is unassigned then.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => value.is_null(),
    }
}
