//! What an operator should know of a table before the first request: what one policy cannot say for
//! some token. All of it is asked of the chooser, for the worst token that there could be: one that may
//! call a route and not another, and everything else that this does not exclude.

use std::collections::BTreeSet;

use crate::policy::choose::{Chooser, Openness};
use crate::policy::document::{FRAME_CHARS, MAX_POLICY_CHARS, MAX_RESOURCE_CHARS};
use crate::policy::path_set::PathSet;
use crate::policy::plan::{Allow, DenyId, Obligation, Owner, Plan, RoutePlan, VerbPlan};
use crate::policy::warning::Warning;
use crate::route::{Route, RouteId, RouteTable, Verb};

/// The length of the longest stage ARN there is: `aws-us-gov` is the longest partition,
/// `ap-southeast-1` the longest region, and a stage has at most 128 characters (`CreateStage`).
const MAX_STAGE_ARN_CHARS: usize =
    "arn:aws-us-gov:execute-api:ap-southeast-1:123456789012:a1b2c3d4e5/".len() + 128;

/// The length of a stage's ARN such as
/// `arn:aws:execute-api:ap-southeast-1:123456789012:a1b2c3d4e5/production`.
const USUAL_STAGE_ARN_CHARS: usize = 69;

/// All warnings about a table, none twice: they are the same for every verb of `ANY`, and `$default`
/// is one route though it stands for two paths.
pub(super) fn warnings<'t>(table: &'t RouteTable, plan: &Plan) -> Vec<Warning<'t>> {
    let mut warnings = Vec::new();
    let mut through = Vec::new();
    let mut silent = Vec::new();
    for group in &plan.groups {
        let Some(verb) = group.verbs.first() else {
            continue;
        };
        let limits = Limits {
            table,
            plan: group,
            verb: *verb,
            room: room(*verb),
        };
        for route in &group.routes {
            warnings.extend(limits.too_long(route));
            warnings.extend(limits.inseparable(route));
            through.extend(limits.lets_through(route));
            silent.extend(Some(route.route).filter(|_| limits.is_silent(route)));
        }
        warnings.extend(limits.contested());
    }
    silent.sort_unstable();
    silent.dedup();
    let routes: Vec<&Route> = silent
        .into_iter()
        .filter_map(|id| table.route(id))
        .collect();
    warnings.extend(through);
    warnings.extend((!routes.is_empty()).then_some(Warning::Silent { routes }));
    let mut told: Vec<(&'static str, Vec<&str>)> = Vec::new();
    warnings.retain(|warning| {
        let subject = warning.subject();
        let is_new = !told.contains(&subject);
        told.push(subject);
        is_new
    });
    warnings
}

/// Whether some token's policy is too large, as one sees without the token.
pub(super) fn too_large<'t>(table: &RouteTable, http: &Plan, rest: &Plan) -> Option<Warning<'t>> {
    let value = "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88";
    let ways = |route: &Route| {
        let ways = route.bound_positions().into_iter();
        let filled = |positions: Vec<usize>| {
            let positions = positions.into_iter();
            positions
                .map(|position| (position, value.to_owned()))
                .collect()
        };
        ways.map(filled).collect()
    };
    let mut token = WorstToken {
        table,
        refused: None,
        values: table.routes().iter().map(ways).collect(),
    };
    let routes = http.groups.iter().flat_map(|group| &group.routes);
    let refused: BTreeSet<RouteId> = routes.map(|own| own.route).collect();
    let mut largest = 0;
    for refused in std::iter::once(None).chain(refused.into_iter().map(Some)) {
        token.refused = refused;
        largest = largest.max(size(http, &token)).max(size(rest, &token));
        if largest > MAX_POLICY_CHARS {
            break;
        }
    }
    let (chars, stage) = (largest, USUAL_STAGE_ARN_CHARS);
    (chars > MAX_POLICY_CHARS).then_some(Warning::TooLarge { chars, stage })
}

/// How many characters the policy of a token has, without Denies that it may go without.
fn size(plan: &Plan, token: &WorstToken<'_>) -> usize {
    let of_group = |group: &VerbPlan| {
        let room = group.verbs.first().map_or(0, |verb| behind(*verb));
        let chooser = Chooser {
            plan: group,
            openness: token,
            room: room.saturating_sub(USUAL_STAGE_ARN_CHARS),
            asked: None,
        };
        let choice = chooser.choose();
        let lists = [&choice.allows, &choice.denies].map(|own| own.resources(group, room));
        let of_verb = |verb: &Verb| {
            // The quotes, the comma and two slashes.
            let beside = USUAL_STAGE_ARN_CHARS
                .saturating_add(verb.name().len())
                .saturating_add(5);
            let lengths = lists
                .iter()
                .flatten()
                .map(|own| own.len().saturating_add(beside));
            lengths.fold(0, usize::saturating_add)
        };
        group
            .verbs
            .iter()
            .map(of_verb)
            .fold(0, usize::saturating_add)
    };
    let spellings = plan.misspelled.iter();
    let spellings = spellings.map(|own| own.len().saturating_add(USUAL_STAGE_ARN_CHARS));
    let of_groups = plan.groups.iter().map(of_group);
    let frame = FRAME_CHARS.saturating_add(MAX_RESOURCE_CHARS);
    of_groups
        .chain(spellings)
        .fold(frame, usize::saturating_add)
}

/// What a policy has room for behind the longest ARN of a stage and a verb.
fn room(verb: Verb) -> usize {
    behind(verb).saturating_sub(MAX_STAGE_ARN_CHARS)
}

/// What a resource has beside a verb and two slashes.
fn behind(verb: Verb) -> usize {
    MAX_RESOURCE_CHARS.saturating_sub(verb.name().len().saturating_add(2))
}

/// A token that may call whatever a token may call that `refused` is closed to.
struct WorstToken<'t> {
    table: &'t RouteTable,
    refused: Option<RouteId>,
    /// For each route, the values of each way in which its parameters may be bound.
    values: Vec<Vec<Vec<(usize, String)>>>,
}

impl<'t> WorstToken<'t> {
    const fn without(table: &'t RouteTable, refused: RouteId) -> Self {
        Self {
            table,
            refused: Some(refused),
            values: Vec::new(),
        }
    }

    /// Whether there is a token that may call a route and not all of the refused one.
    fn may_call(&self, route: RouteId) -> bool {
        let Some(refused) = self.refused.and_then(|id| self.table.route(id)) else {
            return true;
        };
        self.table
            .route(route)
            .is_some_and(|own| !own.implies(refused))
    }
}

impl Openness for WorstToken<'_> {
    fn is_partly_closed(&self, route: RouteId) -> bool {
        Some(route) == self.refused || !self.may_call(route)
    }

    fn is_hit(&self, route: RouteId, _resource: &str) -> bool {
        self.may_call(route)
    }

    fn openings(&self, route: RouteId) -> Vec<&[(usize, String)]> {
        let ways = self
            .values
            .get(route.index())
            .filter(|_| self.may_call(route));
        ways.into_iter().flatten().map(Vec::as_slice).collect()
    }
}

/// The limits of one verb's policies.
struct Limits<'t, 'p> {
    table: &'t RouteTable,
    plan: &'p VerbPlan,
    verb: Verb,
    room: usize,
}

impl<'t> Limits<'t, '_> {
    fn route(&self, id: RouteId) -> Option<&'t Route> {
        self.table.route(id)
    }

    /// Whether the Allow of a route, or a Deny that it needs, may not fit.
    fn too_long(&self, route: &RoutePlan) -> Option<Warning<'t>> {
        let of_allow = |allow: &Allow| {
            let all = allow.obligations.iter().filter_map(|own| own.all);
            let denies = all.map(|id| self.plan.text(id).len());
            let own = self.plan.resources.text(allow.resource).len();
            denies.fold(own, usize::max)
        };
        let longest = route.allows.iter().map(of_allow).max()?;
        let left = behind(self.verb).saturating_sub(longest);
        let route = self.route(route.route)?;
        (left < MAX_STAGE_ARN_CHARS).then_some(Warning::TooLong { route, left })
    }

    /// The routes that for some token cannot be told from this one.
    fn inseparable(&self, open: &RoutePlan) -> Vec<Warning<'t>> {
        let obligations = open.allows.iter().flat_map(|allow| &allow.obligations);
        let is_stuck = |obligation: &Obligation| {
            let Owner::Route(refused) = obligation.owner else {
                return None;
            };
            let worst = WorstToken::without(self.table, refused);
            let chooser = self.chooser(&worst);
            let is_stuck = worst.may_call(open.route) && !chooser.can_meet(obligation);
            is_stuck.then_some(refused)
        };
        let mut refused: Vec<RouteId> = obligations.filter_map(is_stuck).collect();
        refused.sort_by_key(|id| self.place(*id));
        refused.dedup();
        let warning = |refused: RouteId| {
            Some(Warning::Inseparable {
                verb: self.verb,
                open: self.route(open.route)?,
                refused: self.route(refused)?,
            })
        };
        refused.into_iter().filter_map(warning).collect()
    }

    fn chooser<'c>(&'c self, worst: &'c WorstToken<'t>) -> Chooser<'c, WorstToken<'t>> {
        Chooser {
            plan: self.plan,
            openness: worst,
            room: self.room,
            asked: None,
        }
    }

    fn place(&self, id: RouteId) -> Option<usize> {
        self.plan.routes.iter().position(|own| own.route == id)
    }

    /// Where the Allow lets through what is for no route, and for which routes that cannot be denied.
    fn lets_through(&self, open: &RoutePlan) -> Vec<Warning<'t>> {
        let obligations = open.allows.iter().flat_map(|allow| &allow.obligations);
        let is_unrouted = |own: &&Obligation| own.owner == Owner::Excess { unrouted: true };
        let denies = obligations.filter(is_unrouted).filter_map(|own| own.all);
        let mut hits: Vec<RouteId> = denies
            .filter_map(|id| self.plan.deny(id))
            .flat_map(|deny| deny.hits.iter().copied())
            .collect();
        if hits.is_empty() {
            return Vec::new();
        }
        if hits.contains(&open.route) {
            hits.clear();
        }
        hits.sort_by_key(|id| self.place(*id));
        let mut beside: Vec<&Route> = Vec::new();
        for other in hits.into_iter().filter_map(|id| self.route(id)) {
            if !beside.iter().any(|own| own.name() == other.name()) {
                beside.push(other);
            }
        }
        let warning = |open| Warning::LetsThrough {
            verb: self.verb,
            open,
            beside,
        };
        self.route(open.route).map(warning).into_iter().collect()
    }

    /// Whether the route is refused to some token by silence alone.
    fn is_silent(&self, closed: &RoutePlan) -> bool {
        let Some(route) = self.route(closed.route) else {
            return false;
        };
        let worst = WorstToken::without(self.table, closed.route);
        let region = PathSet::of_route(closed.route, route, &[]);
        // An Allow of all of the route brings its own Denies for that, or is left out.
        let is_allowed_over = |id: RouteId| {
            self.route(id).is_some_and(|open| {
                let mut bound = open.bound_positions().into_iter();
                bound.all(|bound| PathSet::of_route(id, open, &bound).contains(&region))
            })
        };
        let is_stuck = |id: &DenyId| {
            let hits = self.plan.deny(*id).map(|deny| deny.hits.as_slice());
            let mut hits = hits.unwrap_or_default().iter();
            hits.any(|id| worst.may_call(*id) && !is_allowed_over(*id))
        };
        let too_long = closed.refusal.first().map(|id| self.plan.text(*id).len());
        route.binds()
            || too_long.is_some_and(|len| len > self.room)
            || closed.refusal.iter().any(is_stuck)
    }

    /// Each two routes of which API Gateway may choose either for some path, unless the same is asked of
    /// both.
    fn contested(&self) -> Vec<Warning<'t>> {
        let routes = self.plan.routes.iter();
        let routes: Vec<(&Route, PathSet<'t>)> = routes
            .filter_map(|own| {
                let route = self.route(own.route)?;
                Some((route, PathSet::of_route(own.route, route, &[])))
            })
            .collect();
        let mut warnings = Vec::new();
        for (at, (one, region)) in routes.iter().enumerate() {
            let later = routes.iter().skip(at.saturating_add(1));
            for (other, others) in later.filter(|(_, others)| !region.starts_apart(others)) {
                let is_settled = |common: &PathSet<'_>| {
                    routes.iter().any(|(third, thirds)| {
                        (third.precedes(one) || third.precedes(other)) && thirds.contains(common)
                    })
                };
                let is_rival =
                    || !one.precedes(other) && !region.intersections(others).iter().all(is_settled);
                if (!one.implies(other) || !other.implies(one)) && is_rival() {
                    warnings.push(Warning::Contested {
                        verb: self.verb,
                        routes: [one, other],
                    });
                }
            }
        }
        warnings
    }
}
