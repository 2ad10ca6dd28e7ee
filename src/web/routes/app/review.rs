//! What a reviewer has to give, and is told: reasons, and which mail domains are one's own.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{lead_to, page_with},
    provisioning::provisioning_page,
};
use crate::{
    access::{Actor, Owner},
    apps::{App, MailDomain, ReasonRule, Reasons, change::Kind},
    directory::FieldError,
    queue::{
        domains::{self, DomainsError},
        reasons::{self, ReasonsError, RuleFault},
    },
    web::{
        app_review::{ReasonRow, Review},
        parts::Field,
        paths,
        problem::Problem,
        session::{self, May},
        state::WebState,
        surroundings::echosign,
    },
};

/// The forms as things are now.
pub(super) async fn stored(state: &WebState, actor: &Actor, app: &App) -> Result<Review, Problem> {
    let domains = app.domains.join(", ");
    review(state, actor, (rows(&app.reasons, &[]), &domains, &[])).await
}

async fn review(
    state: &WebState,
    actor: &Actor,
    (rows, domains, errors): (Vec<ReasonRow>, &str, &[FieldError]),
) -> Result<Review, Problem> {
    let ours = domains::of_administrators(&mut *state.pool.acquire().await?).await?;
    let otherwise = match &*ours.join(", ") {
        "" => String::new(),
        ours => format!(", now {ours}"),
    };
    let hint = format!(
        "With commas or spaces between. When there is none, those of your administrators count{otherwise}."
    );
    let may_edit = actor.owner().is_ok();
    let field = Field::text("domains", "Domains", domains).hint(hint).refused(errors);
    let domains = if may_edit { field } else { field.disabled() };
    Ok(Review { rows, domains, may_edit })
}

fn rows(rules: &Reasons, faults: &[RuleFault]) -> Vec<ReasonRow> {
    let row = |kind: &Kind| {
        let rule = rules.get(kind).cloned().unwrap_or_default();
        let fault = |field| {
            let of = faults.iter().find(|fault| fault.kind == *kind && fault.field == field);
            of.map(|fault| fault.says.clone())
        };
        ReasonRow {
            kind: *kind,
            required: rule.required,
            pattern: rule.pattern.unwrap_or_default(),
            bad_pattern: fault("pattern"),
            message: rule.says.unwrap_or_default(),
            bad_message: fault("message"),
        }
    };
    Kind::ALL.iter().map(row).collect()
}

/// The rules as they are typed, by `create-need`, `create-pattern`, `create-message` and so on.
fn typed_rules(typed: &HashMap<String, String>) -> Reasons {
    let rule = |kind: &Kind| {
        let text = |field| {
            let text = typed.get(&format!("{kind}-{field}")).map(|text| text.trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let required = text("need").as_deref() == Some("required");
        (*kind, ReasonRule { required, pattern: text("pattern"), says: text("message") })
    };
    Kind::ALL.iter().map(rule).collect()
}

/// `POST /apps/echosign/provisioning/reasons`
pub(in crate::web::routes) async fn reasons(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let rules = typed_rules(&typed);
    match reasons::want(&state.pool, state.clock.now(), &owner, &app, rules.clone()).await {
        Ok(()) => {
            session::say(&session, "Saved.").await?;
            Ok(lead_to(paths::PROVISIONING))
        }
        Err(ReasonsError::Rules(faults)) => {
            let domains = app.domains.join(", ");
            let typed = review(&state, owner.actor(), (rows(&rules, &faults), &domains, &[]));
            again(&state, &session, owner.actor(), &app, typed.await?).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The domains as they are typed.
#[derive(Deserialize)]
pub(in crate::web::routes) struct TypedDomains {
    #[serde(default)]
    domains: String,
}

/// `POST /apps/echosign/provisioning/domains`
pub(in crate::web::routes) async fn domains(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(TypedDomains { domains: typed }): Form<TypedDomains>,
) -> Result<Response, Problem> {
    let app = echosign(&state).await?;
    let says = match MailDomain::list(&typed) {
        Err(bad) => bad.to_string(),
        Ok(ours) => match domains::own(&state.pool, state.clock.now(), &owner, &app, ours).await {
            Err(error @ DomainsError::TooMany) => error.to_string(),
            done => {
                done?;
                session::say(&session, "Saved.").await?;
                return Ok(lead_to(paths::PROVISIONING));
            }
        },
    };
    let errors = [FieldError { field: "domains", says }];
    let typed = review(&state, owner.actor(), (rows(&app.reasons, &[]), &typed, &errors));
    again(&state, &session, owner.actor(), &app, typed.await?).await
}

/// The page again, with what is to be mended.
async fn again(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    app: &App,
    typed: Review,
) -> Result<Response, Problem> {
    let page = provisioning_page(state, session, actor, app).await?;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page.reviewed(typed))
}
