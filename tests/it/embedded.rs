//! The embedded Postgres: a real server, made, started, killed and refused.

use std::{
    fmt::Display,
    fs,
    io::{BufRead, BufReader},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use countersign::db::{
    self,
    embedded::{Embedded, EmbeddedError, find_running},
};
use sqlx::{ConnectOptions, Executor, PgConnection, Row};
use tokio::time::timeout;

/// A folder of its own, gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = Path::new("/tmp").join(format!("countersign-it-{:016x}", rand::random::<u64>()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }
}

/// `countersign serve` with its data in the folder, once it serves.
fn serving(folder: &Folder) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .env("COUNTERSIGN_DATA_DIR", &folder.0)
        .env("COUNTERSIGN_LISTEN", "127.0.0.1:0")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let first_line = BufReader::new(child.stdout.as_mut().unwrap()).lines().next();
    assert!(first_line.is_some_and(|line| line.is_ok()), "it ended before it served");
    child
}

fn signal(name: &str, pid: impl Display) {
    assert!(
        Command::new("kill")
            .args([&format!("-{name}"), &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

async fn until_gone(pid: &str) {
    while fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|text| !text.is_empty()) {
        tokio::task::yield_now().await;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn start(folder: &Path) -> Embedded {
    Embedded::start(folder, programs().as_deref()).await.unwrap()
}

/// The programs that `bin/test` was told to use; without, they are looked for.
#[expect(clippy::disallowed_methods, reason = "config reads no variables of tests")]
fn programs() -> Option<PathBuf> {
    std::env::var_os("COUNTERSIGN_POSTGRES_PROGRAMS").map(PathBuf::from)
}

/// The process that serves the folder, and how it was called.
fn postmaster(folder: &Path) -> (String, Vec<String>) {
    let pid_file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    let pid = pid_file.lines().next().unwrap().to_owned();
    let command_line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    (pid, command_line.split_terminator('\0').map(str::to_owned).collect())
}

async fn connect(embedded: &Embedded) -> PgConnection {
    embedded.options().connect().await.unwrap()
}

async fn refused(folder: &Path) -> EmbeddedError {
    Embedded::start(folder, programs().as_deref()).await.unwrap_err()
}

async fn a_note_is_kept(embedded: &Embedded) {
    connect(embedded).await.execute("create table notes as select 'kept' as note").await.unwrap();
}

async fn the_note(embedded: &Embedded) -> String {
    connect(embedded).await.fetch_one("select note from notes").await.unwrap().get(0)
}

#[tokio::test]
async fn a_fresh_folder_becomes_a_database_whose_owner_is_no_superuser() {
    let folder = Folder::new();

    let embedded = start(&folder.0).await;

    let pool = db::connect(embedded.options(), 2);
    db::migrate(&pool).await.unwrap();
    let role =
        pool.fetch_one("select rolsuper from pg_roles where rolname = current_user").await.unwrap();
    assert!(!role.get::<bool, _>(0));
    let durable =
        pool.fetch_one("select current_setting('fsync') || current_setting('synchronous_commit')");
    assert_eq!(durable.await.unwrap().get::<String, _>(0), "onon");
    assert!(db::is_durable(&pool).await.unwrap());
    pool.close().await;
    embedded.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let folder = Folder::new();
    let first = start(&folder.0).await;
    a_note_is_kept(&first).await;
    first.stop().await;

    let second = start(&folder.0).await;

    assert_eq!(the_note(&second).await, "kept");
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_the_next_start_recovers() {
    let folder = Folder::new();
    let first = start(&folder.0).await;
    a_note_is_kept(&first).await;
    let (pid, _) = postmaster(&folder.0);

    signal("KILL", &pid);
    let status = timeout(Duration::from_secs(10), first.ended()).await.unwrap();
    drop(first);
    let second = start(&folder.0).await;

    assert!(status.contains('9'), "{status}");
    assert_eq!(the_note(&second).await, "kept");
}

#[tokio::test]
async fn postgres_ends_by_itself_when_countersign_is_killed() {
    let folder = Folder::new();
    let mut countersign = serving(&folder);
    let (postgres, _) = postmaster(&folder.postgres());

    countersign.kill().unwrap();
    countersign.wait().unwrap();
    let gone = timeout(Duration::from_secs(10), until_gone(&postgres)).await;

    assert!(gone.is_ok());
    start(&folder.postgres()).await.stop().await;
}

#[tokio::test]
async fn ctrl_c_stops_countersign_and_postgres_in_order() {
    let folder = Folder::new();
    let mut countersign = serving(&folder);

    signal("INT", countersign.id());
    let status = countersign.wait().unwrap();

    assert!(status.success(), "{status}");
    assert!(!folder.postgres().join("data/postmaster.pid").exists());
}

#[tokio::test]
async fn a_server_that_outlived_its_countersign_is_replaced() {
    let folder = Folder::new();
    let first = start(&folder.0).await;
    a_note_is_kept(&first).await;
    let options = first.options();
    let (_, command_line) = postmaster(&folder.0);
    first.stop().await;
    let owner = fs::metadata(folder.0.join("data")).unwrap();
    let (program, arguments) = command_line.split_first().unwrap();
    let mut orphan = Command::new(program)
        .args(arguments)
        .uid(owner.uid())
        .gid(owner.gid())
        .current_dir("/")
        .spawn()
        .unwrap();
    timeout(Duration::from_secs(10), async { while options.connect().await.is_err() {} })
        .await
        .unwrap();

    let second = start(&folder.0).await;

    assert_eq!(the_note(&second).await, "kept");
    assert!(orphan.try_wait().unwrap().is_some());
}

#[tokio::test]
async fn a_second_instance_is_refused_but_a_command_may_join_the_first() {
    let folder = Folder::new();
    assert!(find_running(&folder.0).is_none());
    let first = start(&folder.0).await;

    let refusal = refused(&folder.0).await;
    let joined = find_running(&folder.0).unwrap().connect().await;

    assert!(matches!(refusal, EmbeddedError::InUse { .. }), "{refusal}");
    assert!(refusal.to_string().contains(&std::process::id().to_string()), "{refusal}");
    assert!(joined.is_ok());
    first.stop().await;
    assert!(find_running(&folder.0).is_none());
}

#[tokio::test]
async fn a_folder_too_deep_for_a_socket_works_all_the_same() {
    let folder = Folder::new();
    let deep = folder.0.join("a-rather-long-name/".repeat(8));

    let embedded = Embedded::start(&deep, programs().as_deref()).await.unwrap();

    let socket = embedded.options().get_socket().unwrap().clone();
    assert!(connect(&embedded).await.execute("select 1").await.is_ok());
    assert!(!socket.starts_with(&folder.0));
    embedded.stop().await;
    assert!(!socket.exists(), "{}", socket.display());
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_is_refused_and_left_alone() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/PG_VERSION"), "9\n").unwrap();

    let refusal = refused(&folder.0).await;

    assert!(matches!(refusal, EmbeddedError::OtherMajor { data_major: 9, .. }), "{refusal}");
    assert_eq!(fs::read_to_string(folder.0.join("data/PG_VERSION")).unwrap(), "9\n");
}

#[tokio::test]
async fn a_folder_of_other_files_is_refused_and_left_alone() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/thesis.txt"), "the only copy").unwrap();

    let refusal = refused(&folder.0).await;

    assert!(matches!(refusal, EmbeddedError::NotData(_)), "{refusal}");
    assert!(folder.0.join("data/thesis.txt").exists());
}
