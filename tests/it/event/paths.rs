//! What a path may mean: every way of reading it must be allowed, or none is.

use cognito_authorizer::event::{RequestPath, TrailingSlash};
use cognito_authorizer::reason::DenyReason::{self, InvalidPath, NoMatchingRoute, NotBound};

use crate::support::authorizer::{authorizer, issuer_keys, pool_config, token_event, verdict};
use crate::support::token::Token;

#[test]
fn a_path_is_read_raw_decoded_and_without_its_last_slash() {
    let rows: [(&str, &[&[&str]]); 7] = [
        ("", &[&[]]),
        ("a/b", &[&["a", "b"]]),
        ("a/b/", &[&["a", "b", ""], &["a", "b"]]),
        ("a%20b", &[&["a%20b"], &["a b"]]),
        (
            "a/%40/",
            &[
                &["a", "%40", ""],
                &["a", "%40"],
                &["a", "@", ""],
                &["a", "@"],
            ],
        ),
        ("100%25", &[&["100%25"], &["100%"]]),
        ("\u{e9}", &[&["\u{e9}"]]),
    ];
    for (path, expected) in rows {
        assert_eq!(
            RequestPath::parse(path)
                .unwrap()
                .readings(TrailingSlash::Significant),
            expected,
            "{path}"
        );
    }
}

const ROUTES: &str = r#"
[[routes]]
route = "GET /"
[[routes]]
route = "GET /books"
[[routes]]
route = "GET /books/{id}"
[[routes]]
route = "GET /files/{proxy+}"
[[routes]]
route = "GET /files/secret"
scopes = ["files/secret"]
[[routes]]
route = "GET /users/{id}"
bind = { id = "sub" }
"#;

#[test]
fn every_reading_must_be_allowed() {
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(ROUTES), &served);
    let token = Token::access().claim("sub", "ann").sign();
    let no = |reason: DenyReason| Some(reason);
    for (path, expected) in [
        ("/", None),
        ("/books", None),
        ("/books/1", None),
        ("/books/a%20b", None),
        ("/books/caf%C3%A9", None),
        ("/files/a/b", None),
        ("/files/a%20b/c", None),
        ("/users/ann", None),
        // Read one way it is a route, read the other way it is none.
        ("/books/", None),
        ("/b%6Foks", no(InvalidPath)),
        ("/books/1/", None),
        // A greedy parameter takes either reading, unless one of them is closed.
        ("/files/a/", None),
        ("/files/secret", no(DenyReason::InsufficientScope)),
        ("/files/secret/", no(DenyReason::InsufficientScope)),
        ("/files/s%65cret", no(InvalidPath)),
        ("/files/", no(NoMatchingRoute)),
        // A bound parameter is the claim in every reading.
        ("/users/%61nn", no(InvalidPath)),
        ("/users/bob", no(NotBound)),
        ("/users/Ann", no(NotBound)),
        ("/users/ann%20", no(NotBound)),
        ("/BOOKS", no(NoMatchingRoute)),
        ("/books/a%2Fb", no(InvalidPath)),
        ("/books/%2e%2e/files", no(InvalidPath)),
        ("/books/a%252fb", no(InvalidPath)),
    ] {
        let verdict = verdict(&authorizer, &token_event(&token, "GET", path));
        assert_eq!(verdict.reason(), expected, "{path}");
    }
}
