//! A person in the directory.

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

/// A person, as the organisation wants them to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What is known of them.
    pub profile: Profile,
    /// Whether they may work; a suspended person is not.
    pub active: bool,
    /// Where they came from first.
    pub source: Source,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// When anything of this last changed.
    pub updated_at: OffsetDateTime,
    /// When they were deleted. The row stays until their last action is finished.
    pub deleted_at: Option<OffsetDateTime>,
}
