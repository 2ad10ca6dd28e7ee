//! Whom Postgres runs as: it refuses to be root.

use std::{
    fs::{self, Metadata},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::error::EmbeddedError;

/// The user that Postgres runs as when we are root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Owner {
    /// Whose data it is, or will be. `None` when we are an ordinary user: then Postgres runs as ourselves.
    pub(super) fn find(data: &Path) -> Result<Option<Self>, EmbeddedError> {
        // A system without /proc is taken for an ordinary user's; initdb says so when that is wrong.
        if fs::metadata("/proc/self").map_or(u32::MAX, |own| own.uid()) != 0 {
            return Ok(None);
        }
        let passwd =
            fs::read_to_string("/etc/passwd").map_err(EmbeddedError::io("read", "/etc/passwd"))?;
        let users: Vec<Self> = passwd.lines().filter_map(Self::parse).collect();
        let keeps = fs::metadata(data).ok().map(|data| data.uid()).filter(|uid| *uid != 0);
        let owner = match keeps {
            Some(uid) => users.iter().find(|user| user.uid == uid),
            None => ["postgres", "nobody"]
                .iter()
                .find_map(|name| users.iter().find(|user| user.name == *name)),
        };
        Ok(Some(owner.cloned().ok_or(EmbeddedError::NoOwner)?))
    }

    /// Reads a line of /etc/passwd.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(':');
        let (name, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some(Self { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
    }

    pub(super) fn give(&self, path: &Path) -> Result<(), EmbeddedError> {
        chown(path, Some(self.uid), Some(self.gid))
            .map_err(EmbeddedError::io("give Postgres", path))
    }

    /// The first folder on the way to `path`, itself included, that it may not enter.
    pub(super) fn first_closed(&self, path: &Path) -> Result<Option<PathBuf>, EmbeddedError> {
        for folder in path.ancestors() {
            let metadata = fs::metadata(folder).map_err(EmbeddedError::io("look at", folder))?;
            if !self.may_enter(&metadata) {
                return Ok(Some(folder.to_owned()));
            }
        }
        Ok(None)
    }

    fn may_enter(&self, folder: &Metadata) -> bool {
        let bit = match folder {
            own if own.uid() == self.uid => 0o100,
            shared if shared.gid() == self.gid => 0o010,
            _ => 0o001,
        };
        folder.permissions().mode() & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_read_from_a_whole_line_only() {
        let postgres = Owner { name: "postgres".to_owned(), uid: 101, gid: 104 };

        assert_eq!(
            Owner::parse("postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash"),
            Some(postgres)
        );
        assert_eq!(Owner::parse("postgres:x:many:104"), None);
        assert_eq!(Owner::parse("# a comment"), None);
    }

    #[test]
    fn a_closed_folder_is_named_even_from_far_below() {
        let folder = std::env::temp_dir().join(format!("countersign-owner-{}", std::process::id()));
        let deep = folder.join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = Owner { name: "stranger".to_owned(), uid: 4_000_001, gid: 4_000_001 };

        let closed = stranger.first_closed(&deep).unwrap();

        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(closed, Some(folder));
    }
}
