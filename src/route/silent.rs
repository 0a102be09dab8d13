//! Where a cached policy refuses by silence alone, which a resource policy that allows wins over.
//!
//! A route that is closed is denied, unless that Deny would hit another one that the token may
//! call: with `GET /users/me` open, `GET /users/{id}` cannot be. Nor can a route with a bound
//! parameter, for all values but one's own.

use crate::route::overlap::Deny;
use crate::route::warning::Room;
use crate::route::{Route, RouteTable};

pub(super) fn silent(table: &RouteTable) -> Vec<&Route> {
    let mut silent: Vec<usize> = Vec::new();
    for column in table.columns() {
        let route = |at: usize| table.routes().get(column.cells().get(at)?.route);
        let room = column.verbs().first().copied().map(Room::of);
        for cell in column.cells() {
            let Some(closed) = table.routes().get(cell.route) else {
                continue;
            };
            // Where the Allow of `open` covers all of `closed`, it brings its own Denies for that,
            // or is left out.
            let is_covered = |open: &Route| open.face().own.contains(&closed.face().region);
            let is_hit = |at: &usize| {
                route(*at).is_some_and(|open| !open.implies(closed) && !is_covered(open))
            };
            // Its own resource comes first in a refusal.
            let own = cell.plan.refusal.first();
            let own = own.map(|deny| column.resources().text(deny.resource));
            let too_long = own.is_some_and(|own| !room.is_some_and(|room| room.fits(own)));
            let is_stuck = |deny: &Deny| deny.blockers.iter().any(is_hit);
            if closed.binds() || too_long || cell.plan.refusal.iter().any(is_stuck) {
                silent.push(cell.route);
            }
        }
    }
    silent.sort_unstable();
    silent.dedup();
    silent
        .into_iter()
        .filter_map(|at| table.routes().get(at))
        .collect()
}
