//! Who is let in, how often, and what everybody else is told.

use std::time::Duration;

use countersign::inbound::ROUTES;
use serde_json::json;

use super::fixture::{Idp, someone};

/// An address of a route with something in the place of its value.
fn address(path: &str) -> String {
    path.replace("{id}", "usr_01").replace("{name}", "User")
}

#[tokio::test]
async fn every_route_refuses_whoever_shows_no_good_token_and_says_why() {
    let mut idp = Idp::new().await;
    let api = idp.an_api_token().await;
    let (revoked, ended) = (idp.another_source("Revoked").await, idp.another_source("Ended").await);
    sqlx::query!("update tokens set revoked_at = created_at where source = 'revoked'")
        .execute(&idp.app.pool)
        .await
        .unwrap();
    sqlx::query!("update tokens set expires_at = $1 where source = 'ended'", idp.app.now())
        .execute(&idp.app.pool)
        .await
        .unwrap();
    let table = [
        (None, "missing"),
        (Some("Basic YTpi".to_owned()), "missing"),
        (Some("Bearer nonsense".to_owned()), "unknown"),
        (Some(format!("Bearer {api}")), "unknown"),
        (Some(format!("Bearer {revoked}")), "revoked"),
        (Some(format!("Bearer {ended}")), "run out"),
    ];
    let routes = ROUTES.iter().map(|route| (route.method, address(route.path)));
    let routes = routes.chain([("GET", "/Nothing".to_owned()), ("FOO", "/Users".to_owned())]);
    for (method, path) in routes {
        for (token, says) in &table {
            let headers: Vec<_> = token.iter().map(|token| ("authorization", &**token)).collect();

            let answer = idp.raw(method, &path, &headers, someone("ana").to_string()).await;

            let told = answer.refused(401, None);
            assert!(told.contains(says), "{method} {path} {token:?}: {told}");
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer realm="), "{challenge}");
            assert_eq!(challenge.contains("invalid_token"), *says != "missing", "{challenge}");
        }
        let good = idp.send(method, &path, &json!({})).await;
        assert!(good.status != 401 && good.status < 500, "{method} {path}: {}", good.status);
    }
    let spent = [("authorization", &*format!("Bearer {revoked}"))];
    idp.raw("GET", "/Users/x", &spent, "").await;
    let (.., status, says, _) = idp.last_noted().await;
    assert_eq!((status, says.is_some_and(|says| says.contains("revoked"))), (401, true));
}

#[tokio::test]
async fn strangers_leave_nothing_in_any_log_of_requests() {
    let mut idp = Idp::new().await;

    idp.raw("GET", "/Users/x", &[("authorization", "Bearer nonsense")], "").await;

    assert!(!idp.everything().await.contains("/Users/x"));
}

#[tokio::test]
async fn a_token_may_be_pasted_without_its_scheme() {
    let idp = Idp::new().await;
    let bare = [("authorization", &*idp.token)];

    idp.raw("GET", "/ServiceProviderConfig", &bare, "").await.ok(200);
}

#[tokio::test]
async fn a_source_that_asks_too_often_is_told_when_to_go_on() {
    let mut idp = Idp::at_rate(2).await;
    let entra = format!("Bearer {}", idp.another_source("Entra").await);
    for _ in 0..4 {
        idp.get("/Schemas").await.ok(200);
    }

    let answer = idp.get("/Schemas").await;

    assert!(answer.refused(429, None).contains("COUNTERSIGN_SCIM_RATE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(idp.last_noted().await.2, 429);
    idp.raw("GET", "/Schemas", &[("authorization", &*entra)], "").await.ok(200);
    idp.app.clock.advance(Duration::from_secs(1));
    idp.get("/Schemas").await.ok(200);
}

#[tokio::test]
async fn while_the_database_is_away_clients_are_told_to_come_back() {
    let idp = Idp::new().await;
    idp.app.pool.close().await;

    let answer = idp.get("/Users/x").await;

    answer.refused(503, None);
    assert_eq!(answer.header("retry-after"), Some("5"));
    idp.app.leaves_jobs();
}

#[tokio::test]
async fn an_answer_has_the_media_type_that_the_client_reads() {
    let idp = Idp::new().await;
    for (accept, kind) in [
        ("application/json", "application/json"),
        ("application/json, application/scim+json", "application/scim+json"),
        ("*/*", "application/scim+json"),
    ] {
        for path in ["/Schemas", "/Nothing"] {
            let answer = idp.with("GET", path, &[("accept", accept)], &json!(null)).await;

            assert_eq!(answer.header("content-type"), Some(kind), "{accept} {path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
}

#[tokio::test]
async fn whatever_a_base_url_brings_along_does_not_matter() {
    let idp = Idp::new().await;
    let user = idp.pushed("ana@example.com").await;
    let id = user["id"].as_str().unwrap();
    for path in [
        format!("/Users/{id}/"),
        format!("/Users/{id}?"),
        format!("/Users/{id}/?aadOptscim062020"),
        format!("/Users/{id}?aadOptscim062020&"),
        format!("//Users/{id}"),
        format!("/Users/{id}?Attributes=&nonsense=%ff&&"),
    ] {
        assert_eq!(idp.get(&path).await.ok(200), user, "{path}");
    }
    for path in ["/Users/?aadOptscim062020", "/Users?"] {
        idp.send("POST", path, &someone(&format!("ben{}@example.com", path.len()))).await.ok(201);
    }
}
