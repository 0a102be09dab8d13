//! Keys over the network: fetched once before the first event, kept while the function is warm.

use serde_json::{Value, json};

use super::{ROUTES, failure, get_books, token};
use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::runtime_api::{Function, Run};
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
