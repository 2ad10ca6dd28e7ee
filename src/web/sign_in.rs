//! `/sign-in`: begins a session.

use askama::Template;
use time::Duration;

use super::parts::{Callout, Field, Icon, Tone, span};

/// Why a sign-in was refused. None of them says which part was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No administrator has this address and this password.
    Unknown,
    /// Too many attempts failed; the next is listened to after this long.
    Throttled(Duration),
}

/// The form to sign in with.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    email: Field,
    password: Field,
    /// The page that was asked for and needs a session; sent back with the form.
    next: String,
    message: Option<Callout>,
}

impl SignInPage {
    /// An empty form; `next` is where the reader wanted to go.
    #[must_use]
    pub fn new(next: impl Into<String>) -> Self {
        Self::with("", next.into(), None)
    }

    /// The form again, with the address that was typed.
    #[must_use]
    pub fn refused(email: &str, next: impl Into<String>, why: Refused) -> Self {
        let message = match why {
            Refused::Unknown => {
                Callout::new(Tone::Bad, "The e-mail address or the password is not right.")
            }
            Refused::Throttled(wait) => Callout::new(
                Tone::Warn,
                format!("Try again in {}. Nobody is locked out for longer.", span(wait)),
            )
            .titled("Too many attempts failed."),
        };
        Self::with(email, next.into(), Some(message.announced()))
    }

    /// The form with a word about what just happened: signed out, set up, session over.
    #[must_use]
    pub fn saying(next: impl Into<String>, says: impl Into<String>) -> Self {
        Self::with("", next.into(), Some(Callout::new(Tone::Note, says).announced()))
    }

    fn with(email: &str, next: String, message: Option<Callout>) -> Self {
        let address =
            Field::text("email", "E-mail", email).kind("email").autocomplete("username").required();
        let password =
            Field::secret("password", "Password").autocomplete("current-password").required();
        let typed = !email.is_empty();
        Self {
            email: if typed { address } else { address.first() },
            password: if typed { password.first() } else { password },
            next,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::draw;

    #[test]
    fn a_refusal_keeps_the_address_and_drops_the_password() {
        draw("sign-in", &SignInPage::new("/users"));
        draw(
            "sign-in-over",
            &SignInPage::saying("/users", "Your session is over. Sign in again to go on."),
        );

        let html = draw(
            "sign-in-refused",
            &SignInPage::refused("ruth@northwind.example", "/users", Refused::Unknown),
        );

        assert!(html.contains(r#"value="ruth@northwind.example""#));
        assert_eq!(html.matches("value=").count(), 2, "the address and where to go, and no more");
    }

    #[test]
    fn too_many_attempts_are_told_when_to_come_back() {
        let why = Refused::Throttled(Duration::minutes(12));

        let html =
            draw("sign-in-throttled", &SignInPage::refused("ruth@northwind.example", "/", why));

        assert!(html.contains("Try again in 12 min"));
    }
}
