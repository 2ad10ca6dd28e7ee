//! What a change does to an account, in full for a decision.

use askama::Template;

use super::{Icon, Moment, label};
use crate::apps::change::{Attributes, Change, Content, Kind, Value};

/// One attribute, now and as proposed. `None` is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRow {
    label: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// Whether it was not so when it was approved.
    moved: bool,
}

impl DiffRow {
    /// The row of one change.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        Self {
            label: label(change.attribute),
            from: change.from.as_ref().map(Value::to_string),
            to: change.to.as_ref().map(Value::to_string),
            moved: false,
        }
    }
}

/// Why the app could not be read, and when it told what is shown instead.
#[derive(Debug, Clone)]
struct Unread {
    why: String,
    had: Option<Moment>,
    class: &'static str,
    icon: Icon,
}

/// What an account is now and what it shall be; what stays is folded away.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/diff.html")]
pub struct Diff {
    changed: Vec<DiffRow>,
    same: Vec<(&'static str, String)>,
    from_nothing: bool,
    app: String,
    heading: Option<(String, Option<Moment>)>,
    read: Option<Moment>,
    unread: Option<Unread>,
    past: bool,
}

impl Diff {
    /// `content` beside what the app has; `now` is `None` when it has no such account.
    #[must_use]
    pub fn of(content: &Content, now: Option<&Attributes>, app: impl Into<String>) -> Self {
        let touched =
            |attribute| content.changes.iter().any(|change| change.attribute == attribute);
        let same = now
            .into_iter()
            .flatten()
            .filter(|(attribute, _)| !touched(**attribute))
            .map(|(attribute, value)| (label(*attribute), value.to_string()))
            .collect();
        Self {
            changed: content.changes.iter().map(DiffRow::of).collect(),
            same,
            from_nothing: content.kind == Kind::Create && now.is_none(),
            app: app.into(),
            heading: None,
            read: None,
            unread: None,
            past: false,
        }
    }

    /// With a heading of its own, and what it tells of: `What Paula approved`, 5 min ago.
    #[must_use]
    pub fn headed(self, heading: impl Into<String>, at: Option<Moment>) -> Self {
        Self { heading: Some((heading.into(), at)), ..self }
    }

    /// Marks what was not so when `approved` was approved.
    #[must_use]
    pub fn since(mut self, approved: &[Change]) -> Self {
        let approved: Vec<_> = approved.iter().map(DiffRow::of).collect();
        for row in &mut self.changed {
            row.moved = !approved.contains(row);
        }
        self
    }

    /// Of an action that is over: what it was about, and not what is now.
    #[must_use]
    pub fn past(self) -> Self {
        Self { past: true, ..self }
    }

    /// Says that the app was read at `read`.
    #[must_use]
    pub fn read(self, read: Moment) -> Self {
        Self { read: Some(read), ..self }
    }

    /// Says why the app could not be read; what is shown is what it had at `had`.
    #[must_use]
    pub fn unread(self, why: impl Into<String>, had: Option<Moment>) -> Self {
        let unread = Unread { why: why.into(), had, class: "bad", icon: Icon::Unplugged };
        Self { unread: Some(unread), ..self }
    }

    /// Says why the app was not asked, where nothing is wrong with that.
    #[must_use]
    pub fn unasked(self, why: impl Into<String>, had: Option<Moment>) -> Self {
        let unread = Unread { why: why.into(), had, class: "quiet", icon: Icon::Info };
        Self { unread: Some(unread), ..self }
    }

    /// What a screen reader calls the table.
    fn caption(&self) -> String {
        match &self.heading {
            Some((heading, _)) => heading.clone(),
            None => format!("What {} has now and what is proposed", self.app),
        }
    }

    /// `9 attributes stay as they are`
    fn stays(&self) -> String {
        match self.same.len() {
            1 => "1 attribute stays as it is".to_owned(),
            many => format!("{many} attributes stay as they are"),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        apps::change::Attribute,
        kernel::{AppId, UserId},
    };

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn change(attribute: Attribute, from: &str, to: &str) -> Change {
        let value = |text: &str| Some(Value::Text(text.to_owned()));
        Change { attribute, from: value(from), to: value(to) }
    }

    fn update(changes: Vec<Change>) -> Content {
        Content { app: AppId::at(NOW), account: UserId::at(NOW), kind: Kind::Update, changes }
    }

    #[test]
    fn what_is_not_as_it_was_approved_is_marked_and_what_is_so_is_not() {
        let (title, phone) =
            (change(Attribute::Title, "Clerk", "Director"), change(Attribute::Phone, "1", "2"));
        let approved = [change(Attribute::Title, "Analyst", "Director"), phone.clone()];

        let diff = Diff::of(&update(vec![title, phone]), None, "EchoSign").since(&approved);

        assert_eq!(diff.changed.iter().map(|row| row.moved).collect::<Vec<_>>(), [true, false]);
        assert_eq!(diff.to_string().matches("changed since").count(), 1);
    }

    #[test]
    fn an_app_that_does_not_answer_is_shown_as_it_was_and_since_when() {
        let diff = Diff::of(&update(Vec::new()), None, "EchoSign");

        let known = diff.clone().unread("EchoSign does not answer.", Some(Moment::ago(NOW, NOW)));
        let unknown = diff.unread("EchoSign does not answer.", None);

        assert!(known.to_string().contains("EchoSign does not answer. Shown is what it had <time"));
        assert!(!unknown.to_string().contains("Shown is"));
    }

    #[test]
    fn a_value_cannot_bring_markup() {
        let content = update(vec![change(Attribute::Title, "<del>", "</ins><script>")]);
        let now = Attributes::from([(Attribute::Phone, Value::Text("<i>".to_owned()))]);
        let diff = Diff::of(&content, Some(&now), "<App>").unread("<b>", None).headed("<u>", None);

        let drawn = diff.to_string();

        for markup in ["<del><del>", "<script>", "<i>", "<App>", "<b>", "<u>"] {
            assert!(!drawn.contains(markup), "{markup} in {drawn}");
        }
    }
}
