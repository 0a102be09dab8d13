//! The route table: which route a request is, and which routes get in each other's way.

use std::collections::HashMap;

use crate::route::closing::{self, Closing};
use crate::route::overlap::{self, Deny, Face, Plan, Register, Resources};
use crate::route::{
    Deeper, NamedRoute, Route, RouteError, Verb, Warning, deeper, silent, spelling, warning,
};

/// The routes of an API. `ANY` is spread over the verbs that its pattern has no route for.
#[derive(Clone, Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
    named: Vec<NamedRoute>,
    columns: Vec<Column>,
    misspelled: Vec<String>,
}

/// The requests of verbs that all have the same routes, none before one that is preferred to it.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    verbs: Vec<Verb>,
    cells: Vec<Cell>,
    closings: Vec<Closing>,
    slashed: Deny,
    resources: Resources,
}

/// A route in a column.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// The position of the route in the table.
    pub(crate) route: usize,
    pub(crate) plan: Plan,
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
        let mut members: Vec<(Vec<Verb>, Vec<usize>)> = Vec::new();
        for verb in Verb::ALL {
            let of_verb = members_of(verb, &routes, &keys);
            match members.iter_mut().find(|(_, same)| *same == of_verb) {
                Some((verbs, _)) => verbs.push(verb),
                None => members.push((vec![verb], of_verb)),
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
        let columns = members
            .into_iter()
            .map(|(verbs, members)| Column::new(verbs, &members, &routes))
            .collect();
        Ok(Self {
            misspelled: spelling::misspelled(&routes),
            routes,
            named,
            columns,
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

    /// What an operator should know before the first request: routes that one policy cannot tell
    /// apart for some tokens, and routes that no policy can hold.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning<'_>> {
        warning::warnings(self)
    }

    /// Where a cached policy lets through what lies deeper than a route and is none itself.
    #[must_use]
    pub fn deeper(&self) -> Vec<Deeper<'_>> {
        deeper::deeper(self)
    }

    /// The routes that a cached policy refuses to some token by silence alone; the `refused` ones
    /// of [`RouteTable::warnings`] may be so too.
    #[must_use]
    pub fn silent(&self) -> Vec<&Route> {
        silent::silent(self)
    }

    /// The resources of paths in another spelling, behind the ARN of the stage and a slash.
    pub(crate) fn misspelled(&self) -> &[String] {
        &self.misspelled
    }

    /// The routes for requests of each verb, in the order of the verbs.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The routes that API Gateway may choose for this request: those that match it, without
    /// those to which another one is surely preferred.
    #[must_use]
    pub fn candidates(&self, verb: Verb, segments: &[&str]) -> Vec<&Route> {
        let column = self
            .columns
            .iter()
            .find(|column| column.verbs.contains(&verb));
        let matching: Vec<&Route> = column
            .into_iter()
            .flat_map(|column| &column.cells)
            .filter_map(|cell| self.routes.get(cell.route))
            .filter(|route| route.pattern.matches(segments))
            .collect();
        let is_preferred = |route: &&&Route| !matching.iter().any(|other| other.precedes(route));
        matching.iter().filter(is_preferred).copied().collect()
    }
}

impl Column {
    fn new(verbs: Vec<Verb>, members: &[usize], routes: &[Route]) -> Self {
        let faces: Vec<Face<'_>> = members
            .iter()
            .filter_map(|at| routes.get(*at))
            .map(Route::face)
            .collect();
        let mut register = Register::default();
        let cells = members
            .iter()
            .zip(overlap::plans(&faces, &mut register))
            .map(|(route, plan)| Cell {
                route: *route,
                plan,
            })
            .collect();
        let slashed = overlap::slashed(&faces, &mut register);
        Self {
            verbs,
            cells,
            closings: closing::closings(&faces, &mut register),
            slashed,
            resources: register.close(),
        }
    }

    pub(crate) fn verbs(&self) -> &[Verb] {
        &self.verbs
    }

    pub(crate) const fn resources(&self) -> &Resources {
        &self.resources
    }

    /// Denies the routes, as far as they are closed to a token.
    pub(crate) fn closings(&self) -> &[Closing] {
        &self.closings
    }

    /// Denies every path that ends in a slash.
    pub(crate) const fn slashed(&self) -> &Deny {
        &self.slashed
    }

    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }
}

/// The routes that requests of `verb` can be for, none before one that is preferred to it.
fn members_of(verb: Verb, routes: &[Route], keys: &Keys<'_>) -> Vec<usize> {
    let mut members: Vec<(usize, &Route)> = (0..)
        .zip(routes)
        .filter(|(_, route)| is_for(verb, route, keys))
        .collect();
    members.sort_by_cached_key(|(_, route)| route.pattern.rank());
    members.into_iter().map(|(at, _)| at).collect()
}

/// Whether a route is for this verb: its own one, or for `ANY` one that has no route of its own.
fn is_for(verb: Verb, route: &Route, keys: &Keys<'_>) -> bool {
    let is_left = || !keys.contains_key(&(Some(verb), route.pattern.key()));
    route.verb.map_or_else(is_left, |own| own == verb)
}
