//! What a search of the queue is made of, for completion.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;

use super::super::people::sources;
use crate::{
    access::{self, Reader},
    apps::change::Kind,
    queue::{Status, hint::Hint, search::QUALIFIERS},
    web::{parts::hint, problem::Problem, session::May, state::WebState, surroundings::echosign},
};

/// What a qualifier asks for.
#[derive(Debug, Serialize)]
pub(in crate::web::routes) struct Term {
    says: &'static str,
    /// The words it takes.
    words: Vec<String>,
    /// What those mean that do not say it themselves.
    means: BTreeMap<&'static str, &'static str>,
}

/// `GET /users/provisioning/terms`: `{"action": {"says": "What is done…", "words": ["create", …], "means": {}}, …}`
pub(in crate::web::routes) async fn terms(
    State(state): State<WebState>,
    May(_): May<Reader>,
) -> Result<Json<BTreeMap<&'static str, Term>>, Problem> {
    let administrators = access::store::list(&state.pool).await?;
    let named = || administrators.iter().filter(|one| one.enabled).map(|one| &*one.name);
    let mut slugs: Vec<_> = sources(&state).await?.into_keys().collect();
    slugs.sort();
    let app = echosign(&state).await?;
    let words = |name: &str| -> Vec<String> {
        let of = |words: &mut dyn Iterator<Item = &str>| words.map(str::to_owned).collect();
        match name {
            "action" => of(&mut Kind::ALL.iter().map(|kind| kind.word())),
            "app" => vec![app.slug.clone()],
            "source" => slugs.clone(),
            "age" => of(&mut [">1h", ">1d", ">1w", "<1h", "<1d"].into_iter()),
            "hint" => of(&mut Hint::ALL.iter().map(|hint| hint.word())),
            "status" => of(&mut Status::ALL.iter().map(|status| status.word())),
            _ => of(&mut ["me", "rule"].into_iter().chain(named())),
        }
    };
    let means = |name: &str| match name {
        "hint" => Hint::ALL.iter().map(|known| (known.word(), hint(*known).0)).collect(),
        _ => BTreeMap::new(),
    };
    let term = |(name, says): &(&'static str, &'static str)| {
        (*name, Term { says, words: words(name), means: means(name) })
    };
    Ok(Json(QUALIFIERS.iter().map(term).collect()))
}
