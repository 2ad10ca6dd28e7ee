//! How EchoSign is provisioned.

use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{lead_to, page, query},
    head, review, shell,
};
use crate::{
    access::{Actor, Owner, Reader},
    apps::{App, Approvals, Provisioning, change::Kind},
    directory::{held_store::choices, store::without_account},
    kernel::{GroupId, UnknownWord},
    queue::{
        configure::configure,
        enroll::enroll,
        hold::hold,
        store::{COUNTED, count_pending},
    },
    web::{
        app_head::AppTab,
        app_provisioning::{ProvisioningPage, Settings},
        parts::{Callout, Tone, counted},
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
        status,
        surroundings::{at_most, echosign},
    },
};

/// How many groups are offered at most; those that are held come first.
const GROUPS: i64 = 500;

/// `GET /apps/echosign/provisioning`
pub(in crate::web::routes) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let form = provisioning_page(&state, &session, reader.actor(), &app).await?;
    page(&form.reviewed(review::stored(&state, reader.actor(), &app).await?))
}

pub(super) async fn provisioning_page(
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
pub(in crate::web::routes) struct TypedProvisioning {
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
pub(in crate::web::routes) async fn save(
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
pub(in crate::web::routes) struct TypedGroups {
    #[serde(default)]
    group: Vec<GroupId>,
}

/// `POST /apps/echosign/provisioning/held-groups`
pub(in crate::web::routes) async fn hold_groups(
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
pub(in crate::web::routes) async fn queue_missing(
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
