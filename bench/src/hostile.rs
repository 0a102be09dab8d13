//! What refused tokens cost, as a multiple of a good one's.
//!
//! Each class is timed in turn with the good token, so that a machine that slows down slows both,
//! and the median of the ratios is what counts.

use cognito_authorizer::token::{Algorithm, MAX_TOKEN_BYTES};
use serde_json::{Value, json};

use crate::in_process::Subject;
use crate::keys::RSA;
use crate::sample;
use crate::token::{KID, NOW, Token, sign_text};

/// A class of refused tokens.
pub struct Class {
    pub name: &'static str,
    pub bytes: usize,
    pub reason: &'static str,
    /// What it costs in terms of the sample's good token.
    pub to_good: f64,
    /// What it costs in terms of a good token of its own length.
    pub to_good_of_length: f64,
}

/// Measures every class.
pub fn measure() -> Vec<Class> {
    let subject = Subject::new(Algorithm::RS256, &sample::sample_routes());
    let good = sample::token_event(&Token::access().sign());
    assert_eq!(subject.reason(&good), None);
    let measured = hostile().into_iter().map(|(name, token)| {
        let event = sample::token_event(&token);
        let reason = subject
            .reason(&event)
            .unwrap_or_else(|| panic!("{name} is not refused"));
        let as_long = sample::token_event(&as_long_as(token.len()));
        assert_eq!(subject.reason(&as_long), None);
        Class {
            name,
            bytes: token.len(),
            reason: reason.as_str(),
            to_good: subject.ratio(&event, &good),
            to_good_of_length: subject.ratio(&event, &as_long),
        }
    });
    measured.collect()
}

/// A good token of about so many bytes: one claim is as long as need be.
fn as_long_as(length: usize) -> String {
    let good = Token::access().claim("x", "").sign();
    let filling = length.min(MAX_TOKEN_BYTES).saturating_sub(good.len()) * 3 / 4;
    Token::access().claim("x", "x".repeat(filling)).sign()
}

/// One token of every class that is refused late, or that is large. API Gateway passes no more
/// than 10,240 bytes of headers, so the largest ones come with other kinds of events at best.
fn hostile() -> Vec<(&'static str, String)> {
    let token = Token::access;
    let signed = token().sign();
    let (input, signature) = signed.rsplit_once('.').unwrap();
    // The signature of another token: no other wrong one is dearer to refuse, as it is a number
    // that the key can be used on.
    let badly_signed = |own: Token| {
        let own = own.sign();
        let (own_input, _) = own.rsplit_once('.').unwrap();
        format!("{own_input}.{signature}")
    };
    // Claims stand in the order of their names: whoever looks for `iss` has to pass over this.
    let padded = |value: Value| badly_signed(token().claim("a", value));
    let numbers = |count: usize| Value::Array(vec![json!(1); count]);
    let members = |count: usize| {
        let member = |n| (format!("{n:x}"), json!(1));
        Value::Object((0..count).map(member).collect())
    };
    let in_header = |value: Value| badly_signed(token().header("x", value));
    let claims_of_token = |count: usize| {
        let claim = |own: Token, n| own.claim(&format!("a{n:x}"), 1);
        (0..count).fold(token(), claim)
    };
    let claims_of = |count: usize| badly_signed(claims_of_token(count));
    let header_of = |count: usize| {
        let member = |own: Token, n| own.header(&format!("{n:x}"), 1);
        badly_signed((0..count).fold(token(), member))
    };
    let header = json!({"alg": "RS256", "kid": KID}).to_string();
    let escaped_claims = || {
        let claims = token().claims.to_string();
        let escaped: String = (0..600)
            .map(|n| format!("\"\\u0069\\u{n:04x}\":1,"))
            .collect();
        let claims = format!("{{{escaped}{}", &claims[1..]);
        let own = sign_text(&header, &claims, "RS256", &RSA);
        let (own_input, _) = own.rsplit_once('.').unwrap();
        format!("{own_input}.{signature}")
    };
    let unnamed = |own: Token| badly_signed(own.without("iss"));
    let mut deep = json!(1);
    for _ in 0..60 {
        deep = json!([deep]);
    }
    let claims = token().claims.to_string();
    let twice = format!("{{\"exp\":1,{}", &claims[1..]);
    vec![
        ("another token's signature", padded(json!("x"))),
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
            token().claim("exp", NOW - 60).sign(),
        ),
        (
            "ID token, truly signed",
            token().claim("token_use", "id").sign(),
        ),
        (
            "another client's, truly signed",
            token().claim("client_id", "x").sign(),
        ),
        ("scope that is a number", token().claim("scope", 5).sign()),
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
        (
            "11 KB of escapes in a name",
            badly_signed(token().claim(&"\u{1}".repeat(1800), 1)),
        ),
        ("5,000 numbers in a claim", padded(numbers(5000))),
        ("1,400 members in a claim", padded(members(1400))),
        (
            "590 short strings in a claim",
            padded(json!(vec!["12345678"; 590])),
        ),
        (
            "3,800 empty lists in a claim",
            padded(json!(vec![json!([]); 3800])),
        ),
        (
            "1,400 objects in a claim",
            padded(json!(vec![json!({"": 0}); 1400])),
        ),
        (
            "590 short strings in the header",
            in_header(json!(vec!["1"; 590])),
        ),
        ("2 KB of members in the header", in_header(members(145))),
        (
            "300 objects in the header",
            in_header(json!(vec![json!({"": 0}); 300])),
        ),
        ("200 members of the header", header_of(200)),
        ("1,200 claims", claims_of(1200)),
        ("600 claims with escapes in their names", escaped_claims()),
        ("1,200 claims, no iss", unnamed(claims_of_token(1200))),
        (
            "5,000 numbers, no iss",
            unnamed(token().claim("a", numbers(5000))),
        ),
        (
            "1,400 objects, no iss",
            unnamed(token().claim("a", json!(vec![json!({"": 0}); 1400]))),
        ),
        (
            "3,800 empty lists, no iss",
            unnamed(token().claim("a", json!(vec![json!([]); 3800]))),
        ),
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
