//! The route table: which route a request is, and which routes get in each other's way.

use crate::route::{Bindings, Route, RouteError, Shape, Verb};

/// The routes of an API. `ANY` is spread over the verbs that its pattern has no route for.
#[derive(Clone, Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
    columns: Vec<Column>,
}

/// The requests of one verb, most specific patterns first.
#[derive(Clone, Debug)]
struct Column {
    verb: Verb,
    cells: Vec<Cell>,
}

/// One verb of one pattern, and the route that it belongs to.
#[derive(Clone, Debug)]
pub struct Cell {
    route: usize,
    rank: Vec<u8>,
    related: Vec<usize>,
}

impl Cell {
    /// The position of the cell's route in [`RouteTable::routes`].
    #[must_use]
    pub const fn route(&self) -> usize {
        self.route
    }

    /// The place of the cell's pattern in API Gateway's order of preference, smaller first.
    #[must_use]
    pub fn rank(&self) -> &[u8] {
        &self.rank
    }

    /// The positions of the column's cells whose resources share a path with this one's.
    #[must_use]
    pub fn related(&self) -> &[usize] {
        &self.related
    }
}

impl RouteTable {
    /// Makes a table of routes.
    ///
    /// # Errors
    /// The position of a route that says again what an earlier one says, and why.
    pub fn new(routes: Vec<Route>) -> Result<Self, (usize, RouteError)> {
        for (at, route) in routes.iter().enumerate() {
            let same = |earlier: &&Route| {
                earlier.verb == route.verb && earlier.pattern.is_same(&route.pattern)
            };
            if let Some(earlier) = routes.iter().take(at).find(same) {
                return Err((at, RouteError::Duplicate(earlier.name.clone())));
            }
        }
        let columns = Verb::ALL
            .into_iter()
            .map(|verb| Column::new(verb, &routes))
            .collect();
        Ok(Self { routes, columns })
    }

    /// The routes, as they were given.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The columns of the table: a verb, and its cells from the most specific on.
    pub fn columns(&self) -> impl Iterator<Item = (Verb, &[Cell])> {
        self.columns
            .iter()
            .map(|column| (column.verb, column.cells.as_slice()))
    }

    /// The route that API Gateway would choose for this request, if there is one.
    #[must_use]
    pub fn look_up(&self, verb: Verb, segments: &[&str]) -> Option<&Route> {
        let column = self.columns.iter().find(|column| column.verb == verb)?;
        column
            .cells
            .iter()
            .filter_map(|cell| self.routes.get(cell.route))
            .find(|route| route.pattern.matches(segments))
    }
}

impl Column {
    fn new(verb: Verb, routes: &[Route]) -> Self {
        let mut members: Vec<(usize, &Route)> = routes
            .iter()
            .enumerate()
            .filter(|(_, route)| {
                let own = |other: &Route| {
                    other.verb == Some(verb) && other.pattern.is_same(&route.pattern)
                };
                route.verb == Some(verb) || (route.verb.is_none() && !routes.iter().any(own))
            })
            .collect();
        members.sort_by_key(|(_, route)| route.pattern.rank());
        let globs: Vec<Shape<'_>> = members
            .iter()
            .map(|(_, route)| route.shape(&Bindings::default()).glob())
            .collect();
        let cells = members
            .iter()
            .zip(&globs)
            .enumerate()
            .map(|(own, ((route, of), glob))| Cell {
                route: *route,
                rank: of.pattern.rank(),
                related: (0..)
                    .zip(&globs)
                    .filter(|(at, other)| *at != own && glob.meets(other))
                    .map(|(at, _)| at)
                    .collect(),
            })
            .collect();
        Self { verb, cells }
    }
}
