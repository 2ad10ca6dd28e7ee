//! `countersign demo`: a fresh world, with the sandbox EchoSign connected and a queue worth looking at.
//!
//! The world is made by the same use-cases that the pages call, on a clock that is held and moved on,
//! so that its history reads like one.

mod people;
mod world;

use std::{fs, io, sync::Arc};

use tokio_util::sync::CancellationToken;

use self::world::World;
use super::{AppError, Serving, serve::on_signal};
use crate::{
    config::{self, Config},
    db,
};

/// Serves a fresh demo until a signal.
///
/// # Errors
/// What ended it, unless that was a signal.
pub async fn demo(config: Config) -> Result<(), AppError> {
    let config = config.in_folder("demo");
    make_room(&config)?;
    println!("Making a fresh world …");
    let stop = on_signal();
    let Some(serving) = stop.run_until_cancelled(Serving::prepare(&config)).await.transpose()?
    else {
        return Ok(());
    };
    let (echosign, token) = serving.sandbox(&config)?;

    // The sandbox answers on our own address while the world is made, and nothing else does yet.
    let made = CancellationToken::new();
    let answering = serving.answer_only(Arc::clone(&echosign), made.clone())?;
    let world = World::new(&serving.house, Arc::clone(&echosign));
    let password = world.make(&serving.sandbox_url(), token).await;
    made.cancel();
    let answered = answering.await.map_err(io::Error::other).flatten();
    answered.map_err(|error| AppError::Io("the sandbox", error))?;
    let password = password?;

    println!("Countersign is at {}\n", serving.public_url);
    for someone in people::ADMINISTRATORS {
        println!("    {:<10} {:<30} {password}", someone.role, someone.email);
    }
    println!(
        "\nThe stand-in EchoSign shows its accounts at {}",
        serving.public_url.link("/sandbox/echosign")
    );
    println!("Ctrl-C ends it; the next start makes a new world.");
    serving.run(Some(echosign), true, stop).await
}

/// Clears the folder of an earlier demo.
fn make_room(config: &Config) -> Result<(), AppError> {
    if let config::Database::Embedded { folder, .. } = &config.database
        && db::embedded::find_running(folder).is_some()
    {
        let says =
            "a demo is running already; end it with Ctrl-C first, or set COUNTERSIGN_DATA_DIR";
        return Err(AppError::Refused(says.to_owned()));
    }
    match fs::remove_dir_all(&config.data_dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(AppError::Io("the folder of the last demo cannot be cleared", error))
        }
        _ => Ok(()),
    }
}
