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

    fn permit(&self, claims: &Claims) -> Result<(), DenyReason> {
        if self.has_required_scopes(claims) {
            Ok(())
        } else {
            Err(DenyReason::InsufficientScope)
        }
    }
}

/// The answer for one request.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub enum Decision<'r> {
    /// The request may pass.
    Allow(Grant<'r>),
    /// The request may not pass.
    Deny(Refusal<'r>),
}

impl Decision<'_> {
    /// A refusal where it allows, as what is answered cannot say so.
    pub(crate) const fn refuse_inexpressible(self) -> Self {
        match self {
            Self::Allow(Grant { route }) => {
                Self::Deny(Refusal::new(DenyReason::NotExpressible, route))
            }
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

/// Why a request was refused, and at which route.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'r> {
    reason: DenyReason,
    route: Option<&'r str>,
}

impl<'r> Refusal<'r> {
    /// Why.
    #[must_use]
    pub const fn reason(self) -> DenyReason {
        self.reason
    }

    /// The name of the route whose condition does not hold, or, if the token lacks a scope that
    /// everything needs, of the one that was called; `None` where there is no route.
    #[must_use]
    pub const fn route(self) -> Option<&'r str> {
        self.route
    }

    const fn new(reason: DenyReason, route: Option<&'r str>) -> Self {
        Self { reason, route }
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
pub fn decide<'r>(rules: &'r Rules, claims: &Claims, arn: Option<&MethodArn>) -> Decision<'r> {
    let Some(arn) = arn else {
        return decide_graphql(rules, claims);
    };
    let verb = arn.method();
    let Some(table) = &rules.table else {
        return decide_without_route(rules, claims);
    };
    let mut named = table.named().iter();
    if let Some(route) = named.find(|route| arn.is_connect() && route.name() == verb) {
        let name = Some(route.name());
        let permitted = rules.permit(claims).and_then(|()| route.permits(claims));
        return match permitted {
            Ok(()) => Decision::Allow(Grant { route: name }),
            Err(reason) => Decision::Deny(Refusal::new(reason, name)),
        };
    }
    let mut allowed = None;
    for reading in arn.readings() {
        let segments: Vec<&str> = reading.iter().map(AsRef::as_ref).collect();
        match decide_reading(rules, table, claims, verb, &segments) {
            Ok(route) => allowed = allowed.or(Some(route)),
            Err(refusal) => return Decision::Deny(refusal),
        }
    }
    match allowed {
        Some(route) => Decision::Allow(Grant {
            route: Some(route.name()),
        }),
        None => Decision::Deny(Refusal::new(DenyReason::NoMatchingRoute, None)),
    }
}

/// Which fields queries may ask for, the reply says beside this decision; a table without any
/// field is not one for a GraphQL API.
fn decide_graphql<'r>(rules: &'r Rules, claims: &Claims) -> Decision<'r> {
    match &rules.table {
        Some(table) if !table.named().iter().any(NamedRoute::is_field) => {
            Decision::Deny(Refusal::new(DenyReason::NoMatchingRoute, None))
        }
        Some(_) | None => decide_without_route(rules, claims),
    }
}

fn decide_without_route<'r>(rules: &Rules, claims: &Claims) -> Decision<'r> {
    match rules.permit(claims) {
        Ok(()) => Decision::Allow(Grant { route: None }),
        Err(reason) => Decision::Deny(Refusal::new(reason, None)),
    }
}

fn decide_reading<'r>(
    rules: &Rules,
    table: &'r RouteTable,
    claims: &Claims,
    verb: &str,
    segments: &[&str],
) -> Result<&'r Route, Refusal<'r>> {
    let candidates = Verb::from_name(verb)
        .map(|verb| table.candidates(verb, segments))
        .unwrap_or_default();
    let first = *candidates
        .first()
        .ok_or(Refusal::new(DenyReason::NoMatchingRoute, None))?;
    let refused_at = |route: &'r Route| move |reason| Refusal::new(reason, Some(route.name()));
    rules.permit(claims).map_err(refused_at(first))?;
    for route in candidates {
        let access = route.permits(claims).map_err(refused_at(route))?;
        if !access.admits(segments) {
            return Err(refused_at(route)(DenyReason::NotBound));
        }
    }
    Ok(first)
}
