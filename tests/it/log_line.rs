//! The one line of a verdict: what it says of the keys, the metrics in it, and its documentation.

mod emf;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};
use serde_json::{Value, json};

use crate::support::authorizer::{pool_config, token_event};
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::token::{KID, NOW, Token};

/// An issuer that can be out of reach.
#[derive(Default)]
struct Issuer {
    is_down: AtomicBool,
}

impl FetchJwks for Issuer {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(FetchError::Timeout);
        }
        Ok(jwks(&[RSA.jwk(KID, Some("RS256"))]))
    }
}

/// A token for one day that says it was signed with `kid`.
fn token(kid: &str) -> String {
    let token = Token::access().header("kid", kid);
    token.claim("exp", NOW + 86_400).sign()
}

/// An execution environment with this configuration; `is_down` says whether the issuer is so
/// when it starts.
fn environment(more: &str, issuer: &Arc<Issuer>, is_down: bool) -> Authorizer<Arc<Issuer>> {
    issuer.is_down.store(is_down, Ordering::SeqCst);
    let config = Config::from_toml(&pool_config(more)).unwrap();
    let read_file = |_: &str| Ok(jwks(&[RSA.jwk(KID, Some("RS256"))]));
    let authorizer = Authorizer::new(config, Arc::clone(issuer), read_file).unwrap();
    local().block_on(authorizer.prefetch(Timestamp::from_seconds(NOW)));
    authorizer
}

/// The line of the verdict on a request with this token, so many seconds after [`NOW`].
fn line(authorizer: &Authorizer<Arc<Issuer>>, token: &str, seconds: u64) -> Value {
    let now = Timestamp::from_seconds(NOW + seconds);
    let event = token_event(token, "GET", "/books").to_string();
    let verdict = local().block_on(authorizer.authorize(&event, now));
    serde_json::from_str(&verdict.log_line(now, 0.25, "id")).unwrap()
}

/// Fetches, failures and age of the keys, as a line has them.
type Keys = [Option<u64>; 3];

fn keys(line: &Value) -> Keys {
    ["jwks_fetches", "jwks_failures", "jwks_age_seconds"].map(|name| {
        let value = line.get(name)?;
        Some(value.as_u64().expect("a whole number"))
    })
}

const UP: bool = false;
const DOWN: bool = true;

/// One environment through a day, and what its lines say.
fn day() -> Vec<(Value, &'static str, Keys)> {
    let issuer = Arc::new(Issuer::default());
    let authorizer = environment("[metrics]\nnamespace = \"Shop\"", &issuer, UP);
    let (good, other) = (token(KID), token("key-9"));
    let foreign = Token::access().claim("iss", "https://other.example").sign();
    let rows: [(u64, bool, &str, &str, Keys); 9] = [
        // The fetch before the first request is in the first line of that issuer.
        (1, UP, "garbage", "malformed_token", [None, None, None]),
        (1, UP, &foreign, "unknown_issuer", [None, None, None]),
        (2, UP, &good, "granted", [Some(1), Some(0), Some(2)]),
        (3, UP, &good, "granted", [None, None, Some(3)]),
        (9, UP, &other, "unknown_key", [None, None, Some(9)]),
        (20, UP, &other, "unknown_key", [Some(1), Some(0), Some(0)]),
        (
            40,
            DOWN,
            &other,
            "jwks_unavailable",
            [Some(1), Some(1), Some(20)],
        ),
        (41, DOWN, &other, "jwks_unavailable", [None, None, Some(21)]),
        (3620, DOWN, &good, "granted", [Some(1), Some(1), Some(3600)]),
    ];
    let lines = rows
        .into_iter()
        .map(|(seconds, is_down, token, reason, keys)| {
            issuer.is_down.store(is_down, Ordering::SeqCst);
            (line(&authorizer, token, seconds), reason, keys)
        });
    lines.collect()
}

#[test]
fn each_fetch_is_told_once_and_the_age_of_the_keys_always() {
    for (line, reason, expected) in day() {
        assert_eq!(line["reason"], reason);
        assert_eq!(keys(&line), expected, "{line}");
    }
}

#[test]
fn a_cold_start_tells_what_became_of_its_fetch() {
    let none = [None, None, None];
    let file = "jwks_file = \"keys.json\"\n";
    let file_alone = format!("{file}jwks_refresh = \"never\"\n");
    for (case, config, is_down, expected) in [
        (
            "the fetch failed",
            "",
            DOWN,
            [[Some(1), Some(1), None], none],
        ),
        ("the keys are in a file", file, DOWN, [none, none]),
        ("the file is all there is", &file_alone, DOWN, [none, none]),
        (
            "all is well",
            "",
            UP,
            [[Some(1), Some(0), Some(1)], [None, None, Some(2)]],
        ),
    ] {
        let issuer = Arc::new(Issuer::default());
        let authorizer = environment(config, &issuer, is_down);
        let lines = [1, 2].map(|seconds| line(&authorizer, &token(KID), seconds));
        assert_eq!(lines.each_ref().map(keys), expected, "{case}");
        assert!(
            lines.iter().all(|line| line.get("_aws").is_none()),
            "{case}"
        );
    }
}

/// CloudWatch reads metrics out of a line whose `_aws` names members of it.
#[test]
fn metrics_are_in_the_lines_where_they_are_asked_for() {
    let directive = |dimensions: Value, metrics: Value| json!({"Namespace": "Shop", "Dimensions": dimensions, "Metrics": metrics});
    let of_every_line = [
        directive(
            json!([["outcome"], ["outcome", "reason"]]),
            json!([{"Name": "decisions", "Unit": "Count"}]),
        ),
        directive(
            json!([["outcome"]]),
            json!([{"Name": "duration_ms", "Unit": "Milliseconds"}]),
        ),
    ];
    let fetches = directive(
        json!([["issuer"]]),
        json!([
            {"Name": "jwks_fetches", "Unit": "Count"},
            {"Name": "jwks_failures", "Unit": "Count"},
        ]),
    );
    let age = directive(
        json!([["issuer"]]),
        json!([{"Name": "jwks_age_seconds", "Unit": "Seconds"}]),
    );
    for (line, _, keys) in day() {
        let mut expected = of_every_line.to_vec();
        expected.extend(keys[0].map(|_| fetches.clone()));
        expected.extend(keys[2].map(|_| age.clone()));
        assert_eq!(line["_aws"]["CloudWatchMetrics"], json!(expected), "{line}");
        assert_eq!(line["decisions"], 1);
        assert_eq!(emf::faults(&line), Vec::<String>::new(), "{line}");
    }
}

/// The members of the table of `docs/operations.md` are the members of the lines.
#[test]
fn each_member_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| member |"))
        .take_while(|line| line.starts_with('|'));
    let documented: BTreeSet<String> = rows
        .filter_map(|row| row.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect();
    let written: BTreeSet<String> = day()
        .iter()
        .flat_map(|(line, _, _)| line.as_object().unwrap().keys().cloned())
        .chain(["route".to_owned()])
        .collect();
    assert_eq!(documented, written);
}
