//! Answers in time, whatever the issuer and the deadline are, and to many requests at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

use super::{ROUTES, failure, get_books, offline, token};
use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::runtime_api::{Deadline, Function, Invocation};
use crate::support::scratch::ScratchFile;
use crate::support::server::{Server, ok, read_head};
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

/// An issuer that accepts and never answers.
async fn stalling() -> Server {
    Server::start(|_, stream| async {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await
}

fn unknown_key() -> Invocation {
    get_books(&token().header("kid", "key-2").sign())
}

#[test]
fn a_hanging_issuer_does_not_hang_the_function() {
    let (in_time, too_long) = (Duration::from_secs(2), Duration::from_secs(9));
    let (goes_on, failed) = (Value::Null, json!(1));
    for (case, timeout_ms, deadline, cause, failures) in [
        (
            "the function's time",
            9000,
            Deadline::In(in_time),
            "deadline",
            goes_on,
        ),
        (
            "a fetch's time",
            100,
            Deadline::In(in_time),
            "timeout",
            failed.clone(),
        ),
        (
            "a fetch's time, with a wrong deadline",
            100,
            Deadline::Says(600_000),
            "timeout",
            failed,
        ),
    ] {
        let run = local().block_on(async {
            let hanging = stalling().await;
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
            verdict["jwks_failures"], failures,
            "{case}: so is the fetch, if it has ended"
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

/// The cold start waits a second for both, and the tokens of the first need nothing else.
#[test]
fn the_keys_of_one_issuer_do_not_wait_for_anothers() {
    let (run, connections) = local().block_on(async {
        let server = Server::of_bytes(ok(&jwks(&[RSA.jwk(KID, Some("RS256"))]))).await;
        let stalling = stalling().await;
        let other = format!(
            "[[issuers]]\nissuer = \"https://login.example\"\njwks_uri = \"{}\"\n\
             audiences = [\"books\"]\n",
            stalling.uri()
        );
        let config = format!(
            "jwks_uri = \"{}\"\n{other}[jwks]\ntimeout_ms = 9000\n",
            server.uri()
        );
        let events = [get_books(&token().sign())];
        let started = Instant::now();
        let run = Function::new(&pool_config(&config))
            .run_beside(events)
            .await;
        let connections = (server.connections(), stalling.connections());
        ((run, started.elapsed()), connections)
    });
    let (run, took) = run;
    assert_eq!(run.posted[0].to, "response", "{}", run.posted[0].body);
    assert_eq!(run.verdicts()[0]["key_source"], "cached");
    assert_eq!(connections, (1, 1));
    assert!(took < Duration::from_secs(8), "all of it took {took:?}");
}

/// Two requests that wait for one fetch. The function's time is up for the first before the issuer
/// answers; it answers when the first was answered.
#[test]
fn the_deadline_of_one_request_ends_no_fetch_of_another() {
    let (run, fetches) = local().block_on(async {
        let answered = Arc::new(Notify::new());
        let gate = Arc::clone(&answered);
        let server = Server::start(move |_, mut stream| {
            let gate = Arc::clone(&gate);
            async move {
                read_head(&mut stream).await;
                gate.notified().await;
                let keys = ok(&jwks(&[RSA.jwk("key-2", Some("RS256"))]));
                let _ = stream.write_all(&keys).await;
            }
        })
        .await;
        let function = with_hanging_issuer(&server.uri(), 9000)
            .variable("AWS_LAMBDA_MAX_CONCURRENCY", "2")
            .when_posted(answered);
        let short = unknown_key().deadline(Deadline::In(Duration::from_millis(1500)));
        let run = function.run_beside([short, unknown_key()]).await;
        (run, server.connections())
    });
    assert_eq!(run.posted[0].body, failure(DenyReason::JwksUnavailable));
    assert_eq!(run.posted[1].to, "response", "{}", run.posted[1].body);
    assert_eq!((run.most_at_once, fetches), (2, 1));
    let sources: Vec<_> = run
        .verdicts()
        .iter()
        .map(|line| line["key_source"].clone())
        .collect();
    assert_eq!(sources, [Value::Null, json!("fetched")]);
}

/// The cold start's fetch stalls, and the environment is frozen until long after its deadline. The
/// first request makes up for it at once, though the cool-down is not over.
#[test]
fn a_fetch_in_a_frozen_environment_is_no_failure() {
    let run = local().block_on(async {
        let server = Server::start(|connection, mut stream| async move {
            read_head(&mut stream).await;
            if connection == 0 {
                std::future::pending::<()>().await;
            }
            let keys = ok(&jwks(&[RSA.jwk("key-2", Some("RS256"))]));
            let _ = stream.write_all(&keys).await;
        })
        .await;
        let config = format!(
            "jwks_uri = \"{}\"\n{ROUTES}[jwks]\ntimeout_ms = 1200\n",
            server.uri()
        );
        let frozen = Function::new(&pool_config(&config)).frozen_when_ready(Duration::from_secs(3));
        frozen.run_beside([unknown_key()]).await
    });
    assert_eq!(run.posted[0].to, "response", "{}", run.posted[0].body);
    let verdict = &run.verdicts()[0];
    assert_eq!(
        (&verdict["jwks_fetches"], &verdict["jwks_failures"]),
        (&json!(2), &json!(0))
    );
}
