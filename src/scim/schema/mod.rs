//! What RFC 7643 says of each attribute: its type, whether it has several values, whether
//! case matters, whether it may be changed. One table for reading, filters, PATCH and `/Schemas`.

mod table;
mod wire;

pub use self::table::{COMMON, ENTERPRISE_USER, GROUP, GROUPS, USER, USERS};
use super::urn;

/// The type of an attribute's value (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// A point in time, as RFC 3339 writes it.
    DateTime,
    /// The address of something.
    Reference,
    /// Bytes in base64.
    Binary,
    /// An object with attributes of its own.
    Complex,
}

/// When an attribute may be set (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// At any time.
    ReadWrite,
    /// Never by a client.
    ReadOnly,
    /// Once.
    Immutable,
    /// At any time, and never shown.
    WriteOnly,
}

/// How far a value must be the only one (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Within the service.
    Server,
}

/// When an attribute is shown (RFC 7643 section 7). What is write-only never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Unless it is excluded.
    Default,
    /// Only to whoever asks for it by name.
    Request,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name, in the case that is sent.
    pub name: &'static str,
    /// The type of its value, or of each of its values.
    pub kind: Type,
    /// Whether it has several values.
    pub multi: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether upper and lower case are different values.
    pub exact: bool,
    /// Whether two resources may share a value.
    pub uniqueness: Uniqueness,
    /// When it may be set.
    pub mutability: Mutability,
    /// When it is shown.
    pub returned: Returned,
    /// What its values usually are, where there is a list.
    pub canonical: &'static [&'static str],
    /// What a reference points at.
    pub points_at: &'static [&'static str],
    /// The attributes of a complex value.
    pub parts: &'static [Attribute],
}

impl Attribute {
    const fn new(name: &'static str, kind: Type) -> Self {
        Self {
            name,
            kind,
            multi: false,
            required: false,
            exact: false,
            uniqueness: Uniqueness::None,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            canonical: &[],
            points_at: &[],
            parts: &[],
        }
    }

    const fn text(name: &'static str) -> Self {
        Self::new(name, Type::Text)
    }

    const fn boolean(name: &'static str) -> Self {
        Self::new(name, Type::Boolean)
    }

    const fn reference(name: &'static str, points_at: &'static [&'static str]) -> Self {
        let mut attribute = Self::new(name, Type::Reference);
        attribute.points_at = points_at;
        attribute
    }

    const fn complex(name: &'static str, parts: &'static [Self]) -> Self {
        let mut attribute = Self::new(name, Type::Complex);
        attribute.parts = parts;
        attribute
    }

    const fn several(mut self) -> Self {
        self.multi = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    const fn unique(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    const fn on_request(mut self) -> Self {
        self.returned = Returned::Request;
        self
    }

    const fn usually(mut self, canonical: &'static [&'static str]) -> Self {
        self.canonical = canonical;
        self
    }

    const fn may(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    /// The attribute of a complex value that is called `name`, whatever its case.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static Self> {
        named(self.parts, name)
    }
}

/// The attributes behind one URN.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The URN.
    pub id: &'static str,
    /// What a person calls it.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// What it consists of.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute called `name`, whatever its case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        named(self.attributes, name)
    }
}

/// A kind of resource (RFC 7643 section 6).
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    /// `User`, also what `meta.resourceType` says.
    pub name: &'static str,
    /// Where the resources are, below the base URL: `/Users`.
    pub endpoint: &'static str,
    /// What every resource of the kind has.
    pub core: &'static Schema,
    /// What some also have.
    pub extensions: &'static [&'static Schema],
}

impl ResourceType {
    /// The extension whose URN is `id`, whatever its case. Older spellings of the enterprise
    /// extension (`urn:scim:schemas:extension:enterprise:1.0`) mean it too.
    #[must_use]
    pub fn extension(&self, id: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| {
            schema.id.eq_ignore_ascii_case(id)
                || (schema.id == urn::ENTERPRISE_USER && urn::is_enterprise(id))
        })
    }

    /// The attribute `name` at the root of a resource, `id` and its like included.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.core.attribute(name).or_else(|| named(COMMON, name))
    }

    /// The attribute `name` of the extension whose URN is `id`; without one, of the core or of
    /// the extension that alone knows the name.
    #[must_use]
    pub fn find(&self, id: Option<&str>, name: &str) -> Option<&'static Attribute> {
        match id {
            Some(id) => self.extension(id)?.attribute(name),
            None => self.attribute(name).or_else(|| self.home_of(name)?.attribute(name)),
        }
    }

    /// The extension that `name` belongs to when only one knows it. Some clients leave the URN
    /// away (`department`), and the core has no attribute of that name.
    #[must_use]
    pub fn home_of(&self, name: &str) -> Option<&'static Schema> {
        if self.attribute(name).is_some() {
            return None;
        }
        self.extensions.iter().copied().find(|schema| schema.attribute(name).is_some())
    }
}

/// The attribute that `name` means in a resource of whichever kind knows it. No two kinds
/// disagree about a name in a way that matters for comparing values.
pub(super) fn find(id: Option<&str>, name: &str) -> Option<&'static Attribute> {
    [&USERS, &GROUPS].into_iter().find_map(|kind| kind.find(id, name))
}

fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_behind_their_urn() {
        let enterprise = ENTERPRISE_USER.id.to_lowercase();
        let found = |id, name| find(id, name).map(|attribute| attribute.name);

        assert_eq!(found(None, "USERNAME"), Some("userName"));
        assert_eq!(found(None, "members"), Some("members"));
        assert_eq!(found(None, "division"), Some("division"));
        assert_eq!(found(Some(&enterprise), "Department"), Some("department"));
        assert_eq!(found(Some(&enterprise), "userName"), None);
        assert_eq!(found(None, "favouriteColour"), None);
    }

    #[test]
    fn a_bare_name_that_only_the_extension_knows_is_at_home_there() {
        assert_eq!(USERS.home_of("department").map(|s| s.id), Some(ENTERPRISE_USER.id));
        assert!(USERS.home_of("displayName").is_none());
        assert!(USERS.home_of("nonsense").is_none());
    }

    #[test]
    fn case_matters_for_ids_and_for_nothing_people_type() {
        let exact = |name| find(None, name).is_some_and(|attribute| attribute.exact);

        assert!(exact("id") && exact("externalId"));
        assert!(!exact("userName") && !exact("title") && !exact("displayName"));
    }

    #[test]
    fn only_complex_attributes_have_parts() {
        fn check(attributes: &[Attribute]) {
            for attribute in attributes {
                assert_eq!(
                    attribute.kind == Type::Complex,
                    !attribute.parts.is_empty(),
                    "{}",
                    attribute.name
                );
                check(attribute.parts);
            }
        }
        for attributes in [COMMON, USER.attributes, GROUP.attributes, ENTERPRISE_USER.attributes] {
            check(attributes);
        }
    }
}
