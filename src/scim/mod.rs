//! RFC 7643 and RFC 7644 on the wire, over plain JSON values.
//!
//! May use: nothing.
//!
//! No I/O and no clock. Names are read in any case and sent in that of the RFC. What real
//! clients and services get wrong is read for what it means; what cannot be is refused with
//! the error of RFC 7644 section 3.12. Nothing panics, and a refused PATCH changes nothing.

pub mod discovery;
pub mod error;
pub mod filter;
pub mod http;
pub mod list;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod urn;
pub mod user;

mod attr_path;
mod member;
mod shape;

pub use self::{
    attr_path::{AttrPath, BadName},
    error::{Error, ErrorType},
    filter::Filter,
    patch::Patch,
    path::Path,
};

/// The media type of every SCIM body (RFC 7644 section 3.1). `application/json` is accepted too.
pub const MEDIA_TYPE: &str = "application/scim+json";
