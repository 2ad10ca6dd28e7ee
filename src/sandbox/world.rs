//! What a change makes of the accounts.
//!
//! What would become of an account is worked out first, and kept after: so a change can be
//! answered as if it was done.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::{NoContext, Timestamp, Uuid};

use super::{
    accounts::Accounts,
    effects::Effects,
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
    pub(super) effects: Effects,
    /// From when on look-ups show an account that is still new.
    pub(super) appearing: BTreeMap<String, OffsetDateTime>,
}

impl World {
    /// The account that a POST says.
    pub(super) fn drafted(&self, body: &Value, now: OffsetDateTime) -> Result<Value, Error> {
        self.faults.refuse_writing(body)?;
        let mut account = self.faults.admit(resource::accept(body, &USERS)?, &Value::Null)?;
        self.faults.refuse_incomplete(&account)?;
        self.refuse_taken(&account, None)?;
        let id = self.new_id(&account, now);
        // Two accounts can share a name, but never an id.
        if self.accounts.find(&id).is_some() {
            return Err(self.taken(&id));
        }
        account["id"] = json!(id);
        if resource::flag(&account, user::ACTIVE).is_none() {
            account["active"] = json!(true);
        }
        account["meta"] = json!({ "resourceType": USERS.name, "created": written(now) });
        Ok(versioned(account, now))
    }

    /// The account as a PUT says; what the PUT leaves out is gone, but for `active`.
    pub(super) fn replaced(
        &self,
        id: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<Value, Error> {
        let old = self.find(id)?;
        self.faults.refuse_writing(body)?;
        let mut new = self.faults.admit(resource::accept(body, &USERS)?, &Value::Null)?;
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
        self.changed(old, new, now)
    }

    /// The account with what a PATCH says done to it.
    pub(super) fn patched(
        &self,
        id: &str,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<Value, Error> {
        let old = self.find(id)?;
        self.faults.refuse_writing(body)?;
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
        let new = self.faults.admit(patch.apply(old, &USERS)?, old)?;
        resource::check_required(&new, &USERS)?;
        self.changed(old, new, now)
    }

    /// Keeps a new account, which look-ups may not show yet.
    pub(super) fn add(&mut self, account: Value, now: OffsetDateTime) -> Result<(), Error> {
        let after = i64::try_from(self.faults.appears_after_ms).unwrap_or(i64::MAX);
        let id = resource::text(&account, user::ID).unwrap_or_default().to_owned();
        self.keep(account)?;
        self.appearing.retain(|_, at| *at > now);
        if let Some(at) = now.checked_add(Duration::milliseconds(after)).filter(|at| *at > now) {
            self.appearing.insert(id, at);
        }
        Ok(())
    }

    /// Keeps an account as it is now.
    pub(super) fn keep(&mut self, account: Value) -> Result<(), Error> {
        let id = resource::text(&account, user::ID).unwrap_or_default();
        let before = self.accounts.find(id);
        if before == Some(&account) {
            return Ok(());
        }
        self.journal.put(&account).map_err(|_| not_kept())?;
        self.effects.record(before, Some(&account));
        self.accounts.put(account);
        Ok(())
    }

    /// Keeps an account no longer.
    pub(super) fn remove(&mut self, id: &str) -> Result<(), Error> {
        self.find(id)?;
        self.journal.remove(id).map_err(|_| not_kept())?;
        self.effects.record(self.accounts.find(id), None);
        self.accounts.remove(id);
        self.appearing.remove(id);
        Ok(())
    }

    /// The account whose id is `id`, seen or not.
    pub(super) fn find(&self, id: &str) -> Result<&Value, Error> {
        self.accounts.find(id).ok_or_else(|| unknown(id))
    }

    /// A change that changes nothing leaves time and version alone (RFC 7644 section 3.5.2.1).
    fn changed(&self, old: &Value, new: Value, now: OffsetDateTime) -> Result<Value, Error> {
        if *old == new {
            return Ok(new);
        }
        self.refuse_taken(&new, resource::text(old, user::ID))?;
        Ok(versioned(new, now))
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
        let is_taken = if self.faults.has(Quirk::MindsCase) {
            self.accounts.is_taken_as_written(user_name, id)
        } else {
            self.accounts.is_taken(user_name, id)
        };
        if is_taken && !self.faults.has(Quirk::AllowsDuplicates) {
            return Err(self.taken(user_name));
        }
        Ok(())
    }

    fn taken(&self, user_name: &str) -> Error {
        let taken =
            Error::of(ErrorType::Uniqueness, format!("userName {user_name} is already in use"));
        let kind = taken.kind.filter(|_| !self.faults.has(Quirk::ConflictWithoutWord));
        Error { kind, ..taken }
    }
}

/// The account in its next version.
fn versioned(mut account: Value, now: OffsetDateTime) -> Value {
    let version = resource::text(&account, user::VERSION)
        .and_then(|version| version.strip_prefix("W/\"")?.strip_suffix('"')?.parse::<u64>().ok());
    account["meta"]["version"] = json!(format!("W/\"{}\"", version.unwrap_or_default() + 1));
    account["meta"]["lastModified"] = json!(written(now));
    account
}

pub(super) fn unknown(id: &str) -> Error {
    Error::new(404, format!("there is no user {id}"))
}

fn not_kept() -> Error {
    Error::new(500, "the sandbox could not write its file: look at the disk of its data directory")
}

fn written(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
