//! The key cache of one issuer: its states step by step, under any schedule, with a thousand
//! requests at once, and with an issuer that keeps them waiting.

mod crowd;
mod schedules;
mod told;
mod waiting;
mod walk;

use cognito_authorizer::jwks::cache::{CachePolicy, FetchEnd, JwksCache, Refresh};
use cognito_authorizer::jwks::{Jwks, KeysOfKid};
use cognito_authorizer::time::Timestamp;
use serde_json::Value;

use crate::support::keys::{OTHER_RSA, RSA, SigningKey, jwks};

const MAX_AGE: u64 = 10_000;
const STALE: u64 = 50_000;
const COOL_DOWN: u64 = 1000;
const TIMEOUT: u64 = 300;

const POLICY: CachePolicy = CachePolicy {
    refresh: Refresh::OnDemand,
    max_age_ms: MAX_AGE,
    stale_ms: STALE,
    cooldown_ms: COOL_DOWN,
    timeout_ms: TIMEOUT,
};

/// A cache that has fetched these keys at this time.
fn fetched(keys: &[&str], at: Timestamp) -> JwksCache {
    let mut cache = JwksCache::new(POLICY, None);
    let fetch = cache.prefetch(at).unwrap();
    cache.complete(fetch, FetchEnd::Fetched(set(keys)));
    cache
}

/// A set of keys: `a` is the key that the `kid` had first, `a'` another one of its kind.
fn set(keys: &[&str]) -> Jwks {
    let entries: Vec<Value> = keys.iter().map(|name| entry(name)).collect();
    Jwks::parse(&jwks(&entries)).unwrap()
}

fn entry(name: &str) -> Value {
    let kid = name.trim_end_matches('\'');
    let key: &SigningKey = if kid == name { &RSA } else { &OTHER_RSA };
    key.jwk(kid, None)
}

/// The `kid` that all of these keys have.
fn kid(keys: &KeysOfKid) -> &str {
    keys.iter().next().unwrap().kid()
}
