//! What one policy cannot close: paths below an open `{param}` that no route is about.
//!
//! The Allow of `/books/{id}` ends in a `*`, which crosses `/`. What lies deeper is denied again,
//! unless that Deny would hit another route that the token may call.

use std::fmt;

use crate::route::{Route, RouteTable, Verb};

/// A route whose Allow in a policy lets deeper paths through, to tokens that may call others too.
#[derive(Clone, Debug)]
pub struct Deeper<'t> {
    /// The verb of the requests.
    pub verb: Verb,
    /// The route that is open.
    pub open: &'t Route,
    /// The routes that what lies deeper cannot be denied for, if one of them is open. Without any,
    /// it cannot be denied for the open route itself.
    pub beside: Vec<&'t Route>,
}

impl fmt::Display for Deeper<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.beside.iter();
        let names: Vec<String> = names.map(|own| format!("`{}`", own.name())).collect();
        let and = if names.is_empty() { "" } else { " and " };
        write!(
            f,
            "for a token that may call `{}`{and}{}, a cached policy lets {} requests through that \
             lie deeper and are for no route; give every resource that the API has there a route",
            self.open.name(),
            names.join(" or "),
            self.verb.name(),
        )
    }
}

pub(super) fn deeper(table: &RouteTable) -> Vec<Deeper<'_>> {
    let mut found = Vec::new();
    for column in table.columns() {
        let Some(verb) = column.verbs().first() else {
            continue;
        };
        let route = |at: usize| table.routes().get(column.cells().get(at)?.route);
        let all = || (0..column.cells().len()).filter_map(route);
        for (at, cell) in (0..).zip(column.cells()) {
            let Some(open) = route(at) else {
                continue;
            };
            // The first spill is the route itself; the others are its excesses, in their order.
            let excesses = open.face().own.excesses();
            let beyond = excesses.iter().zip(cell.plan.spills.iter().skip(1));
            let unknown = beyond.filter(|(excess, _)| {
                let mut routes = all();
                !routes.any(|route| route.face().region.contains(excess))
            });
            let mut blockers: Vec<usize> = unknown
                .filter_map(|(_, spill)| spill.deny.as_ref())
                .flat_map(|deny| deny.blockers.iter().copied())
                .collect();
            if blockers.is_empty() {
                continue;
            }
            if blockers.contains(&at) {
                blockers.clear();
            }
            blockers.sort_unstable();
            let is_same = |one: &Route, other: &Route| one.name() == other.name();
            let mut beside: Vec<&Route> = Vec::new();
            for other in blockers.into_iter().filter_map(route) {
                if !beside.iter().any(|own| is_same(own, other)) {
                    beside.push(other);
                }
            }
            let is_told = |told: &Deeper<'_>| {
                let mut pairs = told.beside.iter().zip(&beside);
                is_same(told.open, open)
                    && told.beside.len() == beside.len()
                    && pairs.all(|(one, other)| is_same(one, other))
            };
            if !found.iter().any(is_told) {
                found.push(Deeper {
                    verb: *verb,
                    open,
                    beside,
                });
            }
        }
    }
    found
}
