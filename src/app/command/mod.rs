//! The commands beside a running Countersign, over the same use-cases as its pages.

mod actions;
mod admin;
mod app_flow;
mod app_settings;
mod apps;
mod audit;
mod dev;
mod token;
mod users;

use std::io::{self, Read, Write};

use secrecy::SecretString;

pub use self::{
    actions::{Actions, actions},
    admin::{Admin, admin},
    apps::{App, app},
    audit::{Audit, audit},
    dev::{Dev, dev},
    token::{Token, token},
    users::{Users, users},
};
use super::{AppError, Database, House};
use crate::config::Config;

/// `countersign migrate`.
///
/// # Errors
/// What has to be mended.
pub async fn migrate(config: &Config) -> Result<(), AppError> {
    Database::open(config).await?.close().await;
    print("The schema is up to date.")
}

/// Opens the house for one command, does it, and closes the house again.
async fn with_house<T>(
    config: &Config,
    command: impl AsyncFnOnce(House) -> Result<T, AppError>,
) -> Result<T, AppError> {
    let database = Database::open_beside(config).await?;
    let done = match House::build(config, &config.outbound_allow, database.pool.clone()) {
        Ok(house) => command(house).await,
        Err(error) => Err(error),
    };
    database.close().await;
    done
}

/// One secret from standard input, without the end of its line.
fn secret_from_stdin() -> Result<SecretString, AppError> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| AppError::Io("standard input", error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// Writes one line to standard output. A reader who has seen enough (`| head`) is no fault:
/// `main` ends quietly then.
fn print(line: impl std::fmt::Display) -> Result<(), AppError> {
    writeln!(io::stdout(), "{line}").map_err(|error| AppError::Io("standard output", error))
}

fn refused(why: impl std::fmt::Display) -> AppError {
    AppError::Refused(why.to_string())
}
