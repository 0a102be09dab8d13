//! The replies of an authorizer, free of nulls: API Gateway answers those with 500.

use serde::Serialize;

use crate::claims::Claims;
use crate::context::{self, Context};
use crate::decision::{Decision, Rules};
use crate::event::MethodArn;
use crate::policy::{PolicyDocument, PolicyScope};
use crate::reason::DenyReason;

/// What is answered to a request whose token is genuine, and to others if so configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    principal_id: String,
    policy_document: PolicyDocument,
    context: Context,
}

impl Reply {
    /// The reply to a request of a token with `claims`.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] as [`PolicyDocument::new`] says.
    pub fn new(
        scope: PolicyScope,
        rules: &Rules,
        claims: &Claims,
        extra_claims: &[String],
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Result<Self, DenyReason> {
        let refusal = match decision {
            Decision::Allow(_) => None,
            Decision::Deny(reason) => Some(*reason),
        };
        Ok(Self {
            principal_id: context::principal_id(claims),
            policy_document: PolicyDocument::new(scope, rules, claims, arn, decision)?,
            context: context::context(claims, extra_claims, refusal),
        })
    }

    /// The reply to a request without a valid token where `unauthorized = "deny"`.
    #[must_use]
    pub fn refuse(arn: &MethodArn, reason: DenyReason) -> Self {
        let error = ("error".to_owned(), reason.bearer_error().to_owned());
        Self {
            principal_id: "unauthorized".to_owned(),
            policy_document: PolicyDocument::refuse_all(arn),
            context: Context::from([error]),
        }
    }

    /// Who the reply is about.
    #[must_use]
    pub fn principal_id(&self) -> &str {
        &self.principal_id
    }

    /// The policy.
    #[must_use]
    pub const fn policy_document(&self) -> &PolicyDocument {
        &self.policy_document
    }

    /// The context that the back end receives.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }
}
