//! **Connect**: calls the app, says what it found, and stores how to speak to it.

use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::flow::{gate, gate_of};
use crate::{
    access::Owner,
    apps::{self, App, Connection, ConnectorKind, Deletes, Lookups, PausedBy, Updates},
    audit::{self, About, Verb},
    connector::{BadConnection, Capabilities, Connectors, Refusal},
    jobs::store::gates,
};

/// A connection as typed.
#[derive(Debug)]
pub struct Wanted {
    /// In which language.
    pub connector: ConnectorKind,
    /// Where.
    pub base_url: String,
    /// With which bearer token; `None` keeps the one that is stored.
    pub token: Option<SecretString>,
    /// How accounts are changed.
    pub updates: Updates,
    /// How accounts are looked up.
    pub lookups: Lookups,
    /// How accounts are deleted.
    pub deletes: Deletes,
}

/// Why the app is not connected. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A field has to be mended.
    #[error("{field}: {says}")]
    Field {
        /// `baseUrl`, `token` or `connector`.
        field: &'static str,
        /// What is wrong and how to mend it.
        says: String,
    },
    /// The app was called, and this is what it answered.
    #[error("the app refused: {0:?}")]
    Refused(Refusal),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<BadConnection> for ConnectError {
    fn from(bad: BadConnection) -> Self {
        Self::Field { field: bad.field, says: bad.says }
    }
}

/// Calls the app; when it answers, stores the connection with its sealed token, and lets what
/// waited for it go on.
///
/// # Errors
/// What has to be mended.
pub async fn connect(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    wanted: Wanted,
) -> Result<Capabilities, ConnectError> {
    let base_url = connectors.base_url(&wanted.base_url)?;
    let credential = match (wanted.token, &app.connection) {
        (Some(token), _) => connectors.seal(app.id, &token),
        (None, Some(stored)) if stored.base_url == base_url => stored.credential.clone(),
        (None, stored) => {
            // A stored token is never carried to an address it was not entered for.
            let says = match stored {
                Some(_) => "The address is new, so the token has to be entered again.",
                None => "A bearer token is needed.",
            };
            return Err(ConnectError::Field { field: "token", says: says.to_owned() });
        }
    };
    let connection = Connection {
        connector: wanted.connector,
        base_url,
        credential,
        updates: wanted.updates,
        lookups: wanted.lookups,
        deletes: wanted.deletes,
        learnt: None,
        capabilities: None,
        verified_at: None,
    };
    let trial = App { connection: Some(connection.clone()), ..app.clone() };
    let connector = connectors.of(&trial)?;
    let capabilities = connector.connect().await.map_err(ConnectError::Refused)?;

    let connection = Connection {
        capabilities: serde_json::to_value(&capabilities).ok(),
        verified_at: Some(now),
        ..connection
    };
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?;
    apps::store::put_connection(&mut tx, app.id, &connection).await?;
    let details = json!({
        "app": app.name,
        "connector": connection.connector,
        "host": connection.base_url.host_str(),
    });
    audit::record(&mut tx, now, &by.actor().by(), Verb::AppConnected, About::app(app.id), details)
        .await?;
    if before.pause.is_some_and(|pause| pause.by != PausedBy::Person) {
        let (by, told) = (by.actor().by(), json!({ "app": app.name }));
        audit::record(&mut tx, now, &by, Verb::AppResumed, About::app(app.id), told).await?;
    }
    gate::set(&mut tx, app.id).await?;
    gates::rest_until(&mut tx, &gate_of(app.id), None).await?;
    gates::wake(&mut tx, now, &gate_of(app.id)).await?;
    tx.commit().await?;
    Ok(capabilities)
}
