//! Limits before work: what is too large or too many is refused by its size.

use cognito_authorizer::jwks::{Jwks, JwksError, MAX_DOCUMENT_BYTES, MAX_KEYS};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::reason::DenyReason::{InvalidSignature, MalformedToken, UnknownIssuer};
use cognito_authorizer::token::{BearerToken, MAX_HEADER_BYTES, MAX_TOKEN_BYTES};
use serde_json::{Value, json};

use super::{Expected, Target};
use crate::support::keys::{RSA, b64, jwks};
use crate::support::token::{KID, Token, sign_text};

/// What is refused by its size is refused before anything is fetched for it.
#[track_caller]
fn check(case: &str, token: &str, expected: Expected) {
    let target = Target::pool("");
    target.check(case, token, expected);
    let fetches = usize::from(expected.is_ok());
    assert_eq!(target.fetches(), fetches, "{case}");
}

/// What only a reader of the whole payload finds too large is refused when its signature holds:
/// until then the payload is looked through for its `iss`, and left alone where that is found.
#[track_caller]
fn check_payload(case: &str, token: &str, expected: Expected) {
    let target = Target::pool("");
    target.check(case, token, expected);
    assert_eq!(target.fetches(), 1, "{case}");
    let (input, signature) = token.rsplit_once('.').unwrap();
    let spoiled = format!("{input}.{}", "A".repeat(signature.len()));
    Target::pool("").check(case, &spoiled, Err(InvalidSignature));
}

/// A good token of exactly so many bytes. No part has a length of 1 modulo 4, so the header may
/// have to give way.
fn of_length(length: usize) -> String {
    let encoded = |text: &Value| (text.to_string().len() * 4).div_ceil(3);
    let (signature, dots) = (342, 2);
    for shift in 0..3 {
        let token = Token::access().header("x", "x".repeat(shift));
        let fixed = encoded(&token.header) + signature + dots;
        let bare = token.clone().claim("filling", "").claims.to_string().len();
        let filling = (length - fixed) * 3 / 4 - bare;
        let token = token.claim("filling", "x".repeat(filling));
        if fixed + encoded(&token.claims) == length {
            return token.sign();
        }
    }
    panic!("there is no token of {length} bytes");
}

#[test]
fn a_token_has_at_most_16_kib() {
    check("the most", &of_length(MAX_TOKEN_BYTES), Ok(()));
    check(
        "one more",
        &of_length(MAX_TOKEN_BYTES + 1),
        Err(MalformedToken),
    );
    let text = "A".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(BearerToken::from_bare(&text).err(), Some(MalformedToken));
    assert!(BearerToken::from_bare(&text[1..]).is_ok());
    check("a megabyte", &"A".repeat(1 << 20), Err(MalformedToken));
}

/// CVE-2025-30204: splitting at every dot made one part of memory per dot.
#[test]
fn many_dots_are_no_parts() {
    check("dots", &".".repeat(MAX_TOKEN_BYTES), Err(MalformedToken));
    check(
        "a megabyte of dots",
        &".".repeat(1 << 20),
        Err(MalformedToken),
    );
    check(
        "letters and dots",
        &"a.".repeat(MAX_TOKEN_BYTES / 2),
        Err(MalformedToken),
    );
    let good = Token::access().sign();
    let dots = ".".repeat(MAX_TOKEN_BYTES - good.len());
    check(
        "a token and dots",
        &format!("{good}{dots}"),
        Err(MalformedToken),
    );
    check(
        "dots and a token",
        &format!("{dots}{good}"),
        Err(MalformedToken),
    );
}

#[test]
fn a_header_has_at_most_4_kib() {
    let of_length = |length: usize| {
        let bare = Token::access().header("x", "").header.to_string().len();
        let filling = "x".repeat(length / 4 * 3 - bare);
        let token = Token::access().header("x", filling).sign();
        assert_eq!(token.find('.'), Some(length));
        token
    };
    check("the most", &of_length(MAX_HEADER_BYTES), Ok(()));
    check(
        "more",
        &of_length(MAX_HEADER_BYTES + 4),
        Err(MalformedToken),
    );
    check("10 kB", &of_length(10_000), Err(MalformedToken));
}

#[test]
fn json_nests_at_most_64_deep() {
    let open = Token::access().claims.to_string();
    let open = open.strip_suffix('}').unwrap();
    let header = Token::access().header.to_string();
    let open_header = header.strip_suffix('}').unwrap();
    for (start, end) in [("[", "]"), ("{\"x\":", "}")] {
        let nested = |depth: usize| format!("{}1{}", start.repeat(depth), end.repeat(depth));
        // The object around them is the first level.
        for (depth, expected) in [
            (62, Ok(())),
            (63, Ok(())),
            (64, Err(MalformedToken)),
            (65, Err(MalformedToken)),
            (127, Err(MalformedToken)),
            (128, Err(MalformedToken)),
            (600, Err(MalformedToken)),
        ] {
            let payload = format!(r#"{open},"x":{}}}"#, nested(depth));
            let token = sign_text(&header, &payload, "RS256", &RSA);
            check_payload(&format!("payload {start} {depth}"), &token, expected);
            let spoiled = format!(r#"{open_header},"x":{}}}"#, nested(depth));
            let token = sign_text(&spoiled, &format!("{open}}}"), "RS256", &RSA);
            check(&format!("header {start} {depth}"), &token, expected);
        }
    }
    let unclosed = format!("{open},\"x\":{}", "[".repeat(10_000));
    check_payload(
        "never closed",
        &sign_text(&header, &unclosed, "RS256", &RSA),
        Err(MalformedToken),
    );
    let deep = format!(r#"{{"keys":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(Jwks::parse(deep.as_bytes()).err(), Some(JwksError::NotJson));
}

/// API Gateway passes 10,240 bytes of headers, name and scheme included: how many values are in
/// them is the issuer's business, and where among them the `iss` stands.
#[test]
fn a_token_holds_as_many_values_as_fit() {
    let permissions = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("p{at}")).collect();
        json!(names)
    };
    let clients = |count: usize| {
        let client = |at| {
            (
                format!("service-{at}"),
                json!({"roles": ["view", "manage-all"]}),
            )
        };
        (0..count).map(client).collect::<Value>()
    };
    let roles = |count: usize| {
        let role = |at| (format!("role-{at}"), json!({"1": "example.org"}));
        (0..count).map(role).collect::<Value>()
    };
    let delivered = |token: String| {
        let header = "authorization: Bearer ".len() + token.len();
        assert!(header <= 10_240, "{header} bytes are not delivered");
        token
    };
    // In the order of their names, the first stands before `iss` and the second behind it.
    for name in ["entitlements", "permissions"] {
        let with = |value: Value| delivered(Token::access().claim(name, value).sign());
        check(&format!("900 {name}"), &with(permissions(900)), Ok(()));
        check(&format!("90 clients in {name}"), &with(clients(90)), Ok(()));
        check(&format!("150 roles in {name}"), &with(roles(150)), Ok(()));
        check(
            &format!("3,000 numbers in {name}"),
            &with(json!(vec![0; 3000])),
            Ok(()),
        );
    }
    for (place, start) in [("before", "a"), ("behind", "z")] {
        let claim = |own: Token, at: usize| own.claim(&format!("{start}{at}"), at);
        let token = (0..500).fold(Token::access(), claim);
        check(
            &format!("500 claims {place}"),
            &delivered(token.sign()),
            Ok(()),
        );
    }
    let header = |own: Token, at: usize| own.header(&format!("x{at}"), at);
    let token = (0..200).fold(Token::access(), header);
    check("200 header members", &delivered(token.sign()), Ok(()));
}

/// As many as they are, no two members of one object have one name.
#[test]
fn one_name_twice_is_found_among_many() {
    let members = |count: usize, name: &str, first: bool| {
        let mut members: Vec<String> = (0..count).map(|at| format!("\"a{at}\":0")).collect();
        let at = if first { 0 } else { count };
        members.insert(at, format!("{name}:1"));
        members.join(",")
    };
    let open = |object: Value| {
        let text = object.to_string();
        text.strip_suffix('}').unwrap().to_owned()
    };
    let within = |object: &str, members: &str| {
        [
            format!("{object},{members}}}"),
            format!("{object},\"x\":{{{members}}}}}"),
            format!("{object},\"x\":[[{{\"y\":{{{members}}},\"z\":{{}}}}]]}}"),
        ]
    };
    let Token { header, claims } = Token::access();
    for name in ["\"a0\"", "\"a40\"", "\"a79\"", "\"\\u006140\""] {
        for first in [true, false] {
            let case = format!("{name}, first {first}");
            for payload in within(&open(claims.clone()), &members(500, name, first)) {
                let token = sign_text(&header.to_string(), &payload, "RS256", &RSA);
                check_payload(&case, &token, Err(MalformedToken));
            }
            for header in within(&open(header.clone()), &members(80, name, first)) {
                let token = sign_text(&header, &claims.to_string(), "RS256", &RSA);
                check(&format!("header: {case}"), &token, Err(MalformedToken));
            }
        }
    }
}

/// The longest signature is that of an RSA key of 8192 bits.
#[test]
fn a_signature_has_at_most_1024_bytes() {
    let token = Token::access().sign();
    let (input, _) = token.rsplit_once('.').unwrap();
    let signed = |bytes: usize| format!("{input}.{}", b64(&vec![0; bytes]));
    check_unread("the longest", &signed(1024), InvalidSignature, 1);
    check_unread("one byte more", &signed(1025), MalformedToken, 0);
    check_unread("12 KB", &signed(9000), MalformedToken, 0);
}

#[track_caller]
fn check_unread(case: &str, token: &str, reason: DenyReason, fetches: usize) {
    let target = Target::pool("");
    target.check(case, token, Err(reason));
    assert_eq!(target.fetches(), fetches, "{case}");
}

#[test]
fn a_key_set_has_at_most_500_keys() {
    let good = RSA.jwk(KID, None);
    let with = |count: usize, entry: Value| {
        let mut keys = vec![entry; count - 1];
        keys.push(good.clone());
        Jwks::parse(&jwks(&keys))
    };
    assert_eq!(MAX_KEYS, 500);
    let skipped = with(MAX_KEYS, json!({})).unwrap();
    assert_eq!(
        (skipped.keys().count(), skipped.skipped().len()),
        (1, MAX_KEYS - 1)
    );
    let too_many = Some(JwksError::TooManyKeys);
    assert_eq!(with(MAX_KEYS + 1, json!({})).err(), too_many);
    assert_eq!(with(100_000, json!(0)).err(), too_many);
    assert_eq!(with(80_000, json!({})).err(), too_many);
    assert_eq!(with(100_000, json!({})).err(), Some(JwksError::TooLong));
    let many: Vec<Value> = (0..MAX_KEYS)
        .map(|at| RSA.jwk(&at.to_string(), Some("RS256")))
        .collect();
    let wide: Value = (0..10_000).map(|at| (at.to_string(), json!(at))).collect();
    let with_chain = with(2, json!({"kty": "RSA", "kid": "wide", "x": wide}));
    assert_eq!(with_chain.unwrap().keys().count(), 1);
    assert_eq!(Jwks::parse(&jwks(&many)).unwrap().keys().count(), MAX_KEYS);
    let of_one_kid = Jwks::parse(&jwks(&vec![good.clone(); MAX_KEYS])).unwrap();
    assert_eq!(of_one_kid.keys().count(), 1);
}

#[test]
fn a_key_set_has_at_most_256_kib() {
    let document = |length: usize| {
        let mut document = jwks(&[RSA.jwk(KID, None)]);
        document.resize(length, b' ');
        Jwks::parse(&document).err()
    };
    assert_eq!(document(MAX_DOCUMENT_BYTES), None);
    assert_eq!(document(MAX_DOCUMENT_BYTES + 1), Some(JwksError::TooLong));
}

/// A token of an unknown issuer is refused without its signature being looked at, or a key.
#[test]
fn an_unknown_issuer_costs_no_fetch() {
    let token = Token::access()
        .claim("iss", "https://attacker.example")
        .sign();
    check("iss", &token, Err(UnknownIssuer));
    let [header, payload] = [
        Token::access().header,
        Token::access().without("iss").claims,
    ];
    let token = format!(
        "{}.{}.AA",
        b64(header.to_string().as_bytes()),
        b64(payload.to_string().as_bytes())
    );
    check("no iss", &token, Err(UnknownIssuer));
}
