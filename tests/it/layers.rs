//! The types that say how far a token has come, each step by itself.

use std::collections::HashSet;

use cognito_authorizer::Config;
use cognito_authorizer::claims::{Claims, ClaimsPolicy};
use cognito_authorizer::jwks::{Jwks, VerificationKey};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::signature::{self, VerifiedPayload};
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{Algorithm, BearerToken, UnverifiedToken};
use serde_json::json;

use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::token::{CLIENT, KID, NOW, Token};

fn verified(token: &str) -> VerifiedPayload {
    let token = UnverifiedToken::parse(BearerToken::from_bare(token).unwrap()).unwrap();
    let keys = Jwks::parse(&jwks(&[RSA.jwk(KID, None)])).unwrap();
    signature::verify(token, keys.get(KID).unwrap(), &[Algorithm::RS256]).unwrap()
}

fn policy(config: &str) -> ClaimsPolicy {
    Config::from_toml(config).unwrap().issuers[0].claims.clone()
}

/// Whatever is printed by mistake, it is no credential, signature or claim.
#[test]
fn nothing_of_a_token_can_be_printed() {
    let text = Token::access().sign();
    let bearer = BearerToken::from_bare(&text).unwrap();
    let payload = verified(&text);
    assert_eq!(format!("{bearer:?}"), "[redacted]");
    assert_eq!(
        format!("{:?}", UnverifiedToken::parse(bearer).unwrap()),
        "[redacted]"
    );
    assert_eq!(format!("{payload:?}"), "[redacted]");
    let now = Timestamp::from_seconds(NOW);
    let claims = Claims::check(payload, &policy(&pool_config("")), now).unwrap();
    assert_eq!(format!("{claims:?}"), "[redacted]");
    let key = VerificationKey::from_jwk(&RSA.jwk(KID, None)).unwrap();
    assert_eq!(
        format!("{:?}", key.public_key()),
        "PublicKey { kind: Rsa, .. }"
    );
}

/// The issuer by which the key was chosen is checked again, now that its claim is verified.
#[test]
fn a_payload_counts_for_its_own_issuer_only() {
    let now = Timestamp::from_seconds(NOW);
    let other = pool_config("issuer = \"https://login.example.com/eu-west-1_AbCdEf123\"\n");
    let check = |config: &str| {
        Claims::check(verified(&Token::access().sign()), &policy(config), now).map(|_| ())
    };
    assert_eq!(check(&pool_config("")), Ok(()));
    assert_eq!(check(&other), Err(DenyReason::UnknownIssuer));
}

/// Any OpenID provider whose tokens are bound by `aud` alone.
#[test]
fn an_issuer_with_audiences_needs_no_client() {
    let config = "[[issuers]]\nissuer = \"https://login.example.com/\"\n\
                  jwks_uri = \"https://login.example.com/keys\"\n\
                  audiences = [\"https://api.example.com\"]\n";
    let check = |token: Token| {
        let now = Timestamp::from_seconds(NOW);
        Claims::check(verified(&token.sign()), &policy(config), now).map(|_| ())
    };
    let token = Token::access()
        .without("client_id")
        .without("token_use")
        .claim("iss", "https://login.example.com/");
    let ours = token.clone().claim("aud", "https://api.example.com");
    assert_eq!(check(ours.clone()), Ok(()));
    assert_eq!(check(ours.clone().claim("client_id", "anybody")), Ok(()));
    assert_eq!(
        check(ours.clone().claim("client_id", json!(null))),
        Err(DenyReason::InvalidClaims)
    );
    assert_eq!(check(token.clone()), Err(DenyReason::WrongAudience));
    assert_eq!(
        check(token.claim("aud", CLIENT)),
        Err(DenyReason::WrongAudience)
    );
    assert_eq!(
        check(ours.header("typ", "id_token+jwt")),
        Err(DenyReason::WrongTokenUse)
    );
}

#[test]
fn each_reason_has_a_name_of_its_own() {
    let names: HashSet<String> = DenyReason::ALL.iter().map(DenyReason::to_string).collect();
    assert_eq!(names.len(), DenyReason::ALL.len());
    let is_name = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    assert!(names.iter().all(is_name), "{names:?}");
}
