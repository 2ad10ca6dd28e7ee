//! The page of one action.

use time::{Duration, OffsetDateTime};
use tower_sessions::Session;

use super::{
    super::{
        people::{Sources, groups_of, name_of, sources, who},
        queue::{Asked, Hints, Understood},
    },
    callouts::{Told, callouts},
    decision::{Waiting, decision},
    past::{self, CameBack},
};
use crate::{
    access::Actor,
    apps::{ConnectorKind, change::Content},
    audit, jobs,
    kernel::ActionId,
    queue::{
        self, Action, State as ActionState,
        preview::{Preview, Read},
        store::{AttemptOutcome, Part, attempts},
    },
    web::{
        action::{ActionPage, Beside, Folded, Planned},
        parts::{
            Attempt, Badge, Callout, CandidateLine, Diff, Exchange, Moment, RequestBlock, counted,
        },
        paths,
        problem::Problem,
        shell::{Crumb, Place, Shell},
        state::WebState,
        status, story,
    },
};

/// After how many seconds a page looks again where something is about to happen …
const SOON: i64 = 2;
/// … and where that takes a while.
const SELDOM: i64 = 10;

/// What was typed before the page was drawn again, and what is to be said about it.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) reason: String,
    pub(super) refused: Option<String>,
    pub(super) said: Option<Callout>,
    /// The list that the action was opened from.
    pub(super) list: Asked,
}

impl Typed {
    /// Nothing was typed, and it was opened from `list`.
    pub(super) fn of(list: Asked) -> Self {
        Self { list, ..Self::default() }
    }
}

pub(super) async fn drawn(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    preview: Preview,
    mut typed: Typed,
) -> Result<ActionPage, Problem> {
    let now = state.clock.now();
    let action = &preview.action;
    let tried = attempts(&state.pool, action.id).await?;
    let events = audit::of_action(&state.pool, action.id).await?;
    let waiting = waiting(state, &preview, !tried.is_empty()).await?;
    let came_back = past::came_back(&events).filter(|_| is_open_to_compare(&preview));
    let hints = Hints::load(&state.pool, std::slice::from_ref(action)).await?;
    let beside = beside(state, actor, &typed.list, action).await?;
    let context = typed.list.kept();
    let title = format!("{} {}", status::word(action.content.kind), preview.user.profile.name());
    let shell = Shell::load(state, session, actor, &title, Place::Queue).await?;
    let sources = sources(state).await?;
    let told = Told { events: &events, came_back: came_back.as_ref(), waiting: &waiting, now };
    let callouts = callouts(&preview, &told);
    Ok(ActionPage {
        shell: shell.by_way_of(way_to(action, &typed.list)),
        context,
        beside,
        id: action.id,
        number: format!("#{}", action.number),
        user: preview.user.id,
        who: who(&preview.user),
        groups: groups_of(state, preview.user.id).await?,
        app: preview.app.name.clone(),
        kind: Badge::kind(action.content.kind),
        state: status::badge(action.state.status()),
        source: name_of(&sources, &action.source),
        asked: Moment::ago(action.created_at, now),
        folded: folded(&events, &sources, now),
        hints: hints.on(action, &sources),
        callouts: typed.said.take().into_iter().chain(callouts).collect(),
        candidates: candidates(&preview, actor),
        approved: came_back.as_ref().map(|back| approved(&preview, back, now)),
        diff: diff(&preview, came_back.as_ref(), now),
        planned: planned(&preview),
        language: language(&preview),
        attempts: tried.iter().map(|attempt| draw_attempt(attempt, now)).collect(),
        timeline: events.iter().map(|event| story::entry(event, now)).collect(),
        decide: decision(&preview, actor, &waiting, typed, now),
        again: again(&preview, &waiting, now),
    })
}

/// The ways to the neighbours of an action in the list it was opened from.
async fn beside(
    state: &WebState,
    actor: &Actor,
    list: &Asked,
    action: &Action,
) -> Result<Option<Beside>, Problem> {
    if list.kept().is_empty() {
        return Ok(None);
    }
    let Understood { filter, order, .. } = list.understood(state.clock.now(), actor);
    let (previous, next) = queue::store::neighbours(&state.pool, &filter, order, action).await?;
    let to = |id: Option<ActionId>| id.map(|id| list.of_action(id));
    Ok(Some(Beside { previous: to(previous), next: to(next) }))
}

fn way_to(action: &Action, list: &Asked) -> [Crumb; 3] {
    [
        Crumb::at("Users"),
        Crumb::to("Provisioning", list.at(Part::First)),
        Crumb::at(format!("#{}", action.number)),
    ]
}

/// What an action waits for, and what waits for it.
async fn waiting(state: &WebState, preview: &Preview, tried: bool) -> Result<Waiting, Problem> {
    let action = &preview.action;
    let (lane, job) = (action.lane(), action.job());
    let due_at = jobs::store::due_at(&state.pool, &lane, &job).await?;
    let before = match &*preview.waits_for {
        [] => Vec::new(),
        numbers => queue::store::numbered(&state.pool, preview.user.id, numbers).await?,
    };
    let behind = match action.state {
        ActionState::Failed(..) => jobs::store::behind(&state.pool, &lane, &job).await?,
        _ => 0,
    };
    Ok(Waiting { tried, due_at, before, behind })
}

/// After how many seconds the page looks again: soon where something is about to happen, and not at all
/// where nothing does by itself.
fn again(preview: &Preview, waiting: &Waiting, now: OffsetDateTime) -> Option<i64> {
    let goes_out =
        matches!(preview.action.state, ActionState::Approved(_) | ActionState::Sending(_));
    if !goes_out || !preview.app.is_open() || waiting.is_held_up() {
        return None;
    }
    let far = waiting.due_at.is_some_and(|at| at - now > Duration::seconds(SOON + SELDOM));
    Some(if far { SELDOM } else { SOON })
}

/// Whether what was approved says anything beside what would be done now.
fn is_open_to_compare(preview: &Preview) -> bool {
    preview.action.state == ActionState::Pending && preview.candidates.is_empty()
}

/// Newer changes that became part of the action, in a line.
fn folded(events: &[audit::Event], sources: &Sources, now: OffsetDateTime) -> Option<Folded> {
    let folded = past::folded(events)?;
    let mut says = Vec::new();
    for (source, times) in folded.from {
        let name = name_of(sources, &source);
        says.push(match &*says {
            [] => format!("{} from {name}", counted(times, "change", "changes")),
            _ => format!("{times} from {name}"),
        });
    }
    let last = says.pop().unwrap_or_default();
    let says = if says.is_empty() { last } else { format!("{} and {last}", says.join(", ")) };
    Some(Folded { says, last: Moment::ago(folded.last, now) })
}

fn candidates(preview: &Preview, actor: &Actor) -> Vec<CandidateLine> {
    if preview.action.state != ActionState::Pending {
        return Vec::new();
    }
    let barred = preview.action.bars(actor, &preview.app);
    let may = actor.approver().is_ok() && !barred;
    let choose = |id: ActionId| may.then(|| paths::action_step(id, "link"));
    let lines = preview.candidates.iter();
    lines.map(|one| CandidateLine::of(one, choose(preview.action.id))).collect()
}

fn language(preview: &Preview) -> String {
    let connector = preview.app.connection.as_ref().map(|connection| connection.connector);
    match connector {
        Some(ConnectorKind::AcrobatSign) => "Acrobat Sign REST v6",
        Some(ConnectorKind::Scim) | None => "SCIM 2.0",
    }
    .to_owned()
}

fn diff(preview: &Preview, came_back: Option<&CameBack>, now: OffsetDateTime) -> Diff {
    // What an account has now says nothing about what a finished action left as it was.
    let over = preview.action.state.ended_at().is_some();
    let present = preview.present.as_ref().filter(|_| !over);
    let mut diff = Diff::of(&preview.content, present, preview.app.name.clone());
    if over {
        return diff.past();
    }
    if let Some(back) = came_back {
        diff = diff.headed("What would be done now", None).since(&back.changes);
    }
    match &preview.read {
        Read::Live { at } => diff.read(Moment::ago(*at, now)),
        Read::Confirmed { because: None, .. } => diff,
        // The accounts that may be meant stand above it, and say so themselves.
        Read::Confirmed { .. } if !preview.candidates.is_empty() => diff,
        Read::Confirmed { at, because: Some(why) } => {
            let had = at.map(|at| Moment::ago(at, now));
            if preview.waits_for.is_empty() {
                diff.unread(why.clone(), had)
            } else {
                diff.unasked(why.clone(), had)
            }
        }
    }
}

/// What was approved before it came back.
fn approved(preview: &Preview, back: &CameBack, now: OffsetDateTime) -> Diff {
    let content = Content { changes: back.changes.clone(), ..preview.content.clone() };
    let diff = Diff::of(&content, None, preview.app.name.clone());
    diff.headed(format!("What {} approved", back.by), back.at.map(|at| Moment::ago(at, now)))
}

fn planned(preview: &Preview) -> Planned {
    if preview.action.state != ActionState::Pending {
        return Planned::Past;
    }
    if !preview.candidates.is_empty() {
        let says = "Nothing, before somebody has said which account is theirs.";
        return Planned::Unknown(says.to_owned());
    }
    if preview.requests.is_empty() {
        return match &preview.read {
            Read::Live { .. } => {
                Planned::Nothing(format!("{} has all of this already.", preview.app.name))
            }
            Read::Confirmed { .. } => {
                Planned::Unknown(format!("It can be told once {} answers.", preview.app.name))
            }
        };
    }
    let blocks = preview.requests.iter().enumerate().map(|(at, request)| {
        RequestBlock::new(
            format!("request-{}", at + 1),
            &*request.method,
            &*request.path,
            request.body.as_ref(),
        )
    });
    Planned::Requests(blocks.collect())
}

fn draw_attempt(attempt: &queue::store::Attempt, now: OffsetDateTime) -> Attempt {
    let outcome = match attempt.ended.map(|(_, outcome)| outcome) {
        None => Badge::busy("Under way"),
        Some(AttemptOutcome::Provisioned) => Badge::good("Provisioned"),
        Some(AttemptOutcome::Adopted) => Badge::good("Taken over"),
        Some(AttemptOutcome::Again) => Badge::again("Tried again later"),
        Some(AttemptOutcome::Failed) => Badge::bad("Failed"),
        Some(AttemptOutcome::Drifted) => Badge::over("Not sent"),
    };
    let exchanges = attempt.exchanges.iter().enumerate().map(|(at, exchange)| {
        let id = format!("attempt-{}-{}", attempt.number, at + 1);
        let request = &exchange.request;
        let (status, took) = (exchange.status, exchange.duration_ms);
        Exchange {
            request: RequestBlock::new(id, &*request.method, &*request.path, request.body.as_ref()),
            outcome: match status {
                Some(status) => format!("{status} in {took} ms"),
                None => format!("no answer after {took} ms"),
            },
            answer: exchange.answer.clone(),
        }
    });
    Attempt {
        number: attempt.number.unsigned_abs(),
        outcome,
        says: attempt.says.clone(),
        at: Moment::short(attempt.started_at, now),
        exchanges: exchanges.collect(),
    }
}
