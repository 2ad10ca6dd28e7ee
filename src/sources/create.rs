//! Makes a source and its first token.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{Provider, store};
use crate::{
    access::{
        Owner,
        tokens::{self, Scope},
    },
    audit::{self, About, Verb},
    directory::Source,
    kernel::Digest,
};

/// The longest name of a source, in characters.
const LONGEST: usize = 60;
/// What is there from the first start, and what is an address of its own.
const RESERVED: [&str; 4] = ["console", "api", "csv", "new"];

/// A source with a new token.
#[derive(Debug, Clone)]
pub struct Created {
    /// The source.
    pub source: Source,
    /// The token, which nothing can show again.
    pub secret: String,
}

/// Why a source was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The name is empty, or too long, or none.
    #[error("Give it a name of at most {LONGEST} characters, such as Okta.")]
    Name,
    /// There is one of that name.
    #[error(
        "There is a source of this name. Give this one another, or rotate the token of that one."
    )]
    Taken,
    /// There is none.
    #[error("There is no such source.")]
    NotFound,
    /// It was given another token since it was looked at.
    #[error(
        "This source was given a new token meanwhile; nothing was changed now. Look at it again."
    )]
    Stale,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Makes a source and its first token.
///
/// # Errors
/// [`SourceError`] says what has to be mended.
pub async fn create(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    name: &str,
    provider: Provider,
) -> Result<Created, SourceError> {
    let name = name.trim();
    let source = slug(name).ok_or(SourceError::Name)?;
    let mut tx = pool.begin().await?;
    if !store::insert(&mut tx, now, &source, name, provider).await? {
        return Err(SourceError::Taken);
    }
    let details = json!({ "source": source.0, "name": name, "provider": provider });
    audit::record(&mut tx, now, &by.actor().by(), Verb::SourceCreated, About::default(), details)
        .await?;
    let secret = tokens::make(&mut tx, now, by, name, Scope::Scim(source.clone())).await?;
    tx.commit().await?;
    Ok(Created { source, secret })
}

/// A token for the source of that name, which is made if there is none: what a script asks for, and
/// may ask for again. Tokens made before stay good.
///
/// # Errors
/// [`SourceError`] says what has to be mended.
pub async fn token_for(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    name: &str,
    provider: Provider,
) -> Result<Created, SourceError> {
    let created = create(pool, now, by, name, provider).await;
    let (Err(SourceError::Taken), Some(source)) = (&created, slug(name.trim())) else {
        return created;
    };
    let scope = Scope::Scim(source.clone());
    let secret = tokens::create(pool, now, by, name.trim(), scope).await?;
    Ok(Created { source, secret })
}

/// The word that stands for a name in addresses and searches: `Okta (EU)` is `okta-eu`.
pub(super) fn slug(name: &str) -> Option<Source> {
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return None;
    }
    let plain = name.to_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let plain = words.collect::<Vec<_>>().join("-");
    match &*plain {
        "" => Some(Source(format!("source-{:.8}", Digest::of_bytes(name.as_bytes()).to_string()))),
        taken if RESERVED.contains(&taken) => Some(Source(format!("scim-{plain}"))),
        _ => Some(Source(plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_word() {
        for (name, expected) in [
            ("Okta (EU)", Some("okta-eu")),
            ("API", Some("scim-api")),
            ("New!", Some("scim-new")),
            ("", None),
            ("\u{65e5}\u{672c}", Some("source-cf2abf0c")),
            ("a\nb", None),
        ] {
            assert_eq!(slug(name).map(|source| source.0).as_deref(), expected, "{name}");
        }
        assert_eq!(slug(&"x".repeat(LONGEST + 1)), None);
    }
}
