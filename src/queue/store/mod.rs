//! Reads and writes `actions`, `attempts`, `refusals` and `views`.

mod attempts;
mod bell;
mod bursts;
mod counts;
mod filter;
mod former;
mod list;
mod many;
pub mod overview;
mod refusals;
pub mod runs;
mod standing;
mod views;

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool, types::Json as Typed};
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use self::views::{count_views, delete_view, insert_view, put_shared};
pub use self::{
    attempts::{
        Answered, Attempt, AttemptEnd, AttemptOutcome, Left, answered, attempts, begin_attempt,
        finish_attempt, is_tried, left, may_have_changed, may_have_created, unwell,
    },
    bell::{CHANNEL, ring},
    bursts::{Burst, bursts_between, note_bursts},
    counts::{COUNTED, Counts, among, count, count_pending, counts, oldest_pending},
    filter::{DecidedBy, Filter, Sieve, Unknown},
    former::{former, opposed, rename},
    list::{Leaf, Order, Part, Tab, list, list_through, neighbours},
    many::{enqueue_all, put_decided},
    refusals::{
        Refused, StandingRefusal, forget_refusals, forget_refusals_of, refuse, refuse_all, refused,
        standing_refusals,
    },
    standing::{Standing, standing},
    views::{lock_view, views},
};
use super::{Action, Decider, Decision, State, hint::Hint};
use crate::{
    apps::{
        account::Candidate,
        change::{Change, Content},
    },
    db::Corrupt,
    directory::Source,
    jobs,
    kernel::{ActionId, AppId, Digest, UserId},
};

/// A row of `actions`, as `list` reads it too.
#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: i64,
    app_id: Uuid,
    user_id: Uuid,
    kind: String,
    source: String,
    changes: Typed<Vec<Change>>,
    digest: Vec<u8>,
    barred: Vec<Uuid>,
    four_eyes: bool,
    candidates: Typed<Vec<Candidate>>,
    hints: Vec<String>,
    state: String,
    decided_at: Option<OffsetDateTime>,
    decided_by: Option<Uuid>,
    decided_name: Option<String>,
    decided_digest: Option<Vec<u8>>,
    reason: Option<String>,
    ended_at: Option<OffsetDateTime>,
    cause: Option<String>,
    created_at: OffsetDateTime,
    changed_at: OffsetDateTime,
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, number, app_id, user_id, kind, source, changes as "changes: _", digest, barred,
                 four_eyes, candidates as "candidates: _", hints, state, decided_at, decided_by, decided_name,
                 decided_digest, reason, ended_at, cause, created_at, changed_at
             from actions "# + $rest
            $(, $bind)*
        )
    };
}

impl TryFrom<Row> for Action {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let id = ActionId::from(row.id);
        row.read().ok_or_else(|| Corrupt { table: "actions", row: id.to_string() })
    }
}

impl Row {
    /// The action, if the row is one: its state's facts are all there and no others, and
    /// its digest is that of its content.
    fn read(self) -> Option<Action> {
        let content = Content {
            app: AppId::from(self.app_id),
            account: UserId::from(self.user_id),
            kind: self.kind.parse().ok()?,
            changes: self.changes.0,
        };
        let decision = match (self.decided_at, self.decided_name, self.decided_digest) {
            (Some(at), Some(name), Some(digest)) => Some(Decision {
                by: match self.decided_by {
                    Some(id) => Decider::Person { id, name },
                    None => Decider::Rule(name),
                },
                at,
                digest: Digest::try_from(&*digest).ok()?,
                reason: self.reason,
            }),
            (None, None, None) => None,
            _ => return None,
        };
        let state = match (&*self.state, decision, self.ended_at, self.cause) {
            ("pending", None, None, None) => State::Pending,
            ("approved", Some(decision), None, None) => State::Approved(decision),
            ("sending", Some(decision), None, None) => State::Sending(decision),
            ("provisioned", Some(decision), Some(at), None) => State::Provisioned(decision, at),
            ("failed", Some(decision), Some(at), Some(cause)) => State::Failed(decision, at, cause),
            ("rejected", Some(decision), Some(_), None) => State::Rejected(decision),
            ("cancelled", Some(decision), Some(at), None) => State::Cancelled(decision, at),
            ("withdrawn", decision, Some(at), None) => State::Withdrawn(decision, at),
            _ => return None,
        };
        let action = Action {
            id: ActionId::from(self.id),
            number: self.number,
            content,
            source: Source(self.source),
            barred: self.barred,
            four_eyes: self.four_eyes,
            candidates: self.candidates.0,
            hints: self.hints.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?,
            state,
            created_at: self.created_at,
            changed_at: self.changed_at,
        };
        (action.digest().bytes()[..] == self.digest).then_some(action)
    }
}

/// The words of hints, as the table has them.
fn words(hints: &[Hint]) -> Vec<&'static str> {
    hints.iter().map(|hint| hint.word()).collect()
}

fn actions(rows: Vec<Row>) -> sqlx::Result<Vec<Action>> {
    Ok(rows.into_iter().map(Action::try_from).collect::<Result<_, _>>()?)
}

/// One action.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, id: ActionId) -> sqlx::Result<Option<Action>> {
    let row = select!("where id = $1", id.uuid()).fetch_optional(pool).await?;
    Ok(row.map(Action::try_from).transpose()?)
}

/// Reads one action and holds it until `tx` ends. Its account is locked before it.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut PgConnection, id: ActionId) -> sqlx::Result<Option<Action>> {
    let row = select!("where id = $1 for update", id.uuid()).fetch_optional(tx).await?;
    Ok(row.map(Action::try_from).transpose()?)
}

/// Reads some actions and holds them until `tx` ends, in the order of their ids. Their accounts are locked
/// before.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_all(tx: &mut PgConnection, ids: &[ActionId]) -> sqlx::Result<Vec<Action>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = select!("where id = any($1) order by id for update", &ids).fetch_all(tx).await?;
    actions(rows)
}

/// The actions of one account that are not over, failed ones included, in the order they were asked for.
/// Bounded: at most one of each kind waits, and few are approved and unsent.
///
/// # Errors
/// When the database does not answer.
pub async fn open_of_account(
    tx: &mut PgConnection,
    app: AppId,
    user: UserId,
) -> sqlx::Result<Vec<Action>> {
    let rows = select!(
        "where user_id = $1 and app_id = $2 and state in ('pending', 'approved', 'sending', 'failed')
         order by number
         for update",
        user.uuid(),
        app.uuid(),
    )
    .fetch_all(tx)
    .await?;
    actions(rows)
}

/// The numbers of the actions of the same account that are sent before this one, or would be.
///
/// # Errors
/// When the database does not answer.
pub async fn sent_before(pool: &PgPool, action: &Action) -> sqlx::Result<Vec<i64>> {
    let ahead = jobs::store::ahead(pool, &action.lane(), &action.job()).await?;
    let ahead = ahead.iter().filter_map(|payload| payload["action"].as_str()?.parse().ok());
    let ahead: Vec<Uuid> = ahead.map(ActionId::uuid).collect();
    sqlx::query_scalar!(
        "select number from actions
         where id = any($1) and state in ('approved', 'sending', 'failed')
         order by number",
        &ahead,
    )
    .fetch_all(pool)
    .await
}

/// The newest actions of a user, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn newest_of_user(pool: &PgPool, user: UserId, limit: i64) -> sqlx::Result<Vec<Action>> {
    let rows = select!("where user_id = $1 order by number desc limit $2", user.uuid(), limit)
        .fetch_all(pool)
        .await?;
    actions(rows)
}

/// Actions of a user by their numbers, in their order.
///
/// # Errors
/// When the database does not answer.
pub async fn numbered(pool: &PgPool, user: UserId, numbers: &[i64]) -> sqlx::Result<Vec<Action>> {
    let rows =
        select!("where user_id = $1 and number = any($2) order by number", user.uuid(), numbers,)
            .fetch_all(pool)
            .await?;
    actions(rows)
}

/// Writes new actions with one statement. They get their numbers.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_all(tx: &mut PgConnection, actions: &mut [Action]) -> sqlx::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    let contents = || actions.iter().map(|action| &action.content);
    let rows = sqlx::query!(
        // Planned once, and not for every list of them: Postgres is not told how long that is.
        "with given (ids, apps, users, kinds, sources, changes, digests, barred, hints, times) as materialized (
             select $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::bytea[], $8::jsonb[],
                 $9::jsonb[], $10::timestamptz[]
         )
         insert into actions (
             id, app_id, user_id, kind, source, changes, digest, barred, hints, state, created_at, changed_at, person
         )
         select new.id, app_id, user_id, kind, new.source, new.changes, digest,
             array(select jsonb_array_elements_text(new.barred)::uuid),
             array(select jsonb_array_elements_text(new.hints)),
             'pending', at, at, (select sort_name from users where users.id = user_id)
         from given
         cross join unnest(ids, apps, given.users, kinds, sources, given.changes, digests, given.barred, given.hints, times)
             with ordinality as new (id, app_id, user_id, kind, source, changes, digest, barred, hints, at, place)
         order by place
         returning actions.id, number",
        &actions.iter().map(|action| action.id.uuid()).collect::<Vec<_>>(),
        &contents().map(|content| content.app.uuid()).collect::<Vec<_>>(),
        &contents().map(|content| content.account.uuid()).collect::<Vec<_>>(),
        &contents().map(|content| content.kind.word()).collect::<Vec<_>>() as _,
        &actions.iter().map(|action| &*action.source.0).collect::<Vec<_>>() as _,
        &contents().map(|content| Typed(&content.changes)).collect::<Vec<_>>() as _,
        &actions.iter().map(|action| action.digest().bytes().to_vec()).collect::<Vec<_>>(),
        // Postgres has no arrays of arrays that differ in length.
        &actions.iter().map(|action| Typed(&action.barred)).collect::<Vec<_>>() as _,
        &actions.iter().map(|action| Typed(&action.hints)).collect::<Vec<_>>() as _,
        &actions.iter().map(|action| action.created_at).collect::<Vec<_>>(),
    )
    .fetch_all(tx)
    .await?;
    let numbers: HashMap<Uuid, i64> = rows.into_iter().map(|row| (row.id, row.number)).collect();
    for action in actions {
        action.number = *numbers.get(&action.id.uuid()).ok_or(sqlx::Error::RowNotFound)?;
    }
    Ok(())
}

/// Writes back all of an action that may change. The table's constraints refuse what the
/// state machine refuses.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    action: &mut Action,
) -> sqlx::Result<()> {
    action.changed_at = now;
    let digest = action.digest();
    let decision = action.state.decision();
    let (decided_by, decided_name) = match decision.map(|decision| &decision.by) {
        Some(Decider::Person { id, name }) => (Some(*id), Some(&**name)),
        Some(Decider::Rule(words)) => (None, Some(&**words)),
        None => (None, None),
    };
    let cause = match &action.state {
        State::Failed(_, _, cause) => Some(&**cause),
        _ => None,
    };
    sqlx::query!(
        "update actions
         set changes = $2, digest = $3, barred = $4, four_eyes = $5, state = $6, decided_at = $7, decided_by = $8,
             decided_name = $9, decided_digest = $10, reason = $11, ended_at = $12, cause = $13, changed_at = $14,
             candidates = $15, hints = $16
         where id = $1",
        action.id.uuid(),
        Typed(&action.content.changes) as _,
        digest.bytes(),
        &action.barred,
        action.four_eyes,
        action.state.status().word(),
        decision.map(|decision| decision.at),
        decided_by,
        decided_name,
        decision.map(|decision| decision.digest.bytes().as_slice()),
        decision.and_then(|decision| decision.reason.as_deref()),
        action.state.ended_at(),
        cause,
        now,
        Typed(&action.candidates) as _,
        &words(&action.hints) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Enqueues the job that sends an action, not before `due_at`. The caller holds the lock of its account.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    action: &Action,
    due_at: OffsetDateTime,
) -> sqlx::Result<()> {
    enqueue_all(tx, now, std::slice::from_ref(action), &[due_at]).await
}

/// Lets the job of an action that failed go on in its old place. The caller holds the lock of its account.
///
/// # Errors
/// When the database does not answer.
pub async fn release(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    action: &Action,
) -> sqlx::Result<()> {
    if jobs::store::release(tx, now, &action.lane(), &action.job()).await? {
        return Ok(());
    }
    enqueue(tx, now, action, now).await
}

/// Takes the job of an action away, so that it is not sent and what follows it is. The caller holds the
/// lock of its account.
///
/// # Errors
/// When the database does not answer.
pub async fn dequeue(tx: &mut PgConnection, action: &Action) -> sqlx::Result<()> {
    jobs::store::remove(tx, &action.lane(), &action.job()).await?;
    Ok(())
}
