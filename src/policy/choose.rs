//! The choice of Allows and Denies for one token: which resources of one verb's plan say what the
//! decision says, about the first request and about every later one that meets the cached policy.
//!
//! This is the one place that tells whether a Deny may be written. The reply asks it for a token, the
//! warnings for the worst token that there could be.

use std::borrow::Cow;

use crate::policy::glob;
use crate::policy::plan::{Allow, Deny, DenyId, Obligation, Owner, Subtree, VerbPlan};
use crate::policy::resource::{ResourceId, fill};
use crate::route::RouteId;

/// What is open to somebody.
pub(super) trait Openness {
    /// Whether some of the route is closed.
    fn is_partly_closed(&self, route: RouteId) -> bool;

    /// Whether a Deny of this resource, behind the verb, would hit what is open of a route that it meets.
    fn is_hit(&self, route: RouteId, resource: &str) -> bool;

    /// The values that bound parameters have, each for its position, in each way in which the route is
    /// open: once none, if all of it is.
    fn openings(&self, route: RouteId) -> Vec<&[(usize, String)]>;
}

/// Resources of one effect, without their prefix.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Those of the plan.
    known: Vec<ResourceId>,
    /// Those that hold a value of the token.
    filled: Vec<String>,
}

/// What one verb's part of a policy allows and denies.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) allows: Selection,
    pub(super) denies: Selection,
    /// Routes that are open, but that one policy cannot tell from something that is closed, or that
    /// are too long for it.
    pub(super) left_out: Vec<RouteId>,
}

/// Chooses for somebody.
pub(super) struct Chooser<'p, O> {
    pub(super) plan: &'p VerbPlan,
    pub(super) openness: &'p O,
    /// The longest that a resource may be, without its prefix.
    pub(super) room: usize,
    /// The path of the request, if the policy must allow it.
    pub(super) asked: Option<&'p str>,
}

/// An Allow with the token's values in their places.
struct Filled<'c> {
    route: RouteId,
    resource: &'c str,
    values: &'c [(usize, String)],
}

impl<O: Openness> Chooser<'_, O> {
    /// Each closed route gets its Deny unless that hits something that is open. Each open route gets its
    /// Allow only if all of its obligations can be met.
    pub(super) fn choose(&self) -> Choice {
        let mut choice = Choice::default();
        let mut denied = RouteSet::default();
        self.deny_closed(&self.plan.tree, &mut choice.denies, &mut denied);
        for route in &self.plan.routes {
            for values in self.openness.openings(route.route) {
                let is_for = |allow: &&Allow| {
                    let positions = values.iter().map(|(position, _)| position);
                    allow.bound.iter().eq(positions)
                };
                let Some(allow) = route.allows.iter().find(is_for) else {
                    continue;
                };
                let resource = fill(self.plan.resources.text(allow.resource), values);
                let filled = Filled {
                    route: route.route,
                    resource: &resource,
                    values,
                };
                let before = choice.denies.len();
                let mut obligations = allow.obligations.iter();
                if resource.len() <= self.room
                    && obligations.all(|own| self.meet(own, &filled, &denied, &mut choice.denies))
                {
                    choice.allows.add(self.plan, allow.resource, resource);
                } else {
                    choice.denies.truncate(before);
                    choice.left_out.push(route.route);
                }
            }
        }
        self.deny_slashes(&mut choice.denies);
        choice
    }

    /// Whether what an obligation owes to a route can be denied without refusing anything that is open,
    /// whatever values parameters have.
    pub(super) fn can_meet(&self, obligation: &Obligation) -> bool {
        let is_exact = |id: &DenyId| {
            let resource = self.plan.text(*id);
            self.deny(*id)
                .is_some_and(|own| self.fits(own, resource) && !self.is_hit(own, resource, None))
        };
        let Owner::Route(owner) = obligation.owner else {
            return true;
        };
        let refusal = self.plan.route(owner).map(|own| own.refusal.as_slice());
        obligation.all.iter().any(is_exact)
            || obligation.common.iter().all(is_exact)
            || refusal.unwrap_or_default().iter().all(is_exact)
    }

    fn deny(&self, id: DenyId) -> Option<&Deny> {
        self.plan.deny(id)
    }

    /// Adds the Denies of the closed routes, as far as these hit nothing that is open, and notes which
    /// routes they deny.
    fn deny_closed(&self, tree: &Subtree, denies: &mut Selection, denied: &mut RouteSet) {
        if self.add_if_free(tree.deny, denies) {
            mark(tree, denied);
            return;
        }
        for route in &tree.routes {
            let refusal = self.plan.route(*route).map(|own| own.refusal.as_slice());
            let refusal = refusal.unwrap_or_default();
            if !refusal.is_empty() && refusal.iter().all(|id| self.add_if_free(*id, denies)) {
                denied.insert(*route);
            }
        }
        for tree in &tree.below {
            self.deny_closed(tree, denies, denied);
        }
    }

    /// Adds a Deny unless it hits something that is open. Whether it is then said in full: of two
    /// spellings, one may be too long.
    fn add_if_free(&self, id: DenyId, denies: &mut Selection) -> bool {
        let resource = self.plan.text(id);
        let Some(deny) = self.deny(id) else {
            return false;
        };
        if resource.len() > self.room || self.is_hit(deny, resource, None) {
            return false;
        }
        denies.add(self.plan, deny.resource, Cow::Borrowed(resource));
        self.fits(deny, resource)
    }

    /// Adds the Denies that an obligation of an Allow asks for; where there are none, such as refuse a
    /// part of the same route but of no other, and not the request. False if neither will do.
    fn meet(
        &self,
        obligation: &Obligation,
        allow: &Filled<'_>,
        denied: &RouteSet,
        denies: &mut Selection,
    ) -> bool {
        let filled = |id: DenyId| {
            let deny = self.deny(id)?;
            Some((deny, fill(self.plan.text(id), allow.values)))
        };
        let is_exact = |(deny, resource): &(&Deny, Cow<'_, str>)| {
            self.fits(deny, resource) && !self.is_hit(deny, resource, None)
        };
        if let Owner::Route(owner) = obligation.owner
            && (denied.contains(owner) || !self.openness.is_partly_closed(owner))
        {
            return true;
        }
        let all = obligation.all.and_then(filled);
        if let Some((deny, resource)) = all.clone().filter(is_exact) {
            denies.add(self.plan, deny.resource, resource);
            return true;
        }
        // The Denies with a value in them may have nothing to do with this one's.
        let matters = |(_, resource): &(&Deny, Cow<'_, str>)| {
            allow.values.is_empty() || glob::meet(allow.resource, resource)
        };
        let common = obligation.common.iter();
        let common: Vec<_> = common
            .filter_map(|id| filled(*id))
            .filter(matters)
            .collect();
        let is_lossy = |(deny, resource): &(&Deny, Cow<'_, str>)| {
            self.fits(deny, resource)
                && !self.is_hit(deny, resource, Some(allow.route))
                && !self.asked.is_some_and(|path| glob::meet(resource, path))
        };
        let is_met = match obligation.owner {
            Owner::Route(_) => common.iter().all(is_exact) || common.iter().all(is_lossy),
            // What hits nothing and is not written is too long: no Allow stands without it. Otherwise
            // this is about what is known to nobody, and what is known has an obligation of its own.
            Owner::Excess { .. } => {
                let is_free = |(deny, own): (&Deny, Cow<'_, str>)| !self.is_hit(deny, &own, None);
                match (all.is_some_and(is_free), common.iter().all(is_exact)) {
                    (true, _) => return false,
                    (false, false) => return true,
                    (false, true) => true,
                }
            }
        };
        for (deny, resource) in common.into_iter().filter(|_| is_met) {
            denies.add(self.plan, deny.resource, resource);
        }
        is_met
    }

    /// Whether a Deny is no longer than a resource may be, with a slash at its end where it needs one.
    fn fits(&self, deny: &Deny, resource: &str) -> bool {
        let twin = usize::from(self.plan.resources.has_twin(deny.resource));
        resource.len().saturating_add(twin) <= self.room
    }

    /// Whether a Deny would hit something that is open, the route `spared` apart.
    fn is_hit(&self, deny: &Deny, resource: &str, spared: Option<RouteId>) -> bool {
        let is_hit =
            |route: &RouteId| Some(*route) != spared && self.openness.is_hit(*route, resource);
        deny.hits.iter().any(is_hit)
    }

    /// Says in one Deny what several say of paths that end in a slash, if none of them is open.
    fn deny_slashes(&self, denies: &mut Selection) {
        let Some((id, deny)) = self.plan.slashed.and_then(|id| Some((id, self.deny(id)?))) else {
            return;
        };
        let resource = self.plan.text(id);
        if !self.fits(deny, resource) || self.is_hit(deny, resource, None) {
            return;
        }
        let before = denies.len();
        let resources = &self.plan.resources;
        denies
            .known
            .retain(|id| !resources.text(*id).ends_with('/'));
        denies.filled.retain(|resource| !resource.ends_with('/'));
        if denies.len() != before {
            denies.known.push(deny.resource);
        }
    }
}

/// Notes all routes of a subtree.
fn mark(tree: &Subtree, denied: &mut RouteSet) {
    for route in &tree.routes {
        denied.insert(*route);
    }
    for tree in &tree.below {
        mark(tree, denied);
    }
}

/// Some of a table's routes.
#[derive(Default)]
struct RouteSet(Vec<bool>);

impl RouteSet {
    fn insert(&mut self, route: RouteId) {
        let len = self.0.len().max(route.index().saturating_add(1));
        self.0.resize(len, false);
        if let Some(own) = self.0.get_mut(route.index()) {
            *own = true;
        }
    }

    fn contains(&self, route: RouteId) -> bool {
        self.0.get(route.index()) == Some(&true)
    }
}

impl Selection {
    fn add(&mut self, plan: &VerbPlan, id: ResourceId, resource: Cow<'_, str>) {
        match resource {
            Cow::Borrowed(_) => self.known.push(id),
            Cow::Owned(filled) => {
                let twin = plan.resources.has_twin(id).then(|| format!("{filled}/"));
                self.filled.push(filled);
                self.filled.extend(twin);
            }
        }
    }

    fn len(&self) -> (usize, usize) {
        (self.known.len(), self.filled.len())
    }

    fn truncate(&mut self, (known, filled): (usize, usize)) {
        self.known.truncate(known);
        self.filled.truncate(filled);
    }

    /// The resources, each once and in order, none longer than `room`.
    pub(super) fn resources<'s>(&'s self, plan: &'s VerbPlan, room: usize) -> Vec<&'s str> {
        let known = plan.resources.texts(&self.known);
        let mut resources: Vec<&str> = known.collect();
        resources.extend(self.filled.iter().map(String::as_str));
        if !self.filled.is_empty() {
            resources.sort_unstable();
        }
        resources.dedup();
        resources.retain(|resource| resource.len() <= room);
        resources
    }
}
