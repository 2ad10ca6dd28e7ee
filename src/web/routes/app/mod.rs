//! EchoSign: how it is reached, how it is provisioned, and whether anything is sent to it.

pub(super) mod configuration;
pub(super) mod provisioning;
pub(super) mod review;
pub(super) mod sending;

use time::OffsetDateTime;
use tower_sessions::Session;

use crate::{
    access::Actor,
    apps::App,
    web::{
        app_head::{AppHead, AppTab, Connected},
        parts::Moment,
        problem::Problem,
        shell::{Crumb, Place, Shell},
        state::WebState,
    },
};

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
    let ago = |at| Moment::ago(at, now);
    let connected = match (verified, &app.pause, app.draining_at) {
        (_, Some(pause), _) => Connected::Paused(ago(pause.at), pause.by),
        (None, None, _) => Connected::Never,
        (Some(_), None, Some(since)) => Connected::Drains(ago(since)),
        (Some(at), None, None) => Connected::Since(ago(at)),
    };
    AppHead::new(app.name.clone(), connected, app.provisioning.enabled, tab)
}
