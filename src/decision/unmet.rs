//! What a route asks for that a token or its request lacks, for whoever explains a refusal.

use crate::claims::Claims;
use crate::reason::DenyReason;
use crate::refusal::{Lack, RouteRefusal, Unmet};
use crate::route::{Conditions, NamedRoute, Requirements, Route, bindable_values, is_spelled};

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
    let lacks_of = |own: &'r Conditions| {
        let mut lacks = of_conditions(own, claims);
        lacks.extend(of_bindings(&own.bind, route, claims, segments));
        lacks
    };
    let mut lacks = of_issuer(requirements, claims);
    lacks.extend(lacks_of(&requirements.all));
    lacks.extend(of_alternatives(requirements, lacks_of));
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
    let requirements = route.requirements();
    let lacks_of = |own: &'r Conditions| of_conditions(own, claims);
    let mut lacks = of_issuer(requirements, claims);
    lacks.extend(lacks_of(&requirements.all));
    lacks.extend(of_alternatives(requirements, lacks_of));
    Unmet::Route(RouteRefusal {
        name: route.name(),
        requirements,
        candidates: vec![route.name()],
        reason,
        lacks,
    })
}

fn of_issuer<'r>(needs: &'r Requirements, claims: &Claims) -> Vec<Lack<'r>> {
    let is_accepted =
        needs.issuers.is_empty() || needs.issuers.iter().any(|own| own == claims.issuer());
    if is_accepted {
        Vec::new()
    } else {
        vec![Lack::Issuer(&needs.issuers)]
    }
}

/// The scopes and groups of some conditions that the token does not have.
fn of_conditions<'r>(needs: &'r Conditions, claims: &Claims) -> Vec<Lack<'r>> {
    let has = |scope: &String| claims.scopes().contains(scope);
    let is_in = |group: &String| claims.groups().contains(group);
    let mut lacks = Vec::new();
    let scopes = missing(&needs.scopes, claims);
    if !scopes.is_empty() {
        lacks.push(Lack::Scopes(scopes));
    }
    if !needs.any_scope.is_empty() && !needs.any_scope.iter().any(has) {
        lacks.push(Lack::AnyScope(&needs.any_scope));
    }
    let groups: Vec<&str> = needs
        .groups
        .iter()
        .filter(|own| !is_in(own))
        .map(String::as_str)
        .collect();
    if !groups.is_empty() {
        lacks.push(Lack::Groups(groups));
    }
    if !needs.any_group.is_empty() && !needs.any_group.iter().any(is_in) {
        lacks.push(Lack::AnyGroup(&needs.any_group));
    }
    let require = needs.require.iter().filter(|own| !claims.meet(own));
    lacks.extend(require.map(Lack::Required));
    lacks
}

/// The alternatives, if each of them lacks something.
fn of_alternatives<'r>(
    needs: &'r Requirements,
    lacks_of: impl Fn(&'r Conditions) -> Vec<Lack<'r>>,
) -> Option<Lack<'r>> {
    let all: Vec<_> = needs.any_of.as_ref()?.iter().map(lacks_of).collect();
    (!all.iter().any(Vec::is_empty)).then_some(Lack::Alternatives(all))
}

/// The bound parameters of some conditions that are not what the token says.
fn of_bindings<'r>(
    bind: &'r [(String, String)],
    route: &Route,
    claims: &Claims,
    segments: &[&str],
) -> Vec<Lack<'r>> {
    let path = route.path();
    let value_of = |param: &str| {
        let mut pairs = path.split('/').skip(1).zip(segments);
        let found = pairs.find(|(name, _)| *name == format!("{{{param}}}"));
        found.map_or("", |(_, segment)| segment)
    };
    let lack = |(param, claim): &'r (String, String)| {
        let found = value_of(param);
        let Some(value) = claims.value(claim) else {
            return Some(Lack::Claim { param, claim });
        };
        let values = bindable_values(value);
        if values.is_empty() {
            Some(Lack::BindableClaim { param, claim })
        } else if values.iter().any(|own| is_spelled(own, found)) {
            None
        } else {
            Some(Lack::Bound {
                param,
                claim,
                found: found.to_owned(),
            })
        }
    };
    bind.iter().filter_map(lack).collect()
}
