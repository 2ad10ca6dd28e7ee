//! Kills Countersign and its Postgres at random moments under load, and then proves that every accepted change is
//! there, that every approved action had one effect at the app, and that none overtook another of its account. Run
//! it as `bin/crash`; docs/RELIABILITY.md says how it works and what it does not prove.
#![expect(clippy::expect_used, reason = "a test that cannot run can only stop")]

mod child;
mod client;
mod database;
mod deed;
mod fleet;
mod killer;
mod people;
mod postgres;
mod report;
mod reviewers;
mod stand_in;
mod verdict;

use std::{
    fs, mem,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use clap::Parser;
use futures_util::future::join_all;
use tokio::{
    signal,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use self::{
    client::Client,
    fleet::Fleet,
    killer::{Killer, Kills},
    people::{Heard, Life, Provider},
    postgres::Postgres,
    report::Report,
    reviewers::{Decided, Reviewer},
    stand_in::StandIn,
    verdict::Evidence,
};

/// How many identity providers push at once.
const PROVIDERS: u64 = 6;
/// How many reviewers decide at once.
const REVIEWERS: u64 = 2;
/// What part of the time may be spent on killing; the rest is for what was begun to come to its end.
const KILLING: f64 = 0.6;
/// How much longer than allowed it may take before it is given up.
const GRACE: Duration = Duration::from_mins(1);

/// Kills Countersign and its Postgres under load, and proves that nothing came of it.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many kills there shall be at least.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// What is chosen at random follows from it; what happens at which moment does not.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long all of it may take.
    #[arg(long, default_value_t = 8)]
    minutes: u64,
    /// Postgres answers before a commit is on disk (`synchronous_commit=off`), unless it is told otherwise.
    #[arg(long)]
    careless: bool,
    /// The folder of Postgres's programs.
    #[arg(long)]
    postgres: PathBuf,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    verdict::sees_what_is_wrong();
    let arguments = Arguments::parse();
    let folder = std::env::temp_dir().join(format!("countersign-crash-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let run = async { World::make(&arguments, folder.clone()).await.run(&arguments).await };
    let report = tokio::select! {
        report = timeout(arguments.whole() + GRACE, run) => report.ok(),
        _ = signal::ctrl_c() => {
            let _ = fs::remove_dir_all(&folder);
            return ExitCode::from(130);
        }
    };
    let is_content = report.as_ref().is_some_and(Report::is_content);
    match report {
        Some(report) => println!("{report}"),
        None => println!("It hung: somebody waits for ever."),
    }
    if is_content {
        let _ = fs::remove_dir_all(&folder);
        return ExitCode::SUCCESS;
    }
    println!("The logs and the database are in {}.", folder.display());
    ExitCode::FAILURE
}

impl Arguments {
    const fn whole(&self) -> Duration {
        Duration::from_mins(self.minutes)
    }
}

/// Everything that runs, and who may ask it.
struct World {
    postgres: Postgres,
    stand_in: Arc<StandIn>,
    fleet: Fleet,
    provider: Client,
    approver: Client,
    owner: Client,
    heard: Arc<Mutex<Heard>>,
    decided: Arc<Mutex<Decided>>,
}

/// What was started, and what ends it.
struct Load {
    stop: CancellationToken,
    providers: Vec<JoinHandle<Vec<Life>>>,
    stop_reviewers: CancellationToken,
    reviewers: Vec<JoinHandle<()>>,
}

impl World {
    async fn make(arguments: &Arguments, folder: PathBuf) -> Self {
        let postgres = Postgres::start(&arguments.postgres, &folder, arguments.careless).await;
        let stand_in = Arc::new(StandIn::start().await);
        let fleet = Fleet::new(&postgres.url(), &folder);
        let command = |arguments: &[&str], input| {
            fleet
                .command(arguments, input)
                .unwrap_or_else(|says| unreachable!("{arguments:?}: {says}"))
        };
        command(
            &["app", "connect", "--base-url", &stand_in.base_url(), "--token-stdin"],
            stand_in::TOKEN,
        );
        command(
            &[
                "app",
                "set",
                "--provisioning",
                "on",
                "--on-delete",
                "delete",
                "--approve",
                "create,delete",
            ],
            "",
        );
        let scim = command(&["token", "create", "--name", "Okta", "--scope", "scim"], "");
        let [approver, owner] = ["approver", "owner"].map(|role| {
            command(&["token", "create", "--name", role, "--scope", "api", "--role", role], "")
        });
        let provider = Client::new(fleet.addresses(), &scim);
        let (approver, owner) = (provider.with(&approver), provider.with(&owner));
        let (heard, decided) = (Arc::default(), Arc::default());
        Self { postgres, stand_in, fleet, provider, approver, owner, heard, decided }
    }

    async fn run(mut self, arguments: &Arguments) -> Report {
        let begin = Instant::now();
        self.fleet.start_all();
        let load = self.load(arguments.seed);
        let (fleet, postgres) = (&mut self.fleet, &mut self.postgres);
        let killer =
            Killer::new(fleet, postgres, &self.stand_in, self.owner.clone(), arguments.seed);
        let kills = killer.run(arguments.kills, begin + arguments.whole().mul_f64(KILLING)).await;
        load.stop.cancel();
        let lives = join_all(load.providers).await;
        let lives = lives.into_iter().flat_map(|lives| lives.expect("a provider")).collect();
        let killing = begin.elapsed();
        eprintln!(
            "{} kills in {:.0} s; now everything comes to its end",
            kills.all(),
            killing.as_secs_f64()
        );

        let open = self.quiet(begin + arguments.whole()).await;
        load.stop_reviewers.cancel();
        join_all(load.reviewers).await;
        let audit = self.fleet.command(&["audit", "verify"], "");
        self.fleet.end_all().await;
        let evidence = self.evidence(lives).await;
        let mut report = self.report(&evidence, &kills);
        report.took(killing, begin.elapsed());
        report.faults.extend(open);
        match audit {
            Ok(says) => report.row("countersign audit verify", says),
            Err(says) => report.faults.push(format!("countersign audit verify: {says}")),
        }
        if kills.all() < arguments.kills {
            report.faults.push(format!("there was time for {} kills only", kills.all()));
        }
        report
    }

    fn load(&self, seed: u64) -> Load {
        let (stop, stop_reviewers) = (CancellationToken::new(), CancellationToken::new());
        let providers = (0..PROVIDERS).map(|number| {
            let provider =
                Provider::new(self.provider.clone(), number, seed, Arc::clone(&self.heard));
            tokio::spawn(provider.push(stop.clone()))
        });
        let reviewer = |client: &Client| Reviewer::new(client.clone(), Arc::clone(&self.decided));
        let mut reviewers: Vec<_> = (0..REVIEWERS)
            .map(|number| {
                let seed = seed.wrapping_add(100 + number);
                tokio::spawn(reviewer(&self.approver).decide(seed, stop_reviewers.clone()))
            })
            .collect();
        reviewers.push(tokio::spawn(reviewer(&self.owner).retry(stop_reviewers.clone())));
        let (stand_in, until) = (Arc::clone(&self.stand_in), stop.clone());
        tokio::spawn(async move { stand_in.make_trouble(seed, until).await });
        Load { providers: providers.collect(), stop, stop_reviewers, reviewers }
    }

    /// Waits until nothing is left to be decided or done; what is left at `until`, in words.
    async fn quiet(&mut self, until: Instant) -> Option<String> {
        self.fleet.end_all().await;
        self.stand_in.is_still().await;
        database::leases_run_out(&self.postgres.url()).await;
        self.fleet.start_all();
        loop {
            let open = database::open(&self.postgres.url()).await;
            if open.is_empty() {
                return None;
            }
            if Instant::now() > until {
                return Some(format!("not everything came to its end: {open:?}"));
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    async fn evidence(&self, lives: Vec<Life>) -> Evidence {
        let decided = mem::take(&mut *self.decided.lock().unwrap_or_else(PoisonError::into_inner));
        Evidence {
            lives,
            decided,
            deeds: self.stand_in.deeds(),
            accounts: self.stand_in.accounts().await,
            kept: database::kept(&self.postgres.url()).await,
        }
    }

    fn report(&self, evidence: &Evidence, kills: &Kills) -> Report {
        let mut report = Report::new(evidence);
        report.killed(kills);
        report.asked(&self.provider.asked);
        report.pushed(evidence, &self.heard);
        report.decided(&evidence.decided);
        report.done(evidence, self.stand_in.changing());
        report.faults.extend(self.fleet.faults.iter().cloned());
        report
    }
}
