//! Filters: the grammar of RFC 7644 section 3.4.2.2, and what matches one.

mod matches;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Number;

pub(super) use self::parse::beginning_of;
pub use self::parse::{BadFilter, MAX_DEPTH, MAX_LENGTH};
use super::AttrPath;

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

    /// Every attribute it names outside brackets, so that a service can refuse those it does not know.
    pub fn attributes(&self) -> Box<dyn Iterator<Item = &AttrPath> + '_> {
        match self {
            Self::Present(path) | Self::Compare(path, ..) | Self::AnyValue(path, _) => {
                Box::new(std::iter::once(path))
            }
            Self::Not(inner) => inner.attributes(),
            Self::All(several) | Self::Any(several) => {
                Box::new(several.iter().flat_map(Self::attributes))
            }
        }
    }
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
