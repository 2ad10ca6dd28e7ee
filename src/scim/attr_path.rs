//! The name of an attribute, as filters and paths write it (RFC 7644 section 3.10).

use std::{fmt, str::FromStr};

use super::urn;

/// `userName`, `name.givenName`, or either behind the URN of its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The URN of its schema, where one is given.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The part of a complex attribute.
    pub part: Option<String>,
}

/// A text that names no attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an attribute")]
pub struct BadName(pub(super) String);

impl AttrPath {
    /// The URN of its schema unless that is a core one, whose attributes stand at the root.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.schema.as_deref().filter(|schema| !urn::is_core(schema))
    }
}

impl FromStr for AttrPath {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName(text.to_owned());
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) if is_uri(schema) => (Some(schema.to_owned()), rest),
            Some(_) => return Err(bad()),
            None => (None, text),
        };
        let (name, part) = match rest.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (rest, None),
        };
        if !is_name(name) || !part.is_none_or(is_name) {
            return Err(bad());
        }
        Ok(Self { schema, name: name.to_owned(), part: part.map(str::to_owned) })
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        match &self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

/// `ATTRNAME` of RFC 7644 figure 1, and `$ref`, which RFC 7643 uses although the rule forbids it.
pub(super) fn is_name(text: &str) -> bool {
    let by_rule = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    by_rule || text.eq_ignore_ascii_case("$ref")
}

/// Whether `text` begins with a scheme and has no sign that no URN has.
fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ":/.-_~%+#=@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_a_urn_and_a_part() {
        let enterprise = urn::ENTERPRISE_USER;
        for (text, schema, name, part) in [
            ("userName", None, "userName", None),
            ("name.givenName", None, "name", Some("givenName")),
            ("members.$ref", None, "members", Some("$ref")),
            (&format!("{enterprise}:manager.value"), Some(enterprise), "manager", Some("value")),
            (
                "http://schemas.example/2006/Group:x",
                Some("http://schemas.example/2006/Group"),
                "x",
                None,
            ),
        ] {
            let path: AttrPath = text.parse().unwrap_or_else(|bad| panic!("{bad}"));

            assert_eq!(
                (path.schema.as_deref(), &*path.name, path.part.as_deref()),
                (schema, name, part)
            );
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", ".", "name.", ".x", "a.b.c", "1st", "a b", "urn:x", ":x", "a:", "ä", "a$", "$"]
        {
            assert_eq!(text.parse::<AttrPath>(), Err(BadName(text.to_owned())));
        }
    }

    #[test]
    fn the_core_is_no_extension() {
        let of = |text: &str| {
            text.parse::<AttrPath>().ok().and_then(|p| p.extension().map(str::to_owned))
        };

        assert_eq!(of(&format!("{}:userName", urn::USER)), None);
        assert_eq!(of("urn:example:1.0:Badge:colour").as_deref(), Some("urn:example:1.0:Badge"));
    }
}
