//! Two clients at once.

use serde_json::json;

use super::fixture::{Idp, id, path, someone};

/// Whatever order they come in, each answer shows what it changed, and the end shows the last of each.
#[tokio::test]
async fn a_put_against_a_patch_loses_nothing_that_was_answered() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let mut version = 1;

    for round in 0..30 {
        let mut body = someone("ana@example.com");
        body["title"] = json!(format!("title {round}"));
        body["nickName"] = json!("by put");
        let nick =
            json!([{ "op": "replace", "path": "nickName", "value": format!("nick {round}") }]);
        let address = path(&user);
        let (put, patch) =
            tokio::join!(idp.send("PUT", &address, &body), idp.patch(&user, nick.clone()));
        let (put, patch) = (put.ok(200), patch.ok(200));

        let number = |user: &serde_json::Value| -> i64 {
            let version = user["meta"]["version"].as_str().unwrap();
            version.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
        };
        let (put_at, patch_at) = (number(&put), number(&patch));
        let end = idp.get(&address).await.ok(200);
        assert_eq!((put_at.min(patch_at), put_at.max(patch_at)), (version + 1, version + 2));
        version += 2;
        assert_eq!(put["title"], body["title"]);
        assert_eq!(end["title"], body["title"], "round {round}");
        let last = if put_at > patch_at { json!("by put") } else { json!(format!("nick {round}")) };
        assert_eq!(end["nickName"], last, "round {round}");
        assert_eq!(end, if put_at > patch_at { put } else { patch });
    }
    assert_eq!(idp.kept(&user).await.version, version);
    assert_eq!(idp.app.actions(id(&user)).await.len(), 1);
}

#[tokio::test]
async fn of_two_who_saw_the_same_version_one_is_told_that_it_has_changed() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    for round in 1..=20 {
        let seen = format!("W/\"{round}\"");
        let seen = [("if-match", &*seen)];
        let title = |who: &str| json!({ "Operations": [{ "op": "replace", "path": "title", "value": format!("{who} {round}") }] });
        let (address, one, other) = (path(&user), title("one"), title("other"));

        let (one, other) = tokio::join!(
            idp.with("PATCH", &address, &seen, &one),
            idp.with("PATCH", &address, &seen, &other)
        );

        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "round {round}");
    }
}

#[tokio::test]
async fn of_many_who_push_the_same_person_at_once_one_adds_them() {
    let idp = Idp::new().await;
    for round in 0..5 {
        let body = someone(&format!("ana{round}@example.com"));

        let answers = futures_util::future::join_all((0..6).map(|_| idp.post(&body))).await;

        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }
}
