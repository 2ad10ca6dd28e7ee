//! Whether what was approved is what would be done.

use std::collections::BTreeSet;

use crate::apps::{
    account::Account,
    change::{Attribute, Content, Kind},
};

/// What is to be done about an account, seeing what the app has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Send what was approved.
    Send,
    /// Send it although these were changed in the app meanwhile: the app's settings say so.
    Anyway(Vec<Attribute>),
    /// Nothing is left to send.
    Done,
    /// The account is just as it shall be and was reviewed, or an earlier try may have made it: take it over, visibly.
    Adopt,
    /// It is not what was reviewed.
    Drifted,
    /// There is no such account any more.
    Gone,
}

/// Judges; pure. `tried` says that an earlier try may have sent something, `anyway` which attributes may have
/// been changed in the app meanwhile.
pub(super) fn judge(
    content: &Content,
    current: Option<&Account>,
    tried: bool,
    anyway: &BTreeSet<Attribute>,
) -> Judgement {
    match (content.kind, current) {
        // It was to take over an account that somebody had seen: to make one is another matter.
        (Kind::Create, None) if was_found(content) => Judgement::Gone,
        (Kind::Create, None) => Judgement::Send,
        (Kind::Create, Some(account)) => judge_create(content, account, tried),
        (Kind::Delete, None) => Judgement::Done,
        (_, None) => Judgement::Gone,
        (_, Some(account)) if content.is_met_by(&account.attributes) => Judgement::Done,
        (_, Some(account)) => {
            let drift = content.drift(&account.attributes);
            match drift.iter().all(|attribute| anyway.contains(attribute)) {
                true if drift.is_empty() => Judgement::Send,
                true => Judgement::Anyway(drift),
                false => Judgement::Drifted,
            }
        }
    }
}

fn judge_create(content: &Content, account: &Account, tried: bool) -> Judgement {
    // An account that carries our id for its user was made by us, in a try whose answer was lost. Where that was a try
    // of another action, nobody who approved this one has seen what it made.
    let ours = account.external_id.as_deref() == Some(&*content.account.to_string());
    let seen = was_found(content);
    match content.is_met_by(&account.attributes) {
        true if ours => Judgement::Done,
        true if seen || tried => Judgement::Adopt,
        false if ours && tried => Judgement::Send,
        false if seen && !content.drifted_from(&account.attributes) => Judgement::Send,
        _ => Judgement::Drifted,
    }
}

/// Whether what was reviewed starts from an account that was there.
fn was_found(create: &Content) -> bool {
    create.starts_from(Attribute::UserName).is_some()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        apps::change::{Attributes, Change, Value},
        kernel::{AppId, UserId},
    };

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn content(kind: Kind, changes: &[(Attribute, Option<&str>, Option<&str>)]) -> Content {
        let changes = changes
            .iter()
            .map(|(attribute, from, to)| Change {
                attribute: *attribute,
                from: from.map(text),
                to: to.map(text),
            })
            .collect();
        Content {
            app: AppId::at(OffsetDateTime::UNIX_EPOCH),
            account: UserId::at(OffsetDateTime::UNIX_EPOCH),
            kind,
            changes,
        }
    }

    fn account(attributes: &[(Attribute, &str)]) -> Account {
        Account {
            remote_id: "7".to_owned(),
            external_id: None,
            attributes: attributes
                .iter()
                .map(|(a, value)| (*a, text(value)))
                .collect::<Attributes>(),
            resource: None,
        }
    }

    use Attribute::{Phone, Title, UserName};

    fn judged(content: &Content, current: Option<&Account>, tried: bool) -> Judgement {
        judge(content, current, tried, &BTreeSet::new())
    }

    #[test]
    fn a_create_is_sent_when_nobody_has_the_name() {
        let create = content(Kind::Create, &[(UserName, None, Some("ana"))]);

        assert_eq!(judged(&create, None, false), Judgement::Send);
    }

    #[test]
    fn an_account_that_is_there_already_is_never_taken_over_silently() {
        let create =
            content(Kind::Create, &[(UserName, None, Some("ana")), (Title, None, Some("Analyst"))]);
        let same = account(&[(UserName, "ANA"), (Title, "Analyst")]);
        let other = account(&[(UserName, "ana"), (Title, "Director")]);
        let bare = account(&[(UserName, "ana")]);

        assert_eq!(judged(&create, Some(&same), false), Judgement::Drifted);
        assert_eq!(judged(&create, Some(&other), false), Judgement::Drifted);
        assert_eq!(judged(&create, Some(&bare), false), Judgement::Drifted);
    }

    #[test]
    fn an_account_that_was_reviewed_is_taken_over() {
        let account = account(&[(UserName, "ana"), (Title, "Director")]);
        let create =
            content(Kind::Create, &[(UserName, None, Some("ana")), (Title, None, Some("Analyst"))])
                .over(&account.attributes);

        assert_eq!(judged(&create, Some(&account), false), Judgement::Send);
        assert_eq!(judged(&create, None, false), Judgement::Gone, "it is not made anew");
        let same = self::account(&[(UserName, "ana"), (Title, "Analyst")]);
        let seen = create.over(&same.attributes);
        assert_eq!(judged(&seen, Some(&same), false), Judgement::Adopt);
    }

    #[test]
    fn what_the_settings_name_may_have_changed_meanwhile_and_nothing_else() {
        let update = content(
            Kind::Update,
            &[(Title, Some("Analyst"), Some("Director")), (Phone, Some("1"), Some("2"))],
        );
        let delete = content(Kind::Delete, &[(UserName, Some("ana"), None)]);
        let titled = account(&[(Title, "Clerk"), (Phone, "1")]);
        let both = account(&[(Title, "Clerk"), (Phone, "3")]);
        let more = account(&[(UserName, "ana"), (Title, "Clerk")]);
        let judged = |content, account| judge(content, Some(account), false, &[Title].into());

        assert_eq!(judged(&update, &titled), Judgement::Anyway(vec![Title]));
        assert_eq!(judged(&update, &both), Judgement::Drifted);
        assert_eq!(judged(&delete, &more), Judgement::Anyway(vec![Title]));
    }

    #[test]
    fn an_account_of_our_own_lost_answer_is_simply_ours() {
        let create =
            content(Kind::Create, &[(UserName, None, Some("ana")), (Title, None, Some("Analyst"))]);
        let ours =
            |account: Account| Account { external_id: Some(create.account.to_string()), ..account };
        let whole = account(&[(UserName, "ana"), (Title, "Analyst")]);

        assert_eq!(judged(&create, Some(&ours(whole.clone())), true), Judgement::Done);
        assert_eq!(judged(&create, Some(&whole), true), Judgement::Adopt, "as far as anyone knows");
        assert_eq!(
            judged(&create, Some(&ours(account(&[(UserName, "ana")]))), true),
            Judgement::Send
        );
        let anothers = judged(&create, Some(&ours(account(&[(UserName, "ana")]))), false);
        assert_eq!(anothers, Judgement::Drifted, "another create left it");
    }

    #[test]
    fn a_change_is_sent_only_to_what_was_reviewed() {
        let update = content(Kind::Update, &[(Title, Some("Analyst"), Some("Director"))]);

        assert_eq!(judged(&update, Some(&account(&[(Title, "Analyst")])), false), Judgement::Send);
        assert_eq!(judged(&update, Some(&account(&[(Title, "Director")])), false), Judgement::Done);
        assert_eq!(judged(&update, Some(&account(&[(Title, "Clerk")])), false), Judgement::Drifted);
        assert_eq!(judged(&update, None, false), Judgement::Gone);
    }

    #[test]
    fn a_delete_of_what_is_gone_is_done_and_of_what_changed_comes_back() {
        let delete = content(Kind::Delete, &[(UserName, Some("ana"), None)]);

        assert_eq!(judged(&delete, None, false), Judgement::Done);
        assert_eq!(judged(&delete, Some(&account(&[(UserName, "ana")])), false), Judgement::Send);
        let more = account(&[(UserName, "ana"), (Title, "Director")]);
        assert_eq!(judged(&delete, Some(&more), false), Judgement::Drifted);
    }
}
