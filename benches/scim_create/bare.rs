//! The bound: what the same Postgres commits when a transaction holds nothing but one user, one action
//! and one event, driven by pgbench over the same socket.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

use crate::pgbench::Pgbench;

/// Three plain tables of the columns that matter, with nothing but their keys.
const TABLES: &str = "
    create table bare_users (id uuid primary key, user_name text not null unique, resource jsonb not null);
    create table bare_actions (id uuid primary key, user_id uuid not null, changes jsonb not null, digest bytea not null);
    create table bare_events (seq bigint primary key generated always as identity, user_id uuid, details jsonb not null)";

const PLAIN: &str = r#"\set n random(1, 9000000000000000)
select gen_random_uuid() as id \gset
begin;
insert into bare_users values (:id::uuid, 'bare' || :n::text, jsonb_build_object('userName', :n::text, 'title', 'Analyst'));
insert into bare_actions values (gen_random_uuid(), :id::uuid, '[{"attribute": "title", "to": "Analyst"}]', sha256('x'));
insert into bare_events (user_id, details) values (:id::uuid, '{"person": "Somebody"}');
commit;
"#;

/// The rows that a create leaves in our own tables, with all their indexes and constraints.
const SAME: &str = r#"\set n random(1, 9000000000000000)
select gen_random_uuid() as id, gen_random_uuid() as action \gset
begin;
insert into users (id, source, user_name, email, active, created_at, updated_at, resource, external_id, external_source)
values (:id::uuid, 'okta', 'bare' || :n::text, 'bare' || :n::text || '@x.test', true, now(), now(), jsonb_build_object('userName', :n::text), :n::text, 'okta');
insert into accounts (app_id, user_id) select id, :id::uuid from apps limit 1;
insert into actions (id, app_id, user_id, kind, source, changes, digest, state, created_at, changed_at, person)
select :action::uuid, id, :id::uuid, 'create', 'okta', '[{"attribute": "title", "to": "Analyst"}]', sha256('x'), 'pending', now(), now(), 'bare' || :n::text from apps limit 1;
insert into events (id, at, actor_kind, verb, user_id, details, salt, details_digest)
values (gen_random_uuid(), now(), 'system', 'user.created', :id::uuid, '{"person": "Somebody"}', 'x', sha256('x'));
commit;
"#;

pub(crate) struct Bare {
    pgbench: Pgbench,
    database: String,
}

impl Bare {
    pub(crate) async fn new(pgbench: &str, database: &str, length: Duration) -> Self {
        let pgbench = Pgbench::new(pgbench, database, length);
        let bare = Self { pgbench, database: database.to_owned() };
        bare.connect().await.execute(TABLES).await.expect("the plain tables");
        bare
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.database).await.expect("the database")
    }

    /// Transactions a second into the plain tables.
    pub(crate) fn plain(&self, clients: usize) -> f64 {
        self.pgbench.per_second(PLAIN, clients)
    }

    /// The same into the tables of Countersign.
    pub(crate) async fn same_tables(&self, clients: usize) -> f64 {
        self.connect().await.execute("checkpoint").await.expect("a checkpoint");
        self.pgbench.per_second(SAME, clients)
    }
}
