//! Sets of paths: what a route matches, and what a resource of an IAM policy matches.
//!
//! A path is a sequence of segments that are not empty. In IAM a `*` crosses `/`, so as a whole
//! segment of a resource it stands for one segment or more, where a `{param}` stands for one.

/// A part of a [`Shape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Exactly this segment.
    Literal(&'a str),
    /// Any one segment.
    One,
    /// Any number of further segments, none too.
    More,
}

/// A set of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape<'a>(Vec<Segment<'a>>);

impl<'a> Shape<'a> {
    pub(crate) const fn new(segments: Vec<Segment<'a>>) -> Self {
        Self(segments)
    }

    /// The smallest set that holds this one and that a resource of a policy can express: each
    /// `{param}` grows to one segment or more.
    #[must_use]
    pub fn glob(&self) -> Self {
        self.grown(None)
    }

    /// What [`Shape::glob`] holds beyond this set, as a union of sets that a policy can express:
    /// in each, one `{param}` stands for two segments or more.
    pub fn excesses(&self) -> impl Iterator<Item = Self> {
        self.params().map(|at| self.grown(Some(at)))
    }

    /// Whether a path is in both sets. Walks the product of the two automata; cost and memory
    /// are bounded by the product of the lengths.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let width = other.0.len().saturating_add(1);
        let mut seen = vec![false; self.0.len().saturating_add(1).saturating_mul(width)];
        let mut open = vec![(0_usize, 0_usize)];
        while let Some((i, j)) = open.pop() {
            let state = i.saturating_mul(width).saturating_add(j);
            match seen.get_mut(state) {
                Some(seen) if !*seen => *seen = true,
                Some(_) | None => continue,
            }
            let (a, b) = (self.0.get(i), other.0.get(j));
            let (i_next, j_next) = (i.saturating_add(1), j.saturating_add(1));
            if a == Some(&Segment::More) {
                open.push((i_next, j));
            }
            if b == Some(&Segment::More) {
                open.push((i, j_next));
            }
            match (a, b) {
                (None, None) => return true,
                (None, Some(_)) | (Some(_), None) => {}
                (Some(Segment::Literal(x)), Some(Segment::Literal(y))) if x != y => {}
                (Some(a), Some(b)) => {
                    let i_after = if *a == Segment::More { i } else { i_next };
                    let j_after = if *b == Segment::More { j } else { j_next };
                    open.push((i_after, j_after));
                }
            }
        }
        false
    }

    /// The resource of a policy, without its prefix, that expresses [`Shape::glob`].
    #[must_use]
    pub fn resource(&self) -> String {
        let words: Vec<&str> = self
            .0
            .iter()
            .filter_map(|segment| match segment {
                Segment::Literal(text) => Some(*text),
                Segment::One => Some("*"),
                Segment::More => None,
            })
            .collect();
        words.join("/")
    }

    /// Whether the resource of this set is a lone `*`, which matches the empty path as well.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(
            self.0.as_slice(),
            [Segment::One] | [Segment::One, Segment::More]
        )
    }

    /// The path above, if this set ends in a parameter: what is left of `/a/{id}` is `/a`.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self.0.as_slice() {
            [parent @ .., Segment::One] | [parent @ .., Segment::One, Segment::More] => {
                Some(Self(parent.to_vec()))
            }
            _ => None,
        }
    }

    /// The positions of the single-segment parameters.
    fn params(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter_map(|(at, segment)| {
            let grows = self.0.get(at.saturating_add(1)) == Some(&Segment::More);
            (*segment == Segment::One && !grows).then_some(at)
        })
    }

    /// This set with every parameter grown to one segment or more, that at `doubled` to two.
    fn grown(&self, doubled: Option<usize>) -> Self {
        let mut grown = Vec::with_capacity(self.0.len().saturating_mul(2));
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Literal(_) => grown.push(*segment),
                Segment::One => {
                    if doubled == Some(at) {
                        grown.push(Segment::One);
                    }
                    grown.extend([Segment::One, Segment::More]);
                }
                Segment::More => {}
            }
        }
        Self(grown)
    }
}
