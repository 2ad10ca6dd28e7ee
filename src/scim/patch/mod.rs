//! PATCH: reads one as real clients send it, and applies it as a whole or not at all
//! (RFC 7644 section 3.5.2).

mod change;
mod edit;
#[cfg(test)]
mod tests;
mod values;

use serde_json::{Map, Value, json};

pub(super) use self::edit::Edit;
use super::{Error, ErrorType, Path, member, schema::ResourceType, urn};

/// How many operations one request may hold. A group's members come as one operation.
pub const MAX_OPERATIONS: usize = 1_000;

/// The operations of one request, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch(pub Vec<Operation>);

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is done.
    pub op: Op,
    /// Where; `None` is the resource itself.
    pub path: Option<Path>,
    /// With what.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds to several values, sets a single one.
    Add,
    /// Takes the place of what is there.
    Replace,
    /// Takes away.
    Remove,
}

impl Op {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
        }
    }
}

impl Patch {
    /// Reads the body of a PATCH: names and words in any case, one operation that is not in a list,
    /// without `schemas`, and the member list of SCIM 1.1 (`{"members": [{"value": …, "operation": "delete"}]}`).
    ///
    /// # Errors
    /// `invalidSyntax`, `invalidPath`, `invalidFilter`, `invalidValue` or `noTarget`.
    pub fn read(body: &Value) -> Result<Self, Error> {
        let Some(operations) = member::of(body, "Operations") else {
            return match member::of(body, "members").and_then(Value::as_array) {
                Some(members) => Ok(Self(of_members(members)?)),
                None => Err(syntax("the body needs a list of Operations")),
            };
        };
        let operations =
            operations.as_array().map_or(std::slice::from_ref(operations), Vec::as_slice);
        match operations.len() {
            0 => Err(syntax("the list of Operations is empty")),
            1..=MAX_OPERATIONS => {
                operations.iter().map(Operation::read).collect::<Result<_, _>>().map(Self)
            }
            many => Err(syntax(&format!(
                "{many} Operations are too many: send at most {MAX_OPERATIONS}"
            ))),
        }
    }

    /// What becomes of `resource`. It is not touched itself, so that a refused PATCH changes nothing.
    ///
    /// # Errors
    /// `noTarget`, `invalidPath`, `invalidValue` or `mutability`; the first operation that fails.
    pub fn apply(&self, resource: &Value, kind: &'static ResourceType) -> Result<Value, Error> {
        let mut edit = Edit::of(resource, kind)?;
        for operation in &self.0 {
            edit.apply(operation)?;
        }
        Ok(edit.finish())
    }

    /// The body to send.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let operations: Vec<_> = self.0.iter().map(Operation::to_value).collect();
        json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
    }
}

impl Operation {
    fn read(operation: &Value) -> Result<Self, Error> {
        let word = member::of(operation, "op").and_then(Value::as_str);
        let op = [Op::Add, Op::Replace, Op::Remove]
            .into_iter()
            .find(|op| word.is_some_and(|word| word.eq_ignore_ascii_case(op.as_str())))
            .ok_or_else(|| syntax("each operation needs an op: add, replace or remove"))?;
        let path = match member::of(operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.trim().is_empty() => None,
            Some(Value::String(path)) => Some(path.parse()?),
            Some(_) => return Err(Error::of(ErrorType::InvalidPath, "the path must be a text")),
        };
        let value = member::of(operation, "value").cloned();
        match (op, &path, &value) {
            (Op::Remove, None, _) => {
                Err(Error::of(ErrorType::NoTarget, "remove needs a path that says what to remove"))
            }
            (Op::Add | Op::Replace, _, None) => {
                let says = format!("{} needs a value", op.as_str());
                Err(Error::of(ErrorType::InvalidValue, says))
            }
            (_, None, Some(value)) if !value.is_object() => {
                let says = format!("{} without a path needs an object of attributes", op.as_str());
                Err(Error::of(ErrorType::InvalidValue, says))
            }
            _ => Ok(Self { op, path, value }),
        }
    }

    fn to_value(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("op".to_owned(), json!(self.op.as_str()));
        if let Some(path) = &self.path {
            shown.insert("path".to_owned(), json!(path.to_string()));
        }
        if let Some(value) = &self.value {
            shown.insert("value".to_owned(), value.clone());
        }
        Value::Object(shown)
    }
}

/// SCIM 1.1 as OneLogin still sends it: each member says by itself what becomes of it.
fn of_members(members: &[Value]) -> Result<Vec<Operation>, Error> {
    let path: Path = "members".parse()?;
    let mut operations = Vec::new();
    for entry in members {
        let deleted = member::of(entry, "operation")
            .and_then(Value::as_str)
            .is_some_and(|word| word.eq_ignore_ascii_case("delete"));
        let mut member = entry.clone();
        if let Some(parts) = member.as_object_mut() {
            member::remove(parts, "operation");
        }
        operations.push(Operation {
            op: if deleted { Op::Remove } else { Op::Add },
            path: Some(path.clone()),
            value: Some(member),
        });
    }
    Ok(operations)
}

fn syntax(detail: &str) -> Error {
    Error::of(ErrorType::InvalidSyntax, detail)
}
