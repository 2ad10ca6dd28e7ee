//! A group of people, as a source pushes it.

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::Source;
use crate::kernel::{GroupId, UserId};

/// A group of people. It is of the source that pushed it, and no other sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Whose.
    pub source: Source,
    /// What it is called; unique within the source without regard to case.
    pub display_name: String,
    /// The id that the source knows it by; compared letter by letter.
    pub external_id: Option<String>,
    /// All that was told of it, as SCIM says it (RFC 7643 section 4.2), in step with `display_name`.
    /// Without `id`, `meta`, `externalId` and `members`.
    pub resource: Json,
    /// Counts the changes that its source made, from 1; members that come or go are one.
    pub version: i64,
    /// When it was pushed.
    pub created_at: OffsetDateTime,
    /// When anything of it last changed.
    pub updated_at: OffsetDateTime,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What to show of them: their user name.
    pub display: String,
}
