//! Connecting an app, provisioning it, and enrolling who has no account; and what no row may be.

use countersign::{
    apps::{ConnectorKind, Learnt, OnDelete, change::Kind},
    audit::Verb,
    connector::Refusal,
    kernel::AppId,
    queue::{
        Status,
        configure::{self, ConfigureError},
        connect::{ConnectError, Wanted},
        enroll,
    },
    sandbox::faults::{Method, Quirk},
};
use sqlx::{AssertSqlSafe, Executor};

use crate::support::{
    app::{EVERYTHING, NOTHING, TestApp},
    echosign::TOKEN,
};

// --- Connect ---

#[tokio::test]
async fn a_connection_is_stored_once_the_app_has_answered() {
    let app = TestApp::new().await;

    app.connect(app.connection(Some(TOKEN))).await.unwrap();

    let connection = app.app().await.connection.unwrap();
    assert_eq!(connection.base_url.as_str().trim_end_matches('/'), app.echosign.url());
    assert_eq!(connection.verified_at, Some(app.now()));
    let told = app.history(Verb::AppConnected).await;
    assert_eq!(
        (told[0].actor.as_deref(), told[0].detail("host")),
        (Some("Olivia"), Some("127.0.0.1"))
    );
    assert!(!format!("{connection:?} {told:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_connection_that_does_not_work_is_not_stored() {
    let app = TestApp::new().await;
    let url = app.echosign.url();
    let with =
        |base_url: &str| Wanted { base_url: base_url.to_owned(), ..app.connection(Some(TOKEN)) };
    let table = [
        (app.connection(None), "token"),
        (app.connection(Some("two words")), "token"),
        (with("not an address"), "baseUrl"),
        (with("ftp://echosign.example"), "baseUrl"),
        (
            Wanted { connector: ConnectorKind::AcrobatSign, ..app.connection(Some(TOKEN)) },
            "connector",
        ),
        (app.connection(Some("another-token")), "refused"),
        (with("http://127.0.0.2:9"), "refused"),
        (with(&url.replace("/scim/v2", "/nothing")), "refused"),
    ];
    for (wanted, expected) in table {
        let told = format!("{wanted:?}");

        let refused = app.connect(wanted).await.unwrap_err();

        let field = match refused {
            ConnectError::Field { field, .. } => field,
            ConnectError::Refused(_) => "refused",
            ConnectError::Store(error) => panic!("{told}: {error}"),
        };
        assert_eq!(field, expected, "{told}");
        assert!(!told.contains(TOKEN), "{told}");
        assert_eq!(app.app().await.connection, None, "{told}");
    }
    assert_eq!(app.history(Verb::AppConnected).await, []);
}

#[tokio::test]
async fn a_private_address_is_not_called_unless_it_was_allowed() {
    let app = TestApp::new().await;
    let wanted =
        Wanted { base_url: "http://127.0.0.2:9".to_owned(), ..app.connection(Some(TOKEN)) };

    let refused = app.connect(wanted).await.unwrap_err();

    let ConnectError::Refused(refusal) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal, Refusal::NotAllowed { host: "127.0.0.2".to_owned() });
}

#[tokio::test]
async fn a_stored_token_is_kept_for_its_address_and_never_carried_to_another() {
    let app = TestApp::new().await;
    app.echosign_is_connected().await;
    let other = TestApp::new().await;
    let elsewhere = Wanted { base_url: other.echosign.url().to_owned(), ..app.connection(None) };

    let same = app.connect(app.connection(None)).await;
    let carried = app.connect(elsewhere).await.unwrap_err();

    assert!(same.is_ok(), "{same:?}");
    assert!(matches!(carried, ConnectError::Field { field: "token", .. }), "{carried:?}");
    assert_eq!(other.echosign.times_asked(), 0);
}

#[tokio::test]
async fn a_new_connection_forgets_what_the_old_one_taught() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.echosign.has_quirk(Quirk::RefusesPatch);
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let learnt = app.app().await.connection.unwrap().learnt;

    app.connect(app.connection(None)).await.unwrap();

    assert_eq!((learnt, app.app().await.connection.unwrap().learnt), (Some(Learnt::Put), None));
}

// --- Provisioning ---

#[tokio::test]
async fn an_app_that_is_not_connected_is_not_provisioned() {
    let app = TestApp::new().await;
    let olivia = app.owner.owner().unwrap();
    let before = app.app().await;
    let wanted = countersign::apps::Provisioning { enabled: true, ..before.provisioning };

    let refused =
        configure::configure(&app.pool, app.now(), &olivia, &before, wanted).await.unwrap_err();

    assert!(
        matches!(&refused, ConfigureError::NotConnected { app } if app == "EchoSign"),
        "{refused:?}"
    );
    assert_eq!(app.app().await, before);
}

#[tokio::test]
async fn a_change_of_settings_is_told_with_what_was_and_what_is() {
    let app = TestApp::provisioned().await;
    let before = app.history(Verb::AppConfigured).await.len();

    app.provisioning(|p| p.on_delete = OnDelete::Suspend).await;
    app.provisioning(|p| p.on_delete = OnDelete::Suspend).await;

    let told = app.history(Verb::AppConfigured).await;
    assert_eq!(told.len(), before + 1, "what changes nothing is not told");
    assert_eq!(
        (&told[0].details["from"]["onDelete"], &told[0].details["to"]["onDelete"]),
        (&"delete".into(), &"suspend".into())
    );
}

#[tokio::test]
async fn who_clears_a_check_box_hears_how_many_still_wait() {
    let app = TestApp::provisioned().await;
    app.a_person("ana@example.com").await;
    app.a_person("ben@example.com").await;

    let cleared = app.provisioning(|p| p.approve = NOTHING).await;
    let nothing = app.provisioning(|p| p.approve = EVERYTHING).await;

    assert_eq!(cleared.still_waiting, [(Kind::Create, 2)]);
    assert_eq!(nothing.still_waiting, []);
    assert_eq!(app.jobs().await, 0);
}

#[tokio::test]
async fn who_turns_provisioning_on_hears_how_many_have_no_account() {
    let app = TestApp::new().await;
    app.echosign_is_connected().await;
    app.a_person("ana@example.com").await;
    let ben = app.a_person("ben@example.com").await;
    app.suspend(ben.id).await;
    let cleo = app.a_person("cleo@example.com").await;
    app.delete(cleo.id).await;

    let on = app.provisioning(|_| {}).await;
    let already = app.provisioning(|p| p.approve = NOTHING).await;

    assert_eq!((on.without_account, already.without_account), (Some(1), None));
    assert_eq!(app.jobs().await, 0, "it is offered and not done");
}

// --- Enroll ---

#[tokio::test]
async fn everybody_without_an_account_is_enrolled_once() {
    let app = TestApp::new().await;
    app.echosign_is_connected().await;
    let mut people = Vec::new();
    for number in 0..205 {
        people.push(app.a_person(&format!("person{number}@example.com")).await.id);
    }
    app.suspend(people[0]).await;
    app.provisioning(|_| {}).await;
    let olivia = app.owner.owner().unwrap();

    let first = enroll::enroll(&app.pool, app.now(), &olivia, &app.app().await).await.unwrap();
    let second = enroll::enroll(&app.pool, app.now(), &olivia, &app.app().await).await.unwrap();

    assert_eq!((first, second), (204, 0));
    assert_eq!(app.story(people[0]).await, []);
    for user in &people[1..] {
        assert_eq!(app.story(*user).await, [(Kind::Create, Status::Pending)]);
    }
    let create = app.the(Kind::Create, people[1]).await;
    assert!(create.is_own_of(&app.owner), "whoever enrolls asks");
}

#[tokio::test]
async fn who_was_rejected_or_failed_is_not_enrolled_behind_anybodys_back() {
    let app = TestApp::provisioned().await;
    let rejected = app.a_person("ana@example.com").await.id;
    app.reject(app.the(Kind::Create, rejected).await.id).await;
    let failed = app.a_person("ben@example.com").await.id;
    app.approve_all(failed).await;
    app.echosign.answers(Method::Post, 422, 1);
    app.run_jobs().await;
    let olivia = app.owner.owner().unwrap();

    enroll::enroll(&app.pool, app.now(), &olivia, &app.app().await).await.unwrap();

    assert_eq!(app.story(rejected).await, [(Kind::Create, Status::Rejected)]);
    assert_eq!(app.story(failed).await, [(Kind::Create, Status::Failed)]);
}

#[tokio::test]
async fn nobody_is_enrolled_while_provisioning_is_off() {
    let app = TestApp::new().await;
    app.echosign_is_connected().await;
    let ana = app.a_person("ana@example.com").await.id;
    let olivia = app.owner.owner().unwrap();

    let enrolled = enroll::enroll(&app.pool, app.now(), &olivia, &app.app().await).await.unwrap();

    assert_eq!((enrolled, app.story(ana).await), (0, vec![]));
}

// --- what no row may be ---

#[tokio::test]
async fn an_action_that_cannot_be_is_refused_by_name() {
    let table = [
        ("a_kind_is_known", "kind = 'rename'"),
        ("an_action_changes_something", "changes = '[]'"),
        ("a_digest_is_a_sha_256", "digest = '\\x00'"),
        ("a_state_is_known", "state = 'forgotten', DECIDED"),
        ("a_decision_is_whole", "state = 'withdrawn', ended_at = now(), decided_at = now()"),
        (
            "a_decision_is_whole",
            "state = 'withdrawn', ended_at = now(), decided_by = gen_random_uuid()",
        ),
        ("nothing_goes_out_undecided", "state = 'approved'"),
        ("nothing_goes_out_undecided", "state = 'sending'"),
        ("nothing_goes_out_undecided", "state = 'cancelled', ended_at = now()"),
        ("what_is_pending_has_no_decision", "DECIDED"),
        (
            "what_goes_out_is_what_was_approved",
            "state = 'approved', DECIDED, digest = sha256('other')",
        ),
        (
            "what_goes_out_is_what_was_approved",
            "state = 'sending', decided_at = now(), decided_name = 'x', decided_digest = sha256('other')",
        ),
        ("ended_iff_over", "state = 'provisioned', DECIDED"),
        ("ended_iff_over", "state = 'approved', DECIDED, ended_at = now()"),
        ("ended_iff_over", "state = 'withdrawn'"),
        ("a_failure_has_a_cause", "state = 'failed', DECIDED, ended_at = now()"),
        ("a_failure_has_a_cause", "cause = 'no'"),
        ("a_rejection_has_a_reason", "state = 'rejected', DECIDED, ended_at = now()"),
        ("only_a_person_rejects", "state = 'rejected', RULE, ended_at = now(), reason = 'no'"),
        (
            "nobody_approves_their_own",
            "state = 'approved', RULE, four_eyes = true, decided_by = barred[1]",
        ),
        (
            "nobody_approves_their_own",
            "state = 'sending', RULE, four_eyes = true, decided_by = barred[1]",
        ),
        ("actions_source_fkey", "source = 'nowhere'"),
        ("actions_app_id_user_id_fkey", "user_id = gen_random_uuid()"),
    ];
    let app = TestApp::provisioned().await;
    app.an_action_waits().await;

    for (constraint, change) in table {
        assert_eq!(refused(&app, "actions", change).await.as_deref(), Some(constraint), "{change}");
    }
    let lawful = "state = 'rejected', DECIDED, ended_at = now(), reason = 'no'";
    assert_eq!(refused(&app, "actions", lawful).await, None);
}

#[tokio::test]
async fn an_app_an_account_or_a_user_that_cannot_be_is_refused_by_name() {
    let table = [
        ("apps", "a_connector_is_known", "connector = 'ldap'"),
        ("apps", "a_connected_app_is_whole", "credential = null"),
        ("apps", "a_connected_app_is_whole", "base_url = null"),
        ("apps", "only_a_connected_app_is_verified", "NOT CONNECTED, provisioning = false"),
        ("apps", "only_a_connected_app_provisions", "NOT CONNECTED, verified_at = null"),
        ("apps", "a_pause_has_a_reason", "paused_at = now()"),
        ("apps", "what_a_delete_does_is_known", "on_delete = 'burn'"),
        ("apps", "what_a_suspension_does_is_known", "on_suspend = 'delete'"),
        ("apps", "an_update_style_is_known", "updates = 'post'"),
        ("apps", "a_lookup_style_is_known", "lookups = 'guess'"),
        ("apps", "a_delete_style_is_known", "deletes = 'hide'"),
        ("apps", "a_learnt_style_is_known", "learnt_updates = 'patch'"),
        ("accounts", "what_the_app_has_was_confirmed", "confirmed_at = null"),
        ("users", "a_user_name_is_not_empty", "user_name = ''"),
        ("administrators", "a_role_is_known", "role = 'root'"),
        ("sources", "a_source_kind_is_known", "kind = 'fax'"),
        ("attempts", "finished_iff_it_has_an_outcome", "finished_at = null"),
        ("attempts", "an_outcome_is_known", "outcome = 'perhaps'"),
    ];
    let app = TestApp::provisioned().await;
    app.an_account("ana@example.com").await;

    for (table, constraint, change) in table {
        assert_eq!(
            refused(&app, table, change).await.as_deref(),
            Some(constraint),
            "{table}: {change}"
        );
    }
}

#[tokio::test]
async fn two_users_never_share_an_account_or_a_name() {
    let app = TestApp::provisioned().await;
    app.an_account("ana@example.com").await;
    app.an_account("ben@example.com").await;

    let account = "remote_id = (select min(remote_id) from accounts)";
    assert_eq!(refused(&app, "accounts", account).await.as_deref(), Some("accounts_remote"));
    let name = "user_name = 'ANA@example.com'";
    assert_eq!(refused(&app, "users", name).await.as_deref(), Some("users_user_name"));
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused_by_name() {
    let app = TestApp::new().await;
    let table = [
        ("a_scope_is_known", "'ftp', null, null"),
        ("a_token_role_is_known", "'api', 'root', null"),
        ("only_an_api_token_has_a_role", "'api', null, null"),
        ("only_an_api_token_has_a_role", "'scim', 'owner', 'console'"),
        ("only_a_scim_token_is_of_a_source", "'scim', null, null"),
        ("only_a_scim_token_is_of_a_source", "'api', 'owner', 'console'"),
    ];
    for (constraint, values) in table {
        let sql = format!(
            "insert into tokens (id, name, scope, role, source, hash, created_at)
             select gen_random_uuid(), 'x', scope, role, source, '', now()
             from (values ({values})) as v (scope, role, source)"
        );
        let error = app.pool.execute(AssertSqlSafe(sql)).await.unwrap_err();

        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint), "{values}");
    }
}

/// The constraint that refuses a change of every row of a table. `RULE` is a decision of nobody,
/// `DECIDED` one of somebody, both of exactly what is there.
async fn refused(app: &TestApp, table: &str, change: &str) -> Option<String> {
    let change = change
        .replace("DECIDED", "RULE, decided_by = gen_random_uuid()")
        .replace("RULE", "decided_at = now(), decided_name = 'x', decided_digest = digest")
        .replace("NOT CONNECTED", "connector = null, base_url = null, credential = null");
    let sql = format!("update {table} set {change}");
    match app.pool.execute(AssertSqlSafe(sql)).await {
        Ok(_) => None,
        Err(error) => {
            let constraint = error.as_database_error().and_then(|error| error.constraint());
            Some(constraint.unwrap().to_owned())
        }
    }
}

#[tokio::test]
async fn an_app_that_is_not_there_is_not_found() {
    let app = TestApp::new().await;
    let mut connection = app.pool.acquire().await.unwrap();

    let unknown = countersign::apps::store::fetch(&mut connection, AppId::at(app.now())).await;

    assert!(matches!(unknown, Err(sqlx::Error::RowNotFound)), "{unknown:?}");
}
