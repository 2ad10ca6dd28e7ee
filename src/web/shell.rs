//! What stands around every page of a signed-in administrator.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Callout, Icon, Moment, Tone, Who},
    paths,
};

/// Which entry of the navigation is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
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

    /// Nothing is sent until what EchoSign refused is mended. `may_mend`: the reader may.
    #[must_use]
    pub fn paused(because: impl Into<String>, since: Moment, may_mend: bool) -> Self {
        Self {
            tone: Tone::Bad,
            icon: Icon::Pause,
            title: "EchoSign is paused.",
            text: because.into(),
            since: Some(since),
            link: may_mend.then(|| (paths::CONFIGURATION.to_owned(), "Mend the connection")),
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
