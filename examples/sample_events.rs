//! Makes the sample events in `events/` anew: `cargo run --example sample_events`.
//!
//! The signing key is made for them and thrown away, so nobody can sign another token for the
//! key set beside them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "what goes wrong here should stop at once, and say where"
)]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/keys.rs"]
mod keys;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/token.rs"]
mod token;

use std::path::Path;

use serde_json::{Value, json};

use self::keys::{OTHER_RSA, RSA, jwks};
use self::token::{CLIENT, KID, Token};

const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";

/// 2023-11-14T22:13:20Z, when all the tokens were issued.
const ISSUED: u64 = 1_700_000_000;

/// 2100-01-01T00:00:00Z, when the good ones end.
const END: u64 = 4_102_444_800;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let write = |name: &str, contents: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, contents).unwrap_or_else(|error| panic!("{error}: {path:?}"));
    };
    let document: Value = serde_json::from_slice(&jwks(&[RSA.jwk(KID, Some("RS256"))])).unwrap();
    write("jwks.json", pretty(&document).as_bytes());
    let events = token_events().into_iter().chain(request_events());
    let mut count = 0;
    for (name, event) in events {
        write(&format!("{name}.json"), pretty(&event).as_bytes());
        count += 1;
    }
    println!(
        "wrote {count} events and their key set to {}",
        folder.display()
    );
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("it is JSON");
    format!("{text}\n")
}

/// Ann's access token, as Amazon Cognito writes it but for its length of life.
fn ann() -> Token {
    Token::access()
        .claim("auth_time", ISSUED)
        .claim("iat", ISSUED)
        .claim("exp", END)
}

/// Ann's ID token.
fn id_token() -> Token {
    ann()
        .without("client_id")
        .without("scope")
        .without("username")
        .claim("token_use", "id")
        .claim("aud", CLIENT)
        .claim("cognito:username", "ann")
        .claim("email", "ann@example.com")
}

/// An event of an authorizer of type `TOKEN`.
fn token_event(credential: &str, verb: &str, path: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": credential,
        "methodArn": format!("{STAGE}/{verb}{path}"),
    })
}

fn token_events() -> Vec<(&'static str, Value)> {
    let books = |token: String| token_event(&format!("Bearer {token}"), "GET", "/books");
    let good = format!("Bearer {}", ann().sign());
    let mut without_arn = token_event(&good, "GET", "/books");
    without_arn["methodArn"] = Value::Null;
    vec![
        ("rest-token-allowed", books(ann().sign())),
        (
            "rest-token-own-loans",
            token_event(
                &good,
                "GET",
                "/users/0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88/loans",
            ),
        ),
        (
            "rest-token-insufficient-scope",
            token_event(&good, "POST", "/books"),
        ),
        (
            "rest-token-not-in-group",
            token_event(&good, "GET", "/admin/reports"),
        ),
        (
            "rest-token-not-bound",
            token_event(
                &good,
                "GET",
                "/users/7c3e1d52-0f4b-4b9a-9d86-2a1f5e6c7b80/loans",
            ),
        ),
        (
            "rest-token-no-matching-route",
            token_event(&good, "GET", "/magazines"),
        ),
        ("rest-token-missing-token", token_event("", "GET", "/books")),
        (
            "rest-token-malformed-token",
            token_event("Bearer garbage", "GET", "/books"),
        ),
        (
            "rest-token-expired",
            books(ann().claim("exp", ISSUED + 3600).sign()),
        ),
        ("rest-token-id-token", books(id_token().sign())),
        (
            "rest-token-wrong-client",
            books(ann().claim("client_id", "7other3456789clientid").sign()),
        ),
        (
            "rest-token-unknown-issuer",
            books(
                ann()
                    .claim(
                        "iss",
                        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other1234",
                    )
                    .sign(),
            ),
        ),
        (
            "rest-token-invalid-signature",
            books(ann().sign_with(&OTHER_RSA)),
        ),
        (
            "rest-token-unknown-key",
            books(ann().header("kid", "key-2").sign()),
        ),
        (
            "rest-token-invalid-path",
            token_event(&good, "GET", "/books/..%2fadmin%2freports"),
        ),
        ("rest-token-invalid-event", without_arn),
    ]
}

/// An event of an authorizer of type `REQUEST`, with nulls where API Gateway has them.
fn request_event(authorization: &[&str], verb: &str, path: &str) -> Value {
    let mut headers =
        json!({"Accept": "*/*", "Host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"});
    let mut values =
        json!({"Accept": ["*/*"], "Host": ["a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"]});
    if let Some(last) = authorization.last() {
        headers["Authorization"] = json!(last);
        values["Authorization"] = json!(authorization);
    }
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/{verb}{path}"),
        "resource": path,
        "path": path,
        "httpMethod": verb,
        "headers": headers,
        "multiValueHeaders": values,
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "resourceId": "05c7jb",
            "resourcePath": path,
            "httpMethod": verb,
            "path": format!("/prod{path}"),
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "stage": "prod",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"apiKey": null, "clientCert": null, "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0"},
        },
    })
}

fn request_events() -> Vec<(&'static str, Value)> {
    let good = format!("Bearer {}", ann().sign());
    let mut other_verb = request_event(&[&good], "GET", "/books");
    other_verb["httpMethod"] = json!("POST");
    vec![
        (
            "rest-request-allowed",
            request_event(&[&good], "GET", "/books"),
        ),
        (
            "rest-request-insufficient-scope",
            request_event(&[&good], "POST", "/books"),
        ),
        (
            "rest-request-missing-token",
            request_event(&[], "GET", "/books"),
        ),
        (
            "rest-request-two-tokens",
            request_event(&[&good, &good], "GET", "/books"),
        ),
        ("rest-request-invalid-event", other_verb),
    ]
}
