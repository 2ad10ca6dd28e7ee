//! `countersign app` and `countersign actions`, as a script would run them beside a server.

use std::process::{Command, Output};

use base64::{Engine, prelude::BASE64_STANDARD};
use countersign::{
    apps::{PausedBy, change::Attribute, change::Kind},
    queue::Status,
    sandbox::faults::Method,
};

use crate::support::app::TestApp;

impl TestApp {
    /// Runs the program over the database and with the key of this test.
    fn command(&self, arguments: &[&str]) -> Output {
        let folder =
            std::env::temp_dir().join(format!("countersign-{:016x}", rand::random::<u64>()));
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(arguments)
            .env("DATABASE_URL", self.url())
            .env("COUNTERSIGN_DATA_DIR", &folder)
            .env("COUNTERSIGN_SECRET_KEY", BASE64_STANDARD.encode([7; 32]))
            .env("COUNTERSIGN_OUTBOUND_ALLOW", "127.0.0.1")
            .env("RUST_LOG", "error")
            .output()
            .unwrap();
        let _ = std::fs::remove_dir_all(folder);
        output
    }

    /// Runs it, expects it to go well, and returns what it said.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let (told, said) = (text(output.stdout), text(output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}");
        told
    }

    /// Runs it, expects it to be refused with `code`, and returns why.
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(output.stdout));
        text(output.stderr)
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_paused_with_a_reason_and_resumed_once_it_answers() {
    let app = TestApp::provisioned().await;

    let told = app.done(&["app", "pause", "--reason", "Their release is tonight."]);
    let again = app.refused(1, &["app", "pause"]);
    let paused = app.app().await.pause.unwrap();
    app.echosign.answers(Method::Get, 503, 2);
    let unanswered = app.refused(1, &["app", "resume"]);
    let still = app.app().await.pause;
    let resumed = app.done(&["app", "resume", "--app", "echosign"]);

    assert_eq!(told, "EchoSign is paused. What is approved waits.\n");
    assert!(again.contains("EchoSign is paused already, since "), "{again}");
    assert_eq!(paused.by, PausedBy::Person);
    assert_eq!(paused.because, "Command line paused it: Their release is tonight.");
    assert!(unanswered.contains("it stays paused."), "{unanswered}");
    assert_eq!(still, Some(paused));
    assert_eq!(resumed, "EchoSign answers. What is approved is sent.\n");
    assert_eq!(app.app().await.pause, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_drains_once() {
    let app = TestApp::provisioned().await;

    let told = app.done(&["app", "drain"]);
    let again = app.refused(1, &["app", "drain"]);

    assert_eq!(told, "EchoSign is paused once what is approved is sent.\n");
    assert!(again.contains("EchoSign is drained already by Command line at "), "{again}");
    assert!(app.app().await.draining_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_cannot_be_is_refused_with_the_option_to_mend() {
    let app = TestApp::provisioned().await;

    let endless = app.refused(1, &["app", "pause", "--reason", &"x".repeat(1_001)]);
    let nowhere = app.refused(1, &["app", "pause", "--app", "docusign"]);

    assert!(endless.contains("--reason: A reason is one line"), "{endless}");
    assert!(nowhere.contains("--app: there is no app docusign; try echosign"), "{nowhere}");
    assert_eq!(app.app().await.pause, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_set_and_the_rest_stays() {
    let app = TestApp::provisioned().await;
    let before = app.app().await.provisioning;

    app.done(&["app", "set", "--undo", "30", "--rate", "60", "--send-anyway", "title,phone"]);
    let told = app.done(&["app", "set", "--rate", "none"]);

    let sending = app.app().await.sending;
    assert_eq!(told, "EchoSign: saved.\n");
    assert_eq!(sending.undo_seconds, 30);
    assert!(sending.send_anyway.iter().eq(&[Attribute::Title, Attribute::Phone]));
    assert_eq!(app.gate().await.rate, None);
    assert_eq!(app.app().await.provisioning, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_are_refused_and_nothing_is_stored() {
    let app = TestApp::provisioned().await;
    let before = app.app().await;
    for (code, option, value, says) in [
        (2, "--undo", "601", "601 is not in 0..=600"),
        (2, "--rate", "0", "must be 1 to 60000, or none"),
        (1, "--send-anyway", "title,salary", "--send-anyway: salary: "),
        (1, "--approve", "mend", "--approve: mend must be one of"),
    ] {
        let said = app.refused(code, &["app", "set", "--four-eyes", "on", option, value]);

        assert!(said.contains(says), "{option}: {said}");
    }
    assert_eq!(app.app().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_taken_back_in_the_name_of_an_administrator() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let action = id.to_string();

    let nobody = app.refused(1, &["actions", "undo", &action, "--as", "nobody@example.com"]);
    let told = app.done(&["actions", "undo", &action, "--as", "paula@admins.example"]);
    let again = app.refused(1, &["actions", "undo", &action]);

    assert!(nobody.contains("--as: there is no administrator nobody@example.com"), "{nobody}");
    assert_eq!(told, format!("{id} pending\n"));
    assert!(again.contains("cannot undo: it is pending"), "{again}");
    assert!(again.contains("1 of 1 were refused"), "{again}");
    assert_eq!(app.status(id).await, Status::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_is_given_up_and_each_that_is_not_says_why() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let ben = app.a_person("ben@example.com").await;
    let waits = app.the(Kind::Create, ben.id).await.id;

    let output = app.command(&["actions", "cancel", &waits.to_string(), &id.to_string()]);

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(output.stdout), format!("{id} cancelled\n"));
    assert!(text(output.stderr).contains("1 of 2 were refused"));
    assert_eq!(app.status(waits).await, Status::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opposite_of_what_was_done_waits() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    let created = app.the(Kind::Create, ana.id).await.id;

    let told = app.done(&["actions", "reverse", &created.to_string()]);
    let again = app.refused(1, &["actions", "reverse", &created.to_string()]);

    let suspends = app.the(Kind::Suspend, ana.id).await;
    assert_eq!(told, format!("{created} reversed: suspend #{} requested\n", suspends.number));
    assert_eq!(suspends.state.status(), Status::Pending);
    assert!(again.contains("It is so already: nothing is to be reversed."), "{again}");
}
