//! `countersign actions`.

use std::fmt::Display;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{AppError, Config, House, print, refused, with_house};
use crate::{
    access::{self, Actor, Role},
    apps::change::{Change, Value},
    directory,
    kernel::ActionId,
    queue::{
        Action, Caused, Status,
        cancel::cancel,
        decide::{DecideError, approve, reject},
        preview::preview,
        retry::retry,
        reverse::reverse,
        store::{Filter, Part, find, list},
        undo::undo,
    },
};

/// How many actions one call lists.
const LISTED: usize = 200;

/// What can be done about actions.
#[derive(Debug, Subcommand)]
pub enum Actions {
    /// List them, at most 200.
    List {
        /// Those in one state: pending, approved, sending, provisioned, failed, rejected …
        #[arg(long)]
        status: Option<Status>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one: now → proposed, what will be sent, and its digest.
    Show {
        /// Its id, `act_…`.
        id: ActionId,
    },
    /// Approve some, each exactly as it is stored now.
    Approve {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        /// As whom.
        #[command(flatten)]
        who: As,
    },
    /// Reject some.
    Reject {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
        /// Why; whoever asked will read it.
        #[arg(long)]
        reason: String,
        /// As whom.
        #[command(flatten)]
        who: As,
    },
    /// Send failed ones again.
    Retry {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
    },
    /// Take decisions back: approvals before they are sent, rejections at any time. They wait for a decision again.
    Undo {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
        /// As whom.
        #[command(flatten)]
        who: As,
    },
    /// Give approved or failed ones up.
    Cancel {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
    },
    /// Prepare the opposite of some that were carried out; it waits for a decision.
    Reverse {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<ActionId>,
    },
}

/// As whom to decide.
#[derive(Debug, Args)]
pub struct As {
    /// The e-mail address of the administrator whose decision this is; needed when there is more than one owner.
    #[arg(long = "as", value_name = "EMAIL")]
    email: Option<String>,
}

/// Does it.
///
/// # Errors
/// What has to be mended.
pub async fn actions(config: &Config, command: Actions) -> Result<(), AppError> {
    with_house(config, async |house| match command {
        Actions::List { status, json } => show_list(&house, status, json).await,
        Actions::Show { id } => show(&house, id).await,
        Actions::Approve { ids, reason, who } => {
            let by = decider(&house, who).await?.approver().map_err(refused)?;
            each(ids, async |id| {
                let shown = find(&house.pool, id).await?.ok_or(DecideError::NotFound)?.digest();
                let now = house.clock.now();
                approve(&house.pool, &house.connectors, now, &by, id, shown, reason.as_deref())
                    .await
                    .map(status)
            })
            .await
        }
        Actions::Reject { ids, reason, who } => {
            let by = decider(&house, who).await?.approver().map_err(refused)?;
            let now = || house.clock.now();
            each(ids, async |id| reject(&house.pool, now(), &by, id, &reason).await.map(status))
                .await
        }
        Actions::Undo { ids, who } => {
            let by = decider(&house, who).await?.approver().map_err(refused)?;
            each(ids, async |id| undo(&house.pool, house.clock.now(), &by, id).await.map(status))
                .await
        }
        Actions::Retry { ids } => {
            let by = Actor::command_line().retrier().map_err(refused)?;
            each(ids, async |id| retry(&house.pool, house.clock.now(), &by, id).await.map(status))
                .await
        }
        Actions::Cancel { ids } => {
            let by = Actor::command_line().retrier().map_err(refused)?;
            each(ids, async |id| cancel(&house.pool, house.clock.now(), &by, id).await.map(status))
                .await
        }
        Actions::Reverse { ids } => {
            let by = Actor::command_line().operator().map_err(refused)?;
            each(ids, async |id| {
                let submitted = reverse(&house.pool, house.clock.now(), &by, id).await;
                submitted.map(|submitted| reversed(&submitted.caused))
            })
            .await
        }
    })
    .await
}

/// What an action is now.
#[expect(clippy::needless_pass_by_value, reason = "what a step hands over")]
fn status(action: Action) -> Status {
    action.state.status()
}

/// What the opposite caused in the queue.
fn reversed(caused: &[Caused]) -> String {
    let caused: Vec<_> = caused
        .iter()
        .map(|Caused { verb, number, kind, .. }| {
            format!("{kind} #{number} {}", verb.word().trim_start_matches("action."))
        })
        .collect();
    let caused =
        if caused.is_empty() { "nothing in the queue".to_owned() } else { caused.join(", ") };
    format!("reversed: {caused}")
}

/// Does something to each action and says what came of each; fails when one was refused.
async fn each<T: Display, E: Display>(
    ids: Vec<ActionId>,
    step: impl AsyncFn(ActionId) -> Result<T, E>,
) -> Result<(), AppError> {
    let (mut refusals, all) = (0, ids.len());
    for id in ids {
        match step(id).await {
            Ok(done) => print(format_args!("{id} {done}"))?,
            Err(error) => {
                refusals += 1;
                eprintln!("{id} {error}");
            }
        }
    }
    if refusals == 0 { Ok(()) } else { Err(refused(format!("{refusals} of {all} were refused"))) }
}

/// The administrator in whose name the command line decides.
async fn decider(house: &House, who: As) -> Result<Actor, AppError> {
    if let Some(email) = who.email {
        let found = access::store::find_enabled_by_email(&house.pool, &email).await?;
        return found
            .map(Actor::from)
            .ok_or_else(|| refused(format!("--as: there is no administrator {email}")));
    }
    let administrators = access::store::list(&house.pool).await?;
    let mut owners =
        administrators.into_iter().filter(|one| one.enabled && one.role == Role::Owner);
    match (owners.next(), owners.next()) {
        (Some(owner), None) => Ok(owner.into()),
        (None, _) => Err(refused("there is no owner yet: open the setup link first")),
        (Some(_), Some(_)) => {
            Err(refused("--as: there are several owners; say whose decision this is"))
        }
    }
}

async fn show_list(house: &House, status: Option<Status>, as_json: bool) -> Result<(), AppError> {
    let filter = Filter { status, ..Filter::default() };
    let order = filter.order();
    let leaf = list(&house.pool, &filter, order, Part::First, LISTED).await.map_err(refused)?;
    for action in &leaf.actions {
        let user = directory::store::find(&house.pool, action.content.account).await?;
        let user_name =
            user.map_or_else(String::new, |user| user.profile.user_name.as_str().to_owned());
        if as_json {
            print(in_json(action, &user_name))?;
        } else {
            let (kind, status) = (action.content.kind, action.state.status());
            print(format_args!(
                "{}  {status:<12} {kind:<10} {user_name:<32} {}",
                action.id,
                line(&action.content.changes)
            ))?;
        }
    }
    if leaf.next.is_some() {
        eprintln!("There are more; narrow the list with --status, or use the API.");
    }
    Ok(())
}

async fn show(house: &House, id: ActionId) -> Result<(), AppError> {
    let shown = preview(&house.pool, &house.connectors, house.clock.now(), id).await?;
    let shown = shown.ok_or_else(|| refused("there is no such action"))?;
    let user = &shown.user.profile;
    print(format_args!(
        "{id}  #{}  {}  {}",
        shown.action.number,
        shown.action.state.status(),
        shown.content.kind
    ))?;
    print(format_args!("{} <{}> in {}", user.name(), user.user_name.as_str(), shown.app.name))?;
    for change in &shown.content.changes {
        print(format_args!("  {}", line(std::slice::from_ref(change))))?;
    }
    print("What will be sent:")?;
    for request in &shown.requests {
        print(format_args!("  {} {}", request.method, request.path))?;
        if let Some(body) = &request.body {
            print(format_args!("  {body}"))?;
        }
    }
    print(format_args!("digest {}", shown.digest))?;
    Ok(())
}

fn in_json(action: &Action, user_name: &str) -> serde_json::Value {
    json!({
        "id": action.id,
        "number": action.number,
        "status": action.state.status(),
        "kind": action.content.kind,
        "user": { "id": action.content.account, "userName": user_name },
        "changes": action.content.changes,
        "digest": action.digest(),
    })
}

fn line(changes: &[Change]) -> String {
    let show = |value: &Option<Value>| {
        value.as_ref().map_or_else(|| "(none)".to_owned(), ToString::to_string)
    };
    let lines: Vec<_> = changes
        .iter()
        .map(|change| {
            format!("{}: {} → {}", change.attribute, show(&change.from), show(&change.to))
        })
        .collect();
    lines.join(", ")
}
