//! Changes a resource, one operation at a time.

use serde_json::{Value, json};

use super::{
    super::{
        Error, ErrorType, Path,
        member::{self, Object},
        resource,
        schema::{Mutability, ResourceType},
        urn,
    },
    Op, Operation,
    change::{Target, is_empty},
};

/// A copy of a resource on which operations are tried.
pub(crate) struct Edit {
    resource: Object,
    kind: &'static ResourceType,
}

impl Edit {
    pub(crate) fn of(resource: &Value, kind: &'static ResourceType) -> Result<Self, Error> {
        match resource {
            Value::Object(members) => Ok(Self { resource: members.clone(), kind }),
            _ => Err(Error::of(ErrorType::InvalidSyntax, "the resource must be an object")),
        }
    }

    /// The resource as it has become. Its `schemas` follow from what it has.
    pub(crate) fn finish(self) -> Value {
        let mut resource = self.resource;
        resource::set_schemas(&mut resource, self.kind);
        Value::Object(resource)
    }

    pub(crate) fn apply(&mut self, operation: &Operation) -> Result<(), Error> {
        let value = operation.value.clone();
        match (&operation.path, value) {
            (Some(path), value) => self.at(operation.op, path, value, true),
            (None, Some(Value::Object(members))) => self.all_of(operation.op, members, None),
            (None, _) => {
                let says = "an operation without a path needs an object of attributes";
                Err(Error::of(ErrorType::InvalidValue, says))
            }
        }
    }

    /// Sets each of `members`, whose names are paths, at the root or in the extension `id`.
    /// What no client may change is passed over: clients send whole resources back.
    fn all_of(&mut self, op: Op, members: Object, id: Option<&str>) -> Result<(), Error> {
        for (name, value) in members {
            if (value.is_object() || value.is_null()) && self.is_schema(&name) {
                self.whole_schema(op, &name, Some(value))?;
                continue;
            }
            let mut path: Path = name.parse()?;
            if path.schema.is_none() {
                path.schema = id.map(str::to_owned);
            }
            self.at(op, &path, Some(value), false)?;
        }
        Ok(())
    }

    /// Whether a name with colons is that of a schema, not of an attribute behind one.
    fn is_schema(&self, name: &str) -> bool {
        let is_extension = |id: &str| {
            self.kind.extension(id).is_some() || member::key(&self.resource, id).is_some()
        };
        match name.rsplit_once(':') {
            Some((before, _)) => {
                let is_attribute = urn::is_core(before) || is_extension(before);
                urn::is_schema(name) || is_extension(name) || !is_attribute
            }
            None => false,
        }
    }

    fn at(&mut self, op: Op, path: &Path, value: Option<Value>, named: bool) -> Result<(), Error> {
        if let Some(id) = path.as_schema() {
            return self.whole_schema(op, &id, value);
        }
        let target = self.target(path);
        if !self.may_change(&target, value.as_ref(), named)? {
            return Ok(());
        }
        let Some(container) = self.container(target.home, op == Op::Remove) else { return Ok(()) };
        let key = member::key(container, &path.name)
            .or(target.attribute.map(|attribute| attribute.name))
            .unwrap_or(&path.name)
            .to_owned();
        let old = container.remove(&key);
        let was_there = old.is_some();
        match target.change(op, old, value)?.filter(|new| !is_empty(new)) {
            Some(new) => drop(container.insert(key, new)),
            None if was_there && target.attribute.is_some_and(|attribute| attribute.required) => {
                let says = format!("{path} is required and cannot be removed");
                return Err(Error::of(ErrorType::Mutability, says));
            }
            None => {}
        }
        Ok(())
    }

    /// Whether there is something to do: not for what only the service sets, nor for passwords,
    /// which nothing here keeps.
    fn may_change(
        &self,
        target: &Target<'_>,
        value: Option<&Value>,
        named: bool,
    ) -> Result<bool, Error> {
        match target.attribute.map(|attribute| attribute.mutability) {
            None | Some(Mutability::ReadWrite | Mutability::Immutable) => Ok(true),
            Some(Mutability::WriteOnly) => Ok(false),
            Some(Mutability::ReadOnly) => {
                let follows = target.path.name.eq_ignore_ascii_case("schemas");
                if !named || follows || self.says_already(target, value) {
                    return Ok(false);
                }
                let says = format!("{} cannot be changed", target.path);
                Err(Error::of(ErrorType::Mutability, says))
            }
        }
    }

    fn whole_schema(&mut self, op: Op, id: &str, value: Option<Value>) -> Result<(), Error> {
        let is_core = urn::is_core(id);
        match value {
            Some(Value::Object(members)) if op != Op::Remove => {
                self.all_of(op, members, (!is_core).then_some(id))
            }
            Some(Value::Null) if op == Op::Add => Ok(()),
            None | Some(Value::Null) if !is_core => {
                member::remove(&mut self.resource, id);
                Ok(())
            }
            _ => {
                let says = format!("{id} takes an object of attributes");
                Err(Error::of(ErrorType::InvalidValue, says))
            }
        }
    }

    fn target<'a>(&self, path: &'a Path) -> Target<'a> {
        let by_name = || match member::key(&self.resource, &path.name) {
            Some(_) => None,
            None => self.kind.home_of(&path.name).map(|schema| schema.id),
        };
        let home = path.extension().or_else(by_name);
        let attribute = match home {
            Some(urn) => self.kind.extension(urn).and_then(|schema| schema.attribute(&path.name)),
            None => self.kind.attribute(&path.name),
        };
        Target { path, home, attribute }
    }

    /// The object that the attribute is in. An extension is made unless there is nothing to put there.
    fn container(&mut self, home: Option<&str>, only_if_there: bool) -> Option<&mut Object> {
        let Some(urn) = home else { return Some(&mut self.resource) };
        let spelled = self.kind.extension(urn).map_or(urn, |schema| schema.id);
        let key = member::key(&self.resource, urn).unwrap_or(spelled).to_owned();
        if only_if_there && !self.resource.contains_key(&key) {
            return None;
        }
        let extension = self.resource.entry(key).or_insert_with(|| json!({}));
        if !extension.is_object() {
            *extension = json!({});
        }
        extension.as_object_mut()
    }

    fn says_already(&self, target: &Target<'_>, value: Option<&Value>) -> bool {
        let (Some(attribute), Some(value)) = (target.attribute, value) else { return false };
        let there = member::find(&self.resource, attribute.name);
        target.path.filter.is_none() && target.path.part.is_none() && there == Some(value)
    }
}
