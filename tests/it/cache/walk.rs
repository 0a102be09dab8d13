//! Each state and each transition of the cache, and clocks that jump.

use cognito_authorizer::jwks::cache::{
    CachePolicy, Fetch as Ticket, FetchEnd, JwksCache, KeySource, LookUp, MAX_PAUSE_MS, Patience,
    Refresh,
};
use cognito_authorizer::time::Timestamp;

use super::{COOL_DOWN, MAX_AGE, POLICY, STALE, TIMEOUT, fetched, set};

use Step::{Ask, AskAgain, Done, Failed, Frozen, LateDone, LateFailed, Prefetch};

/// Three days, in which an execution environment may be frozen.
const DAYS: u64 = 3 * 86_400_000;

/// From here on a fetch that is under way must have been frozen: its deadline, and a second.
const OVERDUE: u64 = TIMEOUT + 1000;

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
    /// It was frozen.
    Frozen,
    /// The fetch before the last has brought these keys, or failed.
    LateDone(&'static [&'static str]),
    LateFailed,
}

#[derive(Debug)]
enum Answer {
    /// This key; a prime marks the second key under one `kid`.
    Found(&'static str, KeySource),
    /// Fetch, and wait for its end.
    Fetch,
    /// Fetch, and wait for a moment.
    FetchBriefly,
    Wait,
    Unknown,
    Unavailable,
}

use Answer::{Fetch, FetchBriefly, Found, Unavailable, Unknown, Wait};
use KeySource::{Cached, File, Stale};

#[track_caller]
fn walk(case: &str, mut cache: JwksCache, steps: &[(u64, Step)]) {
    let mut fetches: Vec<Ticket> = Vec::new();
    for (at, (now, step)) in steps.iter().enumerate() {
        let place = format!("{case}, step {}", at + 1);
        let time = Timestamp::from_millis(*now);
        let last = |nth: usize| {
            *fetches
                .iter()
                .rev()
                .nth(nth)
                .expect("there is such a fetch")
        };
        match step {
            Prefetch(expected) => {
                let fetch = cache.prefetch(time);
                assert_eq!(fetch.is_some(), *expected, "{place}");
                fetches.extend(fetch);
            }
            Ask(kid, expected) => {
                let answer = cache.look_up(kid, time);
                check(&place, &answer, expected);
                if let LookUp::Fetch(fetch, _) = answer {
                    fetches.push(fetch);
                }
            }
            AskAgain(kid, expected) => check(&place, &cache.look_again(kid, time), expected),
            Done(keys) => assert!(
                cache.complete(last(0), FetchEnd::Fetched(set(keys))),
                "{place}"
            ),
            Failed => assert!(cache.complete(last(0), FetchEnd::Failed), "{place}"),
            Frozen => assert!(cache.complete(last(0), FetchEnd::Frozen), "{place}"),
            LateDone(keys) => assert!(
                !cache.complete(last(1), FetchEnd::Fetched(set(keys))),
                "{place}"
            ),
            LateFailed => assert!(!cache.complete(last(1), FetchEnd::Failed), "{place}"),
        }
    }
}

#[track_caller]
fn check(place: &str, answer: &LookUp, expected: &Answer) {
    let is_expected = match (answer, expected) {
        (LookUp::Found(key, own), Found(name, source)) => {
            let keys = set(&[name]);
            keys.get(name.trim_end_matches('\'')) == Some(key) && own == source
        }
        (LookUp::Fetch(_, Patience::Whole), Fetch)
        | (LookUp::Fetch(_, Patience::Brief), FetchBriefly)
        | (LookUp::Wait, Wait)
        | (LookUp::Unknown, Unknown)
        | (LookUp::Unavailable, Unavailable) => true,
        _ => false,
    };
    assert!(is_expected, "{place}: {answer:?} instead of {expected:?}");
}

fn cold() -> JwksCache {
    JwksCache::new(POLICY, None)
}

/// A cache that has fetched these keys at [`T`].
fn warm(keys: &[&str]) -> JwksCache {
    fetched(keys, Timestamp::from_millis(T))
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
            (T + OVERDUE - 1, Ask("b", Wait)),
            (T + OVERDUE - 1, Done(&["a"])),
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
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T + MAX_AGE, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + 500, Done(&["a"])),
            (T + MAX_AGE, AskAgain("a", Found("a", Cached))),
            (T + 2 * MAX_AGE - 1, Ask("a", Found("a", Cached))),
            (T + 2 * MAX_AGE, Ask("a", FetchBriefly)),
        ],
    );
    walk(
        "the refresh fails: the old keys serve, and one try is made per cool-down",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T + MAX_AGE, Failed),
            (T + MAX_AGE, AskAgain("a", Found("a", Stale))),
            (T + MAX_AGE + COOL_DOWN - 1, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + COOL_DOWN, Ask("a", FetchBriefly)),
            (T + MAX_AGE + COOL_DOWN, Failed),
            (T + STALE - 1, Ask("a", FetchBriefly)),
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
            (T + MAX_AGE, Ask("b", FetchBriefly)),
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
            (T + MAX_AGE, Ask("b", FetchBriefly)),
            (T + MAX_AGE, Done(&["a'", "b"])),
            (T + MAX_AGE, Ask("a", Found("a'", Cached))),
        ],
    );
    walk(
        "two keys of one kind under one `kid` are none",
        warm(&["a", "a'", "b"]),
        &[(T, Ask("a", Unknown)), (T, Ask("b", Found("b", Cached)))],
    );
    walk(
        "all keys at once",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
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
            (T + MAX_AGE, Ask("a", FetchBriefly)),
        ],
    );
    // Anybody can have the set fetched, by a `kid` of one's own making.
    walk(
        "and again when the fetched set serves no more",
        with_file(Refresh::OnDemand),
        &[
            (T, Ask("x", Fetch)),
            (T, Done(&["a'"])),
            (T + STALE - 1, Ask("a", FetchBriefly)),
            (T + STALE - 1, Failed),
            (T + STALE - 1, AskAgain("a", Found("a'", Stale))),
            (T + STALE, Ask("a", Found("a", File))),
            (T + STALE, Ask("x", Unavailable)),
            (T + STALE + 2 * COOL_DOWN, Ask("a", FetchBriefly)),
            (T + STALE + 2 * COOL_DOWN, Done(&["a'", "b"])),
            (
                T + STALE + 2 * COOL_DOWN,
                AskAgain("a", Found("a'", Cached)),
            ),
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

/// The pauses after the first failure, the second, and so on, in cool-downs of a second.
#[test]
fn while_fetches_fail_the_pause_doubles() {
    let mut cache = fetched(&["a"], Timestamp::from_millis(T));
    let mut now = T + COOL_DOWN;
    for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        let LookUp::Fetch(fetch, _) = cache.look_up("x", Timestamp::from_millis(now)) else {
            panic!("the pause before that of {pause} is over");
        };
        cache.complete(fetch, FetchEnd::Failed);
        now += pause * COOL_DOWN;
        let early = cache.look_up("x", Timestamp::from_millis(now - 1));
        assert_eq!(early, LookUp::Unavailable, "{pause}");
    }
}

#[test]
fn a_pause_ends_with_an_answer_and_is_never_shorter_than_a_cool_down() {
    let failing = |case, policy: CachePolicy, failures: usize, pause: u64| {
        let mut cache = JwksCache::new(policy, None);
        let mut now = T;
        let mut ask = |now, end| match cache.look_up("x", Timestamp::from_millis(now)) {
            LookUp::Fetch(fetch, _) => {
                cache.complete(fetch, end);
                true
            }
            LookUp::Found(..) | LookUp::Wait | LookUp::Unknown | LookUp::Unavailable => false,
        };
        for _ in 0..failures {
            now += DAYS;
            assert!(ask(now, FetchEnd::Failed), "{case}");
        }
        assert!(!ask(now + pause - 1, FetchEnd::Failed), "{case}");
        assert!(ask(now + pause, FetchEnd::Fetched(set(&["a"]))), "{case}");
        assert!(
            !ask(now + pause + policy.cooldown_ms - 1, FetchEnd::Failed),
            "{case}"
        );
        assert!(
            ask(now + pause + policy.cooldown_ms, FetchEnd::Failed),
            "{case}"
        );
    };
    let cooling = |cooldown_ms| CachePolicy {
        cooldown_ms,
        ..POLICY
    };
    failing("one failure", POLICY, 1, COOL_DOWN);
    failing("two failures", POLICY, 2, 2 * COOL_DOWN);
    failing("five failures", POLICY, 5, 16 * COOL_DOWN);
    failing("a hundred", POLICY, 100, MAX_PAUSE_MS);
    failing("by default", cooling(10_000), 5, 160_000);
    failing("by default, six", cooling(10_000), 6, MAX_PAUSE_MS);
    failing("a long cool-down", cooling(3_600_000), 1, 3_600_000);
    failing("a long one, a hundred", cooling(3_600_000), 100, 3_600_000);
}

#[test]
fn an_outage_is_backed_off_from() {
    walk(
        "an unknown `kid` is unavailable for as long as the last fetch has failed",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Failed),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN, Failed),
            (T + 4 * COOL_DOWN - 1, Ask("x", Unavailable)),
            (T + 4 * COOL_DOWN - 1, Ask("a", Found("a", Cached))),
            (T + 4 * COOL_DOWN, Ask("x", Fetch)),
            (T + 4 * COOL_DOWN, Done(&["a"])),
            (T + 4 * COOL_DOWN, AskAgain("x", Unknown)),
            (T + 5 * COOL_DOWN - 1, Ask("x", Unknown)),
            (T + 5 * COOL_DOWN, Ask("x", Fetch)),
        ],
    );
    walk(
        "the pause is measured from the start of a fetch, and a clock that goes back ends it no later",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Failed),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN, Failed),
            (T - DAYS, Ask("x", Unavailable)),
            (T - DAYS + 2 * COOL_DOWN - 1, Ask("x", Unavailable)),
            (T - DAYS + 2 * COOL_DOWN, Ask("x", Fetch)),
        ],
    );
}

/// Lambda freezes an environment between two requests, also in the middle of a fetch.
#[test]
fn a_fetch_that_was_frozen_is_no_failure() {
    walk(
        "the next one is waited for to its end, those after it are not",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T + MAX_AGE, AskAgain("a", Found("a", Stale))),
            (T + MAX_AGE + OVERDUE - 1, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + OVERDUE - 1, Frozen),
            (T + MAX_AGE + OVERDUE, Ask("a", Fetch)),
            (T + MAX_AGE + OVERDUE, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + OVERDUE, Failed),
            (T + MAX_AGE + OVERDUE + COOL_DOWN, Ask("a", FetchBriefly)),
        ],
    );
    walk(
        "nor is one that is overdue, whatever is heard of it later",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T + MAX_AGE + OVERDUE, Ask("a", Fetch)),
            (T + MAX_AGE + OVERDUE, LateFailed),
            (T + MAX_AGE + OVERDUE, LateDone(&["b"])),
            (T + MAX_AGE + OVERDUE, Ask("a", Found("a", Stale))),
            (T + MAX_AGE + OVERDUE, Done(&["a"])),
            (T + MAX_AGE + OVERDUE, Ask("a", Found("a", Cached))),
        ],
    );
    walk(
        "it uses up a cool-down, but doubles nothing",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN, Failed),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN + 1, Frozen),
            (T + 2 * COOL_DOWN + 1, AskAgain("x", Unavailable)),
            (T + 3 * COOL_DOWN - 1, Ask("x", Unavailable)),
            (T + 3 * COOL_DOWN, Ask("x", Fetch)),
        ],
    );
    walk(
        "nothing is known of a key that it might have brought",
        warm(&["a"]),
        &[
            (T + COOL_DOWN, Ask("x", Fetch)),
            (T + COOL_DOWN + 1, Frozen),
            (T + COOL_DOWN + 1, Ask("x", Unavailable)),
            (T + 2 * COOL_DOWN, Ask("x", Fetch)),
            (T + 2 * COOL_DOWN, Done(&["a"])),
            (T + 2 * COOL_DOWN, Ask("x", Unknown)),
        ],
    );
    walk(
        "where no key serves it is made up for at once",
        cold(),
        &[
            (T, Prefetch(true)),
            (T + OVERDUE - 1, Ask("a", Wait)),
            (T + OVERDUE, Ask("a", Fetch)),
            (T + OVERDUE, Ask("a", Wait)),
            (T + OVERDUE, Frozen),
            (T + OVERDUE + 1, Ask("a", Fetch)),
            (T + OVERDUE + 1, Failed),
            (T + OVERDUE + 2, Ask("a", Unavailable)),
        ],
    );
    walk(
        "keys that it brings after all are taken, as old as its start",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T + MAX_AGE + COOL_DOWN, Frozen),
            (T + MAX_AGE + COOL_DOWN, Done(&["b"])),
            (T + 2 * MAX_AGE - 1, Ask("b", Found("b", Cached))),
            (T + 2 * MAX_AGE, Ask("b", FetchBriefly)),
        ],
    );
    walk(
        "a clock that goes back makes none overdue later",
        warm(&["a"]),
        &[
            (T + MAX_AGE, Ask("a", FetchBriefly)),
            (T - DAYS, Ask("x", Wait)),
            (T - DAYS + OVERDUE - 1, Ask("x", Wait)),
            (T - DAYS + OVERDUE, Ask("x", Fetch)),
        ],
    );
}

/// A fetch is told of once, a frozen one as one that did not fail.
#[test]
fn each_fetch_is_reported_once() {
    let at = Timestamp::from_millis;
    let told = |cache: &mut JwksCache| {
        let report = cache.report(at(T));
        (report.fetches, report.failures)
    };
    for (case, ends, expected) in [
        ("answered", [Some(true), None], (1, 0)),
        ("failed", [Some(false), None], (1, 1)),
        ("frozen", [None, None], (1, 0)),
        ("frozen, and failed later", [None, Some(false)], (1, 0)),
        ("frozen, and answered later", [None, Some(true)], (1, 0)),
    ] {
        let mut cache = cold();
        let fetch = cache.prefetch(at(T)).unwrap();
        assert_eq!(told(&mut cache), (0, 0), "{case}: under way");
        for end in ends {
            let end = match end {
                None => FetchEnd::Frozen,
                Some(true) => FetchEnd::Fetched(set(&["a"])),
                Some(false) => FetchEnd::Failed,
            };
            cache.complete(fetch, end);
        }
        assert_eq!(told(&mut cache), expected, "{case}");
        assert_eq!(told(&mut cache), (0, 0), "{case}: told");
    }
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
            (T - 3_600_000 + MAX_AGE, Ask("a", FetchBriefly)),
        ],
    );
    walk(
        "to 1970",
        warm(&["a"]),
        &[
            (0, Ask("a", Found("a", Cached))),
            (COOL_DOWN, Ask("x", Fetch)),
            (COOL_DOWN, Failed),
            (MAX_AGE, Ask("a", FetchBriefly)),
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
