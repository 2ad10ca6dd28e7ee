//! Kills one thing after the other at random moments.

use std::time::{Duration, Instant};

use http::Method;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::time::sleep;

use crate::{client::Client, database, fleet::Fleet, postgres::Postgres, stand_in::StandIn};

/// How long it is between two kills, on average.
const EVERY: Duration = Duration::from_millis(1_200);
/// The longest that is.
const LONGEST: Duration = Duration::from_secs(6);
/// After so many kills everything is killed at once.
const POWER_CUT_AFTER: u32 = 14;
/// Which kinds need approval, in turn.
const BOXES: [&[&str]; 2] = [&["create", "delete"], &["create", "update", "suspend", "delete"]];

/// What was killed how often.
#[derive(Debug, Default)]
pub(crate) struct Kills {
    pub(crate) serve: u32,
    pub(crate) worker: u32,
    /// Times that all four were killed at once.
    pub(crate) power_cuts: u32,
    pub(crate) postgres: u32,
    /// Processes that were asked to end.
    pub(crate) restarts: u32,
    /// The longest time until a killed Postgres took connections again.
    pub(crate) longest_recovery: Duration,
}

impl Kills {
    /// All but those that were only asked.
    pub(crate) const fn all(&self) -> u32 {
        self.serve + self.worker + 4 * self.power_cuts + self.postgres
    }
}

pub(crate) struct Killer<'a> {
    fleet: &'a mut Fleet,
    postgres: &'a mut Postgres,
    stand_in: &'a StandIn,
    owner: Client,
    random: StdRng,
    pub(crate) kills: Kills,
}

impl<'a> Killer<'a> {
    pub(crate) fn new(
        fleet: &'a mut Fleet,
        postgres: &'a mut Postgres,
        stand_in: &'a StandIn,
        owner: Client,
        seed: u64,
    ) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { fleet, postgres, stand_in, owner, random, kills: Kills::default() }
    }

    /// Kills at least `kills` times, unless `until` comes before.
    pub(crate) async fn run(mut self, kills: u32, until: Instant) -> Kills {
        let mut next_power_cut = POWER_CUT_AFTER;
        while self.kills.all() < kills && Instant::now() < until {
            let pause = EVERY.mul_f64(-(1.0 - self.random.random::<f64>()).ln());
            sleep(pause.min(LONGEST)).await;
            if self.kills.all() >= next_power_cut {
                self.power_cut().await;
                next_power_cut = self.kills.all() + POWER_CUT_AFTER;
            } else {
                self.one().await;
            }
        }
        self.kills
    }

    /// One process most of the time; sometimes Postgres, sometimes a process that is only asked to end.
    async fn one(&mut self) {
        let place = self.random.random_range(0..self.fleet.len());
        match self.random.random_range(0..12) {
            0..2 => {
                let away = self.postgres.kill().await;
                self.kills.postgres += 1;
                self.kills.longest_recovery = self.kills.longest_recovery.max(away);
            }
            2 => {
                self.fleet.restart(place).await;
                self.kills.restarts += 1;
            }
            _ => {
                self.fleet.kill(place).await;
                match self.fleet.way(place) {
                    "serve" => self.kills.serve += 1,
                    _ => self.kills.worker += 1,
                }
            }
        }
    }

    /// Kills all four at once, lets the leases run out, and has them start with other kinds under approval.
    async fn power_cut(&mut self) {
        self.fleet.kill_all().await;
        self.kills.power_cuts += 1;
        self.stand_in.is_still().await;
        database::leases_run_out(&self.postgres.url()).await;
        self.fleet.start_all();
        let boxes = BOXES[self.kills.power_cuts as usize % BOXES.len()];
        let body = json!({ "approve": boxes });
        let path = "/api/v1/apps/echosign/provisioning";
        loop {
            let answer = self.owner.ask(Method::PATCH, path, Some(&body)).await;
            if answer.is_some_and(|answer| answer.is_accepted()) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        eprintln!("{} kills so far", self.kills.all());
    }
}
