//! Passwords, hashed with argon2id away from the threads that answer requests.

use std::sync::{Arc, LazyLock};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task};

/// The fewest characters a password may have (NIST SP 800-63B-4 asks for 15 where nothing else is asked for;
/// 12 is the least we take beside throttled sign-in).
pub const MINIMUM: usize = 12;

/// A hash that no password has, so that an unknown account takes as long to refuse as a known one.
static NOBODYS: LazyLock<String> =
    LazyLock::new(|| hash_now(&SecretString::from(rand::random::<u128>().to_string())));

/// Hashes and verifies, at most as many at once as there are cores to spare.
#[derive(Debug, Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { at_once: Arc::new(Semaphore::new(cores.div_ceil(2))) }
    }
}

impl Passwords {
    /// The hash of `password`, in PHC form with its salt and cost.
    ///
    /// # Panics
    /// When the thread that hashes does.
    pub async fn hash(&self, password: SecretString) -> String {
        self.away(move || hash_now(&password)).await
    }

    /// Whether `password` is the one of `hash`; with no hash, takes the same time and says no.
    ///
    /// # Panics
    /// When the thread that verifies does.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> bool {
        self.away(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.clone());
            let fits = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            });
            fits && known
        })
        .await
    }

    #[expect(
        clippy::expect_used,
        reason = "the semaphore is never closed and hashing does not panic"
    )]
    async fn away<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let permit = Arc::clone(&self.at_once).acquire_owned().await.expect("never closed");
        let done = task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.expect("hashing does not panic")
    }
}

#[expect(
    clippy::expect_used,
    reason = "the default cost is valid and no password is too long for it"
)]
fn hash_now(password: &SecretString) -> String {
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .expect("a password can be hashed")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_fits_its_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery".into()).await;

        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await);
        assert!(!passwords.verify("correct horse".into(), Some(hash)).await);
        assert!(!passwords.verify("correct horse".into(), None).await);
    }
}
