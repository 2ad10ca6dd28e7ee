//! What an operator can set, read once at the start.
//!
//! May use: nothing.
//!
//! The only reader of the environment. The command line goes before the environment, the environment
//! before the file, the file before the defaults. Every fault is found at once and names its variable.

mod environment;
mod faults;
mod outbound;
mod public_url;
mod secret_key;
mod settings;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{self, Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

pub use environment::Environment;
pub use faults::Faults;
pub use outbound::OutboundAllow;
pub use public_url::PublicUrl;
pub use secret_key::{SecretKey, SecretKeyError};
use settings::Settings;
pub use settings::help;

/// Everything of ours; of the database library only what is wrong.
const DEFAULT_LOG: &str = "info,sqlx=warn";
/// A demo is for looking at its pages.
const DEMO_LOG: &str = "warn";

/// What the command line says; it goes before everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config`: the TOML file.
    pub config: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--public-url`.
    pub public_url: Option<String>,
    /// `--data-dir`.
    pub data_dir: Option<String>,
    /// A demo: with the sandbox and the embedded Postgres, whatever else is said, and a quiet log.
    pub demo: bool,
}

impl Overrides {
    /// Name of the setting, option, value.
    fn named(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let sandbox = self.demo.then_some("on");
        [
            ("listen", "--listen", self.listen.as_deref()),
            ("public_url", "--public-url", self.public_url.as_deref()),
            ("data_dir", "--data-dir", self.data_dir.as_deref()),
            ("sandbox", "the command", sandbox),
        ]
        .into_iter()
        .filter_map(|(name, option, value)| Some((name, option, value?)))
    }
}

/// Which Postgres.
#[derive(Debug, Clone)]
pub enum Database {
    /// One that is there (`DATABASE_URL`).
    Url(SecretString),
    /// One that we start.
    Embedded {
        /// Where it lives: `postgres` in the data dir.
        folder: PathBuf,
        /// The folder of its programs (`COUNTERSIGN_POSTGRES_PROGRAMS`), unless they are to be looked for.
        programs: Option<PathBuf>,
    },
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Everything that was set, checked.
#[derive(Debug)]
pub struct Config {
    /// Where to serve (`COUNTERSIGN_LISTEN`).
    pub listen: SocketAddr,
    /// `COUNTERSIGN_DATA_DIR`, an absolute path.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`, or else an embedded one.
    pub database: Database,
    /// At most so many connections to it (`COUNTERSIGN_DATABASE_CONNECTIONS`).
    pub database_connections: u32,
    /// What may be called although it is private (`COUNTERSIGN_OUTBOUND_ALLOW`).
    pub outbound_allow: OutboundAllow,
    /// How many requests a second each source may make, none for no limit (`COUNTERSIGN_SCIM_RATE`).
    pub scim_rate: u32,
    /// What is logged, in the words of `tracing`'s filter (`COUNTERSIGN_LOG`).
    pub log: String,
    /// `COUNTERSIGN_LOG_FORMAT`.
    pub log_format: LogFormat,
    /// How long requests of identity providers are kept, in days (`COUNTERSIGN_REQUEST_LOG_DAYS`).
    pub request_log_days: u16,
    /// Whether the stand-in EchoSign is served (`COUNTERSIGN_SANDBOX`).
    pub sandbox: bool,
    public_url: Option<PublicUrl>,
    secret_key: Option<SecretKey>,
}

impl Config {
    /// Reads and checks every setting.
    ///
    /// # Errors
    /// All the [`Faults`] there are, not only the first.
    pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Self, Faults> {
        let mut settings = Settings::gather(overrides, environment);
        let listen = settings.read("listen", listen);
        let public_url = settings.read("public_url", PublicUrl::parse);
        let data_dir =
            settings.read("data_dir", absolute).or_else(|| default_data_dir(environment));
        let url = settings.read("database_url", database_url).filter(|_| !overrides.demo);
        let programs = settings.read("postgres_programs", absolute);
        let database_connections = settings.read("database_connections", connections);
        let secret_key = settings.read("secret_key", secret_key::parse);
        let outbound_allow = settings.read("outbound_allow", OutboundAllow::parse);
        let scim_rate = settings.read("scim_rate", rate);
        let log = settings.read("log", log_filter);
        let log_format = settings.read("log_format", log_format);
        let request_log_days = settings.read("request_log_days", days);
        let sandbox = settings.read("sandbox", switch);

        let mut faults = settings.faults;
        if data_dir.is_none() {
            faults.add("COUNTERSIGN_DATA_DIR is not set and there is no home directory: set it to a folder for data");
        }
        let config = data_dir.map(|data_dir| Self {
            listen: listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            database: url.map_or_else(
                || Database::Embedded { folder: data_dir.join("postgres"), programs },
                Database::Url,
            ),
            data_dir,
            database_connections: database_connections.unwrap_or(20),
            outbound_allow: outbound_allow.unwrap_or_default(),
            scim_rate: scim_rate.unwrap_or(100),
            log: log
                .unwrap_or_else(|| if overrides.demo { DEMO_LOG } else { DEFAULT_LOG }.to_owned()),
            log_format: log_format.unwrap_or(LogFormat::Text),
            request_log_days: request_log_days.unwrap_or(14),
            sandbox: sandbox.unwrap_or(false),
            public_url,
            secret_key,
        });
        faults.unless_any(config)
    }

    /// The same for a world of its own, in a folder of the data dir.
    #[must_use]
    pub fn in_folder(mut self, name: &str) -> Self {
        self.data_dir.push(name);
        if let Database::Embedded { folder, .. } = &mut self.database {
            *folder = self.data_dir.join("postgres");
        }
        self
    }

    /// How browsers reach it (`COUNTERSIGN_PUBLIC_URL`), or else where it turned out to listen.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of(listening))
    }

    /// The key that credentials are sealed with: `COUNTERSIGN_SECRET_KEY`, or else the one in
    /// `secret.key` in the data dir, which is made when there is none.
    ///
    /// # Errors
    /// [`SecretKeyError`] when that file cannot be used.
    pub fn secret_key(&self) -> Result<SecretKey, SecretKeyError> {
        match &self.secret_key {
            Some(key) => Ok(SecretKey::new(Box::new(*key.expose_secret()))),
            None => secret_key::in_file(&self.data_dir.join("secret.key")),
        }
    }
}

fn default_data_dir(environment: &Environment) -> Option<PathBuf> {
    if environment.is_root {
        return Some(PathBuf::from("/var/lib/countersign"));
    }
    let absolute = |name| environment.find(name).map(Path::new).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .map(|data| data.join("countersign"))
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share/countersign")))
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        "write an address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned()
    })
}

fn absolute(text: &str) -> Result<PathBuf, String> {
    path::absolute(text).map_err(|error| format!("write a path ({error})"))
}

fn database_url(text: &str) -> Result<SecretString, String> {
    let is_postgres =
        Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
    if is_postgres {
        Ok(text.into())
    } else {
        Err("write postgres://user:password@host:5432/database, with special characters percent-encoded".to_owned())
    }
}

fn connections(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| (2..=1000).contains(number))
        .ok_or_else(|| "write a number from 2 to 1000".to_owned())
}

fn rate(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|number| *number <= 1_000_000).ok_or_else(|| {
        "write how many requests a second, up to 1000000, or 0 for no limit".to_owned()
    })
}

fn days(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|days| (1..=366).contains(days))
        .ok_or_else(|| "write a number of days from 1 to 366".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            Err(format!("write a level, or levels by part, such as info,sqlx=warn ({error})"))
        }
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("write text or json".to_owned()),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

#[cfg(test)]
mod tests;
