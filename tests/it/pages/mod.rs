//! The pages as answers: who is given them, and what every one of them carries.

mod actions;
mod answers;
mod authority;
mod imports;
mod live;
mod overview;
mod person;
mod review;
mod rows;
mod run;
mod sending;
mod views;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use countersign::{
    access::{Actor, NewAdministrator, Passwords, Role, SessionTable, create_administrator},
    audit::By,
    kernel::Clock,
    queue::{Tally, live::Live},
    web::{self, WebState},
};
use http_body_util::BodyExt;
use serde_json::json;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use crate::support::app::TestApp;

/// The pages over a database of their own.
pub(crate) struct Site {
    pub(crate) app: TestApp,
    router: Router,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn router(app: &TestApp, pool: PgPool) -> Router {
    // Nothing happens any more, so that every answer has an end.
    let over = CancellationToken::new();
    over.cancel();
    let (live, _) = Live::open(pool.clone(), app.clock.clone(), over);
    router_with(app, pool, live)
}

fn router_with(app: &TestApp, pool: PgPool, live: Live) -> Router {
    web::guarded(web::router(WebState {
        pool,
        clock: app.clock.clone(),
        connectors: app.connectors.clone(),
        passwords: Passwords::default(),
        live,
        tally: Tally::default(),
        origin: "http://countersign.example".to_owned(),
        demo: false,
    }))
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::of(TestApp::provisioned().await)
    }

    /// The pages over what is there.
    pub(crate) fn of(app: TestApp) -> Self {
        let router = router(&app, app.pool.clone());
        Self { app, router }
    }

    /// Someone who only reads.
    pub(crate) async fn an_auditor(&self) -> Actor {
        let new = NewAdministrator {
            email: "astrid@admins.example".to_owned(),
            name: "Astrid".to_owned(),
            role: Role::Auditor,
            password: "a sentence to remember".into(),
        };
        let by = By::System("Test".to_owned());
        let made =
            create_administrator(&self.app.pool, self.app.now(), &Passwords::default(), &by, new)
                .await;
        Actor::from(made.unwrap())
    }

    /// The cookie of somebody who has signed in.
    async fn cookie(&self, actor: &Actor) -> String {
        let id = actor.id().unwrap();
        let clock: Arc<dyn Clock> = self.app.clock.clone();
        let table = SessionTable::new(self.app.pool.clone(), clock);
        let mut record = Record {
            id: Id::default(),
            data: [(SessionTable::ADMINISTRATOR.to_owned(), json!(id))].into(),
            expiry_date: self.app.now() + time::Duration::HOUR,
        };
        table.create(&mut record).await.unwrap();
        format!("countersign={}", record.id)
    }

    /// Asks as somebody, or as a stranger.
    pub(crate) async fn ask(&self, who: Option<&Actor>, method: &str, path: &str) -> Answer {
        self.send(who, method, path, &[], "").await
    }

    pub(crate) async fn send(
        &self,
        who: Option<&Actor>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(actor) = who {
            request = request.header(header::COOKIE, self.cookie(actor).await);
        }
        answer(&self.router, request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}
