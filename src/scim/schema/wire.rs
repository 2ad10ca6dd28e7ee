//! Schemas and resource types as `/Schemas` and `/ResourceTypes` show them (RFC 7643 sections 6 and 7).

use serde_json::{Map, Value, json};

use super::super::urn;
use super::{Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness};

impl Schema {
    /// The schema as a resource; `base` is the service's base URL without a slash at its end.
    #[must_use]
    pub fn to_value(&self, base: &str) -> Value {
        json!({
            "schemas": [urn::SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(Attribute::describe).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) },
        })
    }
}

impl ResourceType {
    /// The kind as a resource; `base` is the service's base URL without a slash at its end.
    #[must_use]
    pub fn to_value(&self, base: &str) -> Value {
        let extensions: Vec<_> = (self.extensions.iter())
            .map(|schema| json!({ "schema": schema.id, "required": false }))
            .collect();
        json!({
            "schemas": [urn::RESOURCE_TYPE],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "description": self.core.description,
            "schema": self.core.id,
            "schemaExtensions": extensions,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{}", self.name),
            },
        })
    }
}

impl Attribute {
    fn describe(&self) -> Value {
        let mut shown = Map::new();
        let mut say = |key: &str, value: Value| {
            shown.insert(key.to_owned(), value);
        };
        say("name", json!(self.name));
        say("type", json!(self.kind.as_str()));
        say("multiValued", json!(self.multi));
        say("required", json!(self.required));
        say("mutability", json!(self.mutability.as_str()));
        let returned = match (self.mutability, self.returned) {
            (Mutability::WriteOnly, _) => "never",
            (_, Returned::Request) => "request",
            (_, Returned::Default) => "default",
        };
        say("returned", json!(returned));
        if matches!(self.kind, Type::Text | Type::Reference | Type::Binary) {
            say("caseExact", json!(self.exact));
            say("uniqueness", json!(self.uniqueness.as_str()));
        }
        if !self.canonical.is_empty() {
            say("canonicalValues", json!(self.canonical));
        }
        if !self.points_at.is_empty() {
            say("referenceTypes", json!(self.points_at));
        }
        if !self.parts.is_empty() {
            say("subAttributes", self.parts.iter().map(Self::describe).collect());
        }
        Value::Object(shown)
    }
}

impl Type {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Binary => "binary",
            Self::Complex => "complex",
        }
    }
}

impl Mutability {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "readWrite",
            Self::ReadOnly => "readOnly",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

impl Uniqueness {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{USER, USERS};

    #[test]
    fn a_schema_names_its_parts_as_the_rfc_does() {
        let shown = USER.to_value("https://sign.example/scim/v2");

        assert_eq!(shown["attributes"][0]["name"], "userName");
        assert_eq!(shown["attributes"][0]["uniqueness"], "server");
        assert_eq!(shown["attributes"][1]["subAttributes"][2]["name"], "givenName");
        let password =
            shown["attributes"].as_array().unwrap().iter().find(|a| a["name"] == "password");
        assert_eq!(password.map(|a| &a["returned"]), Some(&"never".into()));
        assert_eq!(
            shown["meta"]["location"],
            "https://sign.example/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"
        );
    }

    #[test]
    fn a_resource_type_names_its_extensions() {
        let shown = USERS.to_value("");

        assert_eq!(shown["endpoint"], "/Users");
        assert_eq!(shown["schemaExtensions"][0]["required"], false);
        assert_eq!(shown["meta"]["location"], "/ResourceTypes/User");
    }
}
