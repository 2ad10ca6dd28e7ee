//! What each address does: proves who may, asks one use-case, and fills a page or leads on.

mod action;
mod activity;
mod app;
mod enter;
mod imports;
mod imports_detail;
mod imports_forms;
mod imports_rows;
mod overview;
mod people;
mod person_form;
mod queue;
mod run;
mod sources;

use askama::Template;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};

use tower_http::limit::RequestBodyLimitLayer;

use super::{paths, problem::Problem, state::WebState};

/// The most that a form may hold, in bytes.
const FORM: usize = 256 * 1024;
/// The most that is read of an upload, in bytes. More than a file may have, so that one that is too
/// large is told so beside its field.
const UPLOAD: usize = 64 * 1024 * 1024;

/// The addresses of the pages; [`paths::ALL`] lists them with who may.
pub(super) fn pages() -> Router<WebState> {
    let upload = Router::new()
        .route(paths::IMPORTS, post(imports::upload))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(UPLOAD));
    forms()
        .layer(RequestBodyLimitLayer::new(FORM))
        .merge(upload)
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::told(StatusCode::METHOD_NOT_ALLOWED, ""))
}

fn forms() -> Router<WebState> {
    Router::new()
        .route(paths::HOME, get(async || Redirect::to(paths::OVERVIEW)))
        .route(paths::OVERVIEW, get(overview::show))
        .route(paths::SETUP, get(enter::setup_form).post(enter::set_up))
        .route(paths::SIGN_IN, get(enter::sign_in_form).post(enter::sign_in))
        .route(paths::SIGN_OUT, post(enter::sign_out))
        .route(paths::PEOPLE, get(people::list).post(person_form::add))
        .route(paths::NEW_PERSON, get(person_form::new))
        .route("/users/{id}", get(people::show))
        .route("/users/{id}/edit", get(person_form::edit_form).post(person_form::edit))
        .route("/users/{id}/suspend", post(people::suspend))
        .route("/users/{id}/reactivate", post(people::reactivate))
        .route("/users/{id}/delete", get(people::delete_form).post(people::delete))
        .route(paths::IMPORTS, get(imports::list))
        .route(paths::IMPORT_TEMPLATE, get(imports::template))
        .route("/users/import/{id}", get(imports_detail::show))
        .route("/users/import/{id}/bad.csv", get(imports::bad_lines))
        .route("/users/import/{id}/columns", post(imports::columns))
        .route("/users/import/{id}/apply", post(imports::apply))
        .route("/users/import/{id}/stop", post(imports::stop))
        .route(paths::QUEUE, get(queue::list))
        .route(paths::TERMS, get(queue::terms))
        .route(paths::LIVE, get(queue::live))
        .route(paths::VIEWS, post(queue::views::save))
        .route("/users/provisioning/views/{view}/share", post(queue::views::share))
        .route("/users/provisioning/views/{view}/unshare", post(queue::views::unshare))
        .route("/users/provisioning/views/{view}/delete", post(queue::views::delete))
        .route("/users/provisioning/{id}", get(action::show))
        .route("/users/provisioning/{id}/row", get(queue::row))
        .route(paths::BULK, post(run::draw_up))
        .route("/users/provisioning/bulk/{id}", get(run::show))
        .route("/users/provisioning/bulk/{id}/start", post(run::start))
        .route("/users/provisioning/bulk/{id}/stop", post(run::stop))
        .route("/users/provisioning/{id}/approve", post(action::approve))
        .route("/users/provisioning/{id}/reject", post(action::reject))
        .route("/users/provisioning/{id}/retry", post(action::retry))
        .route("/users/provisioning/{id}/cancel", post(action::cancel))
        .route("/users/provisioning/{id}/undo", post(action::undo))
        .route("/users/provisioning/{id}/reverse", post(action::reverse))
        .route("/users/provisioning/{id}/link", post(action::link))
        .route("/apps/echosign", get(async || Redirect::to(paths::CONFIGURATION)))
        .merge(app())
        .route(paths::ACTIVITY, get(activity::list))
        .route(paths::SOURCES, get(sources::list).post(sources::add))
        .route(paths::NEW_SOURCE, get(sources::new))
        .route("/settings/sources/{source}", get(sources::show))
        .route("/settings/sources/{source}/rotate", post(sources::rotate))
        .route("/settings/sources/{source}/revoke", post(sources::revoke))
}

/// The pages of an app.
fn app() -> Router<WebState> {
    use app::{configuration, provisioning, review, sending};
    Router::new()
        .route(paths::CONFIGURATION, get(configuration::show).post(configuration::connect))
        .route(paths::PROVISIONING, get(provisioning::show).post(provisioning::save))
        .route(paths::HELD_GROUPS, post(provisioning::hold_groups))
        .route(paths::REASONS, post(review::reasons))
        .route(paths::DOMAINS, post(review::domains))
        .route(paths::QUEUE_MISSING, post(provisioning::queue_missing))
        .route(paths::SENDING, get(sending::show).post(sending::tune))
        .route(paths::PAUSE, post(sending::pause))
        .route(paths::DRAIN, post(sending::drain))
        .route(paths::RESUME, post(sending::resume))
}

/// A page as an answer.
fn page(page: &impl Template) -> Result<Response, Problem> {
    page_with(StatusCode::OK, page)
}

/// The same with a status of its own: 422 for a form to mend, 409 for what has changed.
fn page_with(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(Problem::ours)?;
    Ok((status, Html(html)).into_response())
}

/// Leads on after something was done, so that a reload does not do it again (303).
fn lead_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// A query string of what is set, with its question mark.
fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        empty if empty.is_empty() => empty,
        some => format!("?{some}"),
    }
}
