//! `countersign token`.

use clap::{Subcommand, ValueEnum};

use super::{AppError, Config, print, refused, with_house};
use crate::access::{Actor, Role, tokens};

/// What can be done about tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make one. It is printed once, alone on standard output.
    Create {
        /// What it is called in the history.
        #[arg(long)]
        name: String,
        /// What it opens.
        #[arg(long)]
        scope: Scope,
        /// With scope api, what it may do there: owner, operator, approver or auditor.
        #[arg(long)]
        role: Option<Role>,
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
    let Token::Create { name, scope, role } = command;
    let scope = match (scope, role) {
        (Scope::Api, role) => tokens::Scope::Api(role.unwrap_or(Role::Auditor)),
        (Scope::Scim, None) => tokens::Scope::Scim,
        (Scope::Scim, Some(_)) => {
            return Err(refused("--role: only a token of scope api has a role; leave it away"));
        }
    };
    if name.trim().is_empty() {
        return Err(refused("--name: say what the token is for"));
    }
    let secret = with_house(config, async |house| {
        let owner = Actor::command_line().owner().map_err(refused)?;
        Ok(tokens::create(&house.pool, house.clock.now(), &owner, name.trim(), scope).await?)
    })
    .await?;
    print(secret)?;
    Ok(())
}
