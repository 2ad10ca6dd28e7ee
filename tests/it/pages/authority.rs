//! Every address of the pages, as everybody.

use axum::http::StatusCode;
use countersign::{
    access::{Actor, Role},
    kernel::RunId,
    queue::{
        run::{self, Verdict},
        store::Filter,
    },
    sources::{self, Provider},
    web::paths::{ALL, May},
};

use super::Site;

/// Whether a role may what an address asks for.
fn may(role: Role, needed: May) -> bool {
    match needed {
        May::Anybody | May::Reader => true,
        May::Retrier => role != Role::Auditor,
        May::Operator => matches!(role, Role::Owner | Role::Operator),
        May::Approver => matches!(role, Role::Owner | Role::Approver),
        May::Owner => role == Role::Owner,
    }
}

impl Site {
    /// A decision on many that nobody has started.
    async fn a_run(&self, case: usize) -> RunId {
        let user = self.app.a_person(&format!("person-{case}@example.com")).await;
        let by = self.app.approver.approver().unwrap();
        let filter = Filter { user: Some(user.id), ..Filter::default() };
        let (pool, now) = (&self.app.pool, self.app.now());
        let list = String::new();
        run::draw_up(pool, now, &by, Verdict::Approve, &filter, list).await.unwrap().id
    }

    /// The address of somebody and something new, so that no case lives off another.
    async fn fill(&self, path: &str, case: usize) -> String {
        if !path.contains('{') {
            return path.to_owned();
        }
        if path.contains("{source}") {
            let olivia = self.app.owner.owner().unwrap();
            let name = format!("Source {case}");
            let (pool, now) = (&self.app.pool, self.app.now());
            let made = sources::create(pool, now, &olivia, &name, Provider::Okta).await.unwrap();
            return path.replace("{source}", &made.source.0);
        }
        if path.contains("{run}") {
            let id = self.a_run(case).await;
            return path.replace("{run}", &id.to_string());
        }
        let user = self.app.a_person(&format!("person-{case}@example.com")).await;
        let action = self.app.actions(user.id).await.remove(0).id;
        let import = self.app.an_import().await;
        path.replace("{user}", &user.id.to_string())
            .replace("{action}", &action.to_string())
            .replace("{import}", &import.to_string())
    }
}

#[tokio::test]
async fn each_address_is_open_to_whom_it_names_and_to_nobody_else() {
    let site = Site::new().await;
    let auditor = site.an_auditor().await;
    let everybody: [&Actor; 4] =
        [&site.app.owner, &site.app.operator, &site.app.approver, &auditor];
    let mut case = 0;
    for &(method, path, needed) in ALL {
        for actor in everybody {
            case += 1;
            let address = site.fill(path, case).await;

            let answer = site.ask(Some(actor), method, &address).await;

            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !may(actor.role, needed),
                "{method} {path} as {}: {}",
                actor.role,
                answer.status
            );
            assert!(
                answer.status != StatusCode::NOT_FOUND
                    && answer.status != StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path} is listed and does not exist"
            );
            assert!(
                !answer.status.is_server_error(),
                "{method} {path} as {}: {}",
                actor.role,
                answer.text
            );
        }
    }
    site.app.leaves_jobs();
}

#[tokio::test]
async fn a_stranger_is_led_to_the_sign_in_from_everywhere_but_the_open_addresses() {
    let site = Site::new().await;
    for (case, &(method, path, needed)) in ALL.iter().enumerate() {
        let address = site.fill(path, case).await;

        let answer = site.ask(None, method, &address).await;

        let led = answer.header("location").is_some_and(|to| to.starts_with("/sign-in?next="));
        assert_eq!(led, needed != May::Anybody, "{method} {path}: {}", answer.status);
        if led {
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert!(!answer.text.contains("person-"), "{method} {path} tells a stranger something");
        }
    }
}

#[tokio::test]
async fn no_address_answers_a_method_that_is_not_listed() {
    let site = Site::new().await;
    for (case, &(_, path, _)) in ALL.iter().enumerate() {
        let address = site.fill(path, case).await;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if ALL.iter().any(|&(listed, at, _)| listed == method && at == path) {
                continue;
            }

            let answer = site.ask(Some(&site.app.owner), method, &address).await;

            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}
