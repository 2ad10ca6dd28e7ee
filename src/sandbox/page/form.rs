//! The form that says how it misbehaves.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use crate::sandbox::faults::{Faults, Method, Mishap, Quirk, What};

/// What can be chosen for the next requests: the word that is sent, and what it says, by what
/// it is about. Words that are numbers are statuses.
pub(super) const CHOICES: [(&str, &[(&str, &str)]); 3] = [
    (
        "Something instead of the work",
        &[
            ("500", "get 500"),
            ("503", "get 503"),
            ("429", "get 429"),
            ("adobe", "get 429 as Adobe says it"),
            ("401", "get 401"),
            ("404", "get 404"),
            ("page", "get a sign-in page instead"),
            ("reset", "lose the connection, and nothing is done"),
        ],
    ),
    (
        "The work, and a bad answer",
        &[
            ("lost", "are worked, and the answer is lost"),
            ("cut", "are worked, and the answer is cut short"),
            ("slow", "are slow"),
        ],
    ),
    ("A good answer without the work", &[("pretend", "are answered as if done, and are not")]),
];

/// What the form says, and shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct FaultsForm {
    pub(super) quirk: BTreeSet<Quirk>,
    pub(super) times: String,
    pub(super) every: String,
    pub(super) method: String,
    pub(super) what: String,
    pub(super) seconds: String,
    pub(super) appears: String,
}

impl From<FaultsForm> for Faults {
    fn from(form: FaultsForm) -> Self {
        let seconds: Option<u32> = form.seconds.trim().parse().ok();
        let mishap = Mishap {
            method: Method::ALL.into_iter().find(|method| method.as_str() == form.method),
            times: form.times.trim().parse().unwrap_or(1),
            every: form.every.trim().parse().unwrap_or(1),
            ..Mishap::default()
        };
        let what = |what| Mishap { what: Some(what), ..mishap.clone() };
        let mishap = match &*form.what {
            "slow" => Mishap { delay_ms: u64::from(seconds.unwrap_or(5)) * 1_000, ..mishap },
            "page" => Mishap { status: Some(200), html: true, ..mishap },
            "adobe" => Mishap { status: Some(429), adobe: true, retry_after: seconds, ..mishap },
            "reset" => what(What::Reset),
            "lost" => what(What::LoseAnswer),
            "cut" => what(What::Truncate),
            "pretend" => what(What::Pretend),
            status => Mishap { status: status.parse().ok(), retry_after: seconds, ..mishap },
        };
        let nothing = mishap.status.is_none() && mishap.delay_ms == 0 && mishap.what.is_none();
        Self {
            next: if nothing { Vec::new() } else { vec![mishap] },
            quirks: form.quirk,
            appears_after_ms: milliseconds(&form.appears),
        }
    }
}

impl FaultsForm {
    /// What is set, so that setting it again changes as little as the form can say.
    pub(super) fn of(faults: &Faults) -> Self {
        let first = faults.next.first().cloned().unwrap_or_default();
        let what = word_of(&first);
        let slow = (what == "slow").then_some(first.delay_ms / 1_000);
        let seconds = slow.or(first.retry_after.map(u64::from));
        Self {
            quirk: faults.quirks.clone(),
            times: first.times.to_string(),
            every: first.every.to_string(),
            method: first.method.map_or("", Method::as_str).to_owned(),
            what,
            seconds: seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
            appears: Some(faults.appears_after_ms)
                .filter(|ms| *ms > 0)
                .map_or_else(String::new, |ms| Duration::from_millis(ms).as_secs_f64().to_string()),
        }
    }

    /// What can be chosen, and whether it is.
    pub(super) fn choices(&self) -> impl Iterator<Item = (&str, Vec<Choice>)> {
        CHOICES.into_iter().map(|(about, choices)| {
            let choice = |&(word, says)| Choice { word, says, chosen: word == self.what };
            (about, choices.iter().map(choice).collect())
        })
    }
}

/// One line of the list.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) says: &'static str,
    pub(super) chosen: bool,
}

/// The word for a mishap; empty where the form has none.
fn word_of(mishap: &Mishap) -> String {
    let word = match (mishap.what(), mishap.status) {
        (Some(What::Reset), _) => "reset",
        (Some(What::LoseAnswer), _) => "lost",
        (Some(What::Truncate), _) => "cut",
        (Some(What::Pretend), _) => "pretend",
        (None, Some(429)) if mishap.adobe => "adobe",
        (None, Some(200)) if mishap.html => "page",
        (None, Some(status)) if !mishap.html => &status.to_string(),
        (None, None) if mishap.delay_ms > 0 => "slow",
        _ => "",
    };
    let mut words = CHOICES.into_iter().flat_map(|(_, choices)| choices);
    let is_known = words.any(|(known, _)| *known == word);
    if is_known { word.to_owned() } else { String::new() }
}

fn milliseconds(seconds: &str) -> u64 {
    let seconds = seconds.trim().parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.and_then(|duration| duration.as_millis().try_into().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::words::in_words, *};

    fn form(what: &str, seconds: &str) -> FaultsForm {
        FaultsForm {
            what: what.to_owned(),
            seconds: seconds.to_owned(),
            times: "2".to_owned(),
            every: "1".to_owned(),
            method: "POST".to_owned(),
            ..FaultsForm::default()
        }
    }

    #[test]
    fn the_form_sets_what_it_says() {
        let form = |what: &str, seconds: &str| {
            let faults = Faults::from(form(what, seconds));
            assert_eq!(faults.check(), Ok(()));
            faults.next.first().map(in_words)
        };

        let says = |text: &str| Some(format!("The next 2 POST requests: {text}."));
        assert_eq!(form("429", "3"), says("gets 429, is asked to come back in 3 s"));
        assert_eq!(
            form("adobe", "3"),
            says("gets 429 as Adobe says it, is asked to come back in 3 s")
        );
        assert_eq!(form("lost", ""), says("is worked, and its answer lost"));
        assert_eq!(form("cut", ""), says("is worked, and its answer cut short"));
        assert_eq!(form("pretend", ""), says("is answered as if done, and is not"));
        assert_eq!(form("reset", ""), says("loses the connection, and nothing is done"));
        assert_eq!(form("slow", ""), says("waits 5000 ms"));
        assert_eq!(form("page", ""), says("gets 200 and a web page"));
        assert_eq!(form("", "3"), None);
    }

    #[test]
    fn every_choice_can_be_done_and_is_shown_as_it_was_set() {
        for (word, _) in CHOICES.into_iter().flat_map(|(_, choices)| choices) {
            let with_seconds = ["slow", "adobe", "429"].contains(word);
            let form = FaultsForm {
                every: "7".to_owned(),
                quirk: [Quirk::NoLocation].into(),
                appears: "2.5".to_owned(),
                ..form(word, if with_seconds { "3" } else { "" })
            };

            let faults = Faults::from(form.clone());

            assert_eq!(faults.check(), Ok(()), "{word}");
            assert_eq!(FaultsForm::of(&faults), form, "{word}");
        }
    }

    #[test]
    fn what_the_form_has_no_word_for_is_not_shown_as_something_else() {
        for mishap in [
            Mishap { status: Some(418), ..Mishap::default() },
            Mishap { status: Some(502), html: true, ..Mishap::default() },
        ] {
            let faults = Faults { next: vec![mishap], ..Faults::default() };

            assert_eq!(FaultsForm::of(&faults).what, "");
        }
    }

    #[test]
    fn a_time_is_read_in_seconds() {
        for (seconds, ms) in
            [("", 0), ("2", 2_000), (" 0.25 ", 250), ("-1", 0), ("soon", 0), ("1e300", 0)]
        {
            assert_eq!(milliseconds(seconds), ms, "{seconds}");
        }
    }
}
