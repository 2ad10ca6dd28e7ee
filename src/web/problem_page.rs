//! Draws a problem: as a page, or for htmx as a message in the page that is there.

use askama::Template;
use axum::http::StatusCode;

use super::{
    parts::{Callout, Icon, Tone},
    paths,
    shell::{Place, Shell},
};

/// What a status means to a reader: a heading, and what to do where the problem itself says nothing.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::FORBIDDEN => ("You may not do this", "Ask an owner for the role that may."),
        StatusCode::NOT_FOUND => {
            ("There is nothing here", "The address is wrong, or what was here has been removed.")
        }
        StatusCode::CONFLICT => ("It is not what it was", "Somebody was faster. Look at it again."),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("That is too much at once", "Nothing was changed. Send less at once.")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too fast", "Nothing was changed. Wait a minute and try again.")
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "The database cannot be reached",
            "Nothing is lost: what was saved is saved, and Countersign goes on by itself once it is back. Try again in a minute.",
        ),
        status if status.is_client_error() => {
            ("That was not understood", "Nothing was changed. Go back and try again.")
        }
        _ => (
            "Something went wrong on our side",
            "The log says what. Look whether what you did was saved before you do it again.",
        ),
    }
}

/// A problem as a page of its own, for who is not signed in or when nobody can tell.
#[derive(Debug, Template)]
#[template(path = "problem_bare.html")]
pub struct BareProblem {
    title: &'static str,
    says: String,
    request: Option<String>,
    again: bool,
}

/// A problem inside the shell.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    shell: Shell,
    says: String,
    request: Option<String>,
    again: bool,
}

/// The words of a problem: its own, or what its status says by itself. `request` is the id under
/// which the log knows more, for problems that are ours.
#[derive(Debug, Clone)]
pub struct Told {
    /// What kind of problem it is.
    pub status: StatusCode,
    /// What the reader may know of it; empty for what the status says by itself.
    pub says: String,
    /// Under what the log knows more.
    pub request: Option<String>,
    /// Whether the same address can be asked for again: it was only read.
    pub again: bool,
}

impl Told {
    fn sentence(&self) -> String {
        if self.says.is_empty() { words(self.status).1.to_owned() } else { self.says.clone() }
    }

    fn offers_again(&self) -> bool {
        self.again
            && (self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS)
    }

    /// As a page of its own.
    #[must_use]
    pub fn bare(self) -> BareProblem {
        BareProblem {
            title: words(self.status).0,
            says: self.sentence(),
            again: self.offers_again(),
            request: self.request,
        }
    }

    /// Inside the shell of who is signed in.
    #[must_use]
    pub fn within(self, shell: Shell) -> ProblemPage {
        let shell = Shell {
            title: words(self.status).0.to_owned(),
            place: Place::Elsewhere,
            crumbs: Vec::new(),
            ..shell
        };
        ProblemPage {
            shell,
            says: self.sentence(),
            again: self.offers_again(),
            request: self.request,
        }
    }

    /// As a message to be put into the page that is there (`role="alert"`).
    #[must_use]
    pub fn message(self) -> Callout {
        Callout::new(Tone::Bad, self.sentence()).titled(words(self.status).0).announced()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{draw, shell};

    fn told(status: u16, says: &str) -> Told {
        Told {
            status: StatusCode::from_u16(status).expect("a status"),
            says: says.to_owned(),
            request: (status >= 500).then(|| "0192f1c2a7d4".to_owned()),
            again: true,
        }
    }

    #[test]
    fn each_status_has_words_of_its_own_and_says_what_became_of_the_data() {
        for status in [400, 403, 404, 409, 413, 429, 500, 503] {
            let html = draw(
                &format!("problem-{status}"),
                &told(status, "").within(shell("", Place::Elsewhere, &[])),
            );

            assert!(html.contains(&told(status, "").sentence()), "{status}");
        }
        assert!(draw("problem-bare-503", &told(503, "").bare()).contains("Nothing is lost"));
    }

    #[test]
    fn a_problem_for_htmx_is_an_alert_and_not_a_page() {
        let html = told(409, "Ana Lima approved it 2 min ago.").message().to_string();

        assert!(html.contains(r#"role="alert""#), "{html}");
        assert!(html.contains("Ana Lima approved it"), "{html}");
        assert!(!html.contains("<html"), "{html}");
    }
}
