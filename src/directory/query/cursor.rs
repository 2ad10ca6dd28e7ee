//! Where the next page begins, for the query that it was made for and no other (RFC 9865).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Listing;
use crate::{
    directory::Source,
    kernel::{Digest, decode_cursor, encode_cursor},
    scim::{Error, ErrorType},
};

/// The last row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// What was sorted by; `None` where the row has no value.
    pub(super) key: Option<String>,
    pub(super) id: Uuid,
    /// Which query it is of.
    of: String,
}

impl Mark {
    pub(super) fn new(query: &Query, key: Option<String>, id: Uuid) -> Self {
        Self { key, id, of: query.0.clone() }
    }

    pub(super) fn encode(&self) -> String {
        encode_cursor(self)
    }

    /// # Errors
    /// `invalidCursor` when it was not handed out for this query.
    pub(super) fn decode(text: &str, query: &Query) -> Result<Self, Error> {
        let mark: Option<Self> = decode_cursor(text).ok();
        let fits = |mark: &Self| {
            mark.of == query.0 && !mark.key.as_ref().is_some_and(|key| key.contains('\0'))
        };
        mark.filter(fits).ok_or_else(|| {
            let says =
                "the cursor is not one of this list: leave it empty to start at the first page";
            Error::of(ErrorType::InvalidCursor, says)
        })
    }
}

/// What makes two queries the same: whose, for what, in which order.
#[derive(Debug)]
pub(super) struct Query(String);

impl Query {
    pub(super) fn of(kind: &str, source: &Source, listing: &Listing) -> Self {
        let filter = listing.filter.as_ref().map(ToString::to_string);
        let sort = listing.sort.as_ref().map(|sort| (sort.by.to_string(), sort.descending));
        let digest = Digest::of(&(kind, &source.0, filter, sort)).to_string();
        Self(digest.chars().take(16).collect())
    }
}
