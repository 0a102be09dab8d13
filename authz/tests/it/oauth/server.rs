//! An authorization server that answers as a test wants, and remembers what it was asked.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use oauth2::url::form_urlencoded;

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) host: String,
    pub(super) authorization: Option<String>,
    pub(super) form: HashMap<String, String>,
}

/// One answer.
#[derive(Clone)]
pub(super) enum Answer {
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// Nothing, and no end either.
    Silence,
}

impl Answer {
    pub(super) fn json(status: u16, body: &str) -> Self {
        Self::of(status, "application/json", body)
    }

    pub(super) fn of(status: u16, kind: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n"
        );
        Self::Bytes(format!("{head}\r\n{body}").into_bytes())
    }
}

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers on a port of its own until the tests end.
    pub(super) fn start(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Some(request) = read(&mut stream) else {
                    continue;
                };
                let answer = answer(&request);
                requests.lock().expect("no panic").push(request);
                match answer {
                    Answer::Bytes(bytes) => drop(stream.write_all(&bytes)),
                    Answer::Silence => silent.push(stream),
                }
            }
        });
        Self { url, seen }
    }

    /// A server that always answers the same.
    pub(super) fn saying(answer: Answer) -> Self {
        Self::start(move |_| answer.clone())
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic").clone()
    }

    /// The one request that there was.
    #[track_caller]
    pub(super) fn request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.into_iter().next().expect("one")
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body) = loop {
        let text = String::from_utf8(bytes.clone()).ok()?;
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len()
                >= header(head, "content-length").map_or(0, |length| length.parse().unwrap_or(0))
        {
            break (head.to_owned(), body.to_owned());
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend(chunk.iter().take(count)),
        }
    };
    Some(Request {
        path: head.split(' ').nth(1)?.to_owned(),
        host: header(&head, "host")?,
        authorization: header(&head, "authorization"),
        form: form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect(),
    })
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
