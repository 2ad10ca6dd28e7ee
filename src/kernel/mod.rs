//! What every room stands on: typed ids, the clock, digests and page cursors.
//!
//! May use: nothing.
//!
//! Nothing here does I/O, and nothing else in the house reads the time.

mod clock;
mod cursor;
mod digest;
mod id;
mod sentence;
mod word;

pub use clock::{Clock, HeldClock, SystemClock};
pub use cursor::{BadCursor, Page, decode as decode_cursor, encode as encode_cursor};
pub use digest::{BadDigest, Digest};
pub use id::{
    ActionId, AdministratorId, AppId, BadId, EventId, GroupId, Id, ImportId, Kind as IdKind, RunId,
    TokenId, UserId, ViewId,
};
pub use sentence::sentence;
pub use word::UnknownWord;
pub(crate) use word::words;
