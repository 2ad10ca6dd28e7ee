//! What a service takes of what it is sent, when it takes less than the standard asks for.

use serde_json::Value;

use super::faults::{Faults, Quirk};
use crate::scim::{Error, ErrorType, resource, schema::USERS};

/// Names of what has a type.
const TYPED: [&str; 2] = ["emails.type", "phoneNumbers.type"];

impl Faults {
    /// Refuses the body of a change for how it is written.
    pub(super) fn refuse_writing(&self, body: &Value) -> Result<(), Error> {
        if self.has(Quirk::RefusesTextsForActive) && has_text_for_active(body) {
            return Err(Error::of(ErrorType::InvalidValue, "active must be true or false"));
        }
        Ok(())
    }

    /// Refuses a new account that lacks what one service cannot do without.
    pub(super) fn refuse_incomplete(&self, account: &Value) -> Result<(), Error> {
        let missing = ["name.formatted", "active"]
            .into_iter()
            .find(|name| resource::get(account, name).is_none());
        match missing.filter(|_| self.has(Quirk::NeedsNameAndActive)) {
            Some(name) => Err(Error::of(ErrorType::InvalidValue, format!("{name} is required"))),
            None => Ok(()),
        }
    }

    /// What is taken of an account that a change has made of what was there `before`.
    pub(super) fn admit(&self, mut account: Value, before: &Value) -> Result<Value, Error> {
        let is_new = |name: &str| {
            resource::get(&account, name).is_some() && resource::get(before, name).is_none()
        };
        if self.has(Quirk::RefusesTypes) && TYPED.iter().any(|name| is_new(name)) {
            return Err(Error::of(ErrorType::InvalidValue, "the attribute type is unknown"));
        }
        for name in unknown_names(&account, before) {
            if self.has(Quirk::RefusesUnknown) {
                let says = format!("the attribute {name} is unknown");
                return Err(Error::of(ErrorType::InvalidSyntax, says));
            }
            if let (true, Some(members)) = (self.has(Quirk::DropsUnknown), account.as_object_mut())
            {
                members.remove(&name);
            }
        }
        Ok(account)
    }
}

/// The members that no schema has and that were not there `before`.
fn unknown_names(account: &Value, before: &Value) -> Vec<String> {
    let names = account.as_object().into_iter().flat_map(|members| members.keys());
    let is_known = |name: &str| USERS.attribute(name).is_some() || USERS.extension(name).is_some();
    names.filter(|name| !is_known(name) && before.get(*name).is_none()).cloned().collect()
}

/// Whether `active` is given as a text, by a whole account or by an operation of a PATCH.
fn has_text_for_active(body: &Value) -> bool {
    let is_text = |value: &Value| resource::get(value, "active").is_some_and(Value::is_string);
    let operations = resource::get(body, "Operations").and_then(Value::as_array);
    is_text(body)
        || operations.into_iter().flatten().any(|operation| {
            let value = resource::get(operation, "value").unwrap_or(&Value::Null);
            let path = resource::text(operation, "path").unwrap_or_default();
            is_text(value) || path.eq_ignore_ascii_case("active") && value.is_string()
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(quirk: Quirk) -> Faults {
        Faults { quirks: [quirk].into(), ..Faults::default() }
    }

    #[test]
    fn a_text_for_active_is_seen_wherever_it_stands() {
        let operations = |operation| json!({ "Operations": [operation] });
        for (body, seen) in [
            (json!({ "userName": "ana", "Active": "False" }), true),
            (operations(json!({ "op": "replace", "path": "Active", "value": "False" })), true),
            (operations(json!({ "op": "replace", "value": { "active": "true" } })), true),
            (json!({ "userName": "ana", "active": false }), false),
            (operations(json!({ "op": "replace", "path": "active", "value": false })), false),
            (operations(json!({ "op": "replace", "path": "title", "value": "False" })), false),
            (operations(json!({ "op": "remove", "path": "active" })), false),
        ] {
            let strict = faults(Quirk::RefusesTextsForActive);

            assert_eq!(strict.refuse_writing(&body).is_err(), seen, "{body}");
            assert_eq!(Faults::default().refuse_writing(&body), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_new_account_is_whole_with_a_formatted_name_and_active() {
        let strict = faults(Quirk::NeedsNameAndActive);
        for (account, lacks) in [
            (json!({ "name": { "formatted": "Ana" }, "active": false }), None),
            (json!({ "active": true }), Some("name.formatted is required")),
            (
                json!({ "name": { "givenName": "Ana" }, "active": true }),
                Some("name.formatted is required"),
            ),
            (json!({ "name": { "formatted": "Ana" } }), Some("active is required")),
        ] {
            let refused = strict.refuse_incomplete(&account).err().map(|error| error.detail);

            assert_eq!(refused.as_deref(), lacks, "{account}");
        }
    }

    #[test]
    fn what_no_schema_has_is_kept_or_refused_or_dropped() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let known = json!({ "id": "7", "externalId": "usr_1", "schemas": [], "meta": {}, "userName": "ana",
            enterprise: { "department": "Legal" } });
        let mut more = known.clone();
        more["shoeSize"] = json!(38);
        more["urn:example:2.0:User"] = json!({ "badge": 7 });

        let admit = |faults: Faults, account: &Value, before| faults.admit(account.clone(), before);

        assert_eq!(admit(Faults::default(), &more, &Value::Null), Ok(more.clone()));
        assert_eq!(admit(faults(Quirk::DropsUnknown), &more, &Value::Null), Ok(known.clone()));
        assert!(admit(faults(Quirk::RefusesUnknown), &more, &Value::Null).is_err());
        assert_eq!(admit(faults(Quirk::RefusesUnknown), &known, &Value::Null), Ok(known.clone()));
        assert_eq!(admit(faults(Quirk::RefusesUnknown), &more, &more), Ok(more.clone()), "old");
    }

    #[test]
    fn a_type_is_refused_unless_it_was_there_before() {
        let strict = faults(Quirk::RefusesTypes);
        let typed = json!({ "emails": [{ "value": "a@b.example", "type": "work" }] });
        let plain = json!({ "emails": [{ "value": "a@b.example" }] });

        assert!(strict.admit(typed.clone(), &plain).is_err());
        assert!(strict.admit(typed.clone(), &typed).is_ok() && strict.admit(plain, &typed).is_ok());
    }
}
