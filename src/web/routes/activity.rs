//! The history.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{page, query};
use crate::{
    access::Reader,
    audit::{self, Event, Verdict},
    directory::{self, User},
    kernel::UserId,
    web::{
        activity::{ActivityPage, Chain, EventRow},
        parts::{Choice, Moment, Pager, Select, count, counted},
        paths,
        problem::Problem,
        session::May,
        shell::{Crumb, Place, Shell},
        state::WebState,
        story,
    },
};

/// How many entries a page shows.
const PAGE: usize = 50;
/// How many people a search offers.
const OFFERED: usize = 8;

/// The kinds that can be chosen: the beginning of a verb, and its name.
const KINDS: [(&str, &str); 9] = [
    ("", "Everything"),
    ("action.", "Actions"),
    ("action.approved", "Approvals"),
    ("action.rejected", "Rejections"),
    ("action.failed", "Failures"),
    ("user.", "People"),
    ("app.", "Apps"),
    ("administrator.", "Administrators"),
    ("token.", "Tokens"),
];

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    verb: String,
    #[serde(default)]
    q: String,
    user: Option<UserId>,
    cursor: Option<String>,
    #[serde(default)]
    verify: String,
}

impl Asked {
    fn address(&self, user: Option<UserId>, cursor: &str) -> String {
        let user = user.map(|user| user.to_string()).unwrap_or_default();
        let pairs = [("verb", &*self.verb), ("q", &self.q), ("user", &user), ("cursor", cursor)];
        format!("{}{}", paths::ACTIVITY, query(&pairs))
    }
}

/// `GET /audit`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let filter = audit::Filter { verb: asked.verb.clone(), user: asked.user };
    let events = audit::list(&state.pool, &filter, asked.cursor.as_deref(), PAGE).await?;
    let person = match asked.user {
        Some(id) => directory::store::find(&state.pool, id).await?,
        None => None,
    };
    let shell = Shell::load(&state, &session, reader.actor(), "Activity", Place::Activity).await?;
    let rows: Vec<_> = events.items.iter().map(|event| row(event, now)).collect();
    page(&ActivityPage {
        shell: shell.by_way_of([Crumb::at("Evidence"), Crumb::at("Activity")]),
        chain: chain(&state, !asked.verify.is_empty()).await?,
        verb: Select {
            name: "verb",
            label: "Kind",
            hint: "",
            choices: KINDS.iter().map(|&(value, label)| Choice { value, label }).collect(),
            chosen: asked.verb.clone(),
            disabled: false,
        },
        person: person.map(|user| Crumb::to(user.profile.name(), asked.address(None, ""))),
        people: offered(&state, &asked).await?,
        pager: Pager {
            first: asked.cursor.is_some().then(|| asked.address(asked.user, "")),
            previous: None,
            next: events.next.as_deref().map(|next| asked.address(asked.user, next)),
            onward: "Older",
            shown: counted(rows.len(), "entry", "entries"),
        },
        rows,
        query: asked.q,
    })
}

/// People whom the search may mean.
async fn offered(state: &WebState, asked: &Asked) -> Result<Vec<Crumb>, Problem> {
    if asked.q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let found = directory::store::list(&state.pool, &asked.q, None, OFFERED).await?;
    let lead = |user: &User| {
        let only = Asked { verb: asked.verb.clone(), ..Asked::default() };
        Crumb::to(user.profile.name(), only.address(Some(user.id), ""))
    };
    Ok(found.items.iter().map(lead).collect())
}

fn row(event: &Event, now: OffsetDateTime) -> EventRow {
    let told = story::tell(event);
    let person = event.detail("person");
    let number = event.details.get("number").and_then(serde_json::Value::as_i64);
    let run = event.detail("run").and_then(|id| id.parse().ok());
    EventRow {
        at: Moment::short(event.at, now),
        icon: told.icon,
        class: told.class,
        actor: told.actor,
        says: told.did,
        quote: told.quote,
        whom: event
            .about
            .user
            .map(|user| Crumb::to(person.unwrap_or("a person"), paths::person(user))),
        action: match event.about.action {
            Some(action) => {
                Some(Crumb::to(format!("#{}", number.unwrap_or_default()), paths::action(action)))
            }
            None => run.map(|run| Crumb::to("What came of it", paths::run(run))),
        },
    }
}

/// How far the chain has come, or, when `verify` asks for it, whether all of it holds.
async fn chain(state: &WebState, verify: bool) -> Result<Chain, Problem> {
    if verify {
        return Ok(verdict(&audit::verify(&state.pool).await?));
    }
    let length = audit::length(&state.pool).await?;
    let says = match length.unsealed {
        0 => format!("{}, each sealed to the one before.", entries(length.sealed)),
        few => format!("{} sealed, {} about to be.", entries(length.sealed), count(few)),
    };
    let verify = Some(format!("{}{}", paths::ACTIVITY, query(&[("verify", "now")])));
    Ok(Chain { dot: "", says, verify })
}

fn verdict(verdict: &Verdict) -> Chain {
    match verdict {
        Verdict::Intact { sealed, .. } => Chain {
            dot: "good",
            says: format!("The history is whole: {} verified just now.", entries(*sealed)),
            verify: None,
        },
        Verdict::Broken { position, says } => Chain {
            dot: "bad",
            says: format!(
                "The history was changed from outside. Entry {}: {says}.",
                count(*position)
            ),
            verify: None,
        },
    }
}

fn entries(number: i64) -> String {
    counted(usize::try_from(number).unwrap_or_default(), "entry", "entries")
}
