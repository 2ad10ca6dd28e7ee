//! Which actions a list is of, and how many there are.

use sqlx::{PgPool, Postgres, QueryBuilder, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    super::{Status, hint::Hint},
    list::{Order, Tab},
};
use crate::{
    apps::change::Kind,
    directory::store::search,
    kernel::{ActionId, AppId, UserId},
};

/// How far actions are counted; past that it says "10,000+".
pub const COUNTED: i64 = 10_000;
/// How many bursts of a source are looked into, the newest first.
const BURSTS: i64 = 20;

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecidedBy {
    /// A rule.
    Rule,
    /// Somebody whose name contains this, or whose address it is.
    Named(String),
}

/// Which actions are listed; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one tab.
    pub tab: Option<Tab>,
    /// Those in one state.
    pub status: Option<Status>,
    /// Those of some kinds; of all when there is none.
    pub kinds: Vec<Kind>,
    /// Those of an app, by its slug.
    pub app: Option<String>,
    /// Those of a source, by its slug.
    pub source: Option<String>,
    /// Those asked for before this.
    pub before: Option<OffsetDateTime>,
    /// Those asked for after this.
    pub after: Option<OffsetDateTime>,
    /// Those of one user.
    pub user: Option<UserId>,
    /// Those that somebody decided.
    pub by: Option<DecidedBy>,
    /// Those with all of these to look at.
    pub hints: Vec<Hint>,
    /// The one of a number.
    pub number: Option<i64>,
    /// Those among these.
    pub among: Option<Vec<ActionId>>,
    /// Those whose person has all of these words in name, user name or address.
    pub words: Vec<String>,
}

impl Filter {
    /// The order of a list that nobody ordered: where somebody or something waits, the oldest come first.
    #[must_use]
    pub const fn order(&self) -> Order {
        match (self.tab, self.status) {
            (Some(Tab::Pending | Tab::Progress), _)
            | (None, Some(Status::Pending | Status::Approved | Status::Sending)) => Order::Oldest,
            _ => Order::Newest,
        }
    }

    /// Whether it lets through all that is on its tab.
    #[must_use]
    pub fn is_whole_tab(&self) -> bool {
        *self == Self { tab: self.tab, ..Self::default() }
    }

    pub(super) fn restrict(&self, query: &mut QueryBuilder<Postgres>) {
        // Tabs and states are written out, so that the planner knows them, and which index they are in.
        if let Some(tab) = self.tab {
            query.push(format_args!(" and tab = '{tab}'"));
        }
        if let Some(status) = self.status {
            query.push(format_args!(" and state = '{status}'"));
        }
        match &*self.kinds {
            [] => {}
            [kind] => _ = query.push(format_args!(" and kind = '{kind}'")),
            kinds => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
                query.push(" and kind = any(").push_bind(kinds).push(")");
            }
        }
        if let Some(app) = &self.app {
            query.push(" and app_id = (select id from apps where slug = ");
            query.push_bind(app.clone()).push(")");
        }
        if let Some(source) = &self.source {
            query.push(" and source = ").push_bind(source.clone());
        }
        if let Some(before) = self.before {
            query.push(" and created_at < ").push_bind(before);
        }
        if let Some(after) = self.after {
            query.push(" and created_at > ").push_bind(after);
        }
        if let Some(user) = self.user {
            query.push(" and user_id = ").push_bind(user.uuid());
        }
        if let Some(number) = self.number {
            query.push(" and number = ").push_bind(number);
        }
        if let Some(among) = &self.among {
            let ids: Vec<_> = among.iter().map(|id| id.uuid()).collect();
            query.push(" and id = any(").push_bind(ids).push(")");
        }
        if let Some(by) = &self.by {
            decided_by(query, by);
        }
        self.hints.iter().for_each(|hint| hinted(query, *hint));
        if !self.words.is_empty() {
            query.push(" and user_id in (select id from users where true");
            search(query, self.words.iter().map(|word| &**word));
            query.push(")");
        }
    }
}

fn decided_by(query: &mut QueryBuilder<Postgres>, by: &DecidedBy) {
    let DecidedBy::Named(name) = by else {
        query.push(" and decided_by is null and decided_at is not null");
        return;
    };
    query.push(
        " and decided_by = any(array(
              select id from administrators
              where position(lower(",
    );
    query.push_bind(name.clone()).push(") in lower(name)) > 0 or lower(email) = lower(");
    query.push_bind(name.clone()).push(") union all select id from tokens where position(lower(");
    query.push_bind(name.clone()).push(") in lower(name)) > 0))");
}

fn hinted(query: &mut QueryBuilder<Postgres>, hint: Hint) {
    match hint {
        Hint::Burst => {
            query.push(
                " and exists (
                      select 1 from (
                          select source, began_at, ended_at from bursts order by ended_at desc limit ",
            );
            query.push_bind(BURSTS).push(
                "   ) as burst
                    where burst.source = actions.source
                      and actions.created_at between burst.began_at and burst.ended_at
                  )",
            );
        }
        // The index holds only what has a hint.
        hint => {
            query.push(format_args!(" and hints @> '{{{hint}}}' and hints <> '{{}}'"));
        }
    }
}

/// How many actions are on each tab that somebody has to look after, up to [`COUNTED`] and one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for a person.
    pub pending: i64,
    /// Approved or being sent.
    pub progress: i64,
    /// Failed.
    pub failed: i64,
    /// Since when the oldest has waited for a person.
    pub oldest: Option<OffsetDateTime>,
}

/// How many wait, are under way and have failed, of those that `filter` lets through on whichever tab.
/// What is counted is what [`list`](super::list()) lists.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(pool: &PgPool, filter: &Filter) -> sqlx::Result<Counts> {
    let mut query = QueryBuilder::new("select ");
    for tab in [Tab::Pending, Tab::Progress, Tab::Failed] {
        query.push("(select count(*) from (select 1 from actions where true");
        Filter { tab: Some(tab), ..filter.clone() }.restrict(&mut query);
        query.push(" limit ").push_bind(COUNTED + 1).push(") as few), ");
    }
    query.push("(select min(created_at) from actions where true");
    Filter { tab: Some(Tab::Pending), ..filter.clone() }.restrict(&mut query);
    query.push(")");
    let row = query.build().fetch_one(pool).await?;
    Ok(Counts {
        pending: row.try_get(0)?,
        progress: row.try_get(1)?,
        failed: row.try_get(2)?,
        oldest: row.try_get(3)?,
    })
}

/// Which of some actions `filter` lets through.
///
/// # Errors
/// When the database does not answer.
pub async fn among(
    pool: &PgPool,
    filter: &Filter,
    actions: Vec<ActionId>,
) -> sqlx::Result<Vec<ActionId>> {
    let mut query = QueryBuilder::new("select id from actions where true");
    Filter { among: Some(actions), ..filter.clone() }.restrict(&mut query);
    let ids: Vec<Uuid> = query.build_query_scalar().fetch_all(pool).await?;
    Ok(ids.into_iter().map(ActionId::from).collect())
}

/// How many actions `filter` lets through, up to [`COUNTED`] and one more.
///
/// # Errors
/// When the database does not answer.
pub async fn count(pool: &PgPool, filter: &Filter) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*) from (select 1 from actions where true");
    filter.restrict(&mut query);
    query.push(" limit ").push_bind(COUNTED + 1).push(") as few");
    query.build_query_scalar().fetch_one(pool).await
}

/// How many actions of one kind wait for a person, up to [`COUNTED`].
///
/// # Errors
/// When the database does not answer.
pub async fn count_pending(pool: &PgPool, app: AppId, kind: Kind) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from actions where tab = 'pending' and app_id = $1 and kind = $2 limit $3
         ) as few"#,
        app.uuid(),
        kind.word(),
        COUNTED,
    )
    .fetch_one(pool)
    .await
}
