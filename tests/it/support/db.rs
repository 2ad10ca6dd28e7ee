//! A database for each test: a clone of a template that holds the migrated schema.
#![expect(clippy::expect_used, reason = "a test that has no database can only stop")]

use std::thread;

use countersign::db::MIGRATOR;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Held by whoever makes the template, so that it is made once.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

/// A migrated, otherwise empty database of its own. It is dropped with the value, also when the test panics.
#[derive(Debug)]
pub(crate) struct TestDb {
    /// A few connections to it.
    pub(crate) pool: PgPool,
    name: String,
    server: PgConnectOptions,
}

impl TestDb {
    /// Clones the template, which the first caller makes.
    pub(crate) async fn new() -> Self {
        let server = server();
        let mut connection = connect(&server).await;
        let template = template(&mut connection, &server).await;
        let name = format!("test_{:016x}", rand::random::<u64>());
        // Copying files is quickest on a server that syncs nothing.
        run(
            &mut connection,
            format!("create database {name} template {template} strategy file_copy"),
        )
        .await;
        connection.close().await.expect("the server to end a connection");
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect_lazy_with(server.clone().database(&name));
        Self { pool, name, server }
    }

    /// What another pool, or another process, needs to connect to it.
    pub(crate) fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }
}

impl Drop for TestDb {
    /// Blocks for some milliseconds, on a runtime of its own: the test's own may be unwinding.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let mut connection = connect(&server).await;
                run(&mut connection, format!("drop database if exists {name} with (force)")).await;
            });
        });
        // What is left behind goes with the cluster.
        let _ = dropping.join();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a test learns of its server; the app reads config"
)]
fn server() -> PgConnectOptions {
    std::env::var("COUNTERSIGN_TEST_DATABASE_URL")
        .expect("COUNTERSIGN_TEST_DATABASE_URL: run the tests as `bin/with-postgres cargo test`")
        .parse::<PgConnectOptions>()
        .expect("COUNTERSIGN_TEST_DATABASE_URL to be a Postgres URL")
        .disable_statement_logging()
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.expect("the test server to answer")
}

async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(AssertSqlSafe(sql)).await.expect("the test server to obey");
}

/// The template's name: a new schema gets a new one.
async fn template(connection: &mut PgConnection, server: &PgConnectOptions) -> String {
    let key = MIGRATOR
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let name = format!("template_{key:016x}");
    if is_ready(connection, &name).await {
        return name;
    }
    run(connection, format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !is_ready(connection, &name).await {
        run(connection, format!("drop database if exists {name}")).await;
        run(connection, format!("create database {name}")).await;
        let mut inside = connect(&server.clone().database(&name)).await;
        MIGRATOR.run(&mut inside).await.expect("the migrations to apply");
        inside.close().await.expect("the server to end a connection");
        run(connection, format!("alter database {name} is_template true")).await;
    }
    run(connection, format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    name
}

async fn is_ready(connection: &mut PgConnection, template: &str) -> bool {
    let sql = format!(
        "select exists (select from pg_database where datname = '{template}' and datistemplate)"
    );
    let row = connection.fetch_one(AssertSqlSafe(sql)).await.expect("the test server to answer");
    row.get(0)
}
