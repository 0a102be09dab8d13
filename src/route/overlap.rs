//! Which routes of one verb get in each other's way in a policy, and what can be done about it.
//!
//! In IAM `*` crosses `/`, so the resource of a route with a parameter also covers longer paths,
//! and that of `/books/{id}` also covers `/books/new`. An explicit Deny wins over every Allow.
//! So the Allow of a route needs Denies for what it covers and a token may not call, and these
//! must not hit what the token may call. All of that is worked out here for every token at once;
//! a token only chooses.

use crate::route::shape::{Segment, Shape};

/// A route of the verb, at its place in API Gateway's order of preference.
pub(super) struct Face<'a> {
    /// The paths of the route.
    pub(super) region: Shape<'a>,
    /// Those of them that a token may call that may call any: the bound parameters have values.
    pub(super) own: Shape<'a>,
    /// Whether the two differ, so that a part is refused even if a part is open.
    pub(super) binds: bool,
}

impl<'a> Face<'a> {
    /// What a token that the route is open to may call. Only what `{proxy+}` takes may end in a
    /// slash.
    fn open_parts(&self) -> Vec<Shape<'a>> {
        if self.own.is_greedy() {
            vec![self.own.clone(), self.own.slashed()]
        } else {
            vec![self.own.clone()]
        }
    }

    /// Whether all of `paths` is open to a token that the route is open to.
    fn is_open_to_own(&self, paths: &Shape<'_>) -> bool {
        self.own.contains(paths) && (!paths.is_slashed() || self.own.is_greedy())
    }

    /// What is refused to other tokens. REST APIs take `/a/` for `/a`.
    fn refused_parts(&self) -> [Shape<'a>; 2] {
        [self.region.clone(), self.region.slashed()]
    }
}

/// A resource to deny.
#[derive(Clone, Debug)]
pub(crate) struct Deny {
    pub(crate) resource: String,
    /// The routes that it would hit, so that it cannot be used if one of them is open.
    pub(crate) blockers: Vec<usize>,
}

/// What the Allow of a route covers beyond the route, or where others come before it.
#[derive(Clone, Debug)]
pub(crate) struct Spill {
    /// Denies all of it at once, and with it what no route of the table is about.
    pub(crate) deny: Option<Deny>,
    /// The routes that it touches.
    pub(crate) overlaps: Vec<Overlap>,
}

/// What a spill and the refused paths of a route have in common.
#[derive(Clone, Debug)]
pub(crate) struct Overlap {
    /// The place of the other route. The first way to deny it is [`Plan::refusal`].
    pub(crate) other: usize,
    /// The second way: denies just what they have in common.
    pub(crate) common: Vec<Deny>,
}

/// Denies every path that ends in a slash: one resource instead of one for each `*` at an end.
pub(super) fn slashed(faces: &[Face<'_>]) -> Deny {
    let near: Vec<(usize, &Face<'_>)> = (0..).zip(faces).collect();
    let any = Shape::new(vec![Segment::One, Segment::More]);
    deny(&any.slashed(), None, &near)
}

/// All about one route of one verb.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Allows the route, to tokens for which every spill can be dealt with.
    pub(crate) resource: String,
    pub(crate) spills: Vec<Spill>,
    /// Denies the whole route.
    pub(crate) refusal: Vec<Deny>,
}

/// Works out the plans of one verb's routes, given in API Gateway's order of preference.
pub(super) fn plans(faces: &[Face<'_>]) -> Vec<Plan> {
    (0..)
        .zip(faces)
        .map(|(at, face)| plan(at, face, faces))
        .collect()
}

fn plan(at: usize, face: &Face<'_>, faces: &[Face<'_>]) -> Plan {
    let near: Vec<(usize, &Face<'_>)> = (0..)
        .zip(faces)
        .filter(|(_, other)| !face.region.starts_apart(&other.region))
        .collect();
    let mut refusal = vec![deny(&face.region, Some(at), &near)];
    if !face.region.is_open() {
        refusal.push(deny(&face.region.slashed(), Some(at), &near));
    }
    let mut spills: Vec<Spill> = Vec::new();
    let earlier: Vec<_> = near
        .iter()
        .filter(|(other, _)| *other < at)
        .copied()
        .collect();
    spills.push(Spill {
        deny: None,
        overlaps: overlaps(&face.open_parts(), (at, face), &earlier, &near),
    });
    for excess in face.own.excesses() {
        spills.push(Spill {
            deny: Some(deny(&excess, None, &near)),
            overlaps: overlaps(&excess.covered(), (at, face), &near, &near),
        });
    }
    spills.retain(|spill| spill.deny.is_some() || !spill.overlaps.is_empty());
    Plan {
        resource: face.own.resource(),
        spills,
        refusal,
    }
}

/// What `parts`, covered by the Allow of `own`, have in common with the refused paths of each of
/// `others`.
fn overlaps(
    parts: &[Shape<'_>],
    own: (usize, &Face<'_>),
    others: &[(usize, &Face<'_>)],
    near: &[(usize, &Face<'_>)],
) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    for (at, other) in others {
        let refused = other.refused_parts();
        let common: Vec<Shape<'_>> = parts
            .iter()
            .flat_map(|part| {
                refused
                    .iter()
                    .flat_map(|refused| part.intersections(refused))
            })
            .filter(|common| *at != own.0 || !own.1.is_open_to_own(common))
            .filter(|common| !is_shadowed(common, *at, other, near))
            .collect();
        let is_covered = |slashed: &&Shape<'_>| {
            let mut open = common.iter().filter(|common| common.is_open());
            open.any(|open| open.slashed() == **slashed)
        };
        let common: Vec<Deny> = common
            .iter()
            .filter(|common| !is_covered(common))
            .map(|common| deny(common, Some(*at), near))
            .collect();
        if !common.is_empty() {
            overlaps.push(Overlap { other: *at, common });
        }
    }
    overlaps
}

/// Whether no request for `paths` is ever one for the route at `at`, as a single route that is
/// preferred takes them all. A path that ends in a slash must be open in both its readings: with
/// the slash, which only greedy routes know, and without.
fn is_shadowed(paths: &Shape<'_>, at: usize, face: &Face<'_>, near: &[(usize, &Face<'_>)]) -> bool {
    let greedy_only = paths.is_slashed() && face.region.is_greedy();
    near.iter()
        .take_while(|(other, _)| *other < at)
        .any(|(_, other)| {
            other.region.contains(paths) && (!greedy_only || other.region.is_greedy())
        })
}

/// Denies `paths`, which belong to the route at `owner` where no other is preferred, or to none.
fn deny(paths: &Shape<'_>, owner: Option<usize>, near: &[(usize, &Face<'_>)]) -> Deny {
    let beyond: Vec<Shape<'_>> = match owner {
        None => paths.covered(),
        Some(_) => paths.excesses().iter().flat_map(Shape::covered).collect(),
    };
    let hits = |at: usize, face: &Face<'_>| {
        let precedes = owner.is_some_and(|owner| at < owner || at == owner && face.binds);
        face.open_parts().iter().any(|open| {
            precedes && open.meets(paths) || beyond.iter().any(|beyond| open.meets(beyond))
        })
    };
    Deny {
        resource: paths.resource(),
        blockers: near
            .iter()
            .filter(|(at, face)| hits(*at, face))
            .map(|(at, _)| *at)
            .collect(),
    }
}
