//! Every address of the API, once: the router is made from the same lines as the list.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header::CACHE_CONTROL},
    routing::{MethodFilter, on},
};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{
    ApiState, LONGEST_BODY,
    actions::{self, decide, undo},
    apps, audit, flow, openapi,
    problem::Problem,
    users,
};
use crate::access::Role;

/// One method of one address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// The whole path, with `{id}` or `{slug}` where a value stands.
    pub path: &'static str,
    /// Whom it answers.
    pub who: Who,
}

/// Whom a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anyone, without a token.
    Anyone,
    /// A token of one of these roles.
    Roles(&'static [Role]),
}

const READERS: Who = Who::Roles(Role::ALL);
const APPROVERS: Who = Who::Roles(&[Role::Owner, Role::Approver]);
const RETRIERS: Who = Who::Roles(&[Role::Owner, Role::Operator, Role::Approver]);
const OPERATORS: Who = Who::Roles(&[Role::Owner, Role::Operator]);
const OWNERS: Who = Who::Roles(&[Role::Owner]);

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path, $who:expr;)*) => {
        /// Every route, for whoever tests or documents them.
        pub const ROUTES: &[Route] = &[
            $(Route { method: stringify!($method), path: concat!("/api/v1", $path), who: $who },)*
        ];

        fn handlers() -> Router<ApiState> {
            Router::new()$(.route($path, on(MethodFilter::$method, $handler)))*
        }
    };
}

routes! {
    GET "/openapi.json" => openapi::show, Who::Anyone;
    GET "/actions" => actions::list, READERS;
    GET "/actions/{id}" => actions::show, READERS;
    POST "/actions/{id}/approve" => decide::approve, APPROVERS;
    POST "/actions/{id}/reject" => decide::reject, APPROVERS;
    POST "/actions/{id}/retry" => decide::retry, RETRIERS;
    POST "/actions/{id}/cancel" => decide::cancel, RETRIERS;
    POST "/actions/{id}/undo" => undo::undo, APPROVERS;
    POST "/actions/{id}/reverse" => undo::reverse, OPERATORS;
    POST "/actions/{id}/link" => decide::link, APPROVERS;
    GET "/users" => users::list, READERS;
    POST "/users" => users::add, OPERATORS;
    GET "/users/{id}" => users::show, READERS;
    PATCH "/users/{id}" => users::edit, OPERATORS;
    DELETE "/users/{id}" => users::delete, OPERATORS;
    GET "/apps" => apps::list, READERS;
    GET "/apps/{slug}" => apps::show, READERS;
    PATCH "/apps/{slug}/provisioning" => apps::configure, OWNERS;
    PATCH "/apps/{slug}/sending" => flow::tune, OWNERS;
    POST "/apps/{slug}/pause" => flow::pause, RETRIERS;
    POST "/apps/{slug}/resume" => flow::resume, RETRIERS;
    POST "/apps/{slug}/drain" => flow::drain, RETRIERS;
    GET "/audit" => audit::list, READERS;
}

/// Answers everything below `/api`; to be merged into the whole.
pub fn router(state: ApiState) -> Router {
    let v1 = handlers()
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(LONGEST_BODY));
    let api = Router::new()
        .nest("/v1", v1)
        .fallback(async || Problem::no_such_address())
        // Names and addresses of people belong in no cache.
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .with_state(state);
    Router::new().nest("/api", api)
}
