//! The route table: which routes a request may be for.

use std::collections::HashMap;

use crate::route::{NamedRoute, Route, RouteError, Verb};

/// The routes of an API. `ANY` is spread over the verbs that its pattern has no route for.
#[derive(Clone, Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
    named: Vec<NamedRoute>,
    groups: Vec<VerbGroup>,
}

/// The number of a route among those of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(usize);

impl RouteId {
    /// The position of the route in the table.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// Verbs whose requests are all for the same routes.
#[derive(Clone, Debug)]
pub(crate) struct VerbGroup {
    pub(crate) verbs: Vec<Verb>,
    /// The routes, none before one that is preferred to it.
    pub(crate) routes: Vec<RouteId>,
}

/// The verb and the pattern of each route, to find them by.
type Keys<'r> = HashMap<(Option<Verb>, String), &'r Route>;

impl RouteTable {
    /// Makes a table of routes.
    ///
    /// # Errors
    /// The position of a route that says again what an earlier one says or that no request can
    /// be for, and why.
    pub fn new(routes: Vec<Route>) -> Result<Self, (usize, RouteError)> {
        Self::with_named(routes, Vec::new())
    }

    /// Makes a table of routes and of routes that are known by a name.
    ///
    /// # Errors
    /// As [`RouteTable::new`]; positions are those of `routes`.
    pub fn with_named(
        mut routes: Vec<Route>,
        named: Vec<NamedRoute>,
    ) -> Result<Self, (usize, RouteError)> {
        let written = routes.len();
        for route in named.iter().flat_map(NamedRoute::spread) {
            let same = |own: &Route| own.key() == route.key();
            if !routes.iter().any(same) {
                routes.push(route);
            }
        }
        let mut keys = Keys::new();
        for (at, route) in routes.iter().enumerate() {
            if let Some(earlier) = keys.insert(route.key(), route) {
                return Err((at, RouteError::Duplicate(earlier.name.clone())));
            }
        }
        let mut groups: Vec<VerbGroup> = Vec::new();
        for verb in Verb::ALL {
            let of_verb = routes_of(verb, &routes, &keys);
            match groups.iter_mut().find(|group| group.routes == of_verb) {
                Some(group) => group.verbs.push(verb),
                None => groups.push(VerbGroup {
                    verbs: vec![verb],
                    routes: of_verb,
                }),
            }
        }
        // Where others take all paths of a greedy route but those with a slash at their end, as
        // `/a/{x}` and `/a/{x}/{y+}` do with `/a/{z+}`, it is reached by these in an HTTP API.
        let is_reached = |route: &Route| {
            let mut verbs = Verb::ALL.into_iter();
            verbs.any(|verb| is_for(verb, route, &keys))
        };
        if let Some(unreachable) = routes.iter().take(written).position(|own| !is_reached(own)) {
            return Err((unreachable, RouteError::Unreachable));
        }
        Ok(Self {
            routes,
            named,
            groups,
        })
    }

    /// The routes, as they were given.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The routes that are known by a name.
    #[must_use]
    pub fn named(&self) -> &[NamedRoute] {
        &self.named
    }

    /// The route of that number.
    #[must_use]
    pub fn route(&self, id: RouteId) -> Option<&Route> {
        self.routes.get(id.0)
    }

    /// The routes by verb, in the order of the verbs.
    pub(crate) fn groups(&self) -> &[VerbGroup] {
        &self.groups
    }

    /// The routes that API Gateway may choose for this request: those that match it, without
    /// those to which another one is surely preferred.
    #[must_use]
    pub fn candidates(&self, verb: Verb, segments: &[&str]) -> Vec<&Route> {
        let group = self.groups.iter().find(|group| group.verbs.contains(&verb));
        let matching: Vec<&Route> = group
            .into_iter()
            .flat_map(|group| &group.routes)
            .filter_map(|id| self.route(*id))
            .filter(|route| route.pattern.matches(segments))
            .collect();
        let is_preferred = |route: &&&Route| !matching.iter().any(|other| other.precedes(route));
        matching.iter().filter(is_preferred).copied().collect()
    }
}

/// The routes that requests of `verb` can be for, none before one that is preferred to it.
fn routes_of(verb: Verb, routes: &[Route], keys: &Keys<'_>) -> Vec<RouteId> {
    let mut of_verb: Vec<(RouteId, &Route)> = (0..)
        .map(RouteId)
        .zip(routes)
        .filter(|(_, route)| is_for(verb, route, keys))
        .collect();
    of_verb.sort_by_cached_key(|(_, route)| route.pattern.rank());
    of_verb.into_iter().map(|(id, _)| id).collect()
}

/// Whether a route is for this verb: its own one, or for `ANY` one that has no route of its own.
fn is_for(verb: Verb, route: &Route, keys: &Keys<'_>) -> bool {
    let is_left = || !keys.contains_key(&(Some(verb), route.pattern.key()));
    route.verb.map_or_else(is_left, |own| own == verb)
}
