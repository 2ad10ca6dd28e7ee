//! Something the reader should know before they go on.

use askama::Template;

use super::Icon;

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// Good to know.
    Note,
    /// Think before you go on.
    Warn,
    /// It went wrong.
    Bad,
    /// A remark.
    Quiet,
}

impl Tone {
    /// The class it is coloured by.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }

    /// The icon that goes with it.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Good,
            Self::Note | Self::Quiet => Icon::Info,
            Self::Warn => Icon::Warning,
            Self::Bad => Icon::Error,
        }
    }

    /// How a screen reader is told: at once when it went wrong, politely otherwise.
    const fn role(self) -> &'static str {
        match self {
            Self::Bad | Self::Warn => "alert",
            Self::Good | Self::Note | Self::Quiet => "status",
        }
    }
}

/// One line of a message's list: perhaps a link, then words.
#[derive(Debug, Clone)]
struct Item {
    link: Option<(String, String)>,
    says: String,
}

/// A message in a coloured box: a heading, a sentence, perhaps a list and a way on.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/callout.html")]
pub struct Callout {
    tone: Tone,
    title: String,
    text: String,
    items: Vec<Item>,
    link: Option<(String, String)>,
    announced: bool,
}

impl Callout {
    /// One sentence.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { tone, title: String::new(), text, items: Vec::new(), link: None, announced: false }
    }

    /// With a heading above the sentence.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// With a list under the sentence.
    #[must_use]
    pub fn listing(self, items: Vec<String>) -> Self {
        let items = items.into_iter().map(|says| Item { link: None, says }).collect();
        Self { items, ..self }
    }

    /// With one more line of the list, which begins with a link.
    #[must_use]
    pub fn naming(
        mut self,
        href: impl Into<String>,
        words: impl Into<String>,
        says: impl Into<String>,
    ) -> Self {
        self.items.push(Item { link: Some((href.into(), words.into())), says: says.into() });
        self
    }

    /// With a link that leads on.
    #[must_use]
    pub fn leading_to(self, href: impl Into<String>, words: impl Into<String>) -> Self {
        Self { link: Some((href.into(), words.into())), ..self }
    }

    /// Read out by a screen reader when it appears: for what answers something the reader did.
    #[must_use]
    pub fn announced(self) -> Self {
        Self { announced: true, ..self }
    }
}
