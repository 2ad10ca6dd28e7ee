//! The router of the pages, and the layers around it.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Request, header},
    middleware,
    routing::get,
};
use time::Duration;
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel, ServiceBuilderExt, catch_panic::CatchPanicLayer,
    compression::CompressionLayer, csrf::CsrfLayer, request_id::MakeRequestUuid,
    set_header::SetResponseHeaderLayer, trace::TraceLayer,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

use super::{assets, draw::draw, health, state::WebState};
use crate::access::SessionTable;

/// How long a session lasts: a working day.
const SESSION: Duration = Duration::hours(12);

/// Nothing but our own files: no inline script or style, no frame around us, no form to elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The pages with their sessions, and what needs none: assets and health.
pub fn router(state: WebState) -> Router {
    let table = SessionTable::new(state.pool.clone(), Arc::clone(&state.clock));
    let sessions = SessionManagerLayer::new(table)
        .with_name("countersign")
        .with_same_site(SameSite::Lax)
        .with_secure(state.is_https())
        .with_expiry(Expiry::OnInactivity(SESSION));
    let csrf = CsrfLayer::new();
    let csrf = csrf.clone().add_trusted_origin(&state.origin).unwrap_or(csrf);
    let pages = super::routes::pages()
        .layer(csrf)
        .layer(middleware::from_fn_with_state(state.clone(), draw))
        .layer(sessions)
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    let open = Router::new()
        .route("/static/{*name}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    // A page of a list is 140 kB: the first level leaves 16 of them, and the default 13 for twice the time.
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    pages.merge(open).layer(compression).layer(CatchPanicLayer::new()).with_state(state)
}

/// What every answer of the house carries, whichever room it comes from.
pub fn guarded(router: Router) -> Router {
    let fixed =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
        // The path names ids only; the query may hold a search for a person.
        tracing::info_span!("request", http.method = %request.method(), http.path = request.uri().path())
    });
    router.layer(
        ServiceBuilder::new()
            .set_x_request_id(MakeRequestUuid)
            .layer(trace)
            .propagate_x_request_id()
            .layer(fixed(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(fixed(header::REFERRER_POLICY, "same-origin"))
            .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")),
    )
}
