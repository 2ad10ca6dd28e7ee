//! One vocabulary for what an app may answer.

use std::time::Duration;

/// What shall become of an action after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Try again by the schedule, and not before the app's own wish.
    Again(Option<Duration>),
    /// The same again at once, asked in the app's simpler way.
    Simpler,
    /// Never by itself: a person must look.
    Never,
    /// Never by itself, and nothing else can pass until a person mends the connection.
    NeverAndPause,
}

/// Why an app did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Placeholder, replaced by the connector's author.
    #[error("the app could not be reached")]
    Unreachable,
}
