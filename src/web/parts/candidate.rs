//! An account of the app that may be a person's.

use askama::Template;

use super::{Badge, Icon};
use crate::apps::{
    account::Candidate,
    change::{Attribute, Value},
};

/// An account that may be meant, with the button that says that it is.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/candidate.html")]
pub struct CandidateLine {
    /// The app's own id for it.
    remote_id: String,
    /// Its name, or else its user name.
    name: String,
    /// Whether it may be used.
    active: Badge,
    /// What else is known of it: a name and a value, `None` for nothing known.
    facts: Vec<(&'static str, Option<String>)>,
    /// Where a choice of it goes; `None` for whoever may not choose.
    choose: Option<String>,
}

impl CandidateLine {
    /// An account, with where a choice of it goes.
    #[must_use]
    pub fn of(candidate: &Candidate, choose: Option<String>) -> Self {
        let value = |attribute| candidate.attributes.get(&attribute).map(Value::to_string);
        let [given, family] = [Attribute::GivenName, Attribute::FamilyName].map(value);
        let spelt: Vec<_> = [given, family].into_iter().flatten().collect();
        let user_name = value(Attribute::UserName);
        let name = value(Attribute::DisplayName)
            .or_else(|| (!spelt.is_empty()).then(|| spelt.join(" ")))
            .or_else(|| user_name.clone());
        let off = candidate.attributes.get(&Attribute::Active) == Some(&Value::Flag(false));
        Self {
            remote_id: candidate.remote_id.clone(),
            name: name.unwrap_or_else(|| "No name".to_owned()),
            active: if off { Badge::off("Suspended") } else { Badge::calm("Active") },
            facts: vec![
                ("User name", user_name),
                ("E-mail", value(Attribute::Email)),
                ("Title", value(Attribute::Title)),
            ],
            choose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(attributes: &[(Attribute, &str)]) -> Candidate {
        let text = |text: &str| Value::Text(text.to_owned());
        let attributes = attributes.iter().map(|(known, value)| (*known, text(value))).collect();
        Candidate { remote_id: "6f2a".to_owned(), attributes }
    }

    #[test]
    fn an_account_is_called_by_the_best_name_it_has() {
        let user_name = (Attribute::UserName, "ana@example.com");
        let given = (Attribute::GivenName, "Ana");
        let shown = (Attribute::DisplayName, "Ana Lima");

        for (attributes, name) in [
            (vec![user_name, given, shown], "Ana Lima"),
            (vec![user_name, given], "Ana"),
            (vec![user_name], "ana@example.com"),
            (vec![], "No name"),
        ] {
            assert_eq!(CandidateLine::of(&candidate(&attributes), None).name, name);
        }
    }

    #[test]
    fn a_choice_carries_the_apps_id_and_is_offered_to_whom_it_is_open() {
        let account = candidate(&[(Attribute::UserName, "\"><script>")]);

        let open = CandidateLine::of(&account, Some("/link".to_owned())).to_string();
        let barred = CandidateLine::of(&account, None).to_string();

        assert!(open.contains(r#"name="remoteId" value="6f2a""#) && open.contains("/link"));
        assert!(!barred.contains("<form") && barred.contains("6f2a"));
        assert!(!open.contains("<script"));
    }
}
