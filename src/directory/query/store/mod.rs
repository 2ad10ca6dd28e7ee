//! Looks through `users` and `groups`.

mod field;
mod hint;
mod order;
mod predicate;
mod sql;

use sqlx::{FromRow, PgPool, postgres::PgRow};
use uuid::Uuid;

use self::{field::Kind, order::Order, sql::Sql};
use super::{
    Listed, Listing, QueryError, Window,
    cursor::{Mark, Query},
};
use crate::{
    directory::{Group, Source, User, group_store, store},
    scim::list::Paging,
};

/// A row with what it was sorted by.
#[derive(sqlx::FromRow)]
struct Keyed<T> {
    #[sqlx(flatten)]
    row: T,
    id: Uuid,
    sort_key: Option<String>,
}

pub(super) async fn users(
    pool: &PgPool,
    source: &Source,
    listing: &Listing,
) -> Result<Listed<User>, QueryError> {
    let search = Search::new(source, listing, Kind::Users)?;
    let Listed { items, total, next } = search.run::<store::Row>(pool, store::COLUMNS).await?;
    let items = items.into_iter().map(User::try_from).collect::<Result<_, _>>();
    Ok(Listed { items: items.map_err(sqlx::Error::from)?, total, next })
}

pub(super) async fn groups(
    pool: &PgPool,
    source: &Source,
    listing: &Listing,
) -> Result<Listed<Group>, QueryError> {
    let search = Search::new(source, listing, Kind::Groups)?;
    let found = search.run::<group_store::Row>(pool, group_store::COLUMNS).await?;
    let items = found.items.into_iter().map(Group::from).collect();
    Ok(Listed { items, total: found.total, next: found.next })
}

/// A query that was understood.
struct Search<'a> {
    source: &'a Source,
    listing: &'a Listing,
    kind: Kind,
    order: Order,
    /// What its cursors are of.
    query: Query,
    after: Option<Mark>,
}

impl<'a> Search<'a> {
    fn new(source: &'a Source, listing: &'a Listing, kind: Kind) -> Result<Self, QueryError> {
        let name = match kind {
            Kind::Users => "users",
            Kind::Groups => "groups",
        };
        let order = Order::of(listing.sort.as_ref(), kind, predicate::whole(kind))?;
        let query = Query::of(name, source, listing);
        let after = match &listing.window {
            Window::Cursor { cursor: Some(cursor), .. } => Some(Mark::decode(cursor, &query)?),
            Window::Cursor { cursor: None, .. } | Window::Index(_) => None,
        };
        Ok(Self { source, listing, kind, order, query, after })
    }

    async fn run<R>(&self, pool: &PgPool, columns: &'static str) -> Result<Listed<R>, QueryError>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (count, from_the_first) = match self.listing.window {
            Window::Index(paging) => (paging.count, paging.start <= 1),
            Window::Cursor { count, .. } => (count, self.after.is_none()),
        };
        let mut rows: Vec<Keyed<R>> = match count {
            0 => Vec::new(),
            _ => {
                self.page(columns)?
                    .query()
                    .build_query_as()
                    .persistent(false)
                    .fetch_all(pool)
                    .await?
            }
        };
        let more = rows.len() > count;
        rows.truncate(count);
        let total = match rows.len() {
            all if from_the_first && !more && count > 0 => all as u64,
            _ => self.total(pool).await?,
        };
        let by_cursor = matches!(self.listing.window, Window::Cursor { .. });
        let last = rows.last().filter(|_| more && by_cursor);
        let next = last.map(|row| Mark::new(&self.query, row.sort_key.clone(), row.id).encode());
        Ok(Listed { items: rows.into_iter().map(|found| found.row).collect(), total, next })
    }

    async fn total(&self, pool: &PgPool) -> Result<u64, QueryError> {
        let mut sql = Sql::new(self.source);
        sql.push("select count(*)");
        self.write_from(&mut sql)?;
        let query = sql.query().build_query_scalar::<i64>();
        Ok(u64::try_from(query.persistent(false).fetch_one(pool).await?).unwrap_or_default())
    }

    /// The rows of the page, and one more if there is one.
    fn page(&self, columns: &'static str) -> Result<Sql, QueryError> {
        let mut sql = Sql::new(self.source);
        sql.push("select ").push(columns).push(", ");
        self.order.write_key(&mut sql);
        sql.push(" as sort_key");
        self.write_from(&mut sql)?;
        if let Some(mark) = &self.after {
            self.order.write_after(&mut sql, mark);
        }
        self.order.write(&mut sql);
        let (count, skip) = match self.listing.window {
            Window::Index(Paging { start, count }) => (count, start.saturating_sub(1)),
            Window::Cursor { count, .. } => (count, 0),
        };
        let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        sql.push(" limit ").bind(number(count.saturating_add(1)));
        sql.push(" offset ").bind(number(skip));
        Ok(sql)
    }

    /// Which rows match.
    fn write_from(&self, sql: &mut Sql) -> Result<(), QueryError> {
        match self.kind {
            Kind::Users => sql.push(" from users r where r.deleted_at is null"),
            Kind::Groups => sql.push(" from groups r where r.source = ").source(),
        };
        if let Some(filter) = &self.listing.filter {
            sql.push(" and ");
            predicate::write(sql, filter, predicate::whole(self.kind))?;
        }
        Ok(())
    }
}
