//! Answers in time, whatever the issuer and the deadline are, and to many requests at once.

use std::time::Duration;

use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use serde_json::json;

use super::{ROUTES, failure, get_books, offline, token};
use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::runtime_api::{Deadline, Function, Invocation};
use crate::support::scratch::ScratchFile;
use crate::support::server::{Server, ok};
use crate::support::token::KID;

#[test]
fn the_time_to_answer_is_what_is_left_but_for_a_reserve() {
    let now = 1_700_000_000_000;
    for (case, deadline, expected) in [
        ("three seconds", now + 3000, Some(2700)),
        ("a quarter of an hour", now + 900_000, Some(899_700)),
        ("the reserve alone", now + 300, Some(0)),
        ("less than the reserve", now + 1, Some(0)),
        ("now", now, None),
        ("passed", now - 1, None),
        ("a duration instead of a time", 600_000, None),
        ("nothing", 0, None),
        ("longer than a function may take", now + 900_001, None),
        ("seconds instead of milliseconds", now / 1000, None),
        ("the end of time", u64::MAX, None),
    ] {
        let deadline = Timestamp::from_millis(deadline);
        let left = deadline.time_to_answer(Timestamp::from_millis(now));
        assert_eq!(left, expected.map(Duration::from_millis), "{case}");
    }
}

#[test]
fn a_wrong_deadline_harms_nothing() {
    let deadlines = [0, 1, 600_000, 1_700_000_000, u64::MAX];
    let invocation = |deadline| get_books(&token().sign()).deadline(Deadline::Says(deadline));
    let run = offline("").run(deadlines.map(invocation));
    for (posted, deadline) in run.posted.iter().zip(deadlines) {
        assert_eq!(posted.to, "response", "{deadline}: {}", posted.body);
    }
    assert_eq!(run.posted.len(), deadlines.len());
}

/// The function whose keys are in a file and at an issuer that never answers.
fn with_hanging_issuer(uri: &str, timeout_ms: u64) -> Function {
    let file = ScratchFile::new("jwks.json", jwks(&[RSA.jwk(KID, Some("RS256"))]));
    let keys = format!("jwks_file = {}\njwks_uri = \"{uri}\"\n", json!(file.path()));
    let jwks = format!("[jwks]\ntimeout_ms = {timeout_ms}\n");
    Function::new(&pool_config(&format!("{keys}{ROUTES}{jwks}"))).file(file)
}

fn unknown_key() -> Invocation {
    get_books(&token().header("kid", "key-2").sign())
}

#[test]
fn a_hanging_issuer_does_not_hang_the_function() {
    let (in_time, too_long) = (Duration::from_secs(2), Duration::from_secs(9));
    for (case, timeout_ms, deadline, cause) in [
        (
            "the function's time",
            9000,
            Deadline::In(in_time),
            "deadline",
        ),
        ("a fetch's time", 100, Deadline::In(in_time), "timeout"),
        (
            "a fetch's time, with a wrong deadline",
            100,
            Deadline::Says(600_000),
            "timeout",
        ),
    ] {
        let run = local().block_on(async {
            let hanging = Server::start(|_, stream| async {
                std::future::pending::<()>().await;
                drop(stream);
            })
            .await;
            let function = with_hanging_issuer(&hanging.uri(), timeout_ms);
            let events = [unknown_key().deadline(deadline), get_books(&token().sign())];
            function.run_beside(events).await
        });
        assert_eq!(
            run.posted[0].body,
            failure(DenyReason::JwksUnavailable),
            "{case}"
        );
        assert!(
            run.posted[0].after < too_long,
            "{case}: {:?}",
            run.posted[0].after
        );
        assert_eq!(run.posted[1].to, "response", "{case}");
        let causes: Vec<_> = run
            .log()
            .into_iter()
            .map(|line| line["cause"].clone())
            .collect();
        assert_eq!(
            causes.iter().filter(|own| **own == cause).count(),
            1,
            "{case}: {causes:?}"
        );
        let verdict = &run.verdicts()[0];
        assert_eq!(
            verdict["kid"], "key-2",
            "{case}: what was found out is in the log"
        );
        assert_eq!(
            verdict["jwks_failures"], 1,
            "{case}: so is the fetch that did not end"
        );
    }
}

#[test]
fn many_requests_at_once_share_one_fetch() {
    const AT_ONCE: usize = 8;
    let good = token().sign();
    let (run, fetches) = local().block_on(async {
        let server = Server::of_bytes(ok(&jwks(&[RSA.jwk(KID, Some("RS256"))]))).await;
        let config = format!("jwks_uri = \"{}\"\n{ROUTES}", server.uri());
        let function = Function::new(&pool_config(&config))
            .variable("AWS_LAMBDA_MAX_CONCURRENCY", &AT_ONCE.to_string());
        let events = (0..200).map(|at| {
            if at % 10 == 9 {
                get_books("garbage")
            } else {
                get_books(&good)
            }
        });
        let run = function.run_beside(events).await;
        (run, server.connections())
    });
    assert_eq!((run.posted.len(), run.stderr.as_str()), (200, ""));
    for (at, posted) in run.posted.iter().enumerate() {
        let expected = if at % 10 == 9 { "error" } else { "response" };
        assert_eq!(posted.to, expected, "{at}: {}", posted.body);
    }
    assert_eq!(run.verdicts().len(), 200, "one whole line each");
    assert!(
        (2..=AT_ONCE).contains(&run.most_at_once),
        "{}",
        run.most_at_once
    );
    assert_eq!(fetches, 1);
}
