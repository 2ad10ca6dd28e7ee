//! Somebody signed in, who looks and decides as fast as they are answered.

use std::{
    net::SocketAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{
    figures::Figures,
    server::{EMAIL, PASSWORD},
    world::Waiting,
};

const QUEUE: &str = "/users/provisioning";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) struct Visitor {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
    cookie: String,
}

/// A decision on many, drawn up.
pub(crate) struct Drawn {
    pub(crate) path: String,
    pub(crate) id: String,
    /// In seconds.
    pub(crate) took: f64,
}

impl Visitor {
    pub(crate) async fn sign_in(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let mut visitor =
            Self { client, origin: format!("http://{address}"), cookie: String::new() };
        let form = encoded(&[("email", EMAIL), ("password", PASSWORD), ("next", "")]);
        let answer = visitor.post("/sign-in", form).await;
        let cookie = answer.headers().get(header::SET_COOKIE).expect("a session");
        let cookie = cookie.to_str().expect("a cookie").split(';').next();
        cookie.unwrap_or_default().clone_into(&mut visitor.cookie);
        visitor
    }

    /// So many look at a page again and again.
    pub(crate) async fn look(&self, path: &str, visitors: usize, length: Duration) -> Figures {
        let begin = Instant::now();
        let one = async || {
            let mut taken = Vec::new();
            while begin.elapsed() < length {
                taken.push(self.page(path).await.1);
            }
            taken
        };
        let taken = futures_util::future::join_all((0..visitors).map(|_| one())).await.concat();
        Figures::of(taken, begin.elapsed())
    }

    /// The page, and how long it took.
    async fn page(&self, path: &str) -> (Bytes, Duration) {
        let begin = Instant::now();
        let answer = self.send(Method::GET, path, Vec::new()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        (answer.into_body(), begin.elapsed())
    }

    /// The address of what is so many pages on, or of the last page; and how many pages that is.
    pub(crate) async fn onward(&self, path: &str, pages: usize) -> (usize, String) {
        let mut here = path.to_owned();
        for gone in 0..pages {
            let body = String::from_utf8(self.page(&here).await.0.to_vec()).expect("a page");
            let Some(next) = next_of(&body) else { return (gone, here) };
            here = next;
        }
        (pages, here)
    }

    /// So many approve what waits, one action each time, while somebody looks at the first page: what each took.
    pub(crate) async fn approve_and_look(
        &self,
        waiting: &[Waiting],
        visitors: usize,
    ) -> (Figures, Figures) {
        let todo = Mutex::new(waiting.iter());
        let begin = Instant::now();
        let one = async || {
            let mut taken = Vec::new();
            loop {
                let next = todo.lock().expect("the list").next();
                let Some(action) = next else { return taken };
                taken.push(self.approve(action).await);
            }
        };
        let deciding = async {
            let taken = futures_util::future::join_all((0..visitors).map(|_| one())).await.concat();
            Figures::of(taken, begin.elapsed())
        };
        self.look_during(deciding).await
    }

    async fn approve(&self, action: &Waiting) -> Duration {
        let begin = Instant::now();
        let path = format!("{QUEUE}/{}/approve", action.id);
        let answer = self.post(&path, encoded(&[("digest", &action.digest)])).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", action.id);
        begin.elapsed()
    }

    /// Draws up an approval of all that waits and matches a search.
    pub(crate) async fn draw_up(&self, search: &str) -> Drawn {
        let begin = Instant::now();
        let fields = [("verdict", "approve"), ("all", "1"), ("status", "pending"), ("q", search)];
        let answer = self.post(&format!("{QUEUE}/bulk"), encoded(&fields)).await;
        let path = answer.headers().get(header::LOCATION).expect("the run").to_str();
        let path = path.expect("an address").to_owned();
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        Drawn { path, id, took: begin.elapsed().as_secs_f64() }
    }

    /// Starts it, with what has to be typed for that, and looks at the first page until `end`: after how many seconds that was, and what each look took.
    pub(crate) async fn start_and_look(
        &self,
        path: &str,
        typed: &str,
        end: impl Future<Output = ()>,
    ) -> (f64, Figures) {
        let begin = Instant::now();
        let running = async {
            let answer = self.post(&format!("{path}/start"), encoded(&[("confirm", typed)])).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
            end.await;
            begin.elapsed().as_secs_f64()
        };
        self.look_during(running).await
    }

    /// Looks at the first page again and again while something goes on.
    async fn look_during<T>(&self, goes_on: impl Future<Output = T>) -> (T, Figures) {
        let begin = Instant::now();
        let taken = Mutex::new(Vec::new());
        let look = async {
            loop {
                let one = self.page(QUEUE).await.1;
                taken.lock().expect("the list").push(one);
            }
        };
        let came = tokio::select! {
            came = goes_on => came,
            () = look => unreachable!("it looks without end"),
        };
        let taken = std::mem::take(&mut *taken.lock().expect("the list"));
        (came, Figures::of(taken, begin.elapsed()))
    }

    async fn post(&self, path: &str, form: String) -> Response<Bytes> {
        self.send(Method::POST, path, form.into_bytes()).await
    }

    async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, FORM)
            .header("sec-fetch-site", "same-origin")
            .body(Full::from(body));
        let answer = self.client.request(request.expect("a request")).await.expect("an answer");
        let (head, body) = answer.into_parts();
        let body = body.collect().await.expect("the whole answer").to_bytes();
        Response::from_parts(head, body)
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Where the way onward leads.
fn next_of(page: &str) -> Option<String> {
    let (_, link) = page.split_once("rel=\"next\" href=\"")?;
    let (address, _) = link.split_once('"')?;
    Some(address.replace("&#38;", "&"))
}
