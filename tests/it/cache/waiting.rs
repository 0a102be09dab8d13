//! How long a request waits for an issuer that accepts and stalls, on a clock that only the test
//! moves.

use std::sync::Arc;
use std::time::Duration;

use cognito_authorizer::jwks::cache::{JwksCache, KNOWN_KEY_WAIT, KeySource};
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::source::KeysOfIssuer;
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::reason::DenyReason;
use tokio::time::{Instant, advance, sleep, timeout};

use super::crowd::{Gate, at, keys, warm};
use super::{COOL_DOWN, MAX_AGE, POLICY, STALE, TIMEOUT};

/// An issuer that accepts and never answers, and the deadline of each fetch from it.
#[derive(Clone)]
struct Stalling(Arc<Gate>);

impl Stalling {
    fn new() -> Arc<Self> {
        Arc::new(Self(Gate::closed(Some(&["a"]))))
    }
}

impl FetchJwks for Stalling {
    async fn fetch(&self, uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        timeout(Duration::from_millis(TIMEOUT), self.0.fetch(uri))
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }
}

/// The tests run on a clock that stands still unless everybody waits for it.
fn on_a_paused_clock(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(test);
}

type Answer = Result<KeySource, DenyReason>;

/// What a request at `now` is answered, and after how long.
async fn ask(keys: &KeysOfIssuer, kid: &str, now: u64, issuer: &Arc<Stalling>) -> (Answer, u64) {
    let came = Instant::now();
    let answer = keys.of_kid(kid, at(now), issuer).await;
    let waited = u64::try_from(came.elapsed().as_millis()).unwrap();
    (answer.map(|(_, source)| source), waited)
}

/// Lets `millis` pass, in which the environment is awake.
async fn pass(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

/// Lets a long time pass at once, as for a program that is frozen.
async fn freeze() {
    advance(Duration::from_secs(3600)).await;
    pass(1).await;
}

const BRIEF: u64 = KNOWN_KEY_WAIT.as_millis() as u64;

#[test]
fn a_known_key_waits_a_moment_once_per_pause() {
    on_a_paused_clock(async {
        let (keys, issuer) = (warm(), Stalling::new());
        let stale = Ok(KeySource::Stale);
        // When a request comes, in cool-downs, and how long it waits: the pauses are 1, 2, 4 and 8.
        let rows = [
            (0, BRIEF),
            (1, BRIEF),
            (2, 0),
            (3, BRIEF),
            (6, 0),
            (7, BRIEF),
            (14, 0),
            (15, BRIEF),
        ];
        let mut passed = 0;
        for (cool_downs, expected) in rows {
            let now = cool_downs * COOL_DOWN;
            pass(now - passed).await;
            let answer = ask(&keys, "a", MAX_AGE + now, &issuer).await;
            assert_eq!(answer, (stale, expected), "after {cool_downs} cool-downs");
            let others = ask(&keys, "a", MAX_AGE + now + expected, &issuer).await;
            assert_eq!(others, (stale, 0), "the others, after {cool_downs}");
            passed = now + expected;
        }
        assert_eq!(issuer.0.fetches(), 5);
    });
}

#[test]
fn without_a_known_key_the_wait_is_that_for_the_fetch() {
    let unavailable = || Err(DenyReason::JwksUnavailable);
    on_a_paused_clock(async {
        let (cold, issuer) = (keys(JwksCache::new(POLICY, None)), Stalling::new());
        let answer = ask(&cold, "a", 0, &issuer).await;
        assert_eq!(answer, (unavailable(), TIMEOUT), "cold");
        let answer = ask(&cold, "a", TIMEOUT, &issuer).await;
        assert_eq!(answer, (unavailable(), 0), "the pause is not over");
        for (case, kid, now) in [("unknown", "x", COOL_DOWN), ("expired", "a", STALE)] {
            let answer = ask(&warm(), kid, now, &Stalling::new()).await;
            assert_eq!(answer, (unavailable(), TIMEOUT), "{case}");
        }
    });
}

#[test]
fn a_fresh_key_waits_for_nothing() {
    on_a_paused_clock(async {
        let (keys, issuer) = (warm(), Stalling::new());
        let unknown = ask(&keys, "x", COOL_DOWN, &issuer);
        let fresh = async {
            pass(1).await;
            ask(&keys, "a", MAX_AGE - 1, &issuer).await
        };
        let (unknown, fresh) = tokio::join!(unknown, fresh);
        assert_eq!(unknown.1, TIMEOUT);
        assert_eq!(fresh, (Ok(KeySource::Cached), 0));
    });
}

#[test]
fn an_answer_that_comes_too_late_for_its_request_serves_the_next() {
    on_a_paused_clock(async {
        let (keys, issuer) = (warm(), Stalling::new());
        let first = ask(&keys, "a", MAX_AGE, &issuer).await;
        assert_eq!(first, (Ok(KeySource::Stale), BRIEF));
        issuer.0.open();
        pass(1).await;
        let next = ask(&keys, "a", MAX_AGE + BRIEF + 1, &issuer).await;
        assert_eq!(next, (Ok(KeySource::Cached), 0));
        assert_eq!(issuer.0.fetches(), 1);
    });
}

/// The deadline passes while the environment is frozen: that says nothing about the issuer, so
/// the next request gives the fetch all the time that it may take.
#[test]
fn after_a_freeze_the_next_fetch_is_waited_for() {
    const HOUR: u64 = 3_600_000;
    on_a_paused_clock(async {
        let (keys, issuer) = (warm(), Stalling::new());
        let mut now = MAX_AGE;
        let first = ask(&keys, "a", now, &issuer).await;
        assert_eq!(first, (Ok(KeySource::Stale), BRIEF));
        // Short enough for the old key to be there still.
        advance(Duration::from_millis(2 * COOL_DOWN)).await;
        pass(1).await;
        now += BRIEF + 2 * COOL_DOWN;
        let second = ask(&keys, "a", now, &issuer).await;
        assert_eq!(second, (Ok(KeySource::Stale), TIMEOUT), "it failed awake");
        now += COOL_DOWN;
        let third = ask(&keys, "a", now, &issuer).await;
        assert_eq!(third, (Ok(KeySource::Stale), BRIEF), "one failure so far");

        freeze().await;
        now += HOUR;
        issuer.0.open();
        let cold = ask(&keys, "a", now, &issuer).await;
        assert_eq!(cold.0, Ok(KeySource::Fetched), "the old key has expired");
        assert_eq!(issuer.0.fetches(), 4);
    });
}

/// Between two requests the environment may be frozen for a moment only, again and again.
#[test]
fn short_naps_are_no_freeze() {
    on_a_paused_clock(async {
        let (keys, issuer) = (warm(), Stalling::new());
        let first = ask(&keys, "a", MAX_AGE, &issuer).await;
        assert_eq!(first, (Ok(KeySource::Stale), BRIEF));
        for _ in 0..20 {
            advance(Duration::from_millis(8)).await;
            pass(2).await;
        }
        let next = ask(&keys, "a", MAX_AGE + COOL_DOWN, &issuer).await;
        assert_eq!(next, (Ok(KeySource::Stale), BRIEF), "it has failed");
    });
}
