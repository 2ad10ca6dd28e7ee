//! EchoSign: how it is reached, and how it is provisioned.

use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::Form;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::Session;

use super::{lead_to, page, page_with, query};
use crate::{
    access::{Actor, Owner, Reader},
    apps::{App, Approvals, Connection, Provisioning, change::Kind},
    connector::Capabilities,
    directory::{FieldError, held_store::choices, store::without_account},
    kernel::{GroupId, UnknownWord},
    queue::{
        configure::configure,
        connect::{self, ConnectError, Wanted},
        enroll::enroll,
        hold::hold,
        store::{COUNTED, count_pending},
    },
    web::{
        app_configuration::{ConfigurationPage, ConnectionDraft},
        app_head::{AppHead, AppTab, Connected},
        app_provisioning::{ProvisioningPage, Settings},
        parts::{Callout, Moment, Tone, count, counted},
        paths,
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        status,
        surroundings::{at_most, echosign},
    },
};

/// How many groups are offered at most; those that are held come first.
const GROUPS: i64 = 500;

/// `GET /apps/echosign/configuration`
pub(super) async fn configuration(
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
pub(super) struct TypedConnection {
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
pub(super) async fn connect(
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

/// `GET /apps/echosign/provisioning`
pub(super) async fn provisioning(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    page(&provisioning_page(&state, &session, reader.actor(), &app).await?)
}

async fn provisioning_page(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    app: &App,
) -> Result<ProvisioningPage, Problem> {
    let shell = shell(state, session, actor, app).await?;
    let head = head(app, AppTab::Provisioning, state.clock.now());
    let Provisioning { enabled, approve, on_delete, on_suspend, four_eyes } = app.provisioning;
    let Approvals { create, update, suspend, delete } = approve;
    let (on_delete, on_suspend) = (on_delete.word(), on_suspend.word());
    let settings =
        Settings { enabled, create, update, suspend, delete, four_eyes, on_delete, on_suspend };
    let (connected, may_edit) = (app.connection.is_some(), actor.owner().is_ok());
    let page = ProvisioningPage::new(shell, head, settings, connected, may_edit)
        .saying(still_waiting(state, app).await?)
        .with_groups(choices(&state.pool, GROUPS).await?);
    Ok(match missing(state, app).await?.filter(|_| may_edit) {
        Some(says) => page.missing(says),
        None => page,
    })
}

/// The form as it is sent: a check box that is not ticked is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypedProvisioning {
    enabled: Option<String>,
    create: Option<String>,
    update: Option<String>,
    suspend: Option<String>,
    delete: Option<String>,
    four_eyes: Option<String>,
    on_delete: String,
    on_suspend: String,
}

impl TypedProvisioning {
    fn wanted(&self) -> Result<Provisioning, UnknownWord> {
        Ok(Provisioning {
            enabled: self.enabled.is_some(),
            approve: Approvals {
                create: self.create.is_some(),
                update: self.update.is_some(),
                suspend: self.suspend.is_some(),
                delete: self.delete.is_some(),
            },
            on_delete: self.on_delete.parse()?,
            on_suspend: self.on_suspend.parse()?,
            four_eyes: self.four_eyes.is_some(),
        })
    }
}

/// `POST /apps/echosign/provisioning`: **Save**.
pub(super) async fn save(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<TypedProvisioning>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let wanted = typed.wanted().map_err(|error| Problem::told(StatusCode::BAD_REQUEST, error))?;
    configure(&state.pool, state.clock.now(), &owner, &app, wanted).await?;
    session::say(&session, "Saved.").await?;
    Ok(lead_to(paths::PROVISIONING))
}

/// The groups that are ticked, as they are sent.
#[derive(Deserialize)]
pub(super) struct TypedGroups {
    #[serde(default)]
    group: Vec<GroupId>,
}

/// `POST /apps/echosign/provisioning/held-groups`
pub(super) async fn hold_groups(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<TypedGroups>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    hold(&state.pool, state.clock.now(), &owner, &app, &typed.group).await?;
    session::say(&session, "Saved.").await?;
    Ok(lead_to(paths::PROVISIONING))
}

/// What waits although its kind needs no approval any more: clearing a box releases nothing.
async fn still_waiting(state: &WebState, app: &App) -> Result<Vec<Callout>, Problem> {
    let mut callouts = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| !app.provisioning.approve.require(**kind)) {
        let waiting = count_pending(&state.pool, app.id, *kind).await?;
        if waiting > 0 {
            let says = format!(
                "Of kind {}, {} {} for approval: clearing the box lets later ones through and releases none of these.",
                status::word(*kind),
                at_most(waiting),
                if waiting == 1 { "still waits" } else { "still wait" },
            );
            let href = format!("{}{}", paths::QUEUE, query(&[("q", &format!("action:{kind}"))]));
            callouts.push(Callout::new(Tone::Note, says).leading_to(href, "Look at them"));
        }
    }
    Ok(callouts)
}

/// How many people have no account yet, where that can be helped.
async fn missing(state: &WebState, app: &App) -> Result<Option<String>, Problem> {
    if !app.provisioning.enabled {
        return Ok(None);
    }
    let people = without_account(&state.pool, app.id.uuid(), None, COUNTED + 1).await?.len();
    Ok(match i64::try_from(people).unwrap_or(i64::MAX) {
        0 => None,
        1 => Some(format!("1 person has no account in {} yet.", app.name)),
        many => Some(format!("{} people have no account in {} yet.", at_most(many), app.name)),
    })
}

/// `POST /apps/echosign/provisioning/queue-missing`
pub(super) async fn queue_missing(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let people = enroll(&state.pool, state.clock.now(), &owner, &app).await?;
    let people = counted(people, "person", "people");
    session::say(
        &session,
        format!("Looked at {people} without an account. What was rejected stays rejected."),
    )
    .await?;
    Ok(lead_to(paths::QUEUE))
}

async fn shell(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    app: &App,
) -> Result<Shell, Problem> {
    let shell = Shell::load(state, session, actor, &app.name, Place::EchoSign).await?;
    Ok(shell.by_way_of([Crumb::at("Apps"), Crumb::at(app.name.clone())]))
}

fn head(app: &App, tab: AppTab, now: OffsetDateTime) -> AppHead {
    let verified = app.connection.as_ref().and_then(|connection| connection.verified_at);
    let connected = match (verified, &app.pause) {
        (_, Some(pause)) => Connected::Paused(Moment::ago(pause.at, now)),
        (Some(at), None) => Connected::Since(Moment::ago(at, now)),
        (None, None) => Connected::Never,
    };
    AppHead::new(app.name.clone(), connected, app.provisioning.enabled, tab)
}
