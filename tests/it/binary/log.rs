//! What is written: one line of JSON per verdict on stdout, and never a token or a part of one.

use cognito_authorizer::reason::DenyReason;
use serde_json::{Value, json};

use super::{get_books, invocation, offline, offline_with, token};
use crate::support::authorizer::{STAGE, token_event};
use crate::support::keys::OTHER_RSA;
use crate::support::runtime_api::Run;
use crate::support::token::{CLIENT, ISSUER, KID};

/// Texts that stand in the tokens of [`every_outcome`] and must be found nowhere.
const HIDDEN: [&str; 4] = [
    "ann@hidden.example",
    "hidden-in-the-token",
    "hidden in the signature",
    "auth_time",
];

/// Runs a function with these variables on events of every outcome, and says which tokens, and
/// parts of tokens, were in them.
fn every_outcome(variables: &[(&str, &str)]) -> (Run, Vec<String>) {
    let good = token().sign();
    let tokens = [
        good.clone(),
        token().sign_with(&OTHER_RSA),
        token().claim("exp", 1_700_000_600).sign(),
        token()
            .claim("iss", "https://hidden-in-the-token.example")
            .sign(),
        format!(
            "{}.{}",
            good.rsplit_once('.').unwrap().0,
            "hidden-in-the-token"
        ),
        "hidden in the signature".to_owned(),
    ];
    let mut invocations: Vec<_> = tokens.iter().map(|token| get_books(token)).collect();
    invocations.push(invocation(&token_event(&good, "POST", "/books")));
    invocations.push(invocation(
        &json!({"type": "TOKEN", "authorizationToken": good}),
    ));
    invocations.push(invocation(&json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/GET/books"),
        "headers": {"Authorization": format!("Bearer {good}"), "authorization": good},
    })));
    let broken = token_event(&good, "GET", "/books").to_string();
    invocations.push(super::Invocation::new(broken.trim_end_matches('}')));
    let function = variables
        .iter()
        .fold(offline(""), |function, (name, value)| {
            function.variable(name, value)
        });
    let secrets = tokens.iter().flat_map(|token| token.split('.'));
    let secrets = secrets.filter(|part| part.len() > 8).map(str::to_owned);
    (function.run(invocations), secrets.collect())
}

#[test]
fn no_token_is_written_at_any_level() {
    let rows: [&[(&str, &str)]; 5] = [
        &[],
        &[("AWS_LAMBDA_LOG_LEVEL", "TRACE")],
        &[("RUST_LOG", "trace")],
        &[
            ("AWS_LAMBDA_LOG_LEVEL", "trace"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("RUST_LOG", "trace,lambda_runtime=trace"),
            ("RUST_BACKTRACE", "full"),
        ],
        &[("AWS_LAMBDA_LOG_LEVEL", "5"), ("RUST_LOG", "")],
    ];
    for variables in rows {
        let (run, secrets) = every_outcome(variables);
        let posted: String = run
            .posted
            .iter()
            .filter(|posted| posted.to == "error")
            .map(|posted| posted.body.as_str())
            .collect();
        let written = format!("{}{}{posted}", run.stdout, run.stderr);
        for secret in secrets.iter().map(String::as_str).chain(HIDDEN) {
            assert!(
                !written.contains(secret),
                "{variables:?}: {secret}\n{written}"
            );
        }
        assert_eq!(run.posted.len(), 10, "{variables:?}");
        assert_eq!(run.verdicts().len(), 10, "{variables:?}");
        assert_eq!(run.log().len(), 10, "{variables:?}: {}", run.stdout);
        assert_eq!(run.stderr, "", "{variables:?}");
    }
}

#[test]
fn each_verdict_is_one_line() {
    let run = offline("").run([
        get_books(&token().sign()),
        invocation(&token_event(&token().sign(), "POST", "/books")),
        get_books(&token().claim("exp", 1_700_000_600).sign()),
        get_books("garbage"),
        invocation(&Value::Null),
        get_books(&token().sign_with(&OTHER_RSA)),
    ]);
    let lines: Vec<Value> = run
        .verdicts()
        .into_iter()
        .map(|mut line| {
            let line_object = line.as_object_mut().unwrap();
            let timestamp = line_object.remove("timestamp").unwrap();
            assert!(timestamp.as_str().unwrap().starts_with("20"), "{timestamp}");
            let duration = line_object.remove("duration_ms").unwrap();
            assert!(duration.as_f64().unwrap() > 0.0, "{duration}");
            line
        })
        .collect();
    let known = json!({
        "level": "INFO", "message": "verdict", "kind": "rest_token", "issuer": ISSUER,
        "client_id": CLIENT, "principal": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
        "kid": KID, "key_source": "file",
    });
    let with = |more: Value, without: &[&str]| {
        let mut line = known.as_object().unwrap().clone();
        line.extend(more.as_object().unwrap().clone());
        for name in without {
            line.remove(*name);
        }
        Value::Object(line)
    };
    let claims = ["client_id", "principal"];
    let all = ["client_id", "principal", "issuer", "kid", "key_source"];
    let expected = [
        with(
            json!({"outcome": "allow", "reason": "granted", "route": "GET /books",
                   "request_id": "request-0"}),
            &[],
        ),
        with(
            json!({"outcome": "deny", "reason": "insufficient_scope", "route": "POST /books",
                   "request_id": "request-1"}),
            &[],
        ),
        with(
            json!({"outcome": "unauthorized", "reason": "token_expired",
                   "request_id": "request-2"}),
            &[],
        ),
        with(
            json!({"outcome": "unauthorized", "reason": "malformed_token",
                   "request_id": "request-3"}),
            &all,
        ),
        json!({"level": "ERROR", "message": "verdict", "outcome": "error",
               "reason": DenyReason::InvalidEvent.as_str(), "request_id": "request-4"}),
        with(
            json!({"outcome": "unauthorized", "reason": "invalid_signature",
                   "request_id": "request-5"}),
            &claims,
        ),
    ];
    assert_eq!(lines, expected);
}

/// Metrics are in the verdict's own line.
#[test]
fn metrics_add_no_line() {
    let run = offline("[metrics]\nnamespace = \"Shop\"").run([
        get_books(&token().sign()),
        get_books("garbage"),
        invocation(&Value::Null),
    ]);
    let namespaces: Vec<Value> = run
        .log()
        .into_iter()
        .map(|line| line["_aws"]["CloudWatchMetrics"][0]["Namespace"].clone())
        .collect();
    assert_eq!(namespaces, ["Shop"; 3]);
}

/// Anybody can send tokens with a `kid` that the file does not know.
#[test]
fn a_file_that_may_be_old_is_spoken_of_once() {
    let unknown = (0..5).map(|at| get_books(&token().header("kid", format!("key-{at}0")).sign()));
    let run = offline("").run(unknown);
    let reasons: Vec<Value> = run
        .verdicts()
        .into_iter()
        .map(|line| line["reason"].clone())
        .collect();
    assert_eq!(reasons, ["unknown_key"; 5]);
    let others: Vec<Value> = run
        .log()
        .into_iter()
        .filter(|line| line["message"] != "verdict")
        .collect();
    assert_eq!(others.len(), 1, "{}", run.stdout);
    assert_eq!(others[0]["level"], "WARN");
    assert_eq!(others[0]["issuer"], ISSUER);
}

#[test]
fn what_is_known_of_the_routes_is_said_at_cold_start() {
    let route = |name: &str, needs: &str| format!("[[routes]]\nroute = \"{name}\"\n{needs}\n");
    let bound = route("GET /users/{id}", "bind = { id = \"sub\" }");
    let greedy = route("GET /a/{proxy+}", "scopes = [\"r/x\"]");
    let across = route("GET /{x}/b", "scopes = [\"r/y\"]");
    let long = route(&format!("GET /{}", "a".repeat(400)), "");
    let simple = "http_api_response = \"simple\"";
    let nothing: &[&str] = &[];
    for (case, first, routes, expected) in [
        ("nothing", "", bound.clone(), nothing),
        ("a bound parameter", simple, bound, &["has `bind`"]),
        ("no bound parameter", simple, greedy.clone(), nothing),
        (
            "two for a path",
            "",
            greedy + &across,
            &["is not documented", "that lie deeper"],
        ),
        ("too long", "", long, &["a policy can allow all of"]),
    ] {
        let run = offline_with(first, &routes).run(Vec::new());
        let warnings: Vec<String> = run
            .log()
            .into_iter()
            .filter(|line| line["level"] == "WARN")
            .map(|line| line["message"].to_string())
            .collect();
        let said = |(warning, part): (&String, &&str)| warning.contains(*part);
        let all = warnings.len() == expected.len() && warnings.iter().zip(expected).all(said);
        assert!(all, "{case}: {warnings:?}");
    }
}

/// Else there would be nothing but a 403 for everybody.
#[test]
fn a_claim_that_can_never_be_bound_is_told_of_once() {
    let routes = "[[routes]]\nroute = \"GET /books\"\n[[routes]]\nroute = \"GET /users/{id}\"\n\
                  bind = { id = \"sub\" }\n";
    let ask = |sub: &str| {
        let token = token().claim("sub", sub).sign();
        invocation(&token_event(&token, "GET", "/users/ann"))
    };
    let run = offline_with("", routes).run(["a/hidden", "ann", "b*hidden", "bob"].map(ask));
    let mut told = run.log();
    told.retain(|line| line["level"] == "WARN");
    let told: Vec<&str> = told
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert!(
        matches!(told.as_slice(), [one] if one.starts_with("`GET /users/{id}`: the claim `sub`")),
        "{told:?}"
    );
    assert!(!told[0].contains("hidden"));
}
