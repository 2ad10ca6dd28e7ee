//! Where an embedded Postgres lives and with which programs; held by one process at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Write},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{self, Command},
};

use sha2::{Digest, Sha256};

use super::{
    error::EmbeddedError,
    owner::Owner,
    programs::{Programs, bare},
};

/// The longest folder a socket can be in: the system allows 107 bytes with the socket's own name.
const LONGEST_SOCKET_FOLDER: usize = 85;

/// The folders and the programs that fit them, ours as long as this value lives.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    pub(super) data: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) owner: Option<Owner>,
    programs: Programs,
    _lock: File,
}

impl Place {
    /// Makes `folder` where it is missing, and takes it.
    pub(super) fn take(folder: &Path, programs: Option<&Path>) -> Result<Self, EmbeddedError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(folder)
            .map_err(EmbeddedError::io("make the folder", folder))?;
        let folder = fs::canonicalize(folder).map_err(EmbeddedError::io("enter", folder))?;
        let data = folder.join("data");
        let owner = Owner::find(&data)?;
        if let Some(owner) = &owner
            && let Some(closed) = owner.first_closed(&folder)?
        {
            return Err(EmbeddedError::Closed { folder: closed, owner: owner.name.clone() });
        }
        let lock = lock(&folder)?;
        let socket = socket_folder(&folder);
        // Another user may have put something in its place, where that is in /tmp.
        let _ = make_private(&socket, owner.as_ref());
        let own = lock.metadata().map_err(EmbeddedError::io("look at", folder.join("lock")))?.uid();
        if !is_private(&socket, owner.as_ref().map_or(own, |owner| owner.uid)) {
            return Err(EmbeddedError::SocketFolder(socket));
        }
        let programs = Programs::find(programs, &data)?;
        Ok(Self { folder, data, socket, owner, programs, _lock: lock })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.programs.path(name)
    }

    /// One of the programs, to run as Postgres's user with nothing of our environment.
    pub(super) fn command(&self, name: &str) -> Command {
        let mut command = bare(self.program(name));
        if let Some(owner) = &self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }

    /// Makes the data directory, unless there is one. It appears whole or not at all.
    pub(super) fn fill(&self) -> Result<(), EmbeddedError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        if fs::read_dir(&self.data).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(EmbeddedError::NotData(self.data.clone()));
        }
        tracing::info!("making a database in {}", self.data.display());
        let new = self.folder.join("data.new");
        if new.exists() {
            fs::remove_dir_all(&new).map_err(EmbeddedError::io("remove", &new))?;
        }
        make_private(&new, self.owner.as_ref())?;
        let initdb = self
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--data-checksums", "--pgdata"])
            .arg(&new)
            .output()
            .map_err(EmbeddedError::io("run", self.program("initdb")))?;
        if !initdb.status.success() {
            return Err(EmbeddedError::Initdb(
                String::from_utf8_lossy(&initdb.stderr).trim().to_owned(),
            ));
        }
        fs::rename(&new, &self.data).map_err(EmbeddedError::io("rename", &new))?;
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(EmbeddedError::io("write", &self.folder))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.socket.starts_with(&self.folder) {
            // Empty unless the server is still there, and then it stays.
            let _ = fs::remove_dir(&self.socket);
        }
    }
}

/// Whether some process has taken `folder`.
pub(super) fn is_taken(folder: &Path) -> bool {
    File::open(folder.join("lock"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Where the server of `folder`, an absolute path, has its socket.
pub(super) fn socket_folder(folder: &Path) -> PathBuf {
    let inside = folder.join("run");
    if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return inside;
    }
    let hash = Sha256::digest(inside.as_os_str().as_encoded_bytes());
    let name = hash.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    Path::new("/tmp").join(format!("countersign-{name:016x}"))
}

fn lock(folder: &Path) -> Result<File, EmbeddedError> {
    let path = folder.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(EmbeddedError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {
            let written = file.set_len(0).and_then(|()| write!(file, "{}", process::id()));
            written.map_err(EmbeddedError::io("write", &path))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(EmbeddedError::io("read", &path))?;
            Err(EmbeddedError::InUse { folder: folder.to_owned(), holder })
        }
        Err(TryLockError::Error(source)) => Err(EmbeddedError::io("lock", path)(source)),
    }
}

/// Makes a folder that only Postgres's user, and root, may enter.
fn make_private(folder: &Path, owner: Option<&Owner>) -> Result<(), EmbeddedError> {
    DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(EmbeddedError::io("make the folder", folder))?;
    owner.map_or(Ok(()), |owner| owner.give(folder))
}

fn is_private(folder: &Path, uid: u32) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|found| {
        found.is_dir() && found.uid() == uid && found.permissions().mode() & 0o777 == 0o700
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_path_has_its_socket_inside_and_a_long_one_in_tmp() {
        let short = Path::new("/var/lib/countersign/postgres");
        let long = PathBuf::from(format!("/srv/{}", "deep/".repeat(30)));

        assert_eq!(socket_folder(short), short.join("run"));
        assert!(socket_folder(&long).starts_with("/tmp"));
        assert!(socket_folder(&long).as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        assert_ne!(socket_folder(&long), socket_folder(&long.join("other")));
    }
}
