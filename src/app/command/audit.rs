//! `countersign audit`.

use clap::Subcommand;

use super::{AppError, Config, refused, with_house};
use crate::audit::{Verdict, seal, verify};

/// What can be done about the history.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the whole chain and say whether it holds; fails when it does not.
    Verify,
}

/// Does it.
///
/// # Errors
/// When the chain is broken.
pub async fn audit(config: &Config, command: Audit) -> Result<(), AppError> {
    let Audit::Verify = command;
    with_house(config, async |house| {
        while seal(&house.pool).await? > 0 {}
        match verify(&house.pool).await? {
            Verdict::Intact { sealed, head, .. } => {
                println!("Intact: {sealed} events, head {head}");
                Ok(())
            }
            Verdict::Broken { position, says } => {
                Err(refused(format!("Broken at position {position}: {says}")))
            }
        }
    })
    .await
}
