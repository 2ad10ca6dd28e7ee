//! Filters: the grammar of RFC 7644 section 3.4.2.2, and what matches one.

mod matches;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Number;

pub(crate) use self::matches::moment;
pub(super) use self::parse::beginning_of;
pub use self::parse::{BadFilter, MAX_DEPTH, MAX_LENGTH};
use super::{
    AttrPath, Error, ErrorType,
    schema::{Attribute, ResourceType},
};

/// A filter. What is printed reads back as the same filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `title pr`: it has a value.
    Present(AttrPath),
    /// `userName eq "ana"`.
    Compare(AttrPath, Operator, Literal),
    /// `emails[type eq "work"]`: one of its values matches. Such filters are not nested.
    AnyValue(AttrPath, Box<Self>),
    /// `not (…)`.
    Not(Box<Self>),
    /// All of them: two or more, none of which is an `All` itself.
    All(Vec<Self>),
    /// One of them: two or more, none of which is an `Any` itself.
    Any(Vec<Self>),
}

/// How an attribute is compared (RFC 7644 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// No value at all.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

impl Filter {
    /// `name eq "text"`.
    #[must_use]
    pub fn eq(attribute: AttrPath, text: impl Into<String>) -> Self {
        Self::Compare(attribute, Operator::Eq, Literal::Text(text.into()))
    }

    /// Whether RFC 7643 knows every attribute it names, for a service that knows no others.
    ///
    /// # Errors
    /// `invalidFilter` with the first that it does not know: an empty answer would say that no
    /// such resource exists, and the client would make a second one.
    pub fn check(&self, kind: &ResourceType) -> Result<(), Error> {
        self.check_names(&|path| {
            let attribute = kind.find(path.extension(), &path.name)?;
            path.part.as_ref().map_or(Some(attribute), |part| attribute.part(part))
        })
    }

    fn check_names(&self, find: &Look<'_>) -> Result<(), Error> {
        let known = |path: &AttrPath| find(path).ok_or_else(|| unknown(path));
        match self {
            Self::Present(path) | Self::Compare(path, ..) => known(path).map(drop),
            Self::AnyValue(path, inner) => {
                let attribute = known(path)?;
                inner.check_names(&|path| {
                    path.part.is_none().then(|| attribute.part(&path.name)).flatten()
                })
            }
            Self::Not(inner) => inner.check_names(find),
            Self::All(several) | Self::Any(several) => {
                several.iter().try_for_each(|one| one.check_names(find))
            }
        }
    }
}

/// Looks an attribute up.
type Look<'a> = dyn Fn(&AttrPath) -> Option<&'static Attribute> + 'a;

fn unknown(path: &AttrPath) -> Error {
    Error::of(ErrorType::InvalidFilter, format!("there is no attribute `{path}` to filter by"))
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The one that `word` means, in any case.
    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(path, operator, literal) => {
                write!(f, "{path} {} {literal}", operator.as_str())
            }
            Self::AnyValue(path, inner) => write!(f, "{path}[{inner}]"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::All(several) => join(f, several, " and "),
            Self::Any(several) => join(f, several, " or "),
        }
    }
}

/// Prints what is joined. `and` binds tighter than `or`, so only an `Any` inside an `All` needs brackets.
fn join(f: &mut fmt::Formatter<'_>, several: &[Filter], word: &str) -> fmt::Result {
    for (index, one) in several.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match one {
            Filter::Any(_) => write!(f, "({one})")?,
            _ => write!(f, "{one}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
        }
    }
}
