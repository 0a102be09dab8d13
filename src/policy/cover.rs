//! Which resources of one verb a policy must allow and deny so that it says what the decision
//! says, about the first request and about every later one that meets the cached policy.
//!
//! In IAM `*` crosses `/`, so the resource of a route with a parameter also covers longer paths,
//! and that of `/books/{id}` also covers `/books/new`. An explicit Deny wins over every Allow.
//! So each allowed route gets its Allow only if everything that it covers and the token may not
//! call can be denied again without hitting anything that the token may call.

use crate::claims::Claims;
use crate::route::{Bindings, Cell, Route, RouteTable, Shape};

/// Resources of one verb, without their prefix.
#[derive(Debug, Default)]
pub(super) struct Cover {
    pub(super) allows: Vec<String>,
    pub(super) denies: Vec<String>,
    /// Routes, by their position in the table, that the token may call but that one policy
    /// cannot tell from something that it may not call.
    pub(super) inexpressible: Vec<usize>,
}

/// The part of a cell's paths that the token may call, or the part that it may not.
struct Face<'a> {
    at: usize,
    cell: &'a Cell,
    shape: Shape<'a>,
    allowed: bool,
}

impl Face<'_> {
    /// Whether a path that is in both belongs to this face: its pattern comes first in API
    /// Gateway's order, or it is the part of the same pattern that is bound to the token.
    fn precedes(&self, other: &Self) -> bool {
        if self.at == other.at {
            self.allowed
        } else {
            self.cell.rank() < other.cell.rank()
        }
    }

    /// Whether the resource of this face covers paths that belong to `other`.
    fn spills_over(&self, other: &Self) -> bool {
        let covers_root = self.shape.is_everything() && other.shape.resource().is_empty();
        covers_root
            || other.precedes(self) && self.shape.meets(&other.shape)
            || self
                .shape
                .excesses()
                .any(|excess| excess.meets(&other.shape))
    }
}

/// Works out the cover of one verb for a token that has the scopes that everything needs.
pub(super) fn cover(table: &RouteTable, cells: &[Cell], claims: &Claims) -> Cover {
    let faces = faces(table, cells, claims);
    let mut cover = Cover::default();
    for face in faces.iter().filter(|face| face.allowed) {
        match denies_for(face, &faces) {
            Some(denies) => {
                cover.allows.push(face.shape.resource());
                cover.denies.extend(denies);
            }
            None => cover.inexpressible.push(face.cell.route()),
        }
    }
    cover
}

fn faces<'a>(table: &'a RouteTable, cells: &'a [Cell], claims: &'a Claims) -> Vec<Face<'a>> {
    let mut faces = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let Some(route) = table.routes().get(cell.route()) else {
            continue;
        };
        let permitted = route.permits(claims).ok();
        let mut add = |bindings: &Bindings<'_, 'a>, allowed| {
            faces.push(Face {
                at,
                cell,
                shape: route.shape(bindings),
                allowed,
            });
        };
        if let Some(bindings) = &permitted {
            add(bindings, true);
        }
        if permitted.is_none() || Route::binds(route) {
            add(&Bindings::default(), false);
        }
    }
    faces
}

/// The Denies that make the Allow of `face` exact, or nothing if there are none that would.
fn denies_for(face: &Face<'_>, faces: &[Face<'_>]) -> Option<Vec<String>> {
    let mut denies = Vec::new();
    let refused = neighbours(face, faces).filter(|other| !other.allowed);
    for other in refused.filter(|other| face.spills_over(other)) {
        if can_deny(other, faces) {
            let resource = other.shape.resource();
            if !resource.ends_with('*') && !resource.is_empty() {
                // REST APIs take `/a/` for `/a`.
                denies.push(format!("{resource}/"));
            }
            denies.push(resource);
        } else if other.precedes(face) && face.shape.meets(&other.shape)
            || face
                .shape
                .excesses()
                .any(|excess| excess.meets(&other.shape) && hits_allowed(&excess, face, faces))
        {
            return None;
        }
    }
    // What lies deeper than the table knows is refused too, wherever that can be said.
    let deeper = face
        .shape
        .excesses()
        .filter(|excess| !hits_allowed(excess, face, faces));
    denies.extend(deeper.map(|excess| excess.resource()));
    // `*` also matches nothing: without this, `/a/` would be covered by the Allow of `/a/{id}`.
    if let Some(parent) = face.shape.parent()
        && !faces
            .iter()
            .any(|other| other.allowed && other.shape == parent)
    {
        let parent = parent.resource();
        denies.push(if parent.is_empty() {
            parent
        } else {
            format!("{parent}/")
        });
    }
    Some(denies)
}

/// Whether the resource of a refused face can be denied without hitting an allowed one.
fn can_deny(refused: &Face<'_>, faces: &[Face<'_>]) -> bool {
    !neighbours(refused, faces).any(|other| other.allowed && refused.spills_over(other))
}

/// Whether denying `excess`, which lies beyond `face`, would hit something allowed.
fn hits_allowed(excess: &Shape<'_>, face: &Face<'_>, faces: &[Face<'_>]) -> bool {
    neighbours(face, faces).any(|other| other.allowed && excess.meets(&other.shape))
}

/// The faces whose resources may share a path with that of `face`, its own cell's included.
fn neighbours<'f, 'a>(
    face: &'f Face<'a>,
    faces: &'f [Face<'a>],
) -> impl Iterator<Item = &'f Face<'a>> {
    faces.iter().filter(|other| {
        other.at == face.at
            || face.cell.related().contains(&other.at)
            || other.shape.resource().is_empty()
            || face.shape.resource().is_empty()
    })
}
