//! The outermost layer: draws problems, as a page or as a message in the page that is there.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use tower_sessions::Session;

use super::{
    problem::{Shown, SignInFirst},
    problem_page::Told,
    session,
    shell::{Place, Shell},
    state::WebState,
};

/// Where htmx is to put a problem, and which part of it.
const ON_TOP: [(&str, &str); 3] =
    [("hx-retarget", "#alerts"), ("hx-reselect", ".callout"), ("hx-reswap", "innerHTML show:top")];

/// Draws the problem that an answer carries, if it carries one.
pub(super) async fn draw(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let fragment = request.headers().contains_key("hx-request");
    let again = request.method() == Method::GET;
    let session = request.extensions().get::<Session>().cloned();
    let id =
        request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    let status = response.status();
    if fragment && response.extensions().get::<SignInFirst>().is_some() {
        return led_whole(response);
    }
    let says = match response.extensions().get::<Shown>() {
        Some(shown) => shown.says.clone(),
        // What no handler answered: an address or a method that is not ours, or a layer's refusal.
        None if is_bare_refusal(&response) => String::new(),
        None => return response,
    };
    let request = id.filter(|_| status.is_server_error());
    let told = Told { status, says, request, again };
    let drawn =
        if fragment { told.message().to_string() } else { page(&state, session, told).await };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if fragment {
        // Wherever the answer was to go: a problem goes on top of the page that is there.
        for (name, value) in ON_TOP {
            parts.headers.insert(name, HeaderValue::from_static(value));
        }
    }
    (parts, Html(drawn)).into_response()
}

/// A script would put the sign-in into the page that is there: the whole page has to go there.
fn led_whole(response: Response) -> Response {
    match response.headers().get(header::LOCATION).cloned() {
        Some(to) => (StatusCode::OK, [("hx-redirect", to)]).into_response(),
        None => response,
    }
}

fn is_bare_refusal(response: &Response) -> bool {
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    is_refusal && response.headers().get(header::CONTENT_TYPE) != Some(&html)
}

async fn page(state: &WebState, session: Option<Session>, told: Told) -> String {
    let shell = match session {
        // With the database down there is no knowing who it is.
        Some(session) if told.status != StatusCode::SERVICE_UNAVAILABLE => {
            within(state, &session).await
        }
        _ => None,
    };
    let drawn = match shell {
        Some(shell) => told.within(shell).render(),
        None => told.bare().render(),
    };
    drawn.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a problem could not be drawn");
        "Something went wrong on our side.".to_owned()
    })
}

async fn within(state: &WebState, session: &Session) -> Option<Shell> {
    let actor = session::actor(session, state).await.ok()??;
    Shell::load(state, session, &actor, "", Place::Elsewhere).await.ok()
}
