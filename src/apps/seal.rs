//! Secrets at rest: sealed with XChaCha20-Poly1305, opened only to be sent to their app.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::kernel::AppId;

/// How long the random nonce before the sealed bytes is.
const NONCE: usize = 24;

/// The key that credentials are sealed with.
#[derive(Debug)]
pub struct Key(SecretBox<[u8; 32]>);

/// A sealed credential. Shows nothing of what it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub(super) Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// The key is not the one that the credential was sealed with, or the credential is another app's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the stored credential cannot be opened: COUNTERSIGN_SECRET_KEY is not the key it was sealed with. \
     Bring that key back, or enter the credential again and press Connect"
)]
pub struct WrongKey;

impl Key {
    /// A key of 32 bytes.
    #[must_use]
    pub const fn new(bytes: SecretBox<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Seals a credential for one app: it opens for no other.
    ///
    /// # Panics
    /// Never: sealing fails only for texts of many gigabytes.
    #[must_use]
    pub fn seal(&self, app: AppId, credential: &SecretString) -> Sealed {
        let nonce: [u8; NONCE] = rand::random();
        let app = app.uuid();
        let payload = Payload { msg: credential.expose_secret().as_bytes(), aad: app.as_bytes() };
        #[expect(clippy::expect_used, reason = "only a text of many gigabytes cannot be sealed")]
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("short enough");
        Sealed([&nonce[..], &sealed].concat())
    }

    /// Opens a credential, to be sent to its app and nowhere else.
    ///
    /// # Errors
    /// [`WrongKey`] when it was sealed with another key or for another app, or was changed.
    pub fn open(&self, app: AppId, sealed: &Sealed) -> Result<SecretString, WrongKey> {
        let (nonce, sealed) = sealed.0.split_first_chunk::<NONCE>().ok_or(WrongKey)?;
        let app = app.uuid();
        let payload = Payload { msg: sealed, aad: app.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| WrongKey)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| WrongKey)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn app() -> AppId {
        AppId::at(OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_credential_opens_with_its_key_for_its_app_and_no_other_way() {
        let (key, other, app_1) = (
            Key::new(SecretBox::new(Box::new([1; 32]))),
            Key::new(SecretBox::new(Box::new([2; 32]))),
            app(),
        );
        let sealed = key.seal(app_1, &"token".into());
        let mut changed = sealed.clone();
        changed.0[30] ^= 1;

        assert_eq!(key.open(app_1, &sealed).expect("opens").expose_secret(), "token");
        assert_eq!(key.open(app(), &sealed).map(drop), Err(WrongKey));
        assert_eq!(other.open(app_1, &sealed).map(drop), Err(WrongKey));
        assert_eq!(key.open(app_1, &changed).map(drop), Err(WrongKey));
        assert_eq!(key.open(app_1, &Sealed(vec![1])).map(drop), Err(WrongKey));
    }

    #[test]
    fn the_same_credential_never_seals_to_the_same_bytes() {
        let (key, app) = (Key::new(SecretBox::new(Box::new([1; 32]))), app());

        assert_ne!(key.seal(app, &"token".into()), key.seal(app, &"token".into()));
    }
}
