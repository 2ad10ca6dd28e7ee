//! Looking an account up in apps that filter and page in their own ways.

use countersign::{
    apps::account::Account,
    connector::{Connector, Exchange, Instead, Refusal, scim::ScimSettings},
};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, query_param, query_param_contains},
};

use super::{ana, connector, connector_with, list, list_of, scim_error, settings, sought, user};

fn json_of(status: u16, body: &Json) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// An app whose `GET Users` is answered by `answer`, which is given the filter.
async fn app(
    answer: impl Fn(Option<&str>) -> ResponseTemplate + Send + Sync + 'static,
) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/Users"))
        .respond_with(move |request: &Request| {
            let pair = request.url.query_pairs().find(|(name, _)| name == "filter");
            answer(pair.as_ref().map(|(_, filter)| filter.as_ref()))
        })
        .mount(&app)
        .await;
    app
}

/// Pages of `users` in the way of RFC 7644, `most` at a time at most.
fn paged(users: &[Json], request: &Request, most: usize) -> ResponseTemplate {
    let number = |wanted: &str, default| {
        let pair = request.url.query_pairs().find(|(name, _)| name == wanted);
        pair.map_or(default, |(_, value)| value.parse().unwrap())
    };
    let (start, count) = (number("startIndex", 1), number("count", most).min(most));
    let page: Vec<_> = users.iter().skip(start - 1).take(count).cloned().collect();
    json_of(200, &list_of(&page, users.len()))
}

fn crowd(of: usize) -> Vec<Json> {
    (0..of).map(|n| user(&format!("{n}"), &format!("person{n}@example.com"))).collect()
}

async fn found(app: &MockServer) -> Result<Option<String>, Refusal> {
    let outcome = connector(&app.uri()).find(&sought(None)).await.outcome;
    outcome.map(|account| account.map(|account| account.remote_id))
}

async fn found_in_list(app: &MockServer) -> (Result<Option<Account>, Refusal>, Vec<Exchange>) {
    let by_list = ScimSettings { filter: false, ..settings() };
    let found = connector_with(&app.uri(), by_list).find(&sought(None)).await;
    (found.outcome, found.exchanges)
}

#[tokio::test]
async fn an_account_is_found_by_the_apps_id_of_any_kind() {
    for (id, shown, at) in [
        ("6f2a", json!("6f2a"), "/Users/6f2a"),
        ("42", json!(42), "/Users/42"),
        ("ana@example.com", json!("ana@example.com"), "/Users/ana%40example.com"),
        ("a/b", json!("a/b"), "/Users/a%2Fb"),
    ] {
        let app = MockServer::start().await;
        let mut renamed = user("", "lima@example.com");
        renamed["id"] = shown;
        Mock::given(path(at)).respond_with(json_of(200, &renamed)).expect(1).mount(&app).await;

        let found = connector(&app.uri()).find(&sought(Some(id))).await;

        assert_eq!(found.outcome.unwrap().unwrap().remote_id, id);
        assert_eq!(found.exchanges.len(), 1);
    }
}

#[tokio::test]
async fn an_id_that_is_gone_is_looked_for_by_name() {
    for gone in [
        json_of(404, &scim_error(404, None)),
        json_of(404, &json!({ "error": "not found" })),
        json_of(400, &scim_error(400, None)),
        ResponseTemplate::new(404),
        json_of(200, &user("another", "ana@example.com")),
    ] {
        let app = app(|_| json_of(200, &list(&[user("2", "ana@example.com")]))).await;
        Mock::given(path("/Users/1")).respond_with(gone).expect(1).mount(&app).await;

        let found = connector(&app.uri()).find(&sought(Some("1"))).await;

        assert_eq!(found.outcome.unwrap().unwrap().remote_id, "2");
        assert_eq!(found.exchanges.len(), 2);
    }
}

#[tokio::test]
async fn a_web_page_never_says_that_an_account_is_gone() {
    let html = |status| ResponseTemplate::new(status).set_body_string("<html>Not Found</html>");
    for status in [404, 200] {
        let app = app(|_| json_of(200, &list(&[]))).await;
        Mock::given(path("/Users/1")).respond_with(html(status)).mount(&app).await;

        let found = connector(&app.uri()).find(&sought(Some("1"))).await;

        assert_eq!(found.outcome, Err(Refusal::NotScim { status, got: Instead::Html }));
    }
    let app = app(move |_| html(404)).await;
    assert_eq!(found(&app).await, Err(Refusal::NotScim { status: 404, got: Instead::Html }));
}

#[tokio::test]
async fn an_account_is_found_by_name_whatever_its_case() {
    let app = app(|filter| {
        assert_eq!(filter, Some(r#"userName eq "Ana@example.com""#));
        json_of(200, &list(&[user("1", "ANA@EXAMPLE.COM")]))
    })
    .await;

    assert_eq!(found(&app).await, Ok(Some("1".to_owned())));
}

#[tokio::test]
async fn an_app_that_minds_case_is_asked_in_lower_case_too() {
    let app = app(|filter| match filter {
        Some(r#"userName eq "ana@example.com""#) => {
            json_of(200, &list(&[user("1", "ana@example.com")]))
        }
        _ => json_of(200, &list(&[])),
    })
    .await;

    assert_eq!(found(&app).await, Ok(Some("1".to_owned())));
}

#[tokio::test]
async fn an_account_with_another_name_is_found_by_our_id() {
    let app = app(|filter| {
        let mut renamed = user("1", "lima@example.com");
        renamed["externalId"] = json!(ana());
        let ours = format!(r#"externalId eq "{}""#, ana());
        json_of(
            200,
            &list(if filter == Some(&*ours) { std::slice::from_ref(&renamed) } else { &[] }),
        )
    })
    .await;

    assert_eq!(found(&app).await, Ok(Some("1".to_owned())));
}

#[tokio::test]
async fn nobody_is_nobody_whatever_the_app_makes_of_external_ids() {
    for odd in [
        json_of(200, &list(&[])),
        json_of(200, &list(&[user("7", "ben@example.com")])),
        json_of(400, &scim_error(400, Some("invalidFilter"))),
        json_of(404, &scim_error(404, None)),
        json_of(501, &scim_error(501, None)),
    ] {
        let app = app(move |filter| match filter {
            Some(filter) if filter.starts_with("externalId") => odd.clone(),
            _ => json_of(200, &list(&[])),
        })
        .await;

        assert_eq!(found(&app).await, Ok(None));
    }
}

#[tokio::test]
async fn a_failing_search_is_not_read_as_nobody() {
    let app = app(|filter| match filter {
        Some(filter) if filter.starts_with("externalId") => ResponseTemplate::new(500),
        _ => json_of(200, &list(&[])),
    })
    .await;

    assert_eq!(found(&app).await, Err(Refusal::Down { status: 500, detail: None }));
}

#[tokio::test]
async fn two_matches_are_for_a_person_unless_one_carries_our_id() {
    let app_with = async |ours: bool| {
        app(move |_| {
            let mut second = user("2", "ANA@example.com");
            if ours {
                second["externalId"] = json!(ana());
            }
            json_of(200, &list(&[user("1", "ana@example.com"), second]))
        })
        .await
    };

    assert_eq!(found(&app_with(false).await).await, Err(Refusal::Ambiguous { matches: 2 }));
    assert_eq!(found(&app_with(true).await).await, Ok(Some("2".to_owned())));
}

#[tokio::test]
async fn a_filter_that_is_ignored_finds_nobody_by_chance() {
    for there in [true, false] {
        let mut users = crowd(3);
        if there {
            users.push(user("ana", "ana@example.com"));
        }
        let app = app(move |_| json_of(200, &list(&users))).await;

        assert_eq!(found(&app).await, Ok(there.then(|| "ana".to_owned())));
    }
}

#[tokio::test]
async fn a_filter_that_is_ignored_gives_way_to_the_list() {
    let mut users = crowd(120);
    users.push(user("ana", "ana@example.com"));
    let app = MockServer::start().await;
    Mock::given(path("/Users"))
        .respond_with(move |request: &Request| paged(&users, request, 50))
        .mount(&app)
        .await;

    assert_eq!(found(&app).await, Ok(Some("ana".to_owned())));
}

#[tokio::test]
async fn an_app_that_counts_people_and_shows_none_does_not_say_that_nobody_is_there() {
    let app = app(|_| json_of(200, &json!({ "totalResults": 3 }))).await;

    assert_eq!(found(&app).await, Err(Refusal::Unsearchable));
}

#[tokio::test]
async fn a_filter_that_is_refused_gives_way_to_the_list() {
    for refused in [
        json_of(400, &scim_error(400, Some("invalidFilter"))),
        json_of(501, &scim_error(501, None)),
        json_of(403, &json!({})),
        ResponseTemplate::new(200).set_body_string(" ".repeat(1024 * 1024 + 1)),
    ] {
        let app = app(move |filter| match filter {
            Some(_) => refused.clone(),
            None => json_of(200, &list(&[user("1", "ana@example.com")])),
        })
        .await;

        assert_eq!(found(&app).await, Ok(Some("1".to_owned())));
    }
}

#[tokio::test]
async fn a_long_list_is_read_to_its_end() {
    let mut users = crowd(230);
    users.push(user("ana", "ana@example.com"));
    let app = MockServer::start().await;
    Mock::given(path("/Users"))
        .respond_with(move |request: &Request| paged(&users, request, 50))
        .mount(&app)
        .await;

    let (outcome, exchanges) = found_in_list(&app).await;

    assert_eq!(outcome.unwrap().unwrap().remote_id, "ana");
    assert_eq!(exchanges.len(), 5);
    assert_eq!(exchanges[0].answer, "a list of 50 accounts");
}

#[tokio::test]
async fn a_list_that_ignores_paging_is_read_once() {
    let mut users = crowd(120);
    users.push(user("ana", "ana@example.com"));
    let everyone = list(&users);
    let app = app(move |_| json_of(200, &everyone)).await;

    let (outcome, exchanges) = found_in_list(&app).await;

    assert_eq!(outcome.unwrap().unwrap().remote_id, "ana");
    assert_eq!(exchanges.len(), 1);
}

#[tokio::test]
async fn a_page_that_repeats_is_not_the_end_of_the_list() {
    let first = list_of(&crowd(10), 500);
    let app = app(move |_| json_of(200, &first)).await;

    let (outcome, exchanges) = found_in_list(&app).await;

    assert_eq!(outcome, Err(Refusal::Unsearchable));
    assert_eq!(exchanges.len(), 2);
}

#[tokio::test]
async fn an_app_that_fails_at_count_is_listed_without_it() {
    let users = list(&[user("1", "ana@example.com")]);
    let app = app(move |_| json_of(200, &users)).await;
    Mock::given(query_param_contains("count", ""))
        .respond_with(ResponseTemplate::new(500))
        .with_priority(1)
        .mount(&app)
        .await;

    let (outcome, exchanges) = found_in_list(&app).await;

    assert_eq!(outcome.unwrap().unwrap().remote_id, "1");
    assert_eq!(exchanges.len(), 2);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_not_read_as_nobody() {
    let users = crowd(150);
    let app = MockServer::start().await;
    Mock::given(query_param("startIndex", "101"))
        .respond_with(ResponseTemplate::new(502))
        .with_priority(1)
        .mount(&app)
        .await;
    Mock::given(path("/Users"))
        .respond_with(move |request: &Request| paged(&users, request, 100))
        .mount(&app)
        .await;

    assert_eq!(found_in_list(&app).await.0, Err(Refusal::Down { status: 502, detail: None }));
}
