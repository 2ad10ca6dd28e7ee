//! A server below HTTP: says exactly these bytes and hangs up.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Answers each connection with `bytes` once something was asked, and closes it.
pub(super) fn server(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    serve(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&bytes);
    })
}

/// Takes connections and never says a word.
pub(super) fn silence() -> String {
    let mut held = Vec::new();
    serve(move |stream| held.push(stream))
}

/// Answers with a body that has no end.
pub(super) fn endless() -> String {
    serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    })
}

/// A port where nobody listens.
pub(super) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn serve(mut answer: impl FnMut(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(&mut answer));
    address
}
