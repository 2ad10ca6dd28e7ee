//! Lists of actions that somebody comes back to.

use axum::http::StatusCode;
use countersign::{
    access::Actor,
    queue::view::{self, MOST, View, ViewError},
};

use super::{Answer, Site};

const VIEWS: &str = "/users/provisioning/views";

impl Site {
    async fn keeps(&self, who: &Actor, form: &str) -> Answer {
        self.send(Some(who), "POST", VIEWS, &[], form).await
    }

    async fn views_of(&self, who: &Actor) -> Vec<View> {
        view::seen_by(&self.app.pool, who).await.unwrap()
    }

    async fn queue(&self, who: &Actor, query: &str) -> String {
        self.ask(Some(who), "GET", &format!("/users/provisioning{query}")).await.text
    }
}

#[tokio::test]
async fn a_list_is_kept_under_a_name_and_the_button_is_called_so_on_it() {
    let site = Site::new().await;
    let astrid = site.an_auditor().await;

    let kept = site.keeps(&astrid, "name=Leavers&status=failed&q=action:delete&sort=").await;
    let there = site.queue(&astrid, "?status=failed&q=action:delete").await;
    let elsewhere = site.queue(&astrid, "").await;
    let of_another = site.queue(&site.app.owner, "").await;

    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    let to = kept.header("location");
    assert_eq!(to, Some("/users/provisioning?status=failed&q=action%3Adelete"));
    let button = r#"<span class="clip">Leavers</span>"#;
    assert!(there.contains(button) && !elsewhere.contains(button));
    assert!(elsewhere.contains("/users/provisioning?status=failed&#38;q=action%3Adelete"));
    assert!(!of_another.contains("Leavers"));
}

#[tokio::test]
async fn whoever_may_decide_may_share_and_everybody_sees_whose_it_is() {
    let site = Site::new().await;
    let astrid = site.an_auditor().await;

    let refused = site.keeps(&astrid, "name=Mine&shared=on").await;
    let shared = site.keeps(&site.app.approver, "name=Contractors&shared=on&q=contractor").await;
    let seen = site.queue(&astrid, "").await;

    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(shared.status, StatusCode::SEE_OTHER);
    assert!(seen.contains("Contractors") && seen.contains("shared by Paula"));
    assert!(!seen.contains("Delete Contractors") && !seen.contains(r#"name="shared""#));
}

#[tokio::test]
async fn a_name_that_cannot_be_is_told_on_the_list_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let paula = &site.app.approver;
    site.keeps(paula, "name=Leavers&status=failed").await;

    let taken = site.keeps(paula, "name=leavers&shared=on&status=done&q=ana&sort=").await;

    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", taken.text);
    let (told, field) = ("a view that is called leavers", r#"value="leavers" aria-invalid="true""#);
    assert_eq!(taken.text.matches(told).count(), 2, "above the list and beside the field");
    assert!(taken.text.contains(field) && taken.text.contains(r#"value="on" checked"#));
    assert!(taken.text.contains(r#"name="q" value="ana""#), "the list that was to be kept");
    assert_eq!(site.views_of(paula).await.len(), 1);
}

#[tokio::test]
async fn only_ones_own_are_changed_but_an_owner_deletes_what_is_shared() {
    let site = Site::new().await;
    let (astrid, paula) = (site.an_auditor().await, &site.app.approver);
    site.keeps(paula, "name=Contractors&shared=on").await;
    site.keeps(paula, "name=Mine").await;
    let [shared, private] = &site.views_of(paula).await[..] else { panic!("not two") };
    let step = |view: &View, step: &str| format!("{VIEWS}/{}/{step}", view.id);

    let others = site.ask(Some(&astrid), "POST", &step(shared, "delete")).await;
    let hidden = site.ask(Some(&site.app.owner), "POST", &step(private, "delete")).await;
    let taken = site.ask(Some(&site.app.owner), "POST", &step(shared, "unshare")).await;
    let left = site.views_of(paula).await.len();
    let deleted = site.ask(Some(&site.app.owner), "POST", &step(shared, "delete")).await;

    assert_eq!((others.status, taken.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert_eq!((hidden.status, left), (StatusCode::NOT_FOUND, 2));
    assert_eq!(deleted.status, StatusCode::SEE_OTHER);
    assert_eq!(site.views_of(paula).await, std::slice::from_ref(private));
}

#[tokio::test]
async fn a_view_is_shared_and_kept_to_oneself_again() {
    let site = Site::new().await;
    let (paula, olivia) = (&site.app.approver, &site.app.owner);
    site.keeps(paula, "name=Mine").await;
    let id = site.views_of(paula).await[0].id;

    let before = site.views_of(olivia).await.len();
    site.ask(Some(paula), "POST", &format!("{VIEWS}/{id}/share")).await;
    let shared = site.views_of(olivia).await.len();
    site.ask(Some(paula), "POST", &format!("{VIEWS}/{id}/unshare")).await;
    let after = site.views_of(olivia).await.len();

    assert_eq!((before, shared, after), (0, 1, 0));
}

#[tokio::test]
async fn a_name_is_ones_own_once_and_there_is_room_for_a_hundred() {
    let site = Site::new().await;
    let (olivia, paula) = (site.app.owner.reader().unwrap(), site.app.approver.reader().unwrap());
    let (pool, now) = (&site.app.pool, site.app.now());
    let keep = async |by, name: &str| view::save(pool, now, by, name, "status=failed").await;

    let first = keep(&olivia, " Leavers ").await;
    let same = keep(&olivia, "leavers").await;
    let of_another = keep(&paula, "Leavers").await;
    let nameless = keep(&olivia, " ").await;
    let long = keep(&olivia, &"n".repeat(61)).await;
    for number in 1..MOST {
        keep(&olivia, &format!("View {number}")).await.unwrap();
    }
    let one_too_many = keep(&olivia, "One more").await;

    assert_eq!(first.unwrap().name, "Leavers");
    assert!(of_another.is_ok());
    for (refused, part) in [
        (same, "called leavers"),
        (nameless, "needs a name"),
        (long, "60"),
        (one_too_many, "100 views"),
    ] {
        let Err(ViewError::Unfit(says)) = refused else { panic!("{refused:?}") };
        assert!(says.contains(part), "{says}");
    }
}
