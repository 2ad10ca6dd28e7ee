//! Serving pages and working jobs, until something ends it.

use std::{
    fs,
    future::{Future, IntoFuture},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::Arc,
};

use axum::Router;
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{AppError, Database, House, housekeeping};
use crate::{
    access::setup,
    api::{self, ApiState},
    config::{Config, PublicUrl},
    inbound::{self, InboundState, Rate},
    kernel::Digest,
    queue::{Intake, Tally, live::Live},
    sandbox::Sandbox,
    sources::log::Log,
    web::{self, WebState},
};

/// A server that listens and does not serve yet, so that whoever starts it can still arrange things.
#[derive(Debug)]
pub struct Serving {
    /// The parts.
    pub house: House,
    /// How browsers reach it.
    pub public_url: PublicUrl,
    /// Where it listens.
    pub address: SocketAddr,
    scim_rate: u32,
    database: Database,
    listener: std::net::TcpListener,
}

/// `countersign serve`: pages and jobs.
///
/// # Errors
/// What ended it, unless that was a signal.
pub async fn serve(config: &Config) -> Result<(), AppError> {
    let stop = on_signal();
    let Some(serving) = stop.run_until_cancelled(Serving::prepare(config)).await.transpose()?
    else {
        return Ok(());
    };
    let sandbox = config.sandbox.then(|| serving.sandbox(config)).transpose()?;
    if let Some(secret) = setup::open(&serving.house.pool, serving.house.clock.now()).await? {
        let link = serving.public_url.link(&web::paths::setup(&secret));
        println!("Create the first owner. This link works once:\n\n    {link}\n");
    } else {
        println!("Countersign is at {}", serving.public_url);
    }
    if let Some((_, token)) = &sandbox {
        let base = serving.sandbox_url();
        println!("The sandbox EchoSign is at {base} with the bearer token {token}");
    }
    serving.run(sandbox.map(|(sandbox, _)| sandbox), false, stop).await
}

/// `countersign worker`: jobs and no pages.
///
/// # Errors
/// What ended it, unless that was a signal.
pub async fn work(config: &Config) -> Result<(), AppError> {
    let stop = on_signal();
    let Some(database) = stop.run_until_cancelled(Database::open(config)).await.transpose()? else {
        return Ok(());
    };
    let house = House::build(config, &config.outbound_allow, database.pool.clone())?;
    println!("Working jobs.");
    let ended = background(&house, &stop);
    finish(database, stop, async { Ok(()) }, ended).await
}

/// Where the sandbox's SCIM server is.
const SANDBOX_SCIM: &str = "/sandbox/echosign/scim/v2";

impl Serving {
    /// Binds the address, then opens the database and builds the parts.
    ///
    /// # Errors
    /// What has to be mended.
    pub async fn prepare(config: &Config) -> Result<Self, AppError> {
        let failed = |error| AppError::Listen(config.listen, error);
        let listener =
            TcpListener::bind(config.listen).await.map_err(failed)?.into_std().map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let public_url = config.public_url(address);
        let database = Database::open(config).await?;
        // The sandbox is an app of our own, which may be reached although it is private.
        let outbound = config.outbound_allow.clone();
        let outbound = if config.sandbox { outbound.and(own(address).ip()) } else { outbound };
        let house = House::build(config, &outbound, database.pool.clone())?;
        let scim_rate = config.scim_rate;
        Ok(Self { house, public_url, address, scim_rate, database, listener })
    }

    /// The stand-in EchoSign, and the token it takes, which stays the same as long as the secret key does.
    ///
    /// # Errors
    /// When its accounts cannot be kept in the data directory.
    pub(super) fn sandbox(&self, config: &Config) -> Result<(Arc<Sandbox>, String), AppError> {
        let key = config.secret_key()?;
        let token = Digest::of_bytes(&[&key.expose_secret()[..], b"sandbox"].concat()).to_string();
        let token = format!("sandbox-{}", &token[..16]);
        // With a database elsewhere, nothing else has needed the folder yet.
        fs::create_dir_all(&config.data_dir)
            .map_err(|error| AppError::Io("the data directory", error))?;
        let stylesheet = web::assets::url("app.css").unwrap_or_default();
        let sandbox = Sandbox::new(token.clone(), Arc::clone(&self.house.clock), stylesheet)
            .kept_in(config.data_dir.join("sandbox-echosign.json"))?;
        Ok((Arc::new(sandbox), token))
    }

    /// Where the sandbox's SCIM server is, for ourselves.
    pub(super) fn sandbox_url(&self) -> String {
        format!("http://{}{SANDBOX_SCIM}", own(self.address))
    }

    /// Serves until `stop`, or until Postgres ends.
    ///
    /// # Errors
    /// What ended it, unless that was `stop`.
    pub async fn run(
        self,
        sandbox: Option<Arc<Sandbox>>,
        demo: bool,
        stop: CancellationToken,
    ) -> Result<(), AppError> {
        let (log, writer) = Log::open(self.house.pool.clone());
        let House { pool, clock, .. } = self.house.clone();
        let (live, feeder) = Live::open(pool, clock, stop.clone());
        let router = self.router(sandbox, demo, log, live);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let pages = axum::serve(self.listen()?, service)
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let pages = async { pages.await.map_err(|error| AppError::Io("serving pages", error)) };
        let mut ended = background(&self.house, &stop);
        ended.spawn(writer.run(stop.clone()));
        ended.spawn(feeder.run());
        finish(self.database, stop, pages, ended).await
    }

    fn listen(&self) -> Result<TcpListener, AppError> {
        let listening = self.listener.try_clone().and_then(TcpListener::from_std);
        listening.map_err(|error| AppError::Listen(self.address, error))
    }

    fn router(&self, sandbox: Option<Arc<Sandbox>>, demo: bool, log: Log, live: Live) -> Router {
        let House { pool, clock, connectors, passwords, .. } = self.house.clone();
        let api = api::router(ApiState {
            pool: pool.clone(),
            clock: Arc::clone(&clock),
            connectors: connectors.clone(),
        });
        let scim = inbound::router(InboundState {
            pool: pool.clone(),
            intake: Intake::open(pool.clone()),
            clock: Arc::clone(&clock),
            base: self.public_url.link(inbound::PATH).into(),
            rate: Rate::new(self.scim_rate, Arc::clone(&clock)),
            log,
        });
        let origin = self.public_url.to_string();
        let tally = Tally::default();
        let pages =
            web::router(WebState { pool, clock, connectors, passwords, live, tally, origin, demo });
        let router = pages.merge(api).merge(scim);
        web::guarded(match sandbox {
            Some(sandbox) => router.nest("/sandbox/echosign", sandbox.router()),
            None => router,
        })
    }

    /// Has the sandbox alone answer on our address, until `stop`.
    ///
    /// # Errors
    /// When the system has no more of what that takes.
    pub(super) fn answer_only(
        &self,
        sandbox: Arc<Sandbox>,
        stop: CancellationToken,
    ) -> Result<JoinHandle<io::Result<()>>, AppError> {
        let listener = self.listen()?;
        let router = Router::new().nest("/sandbox/echosign", sandbox.router());
        let answering =
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        Ok(tokio::spawn(answering.into_future()))
    }
}

/// How this machine reaches a server of its own: by loopback, when that listens everywhere.
fn own(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => address,
        IpAddr::V4(_) => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(_) => (Ipv6Addr::LOCALHOST, address.port()).into(),
    }
}

/// Starts what runs beside the pages.
fn background(house: &House, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(house.runner().run(stop.clone()));
    let House { pool, clock, keeps_requests, .. } = house.clone();
    tasks.spawn(housekeeping::keep(pool, clock, keeps_requests, stop.clone()));
    tasks
}

/// Waits for the first end: a signal, Postgres, or a part that should not have ended. Then ends the rest in order.
async fn finish(
    database: Database,
    stop: CancellationToken,
    pages: impl Future<Output = Result<(), AppError>>,
    mut tasks: JoinSet<()>,
) -> Result<(), AppError> {
    let mut running = pin!(async {
        pages.await?;
        stop.cancelled().await;
        Ok(())
    });
    let ended = tokio::select! {
        served = &mut running => served,
        how = database.ended() => Err(AppError::PostgresEnded(how)),
        Some(task) = tasks.join_next() => match task {
            // Asked to stop, a part may be quicker than the pages that are under way.
            Ok(()) if stop.is_cancelled() => running.await,
            Ok(()) => Err(AppError::Refused("a part of Countersign ended by itself".to_owned())),
            Err(panic) => Err(AppError::Refused(format!("a part of Countersign failed: {panic}"))),
        },
    };
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    database.close().await;
    ended
}

/// A token that the first interrupt or termination signal cancels. They are caught once this returns,
/// so that nothing is cut off between a start and its end.
pub(super) fn on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let cancel = stop.clone();
        match signal(kind) {
            Ok(mut signal) => drop(tokio::spawn(async move {
                signal.recv().await;
                tracing::info!("stopping");
                cancel.cancel();
            })),
            Err(error) => tracing::warn!(%error, "a signal cannot be caught"),
        }
    }
    stop
}
