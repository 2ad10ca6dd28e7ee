//! What stands on top of the pages of an app.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Moment, Tab},
    paths,
};
use crate::apps::PausedBy;

/// Which page of the app it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppTab {
    /// How it is reached.
    Configuration,
    /// What is provisioned in it.
    Provisioning,
    /// Whether, and how fast, approved actions are sent.
    Sending,
}

/// How the connection to an app is.
#[derive(Debug, Clone)]
pub enum Connected {
    /// It never was.
    Never,
    /// It answered when it was last asked.
    Since(Moment),
    /// It is paused once what was approved by then is sent.
    Drains(Moment),
    /// Nothing is sent.
    Paused(Moment, PausedBy),
}

/// The name, the state and the tabs of an app.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/app_head.html")]
pub struct AppHead {
    name: String,
    connected: Connected,
    provisioning: bool,
    tabs: [Tab; 3],
}
impl HtmlSafe for AppHead {}

impl AppHead {
    /// The head of `tab`; `provisioning` is whether it is switched on.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        connected: Connected,
        provisioning: bool,
        tab: AppTab,
    ) -> Self {
        let to = |name, href: &str, here| Tab {
            href: href.to_owned(),
            name,
            count: None,
            bad: false,
            here: tab == here,
        };
        Self {
            name: name.into(),
            connected,
            provisioning,
            tabs: [
                to("Configuration", paths::CONFIGURATION, AppTab::Configuration),
                to("Provisioning", paths::PROVISIONING, AppTab::Provisioning),
                to("Sending", paths::SENDING, AppTab::Sending),
            ],
        }
    }
}
