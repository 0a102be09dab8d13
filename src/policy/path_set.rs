//! Sets of paths.
//!
//! A path is a sequence of segments; a slash at its end is one more segment, which is empty, and the
//! root is the empty segment alone. So no set needs a flag for slashes and the root is no special case.

use crate::route::{PatternSegment, Route, RouteId};

/// A part of a [`PathSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment<'a> {
    /// Exactly this segment; the empty one only at the end.
    Literal(&'a str),
    /// One segment that the token decides: the parameter at this position of this route.
    Bound(RouteId, usize),
    /// Any one segment that is not empty.
    Any,
    /// Any number of further segments, none too; the last one may be empty.
    Rest,
}

/// A set of paths of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathSet<'a>(Vec<Segment<'a>>);

impl<'a> PathSet<'a> {
    /// `Rest` before `Any` is the same as behind it, unless the set ends there. It is kept as far
    /// behind as can be, so that one set is written in one way.
    pub(super) fn new(segments: impl IntoIterator<Item = Segment<'a>>) -> Self {
        let mut own: Vec<Segment<'a>> = Vec::new();
        let mut segments = segments.into_iter().peekable();
        while let Some(segment) = segments.next() {
            match (own.last(), segment) {
                (Some(Segment::Rest), Segment::Rest) => {}
                (Some(Segment::Rest), Segment::Any) if segments.peek().is_some() => {
                    own.insert(own.len().saturating_sub(1), Segment::Any);
                }
                _ => own.push(segment),
            }
        }
        Self(own)
    }

    /// Every path.
    pub(super) fn all() -> Self {
        Self(vec![Segment::Rest])
    }

    /// The paths that a route matches; with those parameters bound, what is open of it to one token.
    pub(super) fn of_route(id: RouteId, route: &'a Route, bound: &[usize]) -> Self {
        let mut own = Vec::new();
        for (position, segment) in route.segments().iter().enumerate() {
            match segment {
                PatternSegment::Literal(text) => own.push(Segment::Literal(text)),
                PatternSegment::Param(_) if bound.contains(&position) => {
                    own.push(Segment::Bound(id, position));
                }
                PatternSegment::Param(_) => own.push(Segment::Any),
                PatternSegment::Greedy(_) => own.extend([Segment::Any, Segment::Rest]),
            }
        }
        if own.is_empty() {
            own.push(Segment::Literal(""));
        }
        Self(own)
    }

    pub(super) fn segments(&self) -> &[Segment<'a>] {
        &self.0
    }

    /// The same paths with a slash at their end.
    pub(super) fn with_slash(&self) -> Self {
        let slash = [Segment::Literal("")];
        Self::new(self.0.iter().copied().chain(slash))
    }

    /// Whether all paths of this set end in a slash, or are the root.
    pub(super) fn ends_in_slash(&self) -> bool {
        self.0.last() == Some(&Segment::Literal(""))
    }

    /// Whether a path is in both sets.
    pub(super) fn meets(&self, other: &Self) -> bool {
        meet(&self.0, &other.0)
    }

    /// The paths that are in both sets, as a union of sets.
    pub(super) fn intersections(&self, other: &Self) -> Vec<Self> {
        let mut found = Vec::new();
        intersect(&self.0, &other.0, &mut Vec::new(), &mut found);
        let mut sets: Vec<Self> = Vec::new();
        for set in found {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        sets
    }

    /// Whether every path of `other` is in this set. It may be said to be otherwise though it is so,
    /// never the other way round.
    pub(super) fn contains(&self, other: &Self) -> bool {
        contain(&self.0, &other.0)
    }

    /// Whether the literals at the start already tell the two sets and their resources apart.
    pub(super) fn starts_apart(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        let first = pairs.find(|(own, other)| own != other || !matches!(own, Segment::Literal(_)));
        matches!(first, Some((Segment::Literal(_), Segment::Literal(_))))
    }
}

/// Whether a sequence of segments fits both. Each step leaves at least one side shorter.
fn meet(a: &[Segment<'_>], b: &[Segment<'_>]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([Segment::Rest, a_rest @ ..], _) => {
            meet(a_rest, b) || matches!(b, [_, b_rest @ ..] if meet(a, b_rest))
        }
        (_, [Segment::Rest, ..]) => meet(b, a),
        ([x, a_rest @ ..], [y, b_rest @ ..]) => common(*x, *y).is_some() && meet(a_rest, b_rest),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

/// Adds to `found` each form that a sequence that fits both can have, after `taken`.
fn intersect<'a>(
    a: &[Segment<'a>],
    b: &[Segment<'a>],
    taken: &mut Vec<Segment<'a>>,
    found: &mut Vec<PathSet<'a>>,
) {
    let mut step = |segment, a: &[Segment<'a>], b: &[Segment<'a>]| {
        taken.push(segment);
        intersect(a, b, taken, found);
        taken.pop();
    };
    match (a, b) {
        ([], []) => found.push(PathSet::new(taken.iter().copied())),
        ([Segment::Rest, a_rest @ ..], [Segment::Rest, b_rest @ ..]) => {
            step(Segment::Rest, a_rest, b);
            step(Segment::Rest, a, b_rest);
        }
        ([Segment::Rest, a_rest @ ..], _) => {
            if let [first, b_rest @ ..] = b {
                step(*first, a, b_rest);
            }
            intersect(a_rest, b, taken, found);
        }
        (_, [Segment::Rest, ..]) => intersect(b, a, taken, found),
        ([x, a_rest @ ..], [y, b_rest @ ..]) => {
            if let Some(both) = common(*x, *y) {
                step(both, a_rest, b_rest);
            }
        }
        ([], [_, ..]) | ([_, ..], []) => {}
    }
}

fn contain(own: &[Segment<'_>], other: &[Segment<'_>]) -> bool {
    match (own, other) {
        ([], []) => true,
        ([Segment::Rest, own_rest @ ..], [_, other_rest @ ..]) => {
            contain(own, other_rest) || contain(own_rest, other)
        }
        ([Segment::Rest, own_rest @ ..], []) => contain(own_rest, other),
        ([x, own_rest @ ..], [y, other_rest @ ..]) => {
            let is_wider = match (x, y) {
                (_, Segment::Rest) | (Segment::Any, Segment::Literal("")) => false,
                (Segment::Any, _) => true,
                (x, y) => x == y,
            };
            is_wider && contain(own_rest, other_rest)
        }
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

/// What two single segments have in common.
fn common<'a>(a: Segment<'a>, b: Segment<'a>) -> Option<Segment<'a>> {
    match (a, b) {
        (Segment::Literal(x), Segment::Literal(y)) => (x == y).then_some(a),
        (Segment::Literal(""), _) | (_, Segment::Literal("")) => None,
        (Segment::Literal(_), _) => Some(a),
        (_, Segment::Literal(_)) => Some(b),
        (Segment::Bound(..), _) => Some(a),
        (_, Segment::Bound(..)) => Some(b),
        (Segment::Any | Segment::Rest, Segment::Any | Segment::Rest) => Some(Segment::Any),
    }
}
