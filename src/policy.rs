//! Step 8: the IAM policy, a function of the token for the whole API, so that it stays right
//! when API Gateway caches it and applies it to the token's next requests.

mod cover;
mod glob;

use std::borrow::Cow;

use serde::Serialize;

use crate::claims::Claims;
use crate::decision::{Decision, Rules};
use crate::event::MethodArn;
use crate::reason::DenyReason;
use crate::route::{RouteTable, Verb};

/// The longest resource of a policy, in characters ("Amazon API Gateway important notes").
pub const MAX_RESOURCE_CHARS: usize = 512;

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
    statement: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    #[serde(rename = "Effect")]
    effect: Effect,
    #[serde(rename = "Action")]
    action: &'static str,
    #[serde(rename = "Resource")]
    resource: Vec<String>,
}

/// The effect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are IAM's own")]
pub enum Effect {
    Allow,
    Deny,
}

impl Statement {
    /// The effect of this statement.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// The resources that it applies to.
    #[must_use]
    pub fn resource(&self) -> &[String] {
        &self.resource
    }
}

impl PolicyDocument {
    /// The policy of a genuine token, and the answer to the request at `arn` that `decision` is.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] if the request itself must be named in the policy and its ARN
    /// is longer than a resource may be.
    pub fn new(
        scope: PolicyScope,
        rules: &Rules,
        claims: &Claims,
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Result<Self, DenyReason> {
        let api = match &rules.table {
            _ if scope == PolicyScope::Request || !rules.has_required_scopes(claims) => {
                ApiCover::default()
            }
            None => ApiCover {
                allows: vec![format!("{}/*", arn.stage_arn())],
                ..ApiCover::default()
            },
            Some(table) => ApiCover::new(table, claims, arn, decision),
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
                    allows.push(concrete(arn)?);
                }
            }
            Decision::Deny(_) => {
                let callable = !allows.is_empty() || !api.inexpressible.is_empty();
                if scope == PolicyScope::Api && !callable {
                    return Ok(Self::refuse_all(arn));
                }
                denies.push(concrete(arn)?);
            }
        }
        Ok(Self::of(allows, denies))
    }

    /// The policy that refuses every request of the stage.
    #[must_use]
    pub fn refuse_all(arn: &MethodArn) -> Self {
        Self::of(Vec::new(), vec![format!("{}/*", arn.stage_arn())])
    }

    /// The statements, at most one per effect.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }

    fn of(allows: Vec<String>, denies: Vec<String>) -> Self {
        let statement = [(Effect::Allow, allows), (Effect::Deny, denies)]
            .into_iter()
            .filter(|(_, resource)| !resource.is_empty())
            .map(|(effect, mut resource)| {
                resource.sort_unstable();
                resource.dedup();
                Statement {
                    effect,
                    action: "execute-api:Invoke",
                    resource,
                }
            })
            .collect();
        Self {
            version: "2012-10-17",
            statement,
        }
    }
}

/// The request's own ARN as a resource. It holds no wildcard: [`MethodArn`] has seen to that.
fn concrete(arn: &MethodArn) -> Result<String, DenyReason> {
    if arn.as_str().chars().count() > MAX_RESOURCE_CHARS {
        return Err(DenyReason::InvalidPath);
    }
    Ok(arn.as_str().to_owned())
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

/// The resources of a whole API for one token.
#[derive(Default)]
struct ApiCover<'t> {
    allows: Vec<String>,
    denies: Vec<String>,
    /// Verb and name of each route that is open to the token but not said so by `allows`.
    inexpressible: Vec<(Verb, &'t str)>,
}

impl<'t> ApiCover<'t> {
    fn new(
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
        let named = table.named().iter().filter(|route| !route.is_field());
        let open = named.filter(|route| route.permits(claims).is_ok());
        api.allows
            .extend(open.map(|route| format!("{}/{}", arn.stage_arn(), route.name())));
        for column in table.columns() {
            let prefix = |verb: &Verb| format!("{}/{}/", arn.stage_arn(), verb.name());
            let prefixes: Vec<String> = column.verbs().iter().map(prefix).collect();
            let longest = prefixes.iter().map(String::len).max().unwrap_or_default();
            let room = MAX_RESOURCE_CHARS.saturating_sub(longest);
            let asked = path(arn).filter(|_| {
                let is_asked = |verb: &Verb| verb.name() == arn.verb();
                matches!(decision, Decision::Allow(_)) && column.verbs().iter().any(is_asked)
            });
            let cover = cover::cover(column, &permitted, room, asked);
            let inexpressible = cover.inexpressible.iter().filter_map(|at| routes.get(*at));
            for (verb, prefix) in column.verbs().iter().zip(&prefixes) {
                let resource = |path: &Cow<'_, str>| format!("{prefix}{path}");
                api.allows.extend(cover.allows.iter().map(resource));
                api.denies.extend(cover.denies.iter().map(resource));
                let named = inexpressible.clone().map(|route| (*verb, route.name()));
                api.inexpressible.extend(named);
            }
        }
        api
    }
}
