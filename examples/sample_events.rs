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
    let events = token_events()
        .into_iter()
        .chain(request_events())
        .chain(events_of_other_kinds());
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
            "rest-token-scope-array",
            books(ann().claim("scope", json!(["openid", "books/read"])).sign()),
        ),
        (
            "rest-token-slash-at-end",
            token_event(&good, "GET", "/books/"),
        ),
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

/// The same over HTTP/2: each cookie in a field of its own, of which `headers` has the last.
fn cookies_event(fields: &[&str]) -> Value {
    let mut event = request_event(&[], "GET", "/books");
    event["headers"]["cookie"] = json!(fields.last());
    event["multiValueHeaders"]["cookie"] = json!(fields);
    event
}

fn request_events() -> Vec<(&'static str, Value)> {
    let good = format!("Bearer {}", ann().sign());
    let cookie = format!("access_token={}", ann().sign());
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
        (
            "rest-request-cookies",
            cookies_event(&[&cookie, "theme=dark"]),
        ),
        (
            "rest-request-two-cookies",
            cookies_event(&[&cookie, &cookie]),
        ),
    ]
}

/// An event of an HTTP API, payload format 1.0: that of a REST API with a version.
fn http_1_event(authorization: &str, verb: &str, path: &str) -> Value {
    let mut event = request_event(&[authorization], verb, path);
    event["version"] = json!("1.0");
    event["identitySource"] = json!(authorization);
    event["authorizationToken"] = json!(authorization);
    event
}

/// An event of an HTTP API, payload format 2.0, whose paths begin with the stage.
fn http_2_event(authorization: &str, verb: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("{STAGE}/{verb}{path}"),
        "identitySource": [authorization],
        "routeKey": format!("{verb} {path}"),
        "rawPath": format!("/prod{path}"),
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": authorization,
            "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": verb,
                "path": format!("/prod{path}"),
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": format!("{verb} {path}"),
            "stage": "prod",
            "time": "14/Nov/2023:22:13:21 +0000",
            "timeEpoch": 1_700_000_001_000_u64,
        },
    })
}

/// An event of a WebSocket API, opened in a browser with `new WebSocket(url, ["bearer", token])`.
fn web_socket_event(token: &str) -> Value {
    let protocols = format!("bearer, {token}");
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}/$connect"),
        "headers": {
            "Host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": protocols,
            "Sec-WebSocket-Version": "13",
        },
        "multiValueHeaders": {
            "Host": ["a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"],
            "Sec-WebSocket-Key": ["dGhlIHNhbXBsZSBub25jZQ=="],
            "Sec-WebSocket-Protocol": [protocols],
            "Sec-WebSocket-Version": ["13"],
        },
        "stageVariables": {},
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTime": "14/Nov/2023:22:13:21 +0000",
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": 1_700_000_001_000_u64,
            "requestTimeEpoch": 1_700_000_001_001_u64,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "Mozilla/5.0"},
            "requestId": "JKJaXmPLvHcESHA=",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "connectionId": "JKJaXeiDFiACEJQ=",
            "apiId": "a1b2c3d4e5",
        },
    })
}

/// An event of a GraphQL API of AWS AppSync.
fn app_sync_event(authorization: &str) -> Value {
    json!({
        "authorizationToken": authorization,
        "requestContext": {
            "apiId": "a1b2c3d4e5f6g7h8i9j0k1l2m3",
            "accountId": "123456789012",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "queryString": "query Books { books { title } }",
            "operationName": "Books",
            "variables": {},
        },
        "requestHeaders": {"host": "graphql.example.com", "content-type": "application/json"},
    })
}

/// The event by which a client opens the connection for its subscriptions.
fn app_sync_connection_event(authorization: &str) -> Value {
    let mut event = app_sync_event(authorization);
    event["requestContext"]["operationName"] = json!("DeepDish:Connect");
    event["requestContext"]["queryString"] = json!("");
    event
}

fn events_of_other_kinds() -> Vec<(&'static str, Value)> {
    let good = format!("Bearer {}", ann().sign());
    let old = format!("Bearer {}", ann().claim("exp", ISSUED + 3600).sign());
    let poor = ann().claim("scope", "openid").sign();
    vec![
        ("http-1-allowed", http_1_event(&good, "GET", "/books")),
        (
            "http-1-insufficient-scope",
            http_1_event(&good, "POST", "/books"),
        ),
        ("http-2-allowed", http_2_event(&good, "GET", "/books")),
        (
            "http-2-insufficient-scope",
            http_2_event(&good, "POST", "/books"),
        ),
        ("websocket-allowed", web_socket_event(&ann().sign())),
        ("websocket-insufficient-scope", web_socket_event(&poor)),
        ("appsync-allowed", app_sync_event(&good)),
        ("appsync-expired", app_sync_event(&old)),
        ("appsync-connection", app_sync_connection_event(&good)),
    ]
}
