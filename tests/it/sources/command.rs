//! `countersign token create --scope scim`: for scripts.

use std::process::{Command, Output};

use countersign::sources::{self, Provider};

use crate::support::app::TestApp;

/// Runs it over the database of a test.
fn token_create(app: &TestApp, more: &[&str]) -> Output {
    let folder = std::env::temp_dir().join(format!("countersign-{:016x}", rand::random::<u64>()));
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["token", "create", "--name", "Entra"])
        .args(more)
        .env("DATABASE_URL", app.url())
        .env("COUNTERSIGN_DATA_DIR", &folder)
        .env("COUNTERSIGN_PUBLIC_URL", "https://cs.example.com")
        .output()
        .unwrap();
    let _ = std::fs::remove_dir_all(folder);
    output
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_gets_the_token_alone_and_a_person_reads_the_base_url_beside_it() {
    let app = TestApp::new().await;

    let output = token_create(&app, &["--scope", "scim", "--provider", "entra"]);

    let (told, said) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (told, said) = (told.unwrap(), said.unwrap());
    let clients = sources::list(&app.pool, app.now()).await.unwrap();
    assert!(output.status.success(), "{said}");
    assert!(app.opens(told.trim_end()).await && told.lines().count() == 1, "{told}");
    assert!(said.contains("The base URL is https://cs.example.com/scim/v2;"), "{said}");
    assert_eq!((clients.len(), clients[0].provider), (1, Provider::Entra));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_api_has_no_base_url() {
    let app = TestApp::new().await;

    let output = token_create(&app, &["--scope", "api"]);

    assert!(output.status.success());
    assert!(!String::from_utf8(output.stderr).unwrap().contains("base URL"));
}
