//! The record of what really changed.

use std::collections::BTreeMap;

use countersign::sandbox::{Effect, EffectKind};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Running, path_of, setting};

async fn recording() -> Running {
    Running::started(countersign::sandbox::Sandbox::recording).await
}

/// Whose account each effect is of, and what became of it.
fn told(effects: &[Effect]) -> Vec<(&str, EffectKind)> {
    effects.iter().map(|effect| (&*effect.user_name, effect.kind)).collect()
}

#[tokio::test]
async fn what_really_changes_is_recorded_in_its_order() {
    let running = recording().await;
    let ana = json!({ "userName": "ana", "externalId": "usr_1", "title": "Clerk" });
    let ana = running.json(Method::POST, "/Users", &ana).await;
    running.send(Method::PATCH, &path_of(&ana), &setting("title", "Counsel")).await.unwrap();
    let put = json!({ "userName": "lima", "externalId": "usr_1", "active": false });
    running.send(Method::PUT, &path_of(&ana), &put).await.unwrap();
    running.send(Method::DELETE, &path_of(&ana), &json!({})).await.unwrap();

    let effects = running.client.get(format!("{}/effects", running.base)).send().await.unwrap();
    let effects: Value = effects.json().await.unwrap();

    assert_eq!(effects, json!(running.sandbox.effects()));
    let members = effects.as_array().unwrap().iter().map(|effect| effect["members"].clone());
    assert_eq!(
        members.collect::<Vec<_>>()[1..3],
        [
            json!({ "title": { "from": "Clerk", "to": "Counsel" } }),
            json!({
                "userName": { "from": "ana", "to": "lima" }, "active": { "from": true, "to": false },
                "title": { "from": "Counsel", "to": null },
            }),
        ]
    );
    let effects = running.sandbox.effects();
    assert_eq!(
        told(&effects),
        [
            ("ana", EffectKind::Create),
            ("ana", EffectKind::Change),
            ("lima", EffectKind::Change),
            ("lima", EffectKind::Delete),
        ]
    );
    assert!(effects.iter().all(|effect| {
        ana["id"] == effect.id && effect.external_id.as_deref() == Some("usr_1")
    }));
}

#[tokio::test]
async fn what_changes_nothing_is_no_effect() {
    let running = recording().await;
    let ana = running.created("ana").await;
    let path = path_of(&ana);

    running.send(Method::PATCH, &path, &setting("active", true)).await.unwrap();
    running.send(Method::PUT, &path, &json!({ "userName": "ana" })).await.unwrap();
    running.create("ANA").await.unwrap();
    running.send(Method::PATCH, &path, &setting("userName", "")).await.unwrap();
    running.send(Method::DELETE, "/Users/nobody", &json!({})).await.unwrap();
    let mishaps = json!([
        { "status": 500 }, { "what": "reset" }, { "what": "pretend" }, { "what": "pretend", "method": "DELETE" },
    ]);
    running.faults(&json!({ "next": mishaps })).await;
    for _ in 0..3 {
        drop(running.create("ben").await);
    }
    running.send(Method::DELETE, &path, &json!({})).await.unwrap();

    assert_eq!(told(&running.sandbox.effects()), [("ana", EffectKind::Create)]);
    assert_eq!(running.keeps(), ["ana"]);
}

#[tokio::test]
async fn what_is_done_is_an_effect_although_its_answer_is_bad() {
    let running = recording().await;
    running.faults(&json!({ "next": [{ "what": "loseAnswer" }, { "what": "truncate" }] })).await;

    drop(running.create("ana").await);
    drop(running.create("ben").await);

    let effects = running.sandbox.effects();
    assert_eq!(told(&effects), [("ana", EffectKind::Create), ("ben", EffectKind::Create)]);
}

#[tokio::test]
async fn the_effects_played_again_are_what_is_kept() {
    let running = recording().await;
    running.sandbox.seed([json!({ "userName": "seeded", "title": "Clerk" })]).unwrap();
    let ana = running.created("ana").await;
    let ben = running.created("ben").await;
    running.send(Method::PATCH, &path_of(&ana), &setting("title", "Counsel")).await.unwrap();
    running.send(Method::DELETE, &path_of(&ben), &json!({})).await.unwrap();

    let mut played = BTreeMap::<String, BTreeMap<String, Value>>::new();
    for effect in running.sandbox.effects() {
        let account = played.entry(effect.id.clone()).or_default();
        for (name, changed) in effect.members {
            assert_eq!(account.get(&name).unwrap_or(&Value::Null), &changed.from, "{name}");
            account.insert(name, changed.to);
        }
        if effect.kind == EffectKind::Delete {
            played.remove(&effect.id);
        }
    }

    let kept = running.sandbox.accounts().into_iter().map(|mut account| {
        let id = account["id"].as_str().unwrap().to_owned();
        for ours in ["id", "meta", "schemas"] {
            account.as_object_mut().unwrap().remove(ours);
        }
        (id, serde_json::from_value(account).unwrap())
    });
    assert_eq!(played, kept.collect());
}

#[tokio::test]
async fn nothing_is_recorded_unless_it_was_asked_for() {
    let running = Running::start().await;
    running.created("ana").await;

    let answer = running.client.get(format!("{}/effects", running.base)).send().await.unwrap();

    assert_eq!(answer.status(), 404);
    assert_eq!(running.sandbox.effects(), []);
}
