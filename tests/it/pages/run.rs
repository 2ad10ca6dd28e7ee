//! Many decisions through the pages: drawn up, confirmed, watched, and what came of them.

use axum::http::StatusCode;
use countersign::{
    apps::change::Kind,
    kernel::ActionId,
    queue::{Status, run::piece, store::runs},
};

use sqlx::Executor;

use super::{Answer, Site};

const BULK: &str = "/users/provisioning/bulk";

impl Site {
    /// Paula draws a decision up; where that leads.
    async fn draws_up(&self, form: &str) -> String {
        let answer = self.paula_posts(BULK, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.header("location").unwrap().to_owned()
    }

    async fn paula_posts(&self, path: &str, form: &str) -> Answer {
        self.send(Some(&self.app.approver), "POST", path, &[], form).await
    }

    async fn paula_reads(&self, path: &str) -> String {
        let answer = self.ask(Some(&self.app.approver), "GET", path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }

    /// Ana and Ben are new, and Cy, who has an account, is deleted.
    async fn three_wait(&self) -> [ActionId; 3] {
        let cy = self.app.an_account("cy@example.com").await.id;
        self.app.delete(cy).await;
        let (ana, ben) = (
            self.app.a_person("ana@example.com").await,
            self.app.a_person("ben@example.com").await,
        );
        let app = &self.app;
        [
            app.the(Kind::Create, ana.id).await.id,
            app.the(Kind::Create, ben.id).await.id,
            app.the(Kind::Delete, cy).await.id,
        ]
    }
}

#[tokio::test]
async fn what_is_confirmed_is_counted_and_named_and_what_was_typed_is_kept() {
    let site = Site::new().await;
    let [_, _, delete] = site.three_wait().await;

    let run = site.draws_up("verdict=approve&all=1&status=pending&q=&sort=").await;
    let shown = site.paula_reads(&run).await;
    let burst = "insert into bursts (source, began_at, ended_at, actions)
         select source, min(created_at), max(created_at), 50 from actions group by source";
    site.app.pool.execute(burst).await.unwrap();
    let in_a_burst = site.paula_reads(&run).await;
    let refused = site.paula_posts(&format!("{run}/start"), "reason=HR-7&confirm=delete+2").await;

    assert!(shown.contains("Approve 3 changes") && shown.contains("Who loses access"));
    assert!(shown.contains("cy@example.com") && shown.contains("“delete 1”"));
    let twice = |page: &str, hint: &str| {
        page.split("<li title=").find(|line| line.contains(hint)).map(str::to_owned)
    };
    let leaver = twice(&shown, "Leaver").unwrap();
    assert!(leaver.contains("was deleted from the directory") && leaver.contains("<b>1</b>"));
    assert_eq!(twice(&shown, "Part of a burst"), None);
    assert!(twice(&in_a_burst, "Part of a burst").unwrap().contains("<b>3</b>"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("value=\"HR-7\"") && refused.text.contains("value=\"delete 2\""));
    assert!(refused.text.contains("Type “delete 1” here."));
    assert_eq!(site.app.status(delete).await, Status::Pending);
}

#[tokio::test]
async fn while_it_goes_on_it_is_found_from_the_list_and_says_how_far_it_is() {
    let site = Site::new().await;
    site.three_wait().await;
    let run = site.draws_up("verdict=approve&all=1&q=action%3Acreate").await;

    let started = site.paula_posts(&format!("{run}/start"), "reason=&confirm=").await;
    let going = site.paula_reads(&run).await;
    let list = site.paula_reads("/users/provisioning").await;
    site.app.run_jobs().await;
    let done = site.paula_reads(&run).await;
    let after = site.paula_reads("/users/provisioning").await;

    assert_eq!(started.status, StatusCode::SEE_OTHER);
    assert!(going.contains("<progress") && going.contains("0 of 2") && going.contains("/stop"));
    assert!(list.contains("Paula approves 2 changes at once: 0 are done.") && list.contains(&run));
    assert!(done.contains("2 were approved.") && !done.contains("<progress"));
    assert!(!after.contains("at once:"));
    assert!(after.contains("cy@example.com") && !after.contains("ana@example.com"));
}

#[tokio::test]
async fn what_was_skipped_stands_by_itself_with_the_reason() {
    let site = Site::new().await;
    let [ana, ben, _] = site.three_wait().await;
    let run = site.draws_up(&format!("verdict=approve&id={ana}&id={ben}")).await;
    site.app.retitle(site.app.action(ana).await.content.account, "Director").await;
    site.paula_posts(&format!("{run}/start"), "").await;
    site.app.run_jobs().await;

    let all = site.paula_reads(&run).await;
    let skipped = site.paula_reads(&format!("{run}?show=skipped")).await;

    assert!(all.contains("1 was approved, 1 skipped."), "{all}");
    assert!(all.contains("ben@example.com") && all.contains("ana@example.com"));
    assert!(skipped.contains("It changed since it was counted."));
    assert!(skipped.contains("ana@example.com") && !skipped.contains("ben@example.com"));
    assert!(site.paula_reads("/audit").await.contains(&run), "whoever left finds it again");
}

#[tokio::test]
async fn a_stopped_run_says_who_stopped_it_and_how_many_wait_as_before() {
    let site = Site::new().await;
    let [ana, ..] = site.three_wait().await;
    let run = site.draws_up("verdict=reject&all=1&q=action%3Acreate").await;
    let without = site.paula_posts(&format!("{run}/start"), "reason=").await;
    site.paula_posts(&format!("{run}/start"), "reason=Not+ours").await;

    let stopped = site.paula_posts(&format!("{run}/stop"), "").await;
    let shown = site.paula_reads(&run).await;
    let again = site.paula_posts(&format!("{run}/stop"), "").await;
    let id = run.rsplit('/').next().unwrap().parse().unwrap();
    let more = piece(&site.app.pool, site.app.now(), id).await.unwrap();

    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stopped.status, StatusCode::SEE_OTHER);
    assert!(shown.contains("Paula stopped it. 0 were rejected. 2 wait as before."), "{shown}");
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!more);
    assert_eq!(site.app.status(ana).await, Status::Pending);
    assert_eq!(runs::find(&site.app.pool, id).await.unwrap().unwrap().reached, 0);
    site.app.leaves_jobs();
}

#[tokio::test]
async fn what_is_not_understood_decides_nothing() {
    let site = Site::new().await;
    site.three_wait().await;
    let table = [
        ("verdict=perhaps&all=1", StatusCode::BAD_REQUEST, "Choose Approve or Reject."),
        ("verdict=approve&all=1&q=colour%3Ared", StatusCode::BAD_REQUEST, "no such qualifier"),
        ("verdict=approve&id=act_1", StatusCode::BAD_REQUEST, "Select the actions again"),
        ("verdict=approve", StatusCode::CONFLICT, "Nothing of what you selected waits"),
        ("verdict=approve&all=1&q=nobody", StatusCode::CONFLICT, "Nothing of what you selected"),
    ];
    for (form, status, says) in table {
        let answer = site.paula_posts(BULK, form).await;

        assert_eq!(answer.status, status, "{form}");
        assert!(answer.text.contains(says), "{form}: {}", answer.text);
    }
    let widened = site.paula_reads("/users/provisioning?q=colour%3Ared").await;
    assert!(!widened.contains("that match"), "nor is it offered");
}
