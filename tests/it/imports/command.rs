//! `countersign users import`, as a script would run it.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    sync::Arc,
};

use countersign::{
    imports::{KIND, State, Worker, store},
    jobs::{self, Handler, Runner},
    kernel::{Clock, SystemClock},
};

use super::PEOPLE;
use crate::support::db::TestDb;

/// A database with a folder for files; the program runs beside whatever else is on it.
struct Shell {
    db: TestDb,
    folder: PathBuf,
}

impl Shell {
    async fn new() -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-{:016x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        Self { db: TestDb::new().await, folder }
    }

    fn import(&self, text: &str, arguments: &[&str]) -> Output {
        let file = self.folder.join("staff.csv");
        fs::write(&file, text).unwrap();
        Command::new(env!("CARGO_BIN_EXE_countersign"))
            .env("DATABASE_URL", self.db.url())
            .env("COUNTERSIGN_DATA_DIR", &self.folder)
            .env("RUST_LOG", "error")
            .args(["users", "import"])
            .arg(&file)
            .args(arguments)
            .output()
            .unwrap()
    }

    async fn people(&self) -> i64 {
        let active = sqlx::query_scalar!(r#"select count(*) as "count!" from users where active"#);
        active.fetch_one(&self.db.pool).await.unwrap()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn said(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_done_and_leaves_nothing_behind() {
    let shell = Shell::new().await;

    let ran = shell.import(PEOPLE, &["--dry-run"]);

    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran.stderr));
    assert!(said(&ran.stdout).contains("staff.csv: 2 create, 0 update"), "{}", said(&ran.stdout));
    assert_eq!(shell.people().await, 0);
    assert!(store::list(&shell.db.pool, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn bad_lines_are_told_and_left_out_and_the_rest_is_done() {
    let shell = Shell::new().await;
    let text = format!("{PEOPLE}eve@example.com;eve;;;;\n");

    let ran = shell.import(&text, &["--name", "Autumn intake"]);

    assert_eq!(ran.status.code(), Some(3));
    assert!(said(&ran.stderr).contains("line 4: email: Must be an e-mail address"));
    assert!(said(&ran.stdout).contains("2 done"), "{}", said(&ran.stdout));
    assert_eq!(shell.people().await, 2);
    let imports = store::list(&shell.db.pool, None, 10).await.unwrap().items;
    assert_eq!((&*imports[0].name, imports[0].state), ("Autumn intake", State::Finished));
    assert_eq!(imports[0].applied_by.as_ref().unwrap().name, "Command line");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_ends_with_one_and_the_mend() {
    let shell = Shell::new().await;
    for (text, arguments, says) in [
        ("", &[][..], "The file is empty"),
        (
            "Kennung,Title\nana,Clerk\n",
            &[],
            "--map \"COLUMN=userName\"; the columns are Kennung, Title",
        ),
        (PEOPLE, &["--map", "Shoes=phone"], "the file has no column “Shoes”"),
    ] {
        let ran = shell.import(text, arguments);

        assert_eq!(ran.status.code(), Some(1), "{text}");
        assert!(said(&ran.stderr).contains(says), "{}", said(&ran.stderr));
    }
    assert!(store::list(&shell.db.pool, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn columns_can_be_named_and_who_is_missing_suspended() {
    let shell = Shell::new().await;
    shell.import(PEOPLE, &[]);
    let text = "Kennung,Title\nana@example.com,Head\n";

    let ran = shell.import(text, &["--map", "Kennung=userName", "--suspend-missing"]);

    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran.stderr));
    assert!(said(&ran.stdout).contains("1 update, 1 suspend"), "{}", said(&ran.stdout));
    assert_eq!(shell.people().await, 1);
}

#[tokio::test]
async fn a_server_beside_it_finds_nothing_left_to_do() {
    let shell = Shell::new().await;
    shell.import(PEOPLE, &[]);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let worker: Arc<dyn Handler> = Arc::new(Worker::new(shell.db.pool.clone(), Arc::clone(&clock)));
    let runner = Runner::new(shell.db.pool.clone(), clock, [(KIND, worker)]);

    let jobs_done = jobs::work_due(&runner).await.unwrap();

    assert_eq!(jobs_done, 1, "the job that is there in case the command dies");
    assert_eq!(shell.people().await, 2);
}
