//! The file that keeps the accounts over a restart: one line for each change.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::accounts::Accounts;

/// Why the accounts cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("the accounts of the sandbox cannot be kept in {}: {error}", .file.display())]
pub struct JournalError {
    file: PathBuf,
    #[source]
    error: io::Error,
}

/// Where changes are written, if anywhere.
#[derive(Debug, Default)]
pub(super) struct Journal(Option<File>);

impl Journal {
    /// Reads what `file` keeps, and writes it anew without what has become of no account: into
    /// a file beside it that then takes its place, so that it is never half written.
    pub(super) fn open(file: &Path) -> Result<(Self, Vec<Value>), JournalError> {
        let failed = |error| JournalError { file: file.to_owned(), error };
        let accounts = read(file).map_err(failed)?;
        let kept: Vec<_> = accounts.matching(None).cloned().collect();
        let opened = rewrite(file, &kept).map_err(failed)?;
        Ok((Self(Some(opened)), kept))
    }

    /// Writes that an account is as it is now.
    pub(super) fn put(&mut self, account: &Value) -> io::Result<()> {
        self.write(&json!({ "put": account }))
    }

    /// Writes that an account is gone.
    pub(super) fn remove(&mut self, id: &str) -> io::Result<()> {
        self.write(&json!({ "remove": id }))
    }

    fn write(&mut self, change: &Value) -> io::Result<()> {
        match &mut self.0 {
            Some(file) => file.write_all(format!("{change}\n").as_bytes()),
            None => Ok(()),
        }
    }
}

fn read(file: &Path) -> io::Result<Accounts> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut accounts = Accounts::default();
    for (number, line) in text.lines().enumerate() {
        match serde_json::from_str::<Value>(line) {
            Ok(change) => apply(&mut accounts, change),
            // A line without its end was being written when the process ended.
            Err(_) if !text.ends_with('\n') && text.lines().count() == number + 1 => {}
            Err(error) => {
                let says = format!("line {} cannot be read: {error}", number + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, says));
            }
        }
    }
    Ok(accounts)
}

fn apply(accounts: &mut Accounts, mut change: Value) {
    if let Some(id) = change["remove"].as_str() {
        accounts.remove(id);
    } else if change["put"].is_object() {
        accounts.put(change["put"].take());
    }
}

fn rewrite(file: &Path, accounts: &[Value]) -> io::Result<File> {
    let beside = file.with_extension("new");
    let mut journal = Journal(Some(File::create(&beside)?));
    accounts.iter().try_for_each(|account| journal.put(account))?;
    fs::rename(&beside, file)?;
    OpenOptions::new().append(true).open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, gone with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("sandbox-{:016x}", rand::random::<u64>()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_was_kept_is_there_again_and_in_its_order() {
        let folder = Folder::new();
        let file = folder.0.join("accounts");
        let (mut journal, kept) = Journal::open(&file).unwrap();
        assert_eq!(kept, Vec::<Value>::new());
        for id in ["1", "2", "3"] {
            journal.put(&json!({ "id": id, "userName": "old" })).unwrap();
        }
        journal.put(&json!({ "id": "1", "userName": "new" })).unwrap();
        journal.remove("2").unwrap();

        let (_, kept) = Journal::open(&file).unwrap();

        let expected =
            [json!({ "id": "1", "userName": "new" }), json!({ "id": "3", "userName": "old" })];
        assert_eq!(kept, expected);
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2, "only what is left");
    }

    #[test]
    fn a_line_cut_short_is_lost_alone() {
        let folder = Folder::new();
        let file = folder.0.join("accounts");
        fs::write(&file, "{\"put\":{\"id\":\"1\"}}\n{\"put\":{\"id\":").unwrap();

        let (mut journal, kept) = Journal::open(&file).unwrap();
        journal.put(&json!({ "id": "2" })).unwrap();

        assert_eq!(kept, [json!({ "id": "1" })]);
        assert_eq!(Journal::open(&file).unwrap().1.len(), 2);
    }

    #[test]
    fn another_file_is_refused_and_left_alone() {
        let folder = Folder::new();
        let file = folder.0.join("accounts");
        fs::write(&file, "dear diary\n").unwrap();

        let error = Journal::open(&file).expect_err("refused").to_string();

        assert!(error.contains("line 1 cannot be read"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "dear diary\n");
    }
}
