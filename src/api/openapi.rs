//! The description of the API in the form of `OpenAPI` 3.1. Written by hand; the tests hold the
//! routes, the words and each answer against it.

use axum::{http::header::CONTENT_TYPE, response::IntoResponse};

const DOCUMENT: &str = include_str!("openapi.json");

/// The document, as it is.
pub(super) async fn show() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fmt::Display};

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        api::{LONGEST_BODY, ROUTES, Who, problem},
        apps::{
            ConnectorKind, Deletes, LONGEST_UNDO, Lookups, OnDelete, OnSuspend, PausedBy, Updates,
            change::{Attribute, Kind},
        },
        queue::{Status, decide::LONGEST_REASON, flow::MOST_A_MINUTE, store::AttemptOutcome},
    };

    fn document() -> Json {
        serde_json::from_str(DOCUMENT).expect("JSON")
    }

    #[test]
    fn every_route_is_described_with_its_roles_and_nothing_else_is() {
        let routed: BTreeSet<_> = ROUTES
            .iter()
            .map(|route| {
                let roles = match route.who {
                    Who::Anyone => Json::Null,
                    Who::Roles(roles) => json!(roles),
                };
                let path =
                    route.path.strip_prefix("/api/v1").expect("below the server of the document");
                (path.to_owned(), route.method.to_lowercase(), roles.to_string())
            })
            .collect();

        let document = document();
        let described: BTreeSet<_> = document["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .flat_map(|(path, item)| {
                let methods = item
                    .as_object()
                    .expect("methods")
                    .iter()
                    .filter(|(key, _)| *key != "parameters");
                methods.map(|(method, does)| {
                    (path.clone(), method.clone(), does["x-roles"].to_string())
                })
            })
            .collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_set_of_words_is_the_one_in_use() {
        fn words<T: Display>(all: &[T]) -> Vec<String> {
            all.iter().map(ToString::to_string).collect()
        }
        let schemas = &document()["components"]["schemas"];
        let connection = |field: &str| &schemas["Connection"]["properties"][field]["enum"];
        let paused = &schemas["App"]["properties"]["paused"]["oneOf"][0]["properties"];
        let problems = problem::Kind::ALL
            .iter()
            .map(|kind| format!("urn:countersign:problem:{kind}"))
            .collect();
        let table = [
            (&schemas["Status"]["enum"], words(Status::ALL)),
            (&schemas["Kind"]["enum"], words(Kind::ALL)),
            (&schemas["Attribute"]["enum"], words(Attribute::ALL)),
            (&schemas["Outcome"]["enum"], words(AttemptOutcome::ALL)),
            (&schemas["OnDelete"]["enum"], words(OnDelete::ALL)),
            (&schemas["OnSuspend"]["enum"], words(OnSuspend::ALL)),
            (connection("connector"), words(ConnectorKind::ALL)),
            (connection("updates"), words(Updates::ALL)),
            (connection("lookups"), words(Lookups::ALL)),
            (connection("deletes"), words(Deletes::ALL)),
            (&paused["by"]["enum"], words(PausedBy::ALL)),
            (&schemas["Problem"]["properties"]["type"]["enum"], problems),
        ];
        for (described, used) in table {
            assert_eq!(*described, json!(used));
        }
    }

    #[test]
    fn every_figure_is_the_one_in_use() {
        let document = document();
        let schemas = &document["components"]["schemas"];
        let sending = &schemas["SendingPatch"]["properties"];
        let too_large = document["components"]["responses"]["TooLarge"]["description"].to_string();

        for schema in ["Rejection", "Approval", "Pause"] {
            let longest = &schemas[schema]["properties"]["reason"]["maxLength"];
            assert_eq!(*longest, json!(LONGEST_REASON), "{schema}");
        }
        assert_eq!(sending["undoSeconds"]["maximum"], json!(LONGEST_UNDO));
        assert_eq!(sending["rate"]["maximum"], json!(MOST_A_MINUTE));
        assert!(too_large.contains(&format!("{} KiB", LONGEST_BODY / 1024)), "{too_large}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(at: &Json, whole: &Json) {
            match at {
                Json::Object(fields) => {
                    if let Some(Json::String(reference)) = fields.get("$ref") {
                        let pointer = reference.strip_prefix('#').expect("within the document");
                        assert!(whole.pointer(pointer).is_some(), "{reference}");
                    }
                    fields.values().for_each(|field| walk(field, whole));
                }
                Json::Array(items) => items.iter().for_each(|item| walk(item, whole)),
                _ => {}
            }
        }
        let document = document();

        walk(&document, &document);
    }
}
