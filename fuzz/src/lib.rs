//! What is done with an input that anybody could have sent: it may be refused, and never worse.
//!
//! The targets of cargo-fuzz call these with inputs that they make up, the tests with the inputs
//! that are kept in `seeds` and `regressions`.

use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{BearerToken, UnverifiedToken};
use cognito_authorizer::{Authorizer, Config};

/// A credential; and a header, a line break and a payload, which are put into the compact form.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (header, payload) = text.split_once('\n').unwrap_or((text, ""));
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
    let compact = format!("{header}.{payload}.AA");
    for bearer in [
        BearerToken::from_bare(text),
        BearerToken::from_bare(&compact),
    ] {
        if let Ok(token) = bearer.and_then(UnverifiedToken::parse) {
            assert!(!token.header().kid().is_empty());
            assert_eq!(format!("{token:?}"), "[redacted]");
        }
    }
}

/// A key set; with each key that is usable, something that is no signature is verified.
pub fn jwks(data: &[u8]) {
    let Ok(jwks) = Jwks::parse(data) else { return };
    assert_ne!(jwks.kids().count(), 0);
    for keys in jwks.kids().filter_map(|kid| jwks.get(kid)) {
        assert_ne!(keys.iter().count(), 0);
        for algorithm in cognito_authorizer::token::Algorithm::ALL {
            if let Some(key) = keys.for_algorithm(algorithm) {
                assert!(key.algorithm().is_none_or(|own| own == algorithm));
                assert!(!key.public_key().verifies(algorithm, data, &[0; 3]));
            }
        }
    }
}

/// An event, through all the steps of an authorizer whose keys are never fetched.
pub fn event(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let now = Timestamp::from_seconds(2_000_000_000);
    let mut verdict = pin!(AUTHORIZER.authorize(text, now));
    let Poll::Ready(verdict) = verdict
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("nothing is waited for where nothing is fetched")
    };
    assert!(verdict.reason().is_some(), "nobody can sign by this key");
    assert!(!verdict.log_line(now, 0.5, "id").contains('\n'));
}

/// A configuration; one that is good makes an authorizer, or says which file it lacks.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Config::from_toml(text) {
        Ok(config) => drop(Authorizer::new(config, NoNetwork, |_| Ok(KEYS.into()))),
        Err(error) => assert!(!error.0.is_empty()),
    }
}

static AUTHORIZER: LazyLock<Authorizer<NoNetwork>> = LazyLock::new(|| {
    let config = Config::from_toml(CONFIG).expect("the configuration is good");
    Authorizer::new(config, NoNetwork, |_| Ok(KEYS.into())).expect("the keys are good")
});

struct NoNetwork;

impl FetchJwks for NoNetwork {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Timeout)
    }
}

const CONFIG: &str = r#"
unauthorized = "deny"
token_sources = ["header:Authorization", "query:token", "cookie:session", "subprotocol:bearer"]
authorization_schemes = ["Bearer", "Token", "none"]
[[issuers]]
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = "any"
algorithms = ["ES256", "RS256"]
jwks_file = "keys.json"
jwks_refresh = "never"
[[routes]]
route = "GET /books/{id}"
scopes = ["books/read"]
[[routes]]
route = "ANY /admin/{proxy+}"
any_group = ["admins"]
"#;

/// The key of RFC 7515 A.3, under a name.
const KEYS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "key-1",
"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
