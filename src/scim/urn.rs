//! The URNs of RFC 7643 and RFC 7644.

/// The core User (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core Group (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What an employer adds to a User (RFC 7643 section 4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What a service says of itself (RFC 7643 section 5).
pub const SERVICE_PROVIDER_CONFIG: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// What kinds of resources a service keeps (RFC 7643 section 6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// What attributes a kind of resource has (RFC 7643 section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// A page of resources (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A change of some attributes (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// A refusal (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Whether `text` names one of the core schemas, in any version and any case:
/// an attribute that carries such a prefix stands at the root of its resource.
#[must_use]
pub fn is_core(text: &str) -> bool {
    text.to_ascii_lowercase().contains(":schemas:core:")
}

/// Whether `text` names the enterprise extension in any version, as SCIM 1.1 and OneLogin spell it.
#[must_use]
pub fn is_enterprise(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let after = text.split_once(":schemas:extension:enterprise:").map(|(_, after)| after);
    after.is_some_and(|after| is_version(after.strip_suffix(":user").unwrap_or(after)))
}

/// Whether `text` is a schema's URN of the usual form, which ends in a version and a name
/// (`…:2.0:User`), rather than the name of an attribute behind such a URN.
#[must_use]
pub fn is_schema(text: &str) -> bool {
    let mut parts = text.rsplit(':');
    let (name, version) = (parts.next(), parts.next());
    version.is_some_and(is_version)
        && name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
        && text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

const PREFIX: &str = "urn:ietf:params:scim:schemas:";

fn is_version(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_told_from_an_attribute_behind_one() {
        assert!(is_schema(USER));
        assert!(is_schema(&ENTERPRISE_USER.to_uppercase()));
        assert!(is_schema("urn:ietf:params:scim:schemas:exampleCo:2.0:hr"));

        for attribute in ["manager", "manager.value", "2.0"] {
            assert!(!is_schema(&format!("{ENTERPRISE_USER}:{attribute}")), "{attribute}");
        }
        assert!(!is_schema("urn:scim:schemas:extension:enterprise:1.0:department"));
        assert!(!is_schema("userName"));
    }

    #[test]
    fn the_enterprise_extension_has_older_spellings() {
        for id in [ENTERPRISE_USER, "urn:scim:schemas:extension:enterprise:1.0"] {
            assert!(is_enterprise(id) && is_enterprise(&id.to_uppercase()), "{id}");
            assert!(!is_enterprise(&format!("{id}:manager")), "{id}");
        }
        assert!(!is_enterprise(USER));
    }

    #[test]
    fn only_core_schemas_stand_at_the_root() {
        assert!(is_core(USER) && is_core("urn:scim:schemas:core:1.0"));
        assert!(!is_core(ENTERPRISE_USER));
    }
}
