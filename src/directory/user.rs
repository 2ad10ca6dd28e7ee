//! A person in the directory.

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::Profile;
use crate::kernel::UserId;

/// Where a change comes from: the `slug` of a row of `sources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(pub String);

impl Source {
    /// The pages of Countersign.
    #[must_use]
    pub fn console() -> Self {
        Self("console".to_owned())
    }

    /// The JSON API.
    #[must_use]
    pub fn api() -> Self {
        Self("api".to_owned())
    }

    /// A CSV import.
    #[must_use]
    pub fn csv() -> Self {
        Self("csv".to_owned())
    }
}

/// The id that a source knows a person by (`externalId`, RFC 7643 section 3.1). It is that source's
/// alone: no other is told it, and another may give the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    /// Whose.
    pub source: Source,
    /// Which; compared letter by letter.
    pub id: String,
}

/// What somebody is called, and the address they are known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Their name, as it is shown.
    pub name: String,
    /// Their user name.
    pub user_name: String,
}

/// A person, as the organisation wants them to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What is known of them.
    pub profile: Profile,
    /// Whether they may work; a suspended person is not.
    pub active: bool,
    /// All that was told of them, as SCIM says it (RFC 7643 section 4.1), in step with `profile` and
    /// `active`. Without what is not theirs to say: `id`, `meta`, `groups`, `externalId`.
    pub resource: Json,
    /// The id that the source which told it last knows them by.
    pub external_id: Option<ExternalId>,
    /// Where they came from first.
    pub source: Source,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// When anything of this last changed.
    pub updated_at: OffsetDateTime,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When they were deleted. The row stays until their last action is finished.
    pub deleted_at: Option<OffsetDateTime>,
}
