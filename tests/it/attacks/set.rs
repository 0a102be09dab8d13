//! A key set as a whole (RFC 7517 5): which of its entries serve, and when none does.

use cognito_authorizer::jwks::{Jwks, JwksError, UnusableKey};
use cognito_authorizer::reason::DenyReason::{InvalidSignature, UnknownKey};
use serde_json::{Value, json};

use super::{Expected, Target};
use crate::support::keys::{OTHER_RSA, P256, RSA, jwks};
use crate::support::token::{KID, Token};

/// A token of the key `KID`, and one of the key `good`, against this set.
#[track_caller]
fn check(case: &str, keys: &[Value], skipped: &[UnusableKey], expected: Expected) {
    let keys = [keys, &[OTHER_RSA.jwk("good", None)]].concat();
    assert_eq!(
        Jwks::parse(&jwks(&keys)).unwrap().skipped(),
        skipped,
        "{case}"
    );
    let target = Target::new(&["RS256"], "", &keys);
    target.check(case, &Token::access().sign(), expected);
    let good = Token::access().header("kid", "good").sign_with(&OTHER_RSA);
    target.check(&format!("{case}: the other key"), &good, Ok(()));
}

/// Which of two keys of one name is meant would depend on their order: neither is.
#[test]
fn one_kid_names_one_key() {
    let ambiguous = UnusableKey::AmbiguousKid;
    let unknown = Err(UnknownKey);
    let (own, other) = (RSA.jwk(KID, None), OTHER_RSA.jwk(KID, None));
    let (curve, bound) = (P256.jwk(KID, None), RSA.jwk(KID, Some("RS256")));
    let elsewhere = RSA.jwk(KID, Some("RS384"));
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
    check("another kind", &pair(&own, &curve), &[ambiguous], unknown);
    check(
        "another alg",
        &pair(&bound, &elsewhere),
        &[ambiguous],
        unknown,
    );
    check(
        "with and without alg",
        &pair(&own, &bound),
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
        ("keys empty", json!({"keys": []}), JwksError::NoUsableKey),
        (
            "no object in it",
            json!({"keys": [1, null, "key"]}),
            JwksError::NoUsableKey,
        ),
        (
            "two of one kid",
            json!({"keys": [RSA.jwk(KID, None), P256.jwk(KID, None)]}),
            JwksError::NoUsableKey,
        ),
        ("array", json!([RSA.jwk(KID, None)]), JwksError::NotJson),
        ("string", json!("keys"), JwksError::NotJson),
    ];
    for (case, document, error) in rows {
        let parsed = Jwks::parse(document.to_string().as_bytes());
        assert_eq!(parsed.err(), Some(error), "{case}");
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
        (JwksError::NoUsableKey, "no_usable_key"),
    ];
    for (error, name) in names {
        assert_eq!(error.as_str(), name);
    }
}
