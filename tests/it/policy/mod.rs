//! The policy: what it says about the request that was asked, and about every later one that
//! meets it in API Gateway's cache.

mod cover;
mod iam;
mod limits;
mod orders;
mod property;
mod warnings;

use std::sync::LazyLock;

use cognito_authorizer::claims::{Accepted, Claims, ClaimsPolicy};
use cognito_authorizer::decision::{Decision, Rules, decide};
use cognito_authorizer::event::MethodArn;
use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::policy::{PolicyDocument, PolicyScope};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::signature;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{Algorithm, BearerToken, UnverifiedToken};
use serde_json::Value;

use crate::support::authorizer::STAGE;
use crate::support::keys::{ED25519, jwks};
use crate::support::token::{ISSUER, KID, NOW, Token};

static KEYS: LazyLock<Jwks> =
    LazyLock::new(|| Jwks::parse(&jwks(&[ED25519.jwk(KID, Some("EdDSA"))])).unwrap());

/// The claims of a good token, by the only way that leads to claims.
#[track_caller]
pub(crate) fn claims(token: Token) -> Claims {
    let policy = ClaimsPolicy {
        issuer: ISSUER.to_owned(),
        token_use: None,
        clients: Some(Accepted::Any),
        audiences: None,
        token_type: None,
        groups_claim: "cognito:groups",
        leeway_seconds: 0,
    };
    let compact = token.header("alg", "EdDSA").sign_with(&ED25519);
    let token = UnverifiedToken::parse(BearerToken::from_bare(&compact).unwrap()).unwrap();
    let key = KEYS.key(KID).unwrap();
    let payload = signature::verify(token, key, &[Algorithm::EdDSA]).unwrap();
    Claims::check(payload, &policy, Timestamp::from_seconds(NOW)).unwrap()
}

/// The method ARN of a request such as `GET` and `/books/1`.
#[track_caller]
fn arn(verb: &str, path: &str) -> MethodArn {
    MethodArn::parse(&format!("{STAGE}/{verb}{path}")).unwrap()
}

/// What the decision is: nothing for an allow, or the reason of the refusal.
fn decision(rules: &Rules, claims: &Claims, arn: &MethodArn) -> Option<DenyReason> {
    match decide(rules, claims, Some(arn)) {
        Decision::Allow(_) => None,
        Decision::Deny(refusal) => Some(refusal.reason()),
    }
}

/// The policy that answers a request, as API Gateway gets it.
#[track_caller]
fn policy(scope: PolicyScope, rules: &Rules, claims: &Claims, arn: &MethodArn) -> Value {
    serde_json::to_value(document(scope, rules, claims, arn)).unwrap()
}

#[track_caller]
fn document(scope: PolicyScope, rules: &Rules, claims: &Claims, arn: &MethodArn) -> PolicyDocument {
    let decision = decide(rules, claims, Some(arn));
    PolicyDocument::new(scope, rules, claims, arn, &decision).unwrap()
}
