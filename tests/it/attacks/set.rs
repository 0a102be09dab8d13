//! A key set as a whole (RFC 7517 5): which of its entries serve, and when none does.

use cognito_authorizer::jwks::{Jwks, JwksError, UnusableKey};
use cognito_authorizer::reason::DenyReason::{InvalidSignature, UnknownKey, UnsupportedAlgorithm};
use serde_json::{Value, json};

use super::{Expected, Target};
use crate::support::keys::{OTHER_RSA, P256, RSA, SigningKey, jwks};
use crate::support::token::{KID, Token};

/// A token of the key `KID`, and one of the key `good`, against this set.
#[track_caller]
fn check(case: &str, keys: &[Value], skipped: &[UnusableKey], expected: Expected) {
    check_by("RS256", &RSA, case, keys, skipped, expected);
}

/// The same for a token by another algorithm.
#[track_caller]
fn check_by(
    alg: &str,
    signer: &SigningKey,
    case: &str,
    keys: &[Value],
    skipped: &[UnusableKey],
    expected: Expected,
) {
    let keys = [keys, &[OTHER_RSA.jwk("good", None)]].concat();
    let faults = Jwks::parse(&jwks(&keys)).unwrap();
    let faults: Vec<UnusableKey> = faults.skipped().iter().map(|key| key.fault).collect();
    assert_eq!(faults, skipped, "{case}");
    let target = Target::new(&["RS256", "RS384", "PS256", "ES256"], "", &keys);
    let token = Token::access().header("alg", alg).sign_with(signer);
    target.check(&format!("{case}, {alg}"), &token, expected);
    let good = Token::access().header("kid", "good").sign_with(&OTHER_RSA);
    target.check(&format!("{case}: the other key"), &good, Ok(()));
}

/// Which of two keys is meant that are the same by `kid`, kind and `alg` would depend on their
/// order: neither is.
#[test]
fn an_ambiguous_kid_names_no_key() {
    let ambiguous = UnusableKey::Ambiguous;
    let unknown = Err(UnknownKey);
    let (own, other) = (RSA.jwk(KID, None), OTHER_RSA.jwk(KID, None));
    let (bound, other_bound) = (
        RSA.jwk(KID, Some("RS256")),
        OTHER_RSA.jwk(KID, Some("RS256")),
    );
    let unusable = json!({"kid": KID, "kty": "oct", "k": "AA"});
    let pair = |one: &Value, two: &Value| [one.clone(), two.clone()];
    check("one", std::slice::from_ref(&own), &[], Ok(()));
    check("the same twice", &pair(&own, &own), &[], Ok(()));
    check("other material", &pair(&own, &other), &[ambiguous], unknown);
    check(
        "other material, first",
        &pair(&other, &own),
        &[ambiguous],
        unknown,
    );
    check(
        "other material of one alg",
        &pair(&bound, &other_bound),
        &[ambiguous],
        unknown,
    );
    let again = [own.clone(), other.clone(), own.clone()];
    check(
        "and the first again",
        &again,
        &[ambiguous, ambiguous],
        unknown,
    );
    check(
        "one unusable",
        &pair(&unusable, &own),
        &[UnusableKey::Private],
        Ok(()),
    );
    check("another's key", &[other], &[], Err(InvalidSignature));
}

/// RFC 7517 4.5: keys of one `kid` are told apart by their kind, then by their `alg`, in any order.
#[test]
fn one_kid_may_name_keys_of_several_kinds_and_algorithms() {
    let rsa = |alg| RSA.jwk(KID, alg);
    let other = |alg| OTHER_RSA.jwk(KID, alg);
    let curve = |alg| P256.jwk(KID, alg);
    let forged = Err(InvalidSignature);
    let unsupported = Err(UnsupportedAlgorithm);
    let ambiguous: &[UnusableKey] = &[UnusableKey::Ambiguous];
    type Row<'r> = (&'r str, Vec<Value>, &'r [UnusableKey], [Expected; 4]);
    // What comes of tokens by RS256, RS384, PS256 of the RSA key, and by ES256 of the other.
    let rows: Vec<Row<'_>> = vec![
        (
            "two kinds",
            vec![rsa(None), curve(None)],
            &[],
            [Ok(()), Ok(()), Ok(()), Ok(())],
        ),
        (
            "two kinds with their alg",
            vec![rsa(Some("RS256")), curve(Some("ES256"))],
            &[],
            [Ok(()), unsupported, unsupported, Ok(())],
        ),
        (
            "another RSA key beside the curve",
            vec![other(None), curve(None)],
            &[],
            [forged, forged, forged, Ok(())],
        ),
        (
            "one key once for each alg",
            vec![rsa(Some("RS256")), rsa(Some("RS384"))],
            &[],
            [Ok(()), Ok(()), unsupported, unsupported],
        ),
        (
            "one key with and without alg",
            vec![rsa(None), rsa(Some("RS256"))],
            &[],
            [Ok(()), Ok(()), Ok(()), unsupported],
        ),
        (
            "two keys by their alg",
            vec![rsa(Some("RS256")), other(Some("RS384"))],
            &[],
            [Ok(()), forged, unsupported, unsupported],
        ),
        (
            "the key that names the alg, and another for the rest",
            vec![rsa(Some("RS256")), other(None)],
            &[],
            [Ok(()), forged, forged, unsupported],
        ),
        (
            "two keys for one of its algorithms",
            vec![rsa(Some("RS256")), rsa(Some("RS384")), other(Some("RS384"))],
            ambiguous,
            [Ok(()), unsupported, unsupported, unsupported],
        ),
        (
            "two keys for one alg, and a third without",
            vec![rsa(Some("RS256")), other(Some("RS256")), rsa(None)],
            ambiguous,
            [unsupported, Ok(()), Ok(()), unsupported],
        ),
    ];
    for (case, keys, skipped, expected) in rows {
        let mut backwards = keys.clone();
        backwards.reverse();
        let tokens: [(&str, &SigningKey); 4] = [
            ("RS256", &RSA),
            ("RS384", &RSA),
            ("PS256", &RSA),
            ("ES256", &P256),
        ];
        for ((alg, signer), expected) in tokens.into_iter().zip(expected) {
            for keys in [&keys, &backwards] {
                check_by(alg, signer, case, keys, skipped, expected);
            }
        }
    }
}

/// RFC 8259 8.1: a reader may pass over a byte order mark, which some servers put before a key set.
#[test]
fn a_byte_order_mark_before_a_key_set_is_passed_over() {
    let set = jwks(&[RSA.jwk(KID, None)]);
    let mark = b"\xef\xbb\xbf".as_slice();
    let kids = |document: &[u8]| Jwks::parse(document).map(|jwks| jwks.kids().count());
    assert_eq!(kids(&[mark, &set].concat()), Ok(1));
    for (case, document) in [
        ("two marks", [mark, mark, &set].concat()),
        ("half a mark", [&mark[..2], &set].concat()),
        ("at the end", [&set, mark].concat()),
        ("UTF-16", [b"\xff\xfe".as_slice(), &set].concat()),
    ] {
        assert_eq!(kids(&document), Err(JwksError::NotJson), "{case}");
    }
}

#[test]
fn a_set_without_a_usable_key_is_none() {
    let rows = [
        ("no keys", json!({}), JwksError::NoKeysArray),
        ("keys null", json!({"keys": null}), JwksError::NoKeysArray),
        (
            "keys an object",
            json!({"keys": {"a": RSA.jwk(KID, None)}}),
            JwksError::NoKeysArray,
        ),
        (
            "another case",
            json!({"Keys": [RSA.jwk(KID, None)]}),
            JwksError::NoKeysArray,
        ),
        (
            "a key for a set",
            RSA.jwk(KID, None),
            JwksError::NoKeysArray,
        ),
        (
            "keys empty",
            json!({"keys": []}),
            JwksError::NoUsableKey(Vec::new()),
        ),
        ("array", json!([RSA.jwk(KID, None)]), JwksError::NotJson),
        ("string", json!("keys"), JwksError::NotJson),
    ];
    for (case, document, error) in rows {
        let parsed = Jwks::parse(document.to_string().as_bytes());
        assert_eq!(parsed.err(), Some(error), "{case}");
    }
}

/// What an operator reads of a set that cannot serve: each reason, with the keys that it is for.
#[test]
fn a_set_without_a_usable_key_says_why() {
    let weak = |kid: &str| json!({"kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB"});
    let of = |key: Value, name: &str, value: &str| {
        let mut key = key;
        key[name] = json!(value);
        key
    };
    let rows = [
        (vec![], ""),
        (
            vec![json!(1), json!(null), json!("key")],
            ": a key without a `kid`, a key without a `kid`, a key without a `kid`: it is not a JSON \
             object",
        ),
        (
            vec![of(RSA.jwk("a", None), "use", "enc")],
            ": `a`: it is for encryption, not for signatures",
        ),
        (
            vec![weak("a"), of(RSA.jwk("b", None), "d", "AQ"), weak("c")],
            ": `a`, `c`: its key material is malformed, too short, too long or weak; `b`: it holds \
             private key material: withdraw that key, it is compromised",
        ),
        (
            vec![RSA.jwk("a", None), OTHER_RSA.jwk("a", None)],
            ": `a`: another key has the same `kid`, kind and `alg`, so neither is used",
        ),
        (
            vec![
                json!(1),
                of(RSA.jwk("a", None), "kid", ""),
                json!({"kty": "RSA"}),
            ],
            ": a key without a `kid`: it is not a JSON object; ``, a key without a `kid`: its `kid` \
             is missing, empty, not a text or over 256 bytes long",
        ),
        (
            ["a", "b", "c", "d", "e"].map(weak).to_vec(),
            ": `a`, `b`, `c` and 2 more: its key material is malformed, too short, too long or weak",
        ),
        (
            vec![weak(&"k".repeat(65)), weak("a\nb")],
            concat!(
                ": `kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…`, `a\\nb`: ",
                "its key material is malformed, too short, too long or weak",
            ),
        ),
    ];
    for (keys, reasons) in rows {
        let fault = Jwks::parse(&jwks(&keys)).unwrap_err();
        let expected = format!("the document has no usable key{reasons}");
        assert_eq!(fault.to_string(), expected);
    }
}

/// Keys for encryption and of kinds that nobody can use here stand in good sets: they are no fault.
#[test]
fn keys_for_other_purposes_are_no_fault() {
    let with = |name: &str, value: Value| {
        let mut key = RSA.jwk("a", None);
        key.as_object_mut().unwrap().remove("use");
        key[name] = value;
        key
    };
    let silent = [
        with("use", json!("enc")),
        with("alg", json!("RSA-OAEP")),
        with("alg", json!("RSA-OAEP-256")),
        with("alg", json!("RSA1_5")),
        with("key_ops", json!(["encrypt", "wrapKey"])),
        json!({"kty": "EC", "crv": "P-521", "kid": "a"}),
        json!({"kty": "EC", "crv": "secp256k1", "kid": "a"}),
        json!({"kty": "OKP", "crv": "X25519", "kid": "a", "alg": "ECDH-ES"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44"}),
        json!({"kty": "EC", "crv": "P-256", "use": "enc"}),
    ];
    let told = [
        with("use", json!("encryption")),
        with("key_ops", json!(["sign"])),
        with("key_ops", json!(["encrypt", "sign"])),
        with("alg", json!("HS256")),
        with("kid", json!("")),
        json!({"kid": "a"}),
        json!({"kty": "EC", "kid": "a"}),
        json!({"kty": "RSA", "kid": "a", "use": "enc", "d": "AQ"}),
    ];
    for (keys, is_told) in [(&silent[..], false), (&told[..], true)] {
        for key in keys {
            let set = Jwks::parse(&jwks(&[key.clone(), OTHER_RSA.jwk("good", None)])).unwrap();
            assert_eq!(set.skipped().len(), 1, "{key}");
            assert_eq!(set.at_fault().count(), usize::from(is_told), "{key}");
        }
    }
}

/// The log line and the metrics tell these apart.
#[test]
fn each_fault_of_a_set_has_its_name() {
    let names = [
        (JwksError::TooLong, "too_long"),
        (JwksError::NotJson, "not_json"),
        (JwksError::NoKeysArray, "no_keys_array"),
        (JwksError::TooManyKeys, "too_many_keys"),
        (JwksError::NoUsableKey(Vec::new()), "no_usable_key"),
    ];
    for (error, name) in names {
        assert_eq!(error.as_str(), name);
    }
}
