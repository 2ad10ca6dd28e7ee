//! With four eyes on, somebody else decides: in the use-case and in the table.

use countersign::{
    access::{Actor, Role, tokens},
    apps::change::Kind,
    directory::Source,
    queue::{Status, decide::DecideError, people, undo},
};
use sqlx::{AssertSqlSafe, Executor};

use super::approve_stored;
use crate::support::app::{TestApp, someone};

async fn a_token(app: &TestApp, of: &Actor, role: Role) -> Actor {
    let of = of.owner().unwrap();
    let secret = tokens::create(&app.pool, app.now(), &of, "Automation", tokens::Scope::Api(role))
        .await
        .unwrap();
    tokens::actor_of_api_token(&app.pool, app.now(), &secret).await.unwrap().unwrap()
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_what_they_asked_for() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.four_eyes = true).await;
    let dora = app.an_owner("Dora").await;
    let asks = dora.operator().unwrap();
    let wish = someone("ana@example.com");
    let ana = people::add(&app.pool, app.now(), &asks, Source::console(), &wish).await.unwrap();
    let id = app.the(Kind::Create, ana.id).await.id;

    let own = approve_stored(&app, &dora, id).await;
    let by_token = approve_stored(&app, &a_token(&app, &dora, Role::Approver).await, id).await;
    let untouched = (app.status(id).await, app.jobs().await);
    let others = approve_stored(&app, &app.owner, id).await;

    assert!(matches!(own, Err(DecideError::OwnRequest)), "{own:?}");
    assert!(matches!(by_token, Err(DecideError::OwnRequest)), "{by_token:?}");
    assert_eq!(untouched, (Status::Pending, 0));
    assert!(others.is_ok(), "{others:?}");
    app.leaves_jobs();
}

#[tokio::test]
async fn with_four_eyes_whoever_made_a_token_does_not_approve_what_it_asked_for() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.four_eyes = true).await;
    let token = a_token(&app, &app.owner, Role::Operator).await;
    let asks = token.operator().unwrap();
    let wish = someone("ana@example.com");
    let ana = people::add(&app.pool, app.now(), &asks, Source::api(), &wish).await.unwrap();
    let id = app.the(Kind::Create, ana.id).await.id;

    let maker = approve_stored(&app, &app.owner, id).await;
    let other_token =
        approve_stored(&app, &a_token(&app, &app.owner, Role::Approver).await, id).await;

    assert!(matches!(maker, Err(DecideError::OwnRequest)), "{maker:?}");
    assert!(matches!(other_token, Err(DecideError::OwnRequest)), "{other_token:?}");
}

#[tokio::test]
async fn with_four_eyes_everybody_whose_wish_was_folded_in_has_asked() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.four_eyes = true).await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    let asks = app.owner.operator().unwrap();
    let retitle = |wish: &mut people::Wish| wish.draft.title = "Director".to_owned();
    people::edit(&app.pool, app.now(), &asks, Source::console(), ana, retitle).await.unwrap();

    let decided = approve_stored(&app, &app.owner, id).await;

    assert!(matches!(decided, Err(DecideError::OwnRequest)), "{decided:?}");
}

#[tokio::test]
async fn with_four_eyes_whose_wish_moved_to_another_action_has_asked_for_that() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.four_eyes = true).await;
    let ana = app.an_account("ana@example.com").await.id;
    app.retitle(ana, "Director").await;
    let first = app.the(Kind::Update, ana).await.id;
    app.reject(first).await;
    let asks = app.owner.operator().unwrap();
    let call = |wish: &mut people::Wish| wish.draft.phone = "+44 20".to_owned();
    people::edit(&app.pool, app.now(), &asks, Source::console(), ana, call).await.unwrap();
    undo::undo(&app.pool, app.now(), &app.owner.approver().unwrap(), first).await.unwrap();

    let own = approve_stored(&app, &app.owner, first).await;
    let others = approve_stored(&app, &app.approver, first).await;

    assert!(matches!(own, Err(DecideError::OwnRequest)), "{own:?}");
    assert!(others.is_ok(), "{others:?}");
    app.leaves_jobs();
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_what_is_about_them() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.four_eyes = true).await;
    let paula = app.a_person("PAULA@admins.example").await;
    let create = app.the(Kind::Create, paula.id).await.id;

    let created = approve_stored(&app, &app.approver, create).await;
    approve_stored(&app, &app.owner, create).await.unwrap();
    app.run_jobs().await;
    app.edit(paula.id, |wish| {
        wish.draft.user_name = "p@example.com".to_owned();
        wish.draft.email = "p@example.com".to_owned();
    })
    .await;
    let renamed =
        approve_stored(&app, &app.approver, app.the(Kind::Update, paula.id).await.id).await;

    assert!(matches!(created, Err(DecideError::OwnRequest)), "{created:?}");
    assert!(matches!(renamed, Err(DecideError::OwnRequest)), "{renamed:?}");
}

#[tokio::test]
async fn without_four_eyes_one_person_may_ask_and_approve() {
    let app = TestApp::provisioned().await;
    let asks = app.owner.operator().unwrap();
    let wish = someone("ana@example.com");
    let ana = people::add(&app.pool, app.now(), &asks, Source::console(), &wish).await.unwrap();

    let decided = approve_stored(&app, &app.owner, app.the(Kind::Create, ana.id).await.id).await;

    assert!(decided.is_ok(), "{decided:?}");
    app.leaves_jobs();
}

#[tokio::test]
async fn the_table_refuses_an_own_approval_whatever_the_code_does() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let oscar = app.operator.id().unwrap();

    let forged = format!(
        "update actions set four_eyes = true, state = 'approved', decided_at = now(), decided_by = '{oscar}',
             decided_name = 'Oscar', decided_digest = digest
         where id = '{}'",
        id.uuid()
    );
    let refused = app.pool.execute(AssertSqlSafe(forged)).await.unwrap_err();

    assert_eq!(
        refused.as_database_error().unwrap().constraint(),
        Some("nobody_approves_their_own")
    );
}
