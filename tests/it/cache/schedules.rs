//! What holds under any schedule of look-ups, rotations, outages, floods and freezes.
//!
//! The model: requests look up when they come and again when the fetch that they wait for has
//! ended; a fetch brings what the issuer serves when it starts, and lasts less than a cool-down.
//! A freeze comes when all requests are answered; a fetch that it meets brings nothing.

use std::collections::{BTreeMap, BTreeSet};

use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::jwks::cache::{Fetch, FetchEnd, JwksCache, LookUp, MAX_PAUSE_MS};
use cognito_authorizer::time::Timestamp;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{COOL_DOWN, MAX_AGE, POLICY, STALE};

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes, in milliseconds.
    Pass(u64),
    /// So much time passes in which the environment is frozen.
    Freeze(u64),
    /// A request comes with the key that was published as the n-th last.
    Ask(usize),
    /// A request comes with a `kid` that nobody has.
    AskUnknown,
    /// The fetch under way ends.
    FetchEnds,
    /// The issuer publishes another key.
    Publish,
    /// The issuer withdraws its oldest key, unless it is the only one.
    Withdraw,
    /// The issuer can be reached no more, or again.
    GoDown,
    GoUp,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..COOL_DOWN).prop_map(Event::Pass),
        2 => (0..2 * COOL_DOWN).prop_map(Event::Pass),
        1 => (0..2 * MAX_AGE).prop_map(Event::Pass),
        1 => (0..2 * STALE).prop_map(Event::Pass),
        1 => (1..4 * COOL_DOWN).prop_map(Event::Freeze),
        8 => (0_usize..4).prop_map(Event::Ask),
        4 => Just(Event::AskUnknown),
        6 => Just(Event::FetchEnds),
        1 => Just(Event::Publish),
        1 => Just(Event::Withdraw),
        1 => Just(Event::GoDown),
        2 => Just(Event::GoUp),
    ]
}

/// A cache and its issuer, in the middle of a schedule.
struct World {
    cache: JwksCache,
    now: u64,
    /// Since when the issuer is up without a break, if it is.
    up_since: Option<u64>,
    /// When each key was published, and withdrawn.
    keys: BTreeMap<String, (u64, Option<u64>)>,
    /// The fetch under way.
    fetch: Option<UnderWay>,
    last_start: Option<u64>,
    /// How many fetches have failed since the last that did not.
    failures: u32,
    /// Whether the last fetch that was started was frozen.
    last_frozen: bool,
    /// The requests that wait for it: when they came, with which `kid`.
    waiting: Vec<(u64, String)>,
    /// What the last successful fetch has brought, and when it started.
    cached: BTreeSet<String>,
    cached_at: u64,
}

struct UnderWay {
    ticket: Fetch,
    started: u64,
    /// What it will bring.
    served: Option<BTreeSet<String>>,
}

impl World {
    fn new() -> Self {
        let now = 1_000_000;
        Self {
            cache: JwksCache::new(POLICY, None),
            now,
            up_since: Some(now),
            keys: BTreeMap::from([("k0".to_owned(), (now, None))]),
            fetch: None,
            last_start: None,
            failures: 0,
            last_frozen: false,
            waiting: Vec::new(),
            cached: BTreeSet::new(),
            cached_at: 0,
        }
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Pass(millis) => {
                // A fetch has a deadline, which is shorter than the cool-down.
                let started = self.fetch.as_ref().map(|fetch| fetch.started);
                if let Some(started) = started
                    && self.now + millis >= started + COOL_DOWN
                {
                    self.now = self.now.max(started + COOL_DOWN - 1);
                    self.end_fetch();
                }
                self.now += millis;
            }
            Event::Freeze(millis) => {
                self.waiting.clear();
                self.last_frozen |= self.fetch.is_some();
                self.now += millis;
            }
            Event::Ask(nth) => {
                let kids: Vec<&String> = self.keys.keys().rev().collect();
                let kid = kids[nth % kids.len()].clone();
                self.ask(&kid);
            }
            Event::AskUnknown => self.ask("nobody's"),
            Event::FetchEnds => self.end_fetch(),
            Event::Publish => {
                let kid = format!("k{}", self.keys.len());
                self.keys.insert(kid, (self.now, None));
            }
            Event::Withdraw => {
                let now = self.now;
                let mut live = self.keys.values_mut().filter(|(_, end)| end.is_none());
                if let (Some((_, end)), Some(_)) = (live.next(), live.next()) {
                    *end = Some(now);
                }
            }
            Event::GoDown => self.up_since = None,
            Event::GoUp => self.up_since = self.up_since.or(Some(self.now)),
        }
    }

    fn ask(&mut self, kid: &str) {
        let answer = self.cache.look_up(kid, self.time());
        let age = self.now - self.cached_at;
        let is_there = self.cached.contains(kid) && age < STALE;
        match &answer {
            LookUp::Fetch(ticket, _) => {
                assert!(
                    self.fetch.is_none() || self.last_frozen,
                    "one fetch at a time"
                );
                let since = self.last_start.map(|start| self.now - start);
                let is_cold = self.cached.is_empty() || age >= STALE;
                assert!(
                    since.is_none_or(|since| since >= self.pause())
                        || (self.last_frozen && is_cold),
                    "once per pause"
                );
                assert!(!(is_there && age < MAX_AGE), "a fresh key needs no fetch");
                self.last_start = Some(self.now);
                let live = self.keys.iter().filter(|(_, (_, end))| end.is_none());
                let served = live.map(|(kid, _)| kid.clone()).collect();
                self.fetch = Some(UnderWay {
                    ticket: *ticket,
                    started: self.now,
                    served: self.up_since.map(|_| served),
                });
                self.last_frozen = false;
                self.waiting.push((self.now, kid.to_owned()));
            }
            LookUp::Wait => {
                assert!(self.fetch.is_some(), "nobody waits for nothing");
                assert!(!is_there, "a key that is there is not waited for");
                self.waiting.push((self.now, kid.to_owned()));
            }
            LookUp::Found(..) | LookUp::Unknown | LookUp::Unavailable => {
                self.check(self.now, kid, &answer);
            }
        }
    }

    fn end_fetch(&mut self) {
        let Some(fetch) = self.fetch.take() else {
            return;
        };
        let end = match &fetch.served {
            _ if self.last_frozen => FetchEnd::Frozen,
            None => FetchEnd::Failed,
            Some(served) => FetchEnd::Fetched(set(served)),
        };
        assert!(self.cache.complete(fetch.ticket, end));
        match fetch.served {
            _ if self.last_frozen => {}
            None => self.failures += 1,
            Some(served) => {
                self.failures = 0;
                (self.cached, self.cached_at) = (served, fetch.started);
            }
        }
        for (came, kid) in std::mem::take(&mut self.waiting) {
            let answer = self.cache.look_again(&kid, Timestamp::from_millis(came));
            assert!(
                !matches!(answer, LookUp::Fetch(..) | LookUp::Wait),
                "{answer:?}"
            );
            self.check(came, &kid, &answer);
        }
    }

    /// The least time to the next fetch: a cool-down, doubled with each failure after the first.
    fn pause(&self) -> u64 {
        let doubled = COOL_DOWN << self.failures.saturating_sub(1).min(32);
        doubled.min(MAX_PAUSE_MS)
    }

    /// Checks the answer to a request that came at `came`.
    fn check(&self, came: u64, kid: &str, answer: &LookUp) {
        let since = |moment: u64| came.saturating_sub(moment);
        let up_for = self.up_since.map(since);
        let (published, withdrawn) = match self.keys.get(kid) {
            Some((published, withdrawn)) => (Some(*published), *withdrawn),
            None => (None, None),
        };
        match answer {
            LookUp::Found(key, _) => {
                assert_eq!(super::kid(key), kid);
                assert!(published.is_some(), "nobody's key");
                if let Some(withdrawn) = withdrawn {
                    let age = since(withdrawn);
                    assert!(age < STALE, "withdrawn for {age} ms");
                    let finding_out = self.fetch.is_some();
                    let since_when = age.max(self.pause());
                    let found_out = up_for.is_some_and(|up| up >= since_when);
                    if found_out && !finding_out && !self.last_frozen {
                        assert!(
                            age < MAX_AGE,
                            "withdrawn for {age} ms, and the issuer is up"
                        );
                    }
                }
            }
            LookUp::Unknown | LookUp::Unavailable => {
                let known_to_all = published
                    .is_some_and(|moment| since(moment) >= COOL_DOWN && withdrawn.is_none());
                let reachable = up_for.is_some_and(|up| up >= self.pause()) && !self.last_frozen;
                assert!(
                    !(known_to_all && reachable),
                    "published {published:?}, up for {up_for:?}, now {came}: {answer:?}"
                );
                if reachable && published.is_none() {
                    assert_eq!(*answer, LookUp::Unknown);
                }
            }
            LookUp::Fetch(..) | LookUp::Wait => panic!("no answer"),
        }
    }
}

/// A key set with these `kid`s, all of one key: no signature is made here (RFC 8037 A.2).
fn set(kids: &BTreeSet<String>) -> Jwks {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key = |kid: &String| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{x}"}}"#);
    let keys: Vec<String> = kids.iter().map(key).collect();
    Jwks::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
}

#[test]
fn the_promises_hold_under_any_schedule() {
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let schedules = proptest::collection::vec(event(), 1..120);
    let outcome = TestRunner::new_with_rng(config, random).run(&schedules, |schedule| {
        let mut world = World::new();
        for event in &schedule {
            world.happen(event);
        }
        world.end_fetch();
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
