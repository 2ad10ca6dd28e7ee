//! `/apps/echosign/sending`: whether, and how fast, approved actions are sent to EchoSign.

use std::collections::BTreeSet;

use askama::Template;

use super::{
    app_head::AppHead,
    parts::{Callout, ErrorSummary, Field, Icon, Moment, label},
    paths,
    shell::Shell,
};
use crate::{
    apps::{PausedBy, change::Attribute},
    directory::FieldError,
};

/// How long an approval can be undone, as it is offered; in seconds.
const OFFERED: [u16; 6] = [0, 30, 60, 120, 300, 600];

/// What the choice of a delay is called.
const UNDO: &str = "An approval can be undone for";

/// Whether anything is sent.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It is.
    Sends,
    /// It cannot be: EchoSign is not connected, or provisioning is off.
    Off(&'static str),
    /// EchoSign asked for nothing to be sent for so long: `12 min`.
    Rests(String),
    /// What was approved by then is, and nothing after that.
    Drains(Moment),
    /// It is not.
    Paused {
        /// Since when.
        at: Moment,
        /// Who or what stopped it.
        by: PausedBy,
        /// Why, and what to mend.
        because: String,
    },
}

/// How sending stands at the moment.
#[derive(Debug, Clone)]
pub struct Now {
    /// Whether anything is sent.
    pub standing: Standing,
    /// How many actions are approved and not done yet, where any are: a sentence.
    pub unsent: Option<String>,
    /// How fast it may go, where that is limited: a sentence.
    pub pace: Option<String>,
}

/// The settings as they are or were typed.
#[derive(Debug, Clone, Default)]
pub struct SendingDraft {
    /// How long an approval can be undone.
    pub undo_seconds: u16,
    /// Requests a minute; empty for no limit.
    pub rate: String,
    /// A change of these in EchoSign does not bring an action back.
    pub anyway: BTreeSet<Attribute>,
}

/// One attribute that may be sent anyway.
#[derive(Debug, Clone)]
struct Anyway {
    word: &'static str,
    label: String,
    checked: bool,
}

/// Whether, and how fast, approved actions are sent.
#[derive(Debug, Template)]
#[template(path = "app_sending.html")]
pub struct SendingPage {
    shell: Shell,
    head: AppHead,
    may_stop: bool,
    may_edit: bool,
    result: Option<Callout>,
    now: Now,
    reason: Field,
    errors: ErrorSummary,
    undo: Vec<(u16, String)>,
    undo_chosen: u16,
    undo_error: Option<String>,
    rate: Field,
    anyway: Vec<Anyway>,
}

impl SendingPage {
    /// How sending stands and the settings, for somebody who may only read them.
    #[must_use]
    pub fn new(shell: Shell, head: AppHead, now: Now, stored: &SendingDraft) -> Self {
        let page = Self {
            shell,
            head,
            may_stop: false,
            may_edit: false,
            result: None,
            now,
            reason: reason(String::new()),
            errors: ErrorSummary::default(),
            undo: Vec::new(),
            undo_chosen: 0,
            undo_error: None,
            rate: rate(""),
            anyway: Vec::new(),
        };
        page.typed(stored, &[])
    }

    /// For somebody who may do more. `may_stop`: pause and resume; `may_edit`: change the settings.
    #[must_use]
    pub fn for_whom(self, may_stop: bool, may_edit: bool) -> Self {
        Self { may_stop, may_edit, ..self }
    }

    /// With the settings as they were typed, and what is wrong with them: fields `undoSeconds`, `rate`.
    #[must_use]
    pub fn typed(self, draft: &SendingDraft, errors: &[FieldError]) -> Self {
        let rate = rate(&draft.rate).refused(errors);
        let undo = Field::text("undoSeconds", UNDO, draft.undo_seconds.to_string()).refused(errors);
        let offered: BTreeSet<u16> = OFFERED.into_iter().chain([draft.undo_seconds]).collect();
        let anyway = |attribute: &Attribute| Anyway {
            word: attribute.word(),
            label: capital(label(*attribute)),
            checked: draft.anyway.contains(attribute),
        };
        Self {
            errors: ErrorSummary::of([&undo, &rate]),
            undo_error: undo.error().map(str::to_owned),
            rate,
            undo: offered.into_iter().map(|seconds| (seconds, told(seconds))).collect(),
            undo_chosen: draft.undo_seconds,
            anyway: Attribute::ALL.iter().map(anyway).collect(),
            ..self
        }
    }

    /// With the reason of a pause as it was typed, and what is wrong with it: field `reason`.
    #[must_use]
    pub fn because(self, typed: String, errors: &[FieldError]) -> Self {
        let reason = reason(typed).refused(errors);
        Self { errors: ErrorSummary::of([&reason]), reason, ..self }
    }

    /// With what became of what the reader just did.
    #[must_use]
    pub fn saying(self, result: Callout) -> Self {
        Self { result: Some(result.announced()), ..self }
    }

    /// The field of the rate, for whoever may change it or not.
    fn rate(&self) -> Field {
        if self.may_edit { self.rate.clone() } else { self.rate.clone().disabled() }
    }
}

fn reason(typed: String) -> Field {
    Field::text("reason", "Reason", typed)
        .optional()
        .hint("Stands on every page while it is paused, and in the history.")
}

fn rate(typed: &str) -> Field {
    Field::text("rate", "Requests a minute", typed)
        .kind("number")
        .hint("Empty for no limit. Looking an account up counts too.")
}

/// As it begins a line.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A delay, as it is offered.
fn told(seconds: u16) -> String {
    match seconds {
        0 => "Off: it is sent at once".to_owned(),
        60 => "1 minute".to_owned(),
        minutes if minutes % 60 == 0 => format!("{} minutes", minutes / 60),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::web::{
        app_head::{AppTab, Connected},
        parts::Tone,
        samples::{NOW, draw, shell},
        shell::{Banner, Place},
    };

    fn ago(minutes: i64) -> Moment {
        Moment::ago(NOW - Duration::minutes(minutes), NOW)
    }

    fn known() -> SendingDraft {
        let anyway = BTreeSet::from([Attribute::Title, Attribute::Phone]);
        SendingDraft { undo_seconds: 30, rate: "60".to_owned(), anyway }
    }

    fn page(standing: Standing, connected: Connected, banner: Option<Banner>) -> SendingPage {
        let head = AppHead::new("EchoSign", connected, true, AppTab::Sending);
        let mut shell = shell("EchoSign", Place::EchoSign, &["Apps", "EchoSign"]);
        shell.banners = banner.into_iter().collect();
        let unsent = Some("14 approved actions are not done yet.".to_owned());
        let pace = Some("At most 60 requests a minute, 10 of them right now.".to_owned());
        SendingPage::new(shell, head, Now { standing, unsent, pace }, &known()).for_whom(true, true)
    }

    fn sends() -> SendingPage {
        page(Standing::Sends, Connected::Since(ago(4)), None)
    }

    fn paused(by: PausedBy, because: &str) -> SendingPage {
        let banner = Banner::paused(by, because, ago(9), true);
        let standing = Standing::Paused { at: ago(9), by, because: because.to_owned() };
        page(standing, Connected::Paused(ago(9), by), Some(banner))
    }

    #[test]
    fn what_is_sent_can_be_paused_at_once_or_at_the_end() {
        let html = draw("sending", &sends());

        assert!(html.contains("Approved actions are sent."));
        assert!(html.contains("14 approved actions") && html.contains("10 of them right now"));
        assert!(html.contains(paths::PAUSE) && html.contains(paths::DRAIN));
        assert!(!html.contains(paths::RESUME));
    }

    #[test]
    fn what_is_paused_says_why_and_can_be_resumed() {
        let table = [
            (PausedBy::Person, "Ruth Varga paused it: Their release is tonight."),
            (
                PausedBy::Refusal,
                "EchoSign refused the token (401). Create a new token there and press Connect.",
            ),
            (
                PausedBy::Failures,
                "10 of the last 20 tries failed. EchoSign answered 503. It is asked again from time to time, and goes on by itself once it answers.",
            ),
        ];
        for (by, because) in table {
            let html = draw(&format!("sending-paused-{by}"), &paused(by, because));

            assert_eq!(html.matches(because).count(), 2, "{by}: on top and in the page");
            assert!(html.contains(paths::RESUME) && html.contains("EchoSign is asked first."));
            assert!(!html.contains(paths::DRAIN) && !html.contains(paths::PAUSE));
        }
    }

    #[test]
    fn what_drains_can_go_on_or_stop_now() {
        let page =
            page(Standing::Drains(ago(2)), Connected::Drains(ago(2)), Some(Banner::drains(ago(2))));

        let html = draw("sending-drains", &page);

        assert!(html.contains("Pause now") && html.contains(paths::RESUME));
        assert!(!html.contains(paths::DRAIN));
    }

    #[test]
    fn what_rests_says_for_how_long() {
        let page = page(Standing::Rests("12 min".to_owned()), Connected::Since(ago(4)), None);

        assert!(draw("sending-rests", &page).contains("nothing is sent for another 12 min."));
    }

    #[test]
    fn what_cannot_be_sent_to_cannot_be_paused() {
        let off = Standing::Off("EchoSign is not connected.");
        let page = page(off, Connected::Never, Some(Banner::unconnected(true)));

        let html = draw("sending-off", &page);

        assert!(html.contains("Nothing is sent. EchoSign is not connected."));
        assert!(!html.contains(paths::PAUSE) && !html.contains(paths::RESUME));
    }

    #[test]
    fn a_resume_that_was_not_answered_says_so_on_top() {
        let says = "EchoSign does not answer. Nothing was changed: it stays paused.";
        let page = paused(PausedBy::Person, "Ruth Varga paused it.")
            .saying(Callout::new(Tone::Bad, says).titled("Not resumed."));

        let html = draw("sending-unanswered", &page);

        assert!(html.contains(says) && html.contains(r#"role="alert""#));
    }

    #[test]
    fn a_rate_that_cannot_be_is_refused_beside_its_field_and_what_was_typed_stays() {
        let anyway = BTreeSet::from([Attribute::Email]);
        let typed = SendingDraft { undo_seconds: 120, rate: "0".to_owned(), anyway };
        let says = "Must be 1 to 60000 requests a minute, or empty for no limit.".to_owned();

        let html =
            draw("sending-errors", &sends().typed(&typed, &[FieldError { field: "rate", says }]));

        assert!(html.contains(r##"<a href="#rate">Requests a minute</a>"##));
        assert!(html.contains(r#"type="number" value="0""#) && html.contains("rate-error"));
        assert!(
            html.contains(r#"value="120" selected"#) && html.contains(r#"value="email" checked"#)
        );
        assert!(!html.contains(r#"value="title" checked"#));
    }

    #[test]
    fn a_reason_that_cannot_be_kept_is_refused_beside_its_field() {
        let says = "A reason is one line of at most 1,000 characters.".to_owned();
        let errors = [FieldError { field: "reason", says }];

        let html = draw("sending-reason", &sends().because("too long".to_owned(), &errors));

        assert!(html.contains(r#"value="too long""#) && html.contains("reason-error"));
    }

    #[test]
    fn a_delay_that_is_not_offered_is_shown_where_it_is_stored() {
        let odd = SendingDraft { undo_seconds: 45, ..known() };

        let (offered, stored) = (draw("sending", &sends()), sends().typed(&odd, &[]).to_string());

        for words in ["Off: it is sent at once", "30 seconds", "1 minute<", "10 minutes"] {
            assert!(offered.contains(words), "{words}");
        }
        assert!(!offered.contains("45 seconds"));
        assert!(stored.contains(r#"value="45" selected>45 seconds"#));
    }

    #[test]
    fn who_may_only_read_can_stop_and_save_nothing() {
        let html = draw("sending-reader", &sends().for_whom(false, false));

        assert!(!html.contains("<button class=\"btn\">") && !html.contains("Save</button>"));
        assert!(html.contains("Only an owner may change this."));
        assert!(!html.contains(r#"method="post" action="/apps"#));
    }
}
