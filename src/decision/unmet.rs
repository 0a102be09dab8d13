//! What a route asks for that a token or its request lacks, for whoever explains a refusal.

use crate::claims::Claims;
use crate::reason::DenyReason;
use crate::refusal::{Lack, RouteRefusal, Unmet};
use crate::route::{NamedRoute, Requirements, Route};

/// Those of the scopes that the token does not have.
pub(super) fn missing<'r>(scopes: &'r [String], claims: &Claims) -> Vec<&'r str> {
    let scopes = scopes.iter().map(String::as_str);
    scopes
        .filter(|scope| !claims.scopes().contains(scope))
        .collect()
}

/// What a request for `segments` lacks for a route that was refused for `reason`.
pub(super) fn of_route<'r>(
    route: &'r Route,
    candidates: &[&'r Route],
    claims: &Claims,
    segments: &[&str],
    reason: DenyReason,
) -> Unmet<'r> {
    let requirements = route.requirements();
    let mut lacks = of_token(requirements, claims);
    lacks.extend(of_bindings(route, claims, segments));
    if lacks.is_empty() {
        // Each claim is what stands in the path, so one of them is nothing that can be bound.
        let bind = requirements.bind.iter();
        lacks.extend(bind.map(|(param, claim)| Lack::BindableClaim { param, claim }));
    }
    Unmet::Route(RouteRefusal {
        name: route.name(),
        requirements,
        candidates: candidates.iter().map(|own| own.name()).collect(),
        reason,
        lacks,
    })
}

/// What a token lacks for a route by name that was refused for `reason`.
pub(super) fn of_named<'r>(
    route: &'r NamedRoute,
    claims: &Claims,
    reason: DenyReason,
) -> Unmet<'r> {
    Unmet::Route(RouteRefusal {
        name: route.name(),
        requirements: route.requirements(),
        candidates: vec![route.name()],
        reason,
        lacks: of_token(route.requirements(), claims),
    })
}

fn of_token<'r>(needs: &'r Requirements, claims: &Claims) -> Vec<Lack<'r>> {
    let has = |scope: &String| claims.scopes().contains(scope);
    let is_in = |group: &String| claims.groups().contains(group);
    let mut lacks = Vec::new();
    if !needs.issuers.is_empty() && !needs.issuers.iter().any(|own| own == claims.issuer()) {
        lacks.push(Lack::Issuer(&needs.issuers));
    }
    let scopes = missing(&needs.scopes, claims);
    if !scopes.is_empty() {
        lacks.push(Lack::Scopes(scopes));
    }
    if !needs.any_scope.is_empty() && !needs.any_scope.iter().any(has) {
        lacks.push(Lack::AnyScope(&needs.any_scope));
    }
    if let Some(lists) = &needs.any_of {
        let lists: Vec<_> = lists.iter().map(|list| missing(list, claims)).collect();
        if !lists.iter().any(Vec::is_empty) {
            lacks.push(Lack::Alternatives(lists));
        }
    }
    if !needs.any_group.is_empty() && !needs.any_group.iter().any(is_in) {
        lacks.push(Lack::AnyGroup(&needs.any_group));
    }
    lacks
}

fn of_bindings<'r>(route: &'r Route, claims: &Claims, segments: &[&str]) -> Vec<Lack<'r>> {
    let path = route.path();
    let value_of = |param: &str| {
        let mut pairs = path.split('/').skip(1).zip(segments);
        let found = pairs.find(|(name, _)| *name == format!("{{{param}}}"));
        found.map_or("", |(_, segment)| segment)
    };
    let bind = route.requirements().bind.iter();
    bind.filter_map(|(param, claim)| {
        let found = value_of(param);
        match claims.text(claim) {
            None => Some(Lack::Claim { param, claim }),
            Some(value) if value == found => None,
            Some(_) => Some(Lack::Bound {
                param,
                claim,
                found: found.to_owned(),
            }),
        }
    })
    .collect()
}
