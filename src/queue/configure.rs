//! The *Provisioning* tab.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{flow, store};
use crate::{
    access::Owner,
    apps::{self, App, Provisioning, change::Kind},
    audit::{self, About, Verb},
    directory,
};

/// The most people without an account that are counted.
const COUNTED: i64 = 10_000;

/// Why the settings were not stored.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// Provisioning needs a connection.
    #[error(
        "{app} is not connected: enter its connection under Configuration and press Connect first"
    )]
    NotConnected {
        /// The app's name.
        app: String,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// What the reader should know once the settings are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Kinds that no longer need approval, of which some still wait: turning a box off releases nothing.
    pub still_waiting: Vec<(Kind, i64)>,
    /// How many active people have no account and no action under way, where provisioning was just
    /// turned on; at most 10,000 are counted.
    pub without_account: Option<usize>,
}

/// Stores the settings.
///
/// # Errors
/// [`ConfigureError::NotConnected`] when provisioning is turned on before the app is connected.
pub async fn configure(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    provisioning: Provisioning,
) -> Result<Configured, ConfigureError> {
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?;
    if provisioning.enabled && before.connection.is_none() {
        return Err(ConfigureError::NotConnected { app: before.name });
    }
    if provisioning != before.provisioning {
        apps::store::put_provisioning(&mut tx, app.id, &provisioning).await?;
        flow::gate::set(&mut tx, app.id).await?;
        let details = json!({ "app": app.name, "from": before.provisioning, "to": provisioning });
        audit::record(
            &mut tx,
            now,
            &by.actor().by(),
            Verb::AppConfigured,
            About::app(app.id),
            details,
        )
        .await?;
    }
    tx.commit().await?;

    let mut still_waiting = Vec::new();
    for kind in Kind::ALL {
        let cleared =
            before.provisioning.approve.require(*kind) && !provisioning.approve.require(*kind);
        if cleared {
            let waiting = store::count_pending(pool, app.id, *kind).await?;
            still_waiting.extend((waiting > 0).then_some((*kind, waiting)));
        }
    }
    let without_account = if provisioning.enabled && !before.provisioning.enabled {
        let ids = directory::store::without_account(pool, app.id.uuid(), None, COUNTED).await?;
        Some(ids.len())
    } else {
        None
    };
    Ok(Configured { still_waiting, without_account })
}
