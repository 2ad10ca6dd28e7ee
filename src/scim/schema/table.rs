//! The attributes of RFC 7643 sections 3.1, 4.1, 4.2 and 4.3, with the characteristics of section 8.7.1.

use super::super::urn;
use super::{Attribute, Mutability, ResourceType, Schema, Type};

/// People.
pub const USERS: ResourceType =
    ResourceType { name: "User", endpoint: "/Users", core: &USER, extensions: &[&ENTERPRISE_USER] };

/// Groups of people.
pub const GROUPS: ResourceType =
    ResourceType { name: "Group", endpoint: "/Groups", core: &GROUP, extensions: &[] };

/// What every resource has (RFC 7643 section 3.1). No schema lists these.
pub const COMMON: &[Attribute] = &[
    Attribute::reference("schemas", &["uri"]).several().required().may(Mutability::ReadOnly),
    Attribute::text("id").exact().may(Mutability::ReadOnly),
    Attribute::text("externalId").exact(),
    Attribute::complex(
        "meta",
        &[
            Attribute::text("resourceType").exact().may(Mutability::ReadOnly),
            Attribute::new("created", Type::DateTime).may(Mutability::ReadOnly),
            Attribute::new("lastModified", Type::DateTime).may(Mutability::ReadOnly),
            Attribute::reference("location", &["uri"]).exact().may(Mutability::ReadOnly),
            Attribute::text("version").exact().may(Mutability::ReadOnly),
        ],
    )
    .may(Mutability::ReadOnly),
];

/// A person.
pub const USER: Schema = Schema {
    id: urn::USER,
    name: "User",
    description: "A person with an account.",
    attributes: &[
        Attribute::text("userName").required().unique(),
        Attribute::complex(
            "name",
            &[
                Attribute::text("formatted"),
                Attribute::text("familyName"),
                Attribute::text("givenName"),
                Attribute::text("middleName"),
                Attribute::text("honorificPrefix"),
                Attribute::text("honorificSuffix"),
            ],
        ),
        Attribute::text("displayName"),
        Attribute::text("nickName"),
        Attribute::reference("profileUrl", &["external"]).exact(),
        Attribute::text("title"),
        Attribute::text("userType"),
        Attribute::text("preferredLanguage"),
        Attribute::text("locale"),
        Attribute::text("timezone"),
        Attribute::boolean("active"),
        Attribute::text("password").may(Mutability::WriteOnly),
        Attribute::complex("emails", &typed(&["work", "home", "other"])).several(),
        Attribute::complex(
            "phoneNumbers",
            &typed(&["work", "home", "mobile", "fax", "pager", "other"]),
        )
        .several(),
        Attribute::complex(
            "ims",
            &typed(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
        )
        .several(),
        Attribute::complex(
            "photos",
            &[
                Attribute::reference("value", &["external"]).exact(),
                Attribute::text("display"),
                Attribute::text("type").usually(&["photo", "thumbnail"]),
                Attribute::boolean("primary"),
            ],
        )
        .several(),
        Attribute::complex(
            "addresses",
            &[
                Attribute::text("formatted"),
                Attribute::text("streetAddress"),
                Attribute::text("locality"),
                Attribute::text("region"),
                Attribute::text("postalCode"),
                Attribute::text("country"),
                Attribute::text("type").usually(&["work", "home", "other"]),
                Attribute::boolean("primary"),
            ],
        )
        .several(),
        Attribute::complex(
            "groups",
            &[
                Attribute::text("value").may(Mutability::ReadOnly),
                Attribute::reference("$ref", &["Group"]).exact().may(Mutability::ReadOnly),
                Attribute::text("display").may(Mutability::ReadOnly),
                Attribute::text("type").usually(&["direct"]).may(Mutability::ReadOnly),
            ],
        )
        .several()
        .may(Mutability::ReadOnly),
        Attribute::complex("entitlements", &typed(&[])).several(),
        Attribute::complex("roles", &typed(&[])).several(),
        Attribute::complex(
            "x509Certificates",
            &[
                Attribute::new("value", Type::Binary).exact(),
                Attribute::text("display"),
                Attribute::text("type"),
                Attribute::boolean("primary"),
            ],
        )
        .several(),
    ],
};

/// A group of people.
pub const GROUP: Schema = Schema {
    id: urn::GROUP,
    name: "Group",
    description: "A group of people.",
    attributes: &[
        Attribute::text("displayName").required(),
        Attribute::complex(
            "members",
            &[
                Attribute::text("value").exact().may(Mutability::Immutable),
                // Groups in groups are not kept.
                Attribute::reference("$ref", &["User"]).exact().may(Mutability::Immutable),
                Attribute::text("type").usually(&["User"]).may(Mutability::Immutable),
                Attribute::text("display").may(Mutability::ReadOnly).on_request(),
            ],
        )
        .several(),
    ],
};

/// What an employer adds to a person.
pub const ENTERPRISE_USER: Schema = Schema {
    id: urn::ENTERPRISE_USER,
    name: "EnterpriseUser",
    description: "What an employer knows of a person.",
    attributes: &[
        Attribute::text("employeeNumber"),
        Attribute::text("costCenter"),
        Attribute::text("organization"),
        Attribute::text("division"),
        Attribute::text("department"),
        Attribute::complex(
            "manager",
            &[
                Attribute::text("value").exact(),
                Attribute::reference("$ref", &["User"]).exact(),
                Attribute::text("displayName").may(Mutability::ReadOnly),
            ],
        ),
    ],
};

/// The parts of a value that has a type, such as an address for mail (RFC 7643 section 2.4).
const fn typed(types: &'static [&'static str]) -> [Attribute; 4] {
    [
        Attribute::text("value"),
        Attribute::text("display"),
        Attribute::text("type").usually(types),
        Attribute::boolean("primary"),
    ]
}
