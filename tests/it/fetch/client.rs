//! What the fetcher sends, and that it does nothing before it is needed.

use std::sync::{Arc, Mutex};

use cognito_authorizer::jwks::fetch::HttpFetcher;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};
use tokio::io::AsyncWriteExt;

use super::{LONG, key_set, outcome};
use crate::support::authorizer::{pool_config, token_event};
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::server::{Server, ok, read_head};
use crate::support::token::{KID, NOW, Token};

#[test]
fn a_request_says_no_more_than_it_must() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    local().block_on(async {
        let server = Server::start(move |_, mut stream| {
            let seen = Arc::clone(&seen);
            async move {
                let head = read_head(&mut stream).await;
                seen.lock().unwrap().push(head);
                let cookie = "set-cookie: a=b\r\ncontent-type: application/json\r\n";
                let answer = String::from_utf8(ok(&key_set())).unwrap();
                let answer = answer.replacen("content-type: application/json\r\n", cookie, 1);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
        .await;
        let fetcher = HttpFetcher::new(LONG);
        for _ in 0..2 {
            let (cause, message) = outcome(&fetcher, &server.uri(), LONG).await;
            assert_eq!(cause, "ok", "{message}");
        }
    });
    let version = env!("CARGO_PKG_VERSION");
    for head in heads.lock().unwrap().iter() {
        let (request, headers) = head.split_once("\r\n").unwrap();
        assert_eq!(request, "GET /jwks.json HTTP/1.1");
        let mut headers: Vec<&str> = headers.lines().filter(|line| !line.is_empty()).collect();
        headers.retain(|line| !line.starts_with("host: 127.0.0.1:"));
        headers.sort_unstable();
        let agent = format!("user-agent: cognito-authorizer/{version}");
        assert_eq!(headers, ["accept: */*", &agent]);
    }
    assert_eq!(heads.lock().unwrap().len(), 2);
}

/// RFC 9112 3.2.1: the target of a request has a path, also where the URI has none.
#[test]
fn the_target_of_a_request_begins_with_a_slash() {
    for (uri, target) in [
        ("", "/"),
        ("/", "/"),
        ("?a=b", "/?a=b"),
        ("/?a=b", "/?a=b"),
        ("/k/%6B?a=/b?", "/k/%6B?a=/b?"),
    ] {
        local().block_on(async {
            let server = Server::start(move |_, mut stream| async move {
                let head = read_head(&mut stream).await;
                let is_target = head.starts_with(&format!("GET {target} HTTP/1.1\r\n"));
                let answer = if is_target { key_set() } else { Vec::new() };
                stream.write_all(&ok(&answer)).await.unwrap();
            })
            .await;
            let origin = server.uri().replace("/jwks.json", "");
            let fetcher = HttpFetcher::new(LONG);
            let (cause, message) = outcome(&fetcher, &format!("{origin}{uri}"), LONG).await;
            assert_eq!(cause, "ok", "{uri}: {message}");
        });
    }
}

#[test]
fn no_client_is_built_before_the_first_fetch() {
    let fetcher = HttpFetcher::new(LONG);
    assert!(!fetcher.has_client());
    local().block_on(outcome(&fetcher, "http://127.0.0.1:1/", LONG));
    assert!(fetcher.has_client());
}

/// A file of keys makes a fetch needless, and `jwks_refresh = "never"` makes it impossible.
#[test]
fn with_a_file_a_client_is_built_for_an_unknown_kid_alone() {
    let now = Timestamp::from_seconds(NOW);
    for (refresh, kid, fetches) in [
        ("never", KID, 0),
        ("never", "unknown", 0),
        ("on_demand", KID, 0),
        ("on_demand", "unknown", 1),
    ] {
        local().block_on(async {
            let server = Server::of_bytes(ok(&jwks(&[RSA.jwk("unknown", None)]))).await;
            let uri = match refresh {
                "never" => String::new(),
                _ => format!("jwks_uri = \"{}\"\n", server.uri()),
            };
            let config = format!("jwks_file = \"k\"\njwks_refresh = \"{refresh}\"\n{uri}");
            let config = Config::from_toml(&pool_config(&config)).unwrap();
            assert_eq!(config.may_fetch(), refresh == "on_demand");
            let file = |_: &str| Ok(jwks(&[RSA.jwk(KID, None)]));
            let authorizer = Authorizer::new(config, HttpFetcher::new(LONG), file).unwrap();
            authorizer.prefetch(now).await;
            let token = Token::access().header("kid", kid).sign();
            let event = token_event(&token, "GET", "/").to_string();
            let verdict = authorizer.authorize(&event, now).await;
            let granted = kid == KID || fetches == 1;
            assert_eq!(verdict.reason().is_none(), granted, "{refresh} {kid}");
            assert_eq!(server.connections(), fetches, "{refresh} {kid}");
            let built = format!("{authorizer:?}").contains("Client {");
            assert_eq!(built, fetches == 1, "{refresh} {kid}: {authorizer:?}");
        });
    }
}
