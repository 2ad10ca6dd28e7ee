//! Clients that create people as fast as they are answered, each over one connection that stays open.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;

use crate::figures::Figures;

pub(crate) struct Load {
    url: String,
    authorization: String,
    next: AtomicU64,
}

impl Load {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        let url = format!("http://{address}/scim/v2/Users");
        Self { url, authorization: format!("Bearer {token}"), next: AtomicU64::new(0) }
    }

    pub(crate) async fn run(&self, clients: usize, length: Duration) -> Figures {
        let begin = Instant::now();
        let all = (0..clients).map(|_| self.client(begin + length));
        let taken = futures_util::future::join_all(all).await.concat();
        Figures::of(taken, begin.elapsed())
    }

    async fn client(&self, end: Instant) -> Vec<Duration> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client =
            Client::builder(TokioExecutor::new()).build::<_, Full<bytes::Bytes>>(connector);
        let mut taken = Vec::new();
        while Instant::now() < end {
            let request = self.request();
            let begin = Instant::now();
            let response = client.request(request).await.expect("an answer");
            let status = response.status();
            let body = response.into_body().collect().await.expect("the whole answer").to_bytes();
            taken.push(begin.elapsed());
            assert_eq!(status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&body));
        }
        taken
    }

    /// What Okta sends (facts/identity-providers.md 3.1), of somebody new.
    fn request(&self) -> Request<Full<bytes::Bytes>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("person.{number}@northwind.example");
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name, "externalId": format!("00u{number:017}"),
            "name": { "givenName": "Person", "familyName": format!("No {number}") },
            "emails": [{ "primary": true, "value": name, "type": "work" }],
            "displayName": format!("Person No {number}"), "title": "Analyst", "locale": "en-US", "groups": [], "active": true,
        });
        Request::post(&self.url)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/scim+json; charset=utf-8")
            .body(Full::from(body.to_string()))
            .expect("a request")
    }
}
