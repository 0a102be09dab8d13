//! The key cache of one issuer: a pure state machine over `now`, without any I/O.
//!
//! ```text
//!            fetch ok                     max_age                    stale
//!  cold ───────────────▶ fresh ───────────────────▶ aged ───────────────────▶ expired
//!   ▲                     ▲ │ unknown kid:           │ every look-up may        │ keys serve
//!   │ fetch failed:       │ │ one fetch per          │ start a fetch, once      │ no more
//!   └─ wait a pause       │ ▼ pause                  ▼ per pause                ▼
//!                         └──────────────── fetch ok, at any time ──────────────┘
//!
//!  look-up            key known                     key not known
//!  cold, expired      fetch, wait, or unavailable   fetch, wait, or unavailable
//!  fresh              found                         fetch, wait, or unknown
//!  aged               fetch, or found (stale)       fetch, wait, or unknown
//!
//!  fetch        ended by            counts as                        next fetch
//!  under way ─▶ a usable set        answer: the set replaces         after a cool-down
//!            ─▶ anything else       failure: the old keys serve      after a pause that doubles
//!            ─▶ a freeze            neither                          after the pause; at once where
//!                                                                    no key serves
//! ```
//!
//! Of the words between commas the first that is possible: a fetch if none is under way and the
//! pause is over, a wait if one is. While a fetch is under way, look-ups whose key is there are
//! answered from the old set, but for the one that started it: it waits for [`KNOWN_KEY_WAIT`] at
//! most. A failed fetch changes no key; but unless the last fetch was answered, a key that is not
//! known may be one that could not be fetched, so that it is unavailable and not unknown: an
//! outage is nobody's refusal.
//!
//! A fetch may go on when its request has been answered, and Lambda freezes the environment
//! between requests. What became of a fetch that was frozen says nothing about the issuer. So it is
//! no failure, and the request that starts the next one waits for its end: if both were frozen,
//! the keys of an environment with few requests would never be renewed.
//!
//! Keys that came with the configuration (`jwks_file`) stay fresh until a fetched set replaces
//! them: they serve without any network as long as they know the `kid`s that are asked for. Anybody can
//! cause that fetch, with a `kid` of one's own making. So when the fetched set serves no more, the file's
//! does again, as it does in every new environment, and counts as aged until a fetch succeeds.

use std::sync::Arc;
use std::time::Duration;

use crate::jwks::attempt::{Attempts, Ended, Progress};
use crate::jwks::{Jwks, KeysOfKid};
use crate::time::Timestamp;

pub use crate::jwks::attempt::{Fetch, MAX_PAUSE_MS};

/// How long a request with a known key waits for the fetch that it started. A fetch is four round
/// trips (name, TCP, TLS, HTTP); on one continent each is below 60 ms, so that an issuer that is
/// well has answered by then.
pub const KNOWN_KEY_WAIT: Duration = Duration::from_millis(250);

/// When keys age and how often they may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// Whether keys may be fetched at all.
    pub refresh: Refresh,
    /// From this age on, in milliseconds, a set is fetched again before it serves on.
    pub max_age_ms: u64,
    /// From this age on, in milliseconds, a set that could not be fetched again serves no more.
    pub stale_ms: u64,
    /// The least time between two attempts to fetch, in milliseconds, whatever came of the first.
    pub cooldown_ms: u64,
    /// The deadline of one fetch, in milliseconds, which the fetcher keeps.
    pub timeout_ms: u64,
}

/// Whether keys may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// When they have aged or do not know a `kid`.
    OnDemand,
    /// Never: the keys of `jwks_file` are all there will ever be.
    Never,
}

/// Where the key that verified a token came from, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// From `jwks_file`.
    File,
    /// From a set fetched earlier.
    Cached,
    /// From a set that this very request fetched or waited for.
    Fetched,
    /// From a set past its `max_age` that could not be refreshed yet.
    Stale,
}

impl KeySource {
    /// The stable name of this source in the log line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Cached => "cached",
            Self::Fetched => "fetched",
            Self::Stale => "stale",
        }
    }
}

/// What became of one issuer's keys, for the log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeysReport {
    /// How many fetches have ended since the last report, whatever came of them, frozen ones among
    /// them.
    pub fetches: u32,
    /// How many of those failed.
    pub failures: u32,
    /// Milliseconds since the keys were fetched; nothing is known of the age of a file's.
    pub age_ms: Option<u64>,
}

/// What to do about one look-up.
#[derive(Clone, Debug, PartialEq)]
pub enum LookUp {
    /// Verify with one of these keys.
    Found(Arc<KeysOfKid>, KeySource),
    /// Fetch the set, report the end with [`JwksCache::complete`]; meanwhile wait so long, then
    /// look again.
    Fetch(Fetch, Patience),
    /// Somebody else is fetching: wait until it is over, then look again.
    Wait,
    /// The issuer does not have this key, as far as is known: the token is refused.
    Unknown,
    /// There are no keys to decide with: an error, neither a refusal nor an allow.
    Unavailable,
}

/// How long the request that starts a fetch waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// For [`KNOWN_KEY_WAIT`]: the old key will do.
    Brief,
    /// Until the fetch ends.
    Whole,
}

/// How a fetch has ended.
#[derive(Debug)]
pub enum FetchEnd {
    /// With a usable set.
    Fetched(Jwks),
    /// With anything else, or with nothing within its deadline.
    Failed,
    /// By a freeze of the environment, or by being given up.
    Frozen,
}

/// The keys of one issuer and what is known about their age.
#[derive(Debug)]
pub struct JwksCache {
    policy: CachePolicy,
    file: Option<Arc<Jwks>>,
    keys: Option<KeySet>,
    attempts: Attempts,
    unreported: KeysReport,
}

#[derive(Debug)]
struct KeySet {
    jwks: Arc<Jwks>,
    origin: Origin,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    File,
    /// From the file, after a fetched set that serves no more.
    FileAgain,
    Fetched(Timestamp),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Fresh,
    Aged,
    Expired,
}

impl JwksCache {
    /// A cache that starts with the keys of a file, or cold.
    #[must_use]
    pub fn new(policy: CachePolicy, file: Option<Jwks>) -> Self {
        let file = file.map(Arc::new);
        let keys = file.clone().map(|jwks| KeySet {
            jwks,
            origin: Origin::File,
        });
        Self {
            policy,
            file,
            keys,
            attempts: Attempts::default(),
            unreported: KeysReport::default(),
        }
    }

    /// The fetch to make before the first request: only if there are no keys.
    pub fn prefetch(&mut self, now: Timestamp) -> Option<Fetch> {
        let due = self.keys.is_none() && self.may_start(now);
        due.then(|| self.attempts.start(now))
    }

    /// Looks for the keys of `kid` at `now`, when the request came, and says what to do about it.
    pub fn look_up(&mut self, kid: &str, now: Timestamp) -> LookUp {
        let may_start = self.may_start(now);
        self.answer(kid, now, may_start)
    }

    /// Looks again for a request that came at `now` and has waited for a fetch since. It is not
    /// told to fetch: one request causes one fetch at most, and none of them later than it came,
    /// so that pauses are true to the clock.
    pub fn look_again(&mut self, kid: &str, now: Timestamp) -> LookUp {
        self.answer(kid, now, false)
    }

    fn answer(&mut self, kid: &str, now: Timestamp, may_start: bool) -> LookUp {
        let age = self.age(now);
        let key = self
            .keys
            .as_ref()
            .and_then(|set| set.jwks.get(kid))
            .cloned();
        match (key, age) {
            (Some(key), Some(Age::Fresh)) => LookUp::Found(key, self.source()),
            (Some(key), Some(Age::Aged)) => {
                if may_start {
                    let patience = if self.attempts.last() == Some(Progress::Frozen) {
                        Patience::Whole
                    } else {
                        Patience::Brief
                    };
                    LookUp::Fetch(self.attempts.start(now), patience)
                } else {
                    LookUp::Found(key, self.source_of_aged())
                }
            }
            (_, age) => {
                let last = self.attempts.last();
                if may_start {
                    LookUp::Fetch(self.attempts.start(now), Patience::Whole)
                } else if last == Some(Progress::UnderWay) {
                    LookUp::Wait
                } else if matches!(age, Some(Age::Fresh | Age::Aged))
                    && matches!(last, None | Some(Progress::Answered))
                {
                    LookUp::Unknown
                } else {
                    LookUp::Unavailable
                }
            }
        }
    }

    /// Ends a fetch, and says whether it was the last one that was started; no other counts. One that
    /// was overdue only counts if it brings keys after all. Only a usable set replaces the old one.
    pub fn complete(&mut self, fetch: Fetch, end: FetchEnd) -> bool {
        let progress = match end {
            FetchEnd::Fetched(_) => Progress::Answered,
            FetchEnd::Failed => Progress::Failed,
            FetchEnd::Frozen => Progress::Frozen,
        };
        let Some(ended) = self.attempts.end(fetch, progress) else {
            return false;
        };
        if let FetchEnd::Fetched(jwks) = end {
            self.keys = Some(KeySet {
                jwks: Arc::new(jwks),
                origin: Origin::Fetched(fetch.started()),
            });
        }
        if ended == Ended::Now {
            let failed = u32::from(progress == Progress::Failed);
            self.unreported.failures = self.unreported.failures.saturating_add(failed);
            self.unreported.fetches = self.unreported.fetches.saturating_add(1);
        }
        true
    }

    /// What became of the keys up to `now`. Each fetch is reported once, so that the reports of
    /// all environments can be added up; what is fetched before the first request is in the first
    /// report.
    pub fn report(&mut self, now: Timestamp) -> KeysReport {
        let age_ms = self.keys.as_ref().and_then(|set| match set.origin {
            Origin::File | Origin::FileAgain => None,
            Origin::Fetched(at) => Some(now.millis_since(at)),
        });
        KeysReport {
            age_ms,
            ..std::mem::take(&mut self.unreported)
        }
    }

    /// Whether this issuer's keys come from its file alone and can never be fetched.
    #[must_use]
    pub fn is_file_only(&self) -> bool {
        self.policy.refresh == Refresh::Never
    }

    /// Whether a fetch is allowed now.
    fn may_start(&mut self, now: Timestamp) -> bool {
        self.notice_clock(now);
        self.notice_end(now);
        if self.attempts.notice_freeze(now, self.policy.timeout_ms) {
            self.unreported.fetches = self.unreported.fetches.saturating_add(1);
        }
        let no_key_serves = matches!(self.age(now), None | Some(Age::Expired));
        let cooldown = self.policy.cooldown_ms;
        self.policy.refresh == Refresh::OnDemand
            && self.attempts.may_start(now, cooldown, no_key_serves)
    }

    fn age(&self, now: Timestamp) -> Option<Age> {
        self.keys.as_ref().map(|set| match set.origin {
            Origin::File => Age::Fresh,
            Origin::FileAgain => Age::Aged,
            Origin::Fetched(at) => {
                let age = now.millis_since(at);
                if age < self.policy.max_age_ms {
                    Age::Fresh
                } else if age < self.policy.stale_ms {
                    Age::Aged
                } else {
                    Age::Expired
                }
            }
        })
    }

    fn source(&self) -> KeySource {
        match self.keys.as_ref().map(|set| set.origin) {
            Some(Origin::File | Origin::FileAgain) => KeySource::File,
            Some(Origin::Fetched(_)) | None => KeySource::Cached,
        }
    }

    fn source_of_aged(&self) -> KeySource {
        match self.source() {
            KeySource::Cached | KeySource::Fetched | KeySource::Stale => KeySource::Stale,
            KeySource::File => KeySource::File,
        }
    }

    /// Goes back to the file's keys when the fetched ones serve no more.
    fn notice_end(&mut self, now: Timestamp) {
        if self.age(now) == Some(Age::Expired)
            && let Some(jwks) = self.file.clone()
        {
            self.keys = Some(KeySet {
                jwks,
                origin: Origin::FileAgain,
            });
        }
    }

    /// A clock that went backwards must not make keys, or a pause, last longer than they would
    /// have: times that now lie in the future are taken to be now.
    fn notice_clock(&mut self, now: Timestamp) {
        self.attempts.notice_clock(now);
        if let Some(KeySet {
            origin: Origin::Fetched(at),
            ..
        }) = &mut self.keys
        {
            *at = (*at).min(now);
        }
    }
}
