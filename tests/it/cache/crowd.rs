//! Many requests at once, as where one execution environment serves them concurrently: one fetch,
//! nobody waits without need, and nobody waits for ever.

use std::sync::Arc;
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

use super::{COOL_DOWN, POLICY, entry, fetched, kid, set};
use crate::support::keys::jwks;
use crate::support::local;

const CROWD: usize = 1000;

/// An issuer that answers nobody until the test opens it.
pub(super) struct Gate {
    document: Option<Vec<u8>>,
    fetches: AtomicUsize,
    passes: Semaphore,
}

impl Gate {
    pub(super) fn closed(keys: Option<&[&str]>) -> Arc<Self> {
        let document =
            |keys: &[&str]| jwks(&keys.iter().map(|name| entry(name)).collect::<Vec<_>>());
        Arc::new(Self {
            document: keys.map(document),
            fetches: AtomicUsize::new(0),
            passes: Semaphore::new(0),
        })
    }

    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    /// Lets one fetch after the other through.
    pub(super) fn open(&self) {
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

pub(super) fn keys(cache: JwksCache) -> KeysOfIssuer {
    let uri = JwksUri::parse("https://login.example/keys");
    KeysOfIssuer::new("https://login.example/".to_owned(), uri, cache)
}

pub(super) fn warm() -> KeysOfIssuer {
    keys(fetched(&["a"], at(0)))
}

/// A lost wake-up would be a test that hangs; this makes it one that fails.
async fn ends<T>(future: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(Duration::from_secs(20), future).await;
    ended.expect("somebody waits for ever")
}

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

#[test]
fn a_crowd_on_a_cold_cache_is_served_by_one_fetch() {
    let gate = Gate::closed(Some(&["a"]));
    let cold = keys(JwksCache::new(POLICY, None));
    let served = local().block_on(async {
        let requests = (0..CROWD).map(|n| cold.of_kid("a", at(n as u64), &gate));
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
        assert_eq!((kid(&key), source), ("a", KeySource::Fetched));
    }
}

#[test]
fn so_is_one_on_several_threads() {
    let gate: &'static Arc<Gate> = Box::leak(Box::new(Gate::closed(Some(&["a"]))));
    let cold: &'static KeysOfIssuer = Box::leak(Box::new(keys(JwksCache::new(POLICY, None))));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    let served = runtime.block_on(async {
        let requests: Vec<_> = (0..CROWD)
            .map(|_| tokio::spawn(cold.of_kid("a", at(0), gate)))
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
    let answers = local().block_on(join_all((0..CROWD).map(|_| cold.of_kid("a", at(0), &gate))));
    assert_eq!(gate.fetches(), 1);
    for answer in answers {
        assert_eq!(answer.unwrap_err(), DenyReason::JwksUnavailable);
    }
}

/// Polls a request once, with what else there is to do meanwhile.
async fn poll<T>(request: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    let polled = request.now_or_never();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    polled
}

#[test]
fn a_key_that_is_there_is_had_at_once() {
    let gate = Gate::closed(Some(&["a"]));
    let warm = warm();
    local().block_on(async {
        let mut unknown = Box::pin(warm.of_kid("x", at(COOL_DOWN), &gate));
        assert!(poll(&mut unknown).await.is_none(), "it is fetching");
        let cached = warm
            .of_kid("a", at(COOL_DOWN), &gate)
            .now_or_never()
            .unwrap();
        assert_eq!(cached.unwrap().1, KeySource::Cached);
        let mut other = Box::pin(warm.of_kid("y", at(COOL_DOWN), &gate));
        assert!(poll(&mut other).await.is_none(), "it waits");
        gate.open();
        assert_eq!(ends(unknown).await.unwrap_err(), DenyReason::UnknownKey);
        assert_eq!(ends(other).await.unwrap_err(), DenyReason::UnknownKey);
    });
    assert_eq!(gate.fetches(), 1);
}

#[test]
fn a_request_that_is_given_up_ends_no_fetch() {
    for gives_up in ["the one that fetches", "one that waits"] {
        let gate = Gate::closed(Some(&["a"]));
        let cold = keys(JwksCache::new(POLICY, None));
        local().block_on(async {
            let mut first = Box::pin(cold.of_kid("a", at(0), &gate));
            assert!(poll(&mut first).await.is_none(), "it is fetching");
            let mut second = Box::pin(cold.of_kid("a", at(1), &gate));
            assert!(poll(&mut second).await.is_none(), "it waits");
            let left = if gives_up == "one that waits" {
                drop(second);
                first
            } else {
                drop(first);
                second
            };
            gate.open();
            let (key, source) = ends(left).await.unwrap();
            assert_eq!((kid(&key), source), ("a", KeySource::Fetched), "{gives_up}");
        });
        assert_eq!(gate.fetches(), 1, "{gives_up}");
    }
}

#[test]
fn when_all_are_given_up_the_fetch_still_fills_the_cache() {
    let gate = Gate::closed(Some(&["a"]));
    let cold = keys(JwksCache::new(POLICY, None));
    local().block_on(async {
        let mut prefetch = Box::pin(cold.prefetch(at(0), &gate));
        assert!(poll(&mut prefetch).await.is_none(), "it is fetching");
        drop(prefetch);
        gate.open();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let next = cold.of_kid("a", at(1), &gate).now_or_never().unwrap();
        assert_eq!(next.unwrap().1, KeySource::Cached);
    });
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
        let found = file.of_kid("a", at(0), &gate).await.unwrap();
        assert_eq!(found.1, KeySource::File);
        let unknown = file.of_kid("b", at(COOL_DOWN), &gate).await;
        assert_eq!(unknown.unwrap_err(), DenyReason::UnknownKey);
    });
    assert_eq!(gate.fetches(), 0);
}
