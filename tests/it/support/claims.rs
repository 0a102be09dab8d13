//! The claims of tokens, by the only way that leads to claims: signed, verified and checked.

use std::sync::LazyLock;

use cognito_authorizer::claims::{Accepted, ClaimName, Claims, ClaimsPolicy, Proof};
use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::signature;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{Algorithm, BearerToken, UnverifiedToken};

use super::keys::{ED25519, jwks};
use super::token::{ISSUER, KID, NOW, POOL, Token};

static KEYS: LazyLock<Jwks> =
    LazyLock::new(|| Jwks::parse(&jwks(&[ED25519.jwk(KID, Some("EdDSA"))])).unwrap());

/// The claims of a good token.
#[track_caller]
pub(crate) fn claims(token: Token) -> Claims {
    let claim = |name| vec![ClaimName::parse(name).unwrap()];
    let policy = ClaimsPolicy {
        name: POOL.to_owned(),
        issuer: ISSUER.to_owned(),
        token_use: None,
        clients: Some(Accepted::Any),
        audiences: None,
        token_type: None,
        proof: Proof::Bearer,
        client_from: claim("client_id"),
        scopes_from: claim("scope"),
        groups_from: claim("cognito:groups"),
        principal_from: claim("sub"),
        require: Vec::new(),
        leeway_seconds: 0,
    };
    let compact = token.header("alg", "EdDSA").sign_with(&ED25519);
    let token = UnverifiedToken::parse(BearerToken::from_bare(&compact).unwrap()).unwrap();
    let keys = KEYS.get(KID).unwrap();
    let payload = signature::verify(token, keys, &[Algorithm::EdDSA]).unwrap();
    Claims::check(payload, &policy, Timestamp::from_seconds(NOW)).unwrap()
}
