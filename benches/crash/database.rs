//! What Countersign's database holds once everything is quiet.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, de::DeserializeOwned};
use sqlx::{Connection, Executor, PgConnection, types::Json};

use crate::deed::{Attributes, Change};

/// Makes every job due whose worker is gone, which is what the end of its lease does. Only for when no process runs
/// and the app is still: then it is the same as to wait until all leases have run out.
const LEASES_RUN_OUT: &str =
    "update jobs set due_at = now(), leased_until = null where leased_until is not null";

const OPEN: &str = "select coalesce(jsonb_object_agg(state, number), '{}') from (
    select state, count(*) as number from actions
    where state in ('pending', 'approved', 'sending', 'failed') group by state
) as open";

const USERS: &str = "select coalesce(jsonb_agg(jsonb_build_object(
    'id', 'usr_' || replace(id::text, '-', ''), 'deleted', deleted_at is not null,
    'attributes', jsonb_strip_nulls(jsonb_build_object(
        'userName', user_name, 'givenName', given_name, 'familyName', family_name,
        'displayName', display_name, 'email', email, 'title', title, 'active', active
    )),
    'verbs', (select coalesce(jsonb_agg(verb order by seq), '[]') from events
              where user_id = users.id and verb like 'user.%')
)), '[]') from users";

const ACTIONS: &str = "select coalesce(jsonb_agg(jsonb_build_object(
    'id', 'act_' || replace(id::text, '-', ''), 'user', 'usr_' || replace(user_id::text, '-', ''),
    'kind', kind, 'state', state, 'byRule', decided_at is not null and decided_by is null,
    'changes', changes, 'events', events, 'tries', tries
)), '[]') from actions
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
        'seq', seq, 'verb', verb, 'digest', details ->> 'digest'
    ) order by seq), '[]') as events
    from events where action_id = actions.id
) as told
cross join lateral (select count(*) as tries from attempts where action_id = actions.id) as tried";

const LEFT: &str = "select jsonb_build_object(
    'jobs', (select count(*) from jobs),
    'attempts', (select count(*) from attempts),
    'unfinished', (select count(*) from attempts where finished_at is null)
)";

/// Somebody.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) deleted: bool,
    /// As their accounts shall be.
    pub(crate) attributes: Attributes,
    /// What happened to them, in order.
    pub(crate) verbs: Vec<String>,
}

/// An action, with what the history tells of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Action {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) by_rule: bool,
    pub(crate) changes: Vec<Change>,
    pub(crate) events: Vec<Event>,
    pub(crate) tries: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    pub(crate) seq: i64,
    pub(crate) verb: String,
    pub(crate) digest: Option<String>,
}

/// What is left to be done, and what was.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Left {
    pub(crate) jobs: u64,
    pub(crate) attempts: u64,
    /// Attempts whose worker died.
    pub(crate) unfinished: u64,
}

/// All of it.
pub(crate) struct Kept {
    pub(crate) users: Vec<User>,
    pub(crate) actions: Vec<Action>,
    pub(crate) left: Left,
}

impl Action {
    /// Its place in the order in which approved actions go out: when it was last approved or sent again.
    pub(crate) fn place(&self) -> Option<i64> {
        let goes = |event: &&Event| matches!(&*event.verb, "action.approved" | "action.retried");
        self.events.iter().filter(goes).map(|event| event.seq).max()
    }

    /// Whether the history tells `verb` of it.
    pub(crate) fn was(&self, verb: &str) -> bool {
        self.events.iter().any(|event| event.verb == verb)
    }

    /// The digests that were approved.
    pub(crate) fn approved(&self) -> BTreeSet<&str> {
        let approved = self.events.iter().filter(|event| event.verb == "action.approved");
        approved.filter_map(|event| event.digest.as_deref()).collect()
    }
}

pub(crate) async fn leases_run_out(url: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the database");
    connection.execute(LEASES_RUN_OUT).await.expect("the leases to run out");
}

/// How many actions are not over, by their state.
pub(crate) async fn open(url: &str) -> BTreeMap<String, u64> {
    read(&mut PgConnection::connect(url).await.expect("the database"), OPEN).await
}

pub(crate) async fn kept(url: &str) -> Kept {
    let mut connection = PgConnection::connect(url).await.expect("the database");
    Kept {
        users: read(&mut connection, USERS).await,
        actions: read(&mut connection, ACTIONS).await,
        left: read(&mut connection, LEFT).await,
    }
}

async fn read<T: DeserializeOwned + Send + Unpin + 'static>(
    connection: &mut PgConnection,
    sql: &'static str,
) -> T {
    let row = sqlx::query_scalar::<_, Json<T>>(sql).fetch_one(connection).await;
    row.expect("what the database holds").0
}
