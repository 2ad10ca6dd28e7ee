//! Who gets in, and who does not.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use countersign::{
    access::{
        self, ACCOUNT_FAILURES, ADDRESS_FAILURES, Actor, AdministratorError, NewAdministrator,
        Passwords, Role, SessionTable, SignInError, WINDOW, Who,
        setup::{self, SetupError},
        tokens::{self, Scope},
    },
    audit::{By, Verb},
    kernel::AdministratorId,
    sources::{self, Provider},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, Row};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use crate::support::app::TestApp;

const PASSWORD: &str = "correct horse battery";
const OFFICE: &str = "192.0.2.7";
const HOME: &str = "2001:db8::7";

fn new(email: &str) -> NewAdministrator {
    NewAdministrator {
        email: email.to_owned(),
        name: "Ana".to_owned(),
        role: Role::Approver,
        password: PASSWORD.into(),
    }
}

/// Ana may sign in with [`PASSWORD`].
async fn ana_may_sign_in(app: &TestApp) -> AdministratorId {
    let by = By::System("test".to_owned());
    let passwords = Passwords::default();
    let ana =
        access::create_administrator(&app.pool, app.now(), &passwords, &by, new("ana@example.com"));
    ana.await.unwrap().id
}

async fn sign_in(
    app: &TestApp,
    from: &str,
    email: &str,
    password: &str,
) -> Result<Actor, SignInError> {
    let from: IpAddr = from.parse().unwrap();
    access::sign_in(&app.pool, app.now(), &Passwords::default(), from, email, password.into()).await
}

/// Fails without the cost of a real try: no password is that long.
async fn fails(app: &TestApp, from: &str, email: &str) -> SignInError {
    sign_in(app, from, email, &"x".repeat(1_025)).await.unwrap_err()
}

async fn nobody_is_left(app: &TestApp) {
    app.pool.execute("delete from administrators").await.unwrap();
}

#[tokio::test]
async fn a_setup_link_makes_the_first_owner_and_works_once() {
    let app = TestApp::new().await;
    nobody_is_left(&app).await;
    let secret = setup::open(&app.pool, app.now()).await.unwrap().unwrap();
    let other = setup::open(&app.pool, app.now()).await.unwrap().unwrap();
    let claim = |secret: String| {
        let app = &app;
        async move {
            setup::claim(
                &app.pool,
                app.now(),
                &Passwords::default(),
                &secret,
                new("ana@example.com"),
            )
            .await
        }
    };

    let forged = claim("forged".to_owned()).await;
    let owner = claim(secret.clone()).await.unwrap();
    let again = [claim(secret.clone()).await, claim(other).await];

    assert!(matches!(forged, Err(SetupError::Closed)), "{forged:?}");
    assert_eq!((owner.role, owner.email.as_str()), (Role::Owner, "ana@example.com"));
    assert!(again.iter().all(|again| matches!(again, Err(SetupError::Closed))), "{again:?}");
    assert!(!setup::is_open(&app.pool, &secret).await.unwrap());
    assert_eq!(setup::open(&app.pool, app.now()).await.unwrap(), None);
    assert_eq!(
        app.history(Verb::AdministratorCreated).await[0].actor.as_deref(),
        Some("Setup link")
    );
}

#[tokio::test]
async fn of_two_who_use_setup_links_at_once_one_becomes_the_owner() {
    let app = Arc::new(TestApp::new().await);
    nobody_is_left(&app).await;
    let mut claiming = Vec::new();
    for number in 0..4 {
        let secret = setup::open(&app.pool, app.now()).await.unwrap().unwrap();
        let app = Arc::clone(&app);
        claiming.push(tokio::task::spawn(async move {
            let owner = new(&format!("ana{number}@example.com"));
            setup::claim(&app.pool, app.now(), &Passwords::default(), &secret, owner).await
        }));
    }

    let mut owners = 0;
    for claimed in claiming {
        owners += u32::from(claimed.await.unwrap().is_ok());
    }

    assert_eq!(owners, 1);
    assert_eq!(access::store::list(&app.pool).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_setup_link_stays_open_while_a_field_is_to_be_mended() {
    let app = TestApp::new().await;
    nobody_is_left(&app).await;
    let secret = setup::open(&app.pool, app.now()).await.unwrap().unwrap();
    let short = NewAdministrator { password: "too short".into(), ..new("ana@example.com") };

    let refused = setup::claim(&app.pool, app.now(), &Passwords::default(), &secret, short).await;

    let Err(SetupError::Administrator(AdministratorError::Field { field, says })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (field, says.as_str()),
        ("password", "Must have at least 12 characters; this has 9.")
    );
    assert!(setup::is_open(&app.pool, &secret).await.unwrap());
}

#[tokio::test]
async fn an_administrator_is_refused_with_the_field_to_mend() {
    let app = TestApp::new().await;
    ana_may_sign_in(&app).await;
    let by = By::System("test".to_owned());
    let table = [
        ("email", new("ANA@example.com")),
        ("email", new("ana")),
        ("email", new("a\0na@example.com")),
        ("name", NewAdministrator { name: " ".to_owned(), ..new("ben@example.com") }),
        ("name", NewAdministrator { name: "B\0n".to_owned(), ..new("ben@example.com") }),
        (
            "password",
            NewAdministrator { password: "x".repeat(1_025).into(), ..new("ben@example.com") },
        ),
    ];
    for (expected, new) in table {
        let told = format!("{new:?}");
        let made =
            access::create_administrator(&app.pool, app.now(), &Passwords::default(), &by, new)
                .await;

        let Err(AdministratorError::Field { field, .. }) = made else { panic!("{told}: {made:?}") };
        assert_eq!(field, expected, "{told}");
        assert!(!told.contains("xxx"), "a password is never shown");
    }
}

#[tokio::test]
async fn the_right_password_signs_in_and_is_told() {
    let app = TestApp::new().await;
    let id = ana_may_sign_in(&app).await;

    let actor = sign_in(&app, OFFICE, " ANA@example.com ", PASSWORD).await.unwrap();

    assert_eq!(
        (actor.who, actor.name.as_str(), actor.role),
        (Who::Administrator(id), "Ana", Role::Approver)
    );
    assert_eq!(app.history(Verb::SignedIn).await[0].actor.as_deref(), Some("Ana"));
    access::sign_out(&app.pool, app.now(), &actor).await.unwrap();
    assert_eq!(app.history(Verb::SignedOut).await.len(), 1);
}

#[tokio::test]
async fn every_refusal_of_a_sign_in_is_the_same() {
    let app = TestApp::new().await;
    let id = ana_may_sign_in(&app).await;
    let wrong = sign_in(&app, OFFICE, "ana@example.com", "wrong horse battery").await.unwrap_err();
    let unknown = sign_in(&app, OFFICE, "ben@example.com", PASSWORD).await.unwrap_err();
    let long = fails(&app, OFFICE, "ana@example.com").await;
    let odd = sign_in(&app, OFFICE, "a\0na@example.com", PASSWORD).await.unwrap_err();
    let sql = format!("update administrators set disabled_at = now() where id = '{}'", id.uuid());
    app.pool.execute(AssertSqlSafe(sql)).await.unwrap();
    let disabled = sign_in(&app, OFFICE, "ana@example.com", PASSWORD).await.unwrap_err();

    for refused in [wrong, unknown, long, odd, disabled] {
        assert!(matches!(refused, SignInError::Refused), "{refused:?}");
    }
    let told = app.history(Verb::SignInRefused).await;
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|event| event.actor.as_deref() == Some("Sign-in")));
}

#[tokio::test]
async fn an_account_is_closed_for_a_while_after_many_failures_wherever_they_came_from() {
    let app = TestApp::new().await;
    ana_may_sign_in(&app).await;
    for number in 0..ACCOUNT_FAILURES {
        fails(&app, &format!("192.0.2.{number}"), "Ana@example.com").await;
    }

    let closed = sign_in(&app, HOME, "ana@example.com", PASSWORD).await.unwrap_err();
    let unknown = fails(&app, HOME, "ben@example.com").await;
    let SignInError::Throttled { until } = closed else { panic!("{closed:?}") };
    app.clock.advance(Duration::from_secs(15 * 60 - 1));
    let still = sign_in(&app, HOME, "ana@example.com", PASSWORD).await;
    app.clock.advance(Duration::from_secs(1));
    let open = sign_in(&app, HOME, "ana@example.com", PASSWORD).await;

    assert!(matches!(unknown, SignInError::Refused), "another account is another matter");
    assert!(matches!(still, Err(SignInError::Throttled { .. })), "{still:?}");
    assert_eq!(until, app.now());
    assert!(open.is_ok(), "{open:?}");
}

#[tokio::test]
async fn an_unknown_account_is_closed_like_a_known_one() {
    let app = TestApp::new().await;
    for _ in 0..ACCOUNT_FAILURES {
        fails(&app, OFFICE, "nobody@example.com").await;
    }

    let closed = fails(&app, OFFICE, "nobody@example.com").await;

    assert!(matches!(closed, SignInError::Throttled { .. }), "{closed:?}");
}

#[tokio::test]
async fn an_address_is_closed_for_a_while_after_many_failures_whoever_they_were_for() {
    let app = TestApp::new().await;
    ana_may_sign_in(&app).await;
    for number in 0..ADDRESS_FAILURES {
        fails(&app, OFFICE, &format!("nobody{number}@example.com")).await;
    }

    let closed = sign_in(&app, OFFICE, "ana@example.com", PASSWORD).await;
    let elsewhere = sign_in(&app, HOME, "ana@example.com", PASSWORD).await;
    app.clock.advance(Duration::from_secs(WINDOW.unsigned_abs().as_secs()));
    let later = sign_in(&app, OFFICE, "ana@example.com", PASSWORD).await;

    assert!(matches!(closed, Err(SignInError::Throttled { .. })), "{closed:?}");
    assert!(elsewhere.is_ok() && later.is_ok(), "{elsewhere:?} {later:?}");
}

#[tokio::test]
async fn who_gets_in_begins_to_count_anew() {
    let app = TestApp::new().await;
    ana_may_sign_in(&app).await;
    for _ in 0..2 {
        for _ in 1..ACCOUNT_FAILURES {
            fails(&app, OFFICE, "ana@example.com").await;
        }
        let signed_in = sign_in(&app, OFFICE, "ana@example.com", PASSWORD).await;

        assert!(signed_in.is_ok(), "{signed_in:?}");
    }
}

#[tokio::test]
async fn guessing_at_once_gets_nobody_more_guesses() {
    let app = Arc::new(TestApp::new().await);
    ana_may_sign_in(&app).await;
    let guessing = (0..40).map(|number| {
        let app = Arc::clone(&app);
        let password = format!("wrong horse battery {number}");
        tokio::task::spawn(async move {
            sign_in(&app, OFFICE, "ana@example.com", &password).await.unwrap_err()
        })
    });

    let mut looked_at = 0;
    for guess in guessing.collect::<Vec<_>>() {
        looked_at += i32::from(matches!(guess.await.unwrap(), SignInError::Refused));
    }

    assert!(looked_at <= ACCOUNT_FAILURES, "{looked_at} guesses were looked at");
}

#[tokio::test]
async fn a_token_opens_what_it_was_made_for_and_nothing_else() {
    let app = TestApp::new().await;
    let olivia = app.owner.owner().unwrap();
    let api =
        tokens::create(&app.pool, app.now(), &olivia, "Automation", Scope::Api(Role::Operator))
            .await
            .unwrap();
    let okta = sources::create(&app.pool, app.now(), &olivia, "Okta", Provider::Okta);
    let scim = okta.await.unwrap().secret;
    let actor = |secret: String| {
        let app = &app;
        async move { tokens::actor_of_api_token(&app.pool, app.now(), &secret).await.unwrap() }
    };

    let known = actor(api.clone()).await.unwrap();
    let others = [actor(scim).await, actor(String::new()).await, actor(format!("{api}x")).await];

    assert!(
        matches!(known.who, Who::Token(_, maker) if maker.map(AdministratorId::uuid) == app.owner.id())
    );
    assert_eq!((known.name.as_str(), known.role), ("Automation", Role::Operator));
    assert!(known.approver().is_err(), "an operator decides nothing");
    assert_eq!(others, [None, None, None]);
    app.pool.execute("update tokens set revoked_at = now()").await.unwrap();
    assert_eq!(actor(api).await, None);
    assert_eq!(app.history(Verb::TokenCreated).await.len(), 2);
}

#[tokio::test]
async fn a_token_is_worth_nothing_once_its_maker_may_no_longer_sign_in() {
    let app = TestApp::new().await;
    let olivia = app.owner.owner().unwrap();
    let secret = tokens::create(&app.pool, app.now(), &olivia, "Mine", Scope::Api(Role::Owner))
        .await
        .unwrap();
    let sql = format!(
        "update administrators set disabled_at = now() where id = '{}'",
        app.owner.id().unwrap()
    );
    app.pool.execute(AssertSqlSafe(sql)).await.unwrap();

    let actor = tokens::actor_of_api_token(&app.pool, app.now(), &secret).await.unwrap();

    let Who::Administrator(id) = app.owner.who else { panic!("{:?}", app.owner) };
    assert_eq!(actor, None);
    assert!(access::store::find_enabled(&app.pool, id).await.unwrap().is_none());
    assert!(
        access::store::find_enabled_by_email(&app.pool, "olivia@admins.example")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_use_of_a_token_is_noted_and_not_with_every_request() {
    let app = TestApp::new().await;
    let olivia = app.owner.owner().unwrap();
    let secret = tokens::create(&app.pool, app.now(), &olivia, "Mine", Scope::Api(Role::Auditor))
        .await
        .unwrap();
    let mut noted = Vec::new();

    for seconds in [0, 60, 1] {
        app.clock.advance(Duration::from_secs(seconds));
        tokens::actor_of_api_token(&app.pool, app.now(), &secret).await.unwrap().unwrap();
        let used = sqlx::query_scalar!("select last_used_at from tokens");
        noted.push(used.fetch_one(&app.pool).await.unwrap());
    }

    assert_eq!(noted[0], noted[1]);
    assert_eq!(noted[2], Some(app.now()));
}

#[tokio::test]
async fn no_secret_can_be_read_back_from_the_database() {
    let app = TestApp::new().await;
    ana_may_sign_in(&app).await;
    let olivia = app.owner.owner().unwrap();
    let okta = sources::create(&app.pool, app.now(), &olivia, "Okta", Provider::Okta);
    let token = okta.await.unwrap().secret;
    app.echosign_is_connected().await;
    let everything = "select string_agg(row::text, '') from (
         select administrators::text as row from administrators union all select tokens::text from tokens
         union all select apps::text from apps union all select events::text from events
     ) as rows";

    let row = app.pool.fetch_one(everything).await.unwrap();

    let text: String = row.get(0);
    for secret in [PASSWORD, &token, crate::support::echosign::TOKEN] {
        let hex: Vec<_> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(secret) && !text.contains(&hex.concat()), "{secret}");
    }
}

#[tokio::test]
async fn a_session_is_kept_until_it_expires_and_its_id_is_not() {
    let app = TestApp::new().await;
    let sessions = SessionTable::new(app.pool.clone(), app.clock.clone());
    let hour = Duration::from_hours(1);
    let mut record =
        Record { id: Id::default(), data: HashMap::new(), expiry_date: app.now() + hour };
    record.data.insert(SessionTable::ADMINISTRATOR.to_owned(), json!(app.owner.id()));

    sessions.create(&mut record).await.unwrap();
    let kept = sessions.load(&record.id).await.unwrap();
    let row = sqlx::query!("select administrator_id, id_hash from sessions");
    let row = row.fetch_one(&app.pool).await.unwrap();
    app.clock.advance(hour);
    let expired = sessions.load(&record.id).await.unwrap();
    access::store::forget_expired_sessions(&app.pool, app.now()).await.unwrap();
    let left = app.pool.fetch_one("select count(*) from sessions").await.unwrap();

    assert_eq!(kept.map(|kept| kept.data), Some(record.data));
    assert_eq!(row.administrator_id, app.owner.id());
    assert_ne!(row.id_hash, record.id.0.to_be_bytes());
    assert_eq!((expired.is_none(), left.get::<i64, _>(0)), (true, 0));
}

#[tokio::test]
async fn who_signs_out_cannot_come_back_by_the_old_session() {
    let app = TestApp::new().await;
    let sessions = SessionTable::new(app.pool.clone(), app.clock.clone());
    let expiry_date = app.now() + Duration::from_hours(1);
    let mut record = Record { id: Id::default(), data: HashMap::new(), expiry_date };
    sessions.create(&mut record).await.unwrap();

    sessions.delete(&record.id).await.unwrap();

    assert!(sessions.load(&record.id).await.unwrap().is_none());
    assert!(sessions.load(&Id(7)).await.unwrap().is_none());
}
