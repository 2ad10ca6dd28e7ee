//! A word of state in its colour, with its icon.

use askama::Template;

use super::Icon;
use crate::apps::change::Kind;

/// A word of state: colour *and* icon *and* word.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(source = r#"<span class="badge {{ class }}">{{ icon }}{{ word }}</span>"#, ext = "html")]
pub struct Badge {
    class: &'static str,
    icon: Icon,
    word: String,
}

impl Badge {
    /// What an action does.
    #[must_use]
    pub fn kind(kind: Kind) -> Self {
        let (icon, word) = match kind {
            Kind::Create => (Icon::Plus, "Create"),
            Kind::Update => (Icon::Pencil, "Update"),
            Kind::Suspend => (Icon::Pause, "Suspend"),
            Kind::Reactivate => (Icon::Play, "Reactivate"),
            Kind::Delete => (Icon::Bin, "Delete"),
        };
        Self { class: kind.word(), icon, word: word.to_owned() }
    }

    /// Nothing is wrong.
    #[must_use]
    pub fn good(word: impl Into<String>) -> Self {
        Self { class: "good", icon: Icon::Good, word: word.into() }
    }

    /// Nothing is wrong, in a list where that is the rule.
    #[must_use]
    pub fn calm(word: impl Into<String>) -> Self {
        Self { class: "calm", icon: Icon::Good, word: word.into() }
    }

    /// A person has to decide.
    #[must_use]
    pub fn waits(word: impl Into<String>) -> Self {
        Self { class: "waits", icon: Icon::Clock, word: word.into() }
    }

    /// A machine is at it.
    #[must_use]
    pub fn busy(word: impl Into<String>) -> Self {
        Self { class: "busy", icon: Icon::Send, word: word.into() }
    }

    /// It did not work, and is tried again by itself.
    #[must_use]
    pub fn again(word: impl Into<String>) -> Self {
        Self { class: "warn", icon: Icon::Retry, word: word.into() }
    }

    /// Switched off on purpose.
    #[must_use]
    pub fn off(word: impl Into<String>) -> Self {
        Self { class: "warn", icon: Icon::Pause, word: word.into() }
    }

    /// Something has to be mended.
    #[must_use]
    pub fn bad(word: impl Into<String>) -> Self {
        Self { class: "bad", icon: Icon::Error, word: word.into() }
    }

    /// Over without effect.
    #[must_use]
    pub fn over(word: impl Into<String>) -> Self {
        Self { class: "", icon: Icon::Ban, word: word.into() }
    }

    /// There is none.
    #[must_use]
    pub fn none(word: impl Into<String>) -> Self {
        Self { class: "plain", icon: Icon::Minus, word: word.into() }
    }

    /// The word alone.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_colour_an_icon_and_a_word_of_its_own() {
        let badges: Vec<_> = Kind::ALL.iter().map(|kind| Badge::kind(*kind)).collect();

        for (at, one) in badges.iter().enumerate() {
            for other in &badges[at + 1..] {
                assert!(
                    one.class != other.class && one.icon != other.icon && one.word != other.word
                );
            }
        }
    }
}
