//! Keyset paging: a page, and the opaque mark of where the next one begins.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// One bounded page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins, or `None` on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of at most `limit` rows out of up to `limit + 1` that were read;
    /// `key` is what the list is ordered by.
    pub fn of<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| encode(&key(last)));
        Self { items: rows, next }
    }

    /// The same page with each row seen through `f`.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// A cursor that this list did not hand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the cursor is not one that this list handed out: leave it away to start at the first page"
)]
pub struct BadCursor;

/// Writes the key of a row as an opaque mark that is safe in a URL.
pub fn encode(key: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// Reads a mark back.
///
/// # Errors
/// [`BadCursor`] when it is not one of this list's.
pub fn decode<K: DeserializeOwned>(text: &str) -> Result<K, BadCursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
    serde_json::from_slice(&bytes).map_err(|_| BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_names_its_last_row_as_where_the_next_begins() {
        let page = Page::of(vec![1, 2, 3], 2, |n| *n);

        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next.as_deref().map(decode::<i32>), Some(Ok(2)));
    }

    #[test]
    fn the_last_page_has_no_next() {
        assert_eq!(Page::of(vec![1, 2], 2, |n| *n).next, None);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let other = encode(&"a name");

        assert_eq!(decode::<i64>(&other), Err(BadCursor));
        assert_eq!(decode::<i64>("%"), Err(BadCursor));
    }
}
