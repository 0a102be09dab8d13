//! Events that no API sends: each is answered, none is allowed, and the next good one is.

use cognito_authorizer::reason::DenyReason;
use serde_json::json;

use super::{error, failure, get_books, offline, token};
use crate::support::authorizer::{STAGE, token_event};
use crate::support::runtime_api::Invocation;

/// What is expected of one event.
enum Expect {
    Unauthorized,
    InvalidEvent,
}

use Expect::{InvalidEvent, Unauthorized};

/// Case, event, answer.
type Row = (&'static str, Vec<u8>, Expect);

fn rows() -> Vec<Row> {
    let good = token().sign();
    let event = token_event(&good, "GET", "/books").to_string();
    let request = |more: serde_json::Value| {
        let mut event = json!({"type": "REQUEST", "methodArn": format!("{STAGE}/GET/books")});
        let members = more.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(members);
        event.to_string().into_bytes()
    };
    let arn = format!("{STAGE}/GET/books");
    let token_with = |value: &str| {
        format!(r#"{{"type":"TOKEN","methodArn":"{arn}","authorizationToken":{value}}}"#)
            .into_bytes()
    };
    let bad_utf8 = [br#"{"type":"TOKEN"#.as_slice(), b"\xff\xfe", br#""}"#].concat();
    let bad_utf8_token = [
        format!(r#"{{"type":"TOKEN","methodArn":"{arn}","authorizationToken":"Bearer "#).as_bytes(),
        b"\xc3\x28",
        br#""}"#,
    ]
    .concat();
    let utf16: Vec<u8> = event.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let beside = |member: &str| format!("{{{member},{}", &event[1..]);
    let huge = "x".repeat(100_000);
    vec![
        ("nothing", Vec::new(), InvalidEvent),
        ("blanks", b"  \n".to_vec(), InvalidEvent),
        ("null", b"null".to_vec(), InvalidEvent),
        ("a number", b"1".to_vec(), InvalidEvent),
        ("a text", b"\"TOKEN\"".to_vec(), InvalidEvent),
        ("a list", b"[]".to_vec(), InvalidEvent),
        (
            "a list of the members",
            format!("[{event}]").into_bytes(),
            InvalidEvent,
        ),
        ("an empty object", b"{}".to_vec(), InvalidEvent),
        ("no JSON", b"Bearer x".to_vec(), InvalidEvent),
        (
            "half of a good event",
            event.as_bytes()[..40].to_vec(),
            InvalidEvent,
        ),
        (
            "a byte order mark",
            format!("\u{feff}{event}").into_bytes(),
            InvalidEvent,
        ),
        ("UTF-16", utf16, InvalidEvent),
        ("bad UTF-8 in the type", bad_utf8, InvalidEvent),
        ("bad UTF-8 in the token", bad_utf8_token, InvalidEvent),
        (
            "a lone surrogate in the token",
            token_with(r#""Bearer \ud800""#),
            InvalidEvent,
        ),
        (
            "an open list, deep",
            "[".repeat(100_000).into_bytes(),
            InvalidEvent,
        ),
        ("lists, deep", deep("[", "]").into_bytes(), InvalidEvent),
        (
            "objects, deep",
            deep("{\"a\":", "}").into_bytes(),
            InvalidEvent,
        ),
        ("a deep token", token_with(&deep("[", "]")), InvalidEvent),
        (
            "a deep header",
            request(json!({"headers": {"Authorization": [[[["x"]]]]}})),
            InvalidEvent,
        ),
        (
            "the type twice",
            beside(r#""type":"TOKEN""#).into_bytes(),
            InvalidEvent,
        ),
        (
            "the token twice",
            beside(r#""authorizationToken":"x""#).into_bytes(),
            InvalidEvent,
        ),
        (
            "another type",
            event.replace("TOKEN", "token").into_bytes(),
            InvalidEvent,
        ),
        (
            "a null type",
            event.replace("\"TOKEN\"", "null").into_bytes(),
            InvalidEvent,
        ),
        (
            "no type",
            event.replace("\"type\"", "\"kind\"").into_bytes(),
            InvalidEvent,
        ),
        (
            "no method ARN",
            event.replace("methodArn", "methodARN").into_bytes(),
            InvalidEvent,
        ),
        (
            "a null method ARN",
            br#"{"type":"TOKEN","methodArn":null}"#.to_vec(),
            InvalidEvent,
        ),
        (
            "a method ARN of another service",
            event.replace("execute-api", "lambda").into_bytes(),
            InvalidEvent,
        ),
        (
            "a numeric method ARN",
            br#"{"type":"TOKEN","methodArn":1}"#.to_vec(),
            InvalidEvent,
        ),
        ("no token", token_with("null"), Unauthorized),
        ("an empty token", token_with("\"\""), Unauthorized),
        ("a blank token", token_with("\" \""), Unauthorized),
        ("a numeric token", token_with("1"), InvalidEvent),
        (
            "a list of tokens",
            token_with("[\"Bearer x\"]"),
            InvalidEvent,
        ),
        (
            "a long token",
            token_with(&format!("\"Bearer {huge}\"")),
            Unauthorized,
        ),
        (
            "NUL in the token",
            token_with(r#""Bearer \u0000""#),
            Unauthorized,
        ),
        (
            "letters beyond ASCII",
            token_with("\"Bearer \u{1f512}\u{e9}\""),
            Unauthorized,
        ),
        ("no headers", request(json!({})), Unauthorized),
        (
            "null headers",
            request(json!({"headers": null, "multiValueHeaders": null})),
            Unauthorized,
        ),
        (
            "headers that are a list",
            request(json!({"headers": ["Authorization"]})),
            InvalidEvent,
        ),
        (
            "a null header",
            request(json!({"headers": {"Authorization": null}})),
            Unauthorized,
        ),
        (
            "a numeric header",
            request(json!({"headers": {"Authorization": 1}})),
            InvalidEvent,
        ),
        (
            "a long header",
            request(json!({"headers": {"Authorization": format!("Bearer {huge}")}})),
            Unauthorized,
        ),
        (
            "a long name of a header",
            request(json!({"headers": {huge.as_str(): "x"}})),
            Unauthorized,
        ),
        (
            "a context that is a text",
            request(json!({"requestContext": "x"})),
            InvalidEvent,
        ),
        (
            "a null context",
            request(json!({"requestContext": null})),
            Unauthorized,
        ),
        (
            "another verb than the ARN's",
            request(json!({"httpMethod": "POST"})),
            InvalidEvent,
        ),
    ]
}

#[test]
fn no_event_harms_the_function() {
    let good = token().sign();
    let mut invocations = Vec::new();
    let mut expected = Vec::new();
    for (case, event, expect) in rows() {
        invocations.push(Invocation::new(event));
        let body = match expect {
            Unauthorized => error("Unauthorized"),
            InvalidEvent => failure(DenyReason::InvalidEvent),
        };
        expected.push((case, "error", Some(body)));
        invocations.push(get_books(&good));
        expected.push((case, "response", None));
    }
    let run = offline("").run(invocations);
    assert_eq!(run.posted.len(), expected.len(), "{}", run.stderr);
    for (posted, (case, to, body)) in run.posted.iter().zip(expected) {
        assert_eq!(posted.to, to, "{case}: {}", posted.body);
        if let Some(body) = body {
            assert_eq!(posted.body, body, "{case}");
        } else {
            assert!(
                posted.body.contains(r#""Effect":"Allow""#),
                "{case}: {}",
                posted.body
            );
        }
    }
    assert_eq!(run.verdicts().len(), run.posted.len());
    assert_eq!((run.stderr.as_str(), run.exit_code), ("", None));
}
