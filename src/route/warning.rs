//! What is known of a table at cold start and would otherwise be found out by a request.

use std::fmt;

use crate::route::overlap::{self, Deny, Face, Overlap, Spill};
use crate::route::table::Column;
use crate::route::{Route, RouteTable, Verb};

/// The length of the longest stage ARN there is: `aws-us-gov` is the longest partition,
/// `ap-southeast-1` the longest region, and a stage has at most 128 characters (`CreateStage`).
const MAX_STAGE_ARN_CHARS: usize =
    "arn:aws-us-gov:execute-api:ap-southeast-1:123456789012:a1b2c3d4e5/".len() + 128;

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
    /// A request may be for either of two routes, and it is not documented for which, so that a
    /// token needs both.
    Contested {
        /// The verb of the requests.
        verb: Verb,
        /// The routes.
        routes: [&'t Route; 2],
    },
    /// The resource of the route, or of a Deny that its Allow needs, may be longer than a policy
    /// can hold.
    TooLong {
        /// The route, of which a policy then allows the request at hand alone, if that fits.
        route: &'t Route,
        /// The length of the stage's ARN at which it still fits.
        left: usize,
    },
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inseparable {
                verb,
                open,
                refused,
            } if open.name() == refused.name() => write!(
                f,
                "one policy cannot tell all {} requests for `{}` that `bind` opens to a token from \
                 those that it does not, so a cached one may refuse some of the former; bind a \
                 parameter before which there is no other, or write `policy = \"request\"` and \
                 cache no results",
                verb.name(),
                open.name(),
            ),
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
            Self::Contested {
                verb,
                routes: [one, other],
            } => write!(
                f,
                "some {} requests are for `{}` as well as for `{}`, and which of the two API \
                 Gateway chooses is not documented, so these need a token that may call both; ask \
                 the same of both, or give what they have in common a route of its own",
                verb.name(),
                one.name(),
                other.name(),
            ),
            Self::TooLong { route, left } => write!(
                f,
                "a policy can allow all of `{}` only if the ARN of the stage has at most {left} \
                 characters, as a resource takes {MAX_RESOURCE_CHARS} with it; shorten the path, or \
                 where that ARN is longer only the request at hand is allowed",
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
        let room = Room::of(*verb);
        for (at, cell) in (0..).zip(column.cells()) {
            let Some(open) = route(at) else {
                continue;
            };
            let denies = cell
                .plan
                .spills
                .iter()
                .filter_map(|spill| spill.deny.as_ref());
            let needed = denies.map(|deny| deny.resource).chain([cell.plan.resource]);
            let needed = needed.map(|resource| column.resources().text(resource));
            if let Some(left) = needed.map(|own| room.left(own)).min()
                && left < MAX_STAGE_ARN_CHARS
            {
                warnings.push(Warning::TooLong { route: open, left });
            }
            let mut others: Vec<usize> = inseparable(column, room, at, &route).collect();
            others.sort_unstable();
            others.dedup();
            let refused = others.into_iter().filter_map(route);
            warnings.extend(refused.map(|refused| Warning::Inseparable {
                verb: *verb,
                open,
                refused,
            }));
        }
        let members: Vec<&Route> = (0..column.cells().len()).filter_map(route).collect();
        let faces: Vec<Face<'_>> = members.iter().map(|route| route.face()).collect();
        let pairs = overlap::rivals(&faces).into_iter();
        let pairs =
            pairs.filter_map(|(one, other)| Some([*members.get(one)?, *members.get(other)?]));
        let contested = pairs.filter(|[one, other]| !one.implies(other) || !other.implies(one));
        warnings.extend(contested.map(|routes| Warning::Contested {
            verb: *verb,
            routes,
        }));
    }
    let mut told: Vec<(&'static str, &str, &str)> = Vec::new();
    warnings.retain(|warning| {
        let names = warning.names();
        let is_new = !told.contains(&names);
        told.push(names);
        is_new
    });
    warnings
}

impl<'t> Warning<'t> {
    /// What is told of which routes. It is the same for every verb of `ANY`, and `$default` is one
    /// route though it stands for two paths.
    fn names(&self) -> (&'static str, &'t str, &'t str) {
        match self {
            Self::Inseparable { open, refused, .. } => ("inseparable", open.name(), refused.name()),
            Self::Contested {
                routes: [one, other],
                ..
            } => ("contested", one.name(), other.name()),
            Self::TooLong { route, .. } => ("too long", route.name(), ""),
        }
    }
}

/// What a policy has room for behind the ARN of the stage and a verb.
#[derive(Clone, Copy)]
pub(super) struct Room(usize);

impl Room {
    pub(super) fn of(verb: Verb) -> Self {
        Self(MAX_RESOURCE_CHARS.saturating_sub(verb.name().len().saturating_add(2)))
    }

    /// Whether a resource fits whatever the API and its stage are called.
    pub(super) fn fits(self, resource: &str) -> bool {
        self.left(resource) >= MAX_STAGE_ARN_CHARS
    }

    /// What a resource leaves to the ARN of the stage.
    fn left(self, resource: &str) -> usize {
        self.0.saturating_sub(resource.len())
    }
}

/// The places of the routes that for some token cannot be told from that at `at`.
fn inseparable<'t>(
    column: &'t Column,
    room: Room,
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
            let resource = column.resources().text(deny.resource);
            let needed = covers_slashes || !resource.ends_with('/');
            !needed || room.fits(resource) && !deny.blockers.iter().any(|at| without(*at))
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
