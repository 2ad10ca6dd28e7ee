//! What a service says it can do (RFC 7643 section 5).

use serde_json::{Value, json};

use super::{member, urn};

/// What a service can do, to be said by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceProviderConfig<'a> {
    /// The base URL, without a slash at its end.
    pub base: &'a str,
    /// Where a person reads how to use it.
    pub documentation: Option<&'a str>,
    /// How a client proves who it is, for a person to read.
    pub bearer_token: &'a str,
    /// Whether PATCH works.
    pub patch: bool,
    /// How many resources a filter finds at most; `None` when filters do not work.
    pub filter: Option<usize>,
    /// Whether lists can be sorted.
    pub sort: bool,
    /// Whether versions are told and heeded.
    pub etag: bool,
    /// How lists are paged (RFC 9865); `None` when only by place, and nothing is said of it.
    pub pagination: Option<Pagination>,
}

/// Lists are paged by place and by cursor, by place unless a cursor is asked for (RFC 9865 section 4).
/// A cursor does not expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// How many resources a page has when nothing is said.
    pub usual: usize,
    /// How many it has at most.
    pub most: usize,
}

impl ServiceProviderConfig<'_> {
    /// The body to answer with.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut config = json!({
            "schemas": [urn::SERVICE_PROVIDER_CONFIG],
            "patch": { "supported": self.patch },
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": self.filter.is_some(), "maxResults": self.filter.unwrap_or(0) },
            "changePassword": { "supported": false },
            "sort": { "supported": self.sort },
            "etag": { "supported": self.etag },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": self.bearer_token,
                "primary": true,
            }],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": format!("{}/ServiceProviderConfig", self.base),
            },
        });
        if let Some(Pagination { usual, most }) = self.pagination {
            config["pagination"] = json!({
                "cursor": true,
                "index": true,
                "defaultPaginationMethod": "index",
                "defaultPageSize": usual,
                "maxPageSize": most,
            });
        }
        if let Some(documentation) = self.documentation {
            config["documentationUri"] = json!(documentation);
        }
        config
    }
}

/// What another service says it can do; `None` where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Whether PATCH works.
    pub patch: Option<bool>,
    /// Whether filters work.
    pub filter: Option<bool>,
    /// Whether versions are told and heeded.
    pub etag: Option<bool>,
}

impl Abilities {
    /// Reads another service's answer, with names in any case, flags also as texts or without
    /// their object (`"patch": true`). `None` when it is no description at all.
    #[must_use]
    pub fn read(body: &Value) -> Option<Self> {
        let ability = |name| {
            let told = member::of(body, name)?;
            member::as_flag(member::of(told, "supported").unwrap_or(told))
        };
        let is_marked = member::of(body, "schemas").is_some_and(|schemas| {
            schemas.to_string().to_ascii_lowercase().contains(":serviceproviderconfig")
        });
        let read =
            Self { patch: ability("patch"), filter: ability("filter"), etag: ability("etag") };
        (is_marked || read != Self::default()).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: ServiceProviderConfig<'_> = ServiceProviderConfig {
        base: "https://sign.example/scim/v2",
        documentation: Some("https://sign.example/"),
        bearer_token: "The token of the sandbox.",
        patch: true,
        filter: Some(200),
        sort: false,
        etag: true,
        pagination: Some(Pagination { usual: 100, most: 200 }),
    };

    #[test]
    fn what_we_say_reads_back() {
        let said = OURS.to_value();

        assert_eq!(said["filter"], json!({ "supported": true, "maxResults": 200 }));
        assert_eq!(said["documentationUri"], "https://sign.example/");
        assert_eq!(said["pagination"]["maxPageSize"], 200);
        assert_eq!(said["pagination"]["defaultPaginationMethod"], "index");
        let read = Abilities { patch: Some(true), filter: Some(true), etag: Some(true) };
        assert_eq!(Abilities::read(&said), Some(read));
        let poorer = ServiceProviderConfig { filter: None, patch: false, ..OURS }.to_value();
        let read = Abilities { patch: Some(false), filter: Some(false), etag: Some(true) };
        assert_eq!(Abilities::read(&poorer), Some(read));
    }

    #[test]
    fn descriptions_of_many_services_are_read() {
        let nothing = Some(Abilities::default());
        let patch = |patch| Some(Abilities { patch: Some(patch), ..Abilities::default() });
        for (body, expected) in [
            (json!({ "Patch": { "Supported": "true" } }), patch(true)),
            (json!({ "patch": false }), patch(false)),
            (json!({ "schemas": [urn::SERVICE_PROVIDER_CONFIG] }), nothing),
            (json!({ "schemas": ["urn:scim:schemas:core:1.0:ServiceProviderConfigs"] }), nothing),
            (json!({ "schemas": [urn::ERROR], "status": "404" }), None),
            (json!({ "patch": { "supported": "sometimes" } }), None),
            (json!([]), None),
        ] {
            assert_eq!(Abilities::read(&body), expected, "{body}");
        }
    }
}
