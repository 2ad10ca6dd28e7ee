//! `countersign token`.

use clap::{Subcommand, ValueEnum};

use super::{AppError, Config, print, refused, with_house};
use crate::{
    access::{Actor, Role, tokens},
    sources::{self, Provider},
};

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make one. It is printed once, alone on standard output; with scope scim, the base URL on standard error.
    Create {
        /// What it is called in the history; with scope scim, the source that it is for.
        #[arg(long)]
        name: String,
        /// What it opens.
        #[arg(long)]
        scope: Scope,
        /// With scope api, what it may do there: owner, operator, approver or auditor.
        #[arg(long)]
        role: Option<Role>,
        /// With scope scim, whose product pushes: okta, entra, onelogin, authentik, keycloak or other.
        #[arg(long)]
        provider: Option<Provider>,
    },
}

/// What a token opens.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Scope {
    /// The SCIM server, for one identity provider.
    Scim,
    /// The JSON API.
    Api,
}

/// Does it.
///
/// # Errors
/// What has to be mended.
pub async fn token(config: &Config, command: Token) -> Result<(), AppError> {
    let Token::Create { name, scope, role, provider } = command;
    let name = name.trim();
    if name.is_empty() {
        return Err(refused("--name: say what the token is for"));
    }
    match scope {
        Scope::Api if provider.is_some() => {
            return Err(refused(
                "--provider: only a token of scope scim has a provider; leave it away",
            ));
        }
        Scope::Scim if role.is_some() => {
            return Err(refused("--role: only a token of scope api has a role; leave it away"));
        }
        Scope::Api | Scope::Scim => {}
    }
    let secret = with_house(config, async |house| {
        let owner = Actor::command_line().owner().map_err(refused)?;
        let now = house.clock.now();
        match scope {
            Scope::Api => {
                let scope = tokens::Scope::Api(role.unwrap_or(Role::Auditor));
                Ok(tokens::create(&house.pool, now, &owner, name, scope).await?)
            }
            Scope::Scim => {
                let provider = provider.unwrap_or(Provider::Other);
                let made = sources::token_for(&house.pool, now, &owner, name, provider).await;
                Ok(made.map_err(|error| refused(format!("--name: {error}")))?.secret)
            }
        }
    })
    .await?;
    print(secret)?;
    if matches!(scope, Scope::Scim) {
        // Standard output is the token's alone.
        let base_url = config.public_url(config.listen).link(sources::SCIM_PATH);
        eprintln!("The base URL is {base_url}; COUNTERSIGN_PUBLIC_URL changes its beginning.");
    }
    Ok(())
}
