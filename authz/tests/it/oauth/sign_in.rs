//! A run of `authz login`, the test being the browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use oauth2::url::Url;

use super::{Server, check_no_secret_told, start};

/// How the page begins that a browser is shown at the end.
pub(super) const THANKS: &str = "HTTP/1.1 200 OK\r\n";

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
        Self::wait(start(&arguments(server, more), &[]))
    }

    /// A run that may have sixteen files and connections open at once, most of them its own.
    pub(super) fn with_few_files(server: &Server, more: &[&str]) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "ulimit -n 16 && exec \"$0\" \"$@\""]);
        let authz = env!("CARGO_BIN_EXE_authz");
        shell.arg(authz).args(arguments(server, more)).env_clear();
        shell.stdin(Stdio::piped());
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::wait(shell.spawn().expect("a shell"))
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

    pub(super) fn redirect_uri(&self) -> Url {
        Url::parse(&self.parameter("redirect_uri")).expect("a URL")
    }

    /// Sends these bytes to the port and reads the answer to its end.
    pub(super) fn send(&self, bytes: &[u8]) -> String {
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

    pub(super) fn get(&self, target: &str) -> String {
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

/// What `authz` is asked for, by these and what all runs have in common.
fn arguments<'a>(server: &'a Server, more: &[&'a str]) -> Vec<&'a str> {
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
    [&common[..], if named { &[] } else { &redirect[..] }, more].concat()
}
