//! What is measured with: keys of this run, tokens, the sample events, configurations.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::token::Algorithm;
use serde_json::Value;

use crate::keys::{ED25519, P256, RSA, SigningKey, jwks};
use crate::token::{CLIENT, ISSUER, KID, POOL, Token};

/// When the measured requests in this process are made, in seconds since the epoch.
pub const NOW: u64 = crate::token::NOW;

/// The algorithms that are measured, and the keys that sign by them.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The sample event of each kind of API, by the names that the log uses.
pub const KINDS: [(&str, &str); 6] = [
    (
        "REST `TOKEN`",
        include_str!("../../events/rest-token-allowed.json"),
    ),
    (
        "REST `REQUEST`",
        include_str!("../../events/rest-request-allowed.json"),
    ),
    ("HTTP 1.0", include_str!("../../events/http-1-allowed.json")),
    ("HTTP 2.0", include_str!("../../events/http-2-allowed.json")),
    (
        "WebSocket",
        include_str!("../../events/websocket-allowed.json"),
    ),
    ("AppSync", include_str!("../../events/appsync-allowed.json")),
];

const ROUTES: &str = r#"
[[routes]]
route = "GET /books"
scopes = ["books/read"]
"#;

/// Of one resource: a collection, an item and a collection below it, with the usual verbs.
const OF_ONE_RESOURCE: [&str; 10] = [
    "GET /{}",
    "POST /{}",
    "GET /{}/search",
    "GET /{}/{id}",
    "PUT /{}/{id}",
    "PATCH /{}/{id}",
    "DELETE /{}/{id}",
    "GET /{}/{id}/notes",
    "POST /{}/{id}/notes",
    "DELETE /{}/{id}/notes/{note}",
];

fn key(algorithm: Algorithm) -> &'static SigningKey {
    match algorithm {
        Algorithm::RS256 => &RSA,
        Algorithm::ES256 => &P256,
        Algorithm::EdDSA => &ED25519,
        _ => panic!("{} is not measured", algorithm.name()),
    }
}

/// The issuer's key set: one key for this algorithm.
#[must_use]
pub fn key_set(algorithm: Algorithm) -> Vec<u8> {
    jwks(&[key(algorithm).jwk(KID, Some(algorithm.name()))])
}

/// An access token that is good now, by the clock of the machine too, and until 2100.
#[must_use]
pub fn token(algorithm: Algorithm) -> String {
    Token::access()
        .header("alg", algorithm.name())
        .claim("auth_time", 1_700_000_000)
        .claim("iat", 1_700_000_000)
        .claim("exp", 4_102_444_800_u64)
        .sign_with(key(algorithm))
}

/// The claims of somebody who may read and write what is not for editors.
#[must_use]
pub fn claims() -> Claims {
    crate::claims::claims(Token::access().claim("scope", "openid books/read books/write"))
}

/// A sample event with this token, as compact as API Gateway sends it.
#[must_use]
pub fn event(sample: &str, token: &str) -> String {
    let old = sample.find("eyJ").expect("the sample has a token");
    let rest = &sample[old..];
    let end = rest.find('"').expect("the token ends");
    let event: Value = serde_json::from_str(&sample.replace(&rest[..end], token)).unwrap();
    event.to_string()
}

/// The `TOKEN` event of a REST API.
#[must_use]
pub fn token_event(token: &str) -> String {
    event(KINDS[0].1, token)
}

/// A configuration of one issuer whose keys are where `keys` says, followed by `routes`.
#[must_use]
pub fn config(algorithm: Algorithm, keys: &str, routes: &str) -> String {
    let name = algorithm.name();
    format!(
        "token_sources = [\"header:Authorization\", \"subprotocol:bearer\"]\n\
         [[issuers]]\nuser_pool_id = \"{POOL}\"\nclient_ids = [\"{CLIENT}\"]\n\
         algorithms = [\"{name}\"]\n{keys}\n{routes}"
    )
}

/// The issuer and the client, for a function that has another configuration.
#[must_use]
pub fn names() -> [(&'static str, &'static str); 2] {
    [("ISSUER", ISSUER), ("CLIENT_ID", CLIENT)]
}

/// The routes of the sample events, from their own configuration.
#[must_use]
pub fn sample_routes() -> String {
    let text = include_str!("../../events/authorizer.toml");
    let at = text.find("[[routes]]").expect("it has routes");
    text[at..].to_owned()
}

/// A table of so many routes, the first of which is the one that is asked for.
#[must_use]
pub fn routes(count: usize) -> String {
    let mut table = ROUTES.to_owned();
    for at in 0..count - 1 {
        let resource = format!("v1/resource-{}", at / OF_ONE_RESOURCE.len());
        let route = OF_ONE_RESOURCE[at % OF_ONE_RESOURCE.len()].replacen("{}", &resource, 1);
        let needs = if at % 11 == 10 {
            "any_group = [\"editors\"]"
        } else if route.starts_with("GET") {
            "scopes = [\"books/read\"]"
        } else {
            "scopes = [\"books/write\"]"
        };
        table += &format!("[[routes]]\nroute = \"{route}\"\n{needs}\n");
    }
    table
}
