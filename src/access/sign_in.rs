//! Signing in and out, limited per address and per account.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::{Actor, Passwords, store};
use crate::{
    audit::{self, About, By, Verb},
    kernel::Digest,
};

/// How many failures an account may have in a [`WINDOW`].
pub const ACCOUNT_FAILURES: i32 = 10;
/// How many failures an address may have in a [`WINDOW`]; offices share one.
pub const ADDRESS_FAILURES: i32 = 50;
/// How long failures count.
pub const WINDOW: Duration = Duration::minutes(15);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address or password is wrong; which of them is not told.
    #[error("the e-mail address or the password is wrong")]
    Refused,
    /// Too many failures; the door opens again at that time.
    #[error("too many attempts; try again after {until}")]
    Throttled {
        /// When the next try is looked at.
        until: OffsetDateTime,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Finds out who it is. The caller makes the session.
///
/// # Errors
/// [`SignInError::Refused`] for a wrong address or password alike.
pub async fn sign_in(
    pool: &PgPool,
    now: OffsetDateTime,
    passwords: &Passwords,
    address: IpAddr,
    email: &str,
    password: SecretString,
) -> Result<Actor, SignInError> {
    // Postgres takes no NUL; nobody's address has one.
    let email = email.trim().replace('\0', "\u{fffd}");
    let account = subject("account", &email.to_lowercase());
    let from = subject("address", &address.to_string());
    // Counted before the look, so that whoever guesses many times at once has no more guesses.
    let mut tx = pool.begin().await?;
    for (subject, most) in [(account, ACCOUNT_FAILURES), (from, ADDRESS_FAILURES)] {
        let (failures, since) = store::count_failure(&mut tx, subject, now, now - WINDOW).await?;
        if failures > most {
            return Err(SignInError::Throttled { until: since + WINDOW });
        }
    }
    let known = store::find_by_email(&mut tx, &email).await?;
    tx.commit().await?;

    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let too_long = password.expose_secret().len() > 1024;
    let fits = !too_long && passwords.verify(password, hash).await;

    let mut tx = pool.begin().await?;
    if let Some((administrator, _)) = known.filter(|_| fits) {
        let actor = Actor::from(administrator);
        store::forget_failures(&mut tx, account).await?;
        store::uncount_failure(&mut tx, from).await?;
        audit::record(&mut tx, now, &actor.by(), Verb::SignedIn, About::default(), json!({}))
            .await?;
        tx.commit().await?;
        return Ok(actor);
    }
    store::forget_old_failures(&mut tx, now - WINDOW).await?;
    let by = By::System("Sign-in".to_owned());
    let details = json!({ "email": email.chars().take(256).collect::<String>() });
    audit::record(&mut tx, now, &by, Verb::SignInRefused, About::default(), details).await?;
    tx.commit().await?;
    Err(SignInError::Refused)
}

/// Notes that someone signed out. The caller ends the session.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(pool: &PgPool, now: OffsetDateTime, actor: &Actor) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    audit::record(&mut tx, now, &actor.by(), Verb::SignedOut, About::default(), json!({})).await?;
    tx.commit().await
}

fn subject(kind: &str, value: &str) -> Digest {
    Digest::of(&(kind, value))
}
