//! Keys over the network: fetched once before the first event, kept while the function is warm.

use serde_json::{Value, json};

use super::{ROUTES, failure, get_books, token};
use crate::support::authorizer::pool_config;
use crate::support::keys::{OTHER_RSA, RSA, jwks};
use crate::support::local;
use crate::support::runtime_api::{Function, Run};
use crate::support::scratch::ScratchFile;
use crate::support::server::{Server, ok};
use crate::support::token::KID;
use cognito_authorizer::reason::DenyReason;

/// The function whose issuer's keys are at `uri`.
fn online(uri: &str) -> Function {
    Function::new(&pool_config(&format!("jwks_uri = \"{uri}\"\n{ROUTES}")))
}

fn issuer_keys() -> Vec<u8> {
    ok(&jwks(&[RSA.jwk(KID, Some("RS256"))]))
}

/// For each verdict its reason and the source of the key.
fn reasons(run: &Run) -> Vec<(String, Value)> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let verdicts = run.verdicts();
    let reason = |line: &Value| (text(line, "reason"), line["key_source"].clone());
    verdicts.iter().map(reason).collect()
}

#[test]
fn keys_are_fetched_before_the_first_event_and_kept() {
    let good = token().sign();
    let (run, before, fetches) = local().block_on(async {
        let server = Server::of_bytes(issuer_keys()).await;
        let idle = online(&server.uri()).run_beside([]).await;
        let before = (idle.exit_code, server.connections());
        let events = (0..5).map(|_| get_books(&good));
        let run = online(&server.uri()).run_beside(events).await;
        (run, before, server.connections())
    });
    assert_eq!(before, (None, 1), "prefetch before the first poll");
    assert_eq!(fetches, 2, "one by each function");
    let cached = ("granted".to_owned(), Value::from("cached"));
    assert_eq!(reasons(&run), vec![cached; 5]);
}

#[test]
fn unknown_kids_cause_one_fetch_per_cool_down() {
    let flood =
        (0..20).map(|at| get_books(&token().header("kid", format!("key-{}", at + 2)).sign()));
    let (run, fetches) = local().block_on(async {
        let server = Server::of_bytes(issuer_keys()).await;
        let events = flood.chain([get_books(&token().sign())]);
        let run = online(&server.uri()).run_beside(events).await;
        (run, server.connections())
    });
    let mut expected = vec![("unknown_key".to_owned(), Value::Null); 20];
    expected.push(("granted".to_owned(), Value::from("cached")));
    assert_eq!(reasons(&run), expected);
    assert_eq!(fetches, 1, "the prefetch, whose cool-down is not over");
}

#[test]
fn without_keys_nothing_is_decided() {
    let (run, fetches) = local().block_on(async {
        let server = Server::of_bytes(b"HTTP/1.1 503 Busy\r\n\r\n".to_vec()).await;
        let events = (0..3).map(|_| get_books(&token().sign()));
        let run = online(&server.uri()).run_beside(events).await;
        (run, server.connections())
    });
    let posted: Vec<&str> = run
        .posted
        .iter()
        .map(|posted| posted.body.as_str())
        .collect();
    assert_eq!(posted, vec![failure(DenyReason::JwksUnavailable); 3]);
    assert_eq!(fetches, 1);
    let failures: Vec<_> = run
        .verdicts()
        .into_iter()
        .map(|line| line["jwks_failures"].clone())
        .collect();
    assert_eq!(failures, [json!(1), Value::Null, Value::Null], "told once");
    let warnings: Vec<Value> = run
        .log()
        .into_iter()
        .filter(|line| line["level"] == "WARN")
        .collect();
    assert_eq!(warnings.len(), 1, "{}", run.stdout);
    assert_eq!(warnings[0]["cause"], "status");
    assert_eq!(
        warnings[0]["message"],
        "the key set could not be fetched: the answer has status 503, not 200"
    );
}

/// Keys that break a rule are named, from a file as from a fetched set; those that are for other
/// purposes are not.
#[test]
fn a_key_that_breaks_a_rule_is_named() {
    let with = |kid: &str, name: &str, value: &str| {
        let mut key = OTHER_RSA.jwk(kid, Some("RS256"));
        key[name] = json!(value);
        key
    };
    let keys = jwks(&[
        RSA.jwk(KID, Some("RS256")),
        with("weak", "n", "AQAB"),
        with("encryption", "use", "enc"),
        with("new kind", "kty", "AKP"),
        with("leaked", "d", "AQAB"),
    ]);
    let expected = [
        "a key of the key set is not used: `weak`: its key material is malformed, too short, too \
         long or weak",
        "a key of the key set is not used: `leaked`: it holds private key material: withdraw that \
         key, it is compromised",
    ];
    let (fetched, from_file) = local().block_on(async {
        let server = Server::of_bytes(ok(&keys)).await;
        let fetched = online(&server.uri()).run_beside([]).await;
        let file = ScratchFile::new("jwks.json", &keys);
        let place = format!("jwks_file = {}\n", json!(file.path()));
        let function = Function::new(&pool_config(&(place + ROUTES))).file(file);
        (fetched, function.run_beside([]).await)
    });
    for (run, place) in [(fetched, "issuer"), (from_file, "jwks_file")] {
        let mut warnings = run.log();
        warnings.retain(|line| line["level"] == "WARN");
        let messages: Vec<&Value> = warnings.iter().map(|line| &line["message"]).collect();
        assert_eq!(messages, expected, "{place}");
        assert!(
            warnings.iter().all(|line| line[place].is_string()),
            "{place}"
        );
    }
}

/// A set that replaces nothing says why, key by key.
#[test]
fn a_fetched_set_without_a_usable_key_says_why() {
    let keys =
        br#"{"keys":[{"kty":"RSA","kid":"a","use":"enc"},{"kty":"RSA","kid":"b","n":"AQ"}]}"#;
    let run = local().block_on(async {
        let server = Server::of_bytes(ok(keys)).await;
        online(&server.uri()).run_beside([]).await
    });
    let mut warnings = run.log();
    warnings.retain(|line| line["level"] == "WARN");
    let told: Vec<_> = warnings
        .iter()
        .map(|line| (&line["cause"], &line["message"]))
        .collect();
    let message = "the key set could not be fetched: the document has no usable key: `a`: it is for \
                   encryption, not for signatures; `b`: its key material is malformed, too short, \
                   too long or weak";
    assert_eq!(told, [(&json!("no_usable_key"), &json!(message))]);
}
