//! The port that waits for the redirect: what counts there, and who may reach it.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};

use super::sign_in::{SignIn, THANKS};
use super::{CODE, Server, check_failed, run, tokens};

#[test]
fn what_is_not_the_redirect_is_turned_away_and_does_not_end_the_wait() {
    let server = Server::saying(tokens());
    let sign_in = SignIn::start(&server, &[]);
    let state = sign_in.parameter("state");
    let of =
        |method: &str, target: &str| format!("{method} {target} HTTP/1.1\r\n\r\n").into_bytes();
    let get = |query: &str| {
        of(
            "GET",
            &format!("/callback?{}", query.replace("STATE", &state)),
        )
    };
    let bad = "HTTP/1.1 400 ";
    for (case, request, want) in [
        ("no state", get("code=evil"), bad),
        ("another state", get("code=evil&state=x"), bad),
        (
            "half of the state",
            get(&format!(
                "code=evil&state={}",
                state.get(..11).expect("half")
            )),
            bad,
        ),
        ("empty state", get("code=evil&state="), bad),
        (
            "an error of another sign-in",
            get("error=access_denied&state=x"),
            bad,
        ),
        ("two states", get("code=evil&state=STATE&state=STATE"), bad),
        ("two codes", get("code=evil&code=evil&state=STATE"), bad),
        ("two errors", get("error=a&error=b&state=STATE"), bad),
        ("no code", get("state=STATE"), bad),
        ("empty code", get("code=&state=STATE"), bad),
        ("nothing", get(""), bad),
        (
            "in a fragment",
            of("GET", &format!("/callback#code=evil&state={state}")),
            bad,
        ),
        (
            "another path",
            of("GET", &format!("/?code=evil&state={state}")),
            "HTTP/1.1 404 ",
        ),
        (
            "a deeper path",
            of("GET", &format!("/callback/?code=evil&state={state}")),
            "HTTP/1.1 404 ",
        ),
        ("favicon", of("GET", "/favicon.ico"), "HTTP/1.1 404 "),
        (
            "POST",
            of("POST", &format!("/callback?code=evil&state={state}")),
            "HTTP/1.1 405 ",
        ),
        (
            "HEAD",
            of("HEAD", &format!("/callback?code=evil&state={state}")),
            "HTTP/1.1 405 ",
        ),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), bad),
        (
            "no UTF-8",
            b"GET /callback?\xff HTTP/1.1\r\n\r\n".to_vec(),
            bad,
        ),
        (
            "HTTP/2",
            format!("GET /callback?code=evil&state={state} HTTP/2\r\n\r\n").into_bytes(),
            bad,
        ),
        ("too long", vec![b'a'; 16 * 1024], "HTTP/1.1 431 "),
    ] {
        let answer = sign_in.send(&request);
        assert!(answer.starts_with(want), "{case}: {answer}");
        assert!(
            !answer.contains("evil") && !answer.contains(&state),
            "{case}: {answer}"
        );
    }
    assert!(server.requests().is_empty(), "a foreign code was sent");
    sign_in.redirect(&format!("code={CODE}"));
    assert_eq!(sign_in.end().status.code(), Some(0));
    assert_eq!(
        server.request().form.get("code").map(String::as_str),
        Some(CODE)
    );
}

#[test]
fn idle_connections_do_not_keep_the_browser_out() {
    let server = Server::saying(tokens());
    let sign_in = SignIn::start(&server, &[]);
    let address = sign_in
        .redirect_uri()
        .socket_addrs(|| None)
        .expect("an address");
    let idle: Vec<TcpStream> = (0..8)
        .map(|_| TcpStream::connect(&address[..]).expect("a listener"))
        .collect();
    assert!(
        sign_in
            .redirect(&format!("code={CODE}"))
            .starts_with(THANKS)
    );
    assert_eq!(sign_in.end().status.code(), Some(0));
    drop(idle);
}

/// A connection that cannot be taken, here for want of file descriptors, is no end of the sign-in.
#[test]
fn a_connection_that_cannot_be_taken_is_let_go() {
    let server = Server::saying(tokens());
    let crowd = |sign_in: &SignIn| -> Vec<TcpStream> {
        let address = sign_in.redirect_uri().socket_addrs(|| None);
        let address = address.expect("an address");
        (0..16)
            .map(|_| TcpStream::connect(&address[..]).expect("a listener"))
            .collect()
    };
    let sign_in = SignIn::with_few_files(&server, &["--timeout", "1"]);
    let held = crowd(&sign_in);
    check_failed("a crowd", &sign_in.end(), 1, "nobody signed in within 1 s");
    drop(held);

    let sign_in = SignIn::with_few_files(&server, &[]);
    drop(crowd(&sign_in));
    assert!(
        sign_in
            .redirect(&format!("code={CODE}"))
            .starts_with(THANKS)
    );
    assert_eq!(sign_in.end().status.code(), Some(0));
}

#[test]
fn localhost_is_taken_in_both_families_or_not_at_all() {
    // A port that is free in the other family too, in which the servers of other tests are.
    let free = |_| {
        let taken = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).ok()?;
        let port = taken.local_addr().expect("an address").port();
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some((taken, port))
    };
    let Some((taken, port)) = (0..20).find_map(free) else {
        // Without IPv6 nobody can take that half.
        assert!(TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err());
        return;
    };
    let uri = format!("http://localhost:{port}/callback");
    let arguments = [
        "login",
        "--timeout",
        "1",
        "--domain",
        "http://127.0.0.1:9",
        "--client-id",
        "app",
        "--redirect-uri",
        &uri,
    ];
    check_failed(
        "taken",
        &run(&arguments, &[], ""),
        1,
        "the port of the redirect URI cannot be used",
    );
    drop(taken);

    let server = Server::saying(tokens());
    let sign_in = SignIn::start(&server, &["--redirect-uri", &uri]);
    assert_eq!(sign_in.parameter("redirect_uri"), uri);
    let (v4, v6) = (("127.0.0.1", port), ("::1", port));
    for address in [v4, v6] {
        assert!(TcpStream::connect(address).is_ok(), "{address:?}");
    }
    sign_in.redirect(&format!("code={CODE}"));
    assert_eq!(sign_in.end().status.code(), Some(0));
}

#[test]
fn a_redirect_uri_is_of_this_machine() {
    for uri in [
        "https://localhost:8400/callback",
        "http://login.example.com/callback",
        "http://0.0.0.0:8400/callback",
        "http://localhost.example.com/callback",
        "http://localhost:8400/callback#x",
        "http://localhost:8400/callback?x",
        "http://me@localhost:8400/callback",
        "myapp://callback",
        "callback",
    ] {
        let arguments = [
            "login",
            "--timeout",
            "1",
            "--domain",
            "http://127.0.0.1:9",
            "--client-id",
            "app",
            "--redirect-uri",
            uri,
        ];
        check_failed(
            uri,
            &run(&arguments, &[], ""),
            2,
            "no redirect URI of this machine",
        );
    }
}

#[test]
fn the_wait_ends() {
    let server = Server::saying(tokens());
    let sign_in = SignIn::start(&server, &["--timeout", "1"]);
    check_failed("nobody", &sign_in.end(), 1, "nobody signed in within 1 s");
}
