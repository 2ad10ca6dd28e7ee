//! Every address of the server, once: the router is made from the same lines as the list.

use std::any::Any;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodFilter, any, on},
};
use tower::Layer;
use tower_http::{
    catch_panic::CatchPanicLayer, normalize_path::NormalizePathLayer,
    set_header::SetResponseHeaderLayer,
};

use super::{
    InboundState, LONGEST_BODY, PATH, describe, enter::enter, groups, lists, refused::Refused,
    users,
};

/// One method of one address.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Below the base URL, with `{id}` where a value stands.
    pub path: &'static str,
}

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path;)*) => {
        /// Every route, for whoever tests them.
        pub const ROUTES: &[Route] =
            &[$(Route { method: stringify!($method), path: $path },)*];

        fn handlers() -> Router<InboundState> {
            Router::new()$(.route($path, on(MethodFilter::$method, $handler)))*
        }
    };
}

routes! {
    GET "/" => lists::all;
    POST "/.search" => lists::search_all;
    GET "/Users" => lists::users;
    POST "/Users" => users::create;
    POST "/Users/.search" => lists::search_users;
    GET "/Users/{id}" => users::show;
    PUT "/Users/{id}" => users::replace;
    PATCH "/Users/{id}" => users::patch;
    DELETE "/Users/{id}" => users::delete;
    GET "/Groups" => lists::groups;
    POST "/Groups" => groups::create;
    POST "/Groups/.search" => lists::search_groups;
    GET "/Groups/{id}" => groups::show;
    PUT "/Groups/{id}" => groups::replace;
    PATCH "/Groups/{id}" => groups::patch;
    DELETE "/Groups/{id}" => groups::delete;
    GET "/ServiceProviderConfig" => describe::config;
    GET "/ResourceTypes" => describe::resource_types;
    GET "/ResourceTypes/{name}" => describe::resource_type;
    GET "/Schemas" => describe::schemas;
    GET "/Schemas/{id}" => describe::schema;
}

/// Answers everything at and below [`PATH`]; to be merged into the whole.
pub fn router(state: InboundState) -> Router {
    let scim = handlers()
        .route("/Me", any(me))
        .route("/Bulk", any(bulk))
        .fallback(async || Refused::not_found())
        .method_not_allowed_fallback(async || Refused::wrong_method())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(state.clone(), enter))
        // Names and addresses of people belong in no cache.
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .with_state(state);
    // A base URL that ends in a slash makes clients ask for `//Users`, and some end every path in one.
    Router::new().nest_service(PATH, NormalizePathLayer::trim_trailing_slash().layer(scim))
}

async fn me() -> Refused {
    Refused::unsupported("/Me is not supported: a token stands for a source, not for a user")
}

async fn bulk() -> Refused {
    Refused::unsupported("bulk operations are not supported: send each request by itself")
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Refused::broken().into_response()
}
