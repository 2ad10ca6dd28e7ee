//! The connector of an app, made from its settings.

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{
    Connector, Recent,
    scim::{ScimConnector, ScimSettings},
    transport::{BaseUrl, Endpoint, Transport},
};
use crate::{
    apps::{
        App, ConnectorKind, Learnt,
        seal::{Key, Sealed},
    },
    kernel::AppId,
};

/// Why there is no connector: a field to mend, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct BadConnection {
    /// `baseUrl`, `token` or `connector`.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// Makes connectors. Holds the key that credentials are sealed with, the one transport, and what apps told a moment ago.
#[derive(Debug, Clone)]
pub struct Connectors {
    key: Arc<Key>,
    transport: Transport,
    recent: Arc<Recent>,
}

impl Connectors {
    /// Connectors over `transport` whose credentials `key` opens.
    #[must_use]
    pub fn new(key: Key, transport: Transport) -> Self {
        Self { key: Arc::new(key), transport, recent: Arc::default() }
    }

    /// What apps told a moment ago.
    #[must_use]
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// Seals a credential for one app.
    #[must_use]
    pub fn seal(&self, app: AppId, credential: &SecretString) -> Sealed {
        self.key.seal(app, credential)
    }

    /// Reads a base URL as typed.
    ///
    /// # Errors
    /// Names the field `baseUrl` and the mend.
    pub fn base_url(&self, typed: &str) -> Result<Url, BadConnection> {
        let bad = |says| BadConnection { field: "baseUrl", says };
        BaseUrl::parse(typed.trim())
            .map(|base| base.url().clone())
            .map_err(|error| bad(error.to_string()))
    }

    /// What an app teaches that refuses to be asked as it was: a simpler way, if there is one.
    #[must_use]
    pub fn simpler(&self, app: &App) -> Option<Learnt> {
        let connection = app.connection.as_ref()?;
        ScimSettings::of(connection).simpler(connection.updates)
    }

    /// The connector of an app.
    ///
    /// # Errors
    /// When the app is not connected, or its credential cannot be opened.
    pub fn of(&self, app: &App) -> Result<Arc<dyn Connector>, BadConnection> {
        let bad = |field, says: String| BadConnection { field, says };
        let Some(connection) = &app.connection else {
            let says = format!(
                "{} is not connected yet. Enter its connection and press Connect.",
                app.name
            );
            return Err(bad("connector", says));
        };
        let token = self
            .key
            .open(app.id, &connection.credential)
            .map_err(|error| bad("token", error.to_string()))?;
        let base = BaseUrl::parse(connection.base_url.as_str())
            .map_err(|error| bad("baseUrl", error.to_string()))?;
        let endpoint =
            Endpoint::new(base, &token).map_err(|error| bad("token", error.to_string()))?;
        match connection.connector {
            ConnectorKind::Scim => {
                let settings = ScimSettings::of(connection);
                Ok(Arc::new(ScimConnector::new(self.transport.clone(), endpoint, settings)))
            }
            ConnectorKind::AcrobatSign => {
                let says = "Acrobat Sign REST v6 is not spoken yet. Choose SCIM 2.0.".to_owned();
                Err(bad("connector", says))
            }
        }
    }
}
