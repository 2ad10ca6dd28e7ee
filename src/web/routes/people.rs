//! People: the list, a person, and what can be done about them.

use std::collections::{HashMap, HashSet};

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{lead_to, page, query};
use crate::{
    access::{Operator, Reader},
    apps::{self, App, OnDelete, account, change::Kind},
    audit::{self, Event},
    directory::{self, Named, Source, User},
    kernel::UserId,
    queue::{
        Action, people,
        store::{
            Answered, Refused, Standing, answered, newest_of_user, standing, standing_refusals,
        },
    },
    web::{
        parts::{Badge, Callout, ChangeLine, Moment, Pager, Tone, Who, counted, label},
        paths,
        people::{PeoplePage, PersonRow},
        person::{AccountLine, ActionLine, DeletePage, PersonPage, RejectedLine, facts},
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        status, story,
        surroundings::echosign,
    },
};

/// How many people a page shows.
const PAGE: usize = 50;
/// How many of somebody's actions are looked at before they are deleted.
const ACTIONS: i64 = 20;
/// How many actions a person's page lists above its timeline.
const SHOWN: i64 = 5;
/// How many entries of the timeline a page shows.
const ENTRIES: usize = 50;
/// How many groups are named.
const GROUPS: usize = 3;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    cursor: Option<String>,
}

/// `GET /users`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let people =
        directory::store::list(&state.pool, &asked.q, asked.cursor.as_deref(), PAGE).await?;
    let app = echosign(&state).await?;
    let ids: Vec<UserId> = people.items.iter().map(|user| user.id).collect();
    let standing: HashMap<_, _> = standing(&state.pool, app.id, &ids).await?.into_iter().collect();
    let sources = sources(&state).await?;
    let now = state.clock.now();
    let rows: Vec<_> =
        people.items.iter().map(|user| row(user, standing.get(&user.id), &sources, now)).collect();
    let shell = Shell::load(&state, &session, reader.actor(), "People", Place::People).await?;
    page(&PeoplePage {
        shell: shell.by_way_of([Crumb::at("Users"), Crumb::at("People")]),
        may_edit: reader.actor().operator().is_ok(),
        pager: Pager {
            previous: None,
            first: asked
                .cursor
                .is_some()
                .then(|| format!("{}{}", paths::PEOPLE, query(&[("q", &asked.q)]))),
            next: people.next.as_deref().map(|next| {
                format!("{}{}", paths::PEOPLE, query(&[("q", &asked.q), ("cursor", next)]))
            }),
            onward: "Next",
            shown: counted(rows.len(), "person", "people"),
        },
        rows,
        query: asked.q,
    })
}

fn row(
    user: &User,
    standing: Option<&Standing>,
    sources: &Sources,
    now: OffsetDateTime,
) -> PersonRow {
    let profile = &user.profile;
    let work = [profile.title.as_deref(), profile.department.as_deref()];
    PersonRow {
        who: who(user).opening(paths::person(user.id)),
        work: work.into_iter().flatten().collect::<Vec<_>>().join(", "),
        state: if user.active { Badge::calm("Active") } else { Badge::off("Suspended") },
        account: standing.map_or_else(|| Badge::none("No account"), |one| status::standing(*one)),
        changed: Moment::short(user.updated_at, now),
        source: name_of(sources, &user.source),
    }
}

#[derive(Deserialize)]
pub(super) struct AskedStory {
    cursor: Option<String>,
}

/// `GET /users/{id}`
pub(super) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<UserId>,
    Query(asked): Query<AskedStory>,
) -> Result<Response, Problem> {
    let user = directory::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    let now = state.clock.now();
    let events = audit::of_user(&state.pool, id, asked.cursor.as_deref(), ENTRIES).await?;
    let mut answered = answered_in(&state, &events.items).await?;
    let entry = |event| story::entry_of_person(event, &mut answered, now);
    let timeline: Vec<_> = events.items.iter().map(entry).collect();
    let name = user.profile.name();
    let shell = Shell::load(&state, &session, reader.actor(), &name, Place::People).await?;
    page(&PersonPage {
        shell: shell.by_way_of([
            Crumb::at("Users"),
            Crumb::to("People", paths::PEOPLE),
            Crumb::at(name),
        ]),
        id,
        who: who(&user),
        active: user.active,
        deleted: user.deleted_at.is_some(),
        facts: facts(&user.profile),
        groups: groups_of(&state, id).await?,
        source: name_of(&sources(&state).await?, &user.source),
        created: Moment::ago(user.created_at, now),
        updated: Moment::ago(user.updated_at, now),
        accounts: accounts(&state, id, now).await?,
        actions: lines(&state, id, now).await?,
        rejected: rejected(&state, id, now).await?,
        pager: Pager {
            previous: None,
            first: asked.cursor.is_some().then(|| format!("{}#timeline", paths::person(id))),
            next: events.next.as_deref().map(|next| {
                format!("{}{}#timeline", paths::person(id), query(&[("cursor", next)]))
            }),
            onward: "Older",
            shown: counted(timeline.len(), "entry", "entries"),
        },
        timeline,
        may_edit: reader.actor().operator().is_ok(),
    })
}

/// How the tries ended that some events tell of.
async fn answered_in(state: &WebState, events: &[Event]) -> Result<Vec<Answered>, Problem> {
    let ends: Vec<_> = events.iter().filter_map(story::ends).collect();
    Ok(if ends.is_empty() { Vec::new() } else { answered(&state.pool, &ends).await? })
}

/// Somebody's account in each app.
async fn accounts(
    state: &WebState,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<AccountLine>, Problem> {
    let mut lines = Vec::new();
    for app in apps::store::list(&mut *state.pool.acquire().await?).await? {
        let confirmed = account::store::find(&state.pool, app.id, user).await?;
        let standings = standing(&state.pool, app.id, &[user]).await?;
        let state = standings.first().map(|(_, one)| status::standing(*one));
        lines.push(AccountLine {
            app: app.name,
            state: state.unwrap_or_else(|| Badge::none("No account")),
            remote_id: confirmed.remote_id,
            confirmed: confirmed.at.map(|at| Moment::ago(at, now)),
        });
    }
    Ok(lines)
}

/// Somebody's newest actions.
async fn lines(
    state: &WebState,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<ActionLine>, Problem> {
    let line = |action: &Action| ActionLine {
        href: paths::action(action.id),
        kind: Badge::kind(action.content.kind),
        change: ChangeLine::of(action.content.kind, &action.content.changes),
        state: status::badge(action.state.status()),
        at: Moment::short(action.created_at, now),
    };
    Ok(newest_of_user(&state.pool, user, SHOWN).await?.iter().map(line).collect())
}

/// What stays rejected for somebody: an update attribute by attribute, anything else as a whole.
async fn rejected(
    state: &WebState,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<RejectedLine>, Problem> {
    let mut refusals = standing_refusals(&state.pool, user).await?;
    if refusals.is_empty() {
        return Ok(Vec::new());
    }
    let apps = apps::store::list(&mut *state.pool.acquire().await?).await?;
    let mut whole = HashSet::new();
    refusals.retain(|one| {
        one.refused.kind == Kind::Update || whole.insert((one.app, one.refused.kind.word()))
    });
    let lines = refusals.into_iter().map(|one| RejectedLine {
        kind: Badge::kind(one.refused.kind),
        what: what_was_refused(&one.refused),
        app: apps
            .iter()
            .find(|app| app.id == one.app)
            .map_or_else(String::new, |app| app.name.clone()),
        href: one.since.map(|(_, action)| paths::action(action)),
        since: one.since.map(|(at, _)| Moment::short(at, now)),
    });
    Ok(lines.collect())
}

fn what_was_refused(refused: &Refused) -> String {
    match refused.kind {
        Kind::Create => "a new account".to_owned(),
        Kind::Suspend => "the account is suspended".to_owned(),
        Kind::Reactivate => "the account is reactivated".to_owned(),
        Kind::Delete => "the account is removed".to_owned(),
        Kind::Update => {
            let wanted =
                refused.wanted.as_ref().map_or_else(|| "empty".to_owned(), ToString::to_string);
            format!("{}: {wanted}", label(refused.attribute))
        }
    }
}

/// `POST /users/{id}/suspend`
pub(super) async fn suspend(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user =
        people::suspend(&state.pool, state.clock.now(), &operator, Source::console(), id).await?;
    session::say(&session, format!("{} is suspended here.", user.profile.name())).await?;
    Ok(lead_to(&paths::person(id)))
}

/// `POST /users/{id}/reactivate`
pub(super) async fn reactivate(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user = people::reactivate(&state.pool, state.clock.now(), &operator, Source::console(), id)
        .await?;
    session::say(&session, format!("{} is active again here.", user.profile.name())).await?;
    Ok(lead_to(&paths::person(id)))
}

/// `GET /users/{id}/delete`
pub(super) async fn delete_form(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user = present(&state, id).await?;
    let app = echosign(&state).await?;
    let confirmed = account::store::find(&state.pool, app.id, id).await?;
    let waiting = newest_of_user(&state.pool, id, ACTIONS).await?;
    let waiting =
        waiting.iter().filter(|action| action.state == crate::queue::State::Pending).count();
    let title = format!("Delete {}?", user.profile.name());
    let shell = Shell::load(&state, &session, operator.actor(), &title, Place::People).await?;
    page(&DeletePage {
        shell: shell.by_way_of(way_to(&user, "Delete")),
        id,
        who: who(&user),
        consequences: consequences(&app, confirmed.remote_id.is_some(), waiting),
    })
}

/// What a delete leads to, by the app's settings.
fn consequences(app: &App, has_account: bool, waiting: usize) -> Vec<Callout> {
    let name = &app.name;
    let mut lines = Vec::new();
    let after = |kind| {
        if app.provisioning.approve.require(kind) {
            ", once somebody has approved that"
        } else {
            " at once: no approval is required"
        }
    };
    let line = match (has_account, app.provisioning.enabled, app.provisioning.on_delete) {
        (false, ..) => (Tone::Quiet, format!("There is no account in {name}.")),
        (true, false, _) => {
            (Tone::Quiet, format!("The account in {name} stays: provisioning is off."))
        }
        (true, true, OnDelete::Nothing) => {
            (Tone::Warn, format!("The account in {name} stays as it is."))
        }
        (true, true, OnDelete::Suspend) => {
            (Tone::Warn, format!("The account in {name} is suspended{}.", after(Kind::Suspend)))
        }
        (true, true, OnDelete::Delete) => {
            (Tone::Bad, format!("The account in {name} is deleted{}.", after(Kind::Delete)))
        }
    };
    lines.push(Callout::new(line.0, line.1));
    if waiting > 0 {
        let says =
            counted(waiting, "change that waits is undone.", "changes that wait are undone.");
        lines.push(Callout::new(Tone::Quiet, says));
    }
    lines
}

/// `POST /users/{id}/delete`
pub(super) async fn delete(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user =
        people::delete(&state.pool, state.clock.now(), &operator, Source::console(), id).await?;
    session::say(&session, format!("{} was deleted.", user.profile.name())).await?;
    Ok(lead_to(paths::PEOPLE))
}

/// Someone who is not deleted.
pub(super) async fn present(state: &WebState, id: UserId) -> Result<User, Problem> {
    let user = directory::store::find(&state.pool, id).await?;
    user.filter(|user| user.deleted_at.is_none()).ok_or_else(Problem::not_found)
}

pub(super) fn way_to(user: &User, step: &str) -> [Crumb; 4] {
    [
        Crumb::at("Users"),
        Crumb::to("People", paths::PEOPLE),
        Crumb::to(user.profile.name(), paths::person(user.id)),
        Crumb::at(step),
    ]
}

/// A person with the address they are known by.
pub(super) fn who(user: &User) -> Who {
    Who::new(user.profile.name(), user.profile.user_name.as_str())
}

/// The same of what alone is known of them; of somebody who is not there any more nothing is.
pub(super) fn called(named: Option<&Named>) -> Who {
    match named {
        Some(Named { name, user_name }) => Who::new(name.clone(), user_name.as_str()),
        None => Who::new("Somebody", ""),
    }
}

/// The groups somebody is in, as one line: `Finance, Legal, +3`.
pub(super) async fn groups_of(state: &WebState, user: UserId) -> Result<String, Problem> {
    let names = directory::group_store::names_of(&state.pool, user, GROUPS).await?;
    let more = (names.more > 0).then(|| format!("+{}", names.more));
    Ok(names.first.into_iter().chain(more).collect::<Vec<_>>().join(", "))
}

/// What each source is called.
pub(super) type Sources = HashMap<String, String>;

pub(super) async fn sources(state: &WebState) -> Result<Sources, Problem> {
    let names = directory::store::source_names(&state.pool).await?;
    Ok(names.into_iter().map(|(source, name)| (source.0, name)).collect())
}

pub(super) fn name_of(sources: &Sources, source: &Source) -> String {
    sources.get(&source.0).unwrap_or(&source.0).clone()
}
