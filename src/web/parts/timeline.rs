//! What happened to an action or a person, in order.

use askama::Template;

use super::{Icon, Moment};

/// One thing that happened.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<li class="{{ class }}">{{ icon }}<span>{{ says }}{% if let Some(quote) = quote %}<q>{{ quote }}</q>{% endif %}{% if let Some(answered) = answered %}<small>{{ answered }}</small>{% endif %}</span>{% if let Some((href, number)) = action %}<a class="link num" href="{{ href }}">{{ number }}</a>{% endif %}{{ at }}</li>"#,
    ext = "html"
)]
pub struct TimelineEntry {
    /// A picture of it.
    pub icon: Icon,
    /// `good`, `bad`, `waits` or nothing: the colour of the picture.
    pub class: &'static str,
    /// Who did what: `Ana Lima approved it`.
    pub says: String,
    /// What was said with it: a reason, a cause.
    pub quote: Option<String>,
    /// What was asked of the app, and what it answered: `POST 201`.
    pub answered: Option<String>,
    /// The page of the action it is about, and its number: `#12`.
    pub action: Option<(String, String)>,
    /// When.
    pub at: Moment,
}
