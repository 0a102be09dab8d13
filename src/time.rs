//! Time as a value: the core is told what time it is and never asks.

use std::time::Duration;

/// The longest time that Lambda gives a function ("Lambda quotas"): 15 minutes.
const MAX_INVOCATION_MS: u64 = 900_000;

/// What is kept of an invocation's time for writing the log line and posting the answer.
const RESERVE_MS: u64 = 300;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
///
/// A clock that stands before 1970 reads as 0: every token with a sane `iat` is then not yet
/// valid, so nothing is allowed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The moment `seconds` seconds after the Unix epoch, at most the end of time.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How many milliseconds have passed since `earlier`; 0 if the clock went backwards.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How long the answer to an invocation of this deadline may take from `now` on. Nothing is
    /// known where the deadline cannot be right: emulators send a duration in its place, which
    /// is a moment in 1970.
    #[must_use]
    pub const fn time_to_answer(self, now: Self) -> Option<Duration> {
        let left = self.millis_since(now);
        if left == 0 || left > MAX_INVOCATION_MS {
            return None;
        }
        Some(Duration::from_millis(left.saturating_sub(RESERVE_MS)))
    }

    /// This moment moved `seconds` into the future.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// This moment moved `seconds` into the past, at most to 1970.
    #[must_use]
    pub const fn minus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds.saturating_mul(1000)))
    }
}

/// Written as RFC 3339 asks, in UTC and with milliseconds: `2100-01-01T00:00:00.000Z`.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0 / 1000;
        let (days, time) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = civil_date(days);
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        let millis = self.0 % 1000;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        )
    }
}

/// The year, month and day that begin `days` days after 1970-01-01 in the Gregorian calendar.
fn civil_date(days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    // A cycle of 400 years has 146,097 days; what is left is walked year by year.
    let mut year = (days / 146_097).saturating_mul(400).saturating_add(1970);
    let mut rest = days % 146_097;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if rest < length {
            break;
        }
        rest = rest.saturating_sub(length);
        year = year.saturating_add(1);
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if rest < length {
            break;
        }
        rest = rest.saturating_sub(length);
        month = u64::saturating_add(month, 1);
    }
    (year, month, rest.saturating_add(1))
}
