//! What the reader can do about an action, by what it is and who they are.

use time::{Duration, OffsetDateTime};

use super::drawn::Typed;
use crate::{
    access::Actor,
    apps::{
        self, App,
        change::{Attribute, Content, Kind, Value},
    },
    jobs,
    queue::{self, Action, State as ActionState, Status, preview::Preview, reverse},
    web::{
        action::{Approval, Decide, Leaves, Recall},
        parts::{Countdown, label},
        problem::Problem,
        state::WebState,
    },
};

/// How many attributes are named that a reverse action puts back.
const NAMED: usize = 3;

/// What an action waits for, and what waits for it.
pub(super) struct Waiting {
    /// Whether it was ever tried.
    pub(super) tried: bool,
    /// When it is sent, if nothing else holds it up.
    pub(super) due_at: Option<OffsetDateTime>,
    /// Actions of the same account that are sent before.
    pub(super) before: Vec<Action>,
    /// How many of the same account wait behind it.
    pub(super) behind: i64,
}

impl Waiting {
    /// Whether nothing goes on before a person has seen to an earlier action that failed.
    pub(super) fn is_held_up(&self) -> bool {
        self.before.iter().any(|action| action.state.status() == Status::Failed)
    }
}

pub(super) fn decision(
    preview: &Preview,
    actor: &Actor,
    waiting: &Waiting,
    typed: Typed,
    now: OffsetDateTime,
) -> Decide {
    let action = &preview.action;
    let may = actor.retrier().is_ok();
    match &action.state {
        ActionState::Pending if actor.approver().is_err() => {
            Decide::Barred("It waits for an approver or an owner.".to_owned())
        }
        ActionState::Pending => {
            let Typed { reason, refused, .. } = typed;
            let rule = preview.app.reasons.get(&action.content.kind);
            let needed = rule.is_some_and(|rule| rule.required);
            let digest = preview.digest.to_string();
            let approval = approval(preview, actor);
            Decide::Open { digest, approval, reason, needed, refused }
        }
        ActionState::Failed(..) => Decide::Failed { may },
        ActionState::Approved(_) => Decide::Approved {
            leaves: leaves(&preview.app, action, waiting, now),
            recall: match actor.approver() {
                Ok(_) if !waiting.tried => Recall::Undo,
                _ if may => Recall::GiveUp,
                _ => Recall::Nothing,
            },
        },
        ActionState::Rejected(_) => Decide::Rejected(actor.approver().is_ok()),
        ActionState::Provisioned(..) if actor.operator().is_ok() => {
            opposite(preview).map_or(Decide::Over, Decide::Done)
        }
        _ => Decide::Over,
    }
}

/// Whether `actor`, who may decide, may let this one through.
fn approval(preview: &Preview, actor: &Actor) -> Approval {
    if preview.action.bars(actor, &preview.app) {
        let says = "You asked for this change, or it is about you. With four eyes, somebody else has to approve it.";
        return Approval::Barred(says.to_owned());
    }
    if !preview.candidates.is_empty() {
        let says =
            "Link the account that is theirs, or reject it: then none is made and none is linked.";
        return Approval::Barred(says.to_owned());
    }
    Approval::Open(preview.digest.short())
}

/// When an approved action is sent.
fn leaves(app: &App, action: &Action, waiting: &Waiting, now: OffsetDateTime) -> Leaves {
    if let Some(says) = stopped(app, action) {
        return Leaves::Once(says);
    }
    match waiting.due_at.filter(|at| *at > now) {
        _ if !waiting.before.is_empty() => {
            Leaves::Once("It is sent as soon as it is its turn.".to_owned())
        }
        Some(_) if waiting.tried => Leaves::Once("It is tried again by itself.".to_owned()),
        Some(at) => Leaves::At(Countdown::to(at, now)),
        None => Leaves::Once("It is sent as soon as it is its turn.".to_owned()),
    }
}

/// Why nothing of this is sent to the app at present, if so.
pub(in crate::web::routes) fn stopped(app: &App, action: &Action) -> Option<String> {
    let name = &app.name;
    let decided_at = action.state.decision().map(|decision| decision.at);
    if app.pause.is_some() {
        return Some(format!("{name} is paused: it is sent once that goes on."));
    }
    if !app.is_open() {
        return Some(format!("It is sent once provisioning to {name} is on."));
    }
    let drains = app.draining_at.is_some_and(|since| decided_at > Some(since));
    drains.then(|| format!("{name} finishes what was approved before, and is paused then. This is sent once it goes on."))
}

/// How long after its approval an action is sent; `None` where that is at once or nobody knows.
pub(super) async fn departure(
    state: &WebState,
    action: &Action,
) -> Result<Option<Duration>, Problem> {
    let app = apps::store::fetch(&mut *state.pool.acquire().await?, action.content.app).await?;
    let before = queue::store::sent_before(&state.pool, action).await?;
    if stopped(&app, action).is_some() || !before.is_empty() {
        return Ok(None);
    }
    let due_at = jobs::store::due_at(&state.pool, &action.lane(), &action.job()).await?;
    let approved_at = action.state.decision().map(|decision| decision.at);
    let left = due_at.zip(approved_at).map(|(due_at, approved_at)| due_at - approved_at);
    Ok(left.filter(|left| *left >= Duration::SECOND))
}

/// What preparing the opposite of an action does, in words, where it has one that can be prepared.
fn opposite(preview: &Preview) -> Option<String> {
    let content = &preview.action.content;
    reverse::check(content, &preview.user).ok()?;
    let (name, app) = (preview.user.profile.name(), &preview.app.name);
    Some(match content.kind {
        Kind::Create | Kind::Reactivate => format!(
            "{name} is suspended here, and nobody is deleted. That the account in {app} is suspended too then waits for approval."
        ),
        Kind::Suspend => format!(
            "{name} is active again here. That the account in {app} is reactivated too then waits for approval."
        ),
        Kind::Update => format!(
            "{name} is put back here to what was before: {}. The update of the account in {app} then waits for approval.",
            put_back(content)
        ),
        Kind::Delete => format!(
            "{name} is back here as they were. A new account in {app} then waits for approval."
        ),
    })
}

/// `title Analyst, phone empty, and 2 more`
fn put_back(content: &Content) -> String {
    let was = |attribute: Attribute, from: Option<&Value>| {
        let value = from.map_or_else(|| "empty".to_owned(), Value::to_string);
        format!("{} {value}", label(attribute))
    };
    let named = content.changes.iter().take(NAMED);
    let mut parts: Vec<_> =
        named.map(|change| was(change.attribute, change.from.as_ref())).collect();
    let more = content.changes.len().saturating_sub(NAMED);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        apps::change::Change,
        kernel::{AppId, UserId},
    };

    #[test]
    fn a_reverse_action_names_what_it_puts_back_and_counts_the_rest() {
        let change = |attribute, from: Option<&str>| Change {
            attribute,
            from: from.map(|from| Value::Text(from.to_owned())),
            to: None,
        };
        let content = |changes| Content {
            app: AppId::at(OffsetDateTime::UNIX_EPOCH),
            account: UserId::at(OffsetDateTime::UNIX_EPOCH),
            kind: Kind::Update,
            changes,
        };
        let (title, phone) =
            (change(Attribute::Title, Some("Analyst")), change(Attribute::Phone, None));
        let many = [Attribute::GivenName, Attribute::FamilyName, Attribute::Email];
        let many = many.into_iter().map(|attribute| change(attribute, None));

        let few = put_back(&content(vec![title.clone(), phone.clone()]));
        let rest = put_back(&content([title, phone].into_iter().chain(many).collect()));

        assert_eq!(few, "title Analyst, phone empty");
        assert_eq!(rest, "title Analyst, phone empty, first name empty, and 2 more");
    }
}
