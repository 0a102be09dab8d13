//! The keys of one issuer as the flow asks for them: the cache, and the fetches it calls for.
//!
//! No lock is held while a fetch is under way. A request that is cancelled in the middle of its
//! fetch ends that fetch, as a failed one, so that the others do not wait for ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tokio::sync::Notify;

use crate::jwks::cache::{JwksCache, KeySource, KeysReport, LookUp};
use crate::jwks::fetch::{FetchError, FetchJwks};
use crate::jwks::uri::JwksUri;
use crate::jwks::{Jwks, VerificationKey};
use crate::reason::DenyReason;
use crate::time::Timestamp;

/// How often one request may look; each time but the first follows the end of a fetch, so two
/// are enough unless cool-downs are shorter than fetches.
const MAX_ROUNDS: usize = 4;

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeysOfIssuer {
    issuer: String,
    jwks_uri: Option<JwksUri>,
    cache: Mutex<JwksCache>,
    fetch_ended: Notify,
    is_absent: AtomicBool,
    warned_of_file: Once,
}

impl KeysOfIssuer {
    /// Joins an issuer's cache with the place that it is filled from.
    #[must_use]
    pub fn new(issuer: String, jwks_uri: Option<JwksUri>, cache: JwksCache) -> Self {
        Self {
            issuer,
            jwks_uri,
            cache: Mutex::new(cache),
            fetch_ended: Notify::new(),
            is_absent: AtomicBool::new(false),
            warned_of_file: Once::new(),
        }
    }

    /// Fetches the keys before they are needed, if there are none. A failure is only logged.
    pub async fn prefetch<F: FetchJwks>(&self, now: Timestamp, fetcher: &F) {
        let due = self.lock().prefetch(now);
        if due {
            self.fetch(now, fetcher).await;
        }
    }

    /// The key `kid`, fetching within the limits of [`crate::jwks::cache`].
    ///
    /// # Errors
    /// [`DenyReason::UnknownKey`] if the issuer has no such key, [`DenyReason::JwksUnavailable`]
    /// if it cannot be known.
    pub async fn key<F: FetchJwks>(
        &self,
        kid: &str,
        now: Timestamp,
        fetcher: &F,
    ) -> Result<(Arc<VerificationKey>, KeySource), DenyReason> {
        for round in 0..MAX_ROUNDS {
            let waited = round > 0;
            let fetch_ended = self.fetch_ended.notified();
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
                LookUp::Fetch => self.fetch(now, fetcher).await,
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
        self.is_absent.load(Ordering::Relaxed)
    }

    /// What became of the keys since the last report; see [`JwksCache::report`].
    pub(crate) fn report(&self, now: Timestamp) -> KeysReport {
        self.lock().report(now)
    }

    async fn fetch<F: FetchJwks>(&self, now: Timestamp, fetcher: &F) {
        let mut fetch = FetchUnderWay {
            of: self,
            now,
            fetched: None,
        };
        let Some(uri) = &self.jwks_uri else { return };
        let outcome = match fetcher.fetch(uri).await {
            Ok(document) => Jwks::parse(&document).map_err(FetchError::Document),
            Err(error) => Err(error),
        };
        let is_absent = matches!(&outcome, Err(error) if error.is_refusal());
        self.is_absent.store(is_absent, Ordering::Relaxed);
        match outcome {
            Ok(jwks) => {
                self.report_skipped(&jwks);
                fetch.fetched = Some(jwks);
            }
            Err(error) => tracing::warn!(
                issuer = self.issuer,
                jwks_uri = uri.as_str(),
                cause = error.as_str(),
                "the key set could not be fetched: {error}"
            ),
        }
    }

    /// Tells the operator once per loaded set about the entries that cannot be used.
    pub(crate) fn report_skipped(&self, jwks: &Jwks) {
        for fault in jwks.skipped() {
            tracing::warn!(
                issuer = self.issuer,
                "a key of the key set is not used: {fault}"
            );
        }
    }

    /// Says once what an unknown `kid` may mean where keys are never fetched. Anybody can send
    /// such tokens, so the verdicts alone tell how many there were.
    fn warn_of_file(&self) {
        if self.lock().is_file_only() {
            self.warned_of_file.call_once(|| {
                tracing::warn!(
                    issuer = self.issuer,
                    "`jwks_file` does not know a token's `kid`: if the issuer has rotated its \
                     keys, renew the file; this is said once per execution environment"
                );
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, JwksCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch that the cache waits for; it ends when this is dropped, whatever happens.
struct FetchUnderWay<'a> {
    of: &'a KeysOfIssuer,
    now: Timestamp,
    fetched: Option<Jwks>,
}

impl Drop for FetchUnderWay<'_> {
    fn drop(&mut self) {
        self.of.lock().complete(self.now, self.fetched.take());
        self.of.fetch_ended.notify_waiters();
    }
}
