//! What an entry of a key set must be before it may verify anything (RFC 7517 4, RFC 7518 6).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_authorizer::jwks::{Jwks, UnusableKey};
use cognito_authorizer::reason::DenyReason::{InvalidSignature, UnknownKey};
use serde_json::{Value, json};

use super::{Expected, Target};
use crate::support::keys::{ED25519, OTHER_RSA, P256, P384, RSA, SigningKey, b64, jwks};
use crate::support::token::{KID, Token};

/// A JWK in the form that its issuer should have published, before a row spoils it.
fn jwk(alg: &str) -> Value {
    key_for(alg).jwk(KID, None)
}

fn key_for(alg: &str) -> &'static LazyLock<SigningKey> {
    match alg {
        "ES256" => &P256,
        "ES384" => &P384,
        "EdDSA" => &ED25519,
        _ => &RSA,
    }
}

fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

fn without(mut jwk: Value, name: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(name);
    jwk
}

/// Publishes `entry` beside a good key, and sends a token that the spoiled key truly signed.
/// The entry is skipped for `fault`, its tokens meet no key, and the good key goes on serving.
#[track_caller]
fn check_skipped(case: &str, alg: &str, entry: Value, fault: UnusableKey) {
    check(case, alg, entry, &[fault], Err(UnknownKey));
}

#[track_caller]
fn check(case: &str, alg: &str, entry: Value, skipped: &[UnusableKey], expected: Expected) {
    let keys = [entry, OTHER_RSA.jwk("good", Some("RS256"))];
    let parsed = Jwks::parse(&jwks(&keys)).unwrap();
    let faults: Vec<UnusableKey> = parsed.skipped().iter().map(|key| key.fault).collect();
    assert_eq!(faults, skipped, "{case}");
    let target = Target::new(
        &[alg, if alg == "RS256" { "RS384" } else { "RS256" }],
        "",
        &keys,
    );
    let token = Token::access().header("alg", alg).sign_with(key_for(alg));
    target.check(case, &token, expected);
    let other = Token::access().header("kid", "good").sign_with(&OTHER_RSA);
    target.check(&format!("{case}: the good key"), &other, Ok(()));
}

#[test]
fn a_key_for_another_purpose_is_skipped() {
    let with = |name: &str, value: Value| (name.to_owned(), with(jwk("RS256"), name, value));
    for value in [
        json!("ENC"),
        json!("SIG"),
        json!("sig "),
        json!(""),
        json!(1),
        json!(false),
        json!({}),
    ] {
        let (name, entry) = with("use", value);
        check_skipped(&name, "RS256", entry, UnusableKey::Use);
    }
    let (name, entry) = with("use", json!("enc"));
    check_skipped(&name, "RS256", entry, UnusableKey::Encryption);
    let (name, entry) = with("use", json!(["sig"]));
    check_skipped(&name, "RS256", entry, UnusableKey::Use);
    for value in [
        json!(["sign"]),
        json!(["encrypt", "wrapKey"]),
        json!(["VERIFY"]),
        json!(["verify "]),
        json!([["verify"]]),
        json!("verify"),
        json!({"verify": true}),
        json!([null]),
    ] {
        let (name, entry) = with("key_ops", value);
        check_skipped(&name, "RS256", entry, UnusableKey::KeyOps);
    }
    for value in [json!(["verify"]), json!(["sign", "verify"])] {
        let (name, entry) = with("key_ops", value);
        check(&name, "RS256", entry, &[], Ok(()));
    }
    let bare = without(jwk("RS256"), "use");
    check("no use, no key_ops", "RS256", bare, &[], Ok(()));
}

/// .NET and others write members that a key does not have as null or as an empty array.
#[test]
fn a_null_or_an_empty_array_is_an_absent_member() {
    let optional = [
        "use", "key_ops", "alg", "x5u", "x5c", "x5t", "x5t#S256", "d", "p", "q", "dp", "dq", "qi",
        "oth", "k",
    ];
    for alg in ["RS256", "ES256", "ES384", "EdDSA"] {
        for value in [json!(null), json!([])] {
            let fill = |key, name: &&str| with(key, name, value.clone());
            let entry = optional.iter().fold(jwk(alg), fill);
            check(&format!("{alg} {value}"), alg, entry, &[], Ok(()));
        }
    }
}

#[test]
fn the_alg_of_a_key_is_one_that_it_can_have() {
    for value in [
        json!("rs256"),
        json!("RS256 "),
        json!("none"),
        json!("HS256"),
        json!("RSA-OAEP"),
        json!("ES256"),
        json!("EdDSA"),
        json!(""),
        json!(256),
        json!(["RS256"]),
        json!({}),
    ] {
        let entry = with(jwk("RS256"), "alg", value.clone());
        check_skipped(&format!("alg {value}"), "RS256", entry, UnusableKey::Alg);
    }
    for (alg, other) in [("ES256", "ES384"), ("ES384", "ES256"), ("EdDSA", "Ed25519")] {
        let entry = with(jwk(alg), "alg", other);
        check_skipped(&format!("{alg} as {other}"), alg, entry, UnusableKey::Alg);
    }
}

/// A secret that was published is no secret: whoever read the key set can sign.
#[test]
fn a_published_secret_is_no_key() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(" "), json!([{"r": "AQAB"}])] {
            let entry = with(jwk("RS256"), name, value);
            check_skipped(name, "RS256", entry, UnusableKey::Private);
        }
        for value in [json!(null), json!([]), json!(""), json!(false)] {
            let entry = with(jwk("RS256"), name, value);
            check(name, "RS256", entry, &[], Ok(()));
        }
    }
    for alg in ["ES256", "ES384", "EdDSA"] {
        let entry = with(jwk(alg), "d", b64(&[7; 32]));
        check_skipped(alg, alg, entry, UnusableKey::Private);
    }
    let secret = json!({"kty": "oct", "kid": KID, "k": b64(b"a shared secret of 32 octets ...")});
    check_skipped("oct", "RS256", secret.clone(), UnusableKey::Private);
    let named = with(secret, "alg", "HS256");
    check_skipped("oct with alg", "RS256", named, UnusableKey::Private);
    let empty = json!({"kty": "oct", "kid": KID});
    check_skipped("oct without k", "RS256", empty, UnusableKey::Private);
}

#[test]
fn a_key_without_a_kid_is_skipped() {
    let entry = without(jwk("RS256"), "kid");
    check_skipped("missing", "RS256", entry, UnusableKey::Kid);
    for kid in [
        json!(null),
        json!([]),
        json!(1),
        json!([KID]),
        json!(""),
        json!("k".repeat(257)),
    ] {
        let entry = with(jwk("RS256"), "kid", kid);
        check_skipped("kid", "RS256", entry, UnusableKey::Kid);
    }
}

#[test]
fn a_key_of_an_unknown_kind_is_skipped() {
    for entry in [json!(null), json!(1), json!("key"), json!([]), json!(true)] {
        check_skipped(&entry.to_string(), "RS256", entry, UnusableKey::NoObject);
    }
    let unknown = UnusableKey::Kind;
    for kty in ["rsa", "RSA ", "EC2", "AKP", ""] {
        check_skipped("kty", "RS256", with(jwk("RS256"), "kty", kty), unknown);
    }
    for (alg, name) in [("RS256", "kty"), ("ES256", "crv"), ("EdDSA", "crv")] {
        let fault = UnusableKey::NoKind;
        check_skipped(name, alg, without(jwk(alg), name), fault);
        for value in [json!(null), json!([]), json!(1), json!(["P-256"])] {
            check_skipped(name, alg, with(jwk(alg), name, value), fault);
        }
    }
    for crv in [
        "secp256k1",
        "P-521",
        "p-256",
        "P-256 ",
        "P256",
        "Ed25519",
        "",
    ] {
        check_skipped(crv, "ES256", with(jwk("ES256"), "crv", crv), unknown);
    }
    for crv in ["X25519", "Ed448", "X448", "ed25519", "P-256", ""] {
        check_skipped(crv, "EdDSA", with(jwk("EdDSA"), "crv", crv), unknown);
    }
}

/// A modulus of so many bits. It is odd unless told otherwise, and nobody knows its factors.
fn modulus(bits: usize, last: u8) -> String {
    let mut n = vec![0xa5; bits.div_ceil(8)];
    n[0] = match bits % 8 {
        0 => 0x80,
        spare => 1 << (spare - 1),
    };
    *n.last_mut().unwrap() = last;
    b64(&n)
}

/// RFC 7518 3.3 and 6.3.1.1.
#[test]
fn an_rsa_modulus_has_2048_to_8192_bits() {
    let good = jwk("RS256")["n"].as_str().unwrap().to_owned();
    let standard = good.replace('-', "+").replace('_', "/");
    let rows = [
        ("512 bits", json!(modulus(512, 1))),
        ("1024 bits", json!(modulus(1024, 1))),
        ("2047 bits", json!(modulus(2047, 1))),
        ("8193 bits", json!(modulus(8193, 1))),
        ("16384 bits", json!(modulus(16_384, 1))),
        ("even", json!(modulus(2048, 2))),
        (
            "2048 bits by a leading zero octet",
            json!(b64(&[&[0], [0x7f; 255].as_slice()].concat())),
        ),
        ("zero", json!(b64(&[0; 256]))),
        ("empty", json!("")),
        ("padded", json!(format!("{good}=="))),
        ("line break", json!(format!("{good}\n"))),
        (
            "standard alphabet",
            json!(format!("+/{}", standard.get(2..).unwrap())),
        ),
        ("number", json!(65537)),
        ("array", json!([good])),
        ("null", json!(null)),
    ];
    for (case, n) in rows {
        check_skipped(
            case,
            "RS256",
            with(jwk("RS256"), "n", n),
            UnusableKey::Material,
        );
    }
    check_skipped(
        "missing",
        "RS256",
        without(jwk("RS256"), "n"),
        UnusableKey::Material,
    );
    for bits in [2048, 2049, 3072, 4096, 8192] {
        let entry = with(jwk("RS256"), "n", modulus(bits, 1));
        check(
            &format!("{bits} bits"),
            "RS256",
            entry,
            &[],
            Err(InvalidSignature),
        );
    }
}

/// FIPS 186-5 5.1 and RFC 7518 6.3.1.2.
#[test]
fn an_rsa_exponent_is_odd_and_above_two_to_the_sixteenth() {
    let rows = [
        ("empty", json!("")),
        ("0", json!("AA")),
        ("1", json!("AQ")),
        ("2", json!("Ag")),
        ("3", json!("Aw")),
        ("17", json!("EQ")),
        ("65535", json!("__8")),
        ("65536", json!("AQAA")),
        ("65538", json!("AQAC")),
        ("2^33 + 1", json!(b64(&[2, 0, 0, 0, 1]))),
        ("2^64 + 1", json!(b64(&[1, 0, 0, 0, 0, 0, 0, 0, 1]))),
        ("as long as a modulus", json!(b64(&[0xff; 256]))),
        ("padded", json!("AQAB=")),
        ("spare bits", json!("AQABAB")),
        ("a number", json!(65537)),
        ("digits", json!("65537")),
        ("array", json!(["AQAB"])),
        ("null", json!(null)),
    ];
    for (case, e) in rows {
        check_skipped(
            case,
            "RS256",
            with(jwk("RS256"), "e", e),
            UnusableKey::Material,
        );
    }
    check_skipped(
        "missing",
        "RS256",
        without(jwk("RS256"), "e"),
        UnusableKey::Material,
    );
    let other = with(jwk("RS256"), "e", b64(&[1, 0, 3]));
    check("65539", "RS256", other, &[], Err(InvalidSignature));
}

/// RFC 7518 6.3.1.1 forbids a leading zero octet and says that it is met nevertheless. The number
/// is the same, so the key is taken; the number of its bits counts without it.
#[test]
fn a_leading_zero_octet_changes_no_number() {
    let good = jwk("RS256");
    let padded = |name: &str, zeros: usize| {
        let bytes = URL_SAFE_NO_PAD
            .decode(good[name].as_str().unwrap())
            .unwrap();
        b64(&[vec![0; zeros], bytes].concat())
    };
    for zeros in [1, 2, 9] {
        for name in ["n", "e"] {
            let entry = with(good.clone(), name, padded(name, zeros));
            check(
                &format!("{name}, {zeros} zeros"),
                "RS256",
                entry,
                &[],
                Ok(()),
            );
        }
    }
}

/// RFC 7518 6.2.1.2: a coordinate has the length of its curve, no more and no less.
#[test]
fn a_coordinate_has_the_length_of_its_curve() {
    let material = UnusableKey::Material;
    for (alg, length) in [("ES256", 32_usize), ("ES384", 48)] {
        for name in ["x", "y"] {
            for wrong in [0, 1, length - 1, length + 1, 2 * length] {
                let entry = with(jwk(alg), name, b64(&vec![1; wrong]));
                check_skipped(
                    &format!("{alg} {name}, {wrong} octets"),
                    alg,
                    entry,
                    material,
                );
            }
            for value in [json!(null), json!(1), json!(["AQ"])] {
                check_skipped(name, alg, with(jwk(alg), name, value), material);
            }
            check_skipped("missing", alg, without(jwk(alg), name), material);
            let padded = format!("{}=", jwk(alg)[name].as_str().unwrap());
            check_skipped("padded", alg, with(jwk(alg), name, padded), material);
        }
    }
    let labelled = |alg: &str, crv: &str| with(jwk(alg), "crv", crv);
    check_skipped(
        "P-256 as P-384",
        "ES256",
        labelled("ES256", "P-384"),
        material,
    );
    check_skipped(
        "P-384 as P-256",
        "ES384",
        labelled("ES384", "P-256"),
        material,
    );
}

/// SEC 1, 3.2.2: a point that is none verifies nothing. The library finds out when the key is
/// used, so such an entry is not skipped; its tokens are refused all the same.
#[test]
fn a_point_off_its_curve_verifies_nothing() {
    for (alg, length) in [("ES256", 32_usize), ("ES384", 48)] {
        let good = jwk(alg);
        let (x, y) = (good["x"].clone(), good["y"].clone());
        let mut bent = URL_SAFE_NO_PAD.decode(y.as_str().unwrap()).unwrap();
        *bent.last_mut().unwrap() ^= 1;
        let rows = [
            ("off the curve", x.clone(), json!(b64(&bent))),
            ("x and y exchanged", y, x),
            (
                "(0, 0)",
                json!(b64(&vec![0; length])),
                json!(b64(&vec![0; length])),
            ),
            (
                "over p",
                json!(b64(&vec![0xff; length])),
                json!(b64(&vec![0xff; length])),
            ),
        ];
        for (case, x, y) in rows {
            let entry = with(with(good.clone(), "x", x), "y", y);
            check(
                &format!("{alg} {case}"),
                alg,
                entry,
                &[],
                Err(InvalidSignature),
            );
        }
    }
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let entry = with(jwk("EdDSA"), "x", b64(&no_point));
    check("Ed25519, y = 2", "EdDSA", entry, &[], Err(InvalidSignature));
}

#[test]
fn an_ed25519_key_has_32_octets() {
    for length in [0, 1, 31, 33, 64] {
        let entry = with(jwk("EdDSA"), "x", b64(&vec![9; length]));
        check_skipped(
            &format!("{length} octets"),
            "EdDSA",
            entry,
            UnusableKey::Material,
        );
    }
    let padded = format!("{}=", jwk("EdDSA")["x"].as_str().unwrap());
    for x in [json!(padded), json!(null), json!(1), json!([1])] {
        check_skipped(
            "x",
            "EdDSA",
            with(jwk("EdDSA"), "x", x),
            UnusableKey::Material,
        );
    }
}
