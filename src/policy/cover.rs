//! Which resources of one verb a policy must allow and deny so that it says what the decision
//! says, about the first request and about every later one that meets the cached policy.
//!
//! Each route that is closed to the token gets its Deny unless that hits anything that the token
//! may call. Each route that is open gets its Allow only if everything that the Allow covers and
//! the token may not call can be denied again without hitting anything that it may call.

use std::borrow::Cow;
use std::{iter, slice};

use crate::policy::glob;
use crate::route::{Bindings, Closing, Column, Deny, ResourceId};

/// The resources of one effect, without their prefix.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Those that the table knows.
    known: Vec<ResourceId>,
    /// Those that hold a claim of the token.
    filled: Vec<String>,
}

/// What one verb's part of a policy allows and denies.
#[derive(Debug, Default)]
pub(super) struct Cover {
    pub(super) allows: List,
    pub(super) denies: List,
    /// Routes, by their position in the table, that the token may call but that one policy
    /// cannot tell from something that it may not call.
    pub(super) inexpressible: Vec<usize>,
}

/// A column's routes, as one token sees them.
pub(super) struct View<'t, 'p> {
    pub(super) column: &'t Column,
    /// For each route of the table the token's bindings, if the route is open to the token.
    pub(super) permitted: &'p [Option<Bindings<'t, 'p>>],
    /// The longest that a resource may be, without its prefix.
    pub(super) room: usize,
    /// The path of the request, if the policy must allow it.
    pub(super) asked: Option<&'p str>,
}

impl View<'_, '_> {
    /// Works out the cover.
    pub(super) fn cover(&self) -> Cover {
        let mut cover = Cover::default();
        let denied = self.deny_closed(&mut cover.denies);
        for (at, cell) in (0..).zip(self.column.cells()) {
            let Some(bindings) = self.bindings(at) else {
                continue;
            };
            let allow = bindings.fill(self.text(cell.plan.resource));
            let before = cover.denies.len();
            if allow.len() <= self.room && self.deny_spills(at, &allow, &denied, &mut cover.denies)
            {
                cover.allows.add(cell.plan.resource, allow);
            } else {
                cover.denies.truncate(before);
                cover.inexpressible.push(cell.route);
            }
        }
        self.deny_slashes(&mut cover.denies);
        cover
    }

    fn text(&self, id: ResourceId) -> &str {
        self.column.resources().text(id)
    }

    /// The token's bindings for the route at `at`, if it is open to the token.
    fn bindings(&self, at: usize) -> Option<&Bindings<'_, '_>> {
        let cell = self.column.cells().get(at)?;
        self.permitted.get(cell.route)?.as_ref()
    }

    /// Whether the token may not call the whole of a route.
    fn is_refused(&self, at: usize) -> bool {
        self.bindings(at)
            .is_none_or(|bindings| !bindings.is_empty())
    }

    /// Adds the Denies of the routes that are closed to the token, as far as these hit nothing that
    /// is open. Which of the routes they deny, by their places.
    fn deny_closed(&self, denies: &mut List) -> Vec<bool> {
        let exact = |deny: &Deny| self.is_usable(deny, self.text(deny.resource), None);
        let cells = self.column.cells();
        let mut denied = vec![false; cells.len()];
        let mut left = self.column.closings();
        while let [closing, rest @ ..] = left {
            left = rest;
            let (refusal, inside) = match closing {
                Closing::Below { deny, inside } => (slice::from_ref(deny), *inside),
                Closing::Route(place) => {
                    let refusal = cells.get(*place).map(|cell| cell.plan.refusal.as_slice());
                    (refusal.unwrap_or_default(), 0)
                }
            };
            let usable = refusal.iter().take_while(|deny| exact(deny));
            denies.known.extend(usable.map(|deny| deny.resource));
            if !refusal.iter().all(exact) {
                continue;
            }
            // One Deny says it for all that lies inside: go on behind that.
            let (covered, beside) = rest.split_at_checked(inside).unwrap_or((rest, &[]));
            for closing in iter::once(closing).chain(covered) {
                if let Closing::Route(place) = closing
                    && let Some(denied) = denied.get_mut(*place)
                {
                    *denied = true;
                }
            }
            left = beside;
        }
        denied
    }

    /// Adds the Denies that make the Allow of the route at `at` exact; where there are none, such
    /// as refuse a part of this route but of no other. False if neither will do. Routes that are
    /// `denied` already need none.
    fn deny_spills(&self, at: usize, allow: &str, denied: &[bool], denies: &mut List) -> bool {
        let cells = self.column.cells();
        let (Some(cell), Some(bindings)) = (cells.get(at), self.bindings(at)) else {
            return false;
        };
        let fill = |deny: &Deny| bindings.fill(self.text(deny.resource));
        let exact = |deny: &Deny| self.is_usable(deny, &fill(deny), None);
        let lossy = |deny: &Deny| {
            let resource = fill(deny);
            self.is_usable(deny, &resource, Some(at))
                && !self.asked.is_some_and(|path| glob::meet(&resource, path))
        };
        let matters = |deny: &&Deny| {
            if bindings.is_empty() {
                allow.ends_with('*') || !self.text(deny.resource).ends_with('/')
            } else {
                glob::meet(allow, &fill(deny))
            }
        };
        let is_left = |other: usize| denied.get(other) != Some(&true) && self.is_refused(other);
        for spill in &cell.plan.spills {
            if let Some(deny) = spill.deny.as_ref().filter(|deny| exact(deny)) {
                denies.add(deny.resource, fill(deny));
                continue;
            }
            // Where nothing that is open forbids this Deny, it is only too long to be written. An
            // Allow never stands without it.
            if spill
                .deny
                .as_ref()
                .is_some_and(|deny| !self.is_blocked(deny, &fill(deny), None))
            {
                return false;
            }
            let overlaps = spill.overlaps.iter();
            for overlap in overlaps.filter(|overlap| is_left(overlap.other)) {
                let common = overlap.common.iter().filter(matters);
                if !common.clone().all(exact) && !common.clone().all(lossy) {
                    return false;
                }
                common.for_each(|deny| denies.add(deny.resource, fill(deny)));
            }
        }
        true
    }

    /// Whether a Deny fits and hits nothing that the token may call, the route at `spared` apart.
    fn is_usable(&self, deny: &Deny, resource: &str, spared: Option<usize>) -> bool {
        resource.len() <= self.room && !self.is_blocked(deny, resource, spared)
    }

    /// Whether a Deny hits something that the token may call, the route at `spared` apart.
    fn is_blocked(&self, deny: &Deny, resource: &str, spared: Option<usize>) -> bool {
        let is_hit = |at: &usize| {
            let (Some(cell), Some(bindings)) = (self.column.cells().get(*at), self.bindings(*at))
            else {
                return false;
            };
            let own = || bindings.fill(self.text(cell.plan.resource));
            Some(*at) != spared && (bindings.is_empty() || glob::meet(&own(), resource))
        };
        deny.blockers.iter().any(is_hit)
    }

    /// Says in one Deny what several say of paths that end in a slash, if none of them is open.
    fn deny_slashes(&self, denies: &mut List) {
        let deny = self.column.slashed();
        if !self.is_usable(deny, self.text(deny.resource), None) {
            return;
        }
        let before = denies.len();
        denies.known.retain(|id| !self.text(*id).ends_with('/'));
        denies.filled.retain(|resource| !resource.ends_with('/'));
        if denies.len() != before {
            denies.known.push(deny.resource);
        }
    }
}

impl List {
    fn add(&mut self, id: ResourceId, resource: Cow<'_, str>) {
        match resource {
            Cow::Borrowed(_) => self.known.push(id),
            Cow::Owned(filled) => self.filled.push(filled),
        }
    }

    fn len(&self) -> (usize, usize) {
        (self.known.len(), self.filled.len())
    }

    fn truncate(&mut self, (known, filled): (usize, usize)) {
        self.known.truncate(known);
        self.filled.truncate(filled);
    }

    /// The resources, each once and in order.
    pub(super) fn resources<'t>(&'t self, column: &'t Column) -> Vec<&'t str> {
        let all = column.resources();
        let mut is_wanted = vec![false; all.sorted().len()];
        for id in &self.known {
            if let Some(wanted) = is_wanted.get_mut(*id) {
                *wanted = true;
            }
        }
        let wanted = all
            .sorted()
            .iter()
            .filter(|id| is_wanted.get(**id) == Some(&true));
        let mut resources: Vec<&str> = wanted.map(|id| all.text(*id)).collect();
        if !self.filled.is_empty() {
            resources.extend(self.filled.iter().map(String::as_str));
            resources.sort_unstable();
            resources.dedup();
        }
        resources
    }
}
