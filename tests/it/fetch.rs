//! The fetcher against real servers on loopback that misbehave: each fetch ends within its
//! deadline, with a cause of its own, and never disturbs keys that are there.

mod client;
mod misbehaviour;
mod tls;
mod uri;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::jwks::cache::{CachePolicy, FetchEnd, JwksCache, KeySource, Refresh};
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks, HttpFetcher};
use cognito_authorizer::jwks::source::KeysOfIssuer;
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::time::Timestamp;

use crate::support::keys::{ED25519, jwks};

/// The deadline of a fetch whose server would take for ever.
const SHORT: Duration = Duration::from_millis(250);

/// The deadline of a fetch that must not need it.
const LONG: Duration = Duration::from_secs(30);

/// How long the machine may take for what is not the fetch.
const SLACK: Duration = Duration::from_secs(10);

fn key_set() -> Vec<u8> {
    jwks(&[ED25519.jwk("a", None)])
}

/// How a fetch ended: the stable name of its cause, or `ok`, and its message.
async fn outcome(fetcher: &HttpFetcher, uri: &str, deadline: Duration) -> (&'static str, String) {
    let uri = JwksUri::parse(uri).unwrap();
    let started = Instant::now();
    let fetched = fetcher.fetch(&uri).await;
    let took = started.elapsed();
    assert!(took < deadline + SLACK, "{uri} took {took:?}");
    let parsed = fetched.and_then(|document| Jwks::parse(&document).map_err(FetchError::Document));
    match parsed {
        Ok(_) => ("ok", String::new()),
        Err(error) => (error.as_str(), error.to_string()),
    }
}

/// Whether a cache that was filled earlier serves on when this fetch has ended, and how.
async fn keys_serve_on(fetcher: &Arc<HttpFetcher>, uri: &str) -> KeySource {
    let policy = CachePolicy {
        refresh: Refresh::OnDemand,
        max_age_ms: 60_000,
        stale_ms: 120_000,
        cooldown_ms: 1000,
        timeout_ms: 30_000,
    };
    let at = |millis: u64| Timestamp::from_millis(1_000_000 + millis);
    let mut cache = JwksCache::new(policy, None);
    let fetch = cache.prefetch(at(0)).unwrap();
    cache.complete(fetch, FetchEnd::Fetched(Jwks::parse(&key_set()).unwrap()));
    let keys = KeysOfIssuer::new(
        "https://login.example/".to_owned(),
        JwksUri::parse(uri),
        cache,
    );
    // Who asks for an unknown key waits until the fetch has ended, however long that takes.
    let unknown = keys.of_kid("x", at(60_000), fetcher).await;
    assert!(unknown.is_err(), "{unknown:?}");
    let (of_a, source) = keys.of_kid("a", at(60_000), fetcher).await.unwrap();
    assert!(of_a.iter().all(|key| key.kid() == "a"));
    source
}
