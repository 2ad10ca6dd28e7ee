//! `/users/{id}`: a person, their accounts and their story; and the page that asks before a delete.

use askama::Template;

use super::{
    parts::{Badge, Callout, ChangeLine, Icon, Moment, Pager, TimelineEntry, Who},
    paths,
    shell::Shell,
};
use crate::{directory::Profile, kernel::UserId};

/// A person's account in one app.
#[derive(Debug, Clone)]
pub struct AccountLine {
    /// The app's name.
    pub app: String,
    /// How the account is.
    pub state: Badge,
    /// The app's own id for it.
    pub remote_id: Option<String>,
    /// When the app last confirmed it.
    pub confirmed: Option<Moment>,
}

/// An action of this person, in a short list.
#[derive(Debug, Clone)]
pub struct ActionLine {
    /// Its page.
    pub href: String,
    /// What is done.
    pub kind: Badge,
    /// What changes.
    pub change: ChangeLine,
    /// How far it has come.
    pub state: Badge,
    /// When it was asked for.
    pub at: Moment,
}

/// Something that was asked for and stays rejected.
#[derive(Debug, Clone)]
pub struct RejectedLine {
    /// What was to be done.
    pub kind: Badge,
    /// What it would have changed: `title: Senior Analyst`.
    pub what: String,
    /// In which app.
    pub app: String,
    /// The page of the action that was rejected, where that was noted.
    pub href: Option<String>,
    /// Since when, where that was noted.
    pub since: Option<Moment>,
}

/// A person's page.
#[derive(Debug, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// What stands around it; the title is their name.
    pub shell: Shell,
    /// Whose page it is.
    pub id: UserId,
    /// Initials, name and address.
    pub who: Who,
    /// Whether they may work.
    pub active: bool,
    /// Whether they were deleted and their row stays only until the last action is finished.
    pub deleted: bool,
    /// What is known of them: a name and a value, `None` for nothing known.
    pub facts: Vec<(&'static str, Option<String>)>,
    /// The groups they are in: `Finance, Legal, +3`; empty when they are in none.
    pub groups: String,
    /// Where they came from: `Okta`.
    pub source: String,
    /// When they were added.
    pub created: Moment,
    /// When anything of them last changed.
    pub updated: Moment,
    /// Their accounts, one an app.
    pub accounts: Vec<AccountLine>,
    /// Their actions, newest first.
    pub actions: Vec<ActionLine>,
    /// What stays rejected, longest first.
    pub rejected: Vec<RejectedLine>,
    /// What happened to them, newest first: changes, decisions, tries and their answers.
    pub timeline: Vec<TimelineEntry>,
    /// The way to what is older.
    pub pager: Pager,
    /// Whether the reader may change them.
    pub may_edit: bool,
}

/// What is known of a person, in the order it is shown in.
#[must_use]
pub fn facts(profile: &Profile) -> Vec<(&'static str, Option<String>)> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    vec![
        ("User name", text(Some(&profile.user_name))),
        ("E-mail", text(profile.email.as_deref())),
        ("First name", text(profile.given_name.as_deref())),
        ("Last name", text(profile.family_name.as_deref())),
        ("Display name", text(profile.display_name.as_deref())),
        ("Title", text(profile.title.as_deref())),
        ("Department", text(profile.department.as_deref())),
        ("Phone", text(profile.phone.as_deref())),
    ]
}

/// Asks before a person is deleted.
#[derive(Debug, Template)]
#[template(path = "person_delete.html")]
pub struct DeletePage {
    /// What stands around it.
    pub shell: Shell,
    /// Who would be deleted.
    pub id: UserId,
    /// Their name.
    pub who: Who,
    /// What becomes of their account, by the app's settings: one line an app.
    pub consequences: Vec<Callout>,
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime};

    use super::*;
    use crate::{
        apps::change::{Attribute, Change, Kind, Value},
        directory::Draft,
        web::{
            parts::Tone,
            samples::{NOW, draw, shell, somebody},
            shell::{Place, done},
        },
    };

    fn ago(hours: i64) -> Moment {
        Moment::short(NOW - Duration::hours(hours), NOW)
    }

    fn entry(
        icon: Icon,
        class: &'static str,
        says: &str,
        quote: Option<&str>,
        hours: i64,
    ) -> TimelineEntry {
        TimelineEntry {
            icon,
            class,
            says: says.to_owned(),
            quote: quote.map(str::to_owned),
            answered: quote.is_none().then(|| "Attempt 1: GET 200, POST 201".to_owned()),
            action: Some(("/users/provisioning/act_1".to_owned(), "#1041".to_owned())),
            at: ago(hours),
        }
    }

    fn action(kind: Kind, state: Badge, hours: i64) -> ActionLine {
        let changes = [Change {
            attribute: Attribute::Title,
            from: Some(Value::Text("Analyst".to_owned())),
            to: Some(Value::Text("Senior Analyst".to_owned())),
        }];
        ActionLine {
            href: "/users/provisioning/act_1".to_owned(),
            kind: Badge::kind(kind),
            change: ChangeLine::of(kind, &changes),
            state,
            at: ago(hours),
        }
    }

    fn page(number: usize) -> PersonPage {
        let (name, mail) = somebody(number);
        let draft = Draft {
            user_name: mail.to_owned(),
            email: mail.to_owned(),
            display_name: name.to_owned(),
            title: "Senior Analyst".to_owned(),
            department: "Legal".to_owned(),
            ..Draft::default()
        };
        PersonPage {
            shell: shell(name, Place::People, &["Users", "People"]),
            id: UserId::at(OffsetDateTime::UNIX_EPOCH),
            who: Who::new(name, mail),
            active: true,
            deleted: false,
            facts: facts(&Profile::parse(&draft).expect("a profile")),
            groups: "Finance, Legal, +3".to_owned(),
            source: "Okta".to_owned(),
            created: Moment::ago(NOW - Duration::days(70), NOW),
            updated: Moment::ago(NOW - Duration::hours(3), NOW),
            accounts: vec![AccountLine {
                app: "EchoSign".to_owned(),
                state: Badge::good("Active"),
                remote_id: Some("6f2a91d0-41c1".to_owned()),
                confirmed: Some(Moment::ago(NOW - Duration::minutes(4), NOW)),
            }],
            actions: vec![
                action(Kind::Update, Badge::waits("Waiting"), 3),
                action(Kind::Create, Badge::good("Provisioned"), 1680),
            ],
            rejected: Vec::new(),
            timeline: vec![
                entry(
                    Icon::Inbox,
                    "waits",
                    "Okta changed the title. The update waits for approval.",
                    None,
                    3,
                ),
                entry(Icon::Good, "good", "EchoSign has the new account.", None, 1680),
                entry(Icon::Check, "", "Ruth Varga approved the create.", Some("HR-1182"), 1680),
                entry(Icon::PersonMore, "", "Okta added the person.", None, 1681),
            ],
            pager: Pager {
                next: Some("/users/usr_1?cursor=abc".to_owned()),
                onward: "Older",
                shown: "4 entries".to_owned(),
                ..Pager::default()
            },
            may_edit: true,
        }
    }

    #[test]
    fn a_person_shows_what_is_known_where_they_have_an_account_and_what_happened() {
        let html = draw("person", &page(1));
        draw("person-long", &page(5));

        for part in [
            "Senior Analyst",
            "6f2a91d0-41c1",
            "HR-1182",
            "In groups: Finance, Legal, +3",
            "Attempt 1: GET 200, POST 201",
            ">#1041</a>",
            "/users/usr_1?cursor=abc",
            "/edit",
            "/suspend",
            "/delete",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn what_stands_rejected_is_listed_with_since_when_and_only_where_there_is_any() {
        let rejected = |kind, what: &str, href: Option<&str>| RejectedLine {
            kind: Badge::kind(kind),
            what: what.to_owned(),
            app: "EchoSign".to_owned(),
            href: href.map(str::to_owned),
            since: href.map(|_| ago(50)),
        };
        let rejected = vec![
            rejected(Kind::Suspend, "the account is suspended", None),
            rejected(Kind::Update, "title: Senior Analyst", Some("/users/provisioning/act_7")),
        ];

        let html = draw("person-rejected", &PersonPage { rejected, ..page(1) });

        assert!(html.contains("Stands rejected") && html.contains("title: Senior Analyst"));
        assert!(html.contains("/users/provisioning/act_7"));
        assert!(!draw("person", &page(1)).contains("Stands rejected"));
    }

    #[test]
    fn a_suspended_person_can_be_reactivated_and_not_suspended_again() {
        let shell = Shell {
            flash: Some(done(
                "Marek Rybak is suspended. EchoSign follows once the change is approved.",
            )),
            ..page(1).shell
        };

        let html = draw("person-suspended", &PersonPage { active: false, shell, ..page(1) });

        assert!(html.contains("/reactivate") && !html.contains("/suspend\""));
    }

    #[test]
    fn a_deleted_person_and_a_reader_without_the_right_are_offered_nothing() {
        let deleted =
            PersonPage { deleted: true, accounts: Vec::new(), actions: Vec::new(), ..page(1) };
        for page in [deleted, PersonPage { may_edit: false, ..page(1) }] {
            let html = draw(if page.deleted { "person-deleted" } else { "person-auditor" }, &page);

            for step in ["/edit", "/suspend", "/reactivate", "/delete"] {
                assert!(!html.contains(step), "{step}");
            }
        }
    }

    #[test]
    fn a_delete_is_asked_about_with_its_consequences() {
        let html = draw(
            "person-delete",
            &DeletePage {
                shell: shell("Delete Marek Rybak?", Place::People, &["Users", "People"]),
                id: UserId::at(OffsetDateTime::UNIX_EPOCH),
                who: page(1).who,
                consequences: vec![
                    Callout::new(
                        Tone::Warn,
                        "The account in EchoSign is suspended, once somebody has approved that.",
                    ),
                    Callout::new(Tone::Quiet, "1 change that waits for approval is withdrawn."),
                ],
            },
        );

        assert!(html.contains(r#"method="post""#) && html.contains("/delete"));
    }
}
