//! An IAM policy document, and what IAM makes of one.

use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use serde::Serialize;

use crate::event::MethodArn;
use crate::policy::glob;

use crate::policy::resource_list::Resources;

/// The longest resource of a policy, in characters ("Amazon API Gateway important notes").
pub const MAX_RESOURCE_CHARS: usize = 512;

/// The longest policy for a whole API, in characters. AWS names no limit for authorizers; policies past
/// the size of a role's (10,240 characters, "IAM and AWS STS quotas") were reported to fail.
pub const MAX_POLICY_CHARS: usize = 8_192;

/// What a policy has beside its resources, in characters, and at least: version, effects, actions.
pub(super) const FRAME_CHARS: usize = 200;

/// What a policy covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyScope {
    /// Every route of the API that the token may call: right under result caching.
    Api,
    /// The request that was asked about and nothing else, for APIs without result caching.
    Request,
}

/// An IAM policy document (IAM JSON policy reference). It never holds a null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyDocument {
    #[serde(rename = "Version")]
    version: &'static str,
    #[serde(rename = "Statement")]
    statement: Vec<IamPolicyStatement>,
}

/// What IAM makes of a policy and a request ("Policy evaluation logic", IAM user guide).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluation {
    /// An Allow names the request, and no Deny does.
    Allow,
    /// A Deny names the request.
    ExplicitDeny,
    /// Nothing names the request.
    ImplicitDeny,
}

impl PolicyDocument {
    /// The policy that refuses every request of the stage.
    #[must_use]
    pub fn refuse_all(arn: &MethodArn) -> Self {
        Self::of(Resources::default(), whole_stage(arn))
    }

    /// The statements, at most one per effect.
    #[must_use]
    pub fn statements(&self) -> &[IamPolicyStatement] {
        &self.statement
    }

    /// What a cached policy says of the request at `arn`.
    #[must_use]
    pub fn evaluate(&self, arn: &MethodArn) -> Evaluation {
        let names = |effect: IamPolicyEffect| {
            let mut statements = self.statement.iter();
            statements.any(|own| {
                let mut resources = own.resource.iter();
                own.effect == effect && resources.any(|own| glob::meet(own, arn.as_str()))
            })
        };
        if names(IamPolicyEffect::Deny) {
            Evaluation::ExplicitDeny
        } else if names(IamPolicyEffect::Allow) {
            Evaluation::Allow
        } else {
            Evaluation::ImplicitDeny
        }
    }

    pub(super) fn of(allows: Resources, denies: Resources) -> Self {
        let statement = [
            (IamPolicyEffect::Allow, allows),
            (IamPolicyEffect::Deny, denies),
        ]
        .into_iter()
        .filter(|(_, resources)| !resources.is_empty())
        .map(|(effect, resources)| {
            // The builder does not build without an effect; the default would be to allow.
            IamPolicyStatement::builder()
                .effect(effect)
                .action(vec!["execute-api:Invoke".to_owned()])
                .resource(resources.iter().map(str::to_owned).collect())
                .build()
        })
        .collect();
        Self {
            version: "2012-10-17",
            statement,
        }
    }
}

/// The resource of every request of the stage.
pub(super) fn whole_stage(arn: &MethodArn) -> Resources {
    let mut resources = Resources::default();
    resources.push(&[arn.stage_arn(), "/*"]);
    resources
}

/// What stands behind `stage/VERB/`, as the resources of a plan do. Nothing if not even the slash is
/// there, so that no resource for the root matches.
pub(super) fn path(arn: &MethodArn) -> Option<&str> {
    let resource = arn
        .as_str()
        .strip_prefix(arn.stage_arn())?
        .strip_prefix('/')?;
    resource.strip_prefix(arn.verb())?.strip_prefix('/')
}
