//! How EchoSign is reached.

use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::Form;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{lead_to, page, page_with},
    head, shell,
};
use crate::{
    access::{Actor, Owner, Reader},
    apps::{App, Connection},
    connector::Capabilities,
    directory::FieldError,
    kernel::UnknownWord,
    queue::connect::{self, ConnectError, Wanted},
    web::{
        app_configuration::{ConfigurationPage, ConnectionDraft},
        app_head::AppTab,
        parts::{Callout, Tone, count},
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
        surroundings::echosign,
    },
};

/// `GET /apps/echosign/configuration`
pub(in crate::web::routes) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let typed = app.connection.as_ref().map(draft).unwrap_or_default();
    page(&configuration_page(&state, &session, reader.actor(), &app, &typed, &[]).await?)
}

async fn configuration_page(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    app: &App,
    typed: &ConnectionDraft,
    errors: &[FieldError],
) -> Result<ConfigurationPage, Problem> {
    let shell = shell(state, session, actor, app).await?;
    let head = head(app, AppTab::Configuration, state.clock.now());
    let stored = app.connection.is_some();
    let page = ConfigurationPage::new(shell, head, typed, stored, actor.owner().is_ok(), errors);
    let found = app.connection.as_ref().and_then(|connection| connection.capabilities.as_ref());
    Ok(page
        .found(found.and_then(Capabilities::read).map(|found| facts(&found)).unwrap_or_default()))
}

fn draft(connection: &Connection) -> ConnectionDraft {
    ConnectionDraft {
        connector: connection.connector.word().to_owned(),
        base_url: connection.base_url.to_string(),
        updates: connection.updates.word().to_owned(),
        lookups: connection.lookups.word().to_owned(),
        deletes: connection.deletes.word().to_owned(),
    }
}

/// What Connect found, in words.
fn facts(found: &Capabilities) -> Vec<(&'static str, String)> {
    let known = |value: Option<bool>| match value {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => "it does not say".to_owned(),
    };
    let described = if found.described { "yes" } else { "no, so it was only asked for its users" };
    vec![
        ("Describes itself", described.to_owned()),
        ("PATCH", known(found.patch)),
        ("Filter", known(found.filter)),
        ("Accounts", found.accounts.map_or_else(|| "it does not say".to_owned(), count)),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::web::routes) struct TypedConnection {
    connector: String,
    base_url: String,
    #[serde(default)]
    token: Option<SecretString>,
    updates: String,
    lookups: String,
    deletes: String,
}

impl TypedConnection {
    fn wanted(&self) -> Result<Wanted, UnknownWord> {
        Ok(Wanted {
            connector: self.connector.parse()?,
            base_url: self.base_url.clone(),
            token: self.token.clone().filter(|token| !token.expose_secret().trim().is_empty()),
            updates: self.updates.parse()?,
            lookups: self.lookups.parse()?,
            deletes: self.deletes.parse()?,
        })
    }

    fn draft(&self) -> ConnectionDraft {
        ConnectionDraft {
            connector: self.connector.clone(),
            base_url: self.base_url.clone(),
            updates: self.updates.clone(),
            lookups: self.lookups.clone(),
            deletes: self.deletes.clone(),
        }
    }
}

/// `POST /apps/echosign/configuration`: **Connect**.
pub(in crate::web::routes) async fn connect(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<TypedConnection>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let wanted = typed.wanted().map_err(|error| Problem::told(StatusCode::BAD_REQUEST, error))?;
    let (pool, now) = (&state.pool, state.clock.now());
    let (result, errors) =
        match connect::connect(pool, &state.connectors, now, &owner, &app, wanted).await {
            Ok(_) => {
                session::say(&session, format!("{} is connected.", app.name)).await?;
                return Ok(lead_to(paths::CONFIGURATION));
            }
            Err(ConnectError::Store(error)) => return Err(error.into()),
            Err(ConnectError::Field { field: "connector", says }) => (Some(says), Vec::new()),
            Err(ConnectError::Field { field, says }) => (None, vec![FieldError { field, says }]),
            Err(ConnectError::Refused(refusal)) => (Some(refusal.says(&app.name)), Vec::new()),
        };
    let draft = typed.draft();
    let mut page =
        configuration_page(&state, &session, owner.actor(), &app, &draft, &errors).await?;
    if let Some(says) = result {
        page = page.after_connect(
            Callout::new(Tone::Bad, says).titled("Not connected. Nothing was stored."),
        );
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
