//! What pages are put together from. Each part draws itself where a template names it.

mod badge;
mod callout;
mod candidate;
mod change;
mod chart;
mod countdown;
mod diff;
mod field;
mod guide;
mod hint;
mod icon;
mod list;
mod moment;
mod request;
mod timeline;
mod views;
mod who;

pub use badge::Badge;
pub use callout::{Callout, Tone};
pub use candidate::CandidateLine;
pub use change::{ChangeLine, label};
pub use chart::{Chart, Figure, Scale, Series, Shape, Slot};
pub use countdown::{Countdown, seconds};
pub use diff::{Diff, DiffRow};
pub use field::{CheckBox, Choice, ErrorSummary, Field, Select};
pub use guide::GuideBlock;
pub use hint::hint;
pub use icon::Icon;
pub use list::{Empty, Pager, Tab, count, counted};
pub use moment::{Moment, span};
pub use request::{Attempt, Exchange, RequestBlock};
pub use timeline::TimelineEntry;
pub use views::{RefusedView, ViewLine, Views};
pub use who::Who;

/// Marks parts whose `Display` is finished HTML, so that a template does not escape it again.
/// What they were given is escaped by their own templates.
macro_rules! drawn {
    ($($part:ty),*) => { $(impl askama::filters::HtmlSafe for $part {})* };
}
drawn!(
    Attempt,
    Badge,
    Callout,
    CandidateLine,
    ChangeLine,
    Chart,
    CheckBox,
    Countdown,
    Diff,
    Empty,
    ErrorSummary
);
drawn!(
    Exchange,
    Field,
    GuideBlock,
    Icon,
    Moment,
    Pager,
    RequestBlock,
    Select,
    Tab,
    TimelineEntry,
    Views,
    Who
);
