//! The list of actions: decided on its rows, searched, and left for an action and come back to.

use axum::http::StatusCode;
use countersign::{
    access::Actor,
    apps::{Sending, change::Kind},
    kernel::ActionId,
    queue::{
        Status, cancel, decide,
        flow::{self, Tuned, tune},
        store::{self, Filter, Order, Part},
    },
    sandbox::faults::Method,
};

use super::{Answer, Site};

const LIST: &str = "/users/provisioning";

impl Site {
    /// What somebody sees of a list.
    async fn list(&self, who: &Actor, query: &str) -> String {
        let answer = self.ask(Some(who), "GET", &format!("{LIST}{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }

    /// Somebody presses a button of a row: a script when `query` says so, or a plain form.
    async fn decides(&self, id: ActionId, step: &str, query: &str, form: &str) -> Answer {
        let path = format!("{LIST}/{id}/{step}?{query}");
        self.send(Some(&self.app.approver), "POST", &path, &[], form).await
    }

    /// What a row's approval sends.
    async fn seen(&self, id: ActionId) -> String {
        format!("digest={}&back=1", self.app.action(id).await.digest())
    }

    /// Approvals can be undone for a minute.
    async fn can_undo(&self) {
        let sending = Sending { undo_seconds: 60, ..Sending::default() };
        let (olivia, tuned) = (self.app.owner.owner().unwrap(), Tuned { sending, rate: None });
        let app = self.app.app().await;
        tune(&self.app.pool, self.app.now(), &olivia, &app, &tuned).await.unwrap();
    }

    /// People whose accounts wait for approval, in the order they came.
    async fn come(&self, names: &[&str]) -> Vec<ActionId> {
        let mut ids = Vec::new();
        for name in names {
            let user = self.app.a_person(&format!("{name}@example.com")).await;
            ids.push(self.app.the(Kind::Create, user.id).await.id);
            self.app.clock.advance(std::time::Duration::from_secs(1));
        }
        ids
    }
}

/// That an answer is just the row of an action, as over or not.
#[track_caller]
fn is_row(answer: &Answer, id: ActionId, over: bool) {
    let text = answer.text.trim();
    assert!(text.starts_with("<tr ") && text.ends_with("</tr>"), "{text}");
    assert_eq!(text.matches("<tr").count(), 1);
    assert!(text.contains(&format!("id=\"{id}\"")), "{text}");
    assert_eq!(text.contains("class=\"over\""), over, "{text}");
}

#[tokio::test]
async fn whoever_approved_what_was_given_up_since_is_not_said_to_have_ended_it() {
    let site = Site::new().await;
    site.can_undo().await;
    let id = site.come(&["ana"]).await[0];
    let seen = site.seen(id).await;
    site.decides(id, "approve", "status=pending&row=1", &seen).await;
    let omar = site.app.an_owner("Omar").await.retrier().unwrap();
    cancel::cancel(&site.app.pool, site.app.now(), &omar, id).await.unwrap();

    let row = site.ask(Some(&site.app.owner), "GET", &format!("{LIST}/{id}/row?status=all")).await;

    let text = &row.text;
    assert!(text.contains("Cancelled") && text.contains("approved by Paula"), "{text}");
}

#[tokio::test]
async fn a_decision_on_the_row_answers_with_the_row_as_it_is_now() {
    let site = Site::new().await;
    site.can_undo().await;
    let ids = site.come(&["ana", "ben"]).await;

    let seen = site.seen(ids[0]).await;
    let approved = site.decides(ids[0], "approve", "status=pending&row=1", &seen).await;
    let undone = site.decides(ids[0], "undo", "status=pending&row=1", "").await;
    let seen = format!("{}&reason=No+ticket", site.seen(ids[1]).await);
    let rejected = site.decides(ids[1], "reject", "status=pending&row=1", &seen).await;
    let row = format!("{LIST}/{}/row?status=all", ids[1]);
    let everywhere = site.ask(Some(&site.app.owner), "GET", &row).await;

    assert_eq!(
        [approved.status, undone.status, rejected.status, everywhere.status],
        [StatusCode::OK; 4]
    );
    is_row(&approved, ids[0], true);
    for part in ["Approved", "by you", "/undo?status=pending", "data-said=\"Approved: Create ana"] {
        assert!(approved.text.contains(part), "{part}\n{}", approved.text);
    }
    is_row(&undone, ids[0], false);
    assert!(undone.text.contains("/approve?status=pending"), "{}", undone.text);
    is_row(&rejected, ids[1], true);
    assert!(rejected.text.contains("Rejected") && rejected.text.contains("by you"));
    assert!(rejected.text.contains("/undo?status=pending") && !rejected.text.contains("sent"));
    is_row(&everywhere, ids[1], false);
    assert!(everywhere.text.contains("by Paula"), "{}", everywhere.text);
    assert_eq!(site.app.status(ids[0]).await, Status::Pending);
    assert_eq!(
        site.app.action(ids[1]).await.state.decision().unwrap().reason.as_deref(),
        Some("No ticket")
    );
}

#[tokio::test]
async fn a_rejection_is_undone_on_its_row_for_an_hour_and_on_its_page_for_ever() {
    let site = Site::new().await;
    let id = site.come(&["ana"]).await[0];
    let paula = &site.app.approver;
    site.app.reject(id).await;
    let fresh = site.list(paula, "?status=rejected").await;
    site.app.clock.advance(std::time::Duration::from_hours(1));

    let stale = site.list(paula, "?status=rejected").await;
    let page = site.list(paula, &format!("/{id}")).await;
    let read = site.list(&site.an_auditor().await, &format!("/{id}")).await;
    let undone = site.decides(id, "undo", "status=rejected&row=1", "").await;

    let form = format!("{LIST}/{id}/undo");
    assert_eq!(
        [&fresh, &stale, &page, &read].map(|page| page.contains(&form)),
        [true, false, true, false]
    );
    assert!(page.contains("Undo the rejection"), "{page}");
    is_row(&undone, id, true);
    assert!(undone.text.contains("data-said=\"Pending: Create ana"), "{}", undone.text);
}

#[tokio::test]
async fn while_nothing_is_sent_a_row_names_no_time_and_can_be_undone_as_long() {
    let site = Site::new().await;
    site.can_undo().await;
    let id = site.come(&["ana"]).await[0];
    let (paula, oscar) = (&site.app.approver, site.app.owner.retrier().unwrap());
    let seen = site.seen(id).await;
    let sent = site.decides(id, "approve", "status=pending&row=1", &seen).await;
    let app = site.app.app().await;
    flow::pause(&site.app.pool, site.app.now(), &oscar, &app, "").await.unwrap();

    let paused = site.list(paula, "?status=progress").await;
    site.app.clock.advance(std::time::Duration::from_mins(1));
    let later = site.list(paula, "?status=progress").await;

    assert!(sent.text.contains("data-left") && sent.text.contains("/undo?"), "{}", sent.text);
    assert!(paused.contains("/undo?") && !paused.contains("data-left"), "{paused}");
    assert!(!later.contains("/undo?") && later.contains("Paused"), "{later}");
    site.app.leaves_jobs();
}

#[tokio::test]
async fn whoever_comes_too_late_on_a_row_sees_it_as_it_is_and_who_was_quicker() {
    for step in ["approve", "reject"] {
        let site = Site::new().await;
        let id = site.come(&["ana"]).await[0];
        let seen = format!("{}&reason=No", site.seen(id).await);
        let ruth = site.app.an_approver("Ruth").await;
        let (ruth, now) = (ruth.approver().unwrap(), site.app.now());
        decide::reject(&site.app.pool, now, &ruth, id, "Not now.").await.unwrap();

        let late = site.decides(id, step, "status=pending&row=1", &seen).await;

        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
        is_row(&late, id, true);
        assert!(late.text.contains("already rejected by Ruth"), "{}", late.text);
        assert!(late.text.contains("by Ruth</span><span>,"), "{}", late.text);
    }
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_decided_on_its_row_which_says_so() {
    let site = Site::new().await;
    let id = site.come(&["ana"]).await[0];
    let seen = site.seen(id).await;
    site.app.retitle(site.app.action(id).await.content.account, "Director").await;

    let changed = site.decides(id, "approve", "status=pending&row=1", &seen).await;
    let unseen = format!("{seen}&reason=No");
    let unseen = site.decides(id, "reject", "status=pending&row=1", &unseen).await;
    let seen_now = site.seen(id).await;
    let no_reason = site.decides(id, "reject", "status=pending&row=1", &seen_now).await;
    let nowhere = ActionId::at(site.app.now());
    let gone = site.decides(nowhere, "approve", "status=pending&row=1", &seen).await;

    assert_eq!(
        (changed.status, site.app.status(id).await),
        (StatusCode::CONFLICT, Status::Pending)
    );
    is_row(&changed, id, false);
    assert!(changed.text.contains(&site.app.action(id).await.digest().to_string()), "as it is now");
    assert_eq!(unseen.status, StatusCode::CONFLICT);
    is_row(&unseen, id, false);
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    is_row(&no_reason, id, false);
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(!gone.text.trim().starts_with("<tr"), "what is not there has no row");
}

#[tokio::test]
async fn a_plain_form_leads_back_to_the_page_of_the_list_that_it_was_on() {
    let site = Site::new().await;
    let ids = site.come(&["ana", "ben", "cy"]).await;
    let filter = Filter { tab: Some(store::Tab::Pending), ..Filter::default() };
    let leaf = store::list(&site.app.pool, &filter, Order::Oldest, Part::First, 1).await.unwrap();
    let mark = leaf.next.unwrap();
    let page = site.list(&site.app.approver, &format!("?cursor={mark}")).await;

    let approved = site
        .decides(
            ids[1],
            "approve",
            &format!("status=pending&cursor={mark}"),
            &site.seen(ids[1]).await,
        )
        .await;
    let seen = format!("{}&reason=No", site.seen(ids[2]).await);
    let rejected =
        site.decides(ids[2], "reject", &format!("status=pending&cursor={mark}"), &seen).await;

    let form = format!("action=\"{LIST}/{}/approve?status=pending&#38;cursor={mark}\"", ids[1]);
    assert!(page.contains(&form) && !page.contains(&ids[0].to_string()), "{page}");
    assert_eq!(approved.status, StatusCode::SEE_OTHER);
    assert_eq!(approved.header("location"), Some(&*format!("{LIST}?cursor={mark}")));
    assert_eq!(rejected.header("location"), Some(&*format!("{LIST}/{}?status=pending", ids[2])));
    site.app.leaves_jobs();
}

#[tokio::test]
async fn what_a_search_means_is_explained_where_it_is_not_understood() {
    let site = Site::new().await;
    site.come(&["ana"]).await;

    let page = site.list(&site.app.approver, "?q=acme:ana+action:destroy").await;

    for part in [
        "class=\"explained\" role=\"status\"",
        "acme: there is no such qualifier",
        "action: must be one of create, update",
        "value=\"acme:ana action:destroy\"",
        "ana@example.com",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_is_told_and_nothing_is_found_by_it() {
    let site = Site::new().await;
    let id = site.come(&["ana"]).await[0];
    site.app.approve(id).await;
    let paula = &site.app.approver;
    for (query, says) in [
        ("app:acme", "app: there is no app called “acme”"),
        ("source:acme", "source: there is no source called “acme”"),
        ("by:acme", "by: no administrator and no token is called “acme”"),
    ] {
        let page = site.list(paula, &format!("?status=progress&q={query}")).await;

        assert!(page.contains(says) && page.contains("Nothing matches"), "{query}\n{page}");
    }

    let by_somebody = site.list(paula, "?status=progress&q=by:paula+app:EchoSign").await;
    let undecided = site.list(paula, "?q=by:paula").await;

    assert!(by_somebody.contains(&id.to_string()) && !by_somebody.contains("explained"));
    assert!(undecided.contains("by: nobody has decided yet about what waits"), "{undecided}");
    site.app.leaves_jobs();
}

#[tokio::test]
async fn an_action_that_was_opened_from_a_list_leads_on_in_it_and_back_to_it() {
    let site = Site::new().await;
    let ids = site.come(&["ana", "ben", "ana.maria", "anatol"]).await;
    let context = "?status=pending&q=ana";
    let paula = &site.app.approver;

    let list = site.list(paula, "?q=ana").await;
    let middle = site.list(paula, &format!("/{}{context}", ids[2])).await;
    let first = site.list(paula, &format!("/{}{context}", ids[0])).await;
    let from_nowhere = site.list(paula, &format!("/{}", ids[2])).await;
    site.app.reject(ids[2]).await;
    let left = site.list(paula, &format!("/{}{context}", ids[2])).await;

    let to = |id: ActionId| format!("href=\"{LIST}/{id}?status=pending&#38;q=ana\"");
    assert!(list.contains(&to(ids[2])), "{list}");
    for page in [&middle, &left] {
        let (_, ways) = page.split_once("aria-label=\"In the list\"").unwrap();
        let ways = ways.split_once("</nav>").unwrap().0;
        assert!(ways.contains(&format!("rel=\"prev\" data-key=\"k\" {}", to(ids[0]))), "{ways}");
        assert!(ways.contains(&format!("rel=\"next\" data-key=\"j\" {}", to(ids[3]))), "{ways}");
        assert!(page.contains(&format!("<a href=\"{LIST}?q=ana\">Provisioning</a>")), "{page}");
    }
    assert!(!first.contains("rel=\"prev\"") && first.contains(&to(ids[2])));
    assert!(!from_nowhere.contains("In the list"));
    assert!(from_nowhere.contains(&format!("<a href=\"{LIST}\">Provisioning</a>")));
}

#[tokio::test]
async fn whoever_only_reads_has_nothing_to_press_or_to_tick() {
    let site = Site::new().await;
    site.can_undo().await;
    let ids = site.come(&["ana", "ben"]).await;
    site.app.approve(ids[1]).await;
    let astrid = site.an_auditor().await;

    let (theirs, all) = (site.list(&astrid, "").await, site.list(&astrid, "?status=all").await);
    let ours = site.list(&site.app.approver, "").await;

    for part in [
        "type=\"checkbox\" name=\"id\"",
        "id=\"bulk\"",
        "/approve?",
        "data-reject",
        "id=\"everything\"",
    ] {
        assert!(!theirs.contains(part) && ours.contains(part), "{part}\n{theirs}");
    }
    assert!(theirs.contains("ana@example.com") && theirs.contains("Pending"));
    assert!(!all.contains("/undo?") && all.contains("by Paula"), "{all}");
    site.app.leaves_jobs();
}

#[tokio::test]
async fn whoever_looks_for_a_state_is_shown_its_tab() {
    let site = Site::new().await;
    let ids = site.come(&["ana", "ben"]).await;
    site.app.echosign.answers(Method::Post, 422, 1);
    site.app.approve(ids[0]).await;
    site.app.run_jobs().await;

    let page = site.list(&site.app.approver, "?q=status:failed").await;

    let here = page.split("aria-current=\"page\"").find(|part| part.contains("Failed")).unwrap();
    assert!(here.starts_with(">Failed"), "{here}");
    assert!(page.contains(&ids[0].to_string()) && !page.contains(&ids[1].to_string()), "{page}");
    assert!(page.contains("name=\"status\" value=\"failed\""), "{page}");
}

#[tokio::test]
async fn a_mark_of_another_order_is_no_page() {
    let site = Site::new().await;
    site.come(&["ana", "ben"]).await;
    let filter = Filter { tab: Some(store::Tab::Pending), ..Filter::default() };
    let leaf = store::list(&site.app.pool, &filter, Order::Person, Part::First, 1).await.unwrap();
    let mark = leaf.next.unwrap();

    let by_person =
        site.ask(Some(&site.app.owner), "GET", &format!("{LIST}?sort=person&cursor={mark}")).await;
    let by_age = site.ask(Some(&site.app.owner), "GET", &format!("{LIST}?cursor={mark}")).await;

    assert_eq!(by_person.status, StatusCode::OK);
    assert_eq!(by_age.status, StatusCode::BAD_REQUEST, "{}", by_age.text);
}
