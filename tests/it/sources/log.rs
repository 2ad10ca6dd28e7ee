//! What sources asked, and how little of it is kept.

use std::time::Duration;

use countersign::{
    apps::change::Kind,
    audit::Verb,
    directory::Source,
    kernel::ActionId,
    sources::log::{
        Caused, Entry, Log, Masked,
        store::{self, COUNTED, Noted},
    },
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::app::TestApp;

impl TestApp {
    /// A request of a source, at the time of the clock.
    fn request(&self, source: &Source, path: &str, status: u16) -> Entry {
        Entry {
            source: source.clone(),
            at: self.now(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            status,
            duration: Duration::from_micros(1_234),
            body: None,
            says: None,
            caused: Vec::new(),
        }
    }

    /// Notes requests and has them written.
    pub(super) async fn noted(&self, entries: impl IntoIterator<Item = Entry>) {
        let (log, mut writer) = Log::open(self.pool.clone());
        for entry in entries {
            log.note(entry);
        }
        writer.write_noted().await;
    }

    async fn asked(&self, source: &Source) -> Vec<Noted> {
        store::list(&self.pool, source, false, None, 100).await.unwrap().items
    }
}

#[tokio::test]
async fn a_request_is_noted_with_what_it_caused_and_without_the_person() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let caused = Caused {
        verb: Verb::ActionRequested,
        action: ActionId::at(app.now()),
        number: 7,
        kind: Kind::Create,
    };
    let entry = Entry {
        method: "POST".to_owned(),
        body: Some(Masked::of(&json!({ "userName": "ana@example.com", "active": true }))),
        says: Some("ana@example.com is taken".to_owned()),
        caused: vec![caused],
        ..app.request(&okta, "/scim/v2/Users?filter=userName+eq+%22ana@example.com%22", 201)
    };

    app.noted([entry]).await;

    let noted = app.asked(&okta).await.remove(0);
    assert_eq!(noted.path, r#"/scim/v2/Users?filter=userName eq "…""#);
    assert_eq!(noted.body, Some(json!({ "userName": "…", "active": true })));
    assert_eq!(noted.says.as_deref(), Some("… is taken"));
    assert_eq!((noted.caused, noted.more), (vec![caused], 0));
    assert_eq!((noted.method.as_str(), noted.status), ("POST", 201));
    assert_eq!(noted.duration, Duration::from_micros(1_234));
}

#[tokio::test]
async fn of_many_actions_only_the_number_is_kept() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let one = Caused {
        verb: Verb::ActionFolded,
        action: ActionId::at(app.now()),
        number: 1,
        kind: Kind::Update,
    };

    app.noted([Entry { caused: vec![one; 25], ..app.request(&okta, "/scim/v2/Bulk", 200) }]).await;

    let noted = app.asked(&okta).await.remove(0);
    assert_eq!((noted.caused.len(), noted.more), (20, 5));
}

#[tokio::test]
async fn the_list_is_read_page_by_page_newest_first_and_each_request_once() {
    let app = TestApp::new().await;
    let (okta, entra) = (app.a_source("Okta").await.source, app.a_source("Entra").await.source);
    for number in 0..7 {
        // Two at the same time: the order of writing tells them apart.
        app.clock.advance(Duration::from_secs(number / 2));
        let status = if number % 3 == 0 { 404 } else { 200 };
        let page = format!("/scim/v2/Users?startIndex={number}");
        app.noted([app.request(&okta, &page, status), app.request(&entra, "/scim/v2/Users", 400)])
            .await;
    }

    for (refused, expected) in [(false, vec![6, 5, 4, 3, 2, 1, 0]), (true, vec![6, 3, 0])] {
        let (mut read, mut cursor) = (Vec::new(), None);
        loop {
            let page = store::list(&app.pool, &okta, refused, cursor.as_deref(), 2).await.unwrap();
            read.extend(page.items.into_iter().map(|noted| noted.path));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let expected: Vec<_> =
            expected.iter().map(|n| format!("/scim/v2/Users?startIndex={n}")).collect();
        assert_eq!(read, expected);
    }
    assert!(store::list(&app.pool, &okta, false, Some("nonsense"), 2).await.is_err());
}

#[tokio::test]
async fn a_source_tells_when_it_was_last_seen_how_often_today_and_what_was_refused_last() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let quiet = app.a_source("Entra").await.source;
    app.noted([app.request(&okta, "/scim/v2/Users", 200)]).await;
    app.clock.advance(Duration::from_hours(24));
    let refused = Entry {
        says: Some("There is no attribute nme.".to_owned()),
        ..app.request(&okta, "/scim/v2/Users?filter=nme pr", 400)
    };
    let at = app.now();
    app.noted([refused]).await;
    app.clock.advance(Duration::from_secs(1));
    app.noted([app.request(&okta, "/scim/v2/Users", 200)]).await;

    let client = app.client(&okta).await;

    assert_eq!(client.last_seen(), Some(app.now()));
    assert_eq!(client.traffic.today, 2, "yesterday's is not today's");
    assert_eq!(client.traffic.refused, Some((at, 400, "There is no attribute nme.".to_owned())));
    let quiet = app.client(&quiet).await;
    assert_eq!((quiet.last_seen(), quiet.traffic.today, quiet.traffic.refused), (None, 0, None));
}

#[tokio::test]
async fn requests_are_counted_no_further_than_is_shown() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    many(&app, &okta, COUNTED + 50).await;

    assert_eq!(app.client(&okta).await.traffic.today, COUNTED + 1);
}

/// Fills the table, half of it refused.
async fn many(app: &TestApp, source: &Source, number: i64) {
    sqlx::query!(
        "insert into requests (source, at, method, path, status, duration_us)
         select $1, $2::timestamptz - n * interval '1 ms', 'GET', '/scim/v2/Users', 200 + 200 * (n % 2), 900
         from generate_series(1, $3::bigint) as n",
        source.0,
        app.now(),
        number,
    )
    .execute(&app.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn old_requests_are_forgotten_some_at_a_time() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    many(&app, &okta, 30).await;
    let before = app.now() + Duration::from_hours(1);
    app.clock.advance(Duration::from_hours(2));
    app.noted([app.request(&okta, "/scim/v2/Users", 200)]).await;

    assert_eq!(store::forget(&app.pool, before, 20).await.unwrap(), 20);
    assert_eq!(store::forget(&app.pool, before, 20).await.unwrap(), 10);
    assert_eq!(store::forget(&app.pool, before, 20).await.unwrap(), 0);
    assert_eq!(app.asked(&okta).await.len(), 1, "what is young stays");
}

#[tokio::test]
async fn what_was_noted_before_the_end_is_written_at_the_end() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let (log, writer) = Log::open(app.pool.clone());
    let stop = CancellationToken::new();
    let writing = tokio::spawn(writer.run(stop.clone()));
    for _ in 0..1_200 {
        log.note(app.request(&okta, "/scim/v2/Users", 200));
    }
    stop.cancel();
    log.note(app.request(&okta, "/scim/v2/Groups", 200));

    drop(log);
    writing.await.unwrap();

    assert_eq!(app.client(&okta).await.traffic.today, 1_201);
}

#[tokio::test]
async fn noting_never_waits_and_goes_on_when_there_is_room_again() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let (log, mut writer) = Log::open(app.pool.clone());

    for _ in 0..5_000 {
        log.note(app.request(&okta, "/scim/v2/Users", 200));
    }

    writer.write_noted().await;
    assert_eq!(app.client(&okta).await.traffic.today, 4_096, "what had no room is lost");
    log.note(app.request(&okta, "/scim/v2/Users", 200));
    writer.write_noted().await;
    assert_eq!(app.client(&okta).await.traffic.today, 4_097);
}

#[tokio::test]
async fn a_request_that_no_database_would_keep_is_kept_without_what_is_wrong_with_it() {
    let app = TestApp::new().await;
    let okta = app.a_source("Okta").await.source;
    let entry = Entry {
        method: "GE\0T".to_owned(),
        body: Some(Masked::of(&json!({ "user\0Name": { "ok": null }, "title": "a\0b" }))),
        says: Some("a\0b".to_owned()),
        ..app.request(&okta, "/scim/v2/%00?\0=%00&filter=a%00%20eq%20%00", 400)
    };

    app.noted([entry]).await;

    let noted = app.asked(&okta).await.remove(0);
    assert_eq!(noted.body, Some(json!({ "…": { "ok": null }, "title": "…" })));
    assert_eq!((noted.method.as_str(), noted.path.as_str()), ("…", "/scim/v2/…?…=…&filter=a eq "));
}
