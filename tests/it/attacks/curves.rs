//! ECDSA and EdDSA signatures that are wrong in a way of their own.

use cognito_authorizer::jwks::{Jwks, UnusableKey};
use cognito_authorizer::public_key::{KeyKind, PublicKey};
use cognito_authorizer::reason::DenyReason::{InvalidSignature, UnknownKey};
use cognito_authorizer::token::Algorithm;
use num_bigint::BigUint;
use serde_json::json;

use super::raw::{ED25519_ORDER, P256_ORDER, P384_ORDER, number, to_length};
use super::{Target, signed_by, token_by};
use crate::support::keys::{ED25519, P256, P384, RSA, b64, jwks};
use crate::support::token::{KID, Token};

/// CVE-2022-21449 took zeros for a signature of anything. RFC 7518 3.4: r and s are in
/// [1, n - 1], each in the length of the curve, side by side and not in DER.
#[test]
fn an_ecdsa_signature_is_two_numbers_below_the_order() {
    for (alg, key, order, length) in [
        ("ES256", &P256, P256_ORDER, 32_usize),
        ("ES384", &P384, P384_ORDER, 48),
    ] {
        let n = number(order);
        let bytes = |number: &BigUint| to_length(number, length);
        let zero = vec![0; length];
        let one = bytes(&BigUint::from(1_u8));
        let at_order = bytes(&n);
        let above = bytes(&(&n + 1_u8));
        let most = vec![0xff; length];
        let good = |input: &[u8]| key.sign(alg, input);
        type Spoil<'s> = Box<dyn Fn(&[u8]) -> Vec<u8> + 's>;
        let of_parts = |r: &[u8], s: &[u8]| -> Spoil<'_> {
            let signature = [r, s].concat();
            Box::new(move |_| signature.clone())
        };
        let rows: Vec<(&str, Spoil<'_>)> = vec![
            ("r = s = 0", of_parts(&zero, &zero)),
            ("r = 0, s = 1", of_parts(&zero, &one)),
            ("r = 1, s = 0", of_parts(&one, &zero)),
            ("r = s = 1", of_parts(&one, &one)),
            ("r = s = n", of_parts(&at_order, &at_order)),
            ("r = n, s = 1", of_parts(&at_order, &one)),
            ("r = 1, s = n", of_parts(&one, &at_order)),
            ("r = s = n + 1", of_parts(&above, &above)),
            ("r and s all ones", of_parts(&most, &most)),
            (
                "r true, s = 0",
                Box::new(|input| [&good(input)[..length], &zero].concat()),
            ),
            (
                "r true, s = n",
                Box::new(|input| [&good(input)[..length], &at_order].concat()),
            ),
            (
                "r = 0, s true",
                Box::new(|input| [&zero, &good(input)[length..]].concat()),
            ),
            (
                "r = n, s true",
                Box::new(|input| [&at_order, &good(input)[length..]].concat()),
            ),
            (
                "s and r exchanged",
                Box::new(|input| {
                    let signature = good(input);
                    [&signature[length..], &signature[..length]].concat()
                }),
            ),
            ("DER", Box::new(|input| der(&good(input)))),
            ("cut by one", Box::new(|input| good(input)[1..].to_vec())),
            (
                "one too long",
                Box::new(|input| [&good(input)[..], &[0]].concat()),
            ),
            (
                "a zero in front",
                Box::new(|input| [&[0], &good(input)[..]].concat()),
            ),
            (
                "both in longer fields",
                Box::new(|input| {
                    let signature = good(input);
                    let (r, s) = signature.split_at(length);
                    [&[0], r, &[0], s].concat()
                }),
            ),
            ("r alone", Box::new(|input| good(input)[..length].to_vec())),
            ("twice", Box::new(|input| good(input).repeat(2))),
            (
                "the other curve's length",
                Box::new(move |_| vec![1; if length == 32 { 96 } else { 64 }]),
            ),
            ("P-521's length", Box::new(|_| vec![1; 132])),
            ("one octet", Box::new(|_| vec![1])),
        ];
        let target = Target::of_all_kinds();
        for (case, spoil) in rows {
            let token = signed_by(&token_by(alg), |input| spoil(input));
            target.check(&format!("{alg}: {case}"), &token, Err(InvalidSignature));
        }
    }
}

/// SEQUENCE of the two INTEGERs (RFC 3279 2.2.3), short enough for lengths of one octet.
fn der(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let integer = |number: &[u8]| {
        let mut value = BigUint::from_bytes_be(number).to_bytes_be();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        let length = u8::try_from(value.len()).unwrap();
        [vec![2, length], value].concat()
    };
    let numbers = [integer(r), integer(s)].concat();
    [vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat()
}

/// Whoever has (r, s) has (r, n - s) too: ECDSA is made so. Nothing here tells tokens apart by
/// their signatures, and both are accepted.
#[test]
fn an_ecdsa_signature_has_a_twin() {
    for (alg, key, order, length) in [
        ("ES256", &P256, P256_ORDER, 32),
        ("ES384", &P384, P384_ORDER, 48),
    ] {
        let n = number(order);
        let half = &n >> 1_u8;
        for high in [false, true] {
            let token = signed_by(&token_by(alg), |input| {
                let signature = key.sign(alg, input);
                let (r, s) = signature.split_at(length);
                let s = BigUint::from_bytes_be(s);
                let s = if (s > half) == high { s } else { &n - s };
                [r, &to_length(&s, length)].concat()
            });
            Target::of_all_kinds().check(&format!("{alg}, high s: {high}"), &token, Ok(()));
        }
    }
}

/// RFC 8032 5.1.7: S is below L, or there would be several signatures where there is one.
#[test]
fn an_eddsa_signature_is_the_only_one() {
    let order = number(ED25519_ORDER);
    let plus = |signature: &[u8], times: u8| {
        let (r, s) = signature.split_at(32);
        let s = BigUint::from_bytes_le(s) + &order * times;
        let mut octets = s.to_bytes_le();
        octets.resize(32, 0);
        [r, &octets].concat()
    };
    let target = Target::of_all_kinds();
    for times in [0, 1, 2, 7, 14] {
        let token = signed_by(&token_by("EdDSA"), |input| {
            plus(&ED25519.sign("EdDSA", input), times)
        });
        let expected = if times == 0 {
            Ok(())
        } else {
            Err(InvalidSignature)
        };
        target.check(&format!("S + {times} L"), &token, expected);
    }
    type Spoil = fn(Vec<u8>) -> Vec<u8>;
    let rows: [(&str, Spoil); 8] = [
        ("zeros", |_| vec![0; 64]),
        ("R true, S = 0", |good| [&good[..32], &[0; 32]].concat()),
        ("R = 1, S = 0", |_| [&[1], [0; 63].as_slice()].concat()),
        ("S with its highest bit", |mut good| {
            good[63] |= 0x80;
            good
        }),
        ("R's sign turned", |mut good| {
            good[31] ^= 0x80;
            good
        }),
        ("63 octets", |good| good[..63].to_vec()),
        ("65 octets", |good| [&good[..], &[0]].concat()),
        ("Ed448's length", |_| vec![1; 114]),
    ];
    for (case, spoil) in rows {
        let token = signed_by(&token_by("EdDSA"), |input| {
            spoil(ED25519.sign("EdDSA", input))
        });
        target.check(case, &token, Err(InvalidSignature));
    }
}

/// The points of Ed25519 whose order divides 8, as they are written: 1, -1, the two of order 4,
/// and the four of order 8.
const SMALL_ORDER: [(&str, &str); 8] = [
    (
        "order 1",
        "0100000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "order 2",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "order 4",
        "0000000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "order 4, negative",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ),
    (
        "order 8, a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ),
    (
        "order 8, -a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ),
    (
        "order 8, b",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ),
    (
        "order 8, -b",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ),
];

/// The same points in the other ways of writing them: y over the prime, the sign of x = 0.
const SMALL_ORDER_OTHERWISE: [(&str, &str); 6] = [
    (
        "1, x = -0",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ),
    (
        "-1, x = -0",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "0 as p",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "0 as p, negative",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    (
        "1 as p + 1",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ),
    (
        "1 as p + 1, x = -0",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
];

/// For a key of small order, R = 1 and S = 0 are a signature of every eighth message or so, made
/// without any secret. The library says that they verify; the rules for keys refuse the key.
#[test]
fn a_key_of_small_order_is_skipped() {
    let target = |x: &str| {
        let entry = json!({"kty": "OKP", "crv": "Ed25519", "kid": KID, "x": x});
        let keys = [entry, RSA.jwk("good", None)];
        let parsed = Jwks::parse(&jwks(&keys)).unwrap();
        let faults: Vec<UnusableKey> = parsed.skipped().iter().map(|key| key.fault).collect();
        assert_eq!(faults, [UnusableKey::Material], "{x}");
        Target::new(&["EdDSA"], "", &keys)
    };
    for (case, hex) in SMALL_ORDER {
        let point = octets(hex);
        let token = forge(&point).unwrap_or_else(|| panic!("{case}: no forgery verifies"));
        target(&b64(&point)).check(case, &token, Err(UnknownKey));
    }
    for (case, hex) in SMALL_ORDER_OTHERWISE {
        let point = octets(hex);
        let any = signed_by(&token_with_nonce(0), |_| {
            [&[1], [0; 63].as_slice()].concat()
        });
        let token = forge(&point).unwrap_or(any);
        target(&b64(&point)).check(case, &token, Err(UnknownKey));
    }
}

fn octets(hex: &str) -> Vec<u8> {
    let mut octets = to_length(&number(hex), 32);
    octets.truncate(32);
    octets
}

fn token_with_nonce(nonce: u64) -> Token {
    Token::access()
        .header("alg", "EdDSA")
        .claim("jti", format!("{nonce}"))
}

/// A token that nobody signed and that verifies under `point`.
fn forge(point: &[u8]) -> Option<String> {
    let key = PublicKey::point(KeyKind::Ed25519, point.to_vec());
    let signature = [&[1], [0; 63].as_slice()].concat();
    (0..200).find_map(|nonce| {
        let mut verifies = false;
        let token = signed_by(&token_with_nonce(nonce), |input| {
            verifies = key.verifies(Algorithm::EdDSA, input, &signature);
            signature.clone()
        });
        verifies.then_some(token)
    })
}
