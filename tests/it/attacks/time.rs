//! Every boundary of time: the second itself, one before, one after, with every leeway.

use cognito_authorizer::Config;
use cognito_authorizer::reason::DenyReason::{InvalidClaims, TokenExpired, TokenNotYetValid};
use cognito_authorizer::time::Timestamp;
use serde_json::json;

use super::{Expected, Target};
use crate::support::authorizer::Served;
use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::token::{KID, NOW, Token};

/// The last second of the year 9999.
const END: u64 = 253_402_300_799;

fn with_leeway(seconds: u64) -> Target {
    Target {
        config: format!("leeway_seconds = {seconds}\n{}", pool_config("")),
        served: Served::new(jwks(&[RSA.jwk(KID, Some("RS256"))])),
    }
}

/// A target whose configuration does not speak of clocks.
fn without_leeway() -> Target {
    Target {
        config: pool_config(""),
        ..with_leeway(0)
    }
}

#[track_caller]
fn check(case: &str, leeway: u64, token: &Token, now_millis: u64, expected: Expected) {
    let now = Timestamp::from_millis(now_millis);
    let case = format!("{case}, leeway {leeway}, now {now_millis} ms");
    with_leeway(leeway).check_at(&case, &token.sign(), now, expected);
}

const EXPIRED: Expected = Err(TokenExpired);
const NOT_YET: Expected = Err(TokenNotYetValid);

/// RFC 7519 4.1.4: the current time must be before `exp`; at it, the token has ended.
#[test]
fn a_token_ends_at_exp() {
    for leeway in [0, 60, 120] {
        let end = NOW - leeway;
        for (exp, expected) in [(end - 1, EXPIRED), (end, EXPIRED), (end + 1, Ok(()))] {
            let token = Token::access().claim("exp", exp);
            check(&format!("exp {exp}"), leeway, &token, NOW * 1000, expected);
        }
        let token = Token::access().claim("exp", NOW);
        let end = (NOW + leeway) * 1000;
        check("one millisecond before", leeway, &token, end - 1, Ok(()));
        check("then", leeway, &token, end, EXPIRED);
        check("one millisecond after", leeway, &token, end + 1, EXPIRED);
    }
}

/// RFC 7519 4.1.5 and 4.1.6: at `nbf` and `iat` the token has begun.
#[test]
fn a_token_begins_at_nbf_and_iat() {
    for leeway in [0, 60, 120] {
        for name in ["nbf", "iat"] {
            let start = NOW + leeway;
            for (time, expected) in [(start - 1, Ok(())), (start, Ok(())), (start + 1, NOT_YET)] {
                let token = Token::access().claim(name, time);
                check(
                    &format!("{name} {time}"),
                    leeway,
                    &token,
                    NOW * 1000,
                    expected,
                );
            }
            let token = Token::access().claim(name, NOW + 200);
            let start = (NOW + 200 - leeway) * 1000;
            check("one millisecond before", leeway, &token, start - 1, NOT_YET);
            check("then", leeway, &token, start, Ok(()));
            check("one millisecond after", leeway, &token, start + 1, Ok(()));
        }
    }
}

/// Clocks of issuers are seconds apart; `exp`, `nbf` and `iat` are compared with the same leeway.
#[test]
fn the_leeway_is_five_seconds_unless_configured() {
    let rows = [
        ("exp", NOW - 6, EXPIRED),
        ("exp", NOW - 5, EXPIRED),
        ("exp", NOW - 4, Ok(())),
        ("nbf", NOW + 4, Ok(())),
        ("nbf", NOW + 5, Ok(())),
        ("nbf", NOW + 6, NOT_YET),
        ("iat", NOW + 4, Ok(())),
        ("iat", NOW + 5, Ok(())),
        ("iat", NOW + 6, NOT_YET),
    ];
    for (name, time, expected) in rows {
        let token = Token::access().claim(name, time).sign();
        without_leeway().check(&format!("{name} {time}"), &token, expected);
    }
}

/// RFC 7519 2: a NumericDate may have a fraction. That of `exp` is dropped, so that no token
/// lives longer than its whole seconds; that of `nbf` and `iat` counts, so that none begins early.
#[test]
fn a_fraction_never_lengthens_a_token() {
    for leeway in [0, 60, 120] {
        let base = NOW - leeway;
        for (fraction, exp, expected) in [
            (0.0, base, EXPIRED),
            (0.001, base, EXPIRED),
            (0.5, base, EXPIRED),
            (0.999, base, EXPIRED),
            (0.0, base + 1, Ok(())),
            (0.999, base + 1, Ok(())),
        ] {
            let token = Token::access().claim("exp", fractional(exp, fraction));
            check(
                &format!("exp {exp} + {fraction}"),
                leeway,
                &token,
                NOW * 1000,
                expected,
            );
        }
        for name in ["nbf", "iat"] {
            let base = NOW + leeway;
            for (fraction, start, expected) in [
                (0.0, base, Ok(())),
                (0.5, base, NOT_YET),
                (0.001, base, NOT_YET),
                (0.999, base - 1, Ok(())),
            ] {
                let token = Token::access().claim(name, fractional(start, fraction));
                let case = format!("{name} {start} + {fraction}");
                check(&case, leeway, &token, NOW * 1000, expected);
            }
        }
    }
}

fn fractional(seconds: u64, fraction: f64) -> f64 {
    seconds as f64 + fraction
}

/// Beyond the year 9999 there are only milliseconds that somebody took for seconds.
#[test]
fn time_ends_with_the_year_9999() {
    let until = |exp: u64| Token::access().claim("exp", exp);
    check("exp at the end", 0, &until(END), NOW * 1000, Ok(()));
    check(
        "exp at the end, just before it",
        0,
        &until(END),
        END * 1000 - 1,
        Ok(()),
    );
    check("exp at the end, at it", 0, &until(END), END * 1000, EXPIRED);
    check(
        "exp at the end, leeway",
        120,
        &until(END),
        (END + 119) * 1000,
        Ok(()),
    );
    check(
        "exp beyond",
        0,
        &until(END + 1),
        NOW * 1000,
        Err(InvalidClaims),
    );
    check(
        "exp in milliseconds",
        0,
        &until((NOW + 3000) * 1000),
        NOW * 1000,
        Err(InvalidClaims),
    );
    check(
        "the last moment of a clock",
        0,
        &until(END),
        u64::MAX,
        EXPIRED,
    );
    check(
        "the last moment of a clock, leeway",
        120,
        &until(END),
        u64::MAX,
        EXPIRED,
    );
    for name in ["nbf", "iat"] {
        let token = until(END).claim(name, END);
        check("begins at the end", 0, &token, (END - 1) * 1000, NOT_YET);
        let token = until(END).claim(name, END + 1);
        check("begins beyond", 0, &token, NOW * 1000, Err(InvalidClaims));
    }
}

/// A clock before 1970 reads as 0. Nothing that was issued since then is valid yet; leeway does
/// not reach below 0.
#[test]
fn a_clock_before_1970_allows_nothing_that_was_issued() {
    for leeway in [0, 60, 120] {
        check("as issued", leeway, &Token::access(), 0, NOT_YET);
        let token = Token::access().without("iat");
        check("without iat", leeway, &token, 0, Ok(()));
        check(
            "nbf",
            leeway,
            &token.clone().claim("nbf", leeway + 1),
            0,
            NOT_YET,
        );
        check(
            "nbf within the leeway",
            leeway,
            &token.clone().claim("nbf", leeway),
            0,
            Ok(()),
        );
        check("exp 1", leeway, &token.clone().claim("exp", 1), 0, Ok(()));
        check(
            "exp 0",
            leeway,
            &token.claim("exp", 0),
            0,
            Err(InvalidClaims),
        );
    }
}

/// A leeway beyond two minutes is not for clocks, and cannot be configured.
#[test]
fn a_leeway_is_at_most_120_seconds() {
    for (leeway, good) in [
        ("0", true),
        ("120", true),
        ("121", false),
        ("-1", false),
        ("1.5", false),
    ] {
        let config = format!("leeway_seconds = {leeway}\n{}", pool_config(""));
        assert_eq!(Config::from_toml(&config).is_ok(), good, "{leeway}");
    }
}

/// The checks are in a fixed order: what has ended is said to have ended.
#[test]
fn the_end_is_checked_before_the_beginning() {
    let token = Token::access().claim("exp", NOW - 1).claim("iat", NOW + 1);
    check("both", 0, &token, NOW * 1000, EXPIRED);
    let token = token.claim("nbf", json!(null));
    check("all", 0, &token, NOW * 1000, EXPIRED);
}
