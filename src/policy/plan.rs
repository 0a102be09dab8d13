//! What can be allowed and denied of a route table, worked out once for all tokens.
//!
//! The Allow of a route matches more than the route, and routes overlap. What must be refused with it,
//! if it is closed to a token, are its obligations. Each says how it can be met, and each Deny which
//! routes it would hit: a token chooses among the Denies that hit nothing that it may call.

use std::collections::{BTreeMap, HashMap};

use crate::event::TrailingSlash;
use crate::policy::path_set::{PathSet, Segment};
use crate::policy::resource::{Excess, ResourceId, ResourceTable, excesses, reach};
use crate::policy::spelling;
use crate::route::{Route, RouteId, RouteTable, Verb};

/// The plan of a table, for the APIs that take a slash at the end of a path alike.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) groups: Vec<VerbPlan>,
    /// The resources of paths in another spelling, behind the ARN of the stage and a slash.
    pub(super) misspelled: Vec<String>,
}

/// The plan of verbs whose requests are all for the same routes.
#[derive(Clone, Debug)]
pub(super) struct VerbPlan {
    pub(super) verbs: Vec<Verb>,
    /// The routes, none before one that is preferred to it.
    pub(super) routes: Vec<RoutePlan>,
    /// What is denied of the closed routes, from the root.
    pub(super) tree: Subtree,
    /// Denies every path with a slash at its end, in one resource instead of one for each `*`.
    pub(super) slashed: Option<DenyId>,
    pub(super) resources: ResourceTable,
    denies: Vec<Deny>,
    /// Where each route stands among `routes`.
    places: HashMap<RouteId, usize>,
}

/// The number of a Deny among those of its verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DenyId(usize);

/// A resource to deny.
#[derive(Clone, Debug)]
pub(super) struct Deny {
    pub(super) resource: ResourceId,
    /// The routes that it would hit, were they open.
    pub(super) hits: Vec<RouteId>,
}

/// One route of the verbs.
#[derive(Clone, Debug)]
pub(super) struct RoutePlan {
    pub(super) route: RouteId,
    /// One for each way in which parameters may be bound.
    pub(super) allows: Vec<Allow>,
    /// Denies all of the route.
    pub(super) refusal: Vec<DenyId>,
}

/// Allows what a token may call of a route.
#[derive(Clone, Debug)]
pub(super) struct Allow {
    /// The positions of the parameters that are bound.
    pub(super) bound: Vec<usize>,
    pub(super) resource: ResourceId,
    pub(super) obligations: Vec<Obligation>,
}

/// What must be denied with an Allow, as far as it is closed.
#[derive(Clone, Debug)]
pub(super) struct Obligation {
    pub(super) owner: Owner,
    /// Denies an excess at once.
    pub(super) all: Option<DenyId>,
    /// Denies no more than is owned; for an excess as such, what is left if all of it cannot be denied.
    pub(super) common: Vec<DenyId>,
}

/// Whose the paths of an obligation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A route's, which may be the one that is allowed: others' values of a bound parameter.
    Route(RouteId),
    /// Those of an excess, whatever they are.
    Excess {
        /// Whether some of them are for no route.
        unrouted: bool,
    },
}

/// All that lies at and below a place, so that one Deny may close it.
#[derive(Clone, Debug)]
pub(super) struct Subtree {
    /// Denies all that lies below.
    pub(super) deny: DenyId,
    /// The routes that end at the place or one segment below.
    pub(super) routes: Vec<RouteId>,
    pub(super) below: Vec<Subtree>,
}

impl Plan {
    pub(super) fn compile(table: &RouteTable, slash: TrailingSlash) -> Self {
        let groups = table.groups().iter();
        let groups = groups.map(|group| {
            let routes = group.routes.iter();
            let members = routes.filter_map(|id| Some(Member::new(*id, table.route(*id)?, slash)));
            let members: Vec<Member<'_>> = members.collect();
            VerbPlan::compile(group.verbs.clone(), &members, slash)
        });
        Self {
            groups: groups.collect(),
            misspelled: spelling::misspelled(table),
        }
    }
}

impl VerbPlan {
    fn compile(verbs: Vec<Verb>, members: &[Member<'_>], slash: TrailingSlash) -> Self {
        let mut drafts = Drafts {
            slash,
            denies: Vec::new(),
            resources: ResourceTable::default(),
        };
        let all = Neighbours(members.iter().collect());
        let slashed = match slash {
            TrailingSlash::Significant => {
                let any = PathSet::new([Segment::Any, Segment::Rest]).with_slash();
                Some(all.deny(&any, None, &mut drafts))
            }
            TrailingSlash::Ignored => None,
        };
        let routes = members.iter();
        let routes = routes.map(|member| all.near(&member.region).plan(member, &mut drafts));
        let routes: Vec<RoutePlan> = routes.collect();
        let tree = all.subtree(&[], all.0.clone(), &mut drafts);
        drafts.resources.sort();
        Self {
            verbs,
            places: (0..)
                .zip(&routes)
                .map(|(at, own)| (own.route, at))
                .collect(),
            routes,
            tree,
            slashed,
            resources: drafts.resources,
            denies: drafts.denies,
        }
    }

    pub(super) fn deny(&self, id: DenyId) -> Option<&Deny> {
        self.denies.get(id.0)
    }

    pub(super) fn route(&self, id: RouteId) -> Option<&RoutePlan> {
        self.routes.get(*self.places.get(&id)?)
    }

    /// The resource of a Deny, the token's values yet to come.
    pub(super) fn text(&self, id: DenyId) -> &str {
        self.deny(id)
            .map_or("", |own| self.resources.text(own.resource))
    }
}

/// What a plan is made of while it is made.
struct Drafts {
    slash: TrailingSlash,
    denies: Vec<Deny>,
    resources: ResourceTable,
}

/// A route of the verbs and its paths.
struct Member<'a> {
    id: RouteId,
    route: &'a Route,
    region: PathSet<'a>,
    /// The paths that must be refused if the route is closed. HTTP APIs know `/a/` from `/a`, but
    /// which of the two a greedy route is asked for is not documented, so both count.
    claimed: Vec<PathSet<'a>>,
}

impl<'a> Member<'a> {
    fn new(id: RouteId, route: &'a Route, slash: TrailingSlash) -> Self {
        let region = PathSet::of_route(id, route, &[]);
        let has_slashed =
            slash == TrailingSlash::Significant && !region.ends_in_slash() && !is_greedy(&region);
        let slashed = has_slashed.then(|| region.with_slash());
        Self {
            id,
            route,
            claimed: std::iter::once(region.clone()).chain(slashed).collect(),
            region,
        }
    }

    fn precedes(&self, other: &Self) -> bool {
        self.route.precedes(other.route)
    }
}

fn is_greedy(set: &PathSet<'_>) -> bool {
    set.segments().last() == Some(&Segment::Rest)
}

/// The routes that some paths and the resources over them can have to do with.
struct Neighbours<'m, 'a>(Vec<&'m Member<'a>>);

impl<'a> Neighbours<'_, 'a> {
    fn near(&self, paths: &PathSet<'_>) -> Self {
        let members = self.0.iter().copied();
        Self(
            members
                .filter(|member| !paths.starts_apart(&member.region))
                .collect(),
        )
    }

    fn plan(&self, member: &Member<'a>, drafts: &mut Drafts) -> RoutePlan {
        // A resource that ends in `*` matches the path with a slash anyway.
        let ends_in_star = member.region.segments().last();
        let ends_in_star = matches!(ends_in_star, Some(Segment::Any | Segment::Rest));
        let refused = if ends_in_star { 1 } else { usize::MAX };
        let refusal = member.claimed.iter().take(refused);
        let refusal = refusal.map(|paths| self.deny(paths, Some(member), drafts));
        let refusal = refusal.collect();
        let allows = member.route.bound_positions().into_iter();
        let allows = allows.map(|bound| self.allow(member, bound, drafts));
        RoutePlan {
            route: member.id,
            allows: allows.collect(),
            refusal,
        }
    }

    fn allow(&self, member: &Member<'a>, bound: Vec<usize>, drafts: &mut Drafts) -> Allow {
        let own = PathSet::of_route(member.id, member.route, &bound);
        let mut obligations = Vec::new();
        for other in &self.0 {
            if other.id == member.id || member.precedes(other) {
                continue;
            }
            let common = self.common(member, &own, std::slice::from_ref(&own), other, drafts);
            obligations.extend(Obligation::of_route(other.id, None, common));
        }
        for Excess { paths, slashed } in excesses(&own, drafts.slash) {
            let all = self.deny(&paths, None, drafts);
            let unrouted = !self.0.iter().any(|other| other.region.contains(&paths));
            let left = slashed.iter().map(|left| self.deny(left, None, drafts));
            obligations.push(Obligation {
                owner: Owner::Excess { unrouted },
                all: Some(all),
                common: left.collect(),
            });
            let parts: Vec<PathSet<'a>> = std::iter::once(paths).chain(slashed).collect();
            for other in &self.0 {
                let common = self.common(member, &own, &parts, other, drafts);
                obligations.extend(Obligation::of_route(other.id, Some(all), common));
            }
        }
        Allow {
            bound,
            resource: drafts.resources.add(&own, drafts.slash),
            obligations,
        }
    }

    /// The Denies of what `parts`, which the Allow of `own` matches, have in common with another route,
    /// or with what is closed of the same one.
    fn common(
        &self,
        member: &Member<'a>,
        own: &PathSet<'a>,
        parts: &[PathSet<'a>],
        other: &Member<'a>,
        drafts: &mut Drafts,
    ) -> Vec<DenyId> {
        let pairs = parts
            .iter()
            .flat_map(|part| other.claimed.iter().map(move |claimed| (part, claimed)));
        let common: Vec<PathSet<'a>> = pairs
            .flat_map(|(part, claimed)| part.intersections(claimed))
            .filter(|common| other.id != member.id || !own.contains(common))
            .filter(|common| !self.is_never_asked_for(common, other))
            .collect();
        // What the resource of another one matches too needs no Deny of its own.
        let reaches: Vec<_> = common.iter().map(|own| reach(own, drafts.slash)).collect();
        let is_within = |own: &PathSet<'a>, reach: &[PathSet<'a>]| {
            reach.iter().any(|reach| reach.contains(own))
        };
        let is_needed = |(at, own): &(usize, &PathSet<'a>)| {
            let mut others = (0..).zip(common.iter().zip(&reaches));
            let own_reach = reaches.get(*at).map_or(&[][..], Vec::as_slice);
            !others.any(|(other, (paths, reach)): (usize, _)| {
                let is_first = other < *at || !is_within(paths, own_reach);
                other != *at && is_within(own, reach) && is_first
            })
        };
        let needed: Vec<(usize, &PathSet<'a>)> = (0..).zip(&common).filter(is_needed).collect();
        let denies = needed.into_iter();
        denies
            .map(|(_, paths)| self.deny(paths, Some(other), drafts))
            .collect()
    }

    /// Whether no request for `paths` is ever one for this route, as a single route that is preferred
    /// to it takes them all. Only a greedy one takes a path with a slash as it is.
    fn is_never_asked_for(&self, paths: &PathSet<'_>, member: &Member<'_>) -> bool {
        self.0.iter().any(|other| {
            let takes_all = if is_greedy(&member.region) {
                other.region.contains(paths)
            } else {
                other.claimed.iter().any(|claimed| claimed.contains(paths))
            };
            takes_all && other.precedes(member)
        })
    }

    /// Denies `paths`, which belong to the route `owner` where no other is preferred, or to none.
    fn deny(&self, paths: &PathSet<'_>, owner: Option<&Member<'_>>, drafts: &mut Drafts) -> DenyId {
        let beyond: Vec<PathSet<'_>> = match owner {
            None => reach(paths, drafts.slash),
            Some(_) => excesses(paths, drafts.slash)
                .into_iter()
                .flat_map(|excess| std::iter::once(excess.paths).chain(excess.slashed))
                .collect(),
        };
        let is_hit = |member: &&&Member<'_>| {
            let is_preferred = |owner: &Member<'_>| member.id == owner.id || member.precedes(owner);
            owner.is_some_and(|owner| member.region.meets(paths) && is_preferred(owner))
                || beyond.iter().any(|beyond| member.region.meets(beyond))
        };
        let id = DenyId(drafts.denies.len());
        drafts.denies.push(Deny {
            resource: drafts.resources.add(paths, drafts.slash),
            hits: self
                .0
                .iter()
                .filter(is_hit)
                .map(|member| member.id)
                .collect(),
        });
        id
    }

    /// The subtree of `members`, all that lies at or below the place that `way` leads to.
    fn subtree(
        &self,
        way: &[Segment<'a>],
        members: Vec<&Member<'a>>,
        drafts: &mut Drafts,
    ) -> Subtree {
        let paths = match way {
            [] => PathSet::all(),
            way => PathSet::new([way, &[Segment::Any, Segment::Rest]].concat()),
        };
        let near = self.near(&paths);
        let deny = near.deny(&paths, None, drafts);
        let mut routes = Vec::new();
        let mut deeper: BTreeMap<Segment<'a>, Vec<&Member<'a>>> = BTreeMap::new();
        for member in members {
            match member.region.segments().get(way.len()..) {
                Some([step, next, ..]) if *next != Segment::Rest => {
                    deeper.entry(*step).or_default().push(member);
                }
                _ => routes.push(member.id),
            }
        }
        let below = deeper.into_iter();
        let below = below.map(|(step, members)| {
            let way = [way, &[step]].concat();
            near.subtree(&way, members, drafts)
        });
        Subtree {
            deny,
            routes,
            below: below.collect(),
        }
    }
}

impl Obligation {
    fn of_route(owner: RouteId, all: Option<DenyId>, common: Vec<DenyId>) -> Option<Self> {
        let owner = Owner::Route(owner);
        (!common.is_empty()).then_some(Self { owner, all, common })
    }
}
