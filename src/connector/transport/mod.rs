//! The one HTTP transport to apps: bounds time, size and addresses, follows no redirect,
//! and adds the token that nothing else ever sees.

mod base;
mod fault;
mod guard;
mod wait;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{
    Client, Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use url::Url;

pub(crate) use self::{base::encoded, wait::bounded};
pub use self::{
    base::{BadBaseUrl, BaseUrl},
    guard::OutboundRules,
};
use super::{Exchange, Refusal, Request, answer::shortened};
use crate::kernel::Clock;

/// The longest one request takes, from the look-up of the name to the last byte.
/// Shorter than a job's lease.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest it takes to connect, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes.
pub const LONGEST_ANSWER: usize = 1024 * 1024;

/// The most of an answer that is kept as evidence, in characters.
const EXCERPT: usize = 2_000;

/// An app's address and the token for it.
#[derive(Clone)]
pub struct Endpoint {
    base: BaseUrl,
    token: SecretString,
    authorization: HeaderValue,
}

/// A text that cannot be a bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be the token on one line, without spaces.")]
pub struct BadToken;

impl Endpoint {
    /// Takes the token as it was pasted: white space around it and a leading `Bearer` are no part of it.
    ///
    /// # Errors
    /// [`BadToken`] when no header can carry it.
    pub fn new(base: BaseUrl, token: &SecretString) -> Result<Self, BadToken> {
        let pasted = token.expose_secret().trim();
        let token = match pasted.split_once(char::is_whitespace) {
            Some((word, rest)) if word.eq_ignore_ascii_case("bearer") => rest.trim(),
            _ => pasted,
        };
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadToken);
        }
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| BadToken)?;
        authorization.set_sensitive(true);
        Ok(Self { base, token: token.into(), authorization })
    }

    /// The text without the token, should the app have repeated it. One of a few letters
    /// is no secret, and would be found in the midst of other words.
    fn masked(&self, text: String) -> String {
        match self.token.expose_secret() {
            token if token.len() < 8 || !text.contains(token) => text,
            token => text.replace(token, "[token]"),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base", &self.base).finish_non_exhaustive()
    }
}

/// An HTTP answer, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// How long it wishes to be left alone, by its header.
    pub(crate) wait: Option<Duration>,
    /// Where a redirect leads, without query.
    pub(crate) location: Option<String>,
    /// The whole body.
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON, whatever the answer calls it, and without any NUL: Postgres takes none.
    pub(crate) fn json(&self) -> Option<Json> {
        let mut json = serde_json::from_str(self.body.trim_start_matches('\u{feff}')).ok()?;
        if self.body.contains("\\u0000") {
            replace_nul(&mut json);
        }
        Some(json)
    }
}

/// One request and what came of it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) exchange: Exchange,
    pub(crate) answer: Result<Answer, Refusal>,
}

/// The system's TLS cannot be set up at all.
#[derive(Debug, thiserror::Error)]
#[error("secure connections cannot be made on this machine: {0}")]
pub struct NoTransport(#[from] reqwest::Error);

/// The transport, shared by all apps.
#[derive(Debug, Clone)]
pub struct Transport {
    rules: Arc<OutboundRules>,
    secure: Client,
    plain: Client,
    clock: Arc<dyn Clock>,
}

impl Transport {
    /// A transport that calls only what `rules` let it.
    ///
    /// # Errors
    /// [`NoTransport`] when not even an HTTP client without certificates can be made.
    pub fn new(rules: OutboundRules, clock: Arc<dyn Clock>) -> Result<Self, NoTransport> {
        Self::with_timeouts(rules, clock, CONNECT_TIMEOUT, TIMEOUT)
    }

    /// The same with other time limits than [`CONNECT_TIMEOUT`] and [`TIMEOUT`].
    ///
    /// # Errors
    /// As [`Transport::new`].
    pub fn with_timeouts(
        rules: OutboundRules,
        clock: Arc<dyn Clock>,
        connect: Duration,
        total: Duration,
    ) -> Result<Self, NoTransport> {
        // An error says that the process has chosen one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rules = Arc::new(rules);
        let client = |plain| {
            Client::builder()
                .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::none())
                .no_proxy()
                .connect_timeout(connect)
                .timeout(total)
                .dns_resolver(Arc::new(guard::Guard { rules: Arc::clone(&rules), plain }))
        };
        let plain = client(true).tls_certs_only([]).build()?;
        let secure = client(false).build().or_else(|error| {
            // Then every certificate is from an unknown issuer, which says what to mend where
            // it matters; what needs no TLS goes on.
            tracing::warn!(%error, "this machine has no trusted certificates: install ca-certificates");
            client(false).tls_certs_only([]).build()
        })?;
        Ok(Self { rules, secure, plain, clock })
    }

    /// Makes one request of the app.
    pub(crate) async fn ask(&self, app: &Endpoint, request: &Request) -> Asked {
        let begun = Instant::now();
        let answer = self.answer(app, request).await;
        let took = begun.elapsed();
        let (status, text) = match &answer {
            Ok(answer) => (Some(answer.status), excerpt(answer)),
            Err(refusal) => (None, refusal.to_string()),
        };
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(
            http.method = request.method,
            http.status = status,
            duration_ms,
            "asked an app"
        );
        let exchange = Exchange { request: request.clone(), status, answer: text, duration_ms };
        Asked { exchange, answer }
    }

    async fn answer(&self, app: &Endpoint, request: &Request) -> Result<Answer, Refusal> {
        let url = app.base.below(&request.path).ok_or(Refusal::Astray)?;
        self.rules.judge(&url)?;
        let method = Method::try_from(request.method.as_str()).map_err(|_| Refusal::Astray)?;
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let mut asked = client
            .request(method, url)
            .header(AUTHORIZATION, app.authorization.clone())
            .header(ACCEPT, "application/scim+json, application/json");
        if let Some(body) = &request.body {
            asked = asked.header(CONTENT_TYPE, "application/scim+json").body(body.to_string());
        }
        let response = asked.send().await.map_err(|error| fault::read(&error))?;
        self.read(app, response).await
    }

    async fn read(&self, app: &Endpoint, mut response: Response) -> Result<Answer, Refusal> {
        let status = response.status().as_u16();
        let wait = wait::asked(response.headers(), self.clock.now());
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|location| destination(app.base.url(), location.to_str().ok()?));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault::read(&error))? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Refusal::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let body = app.masked(String::from_utf8_lossy(&body).into_owned());
        Ok(Answer { status, wait, location, body })
    }
}

/// Where a redirect leads, fit to be shown.
fn destination(from: &Url, location: &str) -> Option<String> {
    let mut to = from.join(location).ok()?;
    to.set_query(None);
    to.set_fragment(None);
    shortened(to.as_str(), 200)
}

/// The beginning of an answer, without any password in it.
fn excerpt(answer: &Answer) -> String {
    let mut json = answer.json().unwrap_or_default();
    let text = if hide_passwords(&mut json) { &json.to_string() } else { &answer.body };
    // Postgres takes no NUL in a text.
    shortened(text.replace('\0', "\u{fffd}").trim(), EXCERPT).unwrap_or_default()
}

fn replace_nul(json: &mut Json) {
    match json {
        Json::String(text) => *text = text.replace('\0', "\u{fffd}"),
        Json::Array(items) => items.iter_mut().for_each(replace_nul),
        Json::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(name, mut value)| {
                    replace_nul(&mut value);
                    (name.replace('\0', "\u{fffd}"), value)
                })
                .collect();
        }
        _ => {}
    }
}

/// Hides every password, and tells whether there was one.
fn hide_passwords(json: &mut Json) -> bool {
    let mut hidden = false;
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                if name.eq_ignore_ascii_case("password") && !value.is_null() {
                    *value = Json::from("[hidden]");
                    hidden = true;
                } else {
                    hidden |= hide_passwords(value);
                }
            }
        }
        Json::Array(items) => {
            for item in items {
                hidden |= hide_passwords(item);
            }
        }
        _ => {}
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, wait: None, location: None, body: body.to_owned() }
    }

    fn endpoint(token: &str) -> Result<Endpoint, BadToken> {
        Endpoint::new(BaseUrl::parse("https://a.example").expect("a URL"), &token.into())
    }

    #[test]
    fn a_token_is_taken_as_it_was_pasted() {
        for pasted in
            ["s3cret-token", " s3cret-token\n", "Bearer s3cret-token", "bearer  s3cret-token "]
        {
            let endpoint = endpoint(pasted).expect("a token");

            assert_eq!(endpoint.authorization.as_bytes(), b"Bearer s3cret-token");
        }
        for pasted in ["", " ", "two words", "Bearer two words", "line\nline", "t\u{e9}ken"] {
            assert_eq!(endpoint(pasted).err(), Some(BadToken), "{pasted:?}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let endpoint = endpoint("s3cret-token").expect("a token");

        let shown = format!("{endpoint:?} {:?}", endpoint.authorization);
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(endpoint.masked("bad token s3cret-token.".to_owned()), "bad token [token].");
    }

    #[test]
    fn an_excerpt_is_bounded_and_holds_no_password() {
        let body = r#"{"Resources":[{"userName":"ana","Password":"{SSHA}x"}],"password":null}"#;

        let shown = excerpt(&answer(body));
        assert!(!shown.contains("SSHA") && shown.contains("ana"), "{shown}");
        assert_eq!(excerpt(&answer("{ \"a\": 1 }")), "{ \"a\": 1 }");
        assert_eq!(excerpt(&answer(&"é".repeat(EXCERPT + 1))).chars().count(), EXCERPT);
        assert_eq!(excerpt(&answer("a\0b")), "a\u{fffd}b");
    }

    #[test]
    fn a_redirect_is_shown_without_what_may_be_secret() {
        let base = BaseUrl::parse("https://a.example/scim/v2").expect("a URL");

        assert_eq!(
            destination(base.url(), "/sign-in?session=s3cret#x").as_deref(),
            Some("https://a.example/sign-in")
        );
    }

    #[test]
    fn json_is_read_whatever_the_answer_calls_it() {
        assert_eq!(answer("\u{feff}{\"id\":1}").json(), Some(serde_json::json!({ "id": 1 })));
        assert_eq!(answer("<html>").json(), None);
        assert_eq!(answer("").json(), None);
        let nul = answer(r#"{"a\u0000":["b\u0000c"]}"#).json();
        assert_eq!(nul, Some(serde_json::json!({ "a\u{fffd}": ["b\u{fffd}c"] })));
    }
}
