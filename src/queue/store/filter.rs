//! Which actions a list is of.

use sqlx::{PgPool, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    super::{Status, hint::Hint},
    bursts::sources_of_bursts,
    list::{Order, Tab},
};
use crate::{
    apps::change::Kind,
    directory::store::search,
    kernel::{ActionId, UserId},
};

/// How many people are looked up before what they have in the queue is: past that it is read through.
const FEW: usize = 1_000;

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// A rule.
    Rule,
    /// Somebody whose name contains this, or whose address it is.
    Named(String),
}

/// Which actions are listed; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Those of one tab.
    pub tab: Option<Tab>,
    /// Those in one state.
    pub status: Option<Status>,
    /// Those of some kinds; of all when there is none.
    pub kinds: Vec<Kind>,
    /// Those of an app, by its slug or its name.
    pub app: Option<String>,
    /// Those of a source, by its slug or its name.
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

    /// Looks up what it names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sieve(&self, pool: &PgPool) -> sqlx::Result<Sieve> {
        let deciders = match &self.by {
            Some(DecidedBy::Named(name)) => deciders(pool, name).await?,
            _ => Vec::new(),
        };
        let bursts = if self.hints.contains(&Hint::Burst) {
            sources_of_bursts(pool).await?
        } else {
            Vec::new()
        };
        let people = match &*self.words {
            [] => None,
            words => few(pool, words).await?,
        };
        let mut unknown = Vec::new();
        if let Some(DecidedBy::Named(name)) = &self.by
            && deciders.is_empty()
        {
            unknown.push(Unknown::Decider(name.clone()));
        }
        let mut filter = self.clone();
        if let Some(name) = &self.app {
            filter.app = app(pool, name).await?;
            unknown.extend(filter.app.is_none().then(|| Unknown::App(name.clone())));
        }
        if let Some(name) = &self.source {
            filter.source = slug(pool, name).await?;
            unknown.extend(filter.source.is_none().then(|| Unknown::Source(name.clone())));
        }
        Ok(Sieve { filter, unknown, deciders, bursts, people })
    }
}

/// A name in a filter that nobody has: nothing is let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// No app goes by it.
    App(String),
    /// No source goes by it.
    Source(String),
    /// No administrator and no token does.
    Decider(String),
}

/// The slug of an app that goes by this name.
async fn app(pool: &PgPool, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select slug from apps where slug = $1 or lower(name) = lower($1) order by slug <> $1, slug limit 1",
        name,
    )
    .fetch_optional(pool)
    .await
}

/// The slug of a source that goes by this name.
async fn slug(pool: &PgPool, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select slug from sources where slug = $1 or lower(name) = lower($1) order by slug <> $1, slug limit 1",
        name,
    )
    .fetch_optional(pool)
    .await
}

/// The people and tokens whose name contains this, or whose address it is.
async fn deciders(pool: &PgPool, name: &str) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"select id as "id!" from administrators
           where position(lower($1) in lower(name)) > 0 or lower(email) = lower($1)
           union all
           select id from tokens where position(lower($1) in lower(name)) > 0"#,
        name,
    )
    .fetch_all(pool)
    .await
}

/// The people who have all of these words in name, user name or address; `None` when they are more than [`FEW`].
async fn few(pool: &PgPool, words: &[String]) -> sqlx::Result<Option<Vec<Uuid>>> {
    let mut query = QueryBuilder::new("select id from users where true");
    search(&mut query, words.iter().map(|word| &**word));
    query.push(" limit ").push_bind(i64::try_from(FEW + 1).unwrap_or(i64::MAX));
    // How it is planned hangs on the words.
    let people: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(pool).await?;
    Ok(Some(people).filter(|people| people.len() <= FEW))
}

/// A [`Filter`] with what it names looked up: the planner plans for what is meant and not for any name.
#[derive(Debug, Clone)]
pub struct Sieve {
    filter: Filter,
    unknown: Vec<Unknown>,
    deciders: Vec<Uuid>,
    /// The sources that many actions came from at once, from when to when.
    bursts: Vec<(String, OffsetDateTime, OffsetDateTime)>,
    /// Those who have all of the words, when they are few.
    people: Option<Vec<Uuid>>,
}

impl Sieve {
    /// The same of another tab, or of all.
    #[must_use]
    pub fn on(&self, tab: Option<Tab>) -> Self {
        Self { filter: Filter { tab, ..self.filter.clone() }, ..self.clone() }
    }

    /// The names in it that nobody has.
    #[must_use]
    pub fn unknown(&self) -> &[Unknown] {
        &self.unknown
    }

    /// Whether a query with it may be planned once for any values: how common a word or a source is decides
    /// which way is the short one, by a factor of ten in a list of a million.
    pub(in crate::queue) fn plans_once(&self) -> bool {
        self.filter.is_whole_tab()
    }

    /// Whether it has words that so many people have that each action's person has to be looked at.
    pub(super) fn reads_through(&self) -> bool {
        self.people.is_none() && !self.filter.words.is_empty()
    }

    /// Restricts a query over `actions`.
    pub(super) fn restrict(&self, query: &mut QueryBuilder<Postgres>) {
        let filter = &self.filter;
        if !self.unknown.is_empty() {
            query.push(" and false");
        }
        // Tabs and states are written out, so that the planner knows them, and which index they are in.
        if let Some(tab) = filter.tab {
            query.push(format_args!(" and tab = '{tab}'"));
        }
        if let Some(status) = filter.status {
            query.push(format_args!(" and state = '{status}'"));
        }
        match &*filter.kinds {
            [] => {}
            [kind] => _ = query.push(format_args!(" and kind = '{kind}'")),
            kinds => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
                query.push(" and kind = any(").push_bind(kinds).push(")");
            }
        }
        if let Some(app) = &filter.app {
            query.push(" and app_id = (select id from apps where slug = ");
            query.push_bind(app.clone()).push(")");
        }
        if let Some(source) = &filter.source {
            query.push(" and source = ").push_bind(source.clone());
            if filter.tab.is_none() {
                // All of them, so that what is rare can be read from the index of each tab.
                let tabs: Vec<_> = Tab::ALL.iter().map(|tab| tab.word()).collect();
                query.push(" and tab = any(").push_bind(tabs).push(")");
            }
        }
        if let Some(before) = filter.before {
            query.push(" and created_at < ").push_bind(before);
        }
        if let Some(after) = filter.after {
            query.push(" and created_at > ").push_bind(after);
        }
        if let Some(user) = filter.user {
            query.push(" and user_id = ").push_bind(user.uuid());
        }
        if let Some(number) = filter.number {
            query.push(" and number = ").push_bind(number);
        }
        if let Some(among) = &filter.among {
            let ids: Vec<_> = among.iter().map(|id| id.uuid()).collect();
            query.push(" and id = any(").push_bind(ids).push(")");
        }
        if let Some(by) = &filter.by {
            self.decided(by, query);
        }
        filter.hints.iter().for_each(|hint| self.hinted(*hint, query));
        if let Some(people) = &self.people {
            query.push(" and user_id = any(").push_bind(people.clone()).push(")");
        } else if self.reads_through() {
            query.push(" and user_id in (select id from users where true");
            search(query, filter.words.iter().map(|word| &**word));
            query.push(")");
        }
    }

    fn decided(&self, by: &DecidedBy, query: &mut QueryBuilder<Postgres>) {
        match by {
            // What waits was not decided.
            _ if self.filter.tab == Some(Tab::Pending) => _ = query.push(" and false"),
            DecidedBy::Rule => _ = query.push(" and decided_by is null and decided_at is not null"),
            DecidedBy::Named(_) => {
                query.push(" and decided_by = any(").push_bind(self.deciders.clone()).push(")");
            }
        }
    }

    fn hinted(&self, hint: Hint, query: &mut QueryBuilder<Postgres>) {
        if hint != Hint::Burst {
            // The index holds only what has a hint.
            query.push(format_args!(" and hints @> '{{{hint}}}' and hints <> '{{}}'"));
            return;
        }
        if self.bursts.is_empty() {
            query.push(" and false");
            return;
        }
        if let Some((began_at, ended_at)) = self.bursts.iter().map(|b| (b.1, b.2)).reduce(wider) {
            query.push(" and created_at between ").push_bind(began_at);
            query.push(" and ").push_bind(ended_at);
        }
        // As a function and not as the operator it is planned for as if it held often: the list is then read in its
        // order until the page is full.
        query.push(" and elem_contained_by_multirange(created_at, case source");
        for (source, ..) in &self.bursts {
            query.push(" when ").push_bind(source.clone());
            query.push(" then (select range_agg(tstzrange(began_at, ended_at, '[]')) from bursts where source = ");
            query.push_bind(source.clone()).push(")");
        }
        query.push(" end)");
    }
}

/// The time that two span together.
fn wider(
    (one, other): (OffsetDateTime, OffsetDateTime),
    (begin, end): (OffsetDateTime, OffsetDateTime),
) -> (OffsetDateTime, OffsetDateTime) {
    (one.min(begin), other.max(end))
}
