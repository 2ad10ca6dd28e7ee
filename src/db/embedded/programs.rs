//! Where Postgres's server programs are, and of which version.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::error::EmbeddedError;

/// The oldest major version that the schema and its tests know.
const OLDEST: u32 = 15;

/// Folders with one folder per version, which has a `bin`.
const VERSIONED: [&str; 4] = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];

/// Folders that hold the programs themselves.
const PLAIN: [&str; 4] =
    ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];

/// One installed Postgres.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Programs {
    major: u32,
    folder: PathBuf,
}

impl Programs {
    /// The programs in `chosen`, or else the ones that fit the data, or else the newest.
    pub(super) fn find(chosen: Option<&Path>, data: &Path) -> Result<Self, EmbeddedError> {
        let mut installed: Vec<_> = match chosen {
            Some(folder) => {
                let programs = Self::in_folder(folder);
                vec![programs.ok_or_else(|| EmbeddedError::BadPrograms(folder.to_owned()))?]
            }
            None => candidates().iter().filter_map(|folder| Self::in_folder(folder)).collect(),
        };
        installed.sort();
        let newest = installed.last().cloned().ok_or(EmbeddedError::NoPrograms)?;
        let Some(data_major) = data_major(data) else { return Ok(newest) };
        installed.into_iter().rfind(|programs| programs.major == data_major).ok_or_else(|| {
            EmbeddedError::OtherMajor {
                data: data.to_owned(),
                data_major,
                programs_major: newest.major,
            }
        })
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        // Follows the links of /usr/bin, as Postgres finds its files from where it really is.
        let folder = fs::canonicalize(folder.join("postgres")).ok()?.parent()?.to_owned();
        folder.join("initdb").is_file().then_some(())?;
        let said = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&said.stdout))?;
        (major >= OLDEST).then_some(Self { major, folder })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A command that inherits nothing: neither environment, nor folder, nor input.
pub(super) fn bare(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")])
        .current_dir("/")
        .stdin(Stdio::null());
    command
}

/// Every folder that may hold them.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = PLAIN.iter().map(PathBuf::from).collect();
    for parent in VERSIONED {
        let children = fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(children.map(|child| child.path().join("bin")));
    }
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&said.stdout).trim().into());
    }
    folders
}

/// The major version in what `postgres --version` says.
fn major(said: &str) -> Option<u32> {
    let version = said.trim().strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The major version that made a data directory; `None` when there is none yet.
fn data_major(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_way_of_saying_it() {
        for (said, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18.6", Some(18)),
            ("postgres (PostgreSQL) 19beta1", Some(19)),
            ("postgres: could not find the database system", None),
            ("", None),
        ] {
            assert_eq!(major(said), expected, "{said}");
        }
    }

    #[test]
    fn a_chosen_folder_without_programs_is_refused_by_name() {
        let error =
            Programs::find(Some(Path::new("/nowhere")), Path::new("/nowhere/data")).unwrap_err();

        assert!(error.to_string().contains("COUNTERSIGN_POSTGRES_PROGRAMS=/nowhere"), "{error}");
    }
}
