//! What can go wrong with any list.

use crate::kernel::BadCursor;

/// Why a page of a list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}
