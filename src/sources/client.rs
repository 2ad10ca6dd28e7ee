//! Sources as they stand: whose product, which tokens, what came of late.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Provider,
    log::store::{Traffic, traffic},
    store,
};
use crate::{
    access::tokens::{self, SourceToken},
    directory::Source,
    kernel::TokenId,
};

/// An identity provider that pushes, or once did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The word that stands for it.
    pub source: Source,
    /// What it is called.
    pub name: String,
    /// Whose product it is.
    pub provider: Provider,
    /// Since when it is there.
    pub created_at: OffsetDateTime,
    /// The newest token that it was ever given.
    pub newest: Option<TokenId>,
    /// Its tokens that are good, newest first; none when it is revoked.
    pub tokens: Vec<SourceToken>,
    /// What came of late.
    pub traffic: Traffic,
}

impl Client {
    /// Whether it has no good token left.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        self.tokens.is_empty()
    }

    /// When it was last heard of; a token's use is remembered longer than its requests.
    #[must_use]
    pub fn last_seen(&self) -> Option<OffsetDateTime> {
        let used = self.tokens.iter().filter_map(|token| token.last_used_at).max();
        self.traffic.last.max(used)
    }
}

/// Every source that is an identity provider, by name. Bounded: there are as many as products in use.
///
/// # Errors
/// When the database does not answer.
pub async fn list(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Vec<Client>> {
    stand(pool, now, store::list(pool).await?).await
}

/// One of them.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    pool: &PgPool,
    now: OffsetDateTime,
    source: &Source,
) -> sqlx::Result<Option<Client>> {
    let row = store::find(pool, source).await?;
    Ok(stand(pool, now, row.into_iter().collect()).await?.pop())
}

async fn stand(
    pool: &PgPool,
    now: OffsetDateTime,
    rows: Vec<store::Row>,
) -> sqlx::Result<Vec<Client>> {
    let slugs: Vec<_> = rows.iter().map(|row| row.slug.clone()).collect();
    let tokens = tokens::of_sources(pool, now, &slugs).await?;
    let today = now.replace_time(time::Time::MIDNIGHT);
    let mut traffic = traffic(pool, &slugs, today).await?;
    rows.into_iter()
        .map(|row| {
            let own = |token: &&SourceToken| token.source.0 == row.slug;
            Ok(Client {
                tokens: tokens.iter().filter(own).cloned().collect(),
                traffic: traffic.remove(&row.slug).unwrap_or_default(),
                provider: row.provider()?,
                newest: row.newest.map(TokenId::from),
                source: Source(row.slug),
                name: row.name,
                created_at: row.created_at,
            })
        })
        .collect()
}
