//! What helps a reviewer: hints of what to look at twice, lists in several orders, and bursts.
#![expect(clippy::panic, reason = "how a test fails")]

mod bursts;
mod hints;
mod order;
mod totals;

use countersign::{
    kernel::ActionId,
    queue::{
        Action,
        store::{self, Filter, Order, Part},
    },
};
use sqlx::{AssertSqlSafe, Executor};

use crate::support::app::TestApp;

/// Longer than any list of these tests.
const ALL: usize = 200;

/// A whole list.
async fn listed(app: &TestApp, filter: &Filter, order: Order) -> Vec<Action> {
    let leaf = store::list(&app.pool, filter, order, Part::First, ALL).await.unwrap();
    assert_eq!((leaf.previous, leaf.next), (None, None), "all of it is on one page");
    leaf.actions
}

fn ids(actions: &[Action]) -> Vec<ActionId> {
    actions.iter().map(|action| action.id).collect()
}

/// The organisation's own mail domains are these, as Postgres writes a list.
async fn domains_are(app: &TestApp, domains: &str) {
    let sql = format!("update apps set domains = '{{{domains}}}'");
    app.pool.execute(AssertSqlSafe(sql)).await.unwrap();
}
