//! Many requests at once, as where one execution environment serves them concurrently: one fetch,
//! nobody waits without need, and nobody waits for ever.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cognito_authorizer::jwks::cache::{CachePolicy, JwksCache, KeySource, Refresh};
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::source::KeysOfIssuer;
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::{COOL_DOWN, MAX_AGE, POLICY, entry, set};
use crate::support::keys::jwks;
use crate::support::local;

const CROWD: usize = 1000;

/// An issuer that answers nobody until the test opens it.
struct Gate {
    document: Option<Vec<u8>>,
    fetches: AtomicUsize,
    passes: Semaphore,
}

impl Gate {
    fn closed(keys: Option<&[&str]>) -> Self {
        let document =
            |keys: &[&str]| jwks(&keys.iter().map(|name| entry(name)).collect::<Vec<_>>());
        Self {
            document: keys.map(document),
            fetches: AtomicUsize::new(0),
            passes: Semaphore::new(0),
        }
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn open(&self) {
        self.passes.add_permits(1);
    }
}

impl FetchJwks for Gate {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        drop(self.passes.acquire().await.unwrap());
        self.document.clone().ok_or(FetchError::Timeout)
    }
}

fn keys(cache: JwksCache) -> KeysOfIssuer {
    let uri = JwksUri::parse("https://login.example/keys");
    KeysOfIssuer::new("https://login.example/".to_owned(), uri, cache)
}

fn warm() -> KeysOfIssuer {
    let mut cache = JwksCache::new(POLICY, None);
    cache.complete(at(0), Some(set(&["a"])));
    keys(cache)
}

/// A lost wake-up would be a test that hangs; this makes it one that fails.
async fn ends<T>(future: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(Duration::from_secs(20), future).await;
    ended.expect("somebody waits for ever")
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

#[test]
fn a_crowd_on_a_cold_cache_is_served_by_one_fetch() {
    let gate = Gate::closed(Some(&["a"]));
    let cold = keys(JwksCache::new(POLICY, None));
    let served = local().block_on(async {
        let requests = (0..CROWD).map(|n| cold.key("a", at(n as u64), &gate));
        let open = async {
            while gate.fetches() == 0 {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        ends(async { tokio::join!(join_all(requests), open).0 }).await
    });
    assert_eq!(gate.fetches(), 1);
    assert_eq!(served.len(), CROWD);
    for answer in served {
        let (key, source) = answer.unwrap();
        assert_eq!((key.kid(), source), ("a", KeySource::Fetched));
    }
}

#[test]
fn so_is_one_on_several_threads() {
    let gate: &'static Gate = Box::leak(Box::new(Gate::closed(Some(&["a"]))));
    let cold: &'static KeysOfIssuer = Box::leak(Box::new(keys(JwksCache::new(POLICY, None))));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    let served = runtime.block_on(async {
        let requests: Vec<_> = (0..CROWD)
            .map(|_| tokio::spawn(cold.key("a", at(0), gate)))
            .collect();
        gate.open();
        ends(join_all(requests)).await
    });
    assert_eq!(gate.fetches(), 1);
    assert!(served.into_iter().all(|answer| answer.unwrap().is_ok()));
}

#[test]
fn when_that_fetch_fails_nobody_is_refused() {
    let gate = Gate::closed(None);
    let cold = keys(JwksCache::new(POLICY, None));
    gate.open();
    let answers = local().block_on(join_all((0..CROWD).map(|_| cold.key("a", at(0), &gate))));
    assert_eq!(gate.fetches(), 1);
    for answer in answers {
        assert_eq!(answer.unwrap_err(), DenyReason::JwksUnavailable);
    }
}

#[test]
fn a_key_that_is_there_is_had_at_once() {
    let gate = Gate::closed(Some(&["a"]));
    let warm = warm();
    let unknown = warm.key("x", at(COOL_DOWN), &gate);
    let aged = warm.key("a", at(MAX_AGE), &gate);
    let mut unknown = Box::pin(unknown);
    assert!(unknown.as_mut().now_or_never().is_none(), "it is fetching");
    let cached = warm.key("a", at(COOL_DOWN), &gate).now_or_never().unwrap();
    assert_eq!(cached.unwrap().1, KeySource::Cached);
    let stale = aged.now_or_never().unwrap();
    assert_eq!(stale.unwrap().1, KeySource::Stale);
    let mut other = Box::pin(warm.key("y", at(COOL_DOWN), &gate));
    assert!(other.as_mut().now_or_never().is_none(), "it waits");
    gate.open();
    let unknown = unknown.now_or_never().unwrap();
    assert_eq!(unknown.unwrap_err(), DenyReason::UnknownKey);
    let other = other.now_or_never().unwrap();
    assert_eq!(other.unwrap_err(), DenyReason::UnknownKey);
    assert_eq!(gate.fetches(), 1);
}

#[test]
fn a_fetch_that_is_given_up_ends_for_all() {
    let gate = Gate::closed(Some(&["a"]));
    let cold = keys(JwksCache::new(POLICY, None));
    let mut first = Box::pin(cold.key("a", at(0), &gate));
    assert!(first.as_mut().now_or_never().is_none(), "it is fetching");
    let mut second = Box::pin(cold.key("a", at(1), &gate));
    assert!(second.as_mut().now_or_never().is_none(), "it waits");
    drop(first);
    let second = second.now_or_never().unwrap();
    assert_eq!(second.unwrap_err(), DenyReason::JwksUnavailable);
    gate.open();
    let third = cold.key("a", at(COOL_DOWN), &gate).now_or_never().unwrap();
    assert_eq!(third.unwrap().1, KeySource::Fetched);
    assert_eq!(gate.fetches(), 2);
}

#[test]
fn one_that_waits_and_is_given_up_harms_nobody() {
    let gate = Gate::closed(Some(&["a"]));
    let cold = keys(JwksCache::new(POLICY, None));
    let mut first = Box::pin(cold.key("a", at(0), &gate));
    assert!(first.as_mut().now_or_never().is_none(), "it is fetching");
    let mut second = Box::pin(cold.key("a", at(0), &gate));
    assert!(second.as_mut().now_or_never().is_none(), "it waits");
    drop(second);
    gate.open();
    assert!(first.now_or_never().unwrap().is_ok());
    assert_eq!(gate.fetches(), 1);
}

#[test]
fn a_file_alone_is_never_fetched() {
    let gate = Gate::closed(Some(&["a", "b"]));
    gate.open();
    let policy = CachePolicy {
        refresh: Refresh::Never,
        ..POLICY
    };
    let cache = JwksCache::new(policy, Some(set(&["a"])));
    let file = KeysOfIssuer::new("https://login.example/".to_owned(), None, cache);
    local().block_on(async {
        file.prefetch(at(0), &gate).await;
        let found = file.key("a", at(0), &gate).await.unwrap();
        assert_eq!(found.1, KeySource::File);
        let unknown = file.key("b", at(COOL_DOWN), &gate).await;
        assert_eq!(unknown.unwrap_err(), DenyReason::UnknownKey);
    });
    assert_eq!(gate.fetches(), 0);
}
