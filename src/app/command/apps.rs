//! `countersign app`.

use clap::Subcommand;

use super::{
    AppError, Config, House,
    app_flow::{drain, pause, resume},
    app_settings::{SetProvisioning, SetSending},
    print, refused, secret_from_stdin, with_house,
};
use crate::{
    access::{Actor, Owner},
    apps::{self, App as Known, ConnectorKind, Deletes, Lookups, Provisioning, Updates},
    jobs::store::gates,
    queue::{
        configure::{ConfigureError, configure},
        connect::{ConnectError, Wanted, connect},
        flow::{self, TuneError, Tuned, gate_of},
    },
};

/// What can be done about apps.
#[derive(Debug, Subcommand)]
pub enum App {
    /// Call an app, and store its connection when it answers.
    Connect {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
        /// scim or acrobat-sign.
        #[arg(long, default_value = "scim")]
        connector: ConnectorKind,
        /// Such as <https://api.echosign.example/scim/v2>.
        #[arg(long)]
        base_url: String,
        /// Read the bearer token from standard input; else the stored one is kept.
        #[arg(long)]
        token_stdin: bool,
    },
    /// Change how an app is provisioned, and how approved actions are sent to it. What is not named stays.
    Set {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
        /// How it is provisioned.
        #[command(flatten)]
        provisioning: SetProvisioning,
        /// How approved actions are sent to it.
        #[command(flatten)]
        sending: SetSending,
    },
    /// Stop sending to an app. What is approved waits.
    Pause {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
        /// Why; stands on every page while it is paused.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Ask a paused app whether it answers, and let it go on when it does.
    Resume {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
    },
    /// Send what is approved, and pause then.
    Drain {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
    },
}

/// Does it.
///
/// # Errors
/// What has to be mended.
pub async fn app(config: &Config, command: App) -> Result<(), AppError> {
    let token = match &command {
        App::Connect { token_stdin: true, .. } => Some(secret_from_stdin()?),
        _ => None,
    };
    with_house(config, async |house| {
        let owner = Actor::command_line().owner().map_err(refused)?;
        match command {
            App::Connect { app, connector, base_url, .. } => {
                let app = find(&house, &app).await?;
                let (updates, lookups, deletes) = match &app.connection {
                    Some(stored) => (stored.updates, stored.lookups, stored.deletes),
                    None => (Updates::Detect, Lookups::Detect, Deletes::Delete),
                };
                let wanted = Wanted { connector, base_url, token, updates, lookups, deletes };
                connect_app(&house, &owner, &app, wanted).await
            }
            App::Set { app, provisioning, sending } => {
                let app = find(&house, &app).await?;
                let rate = gates::find(&house.pool, &gate_of(app.id)).await?.rate;
                let provisioning = provisioning.over(app.provisioning)?;
                let tuned = sending.over(Tuned { sending: app.sending.clone(), rate })?;
                set(&house, &owner, &app, provisioning, &tuned).await
            }
            App::Pause { app, reason } => pause(&house, &find(&house, &app).await?, &reason).await,
            App::Resume { app } => resume(&house, &find(&house, &app).await?).await,
            App::Drain { app } => drain(&house, &find(&house, &app).await?).await,
        }
    })
    .await
}

async fn find(house: &House, slug: &str) -> Result<Known, AppError> {
    let app = apps::store::find_by_slug(&house.pool, slug).await?;
    app.ok_or_else(|| refused(format!("--app: there is no app {slug}; try echosign")))
}

async fn connect_app(
    house: &House,
    owner: &Owner,
    app: &Known,
    wanted: Wanted,
) -> Result<(), AppError> {
    let now = house.clock.now();
    let found = connect(&house.pool, &house.connectors, now, owner, app, wanted).await.map_err(
        |error| match error {
            ConnectError::Store(error) => AppError::Store(error),
            ConnectError::Refused(refusal) => refused(refusal.says(&app.name)),
            field @ ConnectError::Field { .. } => refused(field),
        },
    )?;
    let accounts =
        found.accounts.map_or_else(String::new, |count| format!(" It has {count} accounts."));
    print(format_args!("{} is connected.{accounts}", app.name))?;
    Ok(())
}

async fn set(
    house: &House,
    owner: &Owner,
    app: &Known,
    provisioning: Provisioning,
    tuned: &Tuned,
) -> Result<(), AppError> {
    let now = house.clock.now();
    let done =
        configure(&house.pool, now, owner, app, provisioning).await.map_err(
            |error| match error {
                ConfigureError::Store(error) => AppError::Store(error),
                ConfigureError::NotConnected { .. } => refused(error),
            },
        )?;
    flow::tune(&house.pool, now, owner, app, tuned).await.map_err(|error| match error {
        TuneError::Store(error) => AppError::Store(error),
        fields @ TuneError::Fields(_) => refused(fields),
    })?;
    print(format_args!("{}: saved.", app.name))?;
    for (kind, waiting) in done.still_waiting {
        print(format_args!(
            "{waiting} actions of kind {kind} still wait: clearing a box releases nothing."
        ))?;
    }
    if let Some(people) = done.without_account.filter(|people| *people > 0) {
        print(format_args!(
            "{people} people have no account yet. Queue them under Apps > {} > Provisioning.",
            app.name
        ))?;
    }
    Ok(())
}
