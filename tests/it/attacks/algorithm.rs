//! The algorithm is the issuer's choice, never the token's (RFC 8725 3.1, 3.2; RFC 7515 4.1.1).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cognito_authorizer::Config;
use cognito_authorizer::reason::DenyReason::{MalformedToken, UnsupportedAlgorithm};
use serde_json::{Value, json};

use super::{ALGORITHMS, Target, compact, kid_for, signed_by, token_by};
use crate::support::authorizer::pool_config;
use crate::support::keys::{ED25519, P256, P384, RSA, SigningKey, jwks};
use crate::support::token::{KID, Token};

#[test]
fn each_configured_algorithm_is_accepted() {
    for (name, key) in ALGORITHMS {
        let token = token_by(name).sign_with(key);
        let kid = kid_for(name);
        Target::of_all_kinds().check(name, &token, Ok(()));
        Target::new(&[name], "", &[key.jwk(kid, Some(name))]).check(name, &token, Ok(()));
        Target::new(&[name], "", &[key.jwk(kid, None)]).check(name, &token, Ok(()));
    }
}

/// CVE-2015-9235 and its many sequels: a deny-list of spellings always misses one.
#[test]
fn an_algorithm_that_is_none_is_no_algorithm() {
    for alg in [
        "none", "None", "NONE", "nOnE", "", " none", "none ", "\tnone", "none\0", "null",
    ] {
        let token = Token::access().header("alg", alg);
        let kept = signed_by(&token, |input| RSA.sign("RS256", input));
        let emptied = signed_by(&token, |_| Vec::new());
        let cut_off = emptied.strip_suffix('.').unwrap();
        let target = Target::of_all_kinds();
        target.check(
            &format!("{alg:?}, signature kept"),
            &kept,
            Err(UnsupportedAlgorithm),
        );
        target.check(
            &format!("{alg:?}, emptied"),
            &emptied,
            Err(UnsupportedAlgorithm),
        );
        target.check(&format!("{alg:?}, cut off"), cut_off, Err(MalformedToken));
    }
}

#[test]
fn the_name_of_an_algorithm_is_exact() {
    let rows: &[(&str, Value, _)] = &[
        ("null", json!(null), MalformedToken),
        ("number", json!(256), MalformedToken),
        ("bool", json!(true), MalformedToken),
        ("array", json!(["RS256"]), MalformedToken),
        ("object", json!({"alg": "RS256"}), MalformedToken),
        ("lower case", json!("rs256"), UnsupportedAlgorithm),
        ("mixed case", json!("Rs256"), UnsupportedAlgorithm),
        ("trailing blank", json!("RS256 "), UnsupportedAlgorithm),
        ("leading blank", json!(" RS256"), UnsupportedAlgorithm),
        ("trailing newline", json!("RS256\n"), UnsupportedAlgorithm),
        ("NUL", json!("RS256\0"), UnsupportedAlgorithm),
        (
            "full-width letters",
            json!("\u{ff32}\u{ff33}256"),
            UnsupportedAlgorithm,
        ),
        (
            "full-width digits",
            json!("RS\u{ff12}\u{ff15}\u{ff16}"),
            UnsupportedAlgorithm,
        ),
        ("two names", json!("RS256,none"), UnsupportedAlgorithm),
        ("the XML name", json!("RSA-SHA256"), UnsupportedAlgorithm),
        ("an unknown one", json!("RS1"), UnsupportedAlgorithm),
        ("secp256k1", json!("ES256K"), UnsupportedAlgorithm),
        ("P-521", json!("ES512"), UnsupportedAlgorithm),
    ];
    let target = Target::of_all_kinds();
    for (case, alg, reason) in rows {
        let token = Token::access()
            .header("kid", "rsa")
            .header("alg", alg.clone());
        let token = signed_by(&token, |input| RSA.sign("RS256", input));
        target.check(case, &token, Err(*reason));
    }
    let header = json!({"kid": "rsa"}).to_string();
    let token = compact(&header, &Token::access().claims.to_string(), |input| {
        RSA.sign("RS256", input)
    });
    target.check("missing", &token, Err(MalformedToken));
}

/// The public key as the secret of an HMAC: CVE-2015-9235, and again CVE-2026-34950, -48526,
/// -44699, -22817. No HMAC can be configured, so it does not matter which form was guessed.
#[test]
fn a_public_key_is_no_shared_secret() {
    let SigningKey::Rsa(pair) = &*RSA else {
        panic!("no RSA key")
    };
    let pkcs1 = pair.public_key().as_ref().to_vec();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let spki = spki.as_ref().to_vec();
    let jwk = RSA.jwk(KID, Some("RS256"));
    let n = jwk["n"].as_str().unwrap().to_owned();
    let modulus = pair
        .public_key()
        .modulus()
        .big_endian_without_leading_zero();
    let secrets: &[(&str, Vec<u8>)] = &[
        ("SPKI PEM", pem("PUBLIC KEY", &spki).into_bytes()),
        ("SPKI PEM, trimmed", pem("PUBLIC KEY", &spki).trim().into()),
        ("PKCS #1 PEM", pem("RSA PUBLIC KEY", &pkcs1).into_bytes()),
        ("SPKI DER", spki),
        ("PKCS #1 DER", pkcs1),
        ("modulus", modulus.to_vec()),
        ("modulus text", n.into_bytes()),
        ("JWK text", jwk.to_string().into_bytes()),
        ("key set text", jwks(&[jwk])),
        ("empty secret", Vec::new()),
        ("one zero byte", vec![0]),
    ];
    let target = Target::of_all_kinds();
    for (alg, mac) in [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ] {
        for (form, secret) in secrets {
            let token = signed_by(&Token::access().header("alg", alg), |input| {
                let key = hmac::Key::new(mac, secret);
                hmac::sign(&key, input).as_ref().to_vec()
            });
            target.check(&format!("{alg}, {form}"), &token, Err(UnsupportedAlgorithm));
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// What cannot be configured cannot be attacked.
#[test]
fn only_signatures_can_be_configured() {
    for name in [
        "none", "None", "HS256", "HS384", "HS512", "rs256", "RS256 ", "ES512", "Ed25519",
    ] {
        let config = pool_config(&format!("algorithms = [{name:?}]\n"));
        assert!(Config::from_toml(&config).is_err(), "{name}");
    }
}

/// RFC 8725 3.1: truly signed, but by another algorithm than the key is for, or than the issuer
/// may use.
#[test]
fn a_key_is_for_one_algorithm() {
    let rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    for of_key in rsa {
        let target = Target::new(&rsa, "", &[RSA.jwk(KID, Some(of_key))]);
        for used in rsa {
            let token = Token::access().header("alg", used).sign();
            let expected = if used == of_key {
                Ok(())
            } else {
                Err(UnsupportedAlgorithm)
            };
            target.check(&format!("{used} with a key for {of_key}"), &token, expected);
        }
    }
    for configured in rsa {
        let target = Target::new(&[configured], "", &[RSA.jwk(KID, None)]);
        for used in rsa {
            let token = Token::access().header("alg", used).sign();
            let expected = if used == configured {
                Ok(())
            } else {
                Err(UnsupportedAlgorithm)
            };
            target.check(
                &format!("{used} where {configured} is configured"),
                &token,
                expected,
            );
        }
    }
}

/// RFC 7518 3.1, 3.4 and RFC 8037 3.1: every algorithm meets every kind of key, and only its own
/// will do. The signature is always the key's own true one.
#[test]
fn an_algorithm_fits_one_kind_of_key() {
    let keys = [
        ("rsa", &*RSA, "RS256"),
        ("p-256", &*P256, "ES256"),
        ("p-384", &*P384, "ES384"),
        ("ed25519", &*ED25519, "EdDSA"),
    ];
    let target = Target::of_all_kinds();
    for (kid, key, own) in keys {
        for (alg, _) in ALGORITHMS {
            if kid_for(alg) == kid {
                continue;
            }
            let token = Token::access().header("alg", alg).header("kid", kid);
            let token = signed_by(&token, |input| key.sign(own, input));
            target.check(
                &format!("{alg} with {kid}"),
                &token,
                Err(UnsupportedAlgorithm),
            );
        }
    }
}

/// RFC 9864 gives Ed25519 a name of its own. Where `EdDSA` is configured it is another name.
#[test]
fn a_fully_specified_name_is_another_name() {
    for alg in ["Ed25519", "Ed448", "eddsa", "EDDSA"] {
        let token = token_by("EdDSA").header("alg", alg);
        let token = signed_by(&token, |input| ED25519.sign("EdDSA", input));
        Target::of_all_kinds().check(alg, &token, Err(UnsupportedAlgorithm));
    }
}
