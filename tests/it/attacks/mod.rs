//! What a strict verifier does with each known attack: a table per family, a row per attack.
//!
//! A row makes its own token or key set, goes through the whole of `Authorizer::authorize`, and
//! says what must come of it: accepted, or refused for exactly that reason.

mod algorithm;
mod claims;
mod credential;
mod curves;
mod encoding;
mod header;
mod json;
mod key;
mod limits;
mod padding;
mod proof;
mod raw;
mod scope;
mod set;
mod time;

use std::sync::atomic::Ordering;

use std::sync::Arc;

use cognito_authorizer::reason::{DenyReason, Outcome};
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::verdict::Answer;
use serde_json::Value;

use crate::support::authorizer::{Served, authorizer, pool_config, token_event, verdict_at};
use crate::support::keys::{ED25519, P256, P384, RSA, SigningKey, b64, jwks};
use crate::support::token::{KID, NOW, Token};

/// What comes of a token: it is accepted, or refused for one reason.
type Expected = Result<(), DenyReason>;

/// Every algorithm, by its name in the registry and the key that signs so.
static ALGORITHMS: [(&str, &std::sync::LazyLock<SigningKey>); 9] = [
    ("RS256", &RSA),
    ("RS384", &RSA),
    ("RS512", &RSA),
    ("PS256", &RSA),
    ("PS384", &RSA),
    ("PS512", &RSA),
    ("ES256", &P256),
    ("ES384", &P384),
    ("EdDSA", &ED25519),
];

/// An issuer as it is configured and what it publishes.
struct Target {
    config: String,
    served: Arc<Served>,
}

impl Target {
    /// The pool with these algorithms, any more lines of its entry, and this key set.
    fn new(algorithms: &[&str], more: &str, keys: &[Value]) -> Self {
        let config = pool_config(&format!("algorithms = {algorithms:?}\n{more}"));
        Self {
            config,
            served: Served::new(jwks(keys)),
        }
    }

    /// The pool as Cognito is: RS256, one key.
    fn pool(more: &str) -> Self {
        Self::new(&["RS256"], more, &[RSA.jwk(KID, Some("RS256"))])
    }

    /// A pool that allows every algorithm and publishes one key of each kind, none of which says
    /// what it is for. The `kid` is the key's kind.
    fn of_all_kinds() -> Self {
        let names: Vec<&str> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
        let keys = [
            RSA.jwk("rsa", None),
            P256.jwk("p-256", None),
            P384.jwk("p-384", None),
            ED25519.jwk("ed25519", None),
        ];
        Self::new(&names, "", &keys)
    }

    /// Checks what comes of `token` at [`NOW`]: the reason, and the outcome that goes with it.
    #[track_caller]
    fn check(&self, case: &str, token: &str, expected: Expected) {
        self.check_at(case, token, Timestamp::from_seconds(NOW), expected);
    }

    #[track_caller]
    fn check_at(&self, case: &str, token: &str, now: Timestamp, expected: Expected) {
        let authorizer = authorizer(&self.config, &self.served);
        let event = token_event(token, "GET", "/books").to_string();
        let verdict = verdict_at(&authorizer, &event, now);
        assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{case}");
        let outcome = expected.map_or_else(DenyReason::outcome, |()| Outcome::Allow);
        assert_eq!(verdict.outcome(), outcome, "{case}");
        let is_reply = matches!(verdict.answer(), Answer::Reply(_));
        let replies = matches!(outcome, Outcome::Allow | Outcome::Deny);
        assert_eq!(is_reply, replies, "{case}: {:?}", verdict.answer());
    }

    fn fetches(&self) -> usize {
        self.served.fetches.load(Ordering::SeqCst)
    }
}

/// The `kid` under which [`Target::of_all_kinds`] publishes the key for `algorithm`.
fn kid_for(algorithm: &str) -> &'static str {
    match algorithm {
        "ES256" => "p-256",
        "ES384" => "p-384",
        "EdDSA" => "ed25519",
        _ => "rsa",
    }
}

/// A good token by `algorithm`, with the `kid` of [`Target::of_all_kinds`].
fn token_by(algorithm: &str) -> Token {
    Token::access()
        .header("alg", algorithm)
        .header("kid", kid_for(algorithm))
}

/// The compact form of `token` with the signature that `sign` makes of the signing input.
fn signed_by(token: &Token, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    compact(&token.header.to_string(), &token.claims.to_string(), sign)
}

/// The compact form of exactly this header and payload, with the signature that `sign` makes.
fn compact(header: &str, payload: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signing_input = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
    let signature = sign(signing_input.as_bytes());
    format!("{signing_input}.{}", b64(&signature))
}
