//! The fetches of one issuer's keys: one at a time, a pause between two that doubles while they
//! fail, and what to make of one that was frozen.

use crate::time::Timestamp;

/// The longest pause between two fetches while they fail: five minutes, the time for which API
/// Gateway keeps an authorizer's answer by default (`authorizerResultTtlInSeconds`).
pub const MAX_PAUSE_MS: u64 = 300_000;

/// How much longer than its deadline a fetch may be under way before it must have been frozen: what
/// a machine without time to spare may be late.
const GRACE_MS: u64 = 1000;

/// One fetch of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    number: u64,
    started: Timestamp,
}

impl Fetch {
    /// When it was started, by the clock of that time.
    pub(super) const fn started(self) -> Timestamp {
        self.started
    }
}

/// How far a fetch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    UnderWay,
    Answered,
    Failed,
    Frozen,
}

/// Whether a fetch has ended when its end was told, or was given up before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Now,
    Before,
}

/// The fetches up to now, of which only the last counts.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    last: Option<Attempt>,
    /// How many have failed since the last answer.
    failures: u32,
}

#[derive(Debug)]
struct Attempt {
    number: u64,
    started: Timestamp,
    progress: Progress,
}

impl Attempts {
    /// How far the last fetch has come.
    pub(super) fn last(&self) -> Option<Progress> {
        self.last.as_ref().map(|last| last.progress)
    }

    /// Whether another fetch may start. One that was frozen is made up for at once where no key
    /// serves: it would be the environment's own fault that nothing can be decided.
    pub(super) fn may_start(&self, now: Timestamp, cooldown_ms: u64, no_key_serves: bool) -> bool {
        let Some(last) = &self.last else { return true };
        match last.progress {
            Progress::UnderWay => false,
            Progress::Frozen if no_key_serves => true,
            Progress::Answered | Progress::Failed | Progress::Frozen => {
                now.millis_since(last.started) >= self.pause_ms(cooldown_ms)
            }
        }
    }

    /// Starts the next fetch.
    pub(super) fn start(&mut self, now: Timestamp) -> Fetch {
        let number = self.last.as_ref().map_or(0, |last| last.number);
        let fetch = Fetch {
            number: number.saturating_add(1),
            started: now,
        };
        self.last = Some(Attempt {
            number: fetch.number,
            started: now,
            progress: Progress::UnderWay,
        });
        fetch
    }

    /// Ends a fetch, unless another one was started since. One that was given up before counts only
    /// if it was answered after all.
    pub(super) fn end(&mut self, fetch: Fetch, progress: Progress) -> Option<Ended> {
        let last = self.last.as_mut();
        let last = last.filter(|last| last.number == fetch.number)?;
        let was_under_way = last.progress == Progress::UnderWay;
        if was_under_way || progress == Progress::Answered {
            last.progress = progress;
            self.failures = match progress {
                Progress::Answered => 0,
                Progress::Failed => self.failures.saturating_add(1),
                Progress::Frozen | Progress::UnderWay => self.failures,
            };
        }
        Some(if was_under_way {
            Ended::Now
        } else {
            Ended::Before
        })
    }

    /// A clock that went backwards must not make a pause last longer than it would have.
    pub(super) fn notice_clock(&mut self, now: Timestamp) {
        if let Some(last) = &mut self.last {
            last.started = last.started.min(now);
        }
    }

    /// Gives up a fetch that is under way for longer than any can be: it was frozen in the middle.
    pub(super) fn notice_freeze(&mut self, now: Timestamp, timeout_ms: u64) -> bool {
        let longest = timeout_ms.saturating_add(GRACE_MS);
        let overdue = self.last.as_mut().filter(|last| {
            last.progress == Progress::UnderWay && now.millis_since(last.started) >= longest
        });
        overdue.is_some_and(|last| {
            last.progress = Progress::Frozen;
            true
        })
    }

    /// The least time from one fetch to the next: a cool-down, which doubles with each failure
    /// after the first.
    fn pause_ms(&self, cooldown_ms: u64) -> u64 {
        let doublings = self.failures.saturating_sub(1);
        let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        let pause = cooldown_ms.saturating_mul(factor).min(MAX_PAUSE_MS);
        pause.max(cooldown_ms)
    }
}
