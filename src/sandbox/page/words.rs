//! What waits, in words.

use std::time::Duration;

use crate::sandbox::faults::{Faults, Method, Mishap, What};

/// What will happen that the check boxes do not say.
pub(super) fn waiting(faults: &Faults) -> Vec<String> {
    let after = Duration::from_millis(faults.appears_after_ms);
    let late = (!after.is_zero())
        .then(|| format!("A new account is found {} s after it was created.", after.as_secs_f64()));
    faults.next.iter().map(in_words).chain(late).collect()
}

/// One mishap.
pub(super) fn in_words(mishap: &Mishap) -> String {
    format!("{}: {}.", whom(mishap), what(mishap).join(", "))
}

fn whom(mishap: &Mishap) -> String {
    let method = mishap.method.map(Method::as_str);
    let asked = match (method, mishap.what()) {
        (None, Some(What::Pretend)) => "change".to_owned(),
        (method, _) => method.into_iter().chain(["request"]).collect::<Vec<_>>().join(" "),
    };
    match (mishap.every, mishap.times) {
        (0 | 1, 1) => format!("The next {asked}"),
        (0 | 1, times) => format!("The next {times} {asked}s"),
        (every, 1) => format!("One in {every} {asked}s, once"),
        (every, times) => format!("One in {every} {asked}s, {times} times"),
    }
}

fn what(mishap: &Mishap) -> Vec<String> {
    let mut says = Vec::new();
    if mishap.delay_ms > 0 {
        says.push(format!("waits {} ms", mishap.delay_ms));
    }
    if let Some(status) = mishap.status {
        let body = match (mishap.html, mishap.adobe) {
            (true, _) => " and a web page",
            (_, true) => " as Adobe says it",
            _ => "",
        };
        says.push(format!("gets {status}{body}"));
    }
    if let Some(seconds) = mishap.retry_after {
        says.push(format!("is asked to come back in {seconds} s"));
    }
    says.extend(mishap.what().map(|what| {
        match what {
            What::Reset => "loses the connection, and nothing is done",
            What::LoseAnswer => "is worked, and its answer lost",
            What::Truncate => "is worked, and its answer cut short",
            What::Pretend => "is answered as if done, and is not",
        }
        .to_owned()
    }));
    says
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_said_in_words() {
        let mishap = |what| Mishap { what: Some(what), ..Mishap::default() };
        for (mishap, says) in [
            (
                Mishap { delay_ms: 20, every: 7, times: 1_000, ..mishap(What::Reset) },
                "One in 7 requests, 1000 times: waits 20 ms, loses the connection, and nothing is done.",
            ),
            (
                Mishap { every: 2, method: Some(Method::Get), ..mishap(What::Truncate) },
                "One in 2 GET requests, once: is worked, and its answer cut short.",
            ),
            (
                Mishap { times: 3, ..mishap(What::Pretend) },
                "The next 3 changes: is answered as if done, and is not.",
            ),
            (
                Mishap { method: Some(Method::Put), ..mishap(What::Pretend) },
                "The next PUT request: is answered as if done, and is not.",
            ),
        ] {
            assert_eq!(in_words(&mishap), says);
        }
    }

    #[test]
    fn an_account_that_appears_late_is_said_last() {
        let lost = Mishap { lose_answer: true, ..Mishap::default() };
        let faults = Faults { next: vec![lost], appears_after_ms: 2_500, ..Faults::default() };

        assert_eq!(
            waiting(&faults),
            [
                "The next request: is worked, and its answer lost.",
                "A new account is found 2.5 s after it was created.",
            ]
        );
        assert_eq!(waiting(&Faults::default()), [""; 0]);
    }
}
