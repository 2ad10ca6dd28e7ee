//! Apps > EchoSign > Sending: stopping, going on, and how fast.

use axum::http::StatusCode;
use countersign::{
    access::Actor,
    apps::{PausedBy, change::Attribute},
    audit::Verb,
    queue::{Status, flow::finish_draining},
    sandbox::faults::Method,
};

use super::{Answer, Site};

const SENDING: &str = "/apps/echosign/sending";

impl Site {
    async fn step(&self, who: &Actor, step: &str, form: &str) -> Answer {
        self.send(Some(who), "POST", &format!("{SENDING}/{step}"), &[], form).await
    }

    async fn sending(&self, who: &Actor) -> String {
        self.ask(Some(who), "GET", SENDING).await.text
    }

    async fn tune(&self, form: &str) -> Answer {
        self.send(Some(&self.app.owner), "POST", SENDING, &[], form).await
    }
}

#[tokio::test]
async fn while_it_is_paused_decisions_go_on_and_nothing_is_sent_until_it_is_resumed() {
    let site = Site::new().await;
    let (app, oscar) = (&site.app, &site.app.operator);
    let id = app.an_action_waits().await;

    let paused = site.step(oscar, "pause", "reason=Their+release+is+tonight").await;
    let banner = site.ask(Some(&app.approver), "GET", "/users").await.text;
    app.approve(id).await;
    let meanwhile = app.run_jobs().await;
    let page = site.sending(oscar).await;
    let resumed = site.step(oscar, "resume", "").await;

    assert_eq!(paused.status, StatusCode::SEE_OTHER);
    assert_eq!(paused.header("location"), Some(SENDING));
    assert!(banner.contains("banner warn") && banner.contains(">Resume</a>"), "{banner}");
    assert!(banner.contains("Oscar paused it: Their release is tonight."), "{banner}");
    assert_eq!((meanwhile, app.status(id).await), (0, Status::Approved));
    assert!(page.contains("1 approved action is not done yet."), "{page}");
    assert_eq!(resumed.status, StatusCode::SEE_OTHER);
    assert!(site.sending(oscar).await.contains("Approved actions are sent."));
    assert_eq!((app.run_jobs().await, app.status(id).await), (1, Status::Provisioned));
}

#[tokio::test]
async fn a_resume_while_echosign_is_down_stays_paused_and_says_why() {
    let site = Site::new().await;
    let oscar = &site.app.operator;
    site.step(oscar, "pause", "reason=").await;
    // It is asked in two ways.
    site.app.echosign.answers(Method::Get, 503, 2);

    let refused = site.step(oscar, "resume", "").await;
    let paused = site.app.app().await.pause.unwrap();
    let again = site.step(oscar, "resume", "").await;

    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text.contains("Not resumed.") && refused.text.contains("503"),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("it stays paused."), "{}", refused.text);
    assert_eq!((paused.by, &*paused.because), (PausedBy::Person, "Oscar paused it."));
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_resumes_too_late_hears_that_it_is_not_paused() {
    let site = Site::new().await;
    let oscar = &site.app.operator;
    site.step(oscar, "pause", "").await;

    let (one, other) = tokio::join!(site.step(oscar, "resume", ""), site.step(oscar, "resume", ""));

    let late = if one.status == StatusCode::SEE_OTHER { other } else { one };
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("EchoSign is not paused: resumed by Oscar at 2026-03-02 09:00 UTC."),
        "{}",
        late.text
    );
    assert_eq!(site.app.history(Verb::AppResumed).await.len(), 1);
}

#[tokio::test]
async fn what_is_approved_is_finished_and_then_it_is_paused() {
    let site = Site::new().await;
    let (app, paula) = (&site.app, &site.app.approver);
    let id = app.an_action_waits().await;
    app.approve(id).await;

    let drained = site.step(paula, "drain", "").await;
    let meanwhile = site.ask(Some(paula), "GET", "/users").await.text;
    let late = app.a_person("ben@example.com").await;
    app.approve_all(late.id).await;
    app.run_jobs().await;
    finish_draining(&app.pool, app.now()).await.unwrap();

    assert_eq!(drained.status, StatusCode::SEE_OTHER);
    assert!(meanwhile.contains("EchoSign is about to be paused."), "{meanwhile}");
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.story(late.id).await[0].1, Status::Approved);
    assert!(site.sending(paula).await.contains("What was approved since waits."));
    app.leaves_jobs();
}

#[tokio::test]
async fn a_reason_that_is_too_long_is_refused_with_what_was_typed() {
    let site = Site::new().await;
    let reason = "x".repeat(1_001);

    let answer = site.step(&site.app.operator, "pause", &format!("reason={reason}")).await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("A reason is one line of at most 1,000 characters."));
    assert!(answer.text.contains(&reason));
    assert_eq!(site.app.app().await.pause, None);
}

#[tokio::test]
async fn the_settings_are_kept_and_shown() {
    let site = Site::new().await;

    let saved = site.tune("undoSeconds=60&rate=120&anyway=title&anyway=phone").await;
    let (app, gate) = (site.app.app().await, site.app.gate().await);
    let page = site.sending(&site.app.owner).await;
    site.tune("undoSeconds=0&rate=").await;

    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, Some(SENDING)));
    assert_eq!((app.sending.undo_seconds, gate.rate), (60, Some(120)));
    assert!(app.sending.send_anyway.iter().eq(&[Attribute::Title, Attribute::Phone]));
    assert!(page.contains("At most 120 requests a minute, 20 of them right now."), "{page}");
    assert!(page.contains(r#"value="60" selected"#) && page.contains(r#"value="title" checked"#));
    assert_eq!(site.app.gate().await.rate, None);
    assert_eq!(site.app.app().await.sending, countersign::apps::Sending::default());
}

#[tokio::test]
async fn a_rate_that_cannot_be_is_refused_and_nothing_is_stored() {
    let site = Site::new().await;
    for rate in ["0", "60001", "fast", "1.5", "99999999999"] {
        let answer = site.tune(&format!("undoSeconds=60&rate={rate}&anyway=email")).await;

        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{rate}");
        assert!(answer.text.contains("Must be 1 to 60000 requests a minute"), "{rate}");
        assert!(answer.text.contains(&format!(r#"value="{rate}""#)), "{rate}");
        assert!(answer.text.contains(r#"value="email" checked"#), "{rate}");
    }
    assert_eq!((site.app.gate().await.rate, site.app.app().await.sending.undo_seconds), (None, 0));
}

#[tokio::test]
async fn a_delay_that_cannot_be_is_refused_in_the_form_and_nothing_is_stored() {
    let site = Site::new().await;
    site.tune("undoSeconds=60&rate=").await;
    for undo in ["601", "99999", "-1", "soon", ""] {
        let answer = site.tune(&format!("undoSeconds={undo}&rate=0&anyway=email")).await;

        let says = "Must be 0 to 600 seconds: at most ten minutes.";
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{undo}");
        assert!(answer.text.contains("2 fields have to be mended"), "{undo}");
        assert_eq!(answer.text.matches(says).count(), 2, "{undo}: on top and beside the field");
        assert!(answer.text.contains(r##"href="#undoSeconds""##), "{undo}");
        assert!(answer.text.contains(r#"id="undoSeconds-error""#), "{undo}");
        assert!(answer.text.contains(r#"value="60" selected"#), "{undo}: what stands is chosen");
        assert!(answer.text.contains(r#"value="email" checked"#), "{undo}");
    }
    assert_eq!(site.app.app().await.sending.undo_seconds, 60);
}

#[tokio::test]
async fn an_app_that_asked_for_a_rest_says_for_how_long() {
    let site = Site::new().await;
    let id = site.app.an_action_waits().await;
    site.app.approve(id).await;
    site.app.echosign.asks_to_wait(600);
    site.app.run_jobs().await;

    let page = site.sending(&site.app.operator).await;

    assert!(page.contains("EchoSign asked to be left alone"), "{page}");
}
