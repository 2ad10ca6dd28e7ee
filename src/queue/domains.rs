//! Which mail domains are the organisation's own; an address in another is hinted at.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use crate::{
    access::{self, Owner},
    apps::{self, App},
    audit::{self, About, Verb},
};

/// The most domains that an app has.
pub const MOST: usize = 100;

/// Why the domains were not stored.
#[derive(Debug, thiserror::Error)]
pub enum DomainsError {
    /// There are too many.
    #[error("There may be at most {MOST} domains.")]
    TooMany,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// From now on these are the organisation's own; those of its administrators, when there are none. Hints on what
/// waits already stay as they are.
///
/// # Errors
/// [`DomainsError::TooMany`] over [`MOST`].
pub async fn own(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    domains: Vec<String>,
) -> Result<(), DomainsError> {
    if domains.len() > MOST {
        return Err(DomainsError::TooMany);
    }
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?.domains;
    if before != domains {
        apps::store::put_domains(&mut tx, app.id, &domains).await?;
        let details = json!({ "app": app.name, "domains": { "from": before, "to": domains } });
        let about = About::app(app.id);
        audit::record(&mut tx, now, &by.actor().by(), Verb::AppConfigured, about, details).await?;
    }
    Ok(tx.commit().await?)
}

/// The domains that administrators sign in with, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn of_administrators(tx: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let addresses = access::store::addresses(tx).await?;
    let domains: BTreeSet<_> = addresses.iter().filter_map(|address| domain(address)).collect();
    Ok(domains.into_iter().map(str::to_owned).collect())
}

/// What stands behind the last `@`.
pub(super) fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
}
