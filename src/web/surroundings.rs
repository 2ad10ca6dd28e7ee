//! What stands around a page: read for whoever asks.

use tower_sessions::Session;

use super::{
    parts::{Moment, Who, count},
    problem::Problem,
    session,
    shell::{Banner, Crumb, Place, Shell},
    state::WebState,
};
use crate::{
    access::{Actor, Role},
    apps::{self, App, PausedBy},
    queue::{Totals, store::COUNTED},
};

/// The one app there is until more can be added.
const ECHOSIGN: &str = "echosign";
/// Where the sandbox shows its accounts.
const SANDBOX: &str = "/sandbox/echosign";

impl Shell {
    /// The shell of `actor`'s page.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn load(
        state: &WebState,
        session: &Session,
        actor: &Actor,
        title: &str,
        place: Place,
    ) -> Result<Self, Problem> {
        let waiting = how_many(state).await?.counts.pending;
        let app = echosign(state).await?;
        let flash = session::said(session).await?;
        Ok(Self { flash, ..Self::around(state, actor, title, place, &app, waiting) })
    }

    /// The same from what was read already; says nothing that was to be said.
    pub(super) fn around(
        state: &WebState,
        actor: &Actor,
        title: &str,
        place: Place,
        app: &App,
        waiting: i64,
    ) -> Self {
        Self {
            title: title.to_owned(),
            place,
            crumbs: Vec::new(),
            me: Who::new(actor.name.clone(), actor.email.clone().unwrap_or_default()),
            role: role_word(actor.role),
            waiting: (waiting > 0).then(|| at_most(waiting)),
            banners: banners(state, actor, app),
            flash: None,
        }
    }

    /// With the way that led here; the last step is the page itself.
    pub(super) fn by_way_of(self, crumbs: impl Into<Vec<Crumb>>) -> Self {
        Self { crumbs: crumbs.into(), ..self }
    }
}

/// EchoSign.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn echosign(state: &WebState) -> Result<App, Problem> {
    let app = apps::store::find_by_slug(&state.pool, ECHOSIGN).await?;
    app.ok_or_else(|| Problem::ours(sqlx::Error::RowNotFound))
}

/// How much there is on each tab, and since when the oldest waits.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn how_many(state: &WebState) -> Result<Totals, Problem> {
    let known = state.tally.now(&state.pool, state.clock.now()).await?;
    Ok(known.totals(&state.pool).await?)
}

/// A number that was counted up to [`COUNTED`]: `14`, `10,000+`.
pub(super) fn at_most(number: i64) -> String {
    up_to(COUNTED, number)
}

/// A number that was counted up to a bound and one more.
pub(super) fn up_to(bound: i64, number: i64) -> String {
    if number > bound { format!("{}+", count(bound)) } else { count(number) }
}

/// A role as it is shown.
pub(super) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Operator => "Operator",
        Role::Approver => "Approver",
        Role::Auditor => "Auditor",
    }
}

fn banners(state: &WebState, actor: &Actor, app: &App) -> Vec<Banner> {
    let may_mend = actor.owner().is_ok();
    let ago = |at| Moment::ago(at, state.clock.now());
    let demo = state.demo.then(|| Banner::demo(SANDBOX));
    let app = match (&app.connection, &app.pause) {
        (None, _) => Some(Banner::unconnected(may_mend)),
        (Some(_), Some(pause)) => {
            let can_resume = match pause.by {
                PausedBy::Refusal => may_mend,
                PausedBy::Person | PausedBy::Failures => actor.retrier().is_ok(),
            };
            Some(Banner::paused(pause.by, &pause.because, ago(pause.at), can_resume))
        }
        (Some(_), None) if !app.provisioning.enabled => Some(Banner::switched_off(may_mend)),
        (Some(_), None) => app.draining_at.map(|since| Banner::drains(ago(since))),
    };
    demo.into_iter().chain(app).collect()
}
