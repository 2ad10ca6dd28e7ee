//! Ids that cannot be swapped for one another.

use std::{fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::OffsetDateTime;
use uuid::{NoContext, Timestamp, Uuid};

/// What an [`Id`] is the id of; names the prefix it is shown with.
pub trait Kind {
    /// The letters before the underscore.
    const PREFIX: &'static str;
}

/// The id of one `K`: a UUID version 7, shown as `act_0192…` (32 hexadecimal digits).
///
/// Sorts by the millisecond it was minted in, and no finer: never use it for order.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// Mints an id for something that begins at `at`.
    #[must_use]
    pub fn at(at: OffsetDateTime) -> Self {
        let seconds = u64::try_from(at.unix_timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.nanosecond())).into()
    }

    /// The bare UUID, as the database stores it.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.uuid.simple())
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an id of the kind that was asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id of the form {0}_…")]
pub struct BadId(&'static str);

impl<K: Kind> FromStr for Id<K> {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        text.strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|rest| rest.len() == 32)
            .and_then(|rest| Uuid::try_parse(rest).ok())
            .map(Self::from)
            .ok_or(BadId(K::PREFIX))
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

macro_rules! kinds {
    ($($name:ident as $id:ident = $prefix:literal, $says:literal;)*) => {$(
        #[doc = $says]
        #[derive(Debug)]
        pub enum $name {}
        impl Kind for $name {
            const PREFIX: &'static str = $prefix;
        }
        #[doc = concat!("The id of ", $says)]
        pub type $id = Id<$name>;
    )*};
}

kinds! {
    Action as ActionId = "act", "one create, update, suspend, reactivate or delete of one account.";
    Administrator as AdministratorId = "adm", "someone who signs in.";
    App as AppId = "app", "a system that accounts are provisioned in.";
    Event as EventId = "evt", "one entry of the audit history.";
    Group as GroupId = "grp", "a group of people, as a source pushes it.";
    Import as ImportId = "imp", "a file of people that was uploaded.";
    Run as RunId = "run", "a decision on many actions at once.";
    Token as TokenId = "tok", "a bearer token.";
    User as UserId = "usr", "a person in the directory.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_what_it_shows() {
        let id = ActionId::at(OffsetDateTime::UNIX_EPOCH);

        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let user = UserId::at(OffsetDateTime::UNIX_EPOCH).to_string();

        assert_eq!(user.parse::<ActionId>(), Err(BadId("act")));
    }

    #[test]
    fn a_hyphenated_or_shortened_uuid_is_refused() {
        for text in ["act_", "act_0192", "act_01920000-0000-7000-8000-000000000000", "act"] {
            assert!(text.parse::<ActionId>().is_err(), "{text}");
        }
    }
}
