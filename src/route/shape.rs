//! Sets of paths: what a route matches, and what a resource of an IAM policy matches.
//!
//! A path is a sequence of segments that are not empty, and may end in one more slash. In IAM a
//! `*` stands for any characters, `/` among them, and for none. So as a whole segment of a
//! resource it stands for one segment or more, where a `{param}` stands for one; and as the last
//! segment it also stands for none: `a/*` covers `a/`, and a lone `*` covers the root.

/// A part of a [`Shape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment<'a> {
    /// Exactly this segment.
    Literal(&'a str),
    /// One segment that the token decides: the value of the route's binding of that number.
    Bound(usize),
    /// Any one segment.
    One,
    /// Any number of further segments, none too. It always follows [`Segment::One`].
    More,
}

/// A set of paths of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape<'a> {
    segments: Vec<Segment<'a>>,
    /// Whether the paths end in a slash.
    slashed: bool,
}

impl<'a> Shape<'a> {
    pub(super) const fn new(segments: Vec<Segment<'a>>) -> Self {
        Self {
            segments,
            slashed: false,
        }
    }

    /// The same paths with a slash at the end.
    pub(super) fn slashed(&self) -> Self {
        Self {
            segments: self.segments.clone(),
            slashed: true,
        }
    }

    pub(super) const fn is_slashed(&self) -> bool {
        self.slashed
    }

    pub(super) fn is_greedy(&self) -> bool {
        self.segments.last() == Some(&Segment::More)
    }

    /// Whether this is `/` alone.
    pub(super) const fn is_root(&self) -> bool {
        self.segments.is_empty() && !self.slashed
    }

    /// The segments of the resource of this set.
    pub(super) fn steps(&self) -> &[Segment<'a>] {
        match self.segments.as_slice() {
            [steps @ .., Segment::More] => steps,
            steps => steps,
        }
    }

    /// Whether the resource of this set ends in `*`.
    pub(super) fn is_open(&self) -> bool {
        !self.slashed && matches!(self.segments.last(), Some(Segment::One | Segment::More))
    }

    /// The segments that are written out.
    pub(super) fn literals(&self) -> impl Iterator<Item = &'a str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(*text),
            Segment::Bound(_) | Segment::One | Segment::More => None,
        })
    }

    /// The smallest resource of a policy, without its prefix, that covers this set. The value of
    /// a binding is yet to come: its number stands between braces.
    pub(super) fn resource(&self) -> String {
        let words = self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some((*text).to_owned()),
            Segment::Bound(number) => Some(format!("{{{number}}}")),
            Segment::One => Some("*".to_owned()),
            Segment::More => None,
        });
        let mut resource = words.collect::<Vec<_>>().join("/");
        if self.slashed {
            resource.push('/');
        }
        resource
    }

    /// All that the resource of this set covers.
    pub(super) fn covered(&self) -> Vec<Self> {
        let grown = self.grown();
        match self.above() {
            None => vec![grown],
            Some(above) => vec![grown.slashed(), grown, above.grown()],
        }
    }

    /// Resources that together cover what the resource of this set covers beyond it: in each, one
    /// `{param}` stands for two segments or more, or the `*` at the end for none.
    pub(super) fn excesses(&self) -> Vec<Self> {
        let params = (0..self.segments.len()).filter(|at| self.grows_at(*at));
        let doubled = params.map(|at| {
            let mut doubled = self.clone();
            doubled.segments.insert(at, Segment::One);
            doubled
        });
        let beyond = doubled.filter(|doubled| !self.contains(doubled));
        beyond.chain(self.above()).collect()
    }

    /// Whether a path is in both sets, slashes at the end apart.
    pub(super) fn meets_but_for_slash(&self, other: &Self) -> bool {
        meet(&self.segments, &other.segments)
    }

    /// Whether the literals at the start already tell the two sets and their resources apart.
    pub(super) fn starts_apart(&self, other: &Self) -> bool {
        let pairs = self.segments.iter().zip(&other.segments);
        for pair in pairs {
            match pair {
                (Segment::Literal(own), Segment::Literal(other)) if own == other => {}
                (Segment::Literal(_), Segment::Literal(_)) => return true,
                (
                    Segment::Literal(_) | Segment::Bound(_) | Segment::One | Segment::More,
                    Segment::Literal(_) | Segment::Bound(_) | Segment::One | Segment::More,
                ) => return false,
            }
        }
        false
    }

    /// The paths that are in both sets, as a union of shapes.
    pub(super) fn intersections(&self, other: &Self) -> Vec<Self> {
        if self.slashed != other.slashed {
            return Vec::new();
        }
        let mut found = Vec::new();
        intersect(&self.segments, &other.segments, &mut Vec::new(), &mut found);
        let mut shapes: Vec<Self> = Vec::new();
        for segments in found {
            let shape = Self {
                segments,
                slashed: self.slashed,
            };
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        shapes
    }

    /// Whether every path of `other` is in this set, slashes at the end apart.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let (fixed, greedy) = match self.segments.as_slice() {
            [fixed @ .., Segment::More] => (fixed, true),
            fixed => (fixed, false),
        };
        let fits = if greedy {
            other.segments.len() >= fixed.len()
        } else {
            other.segments.len() == fixed.len()
        };
        fits && fixed.iter().zip(&other.segments).all(|pair| match pair {
            (_, Segment::More) => false,
            (Segment::One, _) => true,
            (own, other) => own == other,
        })
    }

    /// What a `*` at the end stands for if it stands for nothing: `a/` for `a/*`, the root for
    /// a lone `*`.
    fn above(&self) -> Option<Self> {
        if self.slashed {
            return None;
        }
        match self.segments.as_slice() {
            [above @ .., Segment::One] | [above @ .., Segment::One, Segment::More] => Some(Self {
                segments: above.to_vec(),
                slashed: !above.is_empty(),
            }),
            _ => None,
        }
    }

    /// Whether at this place a `{param}` stands for one segment and its `*` for more.
    fn grows_at(&self, at: usize) -> bool {
        self.segments.get(at) == Some(&Segment::One)
            && self.segments.get(at.saturating_add(1)) != Some(&Segment::More)
    }

    /// This set with every `{param}` grown to one segment or more.
    fn grown(&self) -> Self {
        let mut segments = Vec::with_capacity(self.segments.len().saturating_mul(2));
        for (at, segment) in self.segments.iter().enumerate() {
            segments.push(*segment);
            if self.grows_at(at) {
                segments.push(Segment::More);
            }
        }
        Self {
            segments,
            slashed: self.slashed,
        }
    }
}

/// Whether a sequence of segments fits both. Each step leaves at least one side shorter.
fn meet(a: &[Segment<'_>], b: &[Segment<'_>]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([Segment::More, a_rest @ ..], _) => {
            meet(a_rest, b) || matches!(b, [_, b_rest @ ..] if meet(a, b_rest))
        }
        (_, [Segment::More, ..]) => meet(b, a),
        ([x, a_rest @ ..], [y, b_rest @ ..]) => common(*x, *y).is_some() && meet(a_rest, b_rest),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

/// Adds to `found` each form that a sequence that fits both can have, after `taken`.
fn intersect<'a>(
    a: &[Segment<'a>],
    b: &[Segment<'a>],
    taken: &mut Vec<Segment<'a>>,
    found: &mut Vec<Vec<Segment<'a>>>,
) {
    let mut step = |segment, a: &[Segment<'a>], b: &[Segment<'a>]| {
        taken.push(segment);
        intersect(a, b, taken, found);
        taken.pop();
    };
    match (a, b) {
        ([], []) => found.push(taken.clone()),
        ([Segment::More, a_rest @ ..], [Segment::More, b_rest @ ..]) => {
            step(Segment::More, a_rest, b);
            step(Segment::More, a, b_rest);
        }
        ([Segment::More, a_rest @ ..], _) => {
            if let [first, b_rest @ ..] = b {
                step(*first, a, b_rest);
            }
            intersect(a_rest, b, taken, found);
        }
        (_, [Segment::More, ..]) => intersect(b, a, taken, found),
        ([x, a_rest @ ..], [y, b_rest @ ..]) => {
            if let Some(both) = common(*x, *y) {
                step(both, a_rest, b_rest);
            }
        }
        ([], [_, ..]) | ([_, ..], []) => {}
    }
}

/// What two single segments have in common.
fn common<'a>(a: Segment<'a>, b: Segment<'a>) -> Option<Segment<'a>> {
    match (a, b) {
        (Segment::Literal(x), Segment::Literal(y)) => (x == y).then_some(a),
        (Segment::Literal(_), _) => Some(a),
        (_, Segment::Literal(_)) => Some(b),
        (Segment::Bound(_), _) => Some(a),
        (_, Segment::Bound(_)) => Some(b),
        (Segment::One | Segment::More, Segment::One | Segment::More) => Some(Segment::One),
    }
}
