//! Each hint where it should be, and nowhere else.

use axum::{body::Body, http::Request};
use countersign::{
    apps::change::Kind,
    directory::{Source, User},
    kernel::UserId,
    queue::{
        Status,
        hint::Hint,
        link, people, reverse,
        store::{self, Filter, Order},
    },
    sandbox::faults::Quirk,
};
use serde_json::json;
use tower::ServiceExt;

use super::{domains_are, ids, listed};
use crate::{
    inbound::Idp,
    support::app::{TestApp, someone},
};

/// EchoSign is provisioned, and `example.com` is the organisation's own.
async fn ours() -> TestApp {
    let app = TestApp::provisioned().await;
    domains_are(&app, "example.com").await;
    app
}

async fn hints(app: &TestApp, kind: Kind, user: UserId) -> Vec<Hint> {
    app.the(kind, user).await.hints
}

/// What waits for a person is approved and carried out.
async fn all_is_done(app: &TestApp, user: UserId) {
    app.approve_all(user).await;
    app.run_jobs().await;
}

/// A person goes by another name.
async fn rename(app: &TestApp, user: UserId, name: &str) -> User {
    app.edit(user, |wish| name.clone_into(&mut wish.draft.display_name)).await
}

#[tokio::test]
async fn there_is_nothing_to_look_at_twice_in_what_is_as_usual() {
    let app = ours().await;
    let ana = app.an_account("ana@example.com").await.id;
    app.retitle(ana, "Director").await;
    all_is_done(&app, ana).await;
    app.suspend(ana).await;
    all_is_done(&app, ana).await;
    app.edit(ana, |wish| wish.active = true).await;

    let actions = app.actions(ana).await;

    let kinds: Vec<_> = actions.iter().map(|action| action.content.kind).collect();
    assert_eq!(kinds, [Kind::Create, Kind::Update, Kind::Suspend, Kind::Reactivate]);
    assert!(actions.iter().all(|action| action.hints.is_empty()), "{actions:#?}");
}

#[tokio::test]
async fn the_first_change_of_an_account_that_was_there_is_one_until_it_is_made() {
    let app = ours().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.echosign.has_quirk(Quirk::AllowsDuplicates);
    app.echosign.has(json!({ "userName": "ana@example.com", "title": "Clerk" }));
    let account = app.echosign.account("ana@example.com").await.unwrap();
    let (paula, remote_id) = (app.approver.approver().unwrap(), account["id"].as_str().unwrap());

    link::link(&app.pool, &app.connectors, app.now(), &paula, id, remote_id).await.unwrap();
    let first = hints(&app, Kind::Update, ana).await;
    app.retitle(ana, "Director").await;
    let folded = hints(&app, Kind::Update, ana).await;
    all_is_done(&app, ana).await;
    app.retitle(ana, "President").await;
    let second = hints(&app, Kind::Update, ana).await;

    assert_eq!((first, folded), (vec![Hint::First], vec![Hint::First]));
    assert_eq!(second, []);
}

#[tokio::test]
async fn a_domain_is_foreign_that_neither_the_app_nor_where_it_has_none_an_administrator_has() {
    for (domains, address, foreign) in [
        ("", "ana@admins.example", false),
        ("", "ANA@Admins.Example", false),
        ("", "ana@example.com", true),
        ("example.com,other.example", "ana@OTHER.example", false),
        ("example.com,other.example", "ana@sub.example.com", true),
        ("example.com,other.example", "ana@admins.example", true),
        ("example.com", "ana", false),
    ] {
        let app = TestApp::provisioned().await;
        domains_are(&app, domains).await;
        let oscar = app.operator.operator().unwrap();
        let mut wish = someone(address);
        if !address.contains('@') {
            wish.draft.email.clear();
        }
        let source = Source::console();
        let ana = people::add(&app.pool, app.now(), &oscar, source, &wish);

        let told = hints(&app, Kind::Create, ana.await.unwrap().id).await;

        assert_eq!(told.contains(&Hint::Domain), foreign, "{address} where ours are {domains:?}");
    }
}

#[tokio::test]
async fn an_address_is_looked_at_twice_when_it_is_new_and_not_with_every_other_change() {
    let app = ours().await;
    let ana = app.an_account("ana@example.com").await.id;

    app.edit(ana, |wish| "ana@elsewhere.example".clone_into(&mut wish.draft.email)).await;
    let moved = hints(&app, Kind::Update, ana).await;
    all_is_done(&app, ana).await;
    app.retitle(ana, "Director").await;
    let retitled = hints(&app, Kind::Update, ana).await;

    assert_eq!((moved, retitled), (vec![Hint::Domain], vec![]));
}

#[tokio::test]
async fn whoever_has_anothers_name_or_address_up_to_the_at_is_a_namesake() {
    let app = ours().await;
    domains_are(&app, "example.com,other.example").await;
    let ana = app.an_account("ana@example.com").await.id;
    let ben = app.an_account("ben@example.com").await.id;
    let gone = app.a_person("gone@example.com").await.id;
    app.delete(gone).await;

    let by_address = app.a_person("ANA@other.example").await.id;
    let of_nobody = app.a_person("gone@other.example").await.id;
    rename(&app, ana, "Ana Lima").await;
    rename(&app, ben, "ana LIMA").await;
    let by_name = hints(&app, Kind::Update, ben).await;
    app.edit(ben, |wish| {
        wish.draft.display_name.clear();
        "Ana".clone_into(&mut wish.draft.given_name);
        "Lima".clone_into(&mut wish.draft.family_name);
    })
    .await;
    let by_parts = hints(&app, Kind::Update, ben).await;
    all_is_done(&app, ben).await;
    app.retitle(ben, "Director").await;

    assert_eq!(hints(&app, Kind::Create, by_address).await, [Hint::Namesake]);
    assert_eq!(hints(&app, Kind::Create, of_nobody).await, []);
    assert_eq!((by_name, by_parts), (vec![Hint::Namesake], vec![Hint::Namesake]));
    assert_eq!(hints(&app, Kind::Update, ben).await, [], "only the title changes");
}

#[tokio::test]
async fn an_account_is_made_again_for_whoever_returns() {
    let app = ours().await;
    let ana = app.an_account("ana@example.com").await.id;
    let before = hints(&app, Kind::Create, ana).await;
    app.delete(ana).await;
    all_is_done(&app, ana).await;

    let same_name = app.a_person("Ana@example.com").await.id;
    let another = app.a_person("ben@example.com").await.id;

    assert_eq!(before, []);
    assert_eq!(hints(&app, Kind::Create, same_name).await, [Hint::Recreate]);
    assert_eq!(hints(&app, Kind::Create, another).await, []);
}

#[tokio::test]
async fn an_account_is_made_again_for_whoever_is_brought_back() {
    let app = ours().await;
    let ana = app.an_account("ana@example.com").await.id;
    app.delete(ana).await;
    all_is_done(&app, ana).await;
    let (oscar, deleted) = (app.operator.operator().unwrap(), app.the(Kind::Delete, ana).await.id);

    reverse::reverse(&app.pool, app.now(), &oscar, deleted).await.unwrap();

    assert_eq!(app.story(ana).await.last(), Some(&(Kind::Create, Status::Pending)));
    assert_eq!(hints(&app, Kind::Create, ana).await, [Hint::Recreate]);
}

#[tokio::test]
async fn an_administrator_is_one_by_address_whatever_changes() {
    let app = ours().await;
    domains_are(&app, "admins.example").await;
    let olivia = app.an_account("Olivia@admins.example").await.id;
    app.retitle(olivia, "Director").await;
    let nobody = app.a_person("nobody@admins.example").await.id;

    assert_eq!(hints(&app, Kind::Create, olivia).await, [Hint::Admin]);
    assert_eq!(hints(&app, Kind::Update, olivia).await, [Hint::Admin]);
    assert_eq!(hints(&app, Kind::Create, nobody).await, []);
}

#[tokio::test]
async fn an_administrator_is_one_by_a_role_that_the_source_tells() {
    let idp = Idp::new().await;
    for (number, (roles, is_one)) in [
        (json!([{ "value": "Global Administrator" }]), true),
        (json!([{ "value": "r1", "display": "Org admin", "primary": true }]), true),
        (json!([{ "value": "Reader" }]), false),
        (json!([]), false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("person{number}@admins.example");
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
            "displayName": name, "roles": roles, "active": true,
        });
        let request = Request::post("/scim/v2/Users")
            .header("authorization", format!("Bearer {}", idp.token))
            .header("content-type", "application/scim+json")
            .body(Body::from(body.to_string()));

        let answer = idp.router.clone().oneshot(request.unwrap()).await.unwrap();

        assert_eq!(answer.status(), 201, "{roles}");
        let filter = Filter { words: vec![name], ..Filter::default() };
        let told = listed(&idp.app, &filter, Order::Oldest).await;
        let [action] = &*told else { panic!("{told:?}") };
        assert_eq!(action.hints.contains(&Hint::Admin), is_one, "{roles}");
    }
}

#[tokio::test]
async fn whoever_left_is_a_leaver_and_whoever_is_suspended_is_not() {
    let app = ours().await;
    let (ana, ben) =
        (app.an_account("ana@example.com").await.id, app.an_account("ben@example.com").await.id);

    app.delete(ana).await;
    app.suspend(ben).await;

    assert_eq!(hints(&app, Kind::Delete, ana).await, [Hint::Leaver]);
    assert_eq!(hints(&app, Kind::Suspend, ben).await, []);
}

#[tokio::test]
async fn the_opposite_is_told_and_stands_until_it_is_finished() {
    let app = ours().await;
    let ana = app.a_person("ana@example.com").await.id;
    app.approve_all(ana).await;
    app.suspend(ana).await;
    let suspend = app.the(Kind::Suspend, ana).await;
    let create = app.the(Kind::Create, ana).await;
    let stands = async || store::opposed(&app.pool, &[suspend.id]).await.unwrap();

    let under_way = stands().await;
    app.run_jobs().await;
    let finished = stands().await;

    assert_eq!((create.hints, &suspend.hints), (vec![], &vec![Hint::Opposite]));
    assert_eq!(under_way.into_iter().collect::<Vec<_>>(), [suspend.id]);
    assert!(finished.is_empty(), "the create is provisioned");
    let update = app.edit(ana, |wish| "Director".clone_into(&mut wish.draft.title)).await;
    assert_eq!(hints(&app, Kind::Update, update.id).await, [], "an update undoes nothing");
}

#[tokio::test]
async fn hints_are_told_anew_when_something_is_folded_in() {
    let app = ours().await;
    let ana = app.a_person("ana@elsewhere.example").await.id;
    let before = app.the(Kind::Create, ana).await;

    app.edit(ana, |wish| {
        "olivia@admins.example".clone_into(&mut wish.draft.email);
        "olivia@example.com".clone_into(&mut wish.draft.user_name);
    })
    .await;
    let administrator = app.the(Kind::Create, ana).await;
    app.edit(ana, |wish| "ana@example.com".clone_into(&mut wish.draft.email)).await;
    let after = app.the(Kind::Create, ana).await;

    assert_eq!((before.id, administrator.id), (after.id, after.id));
    assert_eq!(before.hints, [Hint::Domain]);
    assert_eq!(administrator.hints, [Hint::Domain, Hint::Admin]);
    assert_eq!(after.hints, []);
}

#[tokio::test]
async fn whoever_is_renamed_is_listed_under_the_new_name_whatever_has_become_of_it() {
    let app = ours().await;
    let ana = app.an_account("ana@example.com").await.id;
    let ben = app.an_account("ben@example.com").await.id;
    app.retitle(ana, "Director").await;
    app.retitle(ben, "Director").await;
    let order = [app.the(Kind::Update, ana).await.id, app.the(Kind::Update, ben).await.id];
    let waits = Filter { tab: Some(store::Tab::Pending), ..Filter::default() };

    let before = ids(&listed(&app, &waits, Order::Person).await);
    rename(&app, ana, "Zoë Abt").await;
    let after = listed(&app, &waits, Order::Person).await;
    let every = listed(&app, &Filter::default(), Order::Person).await;

    assert_eq!(before, order);
    assert_eq!(ids(&after), [order[1], order[0]]);
    let people: Vec<_> = every.iter().map(|action| action.content.account).collect();
    assert_eq!(people, [ben, ben, ana, ana]);
}
