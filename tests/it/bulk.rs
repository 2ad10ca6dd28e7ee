//! Deciding on many actions at once: exactly those that were counted, as they were counted.

use countersign::{
    access::Actor,
    apps::change::Kind,
    audit::Verb,
    kernel::{ActionId, RunId, UserId},
    queue::{
        Status, people,
        run::{self, Run, RunError, Stage, Verdict, piece},
        store::{
            Filter,
            runs::{self, Only},
        },
    },
};

use crate::support::app::{TestApp, someone};

async fn draw_up(app: &TestApp, by: &Actor, verdict: Verdict, filter: &Filter) -> Run {
    let by = by.approver().unwrap();
    run::draw_up(&app.pool, app.now(), &by, verdict, filter, String::new()).await.unwrap()
}

async fn start(
    app: &TestApp,
    by: &Actor,
    id: RunId,
    reason: &str,
    typed: &str,
) -> Result<Run, RunError> {
    let by = by.approver().unwrap();
    run::start(&app.pool, app.now(), &by, id, reason, typed).await
}

/// Why an action of a run was skipped; nothing where it was decided.
async fn why(app: &TestApp, run: RunId, action: ActionId) -> Option<String> {
    let page = runs::results(&app.pool, run, Only::All, None, 1_000).await.unwrap();
    page.items.into_iter().find(|item| item.action == action).unwrap().says
}

async fn found(app: &TestApp, id: RunId) -> Run {
    runs::find(&app.pool, id).await.unwrap().unwrap()
}

async fn people_wait(app: &TestApp, number: usize) -> Vec<(UserId, ActionId)> {
    let mut waiting = Vec::new();
    for place in 0..number {
        let user = app.a_person(&format!("person{place}@example.com")).await.id;
        waiting.push((user, app.the(Kind::Create, user).await.id));
    }
    waiting
}

#[tokio::test]
async fn exactly_what_was_counted_is_approved_and_what_came_later_waits() {
    let app = TestApp::provisioned().await;
    let counted = people_wait(&app, 5).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    let later = app.a_person("later@example.com").await;

    start(&app, &app.approver, run.id, "HR-7", "").await.unwrap();
    app.run_jobs().await;

    let run = found(&app, run.id).await;
    assert_eq!((run.stage, run.total, run.decided, run.skipped), (Stage::Finished, 5, 5, 0));
    for (_, action) in counted {
        assert_eq!(app.status(action).await, Status::Provisioned);
        let approved = app.events(action).await;
        let approved = approved.iter().find(|event| event.verb == Verb::ActionApproved).unwrap();
        assert_eq!(approved.detail("run"), Some(&*run.id.to_string()));
        assert_eq!(approved.detail("reason"), Some("HR-7"));
        assert_eq!(approved.actor.as_deref(), Some("Paula"));
    }
    assert_eq!(app.story(later.id).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(app.history(Verb::RunStarted).await.len(), 1);
    assert_eq!(app.history(Verb::RunEnded).await.len(), 1);
}

#[tokio::test]
async fn what_changed_or_was_decided_meanwhile_is_skipped_and_says_why() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 4).await;
    let run = draw_up(&app, &app.owner, Verdict::Approve, &Filter::default()).await;
    app.retitle(waiting[0].0, "Director").await;
    app.approve(waiting[1].1).await;
    app.delete(waiting[2].0).await;

    start(&app, &app.owner, run.id, "", "").await.unwrap();
    app.run_jobs().await;

    let run = found(&app, run.id).await;
    assert_eq!((run.stage, run.decided, run.skipped), (Stage::Finished, 1, 3));
    let mut says = Vec::new();
    for (_, action) in &waiting {
        says.push(why(&app, run.id, *action).await.unwrap_or_default());
    }
    assert_eq!(says[0], "It changed since it was counted.");
    assert!(says[1].contains("approved by Paula"), "{says:?}");
    assert!(says[2].contains("withdrawn by Oscar"), "{says:?}");
    assert_eq!(says[3], "");
    assert_eq!(app.status(waiting[0].1).await, Status::Pending);
    assert_eq!(app.status(waiting[3].1).await, Status::Provisioned);
}

#[tokio::test]
async fn with_four_eyes_ones_own_are_skipped() {
    let app = TestApp::provisioned().await;
    app.provisioning(|settings| settings.four_eyes = true).await;
    let by = app.owner.operator().unwrap();
    let source = countersign::directory::Source::console();
    let wish = someone("own@example.com");
    let own = people::add(&app.pool, app.now(), &by, source, &wish).await.unwrap();
    let own = app.the(Kind::Create, own.id).await.id;
    let other = people_wait(&app, 1).await[0].1;
    let run = draw_up(&app, &app.owner, Verdict::Approve, &Filter::default()).await;
    let reader = app.owner.id().unwrap();
    let groups =
        runs::groups(&mut app.pool.acquire().await.unwrap(), run.id, reader).await.unwrap();

    start(&app, &app.owner, run.id, "", "").await.unwrap();
    app.run_jobs().await;

    assert_eq!((groups[0].items, groups[0].own), (2, 1));
    assert_eq!(app.status(own).await, Status::Pending);
    assert_eq!(app.status(other).await, Status::Provisioned);
    let says = why(&app, run.id, own).await.unwrap();
    assert!(says.contains("someone else must approve"), "{says}");
}

#[tokio::test]
async fn many_are_rejected_for_a_reason_and_stay_rejected() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 3).await;
    let run = draw_up(&app, &app.approver, Verdict::Reject, &Filter::default()).await;

    let without = start(&app, &app.approver, run.id, " ", "").await;
    start(&app, &app.approver, run.id, "Not ours", "").await.unwrap();
    app.run_jobs().await;

    assert!(matches!(without, Err(RunError::Reason(_))), "{without:?}");
    for (user, action) in waiting {
        assert_eq!(app.status(action).await, Status::Rejected);
        app.edit(user, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    }
    assert_eq!(found(&app, run.id).await.decided, 3);
}

#[tokio::test]
async fn what_takes_access_away_is_typed_before_anything_starts() {
    let app = TestApp::provisioned().await;
    let (ana, ben) =
        (app.an_account("ana@example.com").await, app.an_account("ben@example.com").await);
    app.delete(ana.id).await;
    app.suspend(ben.id).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;

    let refused = start(&app, &app.approver, run.id, "", "delete 1").await;
    let drafted = found(&app, run.id).await;
    start(&app, &app.approver, run.id, "", "Delete 1 suspend 1").await.unwrap();
    app.run_jobs().await;

    assert!(matches!(refused, Err(RunError::Confirm(phrase)) if phrase == "delete 1 suspend 1"));
    assert_eq!(drafted.stage, Stage::Drafted);
    assert_eq!(app.status(app.the(Kind::Delete, ana.id).await.id).await, Status::Provisioned);
    assert_eq!(app.status(app.the(Kind::Suspend, ben.id).await.id).await, Status::Provisioned);
}

#[tokio::test]
async fn only_whoever_drew_it_up_starts_it_and_only_once() {
    let app = TestApp::provisioned().await;
    people_wait(&app, 1).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;

    let other = start(&app, &app.owner, run.id, "", "").await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();
    let twice = start(&app, &app.approver, run.id, "", "").await;

    assert!(matches!(other, Err(RunError::NotYours(name)) if name == "Paula"));
    assert!(matches!(twice, Err(RunError::NotNow(Stage::Running))));
    app.leaves_jobs();
}

#[tokio::test]
async fn a_stopped_run_leaves_the_rest_as_it_was() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 3).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();

    let owner = app.owner.approver().unwrap();
    run::stop(&app.pool, app.now(), &owner, run.id).await.unwrap();
    let again = run::stop(&app.pool, app.now(), &owner, run.id).await;
    app.run_jobs().await;

    let run = found(&app, run.id).await;
    assert_eq!(
        (run.stage, run.decided, run.says.as_deref()),
        (Stage::Stopped, 0, Some("Olivia stopped it."))
    );
    assert!(matches!(again, Err(RunError::NotNow(Stage::Stopped))));
    for (_, action) in waiting {
        assert_eq!(app.status(action).await, Status::Pending);
    }
}

#[tokio::test]
async fn a_run_of_which_nothing_is_left_is_finished_whoever_stops_it() {
    let app = TestApp::provisioned().await;
    people_wait(&app, 3).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();
    piece(&app.pool, app.now(), run.id).await.unwrap();

    let owner = app.owner.approver().unwrap();
    let stopped = run::stop(&app.pool, app.now(), &owner, run.id).await.unwrap();

    assert_eq!((stopped.stage, stopped.decided, stopped.says), (Stage::Finished, 3, None));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_piece_that_is_worked_twice_decides_once() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 3).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();

    // Two processes that both believe the job is theirs.
    let both =
        tokio::join!(piece(&app.pool, app.now(), run.id), piece(&app.pool, app.now(), run.id));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    app.run_jobs().await;

    assert_eq!(found(&app, run.id).await.decided, 3);
    for (_, action) in waiting {
        let approvals = app.verbs(action).await;
        let approvals = approvals.iter().filter(|verb| **verb == Verb::ActionApproved).count();
        assert_eq!(approvals, 1);
    }
}

#[tokio::test]
async fn what_the_database_refuses_in_the_middle_was_never_decided_and_is_worked_later() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 2).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();

    app.breaks("events").await;
    let broken = piece(&app.pool, app.now(), run.id).await;
    let states = (app.status(waiting[0].1).await, app.status(waiting[1].1).await);
    app.mends("events").await;
    app.run_jobs().await;

    // Each was tried by itself, and passed over with the reason.
    assert!(broken.is_ok(), "{broken:?}");
    assert_eq!(states, (Status::Pending, Status::Pending));
    let run = found(&app, run.id).await;
    assert_eq!((run.stage, run.decided, run.skipped), (Stage::Finished, 0, 2));
    let says = why(&app, run.id, waiting[0].1).await.unwrap();
    assert!(says.contains("decide it by itself"), "{says}");
}

#[tokio::test]
async fn whoever_may_no_longer_approve_stops_their_run() {
    let app = TestApp::provisioned().await;
    let waiting = people_wait(&app, 2).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;
    start(&app, &app.approver, run.id, "", "").await.unwrap();

    sqlx::query!("update administrators set role = 'auditor' where name = 'Paula'")
        .execute(&app.pool)
        .await
        .unwrap();
    app.run_jobs().await;

    let run = found(&app, run.id).await;
    assert_eq!((run.stage, run.decided), (Stage::Stopped, 0));
    assert!(run.says.unwrap().starts_with("Paula may no longer approve."));
    assert_eq!(app.status(waiting[0].1).await, Status::Pending);
}

#[tokio::test]
async fn nothing_is_drawn_up_of_nothing_and_old_drafts_are_forgotten() {
    let app = TestApp::provisioned().await;
    let by = app.approver.approver().unwrap();
    let of_nothing = run::draw_up(
        &app.pool,
        app.now(),
        &by,
        Verdict::Approve,
        &Filter::default(),
        String::new(),
    )
    .await;
    people_wait(&app, 1).await;
    let run = draw_up(&app, &app.approver, Verdict::Approve, &Filter::default()).await;

    runs::forget_drafts(&app.pool, app.now()).await.unwrap();
    let kept = runs::find(&app.pool, run.id).await.unwrap();
    runs::forget_drafts(&app.pool, app.now() + time::Duration::SECOND).await.unwrap();
    let forgotten = runs::find(&app.pool, run.id).await.unwrap();

    assert!(matches!(of_nothing, Err(RunError::Nothing)));
    assert!(kept.is_some() && forgotten.is_none());
}
