//! `countersign`: arguments in, one of the ways of running out.

use std::{io::ErrorKind, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use countersign::{
    app::{self, AppError, command},
    config::{self, Config, Environment, Overrides},
    telemetry,
};

/// A page, or somebody pushed by an identity provider, is thousands of small texts: a third of what such a request
/// cost us was the system's allocator. Without huge pages, in which it held nearly twice the memory for no time saved.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts a person between your directory and your EchoSign account.
#[derive(Debug, Parser)]
#[command(version, after_help = format!("Environment:\n{}", config::help()))]
struct Arguments {
    #[command(flatten)]
    settings: SettingArguments,
    #[command(subcommand)]
    way: Option<Way>,
}

#[derive(Debug, Args)]
struct SettingArguments {
    /// A TOML file of settings.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,
    /// Address and port to serve on.
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// How browsers reach it.
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// Where the embedded Postgres and the secret key are kept.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Way {
    /// Serve pages and work jobs (the default).
    Serve,
    /// Work jobs only, beside others on the same Postgres.
    Worker,
    /// A fresh world to try: embedded Postgres, sandbox EchoSign, sample people. Sign-in is printed.
    Demo,
    /// Bring the schema up to date.
    Migrate,
    /// Administrators.
    #[command(subcommand)]
    Admin(command::Admin),
    /// Bearer tokens.
    #[command(subcommand)]
    Token(command::Token),
    /// Apps.
    #[command(subcommand)]
    App(command::App),
    /// People.
    #[command(subcommand)]
    Users(command::Users),
    /// The queue.
    #[command(subcommand)]
    Actions(command::Actions),
    /// The history.
    #[command(subcommand)]
    Audit(command::Audit),
    /// For those who work on Countersign.
    #[command(subcommand, hide = true)]
    Dev(command::Dev),
}

fn main() -> ExitCode {
    let Arguments { settings, way } = Arguments::parse();
    let way = way.unwrap_or(Way::Serve);
    let is_demo = matches!(way, Way::Demo);
    let overrides = Overrides {
        config: settings.config,
        listen: settings.listen,
        public_url: settings.public_url,
        data_dir: settings.data_dir,
        demo: is_demo,
    };
    let config = match Config::load(&overrides, &Environment::read()) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(2);
        }
    };
    telemetry::start(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(config, way)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(AppError::Io(_, error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            match error {
                AppError::LeftOut(_) => ExitCode::from(3),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn run(config: Config, way: Way) -> Result<(), AppError> {
    let settings = &config;
    match way {
        Way::Serve => app::serve(settings).await,
        Way::Worker => app::work(settings).await,
        Way::Demo => app::demo(config).await,
        Way::Migrate => command::migrate(settings).await,
        Way::Admin(admin) => command::admin(settings, admin).await,
        Way::Token(token) => command::token(settings, token).await,
        Way::App(app) => command::app(settings, app).await,
        Way::Users(users) => command::users(settings, users).await,
        Way::Actions(actions) => command::actions(settings, actions).await,
        Way::Audit(audit) => command::audit(settings, audit).await,
        Way::Dev(dev) => command::dev(settings, dev).await,
    }
}
