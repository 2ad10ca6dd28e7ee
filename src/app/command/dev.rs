//! `countersign dev`.

use std::time::Instant;

use clap::Subcommand;

use super::{AppError, Config, print, refused, with_house};
use crate::app::dev::{SeedError, Size, seed};

/// What helps those who work on Countersign.
#[derive(Debug, Subcommand)]
pub enum Dev {
    /// Fill an empty database with people and actions that are made up: the same for the same numbers.
    Seed(Size),
}

/// Does it.
///
/// # Errors
/// What has to be mended.
pub async fn dev(config: &Config, command: Dev) -> Result<(), AppError> {
    let Dev::Seed(size) = command;
    let begun = Instant::now();
    with_house(config, async |house| {
        let progress = |what: &str, number| {
            if number % 100_000 == 0 {
                eprintln!("{number} {what}");
            }
        };
        seed(&house.pool, house.clock.now(), size, progress).await.map_err(|error| match error {
            SeedError::Store(error) => AppError::Store(error),
            error => refused(error),
        })
    })
    .await?;
    let Size { people, actions, pending } = size;
    let seconds = begun.elapsed().as_secs_f64();
    print(format_args!(
        "{people} people, {actions} actions of which {pending} wait, in {seconds:.0} seconds"
    ))
}
