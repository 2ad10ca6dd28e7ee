//! The third-party `scim2-tester`, which checks what a server's own schemas promise.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::{inbound::Idp, support::scim2_server};

/// How many checks of users there have to be: a schema that says little is checked little.
const OF_USERS: usize = 92;

#[tokio::test]
async fn a_checker_that_others_wrote_finds_nothing_wrong() {
    let idp = Idp::new().await;
    let base = idp.served().await;

    let python = Path::new(&scim2_server::program()).with_file_name("python");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/check_scim.py");
    let output = Command::new(python).arg(script).arg(base).arg(&idp.token).output().await.unwrap();

    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checks: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| checks.iter().filter(|check| check["of"] == kind).count();
    let bad = |check: &&Value| {
        ["ERROR", "CRITICAL", "DEVIATION"].iter().any(|bad| check["status"] == *bad)
    };
    assert_eq!(checks.iter().filter(bad).collect::<Vec<_>>(), [&Value::Null; 0]);
    assert!(of("User") >= OF_USERS && of("Group") > 0, "{} and {}", of("User"), of("Group"));
}
