//! What goes over the wire, and what may not.

use countersign::connector::{
    Connector, Refusal, Unreached,
    scim::ScimConnector,
    transport::{LONGEST_ANSWER, OutboundRules},
};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, body_json, header, headers, method, path},
};

use super::{
    PATIENT, TOKEN, connector, endpoint, get, hasty, list, raw, request, settings, transport, user,
};

#[tokio::test]
async fn a_request_carries_the_token_and_says_what_it_is() {
    let app = MockServer::start().await;
    let body = json!({ "userName": "ana" });
    Mock::given(method("POST"))
        .and(path("/scim/v2/Users"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .and(headers("accept", vec!["application/scim+json", "application/json"]))
        .and(header("content-type", "application/scim+json"))
        .and(header("user-agent", concat!("countersign/", env!("CARGO_PKG_VERSION"))))
        .and(body_json(&body))
        .respond_with(ResponseTemplate::new(201).set_body_json(user("1", "ana")))
        .expect(1)
        .mount(&app)
        .await;

    let sent = connector(&format!("{}/scim/v2/", app.uri()))
        .send(&request("POST", "Users", Some(body)))
        .await;

    assert_eq!(sent.outcome.unwrap().unwrap().remote_id, "1");
    assert_eq!(sent.exchange.status, Some(201));
    assert!(sent.exchange.answer.contains("\"userName\":\"ana\""), "{:?}", sent.exchange);
}

#[tokio::test]
async fn the_token_is_in_no_evidence_and_no_message() {
    let app = MockServer::start().await;
    let body = json!({ "detail": format!("{TOKEN} may not"), "password": "hunter22" });
    Mock::given(any())
        .respond_with(ResponseTemplate::new(403).set_body_json(body))
        .mount(&app)
        .await;
    let connector = connector(&app.uri());

    let sent = connector.send(&request("POST", "Users", Some(json!({})))).await;

    let shown = format!("{connector:?} {sent:?} {}", sent.outcome.as_ref().unwrap_err());
    assert!(shown.contains("[token] may not"), "{shown}");
    assert!(!shown.contains(TOKEN) && !shown.contains("hunter22"), "{shown}");
}

#[tokio::test]
async fn an_id_reaches_the_app_as_one_segment() {
    let app = MockServer::start().await;
    Mock::given(method("DELETE"))
        .and(path("/v2/Users/a%2Fb%40c%25d"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&app)
        .await;

    let sent = connector(&format!("{}/v2", app.uri()))
        .send(&request("DELETE", "Users/a%2Fb%40c%25d", None))
        .await;

    assert_eq!(sent.outcome, Ok(None));
}

#[tokio::test]
async fn a_path_that_climbs_is_never_sent() {
    let app = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).expect(0).mount(&app).await;

    let sent =
        connector(&format!("{}/v2", app.uri())).send(&request("DELETE", "Users/..", None)).await;

    assert_eq!(sent.outcome, Err(Refusal::Astray));
    assert_eq!(sent.exchange.status, None);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_a_way() {
    let app = MockServer::start().await;
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&elsewhere).await;
    let target = format!("{}/scim?ticket=s3cret", elsewhere.uri());
    Mock::given(any())
        .respond_with(ResponseTemplate::new(307).insert_header("location", target.as_str()))
        .mount(&app)
        .await;

    let sent = connector(&app.uri()).send(&request("DELETE", "Users/1", None)).await;

    let to = Some(format!("{}/scim", elsewhere.uri()));
    assert_eq!(sent.outcome, Err(Refusal::Redirected { to }));
}

#[tokio::test]
async fn an_answer_of_1_mib_is_read_and_a_longer_one_is_not() {
    for (length, read) in [(LONGEST_ANSWER, true), (LONGEST_ANSWER + 1, false)] {
        let app = MockServer::start().await;
        let body = format!("{{\"id\":\"1\"{}}}", " ".repeat(length - 10));
        Mock::given(any())
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .mount(&app)
            .await;

        let sent = connector(&app.uri()).send(&request("PUT", "Users/1", Some(json!({})))).await;

        assert_eq!(
            sent.outcome.map(|account| account.unwrap().remote_id),
            if read { Ok("1".to_owned()) } else { Err(Refusal::TooLarge) }
        );
    }
}

#[tokio::test]
async fn a_body_without_end_is_given_up() {
    let app = raw::endless();

    let sent = connector(&format!("http://{app}")).send(&get("Users")).await;

    assert_eq!(sent.outcome, Err(Refusal::TooLarge));
}

#[tokio::test]
async fn an_app_that_never_answers_is_timed_out_and_may_have_done_it() {
    let app = raw::silence();

    let sent =
        hasty(&format!("http://{app}")).send(&request("POST", "Users", Some(json!({})))).await;

    let refusal = sent.outcome.unwrap_err();
    assert_eq!(refusal, Refusal::TimedOut { asked: true });
    assert!(refusal.may_be_done());
    assert_eq!(sent.exchange.answer, refusal.to_string());
}

#[tokio::test]
async fn a_body_that_stalls_is_timed_out() {
    let app = MockServer::start().await;
    let late = ResponseTemplate::new(200).set_delay(PATIENT);
    Mock::given(any()).respond_with(late).mount(&app).await;

    let sent = hasty(&app.uri()).send(&get("Users")).await;

    assert_eq!(sent.outcome, Err(Refusal::TimedOut { asked: true }));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_one_that_never_was() {
    let broken = |asked| Refusal::Unreachable { how: Unreached::Broken, asked };
    for (app, refusal) in [
        (raw::nobody(), Refusal::Unreachable { how: Unreached::Refused, asked: false }),
        (raw::server(""), broken(true)),
        (raw::server("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), broken(true)),
        (raw::server("SSH-2.0-OpenSSH_9.2\r\n"), broken(true)),
    ] {
        let sent = connector(&format!("http://{app}")).send(&request("POST", "Users", None)).await;

        assert_eq!(sent.outcome, Err(refusal));
    }
}

#[tokio::test]
async fn a_name_without_an_address_was_not_found() {
    let refusal = connector("https://app.invalid/scim/v2").connect().await.unwrap_err();

    assert_eq!(refusal, Refusal::Unreachable { how: Unreached::NoSuchHost, asked: false });
}

#[tokio::test]
async fn http_1_0_without_keep_alive_is_understood() {
    let body = list(&[user("1", "ana")]).to_string();
    let app = raw::server(format!("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n{body}"));
    let connector = connector(&format!("http://{app}"));

    for _ in 0..3 {
        assert_eq!(connector.send(&get("Users")).await.exchange.answer, body);
    }
}

#[tokio::test]
async fn plain_http_and_private_addresses_are_not_called_unless_they_are_allowed() {
    let app = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).expect(1).mount(&app).await;
    let port = app.address().port();
    let localhost = format!("http://localhost:{port}");
    let ask = async |base_url: &str, rules| {
        ScimConnector::new(transport(rules, PATIENT), endpoint(base_url), settings())
            .send(&request("DELETE", "Users/1", None))
            .await
            .outcome
    };

    let by_number = ask(&app.uri(), OutboundRules::default()).await;
    let by_name = ask(&localhost, OutboundRules::default()).await;
    let allowed = ask(&localhost, OutboundRules::new(["LOCALHOST".to_owned()], [])).await;

    assert_eq!(by_number, Err(Refusal::NotAllowed { host: "127.0.0.1".to_owned() }));
    assert_eq!(by_name, Err(Refusal::NotAllowed { host: "localhost".to_owned() }));
    assert_eq!(allowed, Ok(None));
}

#[tokio::test]
async fn a_wait_of_an_hour_is_an_hour() {
    let app = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "3600"))
        .mount(&app)
        .await;

    let sent = connector(&app.uri()).send(&request("DELETE", "Users/1", None)).await;

    let after = Some(std::time::Duration::from_hours(1));
    assert_eq!(sent.outcome, Err(Refusal::Throttled { after }));
}
