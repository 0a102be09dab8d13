//! Each state and each transition of the cache, and clocks that jump.

use cognito_authorizer::jwks::cache::{CachePolicy, JwksCache, KeySource, LookUp, Refresh};
use cognito_authorizer::time::Timestamp;

use super::{COOL_DOWN, MAX_AGE, POLICY, STALE, set};

use Step::{Ask, AskAgain, Done, Failed, Prefetch};

/// Three days, in which an execution environment may be frozen.
const DAYS: u64 = 3 * 86_400_000;

/// A time far from zero, so that clocks can go backwards.
const T: u64 = 1_000_000_000;

/// What is done with the cache at a time.
enum Step {
    /// Asks whether to fetch before the first request.
    Prefetch(bool),
    /// A request comes with this `kid`.
    Ask(&'static str, Answer),
    /// A request that came at this time has waited, and looks again.
    AskAgain(&'static str, Answer),
    /// The fetch that was asked for last has brought these keys.
    Done(&'static [&'static str]),
    /// It has failed.
    Failed,
}

enum Answer {
    /// This key; a prime marks the second key under one `kid`.
    Found(&'static str, KeySource),
    Fetch,
    Wait,
    Unknown,
    Unavailable,
}

use Answer::{Fetch, Found, Unavailable, Unknown, Wait};
use KeySource::{Cached, File, Stale};

#[track_caller]
fn walk(case: &str, mut cache: JwksCache, steps: &[(u64, Step)]) {
    let mut fetch_started = 0;
    for (at, (now, step)) in steps.iter().enumerate() {
        let place = format!("{case}, step {}", at + 1);
        let time = Timestamp::from_millis(*now);
        let end = Timestamp::from_millis(fetch_started);
        match step {
            Prefetch(expected) => {
                assert_eq!(cache.prefetch(time), *expected, "{place}");
                fetch_started = if *expected { *now } else { fetch_started };
            }
            Ask(kid, expected) => {
                let answer = cache.look_up(kid, time);
                if answer == LookUp::Fetch {
                    fetch_started = *now;
                }
                check(&place, &answer, expected);
            }
            AskAgain(kid, expected) => check(&place, &cache.look_again(kid, time), expected),
            Done(keys) => cache.complete(end, Some(set(keys))),
            Failed => cache.complete(end, None),
        }
    }
}

#[track_caller]
fn check(place: &str, answer: &LookUp, expected: &Answer) {
    let expected = match expected {
        Found(name, source) => {
            let keys = set(&[name]);
            let key = keys.key(name.trim_end_matches('\'')).unwrap();
            LookUp::Found(key.clone(), *source)
        }
        Fetch => LookUp::Fetch,
        Wait => LookUp::Wait,
        Unknown => LookUp::Unknown,
        Unavailable => LookUp::Unavailable,
    };
    assert_eq!(*answer, expected, "{place}");
}

fn cold() -> JwksCache {
    JwksCache::new(POLICY, None)
}

/// A cache that has fetched these keys at [`T`].
fn warm(keys: &[&str]) -> JwksCache {
    let mut cache = cold();
    assert!(cache.prefetch(Timestamp::from_millis(T)));
    cache.complete(Timestamp::from_millis(T), Some(set(keys)));
    cache
}

fn with_file(refresh: Refresh) -> JwksCache {
    JwksCache::new(CachePolicy { refresh, ..POLICY }, Some(set(&["a"])))
}

#[test]
fn a_cold_cache_is_filled_by_one_fetch() {
    walk(
        "the first request fetches, the others wait",
        cold(),
        &[
            (T, Ask("a", Fetch)),
            (T, Ask("a", Wait)),
            (T + 1, Ask("b", Wait)),
            (T + 2 * COOL_DOWN, Ask("b", Wait)),
            (T + 2 * COOL_DOWN, Done(&["a"])),
            (T, AskAgain("a", Found("a", Cached))),
            (T + 1, AskAgain("b", Unknown)),
        ],
    );
    walk(
        "the prefetch is that fetch",
        cold(),
        &[
            (T, Prefetch(true)),
            (T, Prefetch(false)),
            (T, Ask("a", Wait)),
            (T, Done(&["a"])),
            (T, Prefetch(false)),
            (T, Ask("a", Found("a", Cached))),
            (T + STALE, Prefetch(false)),
        ],
    );
    walk(
        "it fails: nothing can be said for a cool-down, then it is tried again",
        cold(),
        &[
            (T, Ask("a", Fetch)),
            (T, Ask("a", Wait)),
            (T + 500, Failed),
            (T, AskAgain("a", Unavailable)),
            (T + 500, Ask("a", Unavailable)),
            (T + COOL_DOWN - 1, Prefetch(false)),
            (T + COOL_DOWN - 1, Ask("a", Unavailable)),
            (T + COOL_DOWN, Ask("a", Fetch)),
            (T + COOL_DOWN, Done(&["a"])),
            (T + COOL_DOWN, Ask("a", Found("a", Cached))),
        ],
    );
}

#[test]
fn keys_age_from_the_start_of_their_fetch() {
    walk(
        "fresh to the last millisecond, then fetched again before it serves on",
        warm(&["a"]),
        &[
            (T, Ask("a", Found("a", Cached))),
            (T + MAX_AGE - 1, Ask("a", Found("a", Cached))),
            (T + MAX_AGE, Ask("a", Fetch)),
            (T + MAX_AGE, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + 500, Done(&["a"])),
            (T + MAX_AGE, AskAgain("a", Found("a", Cached))),
            (T + 2 * MAX_AGE - 1, Ask("a", Found("a", Cached))),
            (T + 2 * MAX_AGE, Ask("a", Fetch)),
        ],
    );
    walk(
        "the refresh fails: the old keys serve, and one try is made per cool-down",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", Fetch)),
            (T + MAX_AGE, Failed),
            (T + MAX_AGE, AskAgain("a", Found("a", Stale))),
            (T + MAX_AGE + COOL_DOWN - 1, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + COOL_DOWN, Ask("a", Fetch)),
            (T + MAX_AGE + COOL_DOWN, Failed),
            (T + STALE - 1, Ask("a", Fetch)),
            (T + STALE - 1, Failed),
            (T + STALE - 1, AskAgain("a", Found("a", Stale))),
        ],
    );
    walk(
        "past `stale` they serve no more, until a fetch succeeds",
        warm(&["a"]),
        &[
            (T + STALE, Ask("a", Fetch)),
            (T + STALE, Ask("a", Wait)),
            (T + STALE, Failed),
            (T + STALE, AskAgain("a", Unavailable)),
            (T + STALE, Ask("a", Unavailable)),
            (T + STALE, Ask("b", Unavailable)),
            (T + STALE + COOL_DOWN, Ask("a", Fetch)),
            (T + STALE + COOL_DOWN, Done(&["a"])),
            (T + STALE + COOL_DOWN, AskAgain("a", Found("a", Cached))),
        ],
    );
}

#[test]
fn an_unknown_kid_is_asked_for_once_per_cool_down() {
    walk(
        "after a success",
        warm(&["a"]),
        &[
            (T, Ask("x", Unknown)),
            (T + COOL_DOWN - 1, Ask("x", Unknown)),
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Ask("y", Wait)),
            (T + COOL_DOWN, Ask("a", Found("a", Cached))),
            (T + COOL_DOWN + 10, Done(&["a"])),
            (T + COOL_DOWN, AskAgain("x", Unknown)),
            (T + COOL_DOWN + 10, Ask("z", Unknown)),
            (T + 2 * COOL_DOWN - 1, Ask("x", Unknown)),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
        ],
    );
    walk(
        "after a failure, when it may be a key that could not be fetched",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Failed),
            (T + COOL_DOWN, AskAgain("x", Unavailable)),
            (T + COOL_DOWN, Ask("a", Found("a", Cached))),
            (T + 2 * COOL_DOWN - 1, Ask("x", Unavailable)),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN, Done(&["a"])),
            (T + 2 * COOL_DOWN, Ask("x", Unknown)),
        ],
    );
    walk(
        "one request causes one fetch, however long it took",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN, Ask("y", Wait)),
            (T + 3 * COOL_DOWN, Failed),
            (T + 2 * COOL_DOWN, AskAgain("y", Unavailable)),
            (T + 3 * COOL_DOWN, Ask("z", Fetch)),
            (T + 2 * COOL_DOWN, AskAgain("y", Wait)),
        ],
    );
    walk(
        "the empty text and the letter case are no exceptions",
        warm(&["a"]),
        &[
            (T, Ask("", Unknown)),
            (T, Ask("A", Unknown)),
            (T, Ask("a ", Unknown)),
        ],
    );
}

#[test]
fn what_the_issuer_publishes_is_what_counts() {
    walk(
        "a new key, in one fetch",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("b", Fetch)),
            (T + COOL_DOWN, Done(&["a", "b"])),
            (T + COOL_DOWN, AskAgain("b", Found("b", Cached))),
            (T + COOL_DOWN, Ask("a", Found("a", Cached))),
        ],
    );
    walk(
        "a withdrawn key, at the latest when the set has aged",
        warm(&["a", "b"]),
        &[
            (T + MAX_AGE - 1, Ask("b", Found("b", Cached))),
            (T + MAX_AGE, Ask("b", Fetch)),
            (T + MAX_AGE, Done(&["a"])),
            (T + MAX_AGE, AskAgain("b", Unknown)),
        ],
    );
    walk(
        "a withdrawn key, as soon as an unknown `kid` had the set fetched",
        warm(&["a", "b"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Done(&["a"])),
            (T + COOL_DOWN, Ask("b", Unknown)),
        ],
    );
    walk(
        "new material under an old `kid`",
        warm(&["a", "b"]),
        &[
            (T + MAX_AGE - 1, Ask("a", Found("a", Cached))),
            (T + MAX_AGE, Ask("b", Fetch)),
            (T + MAX_AGE, Done(&["a'", "b"])),
            (T + MAX_AGE, Ask("a", Found("a'", Cached))),
        ],
    );
    walk(
        "two keys under one `kid` are none",
        warm(&["a", "a'", "b"]),
        &[(T, Ask("a", Unknown)), (T, Ask("b", Found("b", Cached)))],
    );
    walk(
        "all keys at once",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", Fetch)),
            (T + MAX_AGE, Done(&["b"])),
            (T + MAX_AGE, AskAgain("a", Unknown)),
            (T + MAX_AGE, Ask("b", Found("b", Cached))),
        ],
    );
    let empty = cognito_authorizer::jwks::Jwks::parse(br#"{"keys":[]}"#);
    assert!(empty.is_err(), "an empty set is a failed fetch");
}

#[test]
fn keys_of_a_file_serve_without_a_fetch() {
    walk(
        "for ever, as long as they know the `kid`",
        with_file(Refresh::OnDemand),
        &[
            (T, Prefetch(false)),
            (T, Ask("a", Found("a", File))),
            (T + 100 * DAYS, Ask("a", Found("a", File))),
        ],
    );
    walk(
        "until a fetched set replaces them",
        with_file(Refresh::OnDemand),
        &[
            (T, Ask("b", Fetch)),
            (T, Ask("a", Found("a", File))),
            (T, Done(&["a'", "b"])),
            (T, AskAgain("b", Found("b", Cached))),
            (T, Ask("a", Found("a'", Cached))),
            (T + MAX_AGE, Ask("a", Fetch)),
        ],
    );
    walk(
        "also when a fetch fails",
        with_file(Refresh::OnDemand),
        &[
            (T, Ask("b", Fetch)),
            (T, Failed),
            (T, AskAgain("b", Unavailable)),
            (T + 100 * DAYS, Ask("a", Found("a", File))),
        ],
    );
    walk(
        "without any fetch where there must be none",
        with_file(Refresh::Never),
        &[
            (T, Prefetch(false)),
            (T, Ask("a", Found("a", File))),
            (T, Ask("b", Unknown)),
            (T + 100 * DAYS, Ask("b", Unknown)),
            (T + 100 * DAYS, Ask("a", Found("a", File))),
        ],
    );
    assert!(with_file(Refresh::Never).is_file_only());
    assert!(!with_file(Refresh::OnDemand).is_file_only());
}

#[test]
fn clocks_jump() {
    walk(
        "frozen for days after a success",
        warm(&["a"]),
        &[
            (T + DAYS, Ask("a", Fetch)),
            (T + DAYS, Failed),
            (T + DAYS, AskAgain("a", Unavailable)),
            (T + DAYS + COOL_DOWN, Ask("a", Fetch)),
            (T + DAYS + COOL_DOWN, Done(&["a"])),
            (T + DAYS + COOL_DOWN, AskAgain("a", Found("a", Cached))),
        ],
    );
    walk(
        "frozen for days in the middle of a fetch, whose keys are then days old",
        cold(),
        &[
            (T, Ask("a", Fetch)),
            (T + DAYS, Done(&["a"])),
            (T + DAYS, Ask("a", Fetch)),
        ],
    );
    walk(
        "backwards by an hour: neither keys nor cool-downs last longer for it",
        warm(&["a"]),
        &[
            (T - 3_600_000, Ask("a", Found("a", Cached))),
            (T - 3_600_000, Ask("x", Unknown)),
            (T - 3_600_000 + COOL_DOWN, Ask("x", Fetch)),
            (T - 3_600_000 + COOL_DOWN, Failed),
            (T - 3_600_000 + MAX_AGE - 1, Ask("a", Found("a", Cached))),
            (T - 3_600_000 + MAX_AGE, Ask("a", Fetch)),
        ],
    );
    walk(
        "to 1970",
        warm(&["a"]),
        &[
            (0, Ask("a", Found("a", Cached))),
            (COOL_DOWN, Ask("x", Fetch)),
            (COOL_DOWN, Failed),
            (MAX_AGE, Ask("a", Fetch)),
        ],
    );
    walk(
        "to the end of time and back",
        warm(&["a"]),
        &[
            (u64::MAX, Ask("a", Fetch)),
            (u64::MAX, Failed),
            (u64::MAX, Ask("a", Unavailable)),
            (T, Ask("a", Found("a", Cached))),
        ],
    );
}
