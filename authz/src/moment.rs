//! `--at`: a moment as the log line writes it, or in seconds since 1970.

use cognito_authorizer::time::Timestamp;

/// Reads `2026-11-22T19:01:27Z` (RFC 3339, in UTC, with or without milliseconds) or seconds.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    let seconds = text.parse().ok().map(Timestamp::from_seconds);
    seconds.or_else(|| rfc_3339(text)).ok_or_else(|| {
        "write it as in 2026-11-22T19:01:27Z, in UTC, or in seconds since 1970".to_owned()
    })
}

fn rfc_3339(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "000"));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let fraction = format!("{fraction:0<3}");
    let millis: u64 = fraction.parse().ok()?;
    let seconds = days(year, month, day)?
        .checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?
        .checked_mul(60)?
        .checked_add(second)?;
    let moment = Timestamp::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?);
    // A date that there is not, such as February 30, is written in another way than it was read.
    let written = moment.to_string();
    (written == format!("{date}T{time}.{fraction}Z")).then_some(moment)
}

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let numbers: Option<Vec<u64>> = text
        .split(separator)
        .map(|part| part.parse().ok())
        .collect();
    numbers?.try_into().ok()
}

/// The days from 1970-01-01 to a date of the Gregorian calendar: years begin in March here, so
/// that the day that a leap year has more is the last of the one before.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.checked_sub(1)?, month.checked_add(9)?)
    };
    let of_years = year.checked_mul(365)?.checked_add(year / 4)?;
    let of_years = of_years.checked_sub(year / 100)?.checked_add(year / 400)?;
    let of_months = month.checked_mul(153)?.checked_add(2)? / 5;
    // 719,469 days lie between the first of March of the year 0 and the day before 1970.
    let since_march = of_years.checked_add(of_months)?.checked_add(day)?;
    since_march.checked_sub(719_469)
}
