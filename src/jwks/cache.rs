//! The key cache of one issuer: a pure state machine over `now`, without any I/O.
//!
//! ```text
//!            fetch ok                     max_age                    stale
//!  cold ───────────────▶ fresh ───────────────────▶ aged ───────────────────▶ expired
//!   ▲                     ▲ │ unknown kid:           │ every look-up may        │ keys serve
//!   │ fetch failed:       │ │ one fetch per          │ start a fetch, once      │ no more
//!   └─ wait a cool-down   │ ▼ cool-down              ▼ per cool-down            ▼
//!                         └──────────────── fetch ok, at any time ──────────────┘
//!
//!  look-up            key known                     key not known
//!  cold, expired      fetch, wait, or unavailable   fetch, wait, or unavailable
//!  fresh              found                         fetch, wait, or unknown
//!  aged               fetch, or found (stale)       fetch, wait, or unknown
//! ```
//!
//! Of the words between commas the first that is possible: a fetch if none is under way and the
//! cool-down is over, a wait if one is. While a fetch is under way, look-ups whose key is there
//! are answered from the old set. A failed fetch changes no key; but as long as the last attempt
//! is a failed one, a key that is not known may be one that could not be fetched, so that it is
//! unavailable and not unknown: an outage is nobody's refusal.
//!
//! Keys that came with the configuration (`jwks_file`) stay fresh until a fetched set replaces
//! them: they serve without any network as long as they know the `kid`s that are asked for.

use std::sync::Arc;

use crate::jwks::{Jwks, VerificationKey};
use crate::time::Timestamp;

/// When keys age and how often they may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// Whether keys may be fetched at all.
    pub refresh: Refresh,
    /// From this age on, in milliseconds, a set is fetched again before it serves on.
    pub max_age_ms: u64,
    /// From this age on, in milliseconds, a set that could not be fetched again serves no more.
    pub stale_ms: u64,
    /// The time between two attempts to fetch, in milliseconds, whatever came of the first.
    pub cooldown_ms: u64,
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
    /// How many fetches have ended since the last report, whatever came of them.
    pub fetches: u32,
    /// How many of those failed.
    pub failures: u32,
    /// Milliseconds since the keys were fetched; nothing is known of the age of a file's.
    pub age_ms: Option<u64>,
}

/// What to do about one look-up.
#[derive(Clone, Debug, PartialEq)]
pub enum LookUp {
    /// Verify with this key.
    Found(Arc<VerificationKey>, KeySource),
    /// Fetch the set, report the outcome with [`JwksCache::complete`], then look up again.
    Fetch,
    /// Somebody else is fetching: wait until it is over, then look up again.
    Wait,
    /// The issuer does not have this key, as far as is known: the token is refused.
    Unknown,
    /// There are no keys to decide with: an error, neither a refusal nor an allow.
    Unavailable,
}

/// The keys of one issuer and what is known about their age.
#[derive(Debug)]
pub struct JwksCache {
    policy: CachePolicy,
    keys: Option<KeySet>,
    last_attempt: Option<Timestamp>,
    last_failed: bool,
    fetching: bool,
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
        let keys = file.map(|jwks| KeySet {
            jwks: Arc::new(jwks),
            origin: Origin::File,
        });
        Self {
            policy,
            keys,
            last_attempt: None,
            last_failed: false,
            fetching: false,
            unreported: KeysReport::default(),
        }
    }

    /// Whether the set should be fetched before the first request: only if there is none.
    pub fn prefetch(&mut self, now: Timestamp) -> bool {
        let due = self.keys.is_none() && self.may_start(now);
        if due {
            self.start(now);
        }
        due
    }

    /// Looks for the key `kid` at `now`, when the request came, and says what to do about it.
    pub fn look_up(&mut self, kid: &str, now: Timestamp) -> LookUp {
        let may_start = self.may_start(now);
        self.answer(kid, now, may_start)
    }

    /// Looks again for a request that came at `now` and has waited for a fetch since. It is not
    /// told to fetch: one request causes one fetch at most, and none of them later than it came,
    /// so that cool-downs are true to the clock.
    pub fn look_again(&mut self, kid: &str, now: Timestamp) -> LookUp {
        self.answer(kid, now, false)
    }

    fn answer(&mut self, kid: &str, now: Timestamp, may_start: bool) -> LookUp {
        let age = self.age(now);
        let key = self
            .keys
            .as_ref()
            .and_then(|set| set.jwks.key(kid))
            .cloned();
        match (key, age) {
            (Some(key), Some(Age::Fresh)) => LookUp::Found(key, self.source()),
            (Some(key), Some(Age::Aged)) => {
                if may_start {
                    self.start(now)
                } else {
                    LookUp::Found(key, KeySource::Stale)
                }
            }
            (_, age) => {
                if may_start {
                    self.start(now)
                } else if self.fetching {
                    LookUp::Wait
                } else if matches!(age, Some(Age::Fresh | Age::Aged)) && !self.last_failed {
                    LookUp::Unknown
                } else {
                    LookUp::Unavailable
                }
            }
        }
    }

    /// Ends the fetch that a look-up asked for. Only a usable set replaces the old one.
    pub fn complete(&mut self, now: Timestamp, fetched: Option<Jwks>) {
        self.fetching = false;
        self.last_failed = fetched.is_none();
        let KeysReport {
            fetches, failures, ..
        } = &mut self.unreported;
        *fetches = fetches.saturating_add(1);
        *failures = failures.saturating_add(u32::from(self.last_failed));
        if let Some(jwks) = fetched {
            self.keys = Some(KeySet {
                jwks: Arc::new(jwks),
                origin: Origin::Fetched(now),
            });
        }
    }

    /// What became of the keys up to `now`. Each fetch is reported once, so that the reports of
    /// all environments can be added up; what is fetched before the first request is in the first
    /// report.
    pub fn report(&mut self, now: Timestamp) -> KeysReport {
        let age_ms = self.keys.as_ref().and_then(|set| match set.origin {
            Origin::File => None,
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
        let cooled = self
            .last_attempt
            .is_none_or(|attempt| now.millis_since(attempt) >= self.policy.cooldown_ms);
        self.policy.refresh == Refresh::OnDemand && !self.fetching && cooled
    }

    fn start(&mut self, now: Timestamp) -> LookUp {
        self.fetching = true;
        self.last_attempt = Some(now);
        LookUp::Fetch
    }

    fn age(&self, now: Timestamp) -> Option<Age> {
        self.keys.as_ref().map(|set| match set.origin {
            Origin::File => Age::Fresh,
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
            Some(Origin::File) => KeySource::File,
            Some(Origin::Fetched(_)) | None => KeySource::Cached,
        }
    }

    /// A clock that went backwards must not make keys, or a cool-down, last longer than they
    /// would have: times that now lie in the future are taken to be now.
    fn notice_clock(&mut self, now: Timestamp) {
        if let Some(attempt) = &mut self.last_attempt {
            *attempt = (*attempt).min(now);
        }
        if let Some(KeySet {
            origin: Origin::Fetched(at),
            ..
        }) = &mut self.keys
        {
            *at = (*at).min(now);
        }
    }
}
