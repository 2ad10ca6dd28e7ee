//! What a PATCH makes of a group: who comes and who leaves is told by their ids alone, so that a group
//! of ten thousand is not read for one of them.

use std::collections::HashSet;

use serde_json::Value;

use super::refused::Refused;
use crate::{
    kernel::UserId,
    queue::groups::GroupChange,
    scim::{
        Error, ErrorType, Filter, Patch, Path,
        filter::{Literal, Operator},
        patch::{Op, Operation},
    },
};

const MEMBERS: &str = "members";

/// A PATCH of a group, taken apart.
#[derive(Debug, Default)]
pub(super) struct GroupPatch {
    /// Who comes and who leaves.
    pub(super) members: GroupChange,
    /// Everything else, in its order.
    pub(super) rest: Vec<Operation>,
}

impl GroupPatch {
    pub(super) fn of(patch: Patch) -> Result<Self, Refused> {
        let mut read = Self::default();
        for operation in patch.0 {
            read.take(operation)?;
        }
        Ok(read)
    }

    /// Whether all that it does is about members.
    pub(super) fn is_of_members_alone(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, mut operation: Operation) -> Result<(), Refused> {
        match &operation.path {
            Some(path) if is_members(path) => {
                let Operation { op, path, value } = operation;
                self.at_members(op, path.as_ref(), value)
            }
            Some(_) => {
                self.rest.push(operation);
                Ok(())
            }
            None => {
                // What an object without a path says of members is apart from what it says besides.
                if let Some(Value::Object(all)) = &mut operation.value {
                    let names: Vec<_> =
                        all.keys().filter(|name| names_members(name)).cloned().collect();
                    for name in names {
                        let value = all.remove(&name);
                        self.at_members(operation.op, None, value)?;
                    }
                }
                self.rest.push(operation);
                Ok(())
            }
        }
    }

    fn at_members(
        &mut self,
        op: Op,
        path: Option<&Path>,
        value: Option<Value>,
    ) -> Result<(), Refused> {
        if path.is_some_and(|path| path.part.is_some()) {
            let says = "members: a member cannot be changed, only added and removed";
            return Err(Error::of(ErrorType::Mutability, says).into());
        }
        let filter = path.and_then(|path| path.filter.as_ref());
        let value = value.filter(|value| !value.is_null());
        match (op, filter, value) {
            (Op::Remove, Some(filter), _) => self.remove(named_by(filter)?),
            (Op::Remove, None, Some(value)) => self.remove(ids(&value).flatten().collect()),
            (Op::Remove | Op::Replace, None, None) => self.replace(Vec::new()),
            (Op::Add, None, Some(value)) => self.add(known(&value)?),
            (Op::Replace, None, Some(value)) => self.replace(known(&value)?),
            (Op::Add, None, None) => {}
            (Op::Add | Op::Replace, Some(_), _) => return Err(unreadable()),
        }
        Ok(())
    }

    fn add(&mut self, users: Vec<UserId>) {
        take_out(&mut self.members.remove, &users);
        self.members.add.extend(users);
    }

    fn remove(&mut self, users: Vec<UserId>) {
        take_out(&mut self.members.add, &users);
        self.members.remove.extend(users);
    }

    fn replace(&mut self, users: Vec<UserId>) {
        self.members = GroupChange { replace_all: Some(users), ..GroupChange::default() };
    }
}

fn take_out(users: &mut Vec<UserId>, others: &[UserId]) {
    let others: HashSet<_> = others.iter().collect();
    users.retain(|user| !others.contains(user));
}

fn is_members(path: &Path) -> bool {
    path.extension().is_none() && path.name.eq_ignore_ascii_case(MEMBERS)
}

fn names_members(name: &str) -> bool {
    name.parse::<Path>().is_ok_and(|path| is_members(&path))
}

/// The members that a resource or an operation names, all of whom have to be there.
pub(super) fn known(value: &Value) -> Result<Vec<UserId>, Refused> {
    let id = |(id, text): (Option<UserId>, &Value)| {
        let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
        id.ok_or_else(|| Refused::unknown_member(&text))
    };
    listed(value).map(|one| (id_of(one), said(one))).map(id).collect()
}

/// The same where it does not matter who is unknown.
fn ids(value: &Value) -> impl Iterator<Item = Option<UserId>> + '_ {
    listed(value).map(id_of)
}

fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn id_of(one: &Value) -> Option<UserId> {
    said(one).as_str()?.trim().parse().ok()
}

/// What one says of itself: its `value`, or the text that stands for it.
fn said(one: &Value) -> &Value {
    let members = one.as_object();
    let value = members.and_then(|members| {
        members.iter().find(|(name, _)| name.eq_ignore_ascii_case("value")).map(|(_, value)| value)
    });
    value.unwrap_or(one)
}

/// The members that a filter names: `value eq "usr_…"`, and several such joined by `or`.
fn named_by(filter: &Filter) -> Result<Vec<UserId>, Refused> {
    match filter {
        Filter::Compare(path, Operator::Eq, Literal::Text(id))
            if path.part.is_none() && path.name.eq_ignore_ascii_case("value") =>
        {
            Ok(id.parse().into_iter().collect())
        }
        Filter::Any(several) => {
            let several = several.iter().map(named_by).collect::<Result<Vec<_>, _>>()?;
            Ok(several.concat())
        }
        _ => Err(unreadable()),
    }
}

fn unreadable() -> Refused {
    let says =
        "members: remove one by members[value eq \"…\"], add them with the path members alone";
    Error::of(ErrorType::InvalidPath, says).into()
}
