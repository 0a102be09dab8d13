//! Step 7: may this token do this? Total, pure, and a refusal wherever nothing says yes.

use crate::claims::Claims;
use crate::event::MethodArn;
use crate::reason::DenyReason;
use crate::route::{NamedRoute, Route, RouteTable, Verb};

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
}

/// The answer for one request.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'r> {
    /// The request may pass.
    Allow(Grant<'r>),
    /// The request may not pass.
    Deny(DenyReason),
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

/// Decides whether a token with `claims` may call what the ARN names, or, where there is none,
/// send queries to a GraphQL API.
///
/// A path that can be read in several ways (see [`RequestPath::readings`]) must be allowed in
/// each of them, and by each route that API Gateway may choose for it (see
/// [`RouteTable::candidates`]).
///
/// [`RequestPath::readings`]: crate::event::RequestPath::readings
#[must_use]
pub fn decide<'r>(rules: &'r Rules, claims: &Claims, arn: Option<&MethodArn>) -> Decision<'r> {
    let Some(arn) = arn else {
        return decide_graphql(rules, claims);
    };
    let (verb, path) = (arn.verb(), arn.path());
    let Some(table) = &rules.table else {
        return decide_without_route(rules, claims);
    };
    if let Some(route) = table.named().iter().find(|route| route.name() == verb) {
        return match decide_without_route(rules, claims) {
            Decision::Allow(_) => match route.permits(claims) {
                Ok(()) => Decision::Allow(Grant {
                    route: Some(route.name()),
                }),
                Err(reason) => Decision::Deny(reason),
            },
            refusal @ Decision::Deny(_) => refusal,
        };
    }
    let mut allowed = None;
    for reading in path.readings() {
        let segments: Vec<&str> = reading.iter().map(AsRef::as_ref).collect();
        match decide_reading(rules, table, claims, verb, &segments) {
            Ok(route) => allowed = allowed.or(Some(route)),
            Err(reason) => return Decision::Deny(reason),
        }
    }
    match allowed {
        Some(route) => Decision::Allow(Grant {
            route: Some(route.name()),
        }),
        None => Decision::Deny(DenyReason::NoMatchingRoute),
    }
}

/// Which fields queries may ask for, the reply says beside this decision; a table without any
/// field is not one for a GraphQL API.
fn decide_graphql<'r>(rules: &'r Rules, claims: &Claims) -> Decision<'r> {
    match &rules.table {
        Some(table) if !table.named().iter().any(NamedRoute::is_field) => {
            Decision::Deny(DenyReason::NoMatchingRoute)
        }
        Some(_) | None => decide_without_route(rules, claims),
    }
}

fn decide_without_route<'r>(rules: &Rules, claims: &Claims) -> Decision<'r> {
    if rules.has_required_scopes(claims) {
        Decision::Allow(Grant { route: None })
    } else {
        Decision::Deny(DenyReason::InsufficientScope)
    }
}

fn decide_reading<'r>(
    rules: &Rules,
    table: &'r RouteTable,
    claims: &Claims,
    verb: &str,
    segments: &[&str],
) -> Result<&'r Route, DenyReason> {
    let candidates = Verb::from_name(verb)
        .map(|verb| table.candidates(verb, segments))
        .unwrap_or_default();
    let first = *candidates.first().ok_or(DenyReason::NoMatchingRoute)?;
    if !rules.has_required_scopes(claims) {
        return Err(DenyReason::InsufficientScope);
    }
    for route in candidates {
        let bindings = route.permits(claims)?;
        if !route.is_bound(&bindings, segments) {
            return Err(DenyReason::NotBound);
        }
    }
    Ok(first)
}
