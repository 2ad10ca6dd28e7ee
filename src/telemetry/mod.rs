//! The log.
//!
//! May use: config.
//!
//! It goes to standard error, as standard output is for what a command answers. It holds ids, never
//! names, addresses or bodies.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use crate::config::{Config, LogFormat};

/// Starts the log of this process, in the form and with the filter of the configuration.
///
/// Only the first call counts; tests may start it as often as they like.
pub fn start(config: &Config) {
    // The filter was parsed once already, when the configuration was checked.
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = registry().with(lines.with_filter(filter)).try_init();
}
