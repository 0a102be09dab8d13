//! What is known of a table at cold start and would otherwise be found out by a request.

use std::fmt;

use crate::route::overlap::{Deny, Overlap, Spill};
use crate::route::table::Column;
use crate::route::{Route, RouteTable, Verb};

/// The length of the shortest stage ARN there is,
/// `arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/s`.
const MIN_STAGE_ARN_CHARS: usize = 55;

/// The longest resource of a policy, in characters ("Amazon API Gateway important notes").
pub const MAX_RESOURCE_CHARS: usize = 512;

/// Something that works, but not as well as one might think.
#[derive(Clone, Copy, Debug)]
pub enum Warning<'t> {
    /// There are tokens that may call `open` and not `refused`, for which no policy can say both.
    Inseparable {
        /// The verb of the requests.
        verb: Verb,
        /// The route that a cached policy may refuse.
        open: &'t Route,
        /// The route that it must refuse.
        refused: &'t Route,
    },
    /// The resource of the route is longer than a policy may hold.
    TooLong(&'t Route),
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inseparable {
                verb,
                open,
                refused,
            } => write!(
                f,
                "for a token that may call `{}` and not `{}`, one policy cannot tell all of their \
                 {} requests apart, so a cached one may refuse some of the former; ask the same of \
                 both, or write `policy = \"request\"` and cache no results",
                open.name(),
                refused.name(),
                verb.name(),
            ),
            Self::TooLong(route) => write!(
                f,
                "`{}` is too long for a policy, which takes {MAX_RESOURCE_CHARS} characters with \
                 the ARN of the stage; shorten its path, or it is always refused",
                route.name(),
            ),
        }
    }
}

pub(super) fn warnings(table: &RouteTable) -> Vec<Warning<'_>> {
    let mut warnings = Vec::new();
    for column in table.columns() {
        let Some(verb) = column.verbs().first() else {
            continue;
        };
        let route = |at: usize| table.routes().get(column.cells().get(at)?.route);
        for (at, cell) in (0..).zip(column.cells()) {
            let Some(open) = route(at) else {
                continue;
            };
            let resource = column.resources().text(cell.plan.resource);
            let fixed = MIN_STAGE_ARN_CHARS
                .saturating_add(verb.name().len())
                .saturating_add(2);
            if fixed.saturating_add(resource.len()) > MAX_RESOURCE_CHARS {
                warnings.push(Warning::TooLong(open));
            }
            let mut others: Vec<usize> = inseparable(column, at, &route).collect();
            others.sort_unstable();
            others.dedup();
            let refused = others.into_iter().filter_map(route);
            warnings.extend(refused.map(|refused| Warning::Inseparable {
                verb: *verb,
                open,
                refused,
            }));
        }
    }
    warnings
}

/// The places of the routes that for some token cannot be told from that at `at`.
fn inseparable<'t>(
    column: &'t Column,
    at: usize,
    route: &impl Fn(usize) -> Option<&'t Route>,
) -> impl Iterator<Item = usize> {
    let cells = column.cells();
    let spills = cells
        .get(at)
        .map(|cell| cell.plan.spills.as_slice())
        .unwrap_or_default();
    let allow = cells
        .get(at)
        .map(|cell| column.resources().text(cell.plan.resource));
    let covers_slashes = allow.is_some_and(|allow| allow.ends_with('*'));
    let is_stuck = move |spill: &Spill, overlap: &Overlap| {
        let Some(refused) = route(overlap.other) else {
            return false;
        };
        let without = |at: usize| route(at).is_some_and(|route| !route.implies(refused));
        let usable = |deny: &Deny| {
            let needed = covers_slashes || !column.resources().text(deny.resource).ends_with('/');
            !needed || !deny.blockers.iter().any(|at| without(*at))
        };
        let refusal = cells
            .get(overlap.other)
            .map(|cell| cell.plan.refusal.as_slice());
        without(at)
            && !spill.deny.as_ref().is_some_and(usable)
            && !refusal.unwrap_or_default().iter().all(usable)
            && !overlap.common.iter().all(usable)
    };
    spills.iter().flat_map(move |spill| {
        let stuck = spill
            .overlaps
            .iter()
            .filter(move |overlap| is_stuck(spill, overlap));
        stuck.map(|overlap| overlap.other).collect::<Vec<_>>()
    })
}
