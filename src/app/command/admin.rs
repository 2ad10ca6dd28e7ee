//! `countersign admin`.

use clap::Subcommand;

use super::{AppError, Config, print, refused, secret_from_stdin, with_house};
use crate::access::{Actor, AdministratorError, NewAdministrator, Role, create_administrator};

/// What can be done about administrators.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make one. Without --password-stdin, a password is made and printed once.
    Create {
        /// What they sign in with.
        #[arg(long)]
        email: String,
        /// What they are called.
        #[arg(long)]
        name: String,
        /// owner, operator, approver or auditor.
        #[arg(long)]
        role: Role,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Does it.
///
/// # Errors
/// What has to be mended.
pub async fn admin(config: &Config, command: Admin) -> Result<(), AppError> {
    let Admin::Create { email, name, role, password_stdin } = command;
    let made = (!password_stdin).then(|| format!("{:032x}", rand::random::<u128>()));
    let password = match &made {
        Some(made) => made.clone().into(),
        None => secret_from_stdin()?,
    };
    with_house(config, async |house| {
        let new = NewAdministrator { email, name, role, password };
        let by = Actor::command_line().by();
        create_administrator(&house.pool, house.clock.now(), &house.passwords, &by, new)
            .await
            .map_err(|error| match error {
                AdministratorError::Store(error) => AppError::Store(error),
                field @ AdministratorError::Field { .. } => refused(field),
            })
    })
    .await?;
    if let Some(made) = made {
        print(made)?;
    }
    Ok(())
}
