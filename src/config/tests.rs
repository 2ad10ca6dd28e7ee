use std::fs;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let pairs = [("HOME", "/home/ana")].iter().chain(variables);
    Environment {
        variables: pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        is_root: false,
    }
}

fn load(variables: &[(&str, &str)]) -> Result<Config, Faults> {
    Config::load(&Overrides::default(), &environment(variables))
}

fn faults(variables: &[(&str, &str)]) -> Vec<String> {
    load(variables).unwrap_err().to_string().lines().map(str::to_owned).collect()
}

/// A file of its own, gone with the value.
struct TempFile(PathBuf);

impl TempFile {
    fn new(text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("countersign-config-{:016x}", rand::random::<u64>()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn nothing_set_means_a_local_server_with_its_own_postgres() {
    let config = load(&[]).unwrap();

    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url(config.listen).to_string(), "http://127.0.0.1:8080");
    assert_eq!(config.data_dir, Path::new("/home/ana/.local/share/countersign"));
    let Database::Embedded { folder, programs: None } = config.database else {
        panic!("{:?}", config.database)
    };
    assert_eq!(folder, Path::new("/home/ana/.local/share/countersign/postgres"));
    assert!(
        config.outbound_allow.hosts().is_empty() && config.outbound_allow.networks().is_empty()
    );
    assert!(!config.sandbox);
    assert_eq!(config.scim_rate, 100);
}

#[test]
fn the_data_is_kept_where_the_user_keeps_data() {
    let xdg = load(&[("XDG_DATA_HOME", "/data")]).unwrap();
    let root = Environment { is_root: true, ..Environment::default() };
    let of_root = Config::load(&Overrides::default(), &root).unwrap();
    let homeless = Config::load(&Overrides::default(), &Environment::default()).unwrap_err();

    assert_eq!(xdg.data_dir, Path::new("/data/countersign"));
    assert_eq!(of_root.data_dir, Path::new("/var/lib/countersign"));
    assert!(homeless.to_string().contains("COUNTERSIGN_DATA_DIR"), "{homeless}");
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let file = TempFile::new(
        "listen = '127.0.0.1:1'\npublic_url = 'http://file'\nlog = 'warn'\nsandbox = true",
    );
    let environment = environment(&[
        ("COUNTERSIGN_CONFIG", file.path()),
        ("COUNTERSIGN_LISTEN", "127.0.0.1:2"),
        ("COUNTERSIGN_PUBLIC_URL", "http://environment"),
    ]);
    let overrides = Overrides { listen: Some("127.0.0.1:3".to_owned()), ..Overrides::default() };

    let config = Config::load(&overrides, &environment).unwrap();

    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.public_url(config.listen).to_string(), "http://environment");
    assert_eq!(config.log, "warn");
    assert!(config.sandbox);
}

#[test]
fn every_fault_is_told_at_once_with_its_variable_and_the_mend() {
    let faults = faults(&[
        ("COUNTERSIGN_LISTEN", "everywhere"),
        ("COUNTERSIGN_PUBLIC_URL", "https://example.com/app"),
        ("COUNTERSIGN_LISTNE", "127.0.0.1:1"),
        ("COUNTERSIGN_LOG", "countersign=loud"),
        ("COUNTERSIGN_LOG_FORMAT", "xml"),
        ("COUNTERSIGN_SANDBOX", "maybe"),
        ("COUNTERSIGN_OUTBOUND_ALLOW", "http://sign"),
        ("COUNTERSIGN_DATABASE_CONNECTIONS", "0"),
        ("COUNTERSIGN_SCIM_RATE", "fast"),
    ]);

    assert_eq!(faults.len(), 9, "{faults:#?}");
    for (variable, mend) in [
        ("COUNTERSIGN_LISTEN is \"everywhere\"", "127.0.0.1:8080"),
        ("COUNTERSIGN_PUBLIC_URL", "https://countersign.example.com"),
        ("COUNTERSIGN_LISTNE", "did you mean COUNTERSIGN_LISTEN?"),
        ("COUNTERSIGN_LOG ", "info,sqlx=warn"),
        ("COUNTERSIGN_LOG_FORMAT", "text or json"),
        ("COUNTERSIGN_SANDBOX", "on or off"),
        ("COUNTERSIGN_OUTBOUND_ALLOW", "10.0.0.0/8"),
        ("COUNTERSIGN_DATABASE_CONNECTIONS", "2 to 1000"),
        ("COUNTERSIGN_SCIM_RATE", "0 for no limit"),
    ] {
        let found = faults.iter().any(|fault| fault.starts_with(variable) && fault.contains(mend));
        assert!(found, "{variable}: {faults:#?}");
    }
}

#[test]
fn a_secret_is_never_repeated() {
    let faults = faults(&[
        ("DATABASE_URL", "mysql://ana:hunter2@db/x"),
        ("COUNTERSIGN_SECRET_KEY", "hunter2"),
    ]);

    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(!faults.concat().contains("hunter2"), "{faults:?}");
    let config = load(&[("DATABASE_URL", "postgres://ana:hunter2@db/x")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let file = TempFile::new("postgres://ana:hunter2@db/x\n");

    let config = load(&[("DATABASE_URL_FILE", file.path())]).unwrap();

    let Database::Url(url) = &config.database else { panic!("{config:?}") };
    assert_eq!(url.expose_secret(), "postgres://ana:hunter2@db/x");
}

#[test]
fn a_secret_that_is_set_twice_or_whose_file_is_missing_is_a_fault() {
    let file = TempFile::new("postgres://db/x");

    let twice = faults(&[("DATABASE_URL", "postgres://db/y"), ("DATABASE_URL_FILE", file.path())]);
    let missing = faults(&[("COUNTERSIGN_SECRET_KEY_FILE", "/nowhere/key")]);

    assert!(twice[0].contains("DATABASE_URL and DATABASE_URL_FILE"), "{twice:?}");
    assert!(
        missing[0].starts_with("COUNTERSIGN_SECRET_KEY_FILE names /nowhere/key"),
        "{missing:?}"
    );
}

#[test]
fn an_unknown_or_broken_key_in_the_file_is_a_fault_that_names_the_file() {
    let unknown = TempFile::new("lisetn = '127.0.0.1:1'");
    let wrong = TempFile::new("listen = { port = 1 }");
    let broken = TempFile::new("listen = ");

    for (file, part) in
        [(&unknown, "did you mean listen?"), (&wrong, "must be text"), (&broken, "is not TOML")]
    {
        let faults = faults(&[("COUNTERSIGN_CONFIG", file.path())]);

        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(part) && faults[0].contains(file.path()), "{faults:?}");
    }
}

#[test]
fn lists_and_secret_files_work_in_the_file_too() {
    let key = TempFile::new(&"ab".repeat(32));
    let file = TempFile::new(&format!(
        "outbound_allow = ['10.0.0.0/8', 'sign.internal']\nsecret_key_file = '{}'",
        key.path()
    ));

    let config = load(&[("COUNTERSIGN_CONFIG", file.path())]).unwrap();

    assert_eq!(config.outbound_allow.hosts(), ["sign.internal"]);
    assert_eq!(config.secret_key().unwrap().expose_secret(), &[0xab; 32]);
}

#[test]
fn what_tests_and_kubernetes_set_is_passed_over() {
    let config = load(&[
        ("COUNTERSIGN_TEST_DATABASE_URL", "x"),
        ("COUNTERSIGN_SERVICE_HOST", "10.0.0.1"),
        ("COUNTERSIGN_PORT", "tcp://10.0.0.1:80"),
        ("COUNTERSIGN_PORT_80_TCP", "tcp://10.0.0.1:80"),
    ]);

    assert!(config.is_ok(), "{config:?}");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = load(&[("COUNTERSIGN_LISTEN", " "), ("DATABASE_URL", "")]).unwrap();

    assert_eq!(config.listen.port(), 8080);
    assert!(matches!(config.database, Database::Embedded { .. }));
}

#[test]
fn a_demo_brings_its_own_postgres_whatever_the_environment_says() {
    let overrides = Overrides { demo: true, ..Overrides::default() };

    let config =
        Config::load(&overrides, &environment(&[("DATABASE_URL", "postgres://production/x")]))
            .unwrap();

    assert!(matches!(config.database, Database::Embedded { .. }));
    assert!(config.sandbox);
}
