//! Asking an app to describe itself, and trying what it says.

use serde_json::Value as Json;

use super::{
    ScimConnector,
    list::{self, users_where},
};
use crate::{
    connector::{Capabilities, Instead, Refusal},
    scim::{
        list::ListResponse,
        resource::{flag, get, text},
        urn,
        user::USER_NAME,
    },
};

/// A user name that nobody has.
const NOBODY: &str = "countersign.nobody.has.this.name";

/// What the app can do, or what has to be mended first.
pub(super) async fn connect(connector: &ScimConnector) -> Result<Capabilities, Refusal> {
    let described = describe(connector).await?;
    let users = first_users(connector).await?;
    let says = |feature| described.as_ref().and_then(|config| supports(config, feature));
    let filter = match &users {
        // nobody to try it with
        Some(ListResponse { total: Some(0), .. }) => says("filter"),
        users => try_filter(connector, users.as_ref()).await?.or_else(|| says("filter")),
    };
    if users.is_none() && filter != Some(true) {
        return Err(Refusal::TooLarge);
    }
    let untyped = described.is_some() && knows_no_type(connector).await;
    Ok(Capabilities {
        described: described.is_some(),
        patch: says("patch"),
        filter,
        accounts: users.and_then(|users| users.total),
        untyped,
    })
}

/// What the app says of itself (RFC 7643 section 5), where it says anything that can be read.
/// An app that cannot be reached at all is an error; any odd answer is not, as the users decide.
async fn describe(connector: &ScimConnector) -> Result<Option<Json>, Refusal> {
    match connector.get("ServiceProviderConfig".to_owned()).await.1 {
        Ok(Some(config)) => {
            let says =
                ["patch", "filter", "schemas"].iter().any(|name| get(&config, name).is_some());
            Ok(says.then_some(config))
        }
        Err(
            refusal @ (Refusal::Unreachable { .. }
            | Refusal::NotAllowed { .. }
            | Refusal::Astray
            | Refusal::Tls(_)
            | Refusal::TimedOut { .. }
            | Refusal::Throttled { .. }),
        ) => Err(refusal),
        _ => Ok(None),
    }
}

fn supports(config: &Json, feature: &str) -> Option<bool> {
    flag(config, &format!("{feature}.supported"))
}

/// The beginning of the list of users, which shows that this is SCIM and that the token is
/// good. `None` when the app answers with more than we read, page or no page.
pub(super) async fn first_users(
    connector: &ScimConnector,
) -> Result<Option<ListResponse>, Refusal> {
    let told = match connector.get("Users?count=1".to_owned()).await.1 {
        Err(Refusal::Down { .. } | Refusal::Invalid { .. } | Refusal::Unsupported { .. }) => {
            connector.get("Users".to_owned()).await.1
        }
        told => told,
    };
    match told {
        Err(Refusal::TooLarge) => Ok(None),
        // Every SCIM service has a list of users, be it empty.
        Err(Refusal::NotFound) => Err(Refusal::NotScim { status: 404, got: Instead::Json }),
        told => list::read(told?.as_ref()).map(Some),
    }
}

/// Whether `filter` is obeyed: nobody must come back for a name that nobody has, and one who
/// is there for his own. `None` when it could not be told.
async fn try_filter(
    connector: &ScimConnector,
    users: Option<&ListResponse>,
) -> Result<Option<bool>, Refusal> {
    if search(connector, NOBODY).await?.is_none_or(|found| !found.is_empty()) {
        return Ok(Some(false));
    }
    // Of an app with more users than we read, none is known by name.
    let Some(users) = users else { return Ok(Some(true)) };
    let Some(sample) = users.resources.first().and_then(user_name) else { return Ok(None) };
    let found = search(connector, &sample).await?.unwrap_or_default();
    let himself = |name: &String| name.eq_ignore_ascii_case(&sample);
    Ok(Some(!found.is_empty() && found.iter().all(himself)))
}

/// The user names that a filter finds, or `None` when the app refuses the filter.
async fn search(connector: &ScimConnector, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    match connector.get(users_where("userName", name)).await.1 {
        Ok(body) => {
            let Ok(list) = list::read(body.as_ref()) else { return Ok(None) };
            Ok(Some(
                list.resources.iter().map(|user| user_name(user).unwrap_or_default()).collect(),
            ))
        }
        Err(Refusal::NotFound) => Ok(Some(Vec::new())),
        Err(
            refusal @ (Refusal::Unreachable { .. }
            | Refusal::TimedOut { .. }
            | Refusal::Throttled { .. }),
        ) => Err(refusal),
        Err(_) => Ok(None),
    }
}

fn user_name(user: &Json) -> Option<String> {
    text(user, USER_NAME).map(str::to_owned)
}

/// Whether the app's own schema lists the parts of an e-mail address and no `type` among
/// them: such an app may refuse an account for it (`facts/scim-apps.md`, unknown attribute).
async fn knows_no_type(connector: &ScimConnector) -> bool {
    let told = connector.get(format!("Schemas/{}", urn::USER)).await.1;
    told.ok().flatten().as_ref().and_then(parts_of_an_address).is_some_and(|parts| {
        !parts.is_empty() && !parts.iter().any(|part| part.eq_ignore_ascii_case("type"))
    })
}

fn parts_of_an_address(schema: &Json) -> Option<Vec<&str>> {
    let attributes = get(schema, "attributes")?.as_array()?;
    let emails = attributes.iter().find(|attribute| {
        text(attribute, "name").is_some_and(|name| name.eq_ignore_ascii_case("emails"))
    })?;
    let parts = get(emails, "subAttributes")?.as_array()?;
    Some(parts.iter().filter_map(|part| text(part, "name")).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_app_says_of_itself_is_read_as_far_as_it_makes_sense() {
        let config = json!({
            "patch": { "supported": true }, "Filter": { "supported": "False" }, "sort": true,
            "etag": { "supported": 1 },
        });

        assert_eq!(supports(&config, "patch"), Some(true));
        assert_eq!(supports(&config, "filter"), Some(false));
        for feature in ["sort", "etag", "bulk"] {
            assert_eq!(supports(&config, feature), None, "{feature}");
        }
    }

    #[test]
    fn the_parts_of_an_address_are_read_from_the_schema() {
        let schema = json!({ "id": urn::USER, "attributes": [
            { "name": "userName" },
            { "name": "emails", "subAttributes": [{ "name": "value" }, { "name": "primary" }] },
        ] });

        assert_eq!(parts_of_an_address(&schema), Some(vec!["value", "primary"]));
        for other in [
            json!({}),
            json!({ "attributes": [] }),
            json!({ "attributes": [{ "name": "emails" }] }),
        ] {
            assert_eq!(parts_of_an_address(&other), None, "{other}");
        }
    }
}
