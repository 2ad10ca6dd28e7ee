//! Tokens of a source: how they are handed over, and how they end.

use std::time::Duration;

use countersign::{
    audit::Verb,
    directory::Source,
    sources::{self, Overlap, SourceError},
};

use crate::support::app::TestApp;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_rotated_token_stays_good_for_the_overlap_and_not_longer() {
    for (overlap, good, rest) in [
        (Overlap::None, None, Duration::ZERO),
        (Overlap::Hour, Some(HOUR / 2), HOUR / 2),
        (Overlap::Day, Some(23 * HOUR), HOUR),
        (Overlap::Week, Some(167 * HOUR), HOUR),
    ] {
        let app = TestApp::new().await;
        let old = app.a_source("Okta").await;
        app.clock.advance(HOUR);

        let new = app.rotate(&old.source, overlap).await.unwrap();

        if let Some(good) = good {
            app.clock.advance(good);
            assert!(app.opens(&old.secret).await, "{overlap}: the old one is still good");
            app.clock.advance(rest);
        }
        assert!(!app.opens(&old.secret).await, "{overlap}: the old one is over");
        assert!(app.opens(&new.secret).await, "{overlap}: the new one stays");
    }
}

#[tokio::test]
async fn a_shorter_overlap_shortens_a_longer_one_and_never_the_other_way_round() {
    let app = TestApp::new().await;
    let first = app.a_source("Okta").await;
    app.clock.advance(HOUR);
    let second = app.rotate(&first.source, Overlap::Hour).await.unwrap();
    app.clock.advance(HOUR / 2);

    app.rotate(&first.source, Overlap::Week).await.unwrap();

    app.clock.advance(HOUR / 2);
    assert!(!app.opens(&first.secret).await, "it was to end after an hour, and does");
    assert!(app.opens(&second.secret).await);
}

#[tokio::test]
async fn the_same_request_twice_makes_one_token() {
    let app = TestApp::new().await;
    let first = app.a_source("Okta").await;
    let seen = app.client(&first.source).await.newest;
    app.clock.advance(HOUR);
    let second = app.rotate(&first.source, Overlap::None).await.unwrap();
    let olivia = app.owner.owner().unwrap();

    let again =
        sources::rotate(&app.pool, app.now(), &olivia, &first.source, seen, Overlap::None).await;

    assert!(matches!(again, Err(SourceError::Stale)), "{again:?}");
    assert!(app.opens(&second.secret).await, "the one that was shown is good");
    assert_eq!(app.history(Verb::SourceRotated).await.len(), 1);
}

#[tokio::test]
async fn two_owners_at_once_make_one_token() {
    let app = TestApp::new().await;
    let first = app.a_source("Okta").await;
    app.clock.advance(HOUR);

    let (one, other) = tokio::join!(
        app.rotate(&first.source, Overlap::None),
        app.rotate(&first.source, Overlap::None)
    );

    let made: Vec<_> = [one, other].into_iter().flatten().collect();
    assert!(!made.is_empty(), "one of them was first");
    let good = app.client(&first.source).await.tokens;
    assert_eq!(good.len(), 1);
    assert!(app.opens(&made.last().unwrap().secret).await || made.len() == 2);
}

#[tokio::test]
async fn revoking_ends_every_token_and_the_source_can_come_back() {
    let app = TestApp::new().await;
    let first = app.a_source("Okta").await;
    app.clock.advance(HOUR);
    let second = app.rotate(&first.source, Overlap::Week).await.unwrap();

    app.revoke(&first.source).await;
    app.revoke(&first.source).await;

    assert!(!app.opens(&first.secret).await && !app.opens(&second.secret).await);
    let listed = sources::list(&app.pool, app.now()).await.unwrap();
    assert!(listed.len() == 1 && listed[0].is_revoked(), "it stays in the list");
    assert_eq!(app.history(Verb::SourceRevoked).await.len(), 1, "the second had nothing to end");
    app.clock.advance(HOUR);
    let third = app.rotate(&first.source, Overlap::None).await.unwrap();
    assert!(app.opens(&third.secret).await && !app.client(&first.source).await.is_revoked());
}

#[tokio::test]
async fn what_is_no_identity_provider_is_no_source_to_rotate() {
    let app = TestApp::new().await;
    let olivia = app.owner.owner().unwrap();

    for slug in ["console", "nobody"] {
        let source = Source(slug.to_owned());
        let rotated =
            sources::rotate(&app.pool, app.now(), &olivia, &source, None, Overlap::None).await;
        let revoked = sources::revoke(&app.pool, app.now(), &olivia, &source).await;

        assert!(matches!(rotated, Err(SourceError::NotFound)), "{slug}");
        assert!(matches!(revoked, Err(SourceError::NotFound)), "{slug}");
    }
}

#[tokio::test]
async fn a_token_is_stored_hashed_and_in_no_event() {
    let app = TestApp::new().await;
    let made = app.a_source("Okta").await;
    app.clock.advance(HOUR);
    let rotated = app.rotate(&made.source, Overlap::Day).await.unwrap();

    let events =
        [app.history(Verb::SourceCreated).await, app.history(Verb::SourceRotated).await].concat();

    assert_eq!(events.len(), 2);
    for event in events {
        let told = event.details.to_string();
        assert!(told.contains("okta"), "{told}");
        assert!(!told.contains(&made.secret) && !told.contains(&rotated.secret), "{told}");
    }
}
