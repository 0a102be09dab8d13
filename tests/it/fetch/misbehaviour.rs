//! Plain HTTP: one row per way in which a server can answer wrongly, or never.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cognito_authorizer::jwks::cache::KeySource;
use cognito_authorizer::jwks::fetch::{FetchError, HttpFetcher};
use reqwest::Client;
use reqwest::dns::{Name, Resolve, Resolving};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::{LONG, SHORT, key_set, keys_serve_on, outcome};
use crate::support::local;
use crate::support::server::{Server, ok, read_head};

/// What the server does with a request, having read it.
#[derive(Clone)]
enum Do {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes, and then nothing more, without closing.
    SendAndHang(Vec<u8>),
    /// Sends the first bytes, then the second ones again and again.
    Repeat(Vec<u8>, Vec<u8>),
    /// Sends the bytes one by one, at the pace of a watchful reader.
    Drip(Vec<u8>),
    /// Sends these bytes and resets the connection.
    Reset(Vec<u8>),
}

async fn serve(what: Do, mut stream: TcpStream) {
    read_head(&mut stream).await;
    // The client may close whenever it likes.
    match what {
        Do::Send(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Do::SendAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Do::Repeat(first, again) => {
            let _ = stream.write_all(&first).await;
            while stream.write_all(&again).await.is_ok() {}
        }
        Do::Drip(bytes) => {
            for byte in bytes {
                let _ = stream.write_all(&[byte]).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Do::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            stream.set_zero_linger().unwrap();
        }
    }
}

fn head(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}\r\n").into_bytes()
}

fn redirect(status: &str, to: &str) -> Do {
    Do::Send(head(
        status,
        &format!("location: {to}\r\ncontent-length: 0\r\n"),
    ))
}

fn body(headers: &str, body: &[u8]) -> Vec<u8> {
    [head("200 OK", headers).as_slice(), body].concat()
}

fn text(text: &str) -> Do {
    Do::Send(ok(text.as_bytes()))
}

/// A gzip member with stored, that is uncompressed, contents (RFC 1951 3.2.4, RFC 1952 2.3).
fn gzipped(contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap();
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(contents);
    bytes
}

/// Case, what the server does, the deadline, the cause.
type Row = (&'static str, Do, Duration, &'static str);

fn rows() -> Vec<Row> {
    let keys = key_set();
    let cut = &keys[..keys.len() - 10];
    let announced = |length: usize| format!("content-length: {length}\r\n");
    let chunked = "transfer-encoding: chunked\r\n";
    let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000)).into_bytes();
    let big = 100 * 1024 * 1024;
    let many = format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(10_000));
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    vec![
        ("a key set", Do::Send(ok(&keys)), LONG, "ok"),
        (
            "a key set without a length",
            Do::Send(body("", &keys)),
            LONG,
            "ok",
        ),
        (
            "a key set of another media type",
            Do::Send(body("content-type: text/plain\r\n", &keys)),
            LONG,
            "ok",
        ),
        ("no answer", Do::SendAndHang(Vec::new()), SHORT, "timeout"),
        (
            "half of a head",
            Do::SendAndHang(b"HTTP/1.1 200 OK\r\ncontent-".to_vec()),
            SHORT,
            "timeout",
        ),
        (
            "slow headers",
            Do::Drip(head("200 OK", &"x: y\r\n".repeat(100))),
            SHORT,
            "timeout",
        ),
        (
            "headers without end",
            Do::Repeat(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".to_vec()),
            LONG,
            "transfer",
        ),
        (
            "a head alone",
            Do::SendAndHang(head("200 OK", &announced(keys.len()))),
            SHORT,
            "timeout",
        ),
        ("a slow body", Do::Drip(ok(&keys)), SHORT, "timeout"),
        (
            "half of a body",
            Do::SendAndHang(body(&announced(keys.len()), cut)),
            SHORT,
            "timeout",
        ),
        (
            "a body that never ends",
            Do::Repeat(head("200 OK", chunked), chunk),
            LONG,
            "too_long",
        ),
        (
            "a body of 100 MB",
            Do::Repeat(head("200 OK", &announced(big)), vec![b' '; 0x2000]),
            LONG,
            "too_long",
        ),
        (
            "a body of the longest length and one byte",
            Do::Send(ok(&[b' '; 256 * 1024 + 1])),
            LONG,
            "too_long",
        ),
        (
            "a body of the longest length",
            Do::Send(ok(&[b' '; 256 * 1024])),
            LONG,
            "not_json",
        ),
        ("no body", Do::Send(ok(b"")), LONG, "not_json"),
        (
            "gzip, although not asked for",
            Do::Send(body("content-encoding: gzip\r\n", &gzipped(&keys))),
            LONG,
            "not_json",
        ),
        ("closed at once", Do::Send(Vec::new()), LONG, "transfer"),
        (
            "closed in the head",
            Do::Send(b"HTTP/1.1 200 OK\r\ncont".to_vec()),
            LONG,
            "transfer",
        ),
        (
            "closed in the body",
            Do::Send(body(&announced(keys.len()), cut)),
            LONG,
            "transfer",
        ),
        (
            "closed in a chunk",
            Do::Send(body(chunked, b"2000\r\nabc")),
            LONG,
            "transfer",
        ),
        ("reset at once", Do::Reset(Vec::new()), LONG, "transfer"),
        (
            "reset in the body",
            Do::Reset(body(&announced(keys.len()), cut)),
            LONG,
            "transfer",
        ),
        (
            "no HTTP",
            Do::Send(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
            LONG,
            "transfer",
        ),
        (
            "two lengths",
            Do::Send(body("content-length: 1\r\ncontent-length: 2\r\n", &keys)),
            LONG,
            "transfer",
        ),
        (
            "201",
            Do::Send(head("201 Created", "content-length: 0\r\n")),
            LONG,
            "status",
        ),
        ("204", Do::Send(head("204 No Content", "")), LONG, "status"),
        (
            "206",
            Do::Send(
                [
                    head("206 Partial Content", &announced(keys.len())),
                    keys.clone(),
                ]
                .concat(),
            ),
            LONG,
            "status",
        ),
        (
            "301",
            redirect("301 Moved Permanently", "/other"),
            LONG,
            "status",
        ),
        (
            "302 to http",
            redirect("302 Found", "http://127.0.0.1:1/"),
            LONG,
            "status",
        ),
        (
            "303 to another host",
            redirect("303 See Other", "https://login.example/"),
            LONG,
            "status",
        ),
        (
            "307 to itself",
            redirect("307 Temporary Redirect", "/jwks.json"),
            LONG,
            "status",
        ),
        (
            "308 to a file",
            redirect("308 Permanent Redirect", "file:///etc/passwd"),
            LONG,
            "status",
        ),
        (
            "304, although not asked for",
            Do::Send(head("304 Not Modified", "")),
            LONG,
            "status",
        ),
        (
            "401",
            Do::Send(head("401 Unauthorized", "content-length: 0\r\n")),
            LONG,
            "status",
        ),
        (
            "404",
            Do::Send(head("404 Not Found", "content-length: 0\r\n")),
            LONG,
            "status",
        ),
        (
            "500 with a key set",
            Do::Send([head("500 Oh", &announced(keys.len())), keys.clone()].concat()),
            LONG,
            "status",
        ),
        (
            "HTML",
            text("<!doctype html><title>Sign in</title>"),
            LONG,
            "not_json",
        ),
        ("truncated JSON", Do::Send(ok(cut)), LONG, "not_json"),
        (
            "bad UTF-8",
            Do::Send(ok(b"{\"keys\":[{\"kid\":\"\xff\"}]}")),
            LONG,
            "not_json",
        ),
        (
            "a byte order mark",
            Do::Send(ok(&[b"\xef\xbb\xbf".as_slice(), &keys].concat())),
            LONG,
            "ok",
        ),
        (
            "two documents",
            Do::Send(ok(&[keys.as_slice(), &keys].concat())),
            LONG,
            "not_json",
        ),
        ("deep JSON", text(&deep), LONG, "not_json"),
        ("a list", text("[]"), LONG, "not_json"),
        ("no keys", text("{}"), LONG, "no_keys_array"),
        (
            "keys that are no list",
            text(r#"{"keys":{}}"#),
            LONG,
            "no_keys_array",
        ),
        (
            "an empty set",
            text(r#"{"keys":[]}"#),
            LONG,
            "no_usable_key",
        ),
        (
            "keys that are none",
            text(r#"{"keys":[1,null,"a",{},[]]}"#),
            LONG,
            "no_usable_key",
        ),
        ("10,001 keys", text(&many), LONG, "too_many_keys"),
    ]
}

#[test]
fn each_misbehaviour_ends_with_its_cause() {
    for (case, what, deadline, cause) in rows() {
        local().block_on(async {
            let server = Server::start(move |_, stream| serve(what.clone(), stream)).await;
            let fetcher = Arc::new(HttpFetcher::new(deadline));
            let (own, message) = outcome(&fetcher, &server.uri(), deadline).await;
            assert_eq!(own, cause, "{case}: {message}");
            assert_eq!(server.connections(), 1, "{case}: one try, nothing followed");
            let source = keys_serve_on(&fetcher, &server.uri()).await;
            let expected = if cause == "ok" {
                KeySource::Cached
            } else {
                KeySource::Stale
            };
            assert_eq!(source, expected, "{case}");
        });
    }
}

#[test]
fn nobody_at_home_has_its_cause_too() {
    // The port was free a moment ago. A label of 64 letters is no name (RFC 1035 2.3.4), so that
    // no resolver is asked for it.
    let refused: SocketAddr = local()
        .block_on(async { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr() })
        .unwrap();
    let no_name = format!("https://{}.invalid/jwks.json", "a".repeat(64));
    for (case, uri, cause) in [
        (
            "refused connection",
            format!("http://{refused}/jwks.json"),
            "connect",
        ),
        ("no DNS", no_name, "name"),
    ] {
        local().block_on(async {
            let fetcher = Arc::new(HttpFetcher::new(LONG));
            let (own, message) = outcome(&fetcher, &uri, LONG).await;
            assert_eq!(own, cause, "{case}: {message}");
            let source = keys_serve_on(&fetcher, &uri).await;
            assert_eq!(source, KeySource::Stale, "{case}");
        });
    }
}

/// A resolver that knows no name, so that none is asked over the network.
struct NoNames;

impl Resolve for NoNames {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err(io::Error::other("no such host").into()) })
    }
}

/// The library does not say otherwise than in words that it was the name.
#[test]
fn a_name_without_an_address_is_told_apart() {
    local().block_on(async {
        for scheme in ["http", "https"] {
            let client = Client::builder().dns_resolver(NoNames).no_proxy();
            let tls = ClientConfig::builder()
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            let client = client.tls_backend_preconfigured(tls).build().unwrap();
            let answer = client
                .get(format!("{scheme}://login.example/"))
                .send()
                .await;
            let error = FetchError::from(answer.unwrap_err());
            assert_eq!(error.as_str(), "name", "{scheme}: {error}");
            assert!(error.to_string().ends_with(": no such host"), "{error}");
        }
    });
}
