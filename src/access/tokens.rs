//! Bearer tokens: shown once, stored hashed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Actor, Owner, Role, Who,
    store::{self, TokenRow},
};
use crate::{
    audit::{self, About, Verb},
    kernel::{Digest, TokenId},
};

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The JSON API, with a role.
    Api(Role),
    /// The SCIM server, for one identity provider.
    Scim,
}

impl Scope {
    const fn word(self) -> &'static str {
        match self {
            Self::Api(_) => "api",
            Self::Scim => "scim",
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
    let secret = format!("cs_{}", BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    let created_by = match by.actor().who {
        Who::Administrator(id) => Some(id),
        Who::Token(_, maker) => maker,
        Who::CommandLine => None,
    };
    let role = match scope {
        Scope::Api(role) => Some(role),
        Scope::Scim => None,
    };
    let token = TokenRow { id: TokenId::at(now), name: name.to_owned(), role, created_by };
    let mut tx = pool.begin().await?;
    store::insert_token(&mut tx, now, &token, scope.word(), Digest::of_bytes(secret.as_bytes()))
        .await?;
    let details = json!({ "name": name, "scope": scope.word(), "role": role });
    audit::record(&mut tx, now, &by.actor().by(), Verb::TokenCreated, About::default(), details)
        .await?;
    tx.commit().await?;
    Ok(secret)
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
    let token = store::use_token(pool, now, "api", hash).await?;
    Ok(token.and_then(|token| {
        Some(Actor {
            who: Who::Token(token.id, token.created_by),
            name: token.name,
            email: None,
            role: token.role?,
        })
    }))
}
