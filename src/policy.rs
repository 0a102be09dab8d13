//! Step 8: the IAM policy, for the whole API where one policy can say it, so that it stays right
//! when API Gateway caches it and applies it to the token's next requests.
//!
//! Three things make it. `path_set` are sets of paths, and `resource` is what a resource of IAM, whose
//! `*` crosses `/`, matches of them. `plan` is worked out once for a route table: the Allow of each
//! route with its obligations, which are what must be denied with it if that is closed, and each Deny
//! with the routes that it would hit. `choose` takes of the plan what says of a token's routes what the
//! decision says. `limits` asks the same choice for the worst token that there could be, and tells the
//! operator what one policy cannot say.
//!
//! # An example
//!
//! ```text
//! open    GET /books/{id}        the paths  books ANY            the resource  GET/books/*
//! closed  GET /books/new                    books "new"                        GET/books/new
//! closed  GET /books/{id}/loans             books ANY "loans"                  GET/books/*/loans
//!
//! GET/books/* matches more than the route:
//!     books ANY ANY REST     the excess where the parameter is two segments or more
//!     books ""               the excess where the `*` is nothing (HTTP APIs)
//!
//! Obligations of the Allow GET/books/*                       How they are met
//!     of GET /books/new: books "new"                         - GET/books/new
//!     of the excess books ANY ANY REST                       - GET/books/*/*
//!     of GET /books/{id}/loans, in that excess               by the same Deny
//!     of the excess books ""                                 - GET/books/
//! ```
//!
//! Were `GET /books/{id}/loans` open too, then `GET/books/*/*` would hit it, and cannot be written: what is
//! known there is denied by what it has in common with the Allow, and the rest is let through, which
//! `limits` tells of. Were something known that cannot be denied without hitting what is open, the
//! Allow would be left out, and a request for the route be allowed by its own ARN alone.

mod choose;
mod document;
mod glob;
mod limits;
mod path_set;
mod plan;
mod resource;
mod resource_list;
mod spelling;
mod token;
mod warning;
mod whole_api;

use std::sync::OnceLock;

use crate::claims::Claims;
use crate::decision::{Decision, Rules};
use crate::event::{MethodArn, TrailingSlash};
use crate::reason::DenyReason;
use crate::route::RouteTable;

use self::document::{path, whole_stage};
use self::plan::Plan;
use self::resource_list::Resources;
use self::token::TokenAccess;
use self::whole_api::{ApiPolicy, Draft};

pub use self::document::{
    Evaluation, MAX_POLICY_CHARS, MAX_RESOURCE_CHARS, PolicyDocument, PolicyScope,
};
pub use self::warning::Warning;

/// The policies of some rules. What they are made of is worked out when it is first needed.
#[derive(Debug)]
pub struct Policies {
    rules: Rules,
    rest: OnceLock<Plan>,
    http: OnceLock<Plan>,
}

impl Policies {
    /// The policies of these rules.
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        Self {
            rules,
            rest: OnceLock::new(),
            http: OnceLock::new(),
        }
    }

    /// What the policies say.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    fn plan(&self, table: &RouteTable, slash: TrailingSlash) -> &Plan {
        let plan = match slash {
            TrailingSlash::Significant => &self.http,
            TrailingSlash::Ignored => &self.rest,
        };
        plan.get_or_init(|| Plan::compile(table, slash))
    }

    /// What an operator should know before the first request.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning<'_>> {
        let table = self.rules.table.as_ref();
        let warnings = |table| {
            let http = self.plan(table, TrailingSlash::Significant);
            let rest = self.plan(table, TrailingSlash::Ignored);
            let mut warnings = limits::warnings(table, http);
            warnings.extend(limits::too_large(table, http, rest));
            warnings
        };
        table.map(warnings).unwrap_or_default()
    }

    /// What the policy for a whole API can say of a decision: an allowed request that it could not tell
    /// from others that are closed is refused for itself, and the token's policy stays what it is.
    ///
    /// Such is a call of an HTTP API's `$default`, of which a policy can only open all at once, and a
    /// path that percent-encodes a character of a literal, which the policy denies.
    pub fn express<'r>(
        &self,
        scope: PolicyScope,
        claims: &Claims,
        arn: &MethodArn,
        decision: Decision<'r>,
    ) -> Decision<'r> {
        let is_expressible = match scope {
            PolicyScope::Request => true,
            PolicyScope::Api if arn.is_connect() => true,
            PolicyScope::Api if arn.is_default() => self.rules.opens_everything(claims),
            PolicyScope::Api => !self.is_misspelled(arn),
        };
        if is_expressible {
            decision
        } else {
            decision.refuse_inexpressible()
        }
    }

    /// Whether a policy of the table denies the path for its spelling: a literal's `@`, say, that it
    /// holds percent-encoded, as it may in the place of a parameter.
    fn is_misspelled(&self, arn: &MethodArn) -> bool {
        let path = path(arn).filter(|path| path.contains('%'));
        let (Some(path), Some(table)) = (path, &self.rules.table) else {
            return false;
        };
        let plan = self.plan(table, arn.trailing_slash());
        plan.misspelled.iter().any(|own| glob::meet(own, path))
    }

    /// The policy of a genuine token, and the answer to the request at `arn` that `decision` is.
    /// A WebSocket API asks for nothing but `$connect`, and takes 8 KB of an answer, so it gets
    /// that alone. `decision` is what [`Policies::express`] makes of it.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] if the request itself must be named in the policy and its ARN
    /// is longer than a resource may be, or is the one of all calls of `$default`, which are open.
    pub fn document(
        &self,
        scope: PolicyScope,
        claims: &Claims,
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Result<PolicyDocument, DenyReason> {
        let is_api = scope == PolicyScope::Api && !arn.is_connect();
        let api = is_api.then(|| self.of_api(claims, arn, decision)).flatten();
        let Some(ApiPolicy {
            mut allows,
            mut denies,
            can_call,
        }) = api
        else {
            return of_request(arn, decision);
        };
        let names = |own: &str| glob::meet(own, arn.as_str());
        match decision {
            Decision::Allow(_) => {
                if !allows.iter().any(names) {
                    allows.insert(concrete(arn)?);
                }
            }
            Decision::Deny(_) if !can_call => return Ok(PolicyDocument::refuse_all(arn)),
            Decision::Deny(_) => {
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
        Ok(PolicyDocument::of(allows, denies))
    }

    /// What the policy says of the whole API; nothing if that is more than it may hold.
    fn of_api(
        &self,
        claims: &Claims,
        arn: &MethodArn,
        decision: &Decision<'_>,
    ) -> Option<ApiPolicy> {
        let has_scopes = self.rules.has_required_scopes(claims);
        match &self.rules.table {
            _ if !has_scopes => Some(ApiPolicy::default()),
            None => Some(ApiPolicy {
                allows: whole_stage(arn),
                can_call: true,
                ..ApiPolicy::default()
            }),
            Some(table) => {
                let plan = self.plan(table, arn.trailing_slash());
                let access = TokenAccess::new(table, plan, claims)?;
                let mut draft = Draft::new(plan, &access, arn, decision);
                let mut named = table.named().iter();
                if let Some(default) = named.find(|route| route.is_default()) {
                    let opens = self.rules.opens_everything(claims);
                    draft.add_default(default, opens);
                }
                draft.finish()
            }
        }
    }
}

/// The policy of the request alone.
fn of_request(arn: &MethodArn, decision: &Decision<'_>) -> Result<PolicyDocument, DenyReason> {
    let own: Resources = [concrete(arn)?].into_iter().collect();
    Ok(match decision {
        Decision::Allow(_) => PolicyDocument::of(own, Resources::default()),
        Decision::Deny(_) => PolicyDocument::of(Resources::default(), own),
    })
}

/// The request's own ARN as a resource. It holds no wildcard: [`MethodArn`] has seen to that.
fn concrete(arn: &MethodArn) -> Result<&str, DenyReason> {
    if arn.as_str().chars().count() > MAX_RESOURCE_CHARS {
        return Err(DenyReason::InvalidPath);
    }
    Ok(arn.as_str())
}
