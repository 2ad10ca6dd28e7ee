//! Lists of actions: filtered, in several orders, keyset-paged both ways, the same cost on every page.

use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    super::Status,
    Action, Row,
    filter::{Filter, Sieve},
};
use crate::{
    db::ListError,
    kernel::{ActionId, BadCursor, decode_cursor, encode_cursor, words},
};

words! {
    /// The tabs of the queue page. Each action is on one of them.
    Tab {
        /// Waits for a person.
        Pending = "pending",
        /// Approved or being sent.
        Progress = "progress",
        /// Failed.
        Failed = "failed",
        /// Provisioned.
        Done = "done",
        /// Rejected, cancelled or withdrawn.
        Rejected = "rejected",
    }
}

impl Tab {
    /// Whether somebody has to look after what is on it, so that it is short enough for every order.
    #[must_use]
    pub const fn is_looked_after(self) -> bool {
        matches!(self, Self::Pending | Self::Failed)
    }
}

impl Status {
    /// The tab that it is on.
    #[must_use]
    pub const fn tab(self) -> Tab {
        match self {
            Self::Pending => Tab::Pending,
            Self::Approved | Self::Sending => Tab::Progress,
            Self::Failed => Tab::Failed,
            Self::Provisioned => Tab::Done,
            Self::Rejected | Self::Cancelled | Self::Withdrawn => Tab::Rejected,
        }
    }
}

words! {
    /// What a list is ordered by, and which way.
    Order {
        /// The oldest first.
        Oldest = "age",
        /// The newest first.
        Newest = "-age",
        /// By the person's name.
        Person = "person",
        /// By the person's name, backwards.
        PersonBackwards = "-person",
        /// By what is done, and the oldest first.
        Kind = "action",
        /// By what is done, backwards, and the newest first.
        KindBackwards = "-action",
    }
}

impl Order {
    const fn is_backwards(self) -> bool {
        matches!(self, Self::Newest | Self::PersonBackwards | Self::KindBackwards)
    }

    /// The columns of the index it is read from.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Oldest | Self::Newest => &["created_at", "id"],
            Self::Person | Self::PersonBackwards => &["person", "id"],
            Self::Kind | Self::KindBackwards => &["kind", "created_at", "id"],
        }
    }

    /// Whether an index has `filter`'s actions in this order. By age every list can be read.
    #[must_use]
    pub fn serves(self, filter: &Filter) -> bool {
        matches!(self, Self::Oldest | Self::Newest) || filter.tab.is_some_and(Tab::is_looked_after)
    }
}

/// Which part of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Its beginning.
    First,
    /// What follows a mark.
    After(&'a str),
    /// What stands before a mark.
    Before(&'a str),
}

/// A page of a list, in its order.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The actions.
    pub actions: Vec<Action>,
    /// The mark that the page before this one stands before; `None` on the first.
    pub previous: Option<String>,
    /// The mark that the next page follows; `None` on the last.
    pub next: Option<String>,
}

/// Where an action stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Key {
    Age(i128, Uuid),
    Person(String, Uuid),
    Kind(String, i128, Uuid),
}

#[derive(sqlx::FromRow)]
struct Listed {
    #[sqlx(flatten)]
    row: Row,
    person: String,
}

/// One page of the actions that `filter` lets through.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    order: Order,
    part: Part<'_>,
    limit: usize,
) -> Result<Leaf, ListError> {
    list_through(pool, &filter.sieve(pool).await?, order, part, limit).await
}

/// The same, of what was looked up already.
///
/// # Errors
/// As [`list`].
pub async fn list_through(
    pool: &PgPool,
    sieve: &Sieve,
    order: Order,
    part: Part<'_>,
    limit: usize,
) -> Result<Leaf, ListError> {
    let (mark, back) = match part {
        Part::First => (None, false),
        Part::After(mark) => (Some(mark), false),
        Part::Before(mark) => (Some(mark), true),
    };
    let key = mark.map(|mark| read_key(mark, order)).transpose()?;
    let mut query = QueryBuilder::new(
        "select id, number, app_id, user_id, kind, source, changes, digest, barred, four_eyes, candidates, hints,
             state, decided_at, decided_by, decided_name, decided_digest, reason, ended_at, cause, created_at,
             changed_at, person
         from actions where true",
    );
    sieve.restrict(&mut query);
    seek(&mut query, order, key.as_ref(), back);
    query.push(" limit ").push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let mut rows: Vec<Listed> =
        query.build_query_as().persistent(sieve.plans_once()).fetch_all(pool).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    if back {
        rows.reverse();
    }
    let mark = |row: Option<&Listed>| row.map(|row| encode_cursor(&key_of(order, row)));
    // Whoever came from a mark can go back to it.
    let (before, after) = if back { (more, true) } else { (key.is_some(), more) };
    let previous = mark(rows.first()).filter(|_| before);
    let next = mark(rows.last()).filter(|_| after);
    let actions = super::actions(rows.into_iter().map(|listed| listed.row).collect())?;
    Ok(Leaf { actions, previous, next })
}

/// The actions that stand right before and right after one in a list, whether it is still in it or not.
///
/// # Errors
/// When the database does not answer.
pub async fn neighbours(
    pool: &PgPool,
    filter: &Filter,
    order: Order,
    action: &Action,
) -> sqlx::Result<(Option<ActionId>, Option<ActionId>)> {
    let person = match order {
        Order::Person | Order::PersonBackwards => {
            sqlx::query_scalar!("select person from actions where id = $1", action.id.uuid())
                .fetch_one(pool)
                .await?
        }
        _ => String::new(),
    };
    let key =
        key(order, (action.id.uuid(), action.created_at, action.content.kind.word(), &person));
    let sieve = filter.sieve(pool).await?;
    let beside = async |back| {
        let mut query = QueryBuilder::new("select id from actions where true");
        sieve.restrict(&mut query);
        seek(&mut query, order, Some(&key), back);
        query.push(" limit 1");
        let query = query.build_query_scalar().persistent(sieve.plans_once());
        let found: Option<Uuid> = query.fetch_optional(pool).await?;
        Ok::<_, sqlx::Error>(found.map(ActionId::from))
    };
    Ok((beside(true).await?, beside(false).await?))
}

fn key_of(order: Order, Listed { row, person }: &Listed) -> Key {
    key(order, (row.id, row.created_at, &row.kind, person))
}

fn key(order: Order, (id, at, kind, person): (Uuid, OffsetDateTime, &str, &str)) -> Key {
    match order {
        Order::Oldest | Order::Newest => Key::Age(at.unix_timestamp_nanos(), id),
        Order::Person | Order::PersonBackwards => Key::Person(person.to_owned(), id),
        Order::Kind | Order::KindBackwards => {
            Key::Kind(kind.to_owned(), at.unix_timestamp_nanos(), id)
        }
    }
}

/// Where a page begins. What Postgres cannot hold is nothing that was handed out, and neither is a mark of
/// another order.
fn read_key(mark: &str, order: Order) -> Result<Key, BadCursor> {
    let key: Key = decode_cursor(mark)?;
    let same = matches!(
        (&key, order),
        (Key::Age(..), Order::Oldest | Order::Newest)
            | (Key::Person(..), Order::Person | Order::PersonBackwards)
            | (Key::Kind(..), Order::Kind | Order::KindBackwards)
    );
    let whole = match &key {
        Key::Age(at, _) => read_time(*at).is_some(),
        Key::Person(person, _) => !person.contains('\0'),
        Key::Kind(kind, at, _) => read_time(*at).is_some() && !kind.contains('\0'),
    };
    if same && whole { Ok(key) } else { Err(BadCursor) }
}

fn read_time(nanos: i128) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().filter(|at| at.year() >= 0)
}

/// Goes on from `key`, or back from it, in `order`.
fn seek(query: &mut QueryBuilder<Postgres>, order: Order, key: Option<&Key>, back: bool) {
    let columns = order.columns();
    let falling = order.is_backwards() != back;
    if let Some(key) = key {
        let than = if falling { "<" } else { ">" };
        query.push(format_args!(" and ({}) {than} (", columns.join(", ")));
        let mut values = query.separated(", ");
        match key {
            Key::Age(at, id) => values.push_bind(read_time(*at)).push_bind(*id),
            Key::Person(person, id) => values.push_bind(person.clone()).push_bind(*id),
            Key::Kind(kind, at, id) => {
                values.push_bind(kind.clone()).push_bind(read_time(*at)).push_bind(*id)
            }
        };
        query.push(")");
    }
    let way = if falling { " desc" } else { "" };
    query.push(" order by ");
    let mut order = query.separated(", ");
    for column in columns {
        order.push(format_args!("{column}{way}"));
    }
}
