//! The connector for apps that speak SCIM 2.0 (RFC 7643, RFC 7644), however loosely.
//!
//! `facts/scim-apps.md` lists how real servers differ; each of those is survived here.

mod connect;
mod find;
mod list;
mod plan;
mod reply;
mod resource;
mod send;
mod settings;

use async_trait::async_trait;
use serde_json::Value as Json;

pub use self::settings::{ScimSettings, UpdateStyle};
use super::{
    Candidates, Capabilities, Connector, Exchange, Found, Refusal, Request, Sent, Sought,
    transport::{Endpoint, Transport},
};
use crate::apps::{account::Account, change::Content};

/// Speaks SCIM 2.0 to one app.
#[derive(Debug)]
pub struct ScimConnector {
    transport: Transport,
    endpoint: Endpoint,
    settings: ScimSettings,
}

impl ScimConnector {
    /// A connector for the app at `endpoint`.
    #[must_use]
    pub const fn new(transport: Transport, endpoint: Endpoint, settings: ScimSettings) -> Self {
        Self { transport, endpoint, settings }
    }

    /// Makes one request and reads what it means.
    async fn ask(&self, request: &Request) -> (Exchange, Result<Option<Json>, Refusal>) {
        let asked = self.transport.ask(&self.endpoint, request).await;
        let told = asked.answer.and_then(|answer| reply::read(&request.method, &answer));
        (asked.exchange, told)
    }

    /// Looks at something.
    async fn get(&self, path: String) -> (Exchange, Result<Option<Json>, Refusal>) {
        self.ask(&Request { method: "GET".to_owned(), path, body: None }).await
    }
}

#[async_trait]
impl Connector for ScimConnector {
    async fn connect(&self) -> Result<Capabilities, Refusal> {
        connect::connect(self).await
    }

    async fn probe(&self) -> Result<(), Refusal> {
        connect::first_users(self).await.map(drop)
    }

    async fn find(&self, sought: &Sought) -> Found {
        find::find(self, sought).await
    }

    async fn candidates(&self, sought: &Sought) -> Candidates {
        find::candidates(self, sought).await
    }

    fn plan(&self, content: &Content, current: Option<&Account>) -> Vec<Request> {
        plan::plan(&self.settings, content, current)
    }

    async fn send(&self, request: &Request) -> Sent {
        send::send(self, request).await
    }
}
