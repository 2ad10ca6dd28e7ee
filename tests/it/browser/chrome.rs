//! A real Chromium, driven as a person would: by what is written on the page.
#![expect(clippy::expect_used, clippy::panic, reason = "a test without its browser can only stop")]

use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    error::{CmdError, ErrorStatus},
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use url::{ParseError, Url};

/// The longest that anything on a page may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// The sizes and schemes that every page is looked at in.
const LOOKS: [(u32, u32, &str); 4] =
    [(1280, 800, "light"), (1280, 800, "dark"), (360, 740, "light"), (360, 740, "dark")];
const AXE: &str = include_str!("../../axe.min.js");

/// The browser; ends with the test, whichever way that ends.
pub(super) struct Chrome {
    pub(super) client: Client,
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
    base: Url,
    looked_at: u32,
}

/// What a command beyond the usual ones is sent as.
#[derive(Debug)]
struct Raw {
    path: &'static str,
    body: Json,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

#[expect(clippy::disallowed_methods, reason = "config reads no variables of tests")]
fn program(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}

impl Chrome {
    /// Starts one that asks for pages of `base`.
    pub(super) async fn start(base: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.expect("a free port").port();
        let driver = Command::new(program("COUNTERSIGN_TEST_CHROMEDRIVER", "chromedriver"))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver to start");
        let profile = std::env::temp_dir().join(format!("countersign-chromium-{port}"));
        let capabilities = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": program("COUNTERSIGN_TEST_CHROMIUM", "/usr/bin/chromium"),
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--hide-scrollbars", "--font-render-hinting=none",
                    "--window-size=1280,800", format!("--user-data-dir={}", profile.display()),
                ],
            },
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().expect("an object").clone());
        let address = format!("http://127.0.0.1:{port}");
        let mut tries = 0;
        let client = loop {
            match builder.connect(&address).await {
                Ok(client) => break client,
                Err(error) if tries > 400 => panic!("no browser: {error}"),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let session = client.session_id().await.ok().flatten().expect("a session");
        let base = base.parse().expect("an address");
        Self { client, driver, port, session, profile, base, looked_at: 0 }
    }

    /// Opens a page by its path, or by its whole address.
    pub(super) async fn open(&self, path: &str) {
        let url = self.base.join(path).expect("a path");
        self.client.goto(url.as_str()).await.expect("the page to load");
    }

    /// The path of the page that is open.
    pub(super) async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    async fn wait_for(&self, locator: Locator<'_>, what: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(locator).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                panic!("no {what} at {}: {error}\n{}", self.path().await, self.text().await)
            }
        }
    }

    /// All that can be read on the page.
    pub(super) async fn text(&self) -> String {
        let text = self.client.execute("return document.body.innerText", Vec::new()).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Waits until `words` can be read.
    pub(super) async fn reads(&self, words: &str) {
        self.holds("document.body.innerText.includes(arguments[0])", words).await;
    }

    /// Waits until a condition that is told `words` is true of the page.
    pub(super) async fn holds(&self, condition: &str, words: &str) {
        let script = format!("return Boolean({condition})");
        let ready = async || {
            let read = self.client.execute(&script, vec![json!(words)]).await;
            matches!(read, Ok(Json::Bool(true)))
        };
        let mut waited = Duration::ZERO;
        while !ready().await {
            let step = Duration::from_millis(50);
            assert!(
                waited < PATIENCE,
                "“{words}” is not at {}, where {condition}:\n{}",
                self.path().await,
                self.text().await
            );
            tokio::time::sleep(step).await;
            waited += step;
        }
    }

    /// Opens a page that does not look again by itself, until `words` can be read there.
    pub(super) async fn opens_until(&self, path: &str, words: &str) {
        let mut waited = Duration::ZERO;
        loop {
            self.open(path).await;
            if self.text().await.contains(words) {
                return;
            }
            let step = Duration::from_millis(50);
            assert!(waited < PATIENCE, "“{words}” is not at {path}:\n{}", self.text().await);
            tokio::time::sleep(step).await;
            waited += step;
        }
    }

    /// Types into a field, by its name.
    pub(super) async fn fill(&self, name: &str, text: &str) {
        let field = self.wait_for(Locator::Css(&format!("[name={name}]")), name).await;
        field.clear().await.expect("a field to empty");
        if !text.is_empty() {
            field.send_keys(text).await.expect("a field to type in");
        }
    }

    /// Gives a file to a field, by its name.
    pub(super) async fn attach(&self, name: &str, file: &str) {
        let field = self.wait_for(Locator::Css(&format!("[name={name}]")), name).await;
        field.send_keys(file).await.expect("a field to take a file");
    }

    /// Chooses one of a few, by the names of field and value.
    pub(super) async fn choose(&self, name: &str, value: &str) {
        let field = self.wait_for(Locator::Css(&format!("[name={name}]")), name).await;
        field.select_by_value(value).await.expect("a choice");
    }

    /// What stands in a field.
    pub(super) async fn value(&self, name: &str) -> String {
        let field = self.wait_for(Locator::Css(&format!("[name={name}]")), name).await;
        field.prop("value").await.expect("a value").unwrap_or_default()
    }

    /// Ticks a box, or clears it.
    pub(super) async fn tick(&self, name: &str, on: bool) {
        let field = self.wait_for(Locator::Css(&format!("[name={name}]")), name).await;
        if field.is_selected().await.expect("a box") != on {
            field.click().await.expect("a box to click");
        }
    }

    /// Presses a button, by its words.
    pub(super) async fn press(&self, words: &str) {
        self.click(&format!("//button[normalize-space()='{words}']"), words).await;
    }

    /// Follows a link, by its words.
    pub(super) async fn follow(&self, words: &str) {
        self.click(&format!("//main//a[normalize-space()='{words}']"), words).await;
    }

    /// Where a link leads, by its words.
    pub(super) async fn leads_to(&self, words: &str) -> String {
        let path = format!("//main//a[normalize-space()='{words}']");
        self.wait_for(Locator::XPath(&path), words).await;
        // Read in one go: a live row may be drawn anew between finding the link and asking it.
        let script = "return [...document.querySelectorAll('main a')]
            .find(link => link.textContent.trim() === arguments[0])?.getAttribute('href')";
        let href = self.client.execute(script, vec![json!(words)]).await.expect("a link");
        href.as_str().expect("an address").to_owned()
    }

    async fn click(&self, path: &str, words: &str) {
        let mut tries = 0;
        loop {
            let element = self.wait_for(Locator::XPath(path), words).await;
            match element.click().await {
                Ok(()) => return,
                // htmx put another one in its place between finding and clicking it.
                Err(CmdError::Standard(error))
                    if error.error == ErrorStatus::StaleElementReference && tries < 5 =>
                {
                    tries += 1;
                }
                Err(error) => panic!("cannot click {words}: {error}"),
            }
        }
    }

    /// Presses keys with nothing in particular in hand.
    pub(super) async fn keys(&self, keys: &str) {
        let active = self.client.active_element().await.expect("something in hand");
        active.send_keys(keys).await.expect("keys to be taken");
    }

    async fn raw(&self, path: &'static str, body: Json) -> Json {
        self.client.issue_cmd(Raw { path, body }).await.expect("the browser to obey")
    }

    async fn devtools(&self, command: &str, parameters: Json) {
        let body = json!({ "cmd": command, "params": parameters });
        self.raw("goog/cdp/execute", body).await;
    }

    /// Whether pages may run scripts.
    pub(super) async fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await;
    }

    /// Runs something at the beginning of every page from now on.
    pub(super) async fn begins_with(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Shows pages in a window of that size, below 700 px as a telephone does.
    pub(super) async fn sized(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Looks at the page in every size and scheme: it fits, axe-core finds nothing against it,
    /// the console is empty; and a picture of each stays in `target/screenshots`.
    pub(super) async fn look(&mut self, name: &str) {
        self.looked_at += 1;
        for (width, height, scheme) in LOOKS {
            let features = json!([
                { "name": "prefers-color-scheme", "value": scheme },
                // Colours on their way from one scheme to the other are nobody's to read.
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ]);
            self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
            self.sized(width, height).await;
            self.fits(name, width).await;
            self.is_accessible(name).await;
            let picture = self.client.screenshot().await.expect("a picture");
            let file = format!("{:02}-{name}-{width}-{scheme}.png", self.looked_at);
            fs::write(pictures().join(file), picture).expect("a picture to be kept");
        }
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        self.is_silent(name).await;
    }

    async fn fits(&self, name: &str, width: u32) {
        let script = "return document.documentElement.scrollWidth";
        let needs = self.client.execute(script, Vec::new()).await.expect("a width");

        assert!(needs.as_u64() <= Some(u64::from(width)), "{name} needs {needs} px of {width}");
    }

    async fn is_accessible(&self, name: &str) {
        self.client.execute(AXE, Vec::new()).await.expect("axe-core to be taken");
        let run = "const done = arguments[arguments.length - 1];
             axe.run().then(found => done(found.violations), error => done([String(error)]))";
        let found = self.client.execute_async(run, Vec::new()).await.expect("axe-core to run");

        assert_eq!(found, json!([]), "{name} is not accessible to all");
    }

    /// Nothing is in the console but that the server refused what a test had it refuse.
    pub(super) async fn is_silent(&self, name: &str) {
        let said = self.raw("se/log", json!({ "type": "browser" })).await;
        let refusals = ["of 409", "of 410", "of 422"];
        let is_refusal = |entry: &Json| {
            let says = entry["message"].as_str().unwrap_or_default();
            entry["source"] == "network" && refusals.iter().any(|status| says.contains(status))
        };
        let said: Vec<_> =
            said.as_array().into_iter().flatten().filter(|entry| !is_refusal(entry)).collect();

        assert!(said.is_empty(), "{name} says in the console: {said:#?}");
    }
}

fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

impl Chrome {
    /// Has chromedriver end its Chromium, which would outlive it. Waits for the answer, with no runtime:
    /// the test's own may be unwinding.
    fn end(&self) -> io::Result<()> {
        let mut driver = TcpStream::connect(("127.0.0.1", self.port))?;
        driver.set_read_timeout(Some(PATIENCE))?;
        write!(driver, "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", self.session)?;
        driver.read_exact(&mut [0; 12])
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _ = self.end();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
