//! What a reason for a decision has to be like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::Kind;

/// The rule for the reasons of one kind of action. The default asks nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonRule {
    /// Whether an approval needs one; a rejection always does.
    pub required: bool,
    /// A regular expression that is found in each reason that is given.
    pub pattern: Option<String>,
    /// What whoever decides is told when the reason is not so.
    #[serde(rename = "message")]
    pub says: Option<String>,
}

/// The rules of an app. A kind without one asks nothing.
pub type Reasons = BTreeMap<Kind, ReasonRule>;
