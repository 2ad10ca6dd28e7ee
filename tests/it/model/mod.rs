//! The central promise, against a model of it: what is approved, exactly that, is sent; in order for each account, once,
//! whatever fails. Random people, changes, decisions, settings, faults and dying workers; what fails is told as the
//! shortest script that fails.

mod accounts;
mod book;
mod decisions;
mod effects;
mod found;
mod quiet;
mod step;
mod work;
mod world;

use countersign::audit::{self, Verdict};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use self::{
    step::Step,
    world::{Differs, World},
};

/// How many scripts each of the four tests plays, unless `COUNTERSIGN_TEST_SEQUENCES` says how many all of them do.
const SCRIPTS: u32 = 250;

#[expect(clippy::disallowed_methods, reason = "config reads no variables of tests")]
fn scripts() -> u32 {
    let told = std::env::var("COUNTERSIGN_TEST_SEQUENCES").ok();
    told.map_or(SCRIPTS, |told| told.parse::<u32>().unwrap().div_ceil(4))
}

/// Plays one script from its beginning to rest, in a world that is used again.
async fn play(world: &mut World, script: &[Step]) -> Result<(), Differs> {
    world.begin_anew().await;
    for step in script {
        world.take(step).await.map_err(|differs| format!("at {step:?}: {differs}"))?;
    }
    world.comes_to_rest().await.map_err(|differs| format!("coming to rest: {differs}"))?;
    world.fits_together().await.map_err(|differs| format!("at rest: {differs}"))
}

/// The history holds, and whoever ends a world leaves nothing due.
async fn holds(world: &World) {
    while audit::seal(&world.app.pool).await.unwrap() {}
    let verdict = audit::verify(&world.app.pool).await.unwrap();
    assert!(matches!(verdict, Verdict::Intact { unsealed: 0, .. }), "{verdict:?}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Plays as many random scripts as are wanted. A world in which one failed is not used again.
fn random_scripts(seed: u8) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (runtime, random) = (runtime(), step::script());
    runtime.block_on(async {
        let mut world = World::new().await;
        for _ in 0..scripts() {
            let script = random.new_tree(&mut runner).unwrap().current();
            if let Err(differs) = play(&mut world, &script).await {
                world.app.leaves_jobs();
                tells(script, differs).await;
            }
        }
        holds(&world).await;
    });
}

/// Leaves out of a script that fails whatever it fails without, and tells the rest.
#[expect(clippy::panic, reason = "how a test fails")]
async fn tells(mut script: Vec<Step>, mut differs: Differs) {
    let mut size = script.len();
    while size > 0 {
        let mut at = 0;
        while at < script.len() {
            let mut less = script.clone();
            less.drain(at..(at + size).min(script.len()));
            match plays(&less).await {
                Ok(()) => at += size,
                Err(still) => (script, differs) = (less, still),
            }
        }
        size /= 2;
    }
    let steps: Vec<_> = script.iter().map(|step| format!("    {step:?},\n")).collect();
    panic!("{differs}\nscript:\n{}", steps.concat());
}

/// Plays one script in a world of its own.
async fn plays(script: &[Step]) -> Result<(), Differs> {
    let mut world = World::new().await;
    let played = play(&mut world, script).await;
    match played {
        Ok(()) => holds(&world).await,
        Err(_) => world.app.leaves_jobs(),
    }
    played
}

#[test]
fn whatever_happens_exactly_what_is_approved_is_sent_1() {
    random_scripts(1);
}

#[test]
fn whatever_happens_exactly_what_is_approved_is_sent_2() {
    random_scripts(2);
}

#[test]
fn whatever_happens_exactly_what_is_approved_is_sent_3() {
    random_scripts(3);
}

#[test]
fn whatever_happens_exactly_what_is_approved_is_sent_4() {
    random_scripts(4);
}
