//! **Shell**: fetches as tasks of their own, which no request owns, and the clock that they are
//! watched and waited for with.
//!
//! The requests' `now` is not enough here: a fetch goes on between them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::jwks::fetch::{FetchError, FetchJwks};
use crate::jwks::uri::JwksUri;

/// How often a watched task shows that it is awake. A fetch takes a few of these when it has to be
/// waited for, and waking up so often costs a busy environment nothing.
const TICK: Duration = Duration::from_millis(100);

/// Starts a task that goes on whatever becomes of the request that asked for it. There is none
/// outside of a Tokio runtime; the task is then dropped.
pub(super) fn start(task: impl Future<Output = ()> + Send + 'static) -> Option<AbortHandle> {
    let runtime = Handle::try_current().ok()?;
    Some(runtime.spawn(task).abort_handle())
}

/// Waits for `end`, but no longer than this.
pub(super) async fn wait(end: impl Future<Output = ()>, at_most: Duration) {
    // Both outcomes mean that the wait is over.
    let _ = timeout(at_most, end).await;
}

/// Whether a task was awake for most of the time that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// What came of it is its own doing.
    Awake,
    /// For more than half of the time, the environment was frozen.
    Frozen,
}

/// Runs `work` to its end, and watches whether the environment is frozen meanwhile, as Lambda does
/// between two requests. A tick that comes late tells of it. Half of the time is enough to be
/// awake: ticks are somewhat late on a busy machine, and where requests follow each other closely.
pub(super) async fn watch<T>(work: impl Future<Output = T>) -> (T, Watch) {
    let mut work = pin!(work);
    let started = Instant::now();
    let mut last_tick = started;
    let mut awake = Duration::ZERO;
    loop {
        let ended = timeout(TICK, work.as_mut()).await;
        let now = Instant::now();
        awake = awake.saturating_add(now.duration_since(last_tick).min(TICK));
        last_tick = now;
        if let Ok(outcome) = ended {
            let is_awake = awake.saturating_mul(2) >= now.duration_since(started);
            let watch = if is_awake {
                Watch::Awake
            } else {
                Watch::Frozen
            };
            return (outcome, watch);
        }
    }
}

/// A fetcher that its owner shares with the tasks.
impl<F: FetchJwks> FetchJwks for Arc<F> {
    fn fetch(&self, uri: &JwksUri) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send {
        F::fetch(self, uri)
    }
}
