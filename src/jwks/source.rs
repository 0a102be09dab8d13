//! The keys of one issuer as the flow asks for them: the cache, and the fetches it calls for.
//!
//! A fetch is a task of its own, so that no request that is answered, cancelled or out of time ends
//! it for the others. No lock is held while one is under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::jwks::cache::{
    Fetch, FetchEnd, JwksCache, KNOWN_KEY_WAIT, KeySource, KeysReport, LookUp, Patience,
};
use crate::jwks::fetch::{FetchError, FetchJwks};
use crate::jwks::task::{self, Watch};
use crate::jwks::uri::JwksUri;
use crate::jwks::{Jwks, KeysOfKid, SkippedKey};
use crate::reason::DenyReason;
use crate::time::Timestamp;

/// How often one request may look; each time but the first follows the end of a fetch, so two
/// are enough unless pauses are shorter than fetches.
const MAX_ROUNDS: usize = 4;

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeysOfIssuer {
    shared: Arc<Shared>,
}

/// What the requests and the task of a fetch have in common.
#[derive(Debug)]
struct Shared {
    issuer: String,
    jwks_uri: Option<JwksUri>,
    cache: Mutex<JwksCache>,
    fetch_ended: Notify,
    last_task: Mutex<Option<AbortHandle>>,
    is_absent: AtomicBool,
    warned_of_file: Once,
    /// The keys of the last set that are not used, which have been told.
    told: Mutex<Vec<SkippedKey>>,
}

impl KeysOfIssuer {
    /// Joins an issuer's cache with the place that it is filled from.
    #[must_use]
    pub fn new(issuer: String, jwks_uri: Option<JwksUri>, cache: JwksCache) -> Self {
        let shared = Shared {
            issuer,
            jwks_uri,
            cache: Mutex::new(cache),
            fetch_ended: Notify::new(),
            last_task: Mutex::new(None),
            is_absent: AtomicBool::new(false),
            warned_of_file: Once::new(),
            told: Mutex::new(Vec::new()),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Fetches the keys before they are needed, if there are none. A failure is only logged, and
    /// who waits no longer ends nothing.
    pub async fn prefetch<F: FetchJwks + 'static>(&self, now: Timestamp, fetcher: &Arc<F>) {
        let fetch_ended = self.shared.fetch_ended.notified();
        let due = self.lock().prefetch(now);
        if let Some(fetch) = due
            && self.start(fetch, fetcher)
        {
            fetch_ended.await;
        }
    }

    /// The keys of `kid`, fetching and waiting within the limits of [`crate::jwks::cache`].
    ///
    /// # Errors
    /// [`DenyReason::UnknownKey`] if the issuer has no such key, [`DenyReason::JwksUnavailable`]
    /// if it cannot be known.
    pub async fn of_kid<F: FetchJwks + 'static>(
        &self,
        kid: &str,
        now: Timestamp,
        fetcher: &Arc<F>,
    ) -> Result<(Arc<KeysOfKid>, KeySource), DenyReason> {
        for round in 0..MAX_ROUNDS {
            let waited = round > 0;
            let fetch_ended = self.shared.fetch_ended.notified();
            let step = if waited {
                self.lock().look_again(kid, now)
            } else {
                self.lock().look_up(kid, now)
            };
            match step {
                LookUp::Found(key, KeySource::Cached) if waited => {
                    return Ok((key, KeySource::Fetched));
                }
                LookUp::Found(key, source) => return Ok((key, source)),
                LookUp::Fetch(fetch, patience) => {
                    if self.start(fetch, fetcher) {
                        match patience {
                            Patience::Brief => task::wait(fetch_ended, KNOWN_KEY_WAIT).await,
                            Patience::Whole => fetch_ended.await,
                        }
                    }
                }
                LookUp::Wait => fetch_ended.await,
                LookUp::Unknown => {
                    self.warn_of_file();
                    return Err(DenyReason::UnknownKey);
                }
                LookUp::Unavailable => return Err(DenyReason::JwksUnavailable),
            }
        }
        Err(DenyReason::JwksUnavailable)
    }

    /// Whether the last fetch was answered that there is no such key set. That of an issuer which is
    /// only implied need not be there: then nobody issues such tokens.
    pub(crate) fn is_absent(&self) -> bool {
        self.shared.is_absent.load(Ordering::Relaxed)
    }

    /// What became of the keys since the last report; see [`JwksCache::report`].
    pub(crate) fn report(&self, now: Timestamp) -> KeysReport {
        self.lock().report(now)
    }

    /// Starts a fetch and says whether there is one to wait for. One that it replaces was frozen
    /// and is given up.
    fn start<F: FetchJwks + 'static>(&self, fetch: Fetch, fetcher: &Arc<F>) -> bool {
        let under_way = FetchUnderWay {
            of: Arc::clone(&self.shared),
            fetch,
            end: FetchEnd::Frozen,
        };
        let fetcher = Arc::clone(fetcher);
        let started = task::start(async move { under_way.run(&*fetcher).await });
        let is_started = started.is_some();
        let last_task = self.shared.last_task.lock();
        let mut last_task = last_task.unwrap_or_else(PoisonError::into_inner);
        if let Some(replaced) = std::mem::replace(&mut *last_task, started) {
            replaced.abort();
        }
        is_started
    }

    /// Says once what an unknown `kid` may mean where keys are never fetched. Anybody can send
    /// such tokens, so the verdicts alone tell how many there were.
    fn warn_of_file(&self) {
        if self.lock().is_file_only() {
            self.shared.warned_of_file.call_once(|| {
                tracing::warn!(
                    issuer = self.shared.issuer,
                    "`jwks_file` does not know a token's `kid`: if the issuer has rotated its \
                     keys, renew the file; this is said once per execution environment"
                );
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, JwksCache> {
        self.shared.lock()
    }
}

impl Shared {
    /// Tells the operator once which keys of the set break a rule, and which rule. Those that are for
    /// other purposes break none.
    fn report_skipped(&self, jwks: &Jwks) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = |key: &&SkippedKey| !told.contains(key);
        for key in jwks.at_fault().filter(is_new) {
            tracing::warn!(
                issuer = self.issuer,
                "a key of the key set is not used: {key}"
            );
        }
        *told = jwks.at_fault().cloned().collect();
    }

    fn lock(&self) -> MutexGuard<'_, JwksCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch that requests may wait for; it ends when this is dropped, whatever happens.
struct FetchUnderWay {
    of: Arc<Shared>,
    fetch: Fetch,
    end: FetchEnd,
}

impl FetchUnderWay {
    async fn run<F: FetchJwks>(mut self, fetcher: &F) {
        let Some(uri) = self.of.jwks_uri.clone() else {
            return;
        };
        let (fetched, watch) = task::watch(fetcher.fetch(&uri)).await;
        let outcome =
            fetched.and_then(|document| Jwks::parse(&document).map_err(FetchError::Document));
        let is_absent = matches!(&outcome, Err(error) if error.is_refusal());
        self.of.is_absent.store(is_absent, Ordering::Relaxed);
        self.end = match (outcome, watch) {
            (Ok(jwks), _) => {
                self.of.report_skipped(&jwks);
                FetchEnd::Fetched(jwks)
            }
            (Err(error), Watch::Awake) => {
                tracing::warn!(
                    issuer = self.of.issuer,
                    jwks_uri = uri.as_str(),
                    cause = error.as_str(),
                    "the key set could not be fetched: {error}"
                );
                FetchEnd::Failed
            }
            (Err(error), Watch::Frozen) => {
                tracing::debug!(
                    issuer = self.of.issuer,
                    jwks_uri = uri.as_str(),
                    cause = error.as_str(),
                    "the environment was frozen during a fetch, which does not count: {error}"
                );
                FetchEnd::Frozen
            }
        };
    }
}

impl Drop for FetchUnderWay {
    fn drop(&mut self) {
        let end = if std::thread::panicking() {
            FetchEnd::Failed
        } else {
            std::mem::replace(&mut self.end, FetchEnd::Frozen)
        };
        if self.of.lock().complete(self.fetch, end) {
            self.of.fetch_ended.notify_waiters();
        }
    }
}
