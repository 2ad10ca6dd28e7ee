//! Every setting by name, gathered as text from where it may be set.

use std::{collections::BTreeMap, fs};

use super::{Environment, Faults, Overrides};

/// One thing that can be set.
struct Setting {
    /// Its key in the file.
    name: &'static str,
    /// Its environment variable.
    variable: &'static str,
    /// A secret is never repeated in a fault, and may stand in a file of its own.
    is_secret: bool,
    about: &'static str,
}

const fn setting(name: &'static str, variable: &'static str, about: &'static str) -> Setting {
    Setting { name, variable, is_secret: false, about }
}

const fn secret(name: &'static str, variable: &'static str, about: &'static str) -> Setting {
    Setting { name, variable, is_secret: true, about }
}

const SETTINGS: [Setting; 13] = [
    setting("listen", "COUNTERSIGN_LISTEN", "address and port to serve on [127.0.0.1:8080]"),
    setting(
        "public_url",
        "COUNTERSIGN_PUBLIC_URL",
        "how browsers reach it, as https://countersign.example.com",
    ),
    setting(
        "data_dir",
        "COUNTERSIGN_DATA_DIR",
        "where the embedded Postgres and the secret key are kept",
    ),
    secret("database_url", "DATABASE_URL", "a Postgres to use instead of the embedded one"),
    setting(
        "database_connections",
        "COUNTERSIGN_DATABASE_CONNECTIONS",
        "at most so many connections [20]",
    ),
    setting(
        "postgres_programs",
        "COUNTERSIGN_POSTGRES_PROGRAMS",
        "the folder of `initdb`, for the embedded Postgres",
    ),
    secret(
        "secret_key",
        "COUNTERSIGN_SECRET_KEY",
        "32 bytes in base64 or hex [generated in the data dir]",
    ),
    setting(
        "outbound_allow",
        "COUNTERSIGN_OUTBOUND_ALLOW",
        "private hosts and networks that apps may be on",
    ),
    setting(
        "scim_rate",
        "COUNTERSIGN_SCIM_RATE",
        "requests a second that each source may make, 0 for no limit [100]",
    ),
    setting("log", "COUNTERSIGN_LOG", "what to log [info,sqlx=warn]"),
    setting("log_format", "COUNTERSIGN_LOG_FORMAT", "text or json [text]"),
    setting(
        "request_log_days",
        "COUNTERSIGN_REQUEST_LOG_DAYS",
        "how long requests of identity providers are kept [14]",
    ),
    setting("sandbox", "COUNTERSIGN_SANDBOX", "serve the stand-in EchoSign: on or off [off]"),
];

/// Names the file of settings; not a setting itself.
const CONFIG: &str = "COUNTERSIGN_CONFIG";

/// The environment variables, one a line, for `--help`.
#[must_use]
pub fn help() -> String {
    let mut lines = vec![format!(
        "  {CONFIG:<33} a TOML file of these settings, in lower case without COUNTERSIGN_"
    )];
    lines.extend(
        SETTINGS.iter().map(|setting| format!("  {:<33} {}", setting.variable, setting.about)),
    );
    lines.push(
        "A secret may stand in a file, named by the variable with _FILE at its end.".to_owned(),
    );
    lines.join("\n")
}

/// A value, and where it was set.
#[derive(Debug, Clone)]
struct Found {
    text: String,
    origin: String,
}

/// What was set, and what is wrong with it so far.
#[derive(Debug, Default)]
pub(super) struct Settings {
    found: BTreeMap<&'static str, Found>,
    pub(super) faults: Faults,
}

impl Settings {
    /// Takes each from the command line, else the environment, else the file.
    pub(super) fn gather(overrides: &Overrides, environment: &Environment) -> Self {
        let mut settings = Self::default();
        settings.refuse_unknown_variables(environment);
        for (name, option, value) in overrides.named() {
            settings.put(name, value, option);
        }
        for setting in &SETTINGS {
            settings.take(
                setting,
                setting.variable,
                environment.find(setting.variable),
                |suffixed| environment.find(suffixed).map(str::to_owned),
            );
        }
        let file = overrides.config.as_deref().or_else(|| environment.find(CONFIG));
        if let Some(file) = file {
            settings.take_file(file);
        }
        settings
    }

    /// The value of a setting, where it is set and `parse` accepts it. `parse` says what to write instead.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Found { text, origin } = self.found.get(name)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(mend) if is_secret(name) => {
                self.faults.add(format!("{origin} cannot be used: {mend}"));
                None
            }
            Err(mend) => {
                self.faults.add(format!("{origin} is {text:?}: {mend}"));
                None
            }
        }
    }

    fn put(&mut self, name: &'static str, text: &str, origin: impl Into<String>) {
        self.found
            .entry(name)
            .or_insert_with(|| Found { text: text.to_owned(), origin: origin.into() });
    }

    /// Takes a value, or for a secret the content of the file that the name with `_FILE` names.
    fn take(
        &mut self,
        setting: &Setting,
        origin: &str,
        value: Option<&str>,
        find: impl FnOnce(&str) -> Option<String>,
    ) {
        if let Some(value) = value {
            self.put(setting.name, value, origin);
        }
        if !setting.is_secret {
            return;
        }
        let suffixed =
            format!("{origin}{}", if origin == setting.variable { "_FILE" } else { "_file" });
        let Some(path) = find(&suffixed) else { return };
        if value.is_some() {
            self.faults.add(format!("{origin} and {suffixed} are both set: leave one out"));
            return;
        }
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => self.put(setting.name, text.trim(), suffixed),
            Ok(_) => self
                .faults
                .add(format!("{suffixed} names {path}, which is empty: put the secret into it")),
            Err(error) => {
                self.faults.add(format!("{suffixed} names {path}, which cannot be read: {error}"));
            }
        }
    }

    fn take_file(&mut self, path: &str) {
        let table = match fs::read_to_string(path).map(|text| text.parse::<toml::Table>()) {
            Ok(Ok(table)) => table,
            Ok(Err(error)) => {
                return self.faults.add(format!("{path} is not TOML: {}", error.message()));
            }
            Err(error) => {
                return self
                    .faults
                    .add(format!("{CONFIG} names {path}, which cannot be read: {error}"));
            }
        };
        let mut texts = BTreeMap::new();
        for (key, value) in &table {
            if !SETTINGS.iter().any(|setting| {
                setting.name == key
                    || setting.is_secret && key.strip_suffix("_file") == Some(setting.name)
            }) {
                let known = SETTINGS.iter().map(|setting| setting.name);
                self.faults
                    .add(format!("{key} in {path} is not a setting{}", did_you_mean(key, known)));
            } else if let Some(text) = text_of(value) {
                texts.insert(key.as_str(), text);
            } else {
                self.faults.add(format!(
                    "{key} in {path} must be text, a number, true, false or a list of texts"
                ));
            }
        }
        for setting in &SETTINGS {
            let origin = format!("{} in {path}", setting.name);
            let value = texts.get(setting.name).map(String::as_str).filter(|text| !text.is_empty());
            self.take(setting, &origin, value, |_| {
                texts.get(format!("{}_file", setting.name).as_str()).cloned()
            });
        }
    }

    /// A typing error must not pass in silence, as it could leave a safeguard off.
    fn refuse_unknown_variables(&mut self, environment: &Environment) {
        for (name, value) in &environment.variables {
            let Some(rest) = name.strip_prefix("COUNTERSIGN_") else { continue };
            let is_known = name == CONFIG
                || SETTINGS.iter().any(|setting| {
                    setting.variable == name
                        || setting.is_secret && name.strip_suffix("_FILE") == Some(setting.variable)
                });
            if !is_known && !rest.starts_with("TEST_") && !is_service_link(rest) {
                let known = SETTINGS.iter().map(|setting| setting.variable);
                self.faults.add(format!("{name} is not a setting{}", did_you_mean(name, known)));
            }
            if is_known && value.contains(char::REPLACEMENT_CHARACTER) {
                self.faults.add(format!("{name} is not text in UTF-8: write it anew"));
            }
        }
    }
}

fn is_secret(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.name == name && setting.is_secret)
}

/// Kubernetes gives every process such variables when a service is called `countersign`.
fn is_service_link(rest: &str) -> bool {
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.trim().to_owned()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(toml::Value::as_str)
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(",")),
        _ => None,
    }
}

/// A hint at the known name that is nearest, if any is near.
fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map_or_else(
            || ": leave it out".to_owned(),
            |(_, nearest)| format!(": did you mean {nearest}?"),
        )
}

/// How many letters have to be put in, taken out or changed to make one name of the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in right.bytes().enumerate() {
            let cost = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = cost.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest_one() {
        let known = || ["listen", "public_url"].into_iter();

        assert_eq!(did_you_mean("lisetn", known()), ": did you mean listen?");
        assert_eq!(did_you_mean("public_uri", known()), ": did you mean public_url?");
        assert_eq!(did_you_mean("colour", known()), ": leave it out");
    }

    #[test]
    fn the_distance_of_two_names_counts_letters() {
        for (left, right, expected) in
            [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn the_help_names_every_variable() {
        let help = help();

        assert!(SETTINGS.iter().all(|setting| help.contains(setting.variable)), "{help}");
    }
}
