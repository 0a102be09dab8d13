//! A sign-in, the test being the browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Output};

use oauth2::url::Url;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};

use super::{
    ACCESS_TOKEN, Answer, CODE, REFRESH_TOKEN, Server, check_failed, check_no_secret_told, folder,
    run, start, stdout, tokens,
};

/// A run of `authz login` that waits for its redirect.
pub(super) struct SignIn {
    child: Child,
    told: String,
    stderr: BufReader<ChildStderr>,
    /// The page that the person is sent to.
    pub(super) page: Url,
}

impl SignIn {
    pub(super) fn start(server: &Server, more: &[&str]) -> Self {
        let common = [
            "login",
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--no-browser",
        ];
        let redirect = ["--redirect-uri", "http://127.0.0.1:0/callback"];
        let named = more.contains(&"--redirect-uri");
        let arguments = [&common[..], if named { &[] } else { &redirect[..] }, more].concat();
        Self::wait(start(&arguments, &[]))
    }

    /// Reads on until the page is told.
    #[track_caller]
    pub(super) fn wait(mut child: Child) -> Self {
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut told = String::new();
        loop {
            let from = told.len();
            let count = stderr.read_line(&mut told).expect("UTF-8");
            assert_ne!(count, 0, "no page was told: {told}");
            let line = told.get(from..).expect("a line").trim();
            if line.starts_with("http") {
                let page = Url::parse(line).expect("a URL");
                return Self {
                    child,
                    told,
                    stderr,
                    page,
                };
            }
        }
    }

    #[track_caller]
    pub(super) fn parameter(&self, wanted: &str) -> String {
        let mut pairs = self.page.query_pairs();
        let pair = pairs.find(|(name, _)| name == wanted);
        pair.unwrap_or_else(|| panic!("no {wanted}")).1.into_owned()
    }

    fn redirect_uri(&self) -> Url {
        Url::parse(&self.parameter("redirect_uri")).expect("a URL")
    }

    /// Sends these bytes to the port and reads the answer to its end.
    fn send(&self, bytes: &[u8]) -> String {
        let address = self
            .redirect_uri()
            .socket_addrs(|| None)
            .expect("an address");
        let mut stream = TcpStream::connect(&address[..]).expect("a listener");
        stream.write_all(bytes).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn get(&self, target: &str) -> String {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
    }

    /// The redirect of this sign-in, with these parameters beside its `state`.
    pub(super) fn redirect(&self, parameters: &str) -> String {
        let (path, state) = (
            self.redirect_uri().path().to_owned(),
            self.parameter("state"),
        );
        self.get(&format!("{path}?state={state}&{parameters}"))
    }

    #[track_caller]
    pub(super) fn end(mut self) -> Output {
        self.stderr.read_to_string(&mut self.told).expect("UTF-8");
        let output = self.child.wait_with_output().expect("an end");
        let output = Output {
            stderr: self.told.into_bytes(),
            ..output
        };
        check_no_secret_told(&output);
        output
    }
}

const THANKS: &str = "HTTP/1.1 200 OK\r\n";

#[test]
fn a_person_gets_tokens() {
    let path = folder("login").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let server = Server::saying(tokens());
    let more = [
        "--scope",
        "openid",
        "--scope",
        "books/read",
        "--output",
        text,
        "--only",
        "access_token",
    ];
    let sign_in = SignIn::start(&server, &more);
    assert_eq!(sign_in.page.path(), "/oauth2/authorize");
    for (name, want) in [
        ("response_type", "code"),
        ("client_id", "app"),
        ("scope", "openid books/read"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sign_in.parameter(name), want);
    }
    for (name, least) in [("state", 22), ("nonce", 22), ("code_challenge", 43)] {
        assert!(
            sign_in.parameter(name).len() >= least,
            "{name} can be guessed"
        );
    }
    let (challenge, redirect_uri) = (
        sign_in.parameter("code_challenge"),
        sign_in.parameter("redirect_uri"),
    );

    let page = sign_in.redirect(&format!("code={CODE}"));
    assert!(page.starts_with(THANKS), "{page}");
    for header in [
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'",
        "Referrer-Policy: no-referrer",
    ] {
        assert!(page.contains(header), "{page}");
    }
    assert!(!page.contains(CODE), "{page}");

    let output = sign_in.end();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output), format!("{ACCESS_TOKEN}\n"));
    let stored = std::fs::read_to_string(&path).expect("a file");
    assert!(stored.contains(REFRESH_TOKEN), "{stored}");
    let form = server.request().form;
    for (name, want) in [
        ("grant_type", "authorization_code"),
        ("code", CODE),
        ("redirect_uri", &redirect_uri),
        ("client_id", "app"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(want), "{name}");
    }
    let verifier = PkceCodeVerifier::new(form.get("code_verifier").expect("a verifier").clone());
    let proven = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(proven.as_str(), challenge);
}

#[test]
fn no_two_sign_ins_are_alike() {
    let server = Server::saying(tokens());
    let (one, two) = (SignIn::start(&server, &[]), SignIn::start(&server, &[]));
    for name in ["state", "nonce", "code_challenge", "redirect_uri"] {
        assert_ne!(one.parameter(name), two.parameter(name), "{name}");
    }
    for sign_in in [one, two] {
        sign_in.redirect(&format!("code={CODE}"));
        assert_eq!(sign_in.end().status.code(), Some(0));
    }
}

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
            "HTTP/1.1 404 ",
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

#[test]
fn a_refusal_ends_the_wait() {
    for (case, parameters, said) in [
        (
            "denied",
            "error=access_denied",
            "the sign-in was refused: `access_denied`",
        ),
        (
            "with description",
            "error=invalid_scope&error_description=not+this+%3Cb%3E",
            "`invalid_scope` (not this <b>)",
        ),
        (
            "an error beside a code",
            "error=access_denied&code=evil",
            "`access_denied`",
        ),
        ("control characters", "error=%1b%5b2J", r"`\u{1b}[2J`"),
    ] {
        let server = Server::saying(tokens());
        let sign_in = SignIn::start(&server, &[]);
        let page = sign_in.redirect(parameters);
        assert!(
            page.starts_with(THANKS) && page.contains("not signed in"),
            "{case}: {page}"
        );
        assert!(
            !page.contains("<b>") && !page.contains("access_denied"),
            "{case}: {page}"
        );
        check_failed(case, &sign_in.end(), 1, said);
        assert!(server.requests().is_empty(), "{case}");
    }
}

/// RFC 9207: a server that says who it is must be the one that was asked.
#[test]
fn the_redirect_must_come_from_the_issuer() {
    for (case, always, iss, status) in [
        ("right", "false", Some("URL/pool"), 0),
        ("not said", "false", None, 0),
        ("another", "false", Some("https://evil.example"), 1),
        ("the beginning of it", "false", Some("URL"), 1),
        ("right, always", "true", Some("URL/pool"), 0),
        ("not said, always", "true", None, 1),
    ] {
        let server = Server::start(move |request| {
            let url = format!("http://{}", request.host);
            let document = format!(
                r#"{{"issuer":"URL/pool","token_endpoint":"URL/t","authorization_endpoint":"URL/a",
                "authorization_response_iss_parameter_supported":{always}}}"#
            );
            match request.path.as_str() {
                "/t" => tokens(),
                _ => Answer::json(200, &document.replace("URL", &url)),
            }
        });
        let issuer = server.at("/pool");
        let child = start(
            &[
                "login",
                "--issuer",
                &issuer,
                "--client-id",
                "app",
                "--no-browser",
                "--redirect-uri",
                "http://127.0.0.1:0/",
            ],
            &[],
        );
        let sign_in = SignIn::wait(child);
        let iss = iss.map_or(String::new(), |iss| {
            format!("&iss={}", iss.replace("URL", &server.url))
        });
        sign_in.redirect(&format!("code={CODE}{iss}"));
        let output = sign_in.end();
        if status == 0 {
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        } else {
            check_failed(case, &output, 1, "does not come from the issuer");
            assert_eq!(server.requests().len(), 1, "{case}: the code was sent");
        }
    }
}

#[test]
fn a_code_that_is_not_taken_is_told() {
    let server = Server::saying(Answer::json(400, r#"{"error":"invalid_grant"}"#));
    let sign_in = SignIn::start(&server, &[]);
    sign_in.redirect(&format!("code={CODE}"));
    check_failed(
        "refused",
        &sign_in.end(),
        1,
        "the server refused: `invalid_grant`",
    );
}

#[test]
fn the_wait_ends() {
    let server = Server::saying(tokens());
    let sign_in = SignIn::start(&server, &["--timeout", "1"]);
    check_failed("nobody", &sign_in.end(), 1, "nobody signed in within 1 s");
}

#[test]
fn localhost_is_taken_in_both_families_or_not_at_all() {
    let Ok(taken) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        // Without IPv6 nobody can take that half.
        return;
    };
    let port = taken.local_addr().expect("an address").port();
    let uri = format!("http://localhost:{port}/callback");
    let arguments = [
        "login",
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

/// The browser is `xdg-open`, here one that writes down what it is to open.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_is_opened_unless_told_otherwise() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder("browser");
    let opener = folder.join("xdg-open");
    let opened = folder.join("opened");
    let script = format!(
        "#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n",
        opened.display()
    );
    std::fs::write(&opener, script).expect("written");
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).expect("changed");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let server = Server::saying(tokens());
    let child = start(
        &[
            "login",
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--redirect-uri",
            "http://127.0.0.1:0/",
        ],
        &[("PATH", &path)],
    );
    let sign_in = SignIn::wait(child);
    let page = sign_in.page.to_string();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !opened.exists() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    sign_in.redirect(&format!("code={CODE}"));
    assert_eq!(sign_in.end().status.code(), Some(0));
    assert_eq!(
        std::fs::read_to_string(&opened).expect("opened").trim(),
        page
    );

    let child = start(
        &[
            "login",
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--redirect-uri",
            "http://127.0.0.1:0/",
        ],
        &[("PATH", "/nowhere")],
    );
    let sign_in = SignIn::wait(child);
    sign_in.redirect(&format!("code={CODE}"));
    let output = sign_in.end();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        super::stderr(&output).contains("open that page yourself"),
        "{output:?}"
    );
}
