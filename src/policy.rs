//! Step 8: the IAM policy, for the whole API where one policy can say it, so that it stays right
//! when API Gateway caches it and applies it to the token's next requests.

mod cover;
mod glob;
mod resources;

use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use serde::Serialize;

use crate::claims::Claims;
use crate::decision::{Decision, Rules};
use crate::event::MethodArn;
use crate::reason::DenyReason;
use crate::route::{Column, RouteTable, Verb};

use self::cover::{Cover, View};

pub use self::resources::Resources;
pub use crate::route::MAX_RESOURCE_CHARS;

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
    /// The policy of a genuine token, and the answer to the request at `arn` that `decision` is.
    /// A WebSocket API asks for nothing but `$connect`, and takes 8 KB of an answer, so it gets
    /// that alone. `decision` is what [`express`] makes of it.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] if the request itself must be named in the policy and its ARN
    /// is longer than a resource may be, or is the one of all calls of `$default`, which are open.
    pub fn new(
        scope: PolicyScope,
        rules: &Rules,
        claims: &Claims,
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Result<Self, DenyReason> {
        let scope = if arn.is_connect() {
            PolicyScope::Request
        } else {
            scope
        };
        let api = match &rules.table {
            _ if scope == PolicyScope::Request || !rules.has_required_scopes(claims) => {
                ApiCover::default()
            }
            None => ApiCover {
                allows: whole_stage(arn),
                ..ApiCover::default()
            },
            Some(table) => ApiCover::new(rules, table, claims, arn, decision),
        };
        let (mut allows, mut denies) = (api.allows, api.denies);
        match decision {
            Decision::Allow(grant) => {
                let called = grant.route();
                let is_called = |(verb, name): &(Verb, &str)| {
                    verb.name() == arn.verb() && called == Some(*name)
                };
                let expressed = scope == PolicyScope::Api
                    && path(arn).is_some()
                    && !api.inexpressible.iter().any(is_called);
                if !expressed {
                    allows.insert(concrete(arn)?);
                }
            }
            Decision::Deny(_) => {
                let callable = !allows.is_empty() || !api.inexpressible.is_empty();
                if scope == PolicyScope::Api && !callable {
                    return Ok(Self::refuse_all(arn));
                }
                let names = |own: &str| glob::meet(own, arn.as_str());
                if !denies.iter().any(names) {
                    // One call of `$default` is not told from another, nor is a request whose own path
                    // is not the ARN's from one whose path is: a Deny would close them all.
                    let is_of_others = arn.is_default() || arn.is_contradicted();
                    if is_of_others && allows.iter().any(names) {
                        return Err(DenyReason::InvalidPath);
                    }
                    denies.insert(concrete(arn)?);
                }
            }
        }
        Ok(Self::of(allows, denies))
    }

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

    fn of(allows: Resources, denies: Resources) -> Self {
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

/// What the policy for a whole API can say of a decision: an allowed request that it could not tell
/// from others that are closed is refused for itself, and the token's policy stays what it is.
///
/// Such is a call of an HTTP API's `$default`, of which a policy can only open all at once, and a
/// path that percent-encodes a character of a literal, which the policy denies.
pub fn express<'r>(
    scope: PolicyScope,
    rules: &Rules,
    claims: &Claims,
    arn: &MethodArn,
    decision: Decision<'r>,
) -> Decision<'r> {
    let is_expressible = match scope {
        PolicyScope::Request => true,
        PolicyScope::Api if arn.is_connect() => true,
        PolicyScope::Api if arn.is_default() => rules.opens_everything(claims),
        PolicyScope::Api => !is_misspelled(rules.table.as_ref(), arn),
    };
    if is_expressible {
        decision
    } else {
        decision.refuse_inexpressible()
    }
}

/// Whether a policy of the table denies the path for its spelling: a literal's `@`, say, that it
/// holds percent-encoded, as it may in the place of a parameter.
fn is_misspelled(table: Option<&RouteTable>, arn: &MethodArn) -> bool {
    let path = path(arn).filter(|path| path.contains('%'));
    let mut resources = table.into_iter().flat_map(RouteTable::misspelled);
    path.is_some_and(|path| resources.any(|own| glob::meet(own, path)))
}

/// The resource of every request of the stage.
fn whole_stage(arn: &MethodArn) -> Resources {
    let mut resources = Resources::default();
    resources.push(&[arn.stage_arn(), "/*"]);
    resources
}

/// The request's own ARN as a resource. It holds no wildcard: [`MethodArn`] has seen to that.
fn concrete(arn: &MethodArn) -> Result<&str, DenyReason> {
    if arn.as_str().chars().count() > MAX_RESOURCE_CHARS {
        return Err(DenyReason::InvalidPath);
    }
    Ok(arn.as_str())
}

/// What stands behind `stage/VERB/`, as the resources of a [`cover::Cover`] do. Nothing if not even
/// the slash is there, so that no resource for the root matches.
fn path(arn: &MethodArn) -> Option<&str> {
    let resource = arn
        .as_str()
        .strip_prefix(arn.stage_arn())?
        .strip_prefix('/')?;
    resource.strip_prefix(arn.verb())?.strip_prefix('/')
}

/// The resources of a whole API for one token, in order.
#[derive(Default)]
struct ApiCover<'t> {
    allows: Resources,
    denies: Resources,
    /// Verb and name of each route that is open to the token but not said so by `allows`.
    inexpressible: Vec<(Verb, &'t str)>,
}

impl<'t> ApiCover<'t> {
    fn new(
        rules: &Rules,
        table: &'t RouteTable,
        claims: &Claims,
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Self {
        let routes = table.routes();
        let permitted: Vec<_> = routes
            .iter()
            .map(|route| route.permits(claims).ok())
            .collect();
        let mut api = Self::default();
        for route in table.named().iter().filter(|route| route.is_default()) {
            let list = if rules.opens_everything(claims) {
                &mut api.allows
            } else {
                &mut api.denies
            };
            list.push(&[arn.stage_arn(), "/", route.name()]);
        }
        for resource in table.misspelled() {
            api.denies.push(&[arn.stage_arn(), "/", resource]);
        }
        let mut covers: Vec<(&Column, Cover)> = Vec::new();
        for column in table.columns() {
            let longest = column.verbs().iter().map(|verb| verb.name().len()).max();
            let prefix = arn
                .stage_arn()
                .len()
                .saturating_add(longest.unwrap_or_default());
            let view = View {
                column,
                permitted: &permitted,
                room: MAX_RESOURCE_CHARS.saturating_sub(prefix.saturating_add(2)),
                asked: path(arn).filter(|_| {
                    let is_asked = |verb: &Verb| verb.name() == arn.verb();
                    matches!(decision, Decision::Allow(_)) && column.verbs().iter().any(is_asked)
                }),
            };
            covers.push((column, view.cover()));
        }
        let lists: Vec<_> = covers
            .iter()
            .map(|(column, cover)| {
                let resources = [&cover.allows, &cover.denies].map(|list| list.resources(column));
                (column, cover, resources)
            })
            .collect();
        for verb in Verb::ALL {
            let mut of_verb = lists.iter();
            let Some((_, cover, [allows, denies])) =
                of_verb.find(|(column, ..)| column.verbs().contains(&verb))
            else {
                continue;
            };
            for (paths, list) in [(allows, &mut api.allows), (denies, &mut api.denies)] {
                for path in paths {
                    list.push(&[arn.stage_arn(), "/", verb.name(), "/", path]);
                }
            }
            let inexpressible = cover.inexpressible.iter().filter_map(|at| routes.get(*at));
            api.inexpressible
                .extend(inexpressible.map(|route| (verb, route.name())));
        }
        api
    }
}
