//! What the process was started with: the one place that looks at it.

use std::{collections::BTreeMap, fs, os::unix::fs::MetadataExt};

/// The environment variables, and whether we are root.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The variables by name.
    pub variables: BTreeMap<String, String>,
    /// Whether the process runs as root, who has another place for data.
    pub is_root: bool,
}

impl Environment {
    /// This process's own.
    #[must_use]
    pub fn read() -> Self {
        let variables = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        Self { variables, is_root: fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) }
    }

    /// A variable that is set, and not to nothing.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}
