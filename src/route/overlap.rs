//! Which routes of one verb get in each other's way in a policy, and what can be done about it.
//!
//! In IAM `*` crosses `/`, so the resource of a route with a parameter also covers longer paths,
//! and that of `/books/{id}` also covers `/books/new`. An explicit Deny wins over every Allow.
//! So the Allow of a route needs Denies for what it covers and a token may not call, and these
//! must not hit what the token may call. All of that is worked out here for every token at once;
//! a token only chooses.

use std::collections::HashMap;

use crate::route::Route;
use crate::route::shape::{Segment, Shape};

/// A route of the verb, at a place before all to which it is preferred.
pub(super) struct Face<'a> {
    pub(super) route: &'a Route,
    /// The paths of the route.
    pub(super) region: Shape<'a>,
    /// Those of them that a token may call that may call any: the bound parameters have values.
    pub(super) own: Shape<'a>,
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

    /// Whether any of `paths` is among the [`Face::open_parts`].
    fn is_partly_open(&self, paths: &Shape<'_>) -> bool {
        (!paths.is_slashed() || self.own.is_greedy()) && self.own.meets_but_for_slash(paths)
    }

    /// Whether all of `paths` is open to a token that the route is open to.
    fn is_open_to_own(&self, paths: &Shape<'_>) -> bool {
        self.own.contains(paths) && (!paths.is_slashed() || self.own.is_greedy())
    }

    /// Whether API Gateway prefers this route wherever `other` matches too.
    fn precedes(&self, other: &Self) -> bool {
        self.route.precedes(other.route)
    }

    /// What is refused to other tokens. REST APIs take `/a/` for `/a`.
    fn refused_parts(&self) -> [Shape<'a>; 2] {
        [self.region.clone(), self.region.slashed()]
    }
}

/// The number of a resource among those of its verb.
pub(crate) type ResourceId = usize;

/// The resources that the policies of a verb are made of, each once and without its prefix. The
/// value of a binding is yet to come: its number stands between braces.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    texts: Vec<String>,
    sorted: Vec<ResourceId>,
}

impl Resources {
    pub(crate) fn text(&self, id: ResourceId) -> &str {
        self.texts.get(id).map_or("", String::as_str)
    }

    /// All numbers, in the order of their resources' bytes.
    pub(crate) fn sorted(&self) -> &[ResourceId] {
        &self.sorted
    }
}

/// Gives resources their numbers.
#[derive(Default)]
pub(super) struct Register(HashMap<String, ResourceId>);

impl Register {
    fn id(&mut self, resource: String) -> ResourceId {
        let next = self.0.len();
        *self.0.entry(resource).or_insert(next)
    }

    pub(super) fn close(self) -> Resources {
        let mut list: Vec<(String, ResourceId)> = self.0.into_iter().collect();
        list.sort_unstable();
        let sorted = list.iter().map(|(_, id)| *id).collect();
        list.sort_unstable_by_key(|(_, id)| *id);
        Resources {
            texts: list.into_iter().map(|(text, _)| text).collect(),
            sorted,
        }
    }
}

/// A resource to deny.
#[derive(Clone, Debug)]
pub(crate) struct Deny {
    pub(crate) resource: ResourceId,
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
    /// The place of the other route. [`Plan::refusal`] denies all of it.
    pub(crate) other: usize,
    /// Denies just what they have in common.
    pub(crate) common: Vec<Deny>,
}

/// All about one route of one verb.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Allows the route, to tokens for which every spill can be dealt with.
    pub(crate) resource: ResourceId,
    pub(crate) spills: Vec<Spill>,
    /// Denies the whole route, to tokens to which all of it is closed.
    pub(crate) refusal: Vec<Deny>,
}

/// Works out the plans of one verb's routes, given in an order in which none comes before one
/// that is preferred to it.
pub(super) fn plans(faces: &[Face<'_>], register: &mut Register) -> Vec<Plan> {
    let preferred = |face| {
        faces
            .iter()
            .filter(move |other| other.precedes(face))
            .collect()
    };
    let preferred: Vec<Vec<&Face<'_>>> = faces.iter().map(preferred).collect();
    let plan = |(at, face)| Surroundings::of(face, faces, &preferred).plan(at, face, register);
    (0..).zip(faces).map(plan).collect()
}

/// The places of each two routes of which API Gateway may choose either for some path.
pub(super) fn rivals(faces: &[Face<'_>]) -> Vec<(usize, usize)> {
    let mut rivals = Vec::new();
    for (at, face) in (0..).zip(faces) {
        let near = Surroundings::of(face, faces, &[]).faces;
        let later = near.iter().filter(|(other, _)| *other > at);
        let is_rival = |other: &Face<'_>| {
            let precede = |third: &Face<'_>| third.precedes(face) || third.precedes(other);
            let is_settled = |common: &Shape<'_>| {
                let mut thirds = near.iter().map(|(_, third)| third);
                thirds.any(|third| third.region.contains(common) && precede(third))
            };
            let common = face.region.intersections(&other.region);
            !face.precedes(other) && !common.iter().all(is_settled)
        };
        rivals.extend(
            later
                .filter(|(_, other)| is_rival(other))
                .map(|(other, _)| (at, *other)),
        );
    }
    rivals
}

/// Denies every path that ends in a slash: one resource instead of one for each `*` at an end.
pub(super) fn slashed(faces: &[Face<'_>], register: &mut Register) -> Deny {
    let any = Shape::new(vec![Segment::One, Segment::More]);
    Surroundings::all(faces).deny(&any.slashed(), None, register)
}

/// The routes that a resource of one route can have to do with, itself among them, each at its
/// place.
pub(super) struct Surroundings<'f, 'a> {
    faces: Vec<(usize, &'f Face<'a>)>,
    /// For each route of the verb those that are preferred to it.
    preferred: &'f [Vec<&'f Face<'a>>],
}

impl<'f, 'a> Surroundings<'f, 'a> {
    /// All routes of the verb.
    pub(super) fn all(faces: &'f [Face<'a>]) -> Self {
        Self {
            faces: (0..).zip(faces).collect(),
            preferred: &[],
        }
    }

    /// Those of them that can have to do with `paths`.
    pub(super) fn near(&self, paths: &Shape<'_>) -> Self {
        let near = |(_, face): &&(usize, &Face<'_>)| !paths.starts_apart(&face.region);
        Self {
            faces: self.faces.iter().filter(near).copied().collect(),
            preferred: self.preferred,
        }
    }

    fn of(face: &Face<'_>, faces: &'f [Face<'a>], preferred: &'f [Vec<&'f Face<'a>>]) -> Self {
        let near = |(_, other): &(usize, &Face<'_>)| !face.region.starts_apart(&other.region);
        Self {
            faces: (0..).zip(faces).filter(near).collect(),
            preferred,
        }
    }

    fn plan(&self, at: usize, face: &Face<'_>, register: &mut Register) -> Plan {
        let mut refusal = vec![self.deny(&face.region, Some((at, face)), register)];
        if !face.region.is_open() && !face.region.is_root() {
            refusal.push(self.deny(&face.region.slashed(), Some((at, face)), register));
        }
        let mut spills = vec![Spill {
            deny: None,
            overlaps: self.overlaps(
                &face.open_parts(),
                (at, face),
                register,
                |(other, rival)| *other != at && !face.precedes(rival),
            ),
        }];
        for excess in face.own.excesses() {
            spills.push(Spill {
                deny: Some(self.deny(&excess, None, register)),
                overlaps: self.overlaps(&excess.covered(), (at, face), register, |_| true),
            });
        }
        Plan {
            resource: register.id(face.own.resource()),
            spills,
            refusal,
        }
    }

    /// What `parts`, covered by the Allow of `own`, have in common with the refused paths of each
    /// route that `counts`.
    fn overlaps(
        &self,
        parts: &[Shape<'a>],
        own: (usize, &Face<'_>),
        register: &mut Register,
        counts: impl Fn(&(usize, &Face<'a>)) -> bool,
    ) -> Vec<Overlap> {
        let mut overlaps = Vec::new();
        for (at, other) in self.faces.iter().filter(|near| counts(near)) {
            let refused = other.refused_parts();
            let common: Vec<Shape<'_>> = parts
                .iter()
                .flat_map(|part| {
                    refused
                        .iter()
                        .flat_map(|refused| part.intersections(refused))
                })
                .filter(|common| *at != own.0 || !own.1.is_open_to_own(common))
                .filter(|common| !self.is_shadowed(common, *at, other))
                .collect();
            let is_covered = |slashed: &Shape<'_>| {
                let mut open = common.iter().filter(|common| common.is_open());
                open.any(|open| open.slashed() == *slashed)
            };
            let needed = common.iter().filter(|common| !is_covered(common));
            let common: Vec<Deny> = needed
                .map(|common| self.deny(common, Some((*at, other)), register))
                .collect();
            if !common.is_empty() {
                overlaps.push(Overlap { other: *at, common });
            }
        }
        overlaps
    }

    /// Whether no request for `paths` is ever one for the route at `at`, as a single route that
    /// is preferred takes them all. A path that ends in a slash must be open in both its
    /// readings: with the slash, which only greedy routes know, and without.
    fn is_shadowed(&self, paths: &Shape<'_>, at: usize, face: &Face<'_>) -> bool {
        let greedy_only = paths.is_slashed() && face.region.is_greedy();
        let mut preferred = self.preferred.get(at).into_iter().flatten();
        preferred
            .any(|other| other.region.contains(paths) && (!greedy_only || other.region.is_greedy()))
    }

    /// Denies `paths`, which belong to the route `owner` where no other is preferred, or to none.
    pub(super) fn deny(
        &self,
        paths: &Shape<'_>,
        owner: Option<(usize, &Face<'_>)>,
        register: &mut Register,
    ) -> Deny {
        let beyond: Vec<Shape<'_>> = match owner {
            None => paths.covered(),
            Some(_) => paths.excesses().iter().flat_map(Shape::covered).collect(),
        };
        let hits = |(at, face): &&(usize, &Face<'_>)| {
            let precedes =
                |(owner, refused): (usize, &Face<'_>)| *at == owner || face.precedes(refused);
            face.is_partly_open(paths) && owner.is_some_and(precedes)
                || beyond.iter().any(|beyond| face.is_partly_open(beyond))
        };
        Deny {
            resource: register.id(paths.resource()),
            blockers: self.faces.iter().filter(hits).map(|(at, _)| *at).collect(),
        }
    }
}
