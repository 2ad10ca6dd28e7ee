//! What is sent to an app, and what came back.

use askama::Template;

use super::{Badge, Icon, Moment};

/// One HTTP request, as it will be or was sent. Its credential is added later and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/request.html")]
pub struct RequestBlock {
    id: String,
    method: String,
    path: String,
    body: Option<String>,
}

impl RequestBlock {
    /// A request; `id` is its own on the page.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        method: impl Into<String>,
        path: impl Into<String>,
        body: Option<&serde_json::Value>,
    ) -> Self {
        let body = body.and_then(|body| serde_json::to_string_pretty(body).ok());
        Self { id: id.into(), method: method.into(), path: path.into(), body }
    }
}

/// One request that was really made and what came back.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/exchange.html")]
pub struct Exchange {
    /// What was asked.
    pub request: RequestBlock,
    /// `201 in 84 ms`, `no answer after 30,000 ms`.
    pub outcome: String,
    /// The beginning of what came back, where something did.
    pub answer: String,
}

/// One try at sending an action.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/attempt.html")]
pub struct Attempt {
    /// The first is 1.
    pub number: u32,
    /// How it ended, or that it has not.
    pub outcome: Badge,
    /// Why, in a sentence.
    pub says: Option<String>,
    /// When it began.
    pub at: Moment,
    /// The requests, in the order they were made.
    pub exchanges: Vec<Exchange>,
}
