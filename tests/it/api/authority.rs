//! Who may what: every route, with every role and without one.

use axum::body::Body;
use countersign::{
    access::Role,
    api::{ROUTES, Route, Who},
    kernel::{ActionId, Clock, UserId},
    sources::{self, Provider},
};
use serde_json::{Value as Json, json};

use super::fixture::{Api, command_line};

/// The address of a route, of something that is not there.
fn address(api: &Api, route: &Route) -> String {
    let id = match route.path.split('/').nth(3) {
        Some("users") => UserId::at(api.clock.now()).to_string(),
        _ => ActionId::at(api.clock.now()).to_string(),
    };
    route.path.replace("{id}", &id).replace("{slug}", "docusign")
}

#[tokio::test]
async fn every_route_answers_the_roles_that_it_names_and_no_other() {
    let api = Api::new().await;
    for route in ROUTES {
        let path = address(&api, route);
        for role in Role::ALL {
            let allowed = match route.who {
                Who::Anyone => true,
                Who::Roles(roles) => roles.contains(role),
            };
            // A body that names nothing known: whoever is let in is refused for that at the latest.
            let body = if route.method == "GET" { Json::Null } else { json!({ "zzz": 1 }) };
            let answer = api.send(*role, route.method, &path, body).await;

            assert_eq!(
                answer.status != 403,
                allowed,
                "{role}: {} {path} {}",
                route.method,
                answer.body
            );
            if !allowed {
                let detail = answer.body["detail"].as_str().unwrap();
                assert!(detail.ends_with(&format!("this token has the role {role}.")), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn every_route_but_the_document_asks_a_stranger_for_a_token_before_anything_else() {
    let api = Api::new().await;
    for route in ROUTES.iter().filter(|route| route.who != Who::Anyone) {
        let path = route.path.replace('{', "bad-").replace('}', "");
        for headers in [
            &[][..],
            &[("authorization", "Bearer cs_unknown")],
            &[("authorization", "Basic YTpi")],
            &[("authorization", "Bearer \u{e9}")],
        ] {
            let answer = api.raw(route.method, &path, headers, Body::from("no JSON")).await;

            assert_eq!(
                (answer.status, answer.problem()),
                (401, "unauthenticated"),
                "{} {path}",
                route.method
            );
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"Countersign API\"");
        }
    }
}

#[tokio::test]
async fn a_token_for_scim_opens_nothing_here() {
    let api = Api::new().await;
    let (pool, now) = (&api.db.pool, api.clock.now());
    let okta = sources::create(pool, now, &command_line(), "Okta", Provider::Okta).await.unwrap();

    let answer = api.send_with(&okta.secret, "GET", "/api/v1/users", Json::Null).await;

    assert_eq!(answer.status, 401);
    assert!(answer.body["detail"].as_str().unwrap().contains("not of scope api"));
}

#[tokio::test]
async fn an_auditor_reads_everything_and_changes_nothing() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let (id, user) = (action["id"].as_str().unwrap(), action["user"]["id"].as_str().unwrap());
    let filled = |route: &Route| {
        let value = if route.path.contains("/users/") { user } else { id };
        route.path.replace("{id}", value).replace("{slug}", "echosign")
    };
    let before = api.get("/api/v1/audit").await.body;

    for route in ROUTES {
        let body = match route.path.rsplit('/').next().unwrap() {
            _ if route.method == "GET" => Json::Null,
            "approve" => json!({ "digest": action["digest"] }),
            "reject" | "pause" => json!({ "reason": "No." }),
            "users" => json!({ "userName": "ben@example.com" }),
            "provisioning" => json!({ "enabled": false }),
            "sending" => json!({ "undoSeconds": 30 }),
            "link" => json!({ "remoteId": "remote-1" }),
            _ => json!({ "title": "Director" }),
        };
        let answer = api.send(Role::Auditor, route.method, &filled(route), body).await;

        let expected = if route.method == "GET" { 200 } else { 403 };
        assert_eq!(answer.status, expected, "{} {} {}", route.method, route.path, answer.body);
    }
    assert_eq!(api.get("/api/v1/audit").await.body, before);
    assert_eq!(api.waiting().await, action);
}
