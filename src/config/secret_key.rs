//! The key that credentials are sealed with: given, or kept beside the data.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretBox, SecretString};

/// 32 random bytes.
pub type SecretKey = SecretBox<[u8; 32]>;

/// The key's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// It cannot be read, or not be made.
    #[error("the secret key {} cannot be read or written: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds something else.
    #[error(
        "{} is no secret key (32 bytes in base64): bring back the file that was there, \
         or set COUNTERSIGN_SECRET_KEY", .0.display()
    )]
    NotAKey(PathBuf),
}

pub(super) fn parse(text: &str) -> Result<SecretKey, String> {
    bytes(text).map(|bytes| SecretBox::new(Box::new(bytes))).ok_or_else(|| {
        "write 32 random bytes in base64 or hex, as `openssl rand -base64 32` prints them"
            .to_owned()
    })
}

/// Reads the key from `path`, where there is none yet makes one that only we can read.
pub(super) fn in_file(path: &Path) -> Result<SecretKey, SecretKeyError> {
    let failed = |source| SecretKeyError::File { path: path.to_owned(), source };
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            generate(path).and_then(|()| fs::read_to_string(path)).map_err(failed)?
        }
        read => read.map_err(failed)?,
    };
    let text = SecretString::from(text);
    parse(text.expose_secret().trim()).map_err(|_| SecretKeyError::NotAKey(path.to_owned()))
}

/// The file appears whole, once, and stays: whoever comes second reads the first one's.
fn generate(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let new = path.with_extension(format!("{}.new", process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    writeln!(file, "{}", BASE64_STANDARD.encode(rand::random::<[u8; 32]>()))?;
    file.sync_all()?;
    let linked = match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&new)?;
    linked?;
    fs::File::open(folder)?.sync_all()
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    if text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        return Some(bytes);
    }
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let padded = format!("{standard}{}", "=".repeat(standard.len().wrapping_neg() % 4));
    BASE64_STANDARD.decode(padded).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_read_in_hex_and_in_every_kind_of_base64() {
        let same = [
            "fbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbffbff",
            "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=",
            "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_8",
        ]
        .map(|text| bytes(text).unwrap_or_else(|| panic!("{text}")));

        assert_eq!(same[0], same[1]);
        assert_eq!(same[1], same[2]);
    }

    #[test]
    fn anything_but_32_bytes_is_refused_without_being_repeated() {
        for text in ["hunter2", "", "AAAA", &"0".repeat(63), &"é".repeat(32)] {
            let mend = parse(text).unwrap_err();

            assert!(text.is_empty() || !mend.contains(text), "{mend}");
        }
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder =
            std::env::temp_dir().join(format!("countersign-key-{:016x}", rand::random::<u64>()));
        let path = folder.join("deep/secret.key");

        let first = in_file(&path).unwrap();
        let second = in_file(&path).unwrap();

        assert_eq!(first.expose_secret(), second.expose_secret());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_broken_key_file_is_named_and_left_alone() {
        let path =
            std::env::temp_dir().join(format!("countersign-key-{:016x}", rand::random::<u64>()));
        fs::write(&path, "not a key").unwrap();

        let error = in_file(&path).unwrap_err();

        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
        fs::remove_file(path).unwrap();
    }
}
