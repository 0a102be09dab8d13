//! What refused tokens cost, as a multiple of a good one's: `cargo bench --bench hostile`.
//!
//! Each class is timed in turn with the good token, so that a machine that slows down slows both,
//! and the median of the ratios is what counts.

#![expect(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a benchmark that goes wrong should stop at once, and say where"
)]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/authorizer.rs"]
mod authorizer;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/keys.rs"]
mod keys;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support/token.rs"]
mod token;

use std::hint::black_box;
use std::time::Instant;

use cognito_authorizer::Authorizer;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::MAX_TOKEN_BYTES;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::authorizer::{
    Served, authorizer as authorizer_of, issuer_keys, pool_config, token_event,
};
use self::keys::{OTHER_RSA, RSA};
use self::token::{KID, NOW, Token, sign_text};

/// Short rounds, and many of them: what else the machine does then falls into few of them, and
/// the median does not see it.
const ROUNDS: usize = 1001;
const CALLS_PER_ROUND: usize = 4;

fn main() {
    let served = issuer_keys();
    let bench = Bench {
        authorizer: authorizer_of(&pool_config(""), &served),
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
    };
    let good = Token::access().sign();
    bench.expect(&good, None);
    println!(
        "good token: {:.1} µs (median)\n",
        bench.median_micros(&good)
    );
    println!("{:<36} {:>7} {:>8} {:>12}", "", "", "", "x GOOD ONE");
    println!(
        "{:<36} {:>7} {:>8} {:>12}",
        "REFUSED TOKEN", "BYTES", "x GOOD", "AS LONG"
    );
    let (mut worst, mut worst_of_length) = (0.0_f64, 0.0_f64);
    for (name, token) in hostile() {
        bench.expect_refused(name, &token);
        let as_long = as_long_as(token.len());
        bench.expect(&as_long, None);
        let ratio = bench.ratio(&token, &good);
        let of_length = bench.ratio(&token, &as_long);
        worst = worst.max(ratio);
        worst_of_length = worst_of_length.max(of_length);
        println!(
            "{name:<36} {:>7} {ratio:>8.2} {of_length:>12.2}",
            token.len()
        );
    }
    println!("\nthe dearest costs {worst:.2} good ones, {worst_of_length:.2} of its own length");
}

/// A good token of about so many bytes: one claim is as long as need be.
fn as_long_as(length: usize) -> String {
    let good = Token::access().claim("x", "").sign();
    let filling = length.min(MAX_TOKEN_BYTES).saturating_sub(good.len()) * 3 / 4;
    Token::access().claim("x", "x".repeat(filling)).sign()
}

struct Bench<'s> {
    authorizer: Authorizer<&'s Served>,
    runtime: Runtime,
}

impl Bench<'_> {
    fn reason(&self, event: &str) -> Option<DenyReason> {
        let now = Timestamp::from_seconds(NOW);
        black_box(self.runtime.block_on(self.authorizer.authorize(event, now))).reason()
    }

    #[track_caller]
    fn expect(&self, token: &str, reason: Option<DenyReason>) {
        assert_eq!(self.reason(&event(token)), reason);
    }

    #[track_caller]
    fn expect_refused(&self, name: &str, token: &str) {
        assert!(
            self.reason(&event(token)).is_some(),
            "{name} is not refused"
        );
    }

    /// Microseconds for one call, over one round.
    fn round(&self, event: &str) -> f64 {
        let start = Instant::now();
        for _ in 0..CALLS_PER_ROUND {
            let _ = self.reason(black_box(event));
        }
        start.elapsed().as_secs_f64() * 1e6 / CALLS_PER_ROUND as f64
    }

    fn median_micros(&self, token: &str) -> f64 {
        let event = event(token);
        median((0..ROUNDS).map(|_| self.round(&event)).collect())
    }

    fn ratio(&self, token: &str, good: &str) -> f64 {
        let (event, good) = (event(token), event(good));
        median(
            (0..ROUNDS)
                .map(|_| self.round(&event) / self.round(&good))
                .collect(),
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn event(token: &str) -> String {
    token_event(token, "GET", "/books").to_string()
}

/// One token of every class that is refused late, or that is large. API Gateway passes no more
/// than 10,240 bytes of headers, so the largest ones come with other kinds of events at best.
fn hostile() -> Vec<(&'static str, String)> {
    let token = Token::access;
    let padded = |value: Value| token().claim("x", value).sign_with(&OTHER_RSA);
    let numbers = |count: usize| Value::Array(vec![json!(1); count]);
    let members = |count: usize| {
        let member = |n| (format!("{n:x}"), json!(1));
        Value::Object((0..count).map(member).collect())
    };
    let mut deep = json!(1);
    for _ in 0..60 {
        deep = json!([deep]);
    }
    let header = json!({"alg": "RS256", "kid": KID}).to_string();
    let claims = token().claims.to_string();
    let twice = format!("{{\"exp\":1,{}", &claims[1..]);
    let signed = token().sign();
    let (input, signature) = signed.rsplit_once('.').unwrap();
    vec![
        ("signed by another key", token().sign_with(&OTHER_RSA)),
        (
            "signature of zeros",
            format!("{input}.{}", "A".repeat(signature.len())),
        ),
        (
            "signature of 12 KB",
            format!("{input}.{}", "A".repeat(12_000)),
        ),
        (
            "expired, truly signed",
            token().claim("exp", NOW - 1).sign(),
        ),
        (
            "ID token, truly signed",
            token().claim("token_use", "id").sign(),
        ),
        (
            "another client's, truly signed",
            token().claim("client_id", "x").sign(),
        ),
        (
            "scope that is an array",
            token().claim("scope", json!(["a"])).sign(),
        ),
        (
            "unknown issuer",
            token().claim("iss", "https://x.example").sign(),
        ),
        ("unknown kid", token().header("kid", "nobody").sign()),
        ("alg none", none()),
        (
            "exp twice, truly signed",
            sign_text(&header, &twice, "RS256", &RSA),
        ),
        ("11 KB string in a claim", padded(json!("x".repeat(11_000)))),
        (
            "11 KB of escapes in a claim",
            padded(json!("\u{1}".repeat(1800))),
        ),
        ("5,000 numbers in a claim", padded(numbers(5000))),
        ("1,400 members in a claim", padded(members(1400))),
        (
            "590 short strings, within the budget",
            padded(json!(vec!["12345678"; 590])),
        ),
        (
            "590 empty lists, within the budget",
            padded(json!(vec![json!([]); 590])),
        ),
        ("145 members, within the budget", padded(members(145))),
        ("60 levels deep", padded(deep)),
        ("3 KB kid", token().header("kid", "k".repeat(2800)).sign()),
        ("16 KB of dots", ".".repeat(16 * 1024)),
        ("16 KB of letters", "a".repeat(16 * 1024)),
    ]
}

/// A token that is truly signed and says that it is not.
fn none() -> String {
    let header = json!({"alg": "none", "kid": KID}).to_string();
    sign_text(&header, &Token::access().claims.to_string(), "RS256", &RSA)
}
