//! The policy: what it says about the request that was asked, and about every later one that
//! meets it in API Gateway's cache.

mod cover;
pub(crate) mod iam;
mod limits;
mod orders;
mod property;
mod rest;
mod spelling;
mod text;
mod warnings;

use cognito_authorizer::claims::Claims;
use cognito_authorizer::decision::{Decision, Rules, decide};
use cognito_authorizer::event::MethodArn;
use cognito_authorizer::policy::{Policies, PolicyDocument, PolicyScope};
use cognito_authorizer::reason::DenyReason;
use serde_json::Value;

use crate::support::authorizer::STAGE;

/// The method ARN of a request such as `GET` and `/books/1`.
#[track_caller]
fn arn(verb: &str, path: &str) -> MethodArn {
    MethodArn::parse(&format!("{STAGE}/{verb}{path}")).unwrap()
}

/// What the decision is: nothing for an allow, or the reason of the refusal.
fn decision(rules: &Rules, claims: &Claims, arn: &MethodArn) -> Option<DenyReason> {
    match decide(rules, claims, &arn.into()) {
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
    document_of(&Policies::new(rules.clone()), scope, claims, arn)
}

#[track_caller]
fn document_of(
    policies: &Policies,
    scope: PolicyScope,
    claims: &Claims,
    arn: &MethodArn,
) -> PolicyDocument {
    let decision = decide(policies.rules(), claims, &arn.into());
    let decision = policies.express(scope, claims, arn, decision);
    policies.document(scope, claims, arn, &decision).unwrap()
}
