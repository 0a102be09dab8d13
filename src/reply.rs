//! The replies of an authorizer, free of nulls: API Gateway answers those with 500.

use serde::Serialize;

use crate::claims::Claims;
use crate::context::{self, Context};
use crate::decision::{Decision, Rules, decide};
use crate::event::{ApiKind, AuthorizationRequest, Operation};
use crate::policy::{Policies, PolicyDocument, PolicyScope};
use crate::reason::DenyReason;
use crate::route::NamedRoute;
use crate::time::Timestamp;

/// The longest time, in seconds, for which AppSync may reuse an answer: the default that its
/// documentation gives. The token's own end comes first.
const MAX_GRAPHQL_TTL_SECONDS: u64 = 300;

/// The longest reply that a WebSocket API takes, in bytes ("Quotas for configuring and running a
/// WebSocket API in API Gateway"); REST and HTTP APIs have no such quota.
pub const MAX_WEB_SOCKET_BYTES: usize = 8 * 1024;

/// How replies are written where the event does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyForm {
    /// What a policy covers.
    pub scope: PolicyScope,
    /// What HTTP APIs with payload format 2.0 expect.
    pub http_api_response: HttpApiResponse,
    /// Further claims for the back end.
    pub context_claims: Vec<String>,
}

/// What HTTP APIs with payload format 2.0 expect. Their authorizer is told so
/// (`EnableSimpleResponses`), but their events do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpApiResponse {
    /// An IAM policy.
    Iam,
    /// A simple response: yes or no, for the request at hand. Where results are cached, the
    /// identity sources must name `$context.httpMethod` and `$context.path`. A cached yes holds
    /// for all that has the same identity, and `$context.routeKey` is a mere pattern: it is the
    /// same for everybody's `/users/{id}` and for all that one `{proxy+}` takes.
    Simple,
}

/// What is answered to a request whose token is genuine, and to others if so configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// For REST, WebSocket and HTTP APIs.
    Policy(PolicyReply),
    /// For HTTP APIs with simple responses.
    Simple(SimpleReply),
    /// For AppSync.
    GraphQl(GraphQlReply),
}

/// A policy and who it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReply {
    principal_id: String,
    policy_document: PolicyDocument,
    context: Context,
}

impl PolicyReply {
    /// Leaves out the longest values of the context until the reply is no longer than that.
    fn fit(&mut self, bytes: usize) {
        let is_too_long = |own: &Self| serde_json::to_vec(own).is_ok_and(|own| own.len() > bytes);
        while is_too_long(self) && self.context.drop_longest() {}
    }
}

/// Yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleReply {
    is_authorized: bool,
    context: Context,
}

/// Yes or no, and which fields of the API the token may not ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphQlReply {
    is_authorized: bool,
    resolver_context: Context,
    denied_fields: Vec<String>,
    ttl_override: u64,
}

/// A request, the claims of its token, and what was decided about the two: all that a reply is made of.
/// As it is one value, no reply is made of one request and the decision about another.
#[derive(Debug)]
pub struct DecidedRequest<'r> {
    form: &'r ReplyForm,
    policies: &'r Policies,
    request: &'r AuthorizationRequest,
    claims: &'r Claims,
    decision: Decision<'r>,
}

impl<'r> DecidedRequest<'r> {
    /// Decides about a request. What is open to the token, but not to be said by the form that the reply
    /// will have, is refused; see [`Policies::express`].
    #[must_use]
    pub fn new(
        form: &'r ReplyForm,
        policies: &'r Policies,
        request: &'r AuthorizationRequest,
        claims: &'r Claims,
    ) -> Self {
        let decision = decide(policies.rules(), claims, request.operation());
        let decision = match request.operation() {
            Operation::Method(arn) | Operation::Connect(arn)
                if !wants_simple(form, request.kind()) =>
            {
                policies.express(form.scope, claims, arn, decision)
            }
            Operation::Method(_) | Operation::Connect(_) | Operation::GraphQl => decision,
        };
        Self {
            form,
            policies,
            request,
            claims,
            decision,
        }
    }

    /// What was decided.
    pub const fn decision(&self) -> &Decision<'r> {
        &self.decision
    }
}

impl Reply {
    /// The reply at `now` to a request of a genuine token.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] as [`Policies::document`] says.
    pub fn new(decided: &DecidedRequest<'_>, now: Timestamp) -> Result<Self, DenyReason> {
        let DecidedRequest {
            form,
            policies,
            request,
            claims,
            decision,
        } = decided;
        let refusal = match decision {
            Decision::Allow(_) => None,
            Decision::Deny(refusal) => Some(refusal.reason()),
        };
        let context = context::context(claims, &form.context_claims, refusal);
        let is_authorized = refusal.is_none();
        let arn = match request.operation() {
            Operation::Method(arn) | Operation::Connect(arn) => arn,
            Operation::GraphQl => {
                return Ok(Self::GraphQl(GraphQlReply {
                    is_authorized,
                    resolver_context: context,
                    denied_fields: denied_fields(policies.rules(), claims),
                    ttl_override: claims
                        .exp()
                        .seconds()
                        .saturating_sub(now.as_millis() / 1000)
                        .min(MAX_GRAPHQL_TTL_SECONDS),
                }));
            }
        };
        if wants_simple(form, request.kind()) {
            return Ok(Self::Simple(SimpleReply {
                is_authorized,
                context,
            }));
        }
        let mut reply = PolicyReply {
            principal_id: context::principal_id(claims),
            policy_document: policies.document(form.scope, claims, arn, decision)?,
            context,
        };
        if request.kind() == ApiKind::WebSocket {
            reply.fit(MAX_WEB_SOCKET_BYTES);
        }
        Ok(Self::Policy(reply))
    }

    /// The policy, if the reply is one.
    #[must_use]
    pub const fn policy(&self) -> Option<&PolicyDocument> {
        match self {
            Self::Policy(reply) => Some(&reply.policy_document),
            Self::Simple(_) | Self::GraphQl(_) => None,
        }
    }

    /// The reply to a request without a valid token, where it is to be one and not an error.
    #[must_use]
    pub fn refuse(form: &ReplyForm, request: &AuthorizationRequest, reason: DenyReason) -> Self {
        let context = Context::of_error(reason);
        let arn = match request.operation() {
            Operation::Method(arn) | Operation::Connect(arn) => arn,
            Operation::GraphQl => {
                return Self::GraphQl(GraphQlReply {
                    is_authorized: false,
                    resolver_context: context,
                    denied_fields: Vec::new(),
                    // A key that is not known yet may be known a moment later.
                    ttl_override: 0,
                });
            }
        };
        if wants_simple(form, request.kind()) {
            return Self::Simple(SimpleReply {
                is_authorized: false,
                context,
            });
        }
        Self::Policy(PolicyReply {
            principal_id: "unauthorized".to_owned(),
            policy_document: PolicyDocument::refuse_all(arn),
            context,
        })
    }
}

fn wants_simple(form: &ReplyForm, kind: ApiKind) -> bool {
    kind == ApiKind::Http2 && form.http_api_response == HttpApiResponse::Simple
}

/// The fields of the table that the token may not ask for, as AppSync names them.
fn denied_fields(rules: &Rules, claims: &Claims) -> Vec<String> {
    let named = rules.table.iter().flat_map(|table| table.named());
    named
        .filter(|route| route.is_field() && route.permits(claims).is_err())
        .map(NamedRoute::name)
        .map(str::to_owned)
        .collect()
}
