//! What stands around every page of a signed-in administrator.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Callout, Icon, Moment, Tone, Who},
    paths,
};
use crate::{apps::PausedBy, kernel::sentence};

/// Which entry of the navigation is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Overview
    Overview,
    /// Users > People
    People,
    /// Users > Provisioning
    Queue,
    /// Apps > EchoSign
    EchoSign,
    /// Evidence > Activity
    Activity,
    /// Settings > Sources
    Sources,
    /// None of them.
    Elsewhere,
}

/// A step of the way that led here; the last one has no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: Option<String>,
}

impl Crumb {
    /// A step to go back to.
    #[must_use]
    pub fn to(name: impl Into<String>, href: impl Into<String>) -> Self {
        Self { name: name.into(), href: Some(href.into()) }
    }

    /// The group or page that has no address of its own.
    #[must_use]
    pub fn at(name: impl Into<String>) -> Self {
        Self { name: name.into(), href: None }
    }
}

/// What holds for the whole house just now and a reader of any page should know.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/banner.html")]
pub struct Banner {
    tone: Tone,
    icon: Icon,
    title: &'static str,
    text: String,
    since: Option<Moment>,
    link: Option<(String, &'static str)>,
}
impl HtmlSafe for Banner {}

impl Banner {
    /// This is the demo; its EchoSign is a stand-in that shows its accounts at `sandbox`.
    #[must_use]
    pub fn demo(sandbox: impl Into<String>) -> Self {
        Self {
            tone: Tone::Note,
            icon: Icon::Demo,
            title: "This is a demo.",
            text: "EchoSign here is a stand-in that Countersign brings along: nothing leaves this machine."
                .to_owned(),
            since: None,
            link: Some((sandbox.into(), "See its accounts")),
        }
    }

    /// No app is connected: nothing can be sent. `may_mend`: the reader may connect it.
    #[must_use]
    pub fn unconnected(may_mend: bool) -> Self {
        Self {
            tone: Tone::Warn,
            icon: Icon::Unplugged,
            title: "EchoSign is not connected.",
            text: "Nothing is queued or sent until it is.".to_owned(),
            since: None,
            link: may_mend.then(|| (paths::CONFIGURATION.to_owned(), "Connect it")),
        }
    }

    /// The app is connected and provisioning is switched off. `may_mend`: the reader may switch it on.
    #[must_use]
    pub fn switched_off(may_mend: bool) -> Self {
        Self {
            tone: Tone::Note,
            icon: Icon::Info,
            title: "Provisioning is off.",
            text: "Changes to people are kept here and not queued for EchoSign.".to_owned(),
            since: None,
            link: may_mend.then(|| (paths::PROVISIONING.to_owned(), "Switch it on")),
        }
    }

    /// Nothing is sent: somebody stopped it, EchoSign refused what everything needs, or too many tries failed.
    /// `may_end`: the reader may do what ends it.
    #[must_use]
    pub fn paused(by: PausedBy, because: &str, since: Moment, may_end: bool) -> Self {
        let (tone, href, words) = match by {
            PausedBy::Person => (Tone::Warn, paths::SENDING, "Resume"),
            PausedBy::Refusal => (Tone::Bad, paths::CONFIGURATION, "Mend the connection"),
            PausedBy::Failures => (Tone::Bad, paths::SENDING, "Ask it now"),
        };
        Self {
            tone,
            icon: Icon::Pause,
            title: "EchoSign is paused.",
            text: sentence(because),
            since: Some(since),
            link: may_end.then(|| (href.to_owned(), words)),
        }
    }

    /// What was approved by then is sent, and nothing after that.
    #[must_use]
    pub fn drains(since: Moment) -> Self {
        Self {
            tone: Tone::Note,
            icon: Icon::Send,
            title: "EchoSign is about to be paused.",
            text: "What was approved is still sent; what is approved now waits.".to_owned(),
            since: Some(since),
            link: Some((paths::SENDING.to_owned(), "How it stands")),
        }
    }
}

/// What became of what the reader just did; shown once.
pub type Flash = Callout;

/// The shell: title, navigation, who is signed in, and what is to be known on any page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The page's title.
    pub title: String,
    /// Which entry of the navigation is lit.
    pub place: Place,
    /// The way that led here.
    pub crumbs: Vec<Crumb>,
    /// Who is signed in.
    pub me: Who,
    /// Their role, in a word.
    pub role: &'static str,
    /// How many actions wait for a decision; `None` for none.
    pub waiting: Option<String>,
    /// What holds for the whole house.
    pub banners: Vec<Banner>,
    /// What became of what the reader just did.
    pub flash: Option<Flash>,
}

/// A flash that says that it went well.
#[must_use]
pub fn done(says: impl Into<String>) -> Flash {
    Callout::new(Tone::Good, says).announced()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::NOW;

    fn paused(by: PausedBy, may_end: bool) -> String {
        let because = "Ruth Varga paused it: <b>tonight</b>";
        Banner::paused(by, because, Moment::ago(NOW, NOW), may_end).to_string()
    }

    #[test]
    fn a_banner_leads_to_what_ends_the_pause() {
        let table = [
            (PausedBy::Person, "banner warn", paths::SENDING, "Resume"),
            (PausedBy::Refusal, "banner bad", paths::CONFIGURATION, "Mend the connection"),
            (PausedBy::Failures, "banner bad", paths::SENDING, "Ask it now"),
        ];
        for (by, tone, href, words) in table {
            let drawn = paused(by, true);

            assert!(drawn.contains(tone), "{drawn}");
            assert!(drawn.contains(&format!(r#"<a href="{href}">{words}</a>"#)), "{drawn}");
            assert!(!paused(by, false).contains("<a "), "{by}: there is nothing they could do");
        }
    }

    #[test]
    fn a_reason_ends_before_the_next_sentence_begins_and_brings_no_markup() {
        let drawn = paused(PausedBy::Person, false);

        assert!(drawn.contains("&#60;b&#62;tonight&#60;/b&#62;. It began"), "{drawn}");
        assert_eq!([sentence("So."), sentence("So?")], ["So.", "So?"]);
    }

    #[test]
    fn what_drains_is_told_quietly() {
        let drawn = Banner::drains(Moment::ago(NOW, NOW)).to_string();

        assert!(drawn.contains("banner note") && drawn.contains(paths::SENDING), "{drawn}");
    }
}
