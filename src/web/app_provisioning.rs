//! `/apps/echosign/provisioning`: what is provisioned in EchoSign, and what of it needs a person.

use askama::Template;

use super::{
    app_head::AppHead,
    app_review::Review,
    parts::{Callout, CheckBox, Choice, Icon, Select},
    paths,
    shell::Shell,
};
use crate::directory::held_store::GroupChoice;

/// The settings as they are.
#[expect(clippy::struct_excessive_bools, reason = "each is one check box of the form")]
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// *Enable provisioning.*
    pub enabled: bool,
    /// *Create user* needs approval.
    pub create: bool,
    /// *Update user* needs approval.
    pub update: bool,
    /// *Suspend user* needs approval.
    pub suspend: bool,
    /// *Delete user* needs approval.
    pub delete: bool,
    /// Whoever asked for a change cannot approve it.
    pub four_eyes: bool,
    /// The word of what becomes of a deleted user's account: `delete`, `suspend`, `nothing`.
    pub on_delete: &'static str,
    /// The word of what becomes of a suspended user's account: `suspend`, `nothing`.
    pub on_suspend: &'static str,
}

/// The settings of provisioning.
#[derive(Debug, Template)]
#[template(path = "app_provisioning.html")]
pub struct ProvisioningPage {
    shell: Shell,
    head: AppHead,
    may_edit: bool,
    connected: bool,
    after: Vec<Callout>,
    missing: Option<String>,
    groups: Vec<GroupChoice>,
    enabled: CheckBox,
    approvals: [CheckBox; 4],
    four_eyes: CheckBox,
    on_delete: Select,
    on_suspend: Select,
    review: Option<Review>,
}

impl ProvisioningPage {
    /// The form. `connected`: EchoSign is, so that provisioning can be on; `may_edit`: the reader may change it.
    #[must_use]
    pub fn new(
        shell: Shell,
        head: AppHead,
        settings: Settings,
        connected: bool,
        may_edit: bool,
    ) -> Self {
        let disabled = !may_edit;
        let check = |name, label, hint, checked| CheckBox { name, label, hint, checked, disabled };
        let select = |name, label, choices: &[(&'static str, &'static str)], chosen: &str| Select {
            name,
            label,
            hint: "",
            choices: choices.iter().map(|&(value, label)| Choice { value, label }).collect(),
            chosen: chosen.to_owned(),
            disabled,
        };
        let enabled = check(
            "enabled",
            "Enable provisioning",
            "Changes to people are queued for EchoSign, and approved ones are sent.",
            settings.enabled,
        );
        Self {
            shell,
            head,
            may_edit,
            connected,
            after: Vec::new(),
            missing: None,
            groups: Vec::new(),
            enabled: CheckBox { disabled: !may_edit || !connected, ..enabled },
            approvals: [
                check(
                    "create",
                    "Create user",
                    "Reactivating one too: it gives access just the same.",
                    settings.create,
                ),
                check("update", "Update user", "", settings.update),
                check("suspend", "Suspend user", "", settings.suspend),
                check("delete", "Delete user", "", settings.delete),
            ],
            four_eyes: check(
                "fourEyes",
                "Four eyes: whoever asked for a change cannot approve it",
                "Nor can the person it is about.",
                settings.four_eyes,
            ),
            on_delete: select(
                "onDelete",
                "When users are deleted",
                &[("delete", "Delete"), ("suspend", "Suspend"), ("nothing", "Do nothing")],
                settings.on_delete,
            ),
            on_suspend: select(
                "onSuspend",
                "When users are suspended",
                &[("suspend", "Suspend"), ("nothing", "Do nothing")],
                settings.on_suspend,
            ),
            review: None,
        }
    }

    /// Says what a change of the settings left as it was: `12 updates still wait for approval`.
    #[must_use]
    pub fn saying(self, after: Vec<Callout>) -> Self {
        Self { after, ..self }
    }

    /// Offers groups whose people are never changed without approval.
    #[must_use]
    pub fn with_groups(self, groups: Vec<GroupChoice>) -> Self {
        Self { groups, ..self }
    }

    /// Says what a reviewer has to give and is told.
    #[must_use]
    pub fn reviewed(self, review: Review) -> Self {
        Self { review: Some(review), ..self }
    }

    /// Says that people have no account yet, and offers to queue them: `204 people have no account in EchoSign yet.`
    #[must_use]
    pub fn missing(self, says: impl Into<String>) -> Self {
        Self { missing: Some(says.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::kernel::GroupId;
    use crate::web::{
        app_head::{AppTab, Connected},
        parts::{Moment, Tone},
        samples::{NOW, draw, shell},
        shell::{Place, done},
    };

    const CAREFUL: Settings = Settings {
        enabled: true,
        create: true,
        update: true,
        suspend: true,
        delete: true,
        four_eyes: true,
        on_delete: "suspend",
        on_suspend: "suspend",
    };

    fn page(settings: Settings, connected: bool, may_edit: bool) -> ProvisioningPage {
        let since = Moment::ago(NOW - Duration::minutes(4), NOW);
        let state = if connected { Connected::Since(since) } else { Connected::Never };
        let head = AppHead::new("EchoSign", state, settings.enabled, AppTab::Provisioning);
        ProvisioningPage::new(
            shell("EchoSign", Place::EchoSign, &["Apps", "EchoSign"]),
            head,
            settings,
            connected,
            may_edit,
        )
    }

    #[test]
    fn the_words_are_those_of_the_article() {
        let html = draw("settings", &page(CAREFUL, true, true));

        for words in [
            "Enable provisioning",
            "Require admin approval before this action is performed in EchoSign",
            "Create user",
            "Update user",
            "Suspend user",
            "Delete user",
            "When users are deleted",
            "When users are suspended",
            "Do nothing",
            "Save",
        ] {
            assert!(html.contains(words), "{words}");
        }
        assert_eq!(html.matches(" checked").count(), 6);
    }

    #[test]
    fn after_a_save_what_still_waits_and_who_is_missing_is_said() {
        let waits = Callout::new(Tone::Note, "12 updates still wait for approval. Clearing the box lets new ones through and releases none of these.")
            .leading_to("/users/provisioning?q=action:update", "Look at them");
        let saved = page(Settings { update: false, ..CAREFUL }, true, true)
            .saying(vec![done("Saved."), waits])
            .missing("204 people have no account in EchoSign yet.");

        let html = draw("settings-saved", &saved);

        assert!(html.contains("12 updates still wait") && html.contains(paths::QUEUE_MISSING));
    }

    #[test]
    fn groups_whose_changes_always_wait_are_ticked() {
        let id = GroupId::at(NOW);
        let finance =
            GroupChoice { id, name: "Finance".to_owned(), source: "Okta".to_owned(), held: true };
        let legal = GroupChoice { name: "Legal".to_owned(), held: false, ..finance.clone() };

        let html =
            draw("settings-groups", &page(CAREFUL, true, true).with_groups(vec![finance, legal]));

        assert!(html.contains("Finance") && html.contains(paths::HELD_GROUPS));
        assert_eq!(html.matches(&format!(r#"value="{id}" checked"#)).count(), 1);
    }

    #[test]
    fn provisioning_cannot_be_switched_on_before_there_is_a_connection() {
        let html = draw(
            "settings-unconnected",
            &page(Settings { enabled: false, ..CAREFUL }, false, true),
        );

        assert!(html.contains(r#"name="enabled" value="on" disabled"#));
    }

    #[test]
    fn who_may_only_read_has_nothing_to_save() {
        let html = draw("settings-reader", &page(CAREFUL, true, false));

        assert!(!html.contains("Save</button>"));
    }
}
