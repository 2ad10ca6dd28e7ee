//! Gives a source another token, or takes all of them away.

use serde_json::json;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::{Created, SourceError, store};
use crate::{
    access::{
        Owner,
        tokens::{self, Scope},
    },
    audit::{self, About, Verb},
    directory::Source,
    kernel::{TokenId, words},
};

words! {
    /// How long the tokens before stay good beside a new one.
    Overlap {
        /// They end at once.
        None = "none",
        /// For an hour.
        Hour = "hour",
        /// For a day.
        Day = "day",
        /// For a week.
        Week = "week",
    }
}

impl Overlap {
    /// How long that is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Hour => Duration::HOUR,
            Self::Day => Duration::DAY,
            Self::Week => Duration::WEEK,
        }
    }
}

/// Gives a source a new token; the ones before run out after `overlap`. `newest` is the newest token
/// as whoever asks last saw it, so that the same request twice makes one token.
///
/// # Errors
/// [`SourceError::Stale`] when there is a newer one, [`SourceError::NotFound`] when there is no such source.
pub async fn rotate(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    source: &Source,
    newest: Option<TokenId>,
    overlap: Overlap,
) -> Result<Created, SourceError> {
    let mut tx = pool.begin().await?;
    let name = store::lock(&mut tx, source).await?.ok_or(SourceError::NotFound)?;
    if tokens::newest_of_source(&mut tx, source).await? != newest {
        return Err(SourceError::Stale);
    }
    tokens::run_out(&mut tx, source, now + overlap.duration()).await?;
    let secret = tokens::make(&mut tx, now, by, &name, Scope::Scim(source.clone())).await?;
    let details = json!({ "source": source.0, "name": name, "overlap": overlap });
    audit::record(&mut tx, now, &by.actor().by(), Verb::SourceRotated, About::default(), details)
        .await?;
    tx.commit().await?;
    Ok(Created { source: source.clone(), secret })
}

/// Takes every token of a source away, at once. It stays in lists, and may be given a new one.
///
/// # Errors
/// [`SourceError::NotFound`] when there is no such source.
pub async fn revoke(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    source: &Source,
) -> Result<(), SourceError> {
    let mut tx = pool.begin().await?;
    let name = store::lock(&mut tx, source).await?.ok_or(SourceError::NotFound)?;
    if tokens::revoke(&mut tx, now, source).await? > 0 {
        let details = json!({ "source": source.0, "name": name });
        let by = by.actor().by();
        audit::record(&mut tx, now, &by, Verb::SourceRevoked, About::default(), details).await?;
    }
    tx.commit().await?;
    Ok(())
}
