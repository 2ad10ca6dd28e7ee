//! What a change does to the accounts.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::{NoContext, Timestamp, Uuid};

use super::{
    accounts::Accounts,
    faults::{Faults, Quirk},
    journal::Journal,
    requests::Requests,
};
use crate::scim::{Error, ErrorType, Patch, resource, schema::USERS, user};

/// What changes while it runs.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) accounts: Accounts,
    pub(super) journal: Journal,
    pub(super) faults: Faults,
    pub(super) requests: Requests,
}

impl World {
    /// Makes an account of what a POST says, and returns its id.
    pub(super) fn create(&mut self, body: &Value, now: OffsetDateTime) -> Result<String, Error> {
        let mut account = resource::accept(body, &USERS)?;
        self.refuse_types(&account)?;
        self.refuse_taken(&account, None)?;
        let id = self.new_id(&account, now);
        account["id"] = json!(id);
        if resource::flag(&account, user::ACTIVE).is_none() {
            account["active"] = json!(true);
        }
        account["meta"] = json!({ "resourceType": USERS.name, "created": written(now) });
        self.keep(account, now)?;
        Ok(id)
    }

    /// Makes the account what a PUT says; what the PUT leaves out is gone, but for `active`.
    pub(super) fn replace(
        &mut self,
        id: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let old = self.find(id)?.clone();
        let mut new = resource::accept(body, &USERS)?;
        self.refuse_types(&new)?;
        for name in ["id", "meta"] {
            new[name] = old[name].clone();
        }
        if resource::flag(&new, user::ACTIVE).is_none() {
            new["active"] = old["active"].clone();
        }
        if self.faults.has(Quirk::PutKeepsDisplayName) {
            let kept = old.get(user::DISPLAY_NAME).cloned().unwrap_or_default();
            resource::set(&mut new, user::DISPLAY_NAME, kept, &USERS)?;
        }
        self.change(&old, new, now)
    }

    /// Does to the account what a PATCH says.
    pub(super) fn patch(
        &mut self,
        id: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        let old = self.find(id)?.clone();
        let patch = Patch::read(body)?;
        let several = patch.0.len() > 1;
        let filtered = patch.0.iter().filter_map(|operation| operation.path.as_ref());
        let filtered = filtered.into_iter().any(|path| path.filter.is_some());
        if several && self.faults.has(Quirk::RefusesSeveralOperations) {
            return Err(Error::new(501, "more than one operation in a PATCH is not supported"));
        }
        if filtered && self.faults.has(Quirk::RefusesValuePaths) {
            return Err(Error::new(501, "a path with a filter is not supported"));
        }
        let new = patch.apply(&old, &USERS)?;
        resource::check_required(&new, &USERS)?;
        self.change(&old, new, now)
    }

    /// Deletes the account.
    pub(super) fn delete(&mut self, id: &str) -> Result<(), Error> {
        self.find(id)?;
        self.journal.remove(id).map_err(|_| not_kept())?;
        self.accounts.remove(id);
        Ok(())
    }

    /// The account whose id is `id`.
    pub(super) fn find(&self, id: &str) -> Result<&Value, Error> {
        self.accounts.find(id).ok_or_else(|| Error::new(404, format!("there is no user {id}")))
    }

    /// A change that changes nothing leaves time and version alone (RFC 7644 section 3.5.2.1).
    fn change(&mut self, old: &Value, new: Value, now: OffsetDateTime) -> Result<(), Error> {
        if *old == new {
            return Ok(());
        }
        self.refuse_taken(&new, resource::text(old, user::ID))?;
        self.keep(new, now)
    }

    fn keep(&mut self, mut account: Value, now: OffsetDateTime) -> Result<(), Error> {
        let version = resource::text(&account, user::VERSION).and_then(|version| {
            version.strip_prefix("W/\"")?.strip_suffix('"')?.parse::<u64>().ok()
        });
        account["meta"]["version"] = json!(format!("W/\"{}\"", version.unwrap_or_default() + 1));
        account["meta"]["lastModified"] = json!(written(now));
        self.journal.put(&account).map_err(|_| not_kept())?;
        self.accounts.put(account);
        Ok(())
    }

    fn new_id(&self, account: &Value, now: OffsetDateTime) -> String {
        if self.faults.has(Quirk::IdIsNumber) {
            return self.accounts.next().to_string();
        }
        if self.faults.has(Quirk::IdIsUserName) {
            return resource::text(account, user::USER_NAME).unwrap_or_default().to_owned();
        }
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        let at = Timestamp::from_unix(NoContext, seconds, now.nanosecond());
        Uuid::new_v7(at).simple().to_string()
    }

    fn refuse_taken(&self, account: &Value, id: Option<&str>) -> Result<(), Error> {
        let user_name = resource::text(account, user::USER_NAME).unwrap_or_default();
        if self.faults.has(Quirk::AllowsDuplicates) || !self.accounts.is_taken(user_name, id) {
            return Ok(());
        }
        let taken =
            Error::of(ErrorType::Uniqueness, format!("userName {user_name} is already in use"));
        let kind = taken.kind.filter(|_| !self.faults.has(Quirk::ConflictWithoutWord));
        Err(Error { kind, ..taken })
    }

    fn refuse_types(&self, account: &Value) -> Result<(), Error> {
        let has_type = |name| resource::get(account, name).is_some();
        if self.faults.has(Quirk::RefusesTypes)
            && (has_type("emails.type") || has_type("phoneNumbers.type"))
        {
            return Err(Error::of(ErrorType::InvalidValue, "the attribute type is unknown"));
        }
        Ok(())
    }
}

fn not_kept() -> Error {
    Error::new(500, "the sandbox could not write its file: look at the disk of its data directory")
}

fn written(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
