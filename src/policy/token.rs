//! What is open to one token, as the chooser asks it.

use crate::claims::Claims;
use crate::percent::spellings;
use crate::policy::choose::Openness;
use crate::policy::glob;
use crate::policy::plan::Plan;
use crate::policy::resource::fill;
use crate::route::{Access, Bindings, RouteId, RouteTable};

/// The most values of bound parameters for which a policy allows one route: the paths that they make
/// must fit in it.
pub(super) const MAX_BOUND_VALUES: usize = 50;

/// The routes of a table, as far as they are open to a token.
pub(super) struct TokenAccess(Vec<Opening>);

/// What is open of one route.
enum Opening {
    /// Nothing.
    Closed,
    /// All of it.
    All,
    /// What has these values.
    Bound(Vec<Values>),
}

/// A way in which a route is open: the value of each bound parameter, as a path spells it, for its
/// position.
struct Values {
    values: Vec<(usize, String)>,
    /// The resource of an Allow with them.
    resource: String,
}

impl TokenAccess {
    /// None if a route is open for more values than a policy can name.
    pub(super) fn new(table: &RouteTable, plan: &Plan, claims: &Claims) -> Option<Self> {
        let routes = table
            .routes()
            .iter()
            .map(|route| route.permits(claims).ok());
        let mut openings = Vec::new();
        for access in routes {
            openings.push(match access {
                None => Opening::Closed,
                Some(access) if access.is_unbound() => Opening::All,
                Some(access) => Opening::Bound(values(&access)?),
            });
        }
        let mut own = Self(openings);
        own.fill_allows(plan);
        Some(own)
    }

    /// Makes the resources of the Allows that hold values of the token.
    fn fill_allows(&mut self, plan: &Plan) {
        for group in &plan.groups {
            for route in &group.routes {
                let Some(Opening::Bound(all)) = self.0.get_mut(route.route.index()) else {
                    continue;
                };
                for own in all {
                    let positions = || own.values.iter().map(|(position, _)| position);
                    let mut allows = route.allows.iter();
                    if let Some(allow) = allows.find(|allow| allow.bound.iter().eq(positions())) {
                        let text = group.resources.text(allow.resource);
                        own.resource = fill(text, &own.values).into_owned();
                    }
                }
            }
        }
    }

    fn get(&self, route: RouteId) -> &Opening {
        self.0.get(route.index()).unwrap_or(&Opening::Closed)
    }
}

/// Each combination of the values, in each of their spellings.
fn values(access: &Access<'_>) -> Option<Vec<Values>> {
    let count = |bindings: &Bindings<'_>| {
        let counts = bindings.values().iter().map(|(_, values)| values.len());
        counts.fold(1, usize::saturating_mul)
    };
    let counts = access.bindings().iter().map(count);
    if counts.fold(0, usize::saturating_add) > MAX_BOUND_VALUES {
        return None;
    }
    let mut all: Vec<Vec<(usize, String)>> = Vec::new();
    for bindings in access.bindings() {
        let mut combined: Vec<Vec<(usize, String)>> = vec![Vec::new()];
        for (position, values) in bindings.values() {
            let spelled: Vec<String> = values.iter().flat_map(|value| spellings(value)).collect();
            let longer = combined.iter().flat_map(|own| {
                spelled.iter().map(|value| {
                    let one = (*position, value.clone());
                    own.iter().cloned().chain([one]).collect()
                })
            });
            combined = longer.collect();
        }
        all.extend(combined);
    }
    let all = all.into_iter().map(|values| Values {
        values,
        resource: String::new(),
    });
    Some(all.collect())
}

impl Openness for TokenAccess {
    fn is_partly_closed(&self, route: RouteId) -> bool {
        !matches!(self.get(route), Opening::All)
    }

    fn is_hit(&self, route: RouteId, resource: &str) -> bool {
        match self.get(route) {
            Opening::Closed => false,
            Opening::All => true,
            Opening::Bound(all) => all.iter().any(|own| glob::meet(&own.resource, resource)),
        }
    }

    fn openings(&self, route: RouteId) -> Vec<&[(usize, String)]> {
        match self.get(route) {
            Opening::Closed => Vec::new(),
            Opening::All => vec![&[]],
            Opening::Bound(all) => all.iter().map(|own| own.values.as_slice()).collect(),
        }
    }
}
