//! The overview.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use time::{Duration, OffsetDateTime};
use tower_sessions::Session;

use super::{
    page,
    people::{Sources, called, name_of, sources},
    query,
};
use crate::{
    access::{Actor, Reader},
    apps::{self, App, PausedBy},
    directory,
    jobs::store::gates::{self, Gate},
    kernel::{UserId, sentence},
    queue::{
        self, Action, Totals,
        flow::gate_of,
        store::{
            COUNTED, Filter, Part, Tab,
            overview::{DAYS, Failures, Figures, LastSuccess, TRIES, Waiting},
        },
    },
    web::{
        overview::{AppLine, Fact, FailureLine, OverviewPage, Pile, Piles, Step, WaitLine},
        parts::{Badge, ChangeLine, Moment, count, counted, span},
        paths,
        problem::Problem,
        session::{self, May},
        shell::{Place, Shell},
        state::WebState,
        status,
        surroundings::{at_most, echosign},
    },
};

mod charts;

/// How many of those that wait are shown.
const OLDEST: usize = 10;

/// `GET /overview`
pub(super) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    let (pool, now, actor) = (&state.pool, state.clock.now(), reader.actor());
    let known = state.tally.now(pool, now).await?;
    let Totals { counts, oldest: since } = known.totals(pool).await?;
    let figures = known.figures(pool).await?;
    let app = echosign(&state).await?;
    let everything = apps::store::list(&mut *pool.acquire().await?).await?;
    let today = now.date();
    let shell = Shell::around(&state, actor, "Overview", Place::Overview, &app, counts.pending);
    page(&OverviewPage {
        shell: Shell { flash: session::said(&session).await?, ..shell },
        waiting: Some(counts.pending).filter(|waiting| *waiting > 0).map(at_most),
        since: since.map(|at| Moment::ago(at, now)),
        failed: Some(counts.failed).filter(|failed| *failed > 0).map(at_most),
        steps: steps(&state, actor, &app).await?,
        oldest: oldest(&state, now).await?,
        piles: piles(&state, counts.pending, &figures.waiting, &everything).await?,
        decisions: charts::decisions(&figures.decisions),
        took: charts::took(&figures.took, today - Duration::days(DAYS - 1), today),
        failures: figures.failures.iter().map(|one| failure(one, now)).collect(),
        apps: lines(&state, figures, &everything, now).await?,
    })
}

/// What is to be done before anything can be provisioned; nothing once all of it is.
async fn steps(state: &WebState, actor: &Actor, app: &App) -> Result<Vec<Step>, Problem> {
    let anybody = directory::store::list(&state.pool, "", None, 1).await?;
    let owner = |href, words| actor.owner().is_ok().then_some((href, words));
    let steps = vec![
        Step {
            title: "Connect EchoSign",
            says: "It takes the base URL of its SCIM API and a token. You are told what it found, or what to mend.",
            done: app.connection.is_some(),
            next: owner(paths::CONFIGURATION, "Connect it"),
        },
        Step {
            title: "Turn provisioning on",
            says: "And choose which changes wait until somebody has approved them.",
            done: app.provisioning.enabled,
            next: owner(paths::PROVISIONING, "Turn it on"),
        },
        Step {
            title: "Bring your people in",
            says: "From a CSV file, one by one, or pushed by your identity provider: see Sources.",
            done: !anybody.items.is_empty(),
            next: actor.operator().is_ok().then_some((paths::IMPORTS, "Import people")),
        },
    ];
    Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
}

async fn oldest(state: &WebState, now: OffsetDateTime) -> Result<Vec<WaitLine>, Problem> {
    let filter = Filter { tab: Some(Tab::Pending), ..Filter::default() };
    let (order, part) = (filter.order(), Part::First);
    let actions = queue::store::list(&state.pool, &filter, order, part, OLDEST).await?.actions;
    let ids: Vec<UserId> = actions.iter().map(|action| action.content.account).collect();
    let people = directory::store::names(&state.pool, &ids).await?;
    let line = |action: &Action| WaitLine {
        who: called(people.get(&action.content.account)).opening(paths::action(action.id)),
        kind: Badge::kind(action.content.kind),
        change: ChangeLine::of(action.content.kind, &action.content.changes),
        at: Moment::short(action.created_at, now),
    };
    Ok(actions.iter().map(line).collect())
}

async fn piles(
    state: &WebState,
    pending: i64,
    waiting: &[Waiting],
    apps: &[App],
) -> Result<Piles, Problem> {
    let of = (pending > COUNTED).then(|| format!("of the oldest {}", count(COUNTED)));
    Ok(Piles { of, ..piled(waiting, &sources(state).await?, apps) })
}

/// What waits, the largest pile first.
fn piled(waiting: &[Waiting], sources: &Sources, apps: &[App]) -> Piles {
    let kind = |one: &Waiting| (status::word(one.kind).to_owned(), format!("action:{}", one.kind));
    let source =
        |one: &Waiting| (name_of(sources, &one.source), format!("source:{}", one.source.0));
    let app = |one: &Waiting| {
        let app = apps.iter().find(|app| app.id == one.app);
        app.map(|app| (app.name.clone(), format!("app:{}", app.slug))).unwrap_or_default()
    };
    Piles {
        kinds: pile(waiting, kind),
        sources: pile(waiting, source),
        apps: pile(waiting, app),
        of: None,
    }
}

fn pile(waiting: &[Waiting], by: impl Fn(&Waiting) -> (String, String)) -> Vec<Pile> {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for one in waiting {
        *sums.entry(by(one)).or_default() += one.count;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| -sum);
    let pile = |((name, search), sum): ((String, String), i64)| Pile {
        name,
        count: count(sum),
        href: format!("{}{}", paths::QUEUE, query(&[("q", &search)])),
    };
    sums.into_iter().map(pile).collect()
}

fn failure(failed: &Failures, now: OffsetDateTime) -> FailureLine {
    let told = |number: i64, words: &str| {
        let number = usize::try_from(number).unwrap_or_default();
        (number > 0).then(|| format!("{} {words}", count(number)))
    };
    let stand = if failed.standing == 1 { "stands failed" } else { "stand failed" };
    FailureLine {
        cause: if failed.cause.is_empty() {
            "No cause was noted.".to_owned()
        } else {
            failed.cause.clone()
        },
        standing: told(failed.standing, stand),
        lately: told(failed.lately, "in the last 7 days"),
        href: paths::action(failed.newest),
        at: Moment::ago(failed.at, now),
    }
}

/// How each app is.
async fn lines(
    state: &WebState,
    figures: &Figures,
    apps: &[App],
    now: OffsetDateTime,
) -> Result<Vec<AppLine>, Problem> {
    let mut lines = Vec::new();
    for app in apps {
        let gate = gates::find(&state.pool, &gate_of(app.id)).await?;
        let mut facts = standing(app, &gate, now);
        let waits = figures.unsent.get(&app.id).copied().unwrap_or_default();
        facts.push(fact(
            "To be sent",
            if waits == 0 { "nothing".to_owned() } else { at_most(waits) },
        ));
        let last = figures.successes.get(&app.id).copied().unwrap_or(LastSuccess::Untried);
        facts.push(success(last, now));
        facts.extend(rate(&gate, now));
        lines.push(AppLine {
            name: app.name.clone(),
            href: if app.connection.is_some() { paths::SENDING } else { paths::CONFIGURATION },
            state: badge(app, &gate, now),
            facts,
        });
    }
    Ok(lines)
}

fn fact(name: &'static str, says: impl Into<String>) -> Fact {
    Fact { name, says: says.into(), at: None }
}

fn badge(app: &App, gate: &Gate, now: OffsetDateTime) -> Badge {
    match (&app.connection, &app.pause) {
        (None, _) => Badge::none("Not connected"),
        (Some(_), Some(pause)) if pause.by == PausedBy::Person => Badge::off("Paused"),
        (Some(_), Some(_)) => Badge::bad("Paused"),
        (Some(_), None) if !app.provisioning.enabled => Badge::off("Provisioning off"),
        (Some(_), None) if app.draining_at.is_some() => Badge::busy("Draining"),
        (Some(_), None) if gate.opens_at.is_some_and(|at| at > now) => Badge::again("Resting"),
        (Some(_), None) => Badge::good("Connected"),
    }
}

/// How it is connected and provisioned, and why nothing is sent where nothing is.
fn standing(app: &App, gate: &Gate, now: OffsetDateTime) -> Vec<Fact> {
    let verified = app.connection.as_ref().map(|connection| connection.verified_at);
    let connection = match verified {
        None => fact("Connection", "none yet"),
        Some(None) => fact("Connection", "not verified yet"),
        Some(Some(at)) => {
            Fact { at: Some(Moment::ago(at, now)), ..fact("Connection", "last verified") }
        }
    };
    let provisioning = if app.provisioning.enabled { "on" } else { "off" };
    let mut facts = vec![connection, fact("Provisioning", provisioning)];
    if let Some(pause) = &app.pause {
        facts.push(Fact { at: Some(Moment::ago(pause.at, now)), ..fact("Paused", "") });
        facts.push(fact("Why", sentence(&pause.because)));
    }
    if let Some(since) = app.draining_at {
        let says = "what was approved is still sent; asked for";
        facts.push(Fact { at: Some(Moment::ago(since, now)), ..fact("Draining", says) });
    }
    if let Some(until) = gate.opens_at.filter(|until| *until > now) {
        facts.push(fact("Resting", format!("for another {}, as it asked", span(until - now))));
    }
    facts
}

fn success(last: LastSuccess, now: OffsetDateTime) -> Fact {
    match last {
        LastSuccess::Untried => fact("Last success", "nothing was sent yet"),
        LastSuccess::NotLately => {
            fact("Last success", format!("none among its last tries (at most {})", count(TRIES)))
        }
        LastSuccess::At(at) => Fact { at: Some(Moment::ago(at, now)), ..fact("Last success", "") },
    }
}

/// How many requests are left, where they are limited.
fn rate(gate: &Gate, now: OffsetDateTime) -> Option<Fact> {
    let (left, _) = gate.left(now)?;
    let rate = usize::try_from(gate.rate.unwrap_or_default()).unwrap_or_default();
    let of = counted(rate, "request a minute", "requests a minute");
    Some(fact("Rate", format!("{of}, {} left right now", count(left.max(0)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apps::change::Kind, directory::Source, kernel::AppId};

    fn waiting(kind: Kind, source: &str, count: i64) -> Waiting {
        let app = AppId::at(OffsetDateTime::UNIX_EPOCH);
        Waiting { kind, app, source: Source(source.to_owned()), count }
    }

    #[test]
    fn what_waits_is_piled_up_with_the_largest_first_and_its_search() {
        let names = Sources::from([("okta".to_owned(), "Okta at Northwind".to_owned())]);
        let all = [
            waiting(Kind::Create, "okta", 1_200),
            waiting(Kind::Delete, "api", 5_000),
            waiting(Kind::Create, "api", 30),
        ];

        let piles = piled(&all, &names, &[]);

        let told = |piles: &[Pile]| -> Vec<_> {
            piles.iter().map(|pile| format!("{} {}", pile.name, pile.count)).collect()
        };
        assert_eq!(told(&piles.kinds), ["Delete 5,000", "Create 1,230"]);
        assert_eq!(told(&piles.sources), ["api 5,030", "Okta at Northwind 1,200"]);
        assert_eq!(piles.kinds[0].href, "/users/provisioning?q=action%3Adelete");
    }

    #[test]
    fn a_success_is_a_time_or_says_why_there_is_none() {
        let now = OffsetDateTime::UNIX_EPOCH;

        assert_eq!(success(LastSuccess::Untried, now).says, "nothing was sent yet");
        assert_eq!(
            success(LastSuccess::NotLately, now).says,
            "none among its last tries (at most 1,000)"
        );
        assert!(success(LastSuccess::At(now), now).at.is_some());
    }

    #[test]
    fn a_rate_that_is_spent_leaves_none_and_not_fewer() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let gate = |seconds| Gate {
            rate: Some(60),
            spent_until: Some(now + Duration::seconds(seconds)),
            ..Gate::default()
        };

        assert!(rate(&Gate::default(), now).is_none());
        for (seconds, says) in [
            (0, "60 requests a minute, 10 left right now"),
            (60, "60 requests a minute, 0 left right now"),
        ] {
            assert_eq!(rate(&gate(seconds), now).expect("a rate").says, says);
        }
    }
}
