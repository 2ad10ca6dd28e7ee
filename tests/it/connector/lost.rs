//! Answers that get lost, from an app that takes the same person twice.

use std::sync::{Arc, Mutex};

use countersign::{
    apps::change::{Attribute, Kind},
    connector::{Connector, Fate, Refusal, Sought, scim::ScimConnector},
    kernel::UserId,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::path};

use super::{PATIENT, content, hasty, list, text};

/// What the app keeps. It has no rule against two users of one name.
type Kept = Arc<Mutex<Vec<Json>>>;

/// Does what it is asked, and lets every third answer to a POST go astray.
fn forgetful(kept: &Kept, request: &Request) -> ResponseTemplate {
    let mut kept = kept.lock().unwrap();
    if request.method.as_str() == "POST" {
        let mut user: Json = request.body_json().unwrap();
        user["id"] = json!(kept.len());
        kept.push(user.clone());
        let answer = ResponseTemplate::new(201).set_body_json(user);
        return if kept.len() % 3 == 1 { answer.set_delay(PATIENT) } else { answer };
    }
    let (_, filter) = request.url.query_pairs().find(|(name, _)| name == "filter").unwrap();
    let wanted = filter.split('"').nth(1).unwrap();
    let hits = kept.iter().filter(|user| user["userName"] == wanted).cloned();
    ResponseTemplate::new(200).set_body_json(list(&hits.collect::<Vec<_>>()))
}

/// Looks, sends, and looks again before it repeats, as the forwarder does. Returns how often it sent.
async fn create(connector: &ScimConnector, number: u128) -> u32 {
    let user_name = format!("person{number}@example.com");
    let create = content(Kind::Create, &[(Attribute::UserName, Some(text(&user_name)))]);
    let user = UserId::from(Uuid::from_u128(number));
    let sought = Sought { user, remote_id: None, user_name, email: None };
    let mut sent = 0;
    while connector.find(&sought).await.outcome.unwrap().is_none() {
        for request in connector.plan(&create, None) {
            sent += 1;
            if let Err(refusal) = connector.send(&request).await.outcome {
                assert_eq!(refusal, Refusal::TimedOut { asked: true });
                assert_eq!(refusal.fate(), Fate::Again(None));
            }
        }
    }
    sent
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_account() {
    let app = MockServer::start().await;
    let kept = Kept::default();
    let keeper = Arc::clone(&kept);
    Mock::given(path("/Users"))
        .respond_with(move |request: &Request| forgetful(&keeper, request))
        .mount(&app)
        .await;
    let connector = hasty(&app.uri());

    for number in 0..9 {
        assert_eq!(create(&connector, number).await, 1, "{number}");
    }

    assert_eq!(kept.lock().unwrap().len(), 9);
}
