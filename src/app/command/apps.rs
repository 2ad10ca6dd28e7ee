//! `countersign app`.

use clap::{Subcommand, ValueEnum};

use super::{AppError, Config, House, print, refused, secret_from_stdin, with_house};
use crate::{
    access::{Actor, Owner},
    apps::{
        self, App as Known, Approvals, ConnectorKind, Deletes, Lookups, OnDelete, OnSuspend,
        Provisioning, Updates,
    },
    queue::{
        configure::{ConfigureError, configure},
        connect::{ConnectError, Wanted, connect},
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
    /// Change how an app is provisioned. What is not named stays.
    Set {
        /// The app's name in addresses.
        #[arg(long, default_value = "echosign")]
        app: String,
        /// Enable provisioning.
        #[arg(long)]
        provisioning: Option<Switch>,
        /// Which kinds require admin approval: create, update, suspend, delete with commas, or none.
        #[arg(long)]
        approve: Option<String>,
        /// When users are deleted: delete, suspend or nothing.
        #[arg(long)]
        on_delete: Option<OnDelete>,
        /// When users are suspended: suspend or nothing.
        #[arg(long)]
        on_suspend: Option<OnSuspend>,
        /// Whether nobody may approve what they asked for.
        #[arg(long)]
        four_eyes: Option<Switch>,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
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
            App::Set { app, provisioning, approve, on_delete, on_suspend, four_eyes } => {
                let app = find(&house, &app).await?;
                let stored = app.provisioning;
                let wanted = Provisioning {
                    enabled: provisioning.map_or(stored.enabled, |switch| switch == Switch::On),
                    approve: approve.as_deref().map_or(Ok(stored.approve), approvals)?,
                    on_delete: on_delete.unwrap_or(stored.on_delete),
                    on_suspend: on_suspend.unwrap_or(stored.on_suspend),
                    four_eyes: four_eyes.map_or(stored.four_eyes, |switch| switch == Switch::On),
                };
                set(&house, &owner, &app, wanted).await
            }
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
    wanted: Provisioning,
) -> Result<(), AppError> {
    let done =
        configure(&house.pool, house.clock.now(), owner, app, wanted).await.map_err(|error| {
            match error {
                ConfigureError::Store(error) => AppError::Store(error),
                ConfigureError::NotConnected { .. } => refused(error),
            }
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

fn approvals(text: &str) -> Result<Approvals, AppError> {
    let mut approvals = Approvals { create: false, update: false, suspend: false, delete: false };
    for word in text.split(',').map(str::trim).filter(|word| *word != "none") {
        match word {
            "create" => approvals.create = true,
            "update" => approvals.update = true,
            "suspend" => approvals.suspend = true,
            "delete" => approvals.delete = true,
            _ => {
                return Err(refused(format!(
                    "--approve: {word} must be one of create, update, suspend, delete, or none"
                )));
            }
        }
    }
    Ok(approvals)
}
