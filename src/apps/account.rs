//! An account as its app tells it.

use serde_json::Value as Json;

use super::change::Attributes;

/// One account as an app told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The app's own id for it.
    pub remote_id: String,
    /// Our id for its user, where the app keeps it (SCIM `externalId`).
    pub external_id: Option<String>,
    /// The attributes that we map, `active` always among them.
    pub attributes: Attributes,
    /// The whole resource as it was read, which a PUT must give back; `None` when this
    /// comes from our own tables and not from the app.
    pub resource: Option<Json>,
}
