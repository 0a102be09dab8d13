//! Which resources of one verb a policy must allow and deny so that it says what the decision
//! says, about the first request and about every later one that meets the cached policy.
//!
//! Each route that is open to the token gets its Allow only if everything that the Allow covers
//! and the token may not call can be denied again without hitting anything that it may call.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::policy::glob;
use crate::route::{Bindings, Column, Deny, Plan};

/// Resources of one verb, without their prefix.
#[derive(Debug, Default)]
pub(super) struct Cover<'t> {
    pub(super) allows: BTreeSet<Cow<'t, str>>,
    pub(super) denies: BTreeSet<Cow<'t, str>>,
    /// Routes, by their position in the table, that the token may call but that one policy
    /// cannot tell from something that it may not call.
    pub(super) inexpressible: Vec<usize>,
}

/// A verb's routes, as one token sees them.
struct View<'t, 'p> {
    column: &'t Column,
    /// For each route of the table the token's bindings, if the route is open to the token.
    permitted: &'p [Option<Bindings<'t, 'p>>],
    /// The longest resource, without its prefix.
    room: usize,
    /// The path of the request, if the policy must allow it.
    asked: Option<&'p str>,
}

/// Works out the cover of one verb. The resources may not be longer than `room`, and none denies
/// the path that is `asked` for.
pub(super) fn cover<'t>(
    column: &'t Column,
    permitted: &[Option<Bindings<'t, '_>>],
    room: usize,
    asked: Option<&str>,
) -> Cover<'t> {
    let view = View {
        column,
        permitted,
        room,
        asked,
    };
    let mut cover = Cover::default();
    for (at, cell) in (0..).zip(column.cells()) {
        let Some(allow) = view.allow(at) else {
            continue;
        };
        match view.denies_for(at, &cell.plan, &allow) {
            Some(denies) if allow.len() <= room => {
                cover.allows.insert(allow);
                cover.denies.extend(denies);
            }
            Some(_) | None => cover.inexpressible.push(cell.route),
        }
    }
    let slashed = column.slashed();
    if slashed.blockers.iter().all(|at| !view.is_open(*at))
        && cover.denies.iter().any(|deny| deny.ends_with('/'))
    {
        cover.denies.retain(|deny| !deny.ends_with('/'));
        cover.denies.insert(Cow::from(&slashed.resource));
    }
    cover
}

impl<'t> View<'t, '_> {
    /// The token's bindings for the route at `at`, if it is open to the token.
    fn bindings(&self, at: usize) -> Option<&Bindings<'t, '_>> {
        let cell = self.column.cells().get(at)?;
        self.permitted.get(cell.route)?.as_ref()
    }

    fn is_open(&self, at: usize) -> bool {
        self.bindings(at).is_some()
    }

    /// Whether the token may not call the whole of a route.
    fn is_refused(&self, at: usize) -> bool {
        self.bindings(at)
            .is_none_or(|bindings| !bindings.is_empty())
    }

    /// The Allow of the route at `at`, if it is open to the token.
    fn allow(&self, at: usize) -> Option<Cow<'t, str>> {
        let cell = self.column.cells().get(at)?;
        Some(self.bindings(at)?.fill(&cell.plan.resource))
    }

    /// The Denies that make the Allow of the route at `at` exact, or, where there are none that
    /// would, such as refuse a part of this route but no other; or nothing.
    fn denies_for(&self, at: usize, plan: &'t Plan, allow: &str) -> Option<Vec<Cow<'t, str>>> {
        let bindings = self.bindings(at)?;
        let exact = |deny: &'t Deny| {
            let resource = bindings.fill(&deny.resource);
            let usable = !self.is_blocked(deny, &resource, None) && resource.len() <= self.room;
            usable.then_some(resource)
        };
        let lossy = |deny: &'t Deny| {
            let resource = bindings.fill(&deny.resource);
            let usable = !self.is_blocked(deny, &resource, Some(at))
                && resource.len() <= self.room
                && !self.asked.is_some_and(|path| glob::meet(&resource, path));
            usable.then_some(resource)
        };
        let matters = |deny: &&Deny| {
            if bindings.is_empty() {
                allow.ends_with('*') || !deny.resource.ends_with('/')
            } else {
                glob::meet(allow, &bindings.fill(&deny.resource))
            }
        };
        let mut denies = Vec::new();
        for spill in &plan.spills {
            if let Some(deny) = spill.deny.as_ref().and_then(exact) {
                denies.push(deny);
                continue;
            }
            for overlap in spill
                .overlaps
                .iter()
                .filter(|overlap| self.is_refused(overlap.other))
            {
                let refusal = self
                    .column
                    .cells()
                    .get(overlap.other)?
                    .plan
                    .refusal
                    .as_slice();
                let (refusal, common) = (refusal.iter(), overlap.common.iter());
                denies.extend(
                    all(refusal.filter(matters), exact)
                        .or_else(|| all(common.clone().filter(matters), exact))
                        .or_else(|| all(common.filter(matters), lossy))?,
                );
            }
        }
        Some(denies)
    }

    /// Whether a Deny would hit what the token may call, the route at `spared` apart.
    fn is_blocked(&self, deny: &Deny, resource: &str, spared: Option<usize>) -> bool {
        deny.blockers.iter().any(|at| {
            let hits = |bindings: &Bindings<'_, '_>| {
                bindings.is_empty()
                    || self
                        .allow(*at)
                        .is_some_and(|own| glob::meet(&own, resource))
            };
            Some(*at) != spared && self.bindings(*at).is_some_and(hits)
        })
    }
}

/// All of the resources, if each can be used.
fn all<'t>(
    denies: impl Iterator<Item = &'t Deny>,
    usable: impl Fn(&'t Deny) -> Option<Cow<'t, str>>,
) -> Option<Vec<Cow<'t, str>>> {
    denies.map(usable).collect()
}
