//! Authorizers with a key set at hand instead of a network, and events for them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::verdict::Verdict;
use cognito_authorizer::{Authorizer, Config};
use serde_json::{Value, json};

use super::keys::{RSA, jwks};
use super::token::{CLIENT, KID, NOW, POOL};

/// The stage on which all requests of the tests are made.
pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";

/// Serves one document, and counts how often it was asked for.
pub(crate) struct Served {
    document: Vec<u8>,
    pub(crate) fetches: AtomicUsize,
}

impl Served {
    pub(crate) fn new(document: Vec<u8>) -> Arc<Self> {
        Arc::new(Self {
            document,
            fetches: AtomicUsize::new(0),
        })
    }
}

impl FetchJwks for Served {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        Ok(self.document.clone())
    }
}

/// The issuer's key set: one RSA key, as Cognito publishes it.
pub(crate) fn issuer_keys() -> Arc<Served> {
    Served::new(jwks(&[RSA.jwk(KID, Some("RS256"))]))
}

/// The configuration of one pool and one client, followed by `more`.
pub(crate) fn pool_config(more: &str) -> String {
    format!("[[issuers]]\nuser_pool_id = \"{POOL}\"\nclient_ids = [\"{CLIENT}\"]\n{more}")
}

/// An authorizer of this configuration whose keys are `served`.
#[track_caller]
pub(crate) fn authorizer(config: &str, served: &Arc<Served>) -> Authorizer<Arc<Served>> {
    let config = Config::from_toml(config).expect("the configuration is good");
    let no_files = |path: &str| Err(io::Error::new(io::ErrorKind::NotFound, path.to_owned()));
    Authorizer::new(config, Arc::clone(served), no_files).expect("there are no files to read")
}

/// A `TOKEN` event of a REST API for `verb` and `path`, such as `GET` and `/books`.
pub(crate) fn token_event(token: &str, verb: &str, path: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": format!("Bearer {token}"),
        "methodArn": format!("{STAGE}/{verb}{path}"),
    })
}

/// The verdict on `event` at [`NOW`].
pub(crate) fn verdict(authorizer: &Authorizer<Arc<Served>>, event: &Value) -> Verdict {
    verdict_at(authorizer, &event.to_string(), Timestamp::from_seconds(NOW))
}

/// The verdict on `event` at `now`.
pub(crate) fn verdict_at(
    authorizer: &Authorizer<Arc<Served>>,
    event: &str,
    now: Timestamp,
) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(authorizer.authorize(event, now))
}
