//! Whether, and how fast, approved actions go out to an app. Deciding goes on whatever stands here.

mod drain;
pub(super) mod gate;
mod pause;
mod resume;
mod tune;

use super::late::minute;
use crate::apps::{App, Pause};

pub use self::{
    drain::{drain, finish_draining},
    gate::{Unwell, gate_of},
    pause::pause,
    resume::{PROBE, Probed, probe, resume},
    tune::{MOST_A_MINUTE, TuneError, Tuned, tune},
};

/// Says that an app is paused, why, and since when.
fn is_paused(app: &App, pause: &Pause) -> FlowError {
    let (name, at, because) = (&app.name, minute(pause.at), &pause.because);
    FlowError::Already(format!("{name} is paused already, since {at}. {because}"))
}

/// Why sending was not stopped, or not let go on.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// Somebody or something was quicker; says what is so.
    #[error("{0}")]
    Already(String),
    /// The app was asked first, and this is why it stays paused.
    #[error("{0} Nothing was changed: it stays paused.")]
    Unanswered(String),
    /// The reason cannot be kept.
    #[error("{0}")]
    Reason(&'static str),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}
