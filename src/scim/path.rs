//! Paths of a PATCH (RFC 7644 figure 7): which attribute, which of its values, which part of them.

use std::{fmt, str::FromStr};

use super::{
    AttrPath, Error, ErrorType, Filter,
    attr_path::{BadName, is_name},
    filter::{BadFilter, beginning_of},
    urn,
};

/// `title`, `name.givenName`, `emails[type eq "work"]` or `emails[type eq "work"].value`,
/// each also behind the URN of its schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The URN of its schema, where one is given.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// Which of its values; all where there is none.
    pub filter: Option<Filter>,
    /// Which part of a complex value.
    pub part: Option<String>,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// A name in it is none.
    #[error("the path cannot be read: {0}")]
    Name(#[from] BadName),
    /// The filter in its brackets is none.
    #[error("the path `{0}` cannot be read: {1}")]
    Filter(String, BadFilter),
    /// Its brackets do not close, or stand where none can.
    #[error(
        "the path `{0}` cannot be read: brackets enclose one filter, as in emails[type eq \"work\"].value"
    )]
    Brackets(String),
}

impl From<BadPath> for Error {
    fn from(bad: BadPath) -> Self {
        let kind = match bad {
            BadPath::Filter(..) => ErrorType::InvalidFilter,
            BadPath::Name(_) | BadPath::Brackets(_) => ErrorType::InvalidPath,
        };
        Self::of(kind, bad.to_string())
    }
}

impl Path {
    /// The URN of the schema that the whole path names rather than an attribute, if it does:
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`.
    #[must_use]
    pub fn as_schema(&self) -> Option<String> {
        let whole = format!("{}:{}", self.schema.as_deref()?, self.name);
        (self.filter.is_none() && self.part.is_none() && urn::is_schema(&whole)).then_some(whole)
    }

    /// The URN of its schema unless that is a core one, whose attributes stand at the root.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.schema.as_deref().filter(|schema| !urn::is_core(schema))
    }
}

impl FromStr for Path {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let text = text.trim();
        let brackets = || BadPath::Brackets(text.to_owned());
        let Some((before, inside)) = text.split_once('[') else {
            let AttrPath { schema, name, part } = text.parse()?;
            return Ok(Self { schema, name, filter: None, part });
        };
        let AttrPath { schema, name, part: None } = before.trim_end().parse()? else {
            return Err(brackets());
        };
        let (filter, rest) =
            beginning_of(inside, true).map_err(|bad| BadPath::Filter(text.to_owned(), bad))?;
        let part = match rest.strip_prefix(']').ok_or_else(brackets)? {
            "" => None,
            rest => Some(rest.strip_prefix('.').filter(|part| is_name(part)).ok_or_else(brackets)?),
        };
        Ok(Self { schema, name, filter: Some(filter), part: part.map(str::to_owned) })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read_and_printed() {
        for text in [
            "members",
            "name.familyName",
            r#"addresses[type eq "work"]"#,
            r#"members[value eq "2819c223"].displayName"#,
            r#"emails[type eq "work" and (primary eq true or value ew "]")].value"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        ] {
            let path: Path = text.parse().unwrap_or_else(|bad| panic!("{bad}"));

            assert_eq!(path.to_string(), text);
            assert_eq!(path.as_schema(), None);
        }
    }

    #[test]
    fn a_schema_alone_is_told_from_an_attribute() {
        let path: Path = urn::ENTERPRISE_USER.parse().expect("a path");

        assert_eq!(path.as_schema().as_deref(), Some(urn::ENTERPRISE_USER));
    }

    #[test]
    fn a_refusal_says_which_half_is_wrong() {
        let kind = |text: &str| text.parse::<Path>().map_err(|bad| Error::from(bad).kind);

        for text in
            ["", "a.b.c", "1", "/name", "emails[", "a.b[c pr]", "a[b pr]c", "a[b pr].", "a[b pr]["]
        {
            let expected =
                if text == "emails[" { ErrorType::InvalidFilter } else { ErrorType::InvalidPath };
            assert_eq!(kind(text), Err(Some(expected)), "{text}");
        }
        for text in ["emails[]", "emails[type]", "emails[type is 1]", "emails[type gt true]"] {
            assert_eq!(kind(text), Err(Some(ErrorType::InvalidFilter)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"(urn:a:)?[a-z.$]{0,6}(\[[a-z "=]{0,12}\])?[.a-z\]]{0,3}"#) {
            if let Ok(path) = text.parse::<Path>() {
                prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
            }
        }

        #[test]
        fn another_parser_reads_what_we_print(
            text in r#"[a-z]{1,6}(\.[a-z]{1,3}|\[[a-z]{4} (eq|co) "[a-z]{0,3}"\](\.[a-z]{1,5})?)?"#,
        ) {
            let ours = text.parse::<Path>().map(|path| path.to_string()).ok();
            let theirs = text.parse::<scim_v2::filter::PatchPath>().map(|path| path.to_string()).ok();
            prop_assert_eq!(ours, theirs);
        }
    }
}
