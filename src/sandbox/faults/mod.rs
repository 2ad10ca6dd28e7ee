//! What it does wrong when it is asked to: to some requests, or always, as real services do.

mod mishap;
mod quirk;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    mishap::{Method, Mishap, What},
    quirk::Quirk,
};

/// How it misbehaves. As JSON:
/// `{"next": [{"method": "POST", "times": 2, "status": 503, "retryAfter": 1}], "quirks": ["ignoresFilters"]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// What happens to the next requests, each entry until it is used up. A request meets the
    /// first entry whose turn it is, and is not counted by those after it.
    pub next: Vec<Mishap>,
    /// What it does wrong until told otherwise.
    pub quirks: BTreeSet<Quirk>,
    /// Milliseconds for which lists, filters and a GET by id do not show an account that is
    /// created from now on. Its user name is taken and it can be changed all the same.
    pub appears_after_ms: u64,
}

/// A mishap that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("next[{place}].{field}: {mend}")]
pub struct Impossible {
    place: usize,
    field: &'static str,
    mend: &'static str,
}

impl Faults {
    /// Whether it has the quirk.
    #[must_use]
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// What happens to a request of `method`, which uses one of it up.
    pub(super) fn take(&mut self, method: &str) -> Option<Mishap> {
        let taken = self.next.iter_mut().find_map(|mishap| mishap.meet(method))?;
        self.next.retain(|mishap| mishap.times > 0);
        Some(taken)
    }

    /// That all of it can be done.
    ///
    /// # Errors
    /// The first that cannot: its field, and how to mend it.
    pub fn check(&self) -> Result<(), Impossible> {
        self.next.iter().enumerate().try_for_each(|(place, mishap)| {
            mishap.check().map_err(|(field, mend)| Impossible { place, field, mend })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(next: &Value) -> Faults {
        serde_json::from_value(json!({ "next": next })).unwrap()
    }

    /// Which of `requests` requests of `method` go wrong, counted from 1, and with which status.
    fn hits(faults: &mut Faults, method: &str, requests: u16) -> Vec<(u16, Option<u16>)> {
        let taken = (1..=requests).filter_map(|number| Some((number, faults.take(method)?.status)));
        taken.collect()
    }

    #[test]
    fn a_mishap_is_used_up_by_the_requests_it_is_kept_for() {
        let mut faults =
            read(&json!([{ "method": "POST", "times": 2, "status": 503 }, { "status": 500 }]));

        let mut statuses = |method| faults.take(method).and_then(|mishap| mishap.status);

        assert_eq!(statuses("GET"), Some(500));
        assert_eq!(statuses("GET"), None);
        assert_eq!(
            [statuses("POST"), statuses("POST"), statuses("POST")],
            [Some(503), Some(503), None]
        );
    }

    #[test]
    fn a_mishap_hits_each_nth_request_it_is_kept_for() {
        let mut faults =
            read(&json!([{ "method": "POST", "every": 3, "times": 2, "status": 500 }]));

        assert_eq!(hits(&mut faults, "GET", 9), []);
        assert_eq!(hits(&mut faults, "POST", 20), [(3, Some(500)), (6, Some(500))]);
        assert_eq!(faults, Faults::default(), "used up");
    }

    #[test]
    fn what_one_mishap_lets_by_is_counted_by_the_next() {
        let mut faults = read(&json!([
            { "every": 2, "times": 1_000, "status": 500 }, { "every": 2, "times": 1_000, "status": 503 },
        ]));

        let hits = hits(&mut faults, "PUT", 8);

        let expected = [(2, 500), (3, 503), (4, 500), (6, 500), (7, 503), (8, 500)];
        assert_eq!(hits, expected.map(|(number, status)| (number, Some(status))));
    }

    #[test]
    fn how_far_the_count_has_come_is_kept_in_the_json() {
        let mut faults = read(&json!([{ "every": 5, "status": 500 }]));
        hits(&mut faults, "PUT", 3);

        let mut again: Faults = serde_json::from_value(json!(faults)).unwrap();

        assert_eq!(json!(faults)["next"][0]["passed"], 3);
        assert_eq!(hits(&mut again, "PUT", 3), [(2, Some(500))]);
    }

    #[test]
    fn what_is_not_heard_of_is_refused() {
        for faults in [
            json!({ "nxt": [] }),
            json!({ "next": [{ "what": "explode" }] }),
            json!({ "next": [{ "method": "HEAD" }] }),
            json!({ "quirks": ["unheardOf"] }),
            json!({ "appearsAfterMs": -1 }),
        ] {
            assert!(serde_json::from_value::<Faults>(faults.clone()).is_err(), "{faults}");
        }
    }

    #[test]
    fn a_refusal_says_where_and_what_to_mend() {
        let refused = read(&json!([{ "status": 500 }, { "status": 200 }])).check().unwrap_err();

        assert_eq!(
            refused.to_string(),
            "next[1].status: 200 to 299 would be no failure; add html for a web page, or choose 400 to 599"
        );
    }
}
