//! `--at`: a moment as the log line writes it, or in seconds since 1970.

use cognito_authorizer::time::Timestamp;

/// Reads `2026-11-22T19:01:27Z` (RFC 3339, with or without a fraction of a second) or seconds.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    let seconds = text.parse().ok().map(Timestamp::from_seconds);
    seconds.or_else(|| rfc_3339(text)).ok_or_else(|| {
        "write it as in 2026-11-22T19:01:27Z, in UTC, or in seconds since 1970".to_owned()
    })
}

fn rfc_3339(text: &str) -> Option<Timestamp> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    let millis = u64::try_from(moment.as_millisecond()).ok()?;
    Some(Timestamp::from_millis(millis))
}
