//! One suite of SCIM conformance, asked over HTTP of whatever serves at a base URL: of our own
//! services, and of one that others wrote, so that what we stand in for cannot be made up.

mod groups;
mod reads;
mod refuses;
mod service;
mod tester;
mod writes;

use std::sync::Arc;

use axum::Router;
use countersign::{
    kernel::SystemClock,
    sandbox::{
        Sandbox,
        faults::{Faults, Quirk},
    },
};
use tokio::net::TcpListener;

use self::service::{Dialect, Service};
use crate::{inbound::Idp, support::scim2_server::Scim2Server};

const TOKEN: &str = "a-token-for-conformance";

/// Quirks that the standard allows: 204 to a PATCH is as right as 200, and so is HTTP/1.0.
const AS_GOOD: [Quirk; 3] =
    [Quirk::PatchWithoutBody, Quirk::UnchangedWithoutBody, Quirk::ClosesConnections];

/// Asks everything of `service`.
pub(crate) async fn conforms(service: &Service) {
    reads::it_describes_itself(service).await;
    reads::what_is_created_reads_back(service).await;
    reads::filters_find_what_they_say(service).await;
    reads::pages_cover_everything_once(service).await;
    reads::only_what_is_asked_for_is_shown(service).await;
    writes::a_patch_changes_what_it_names_and_no_more(service).await;
    writes::a_patch_without_a_path_is_merged(service).await;
    writes::a_patch_reaches_into_several_values(service).await;
    writes::names_and_words_of_a_patch_have_no_case(service).await;
    writes::a_put_replaces_the_account(service).await;
    writes::a_version_guards_against_overwriting(service).await;
    writes::what_is_deleted_is_gone(service).await;
    writes::real_clients_are_understood(service).await;
    refuses::a_user_name_is_given_once(service).await;
    refuses::a_bad_filter_is_no_empty_list(service).await;
    refuses::a_patch_that_is_refused_changes_nothing(service).await;
    refuses::strangers_are_told_so(service).await;
    refuses::wrong_addresses_methods_and_bodies_are_told_so(service).await;
}

/// Asks everything about groups, of a service that has some.
pub(crate) async fn keeps_groups(service: &Service) {
    groups::what_is_created_reads_back(service).await;
    groups::members_come_and_go(service).await;
    groups::a_patch_reaches_names_and_members(service).await;
    groups::a_put_replaces_the_group(service).await;
    groups::groups_are_found(service).await;
    groups::what_is_deleted_is_gone(service).await;
}

/// Serves the stand-in below a mount point, as the application does, and returns its base URL.
pub(crate) async fn serve(sandbox: Arc<Sandbox>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().nest("/sandbox/echosign", sandbox.router());
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/sandbox/echosign")
}

#[tokio::test]
async fn the_sandbox_conforms() {
    let sandbox = Sandbox::new(TOKEN, Arc::new(SystemClock), "/static/app.css");
    let base = serve(Arc::new(sandbox)).await;

    conforms(&Service::at(format!("{base}/scim/v2"), TOKEN, Dialect::OURS)).await;
}

#[tokio::test]
async fn our_server_conforms() {
    let idp = Idp::new().await;
    let service = Service::at(idp.served().await, &idp.token, Dialect::OURS);

    conforms(&service).await;
    keeps_groups(&service).await;
}

#[tokio::test]
async fn a_server_that_others_wrote_conforms() {
    let server = Scim2Server::start(TOKEN);
    let service = Service::at(server.base_url().to_owned(), TOKEN, Dialect::STRICT);

    conforms(&service).await;
    keeps_groups(&service).await;
}

#[tokio::test]
async fn the_suite_notices_every_quirk_that_breaks_the_standard() {
    for &quirk in Quirk::ALL {
        let sandbox = Arc::new(Sandbox::new(TOKEN, Arc::new(SystemClock), ""));
        sandbox.misbehave(Faults { quirks: [quirk].into(), ..Faults::default() });
        let base = format!("{}/scim/v2", serve(sandbox).await);

        let service = Service::at(base, TOKEN, Dialect::OURS);
        let outcome = tokio::spawn(async move { conforms(&service).await }).await;

        assert_eq!(outcome.is_ok(), AS_GOOD.contains(&quirk), "{}", quirk.word());
    }
}
