//! Step 7: may this token do this? Total, pure, and a refusal wherever nothing says yes.

mod unmet;

use crate::claims::Claims;
use crate::event::{MethodArn, Operation};
use crate::reason::DenyReason;
use crate::refusal::{Refusal, Unmet};
use crate::route::{NamedRoute, Route, RouteTable, Verb};

/// How much of what is unmet is told: a hostile path may have hundreds of readings.
const MAX_UNMET: usize = 16;

/// What the configuration says about every token that is genuine.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Scopes that are needed for everything.
    pub required_scopes: Vec<String>,
    /// The routes; without a table every resource is open to a token with the required scopes.
    pub table: Option<RouteTable>,
}

impl Rules {
    /// Whether the token has the scopes that everything needs.
    #[must_use]
    pub fn has_required_scopes(&self, claims: &Claims) -> bool {
        self.required_scopes
            .iter()
            .all(|scope| claims.scopes().contains(scope))
    }

    /// Whether every path of an HTTP API is open to the token, as one call of its route `$default` is
    /// not told from another by a policy.
    #[must_use]
    pub fn opens_everything(&self, claims: &Claims) -> bool {
        let is_open = |table: &RouteTable| {
            let mut routes = table.routes().iter();
            let mut named = table.named().iter();
            let default = named.find(|route| route.is_default());
            default.is_some_and(|route| route.permits(claims).is_ok())
                && routes.all(|route| {
                    route
                        .permits(claims)
                        .is_ok_and(|access| access.is_unbound())
                })
        };
        self.has_required_scopes(claims) && self.table.as_ref().is_none_or(is_open)
    }

    /// The scopes that everything needs and the token lacks, if it lacks any. `route` is the one that
    /// was called.
    fn lacking<'r>(&'r self, claims: &Claims, route: Option<&'r str>) -> Option<Unmet<'r>> {
        let missing = unmet::missing(&self.required_scopes, claims);
        (!missing.is_empty()).then_some(Unmet::RequiredScopes { route, missing })
    }
}

/// The answer for one request.
#[derive(Clone, Debug)]
#[must_use]
pub enum Decision<'r> {
    /// The request may pass.
    Allow(Grant<'r>),
    /// The request may not pass.
    Deny(Refusal<'r>),
}

impl Decision<'_> {
    /// A refusal where it allows, as what is answered cannot say so.
    pub(crate) fn refuse_inexpressible(self) -> Self {
        match self {
            Self::Allow(Grant { route }) => deny(Unmet::Inexpressible { route }),
            Self::Deny(_) => self,
        }
    }
}

/// The proof that [`decide`] allowed a request.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'r> {
    route: Option<&'r str>,
}

impl<'r> Grant<'r> {
    /// The name of the route that was called; `None` where no table is configured or, as with
    /// AppSync, the call is not known yet.
    #[must_use]
    pub const fn route(self) -> Option<&'r str> {
        self.route
    }
}

/// Decides whether a token with `claims` may do what an API asks about.
///
/// A path that can be read in several ways (see [`RequestPath::readings`]) must be allowed in
/// each of them, and by each route that API Gateway may choose for it (see
/// [`RouteTable::candidates`]).
///
/// [`RequestPath::readings`]: crate::event::RequestPath::readings
pub fn decide<'r>(rules: &'r Rules, claims: &Claims, operation: &Operation) -> Decision<'r> {
    match (&rules.table, operation) {
        (Some(table), Operation::Method(arn)) => decide_method(rules, table, claims, arn),
        (Some(table), Operation::Connect(arn)) => decide_connect(rules, table, claims, arn),
        (Some(table), Operation::GraphQl) if !table.named().iter().any(NamedRoute::is_field) => {
            deny(Unmet::NoField)
        }
        // Which fields queries may ask for, the reply says beside this decision.
        (Some(_), Operation::GraphQl) | (None, _) => match rules.lacking(claims, None) {
            None => Decision::Allow(Grant { route: None }),
            Some(unmet) => deny(unmet),
        },
    }
}

fn deny(unmet: Unmet<'_>) -> Decision<'_> {
    Decision::Deny(Refusal::of_decision(unmet, []))
}

fn decide_connect<'r>(
    rules: &'r Rules,
    table: &'r RouteTable,
    claims: &Claims,
    arn: &MethodArn,
) -> Decision<'r> {
    let mut named = table.named().iter();
    let Some(route) = named.find(|route| route.name() == arn.verb()) else {
        return deny(no_route(arn.verb(), &[]));
    };
    let required = rules.lacking(claims, Some(route.name()));
    let refused = route.permits(claims).err();
    let refused = refused.map(|reason| unmet::of_named(route, claims, reason));
    let mut unmet = required.into_iter().chain(refused);
    match unmet.next() {
        None => Decision::Allow(Grant {
            route: Some(route.name()),
        }),
        Some(first) => Decision::Deny(Refusal::of_decision(first, unmet)),
    }
}

fn decide_method<'r>(
    rules: &'r Rules,
    table: &'r RouteTable,
    claims: &Claims,
    arn: &MethodArn,
) -> Decision<'r> {
    let mut allowed = None;
    let mut unmet: Vec<Unmet<'r>> = Vec::new();
    for reading in arn.readings() {
        let segments: Vec<&str> = reading.iter().map(AsRef::as_ref).collect();
        match decide_reading(rules, table, claims, arn.method(), &segments) {
            Ok(route) => allowed = allowed.or(Some(route)),
            Err(own) => {
                let new: Vec<_> = own.into_iter().filter(|own| !unmet.contains(own)).collect();
                unmet.extend(new);
            }
        }
        if unmet.len() >= MAX_UNMET {
            break;
        }
    }
    let mut unmet = unmet.into_iter();
    match (unmet.next(), allowed) {
        (None, Some(route)) => Decision::Allow(Grant {
            route: Some(route.name()),
        }),
        (Some(first), _) => Decision::Deny(Refusal::of_decision(first, unmet)),
        (None, None) => deny(no_route(arn.method(), &[])),
    }
}

/// The route that is called, or what is missing for it and for those that may be called in its place.
fn decide_reading<'r>(
    rules: &'r Rules,
    table: &'r RouteTable,
    claims: &Claims,
    method: &str,
    segments: &[&str],
) -> Result<&'r Route, Vec<Unmet<'r>>> {
    let candidates = Verb::from_name(method)
        .map(|verb| table.candidates(verb, segments))
        .unwrap_or_default();
    let Some(first) = candidates.first().copied() else {
        return Err(vec![no_route(method, segments)]);
    };
    let mut unmet: Vec<_> = rules
        .lacking(claims, Some(first.name()))
        .into_iter()
        .collect();
    for route in &candidates {
        let reason = match route.permits(claims) {
            Ok(access) if access.admits(segments) => continue,
            Ok(_) => DenyReason::NotBound,
            Err(reason) => reason,
        };
        unmet.push(unmet::of_route(
            route,
            &candidates,
            claims,
            segments,
            reason,
        ));
    }
    if unmet.is_empty() {
        Ok(first)
    } else {
        Err(unmet)
    }
}

fn no_route<'r>(method: &str, segments: &[&str]) -> Unmet<'r> {
    Unmet::NoRoute {
        method: method.to_owned(),
        segments: segments.iter().map(|own| (*own).to_owned()).collect(),
    }
}
