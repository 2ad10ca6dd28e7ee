//! People who arrive while others are being written share a transaction, and nothing else.

use std::collections::BTreeSet;

use countersign::{apps::change::Kind, queue::Status};
use futures_util::future::join_all;
use serde_json::Value as Json;
use sqlx::Executor;
use uuid::Uuid;

use super::fixture::{Answer, Idp, id, someone};

/// All at once, on one connection of the test each.
async fn all_at_once(idp: &Idp, names: &[String]) -> Vec<Answer> {
    let bodies: Vec<Json> = names.iter().map(|name| someone(name)).collect();
    join_all(bodies.iter().map(|body| idp.post(body))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_answered_for_themselves() {
    let idp = Idp::new().await;
    // Every third comes twice.
    let names: Vec<_> =
        (0..80).map(|n| format!("person{}", if n % 3 == 2 { n - 1 } else { n })).collect();

    let answers = all_at_once(&idp, &names).await;

    let mut added = BTreeSet::new();
    for (name, answer) in names.iter().zip(answers) {
        if answer.status == 409 {
            answer.refused(409, Some("uniqueness"));
            continue;
        }
        let user = answer.ok(201);
        assert_eq!(user["userName"], **name);
        assert_eq!(idp.kept(&user).await.profile.user_name.as_str(), name);
        assert_eq!(idp.story(&user).await, [(Kind::Create, Status::Pending)]);
        assert!(added.insert(name.clone()), "{name} was added twice");
    }
    assert_eq!(added, names.iter().cloned().collect(), "of two by one name, one is added");
    let events: i64 = sqlx::query_scalar(
        "select count(*) from events where verb in ('user.created', 'action.requested')",
    )
    .fetch_one(&idp.app.pool)
    .await
    .unwrap();
    assert_eq!(usize::try_from(events).unwrap(), 2 * added.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_written_takes_nobody_with_them() {
    let idp = Idp::new().await;
    let sql = "alter table users add constraint broken check (user_name <> 'person7')";
    idp.app.pool.execute(sql).await.unwrap();
    let names: Vec<_> = (0..20).map(|n| format!("person{n}")).collect();

    let answers = all_at_once(&idp, &names).await;

    for (name, answer) in names.iter().zip(answers) {
        assert_eq!(answer.status, if name == "person7" { 500 } else { 201 }, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_lets_each_through() {
    let idp = Idp::new().await;
    idp.app.provisioning(|rules| rules.approve.create = false).await;
    let names: Vec<_> = (0..20).map(|n| format!("person{n}")).collect();

    let answers = all_at_once(&idp, &names).await;

    for answer in answers {
        assert_eq!(idp.story(&answer.ok(201)).await, [(Kind::Create, Status::Approved)]);
    }
    assert_eq!(idp.app.run_jobs().await, names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_change_is_about_is_barred_from_that_one_alone() {
    let idp = Idp::new().await;
    let olivia = idp.app.owner.clone();
    let address = olivia.email.clone().unwrap().to_uppercase();
    let names = ["person1".to_owned(), address, "person2".to_owned()];

    let answers = all_at_once(&idp, &names).await;

    for (name, answer) in names.iter().zip(answers) {
        let barred: Vec<Uuid> = sqlx::query_scalar("select barred from actions where user_id = $1")
            .bind(id(&answer.ok(201)).uuid())
            .fetch_one(&idp.app.pool)
            .await
            .unwrap();
        assert_eq!(barred.contains(&olivia.id().unwrap()), name.contains('@'), "{name}");
    }
}
