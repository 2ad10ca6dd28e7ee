//! Bearer tokens: shown once, stored hashed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    Actor, Owner, Role, Who,
    token_store::{self as store, TokenRow},
};
use crate::{
    audit::{self, About, Verb},
    directory::Source,
    kernel::{Digest, TokenId},
};

/// What a token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The JSON API, with a role.
    Api(Role),
    /// The SCIM server, for one identity provider.
    Scim(Source),
}

impl Scope {
    const fn word(&self) -> &'static str {
        match self {
            Self::Api(_) => "api",
            Self::Scim(_) => "scim",
        }
    }
}

/// Makes a token and returns its secret, which nothing can show again.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    name: &str,
    scope: Scope,
) -> sqlx::Result<String> {
    let mut tx = pool.begin().await?;
    let secret = make(&mut tx, now, by, name, scope).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The same in the caller's transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn make(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Owner,
    name: &str,
    scope: Scope,
) -> sqlx::Result<String> {
    let secret = format!("cs_{}", BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    let created_by = match by.actor().who {
        Who::Administrator(id) => Some(id),
        Who::Token(_, maker) => maker,
        Who::CommandLine => None,
    };
    let word = scope.word();
    let (role, source) = match scope {
        Scope::Api(role) => (Some(role), None),
        Scope::Scim(source) => (None, Some(source)),
    };
    let details = json!({ "name": name, "scope": word, "role": role, "source": source.as_ref().map(|s| &s.0) });
    let token = TokenRow { id: TokenId::at(now), name: name.to_owned(), role, created_by, source };
    store::insert_token(tx, now, &token, Digest::of_bytes(secret.as_bytes())).await?;
    audit::record(tx, now, &by.actor().by(), Verb::TokenCreated, About::default(), details).await?;
    Ok(secret)
}

/// Whoever shows a token of scope `scim`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScimClient {
    /// A source, which may change people.
    Known {
        /// Who acts.
        actor: Actor,
        /// From where.
        source: Source,
    },
    /// A source, by a token that is revoked or has run out.
    Spent(Source),
    /// Nobody we know.
    Stranger,
}

/// Whoever a SCIM token stands for. It does not matter whether the administrator who made it is
/// still there, and they are not the one who asks: the source is.
///
/// # Errors
/// When the database does not answer.
pub async fn scim_client(
    pool: &PgPool,
    now: OffsetDateTime,
    secret: &str,
) -> sqlx::Result<ScimClient> {
    let hash = Digest::of_bytes(secret.as_bytes());
    let Some((token, good)) = store::use_scim_token(pool, now, hash).await? else {
        return Ok(ScimClient::Stranger);
    };
    let Some(source) = token.source else { return Ok(ScimClient::Stranger) };
    if !good {
        return Ok(ScimClient::Spent(source));
    }
    let who = Who::Token(token.id, None);
    let actor = Actor { who, name: token.name, email: None, role: Role::Operator };
    Ok(ScimClient::Known { actor, source })
}

/// A token of a source that is still good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceToken {
    /// Which.
    pub id: TokenId,
    /// Whose.
    pub source: Source,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last shown, to the minute; `None` when it never was.
    pub last_used_at: Option<OffsetDateTime>,
    /// When it runs out, where that was said.
    pub expires_at: Option<OffsetDateTime>,
}

/// The good tokens of some sources, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_sources(
    pool: &PgPool,
    now: OffsetDateTime,
    sources: &[String],
) -> sqlx::Result<Vec<SourceToken>> {
    store::of_sources(pool, now, sources).await
}

/// The newest token that a source was ever given, good or not.
///
/// # Errors
/// When the database does not answer.
pub async fn newest_of_source(
    tx: &mut PgConnection,
    source: &Source,
) -> sqlx::Result<Option<TokenId>> {
    store::newest_of_source(tx, source).await
}

/// Has the good tokens of a source run out at `at`; one that does so before is left alone.
///
/// # Errors
/// When the database does not answer.
pub async fn run_out(
    tx: &mut PgConnection,
    source: &Source,
    at: OffsetDateTime,
) -> sqlx::Result<u64> {
    store::run_out(tx, source, at).await
}

/// Revokes every token of a source; says how many those were.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    source: &Source,
) -> sqlx::Result<u64> {
    store::revoke(tx, source, now).await
}

/// Whoever an API token stands for; `None` when it is unknown, revoked or of another scope.
///
/// # Errors
/// When the database does not answer.
pub async fn actor_of_api_token(
    pool: &PgPool,
    now: OffsetDateTime,
    secret: &str,
) -> sqlx::Result<Option<Actor>> {
    let hash = Digest::of_bytes(secret.as_bytes());
    let token = store::use_api_token(pool, now, hash).await?;
    Ok(token.and_then(|token| {
        Some(Actor {
            who: Who::Token(token.id, token.created_by),
            name: token.name,
            email: None,
            role: token.role?,
        })
    }))
}
