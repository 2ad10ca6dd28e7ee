//! Sources: who may push, with which tokens, and what they asked.

mod command;
mod log;
mod pages;
mod tokens;

use countersign::{
    access::tokens::{ScimClient, scim_client},
    directory::Source,
    sources::{self, Client, Created, Overlap, Provider, SourceError},
};

use crate::support::app::TestApp;

impl TestApp {
    /// Olivia makes a source and its first token.
    async fn a_source(&self, name: &str) -> Created {
        let olivia = self.owner.owner().unwrap();
        sources::create(&self.pool, self.now(), &olivia, name, Provider::Okta).await.unwrap()
    }

    async fn client(&self, source: &Source) -> Client {
        sources::find(&self.pool, self.now(), source).await.unwrap().unwrap()
    }

    /// Olivia looks at a source and gives it a new token.
    async fn rotate(&self, source: &Source, overlap: Overlap) -> Result<Created, SourceError> {
        let newest = self.client(source).await.newest;
        let olivia = self.owner.owner().unwrap();
        sources::rotate(&self.pool, self.now(), &olivia, source, newest, overlap).await
    }

    async fn revoke(&self, source: &Source) {
        let olivia = self.owner.owner().unwrap();
        sources::revoke(&self.pool, self.now(), &olivia, source).await.unwrap();
    }

    /// Whether a token opens the door just now.
    pub(crate) async fn opens(&self, secret: &str) -> bool {
        let client = scim_client(&self.pool, self.now(), secret).await.unwrap();
        matches!(client, ScimClient::Known { .. })
    }
}
