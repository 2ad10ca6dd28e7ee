//! The embedded Postgres: a real server, made, started, killed and refused.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
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
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn start(folder: &Folder) -> Embedded {
    Embedded::start(&folder.0, programs().as_deref()).await.unwrap()
}

/// The programs that `bin/test` was told to use; without, they are looked for.
#[expect(clippy::disallowed_methods, reason = "config reads no variables of tests")]
fn programs() -> Option<PathBuf> {
    std::env::var_os("COUNTERSIGN_POSTGRES_PROGRAMS").map(PathBuf::from)
}

/// The process that serves the folder, and how it was called.
fn postmaster(folder: &Folder) -> (String, Vec<String>) {
    let pid_file = fs::read_to_string(folder.0.join("data/postmaster.pid")).unwrap();
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

    let embedded = start(&folder).await;

    let pool = db::connect(embedded.options(), 2);
    db::migrate(&pool).await.unwrap();
    let role =
        pool.fetch_one("select rolsuper from pg_roles where rolname = current_user").await.unwrap();
    assert!(!role.get::<bool, _>(0));
    let durable =
        pool.fetch_one("select current_setting('fsync') || current_setting('synchronous_commit')");
    assert_eq!(durable.await.unwrap().get::<String, _>(0), "onon");
    pool.close().await;
    embedded.stop().await;
}

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let folder = Folder::new();
    let first = start(&folder).await;
    a_note_is_kept(&first).await;
    first.stop().await;

    let second = start(&folder).await;

    assert_eq!(the_note(&second).await, "kept");
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_the_next_start_recovers() {
    let folder = Folder::new();
    let first = start(&folder).await;
    a_note_is_kept(&first).await;
    let (pid, _) = postmaster(&folder);

    let killed = Command::new("kill").args(["-KILL", &pid]).status().unwrap();
    let status = timeout(Duration::from_secs(10), first.ended()).await.unwrap();
    drop(first);
    let second = start(&folder).await;

    assert!(killed.success());
    assert!(status.contains('9'), "{status}");
    assert_eq!(the_note(&second).await, "kept");
}

#[tokio::test]
async fn a_server_that_outlived_its_countersign_is_replaced() {
    let folder = Folder::new();
    let first = start(&folder).await;
    a_note_is_kept(&first).await;
    let options = first.options();
    let (_, command_line) = postmaster(&folder);
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

    let second = start(&folder).await;

    assert_eq!(the_note(&second).await, "kept");
    assert!(orphan.try_wait().unwrap().is_some());
}

#[tokio::test]
async fn a_second_instance_is_refused_but_a_command_may_join_the_first() {
    let folder = Folder::new();
    assert!(find_running(&folder.0).is_none());
    let first = start(&folder).await;

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
