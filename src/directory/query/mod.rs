//! Which users and groups a client of SCIM looks for (RFC 7644 section 3.4.2), found by the database.

mod cursor;
mod store;

use crate::{
    directory::{Group, Source, User},
    scim::{
        AttrPath, Error, ErrorType, Filter,
        list::Paging,
        schema::{GROUPS, ResourceType, USERS},
    },
};

/// How many comparisons a filter may make; each costs something in every row it is tried on.
pub const MOST_COMPARISONS: usize = 200;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Which resources; all when there is none.
    pub filter: Option<Filter>,
    /// In which order; by age when there is none.
    pub sort: Option<Sort>,
    /// Which part of them.
    pub window: Window,
}

/// By what resources are sorted (RFC 7644 section 3.4.2.3). What has no value comes last, and first
/// where the order is descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The attribute.
    pub by: AttrPath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`.
    ///
    /// # Errors
    /// `invalidValue` when one cannot be read. That the attribute can be sorted by is found out by
    /// [`users`] and [`groups`].
    pub fn read(by: Option<&str>, order: Option<&str>) -> Result<Option<Self>, Error> {
        let refused = |says: String| Error::of(ErrorType::InvalidValue, says);
        let given = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let descending = match given(order).map(|order| order.to_ascii_lowercase()).as_deref() {
            None | Some("ascending") => false,
            Some("descending") => true,
            Some(_) => {
                return Err(refused("sortOrder must be `ascending` or `descending`".to_owned()));
            }
        };
        let Some(by) = given(by) else { return Ok(None) };
        match by.parse() {
            Ok(by) => Ok(Some(Self { by, descending })),
            Err(_) => Err(refused("sortBy must be the name of an attribute".to_owned())),
        }
    }
}

/// Which part of what is found a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// From the n-th on. What is added or goes meanwhile moves the others.
    Index(Paging),
    /// From a cursor on (RFC 9865); whatever was there before the first page is on exactly one.
    Cursor {
        /// What the page before handed out; none for the first page.
        cursor: Option<String>,
        /// How many resources at most.
        count: usize,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The resources of the part that was asked for, in order.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
    /// Where the next page begins, if there is one and cursors were asked for.
    pub next: Option<String>,
}

/// Why nothing was looked for.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The filter, the order or the cursor cannot be used: to be answered as it is.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// The users that a source finds: all that are not deleted. It sees no external ids but its own.
///
/// # Errors
/// [`QueryError::Refused`] with `invalidFilter`, `invalidValue` (the order) or `invalidCursor`.
pub async fn users(
    pool: &sqlx::PgPool,
    source: &Source,
    listing: &Listing,
) -> Result<Listed<User>, QueryError> {
    check(listing, &USERS)?;
    store::users(pool, source, listing).await
}

/// The groups that a source finds: its own.
///
/// # Errors
/// As [`users`].
pub async fn groups(
    pool: &sqlx::PgPool,
    source: &Source,
    listing: &Listing,
) -> Result<Listed<Group>, QueryError> {
    check(listing, &GROUPS)?;
    store::groups(pool, source, listing).await
}

/// Whether the filter is about what is there, and small enough to be tried.
fn check(listing: &Listing, kind: &ResourceType) -> Result<(), Error> {
    let Some(filter) = &listing.filter else { return Ok(()) };
    filter.check(kind)?;
    if comparisons(filter) > MOST_COMPARISONS {
        let says = format!("the filter compares more than {MOST_COMPARISONS} times");
        return Err(Error::of(ErrorType::InvalidFilter, says));
    }
    Ok(())
}

fn comparisons(filter: &Filter) -> usize {
    match filter {
        Filter::Present(_) | Filter::Compare(..) => 1,
        Filter::AnyValue(_, inner) | Filter::Not(inner) => comparisons(inner),
        Filter::All(several) | Filter::Any(several) => several.iter().map(comparisons).sum(),
    }
}
