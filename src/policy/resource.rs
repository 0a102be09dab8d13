//! The resources of a policy, as patterns over paths, and which paths they really match.
//!
//! In IAM `*` stands for any characters, `/` among them, and for none, `?` for exactly one. So a `*`
//! that is a whole segment of a resource matches one segment or more, where a `{param}` is one; and at
//! the end of a resource it matches nothing too: `books/*` matches `books/`. An HTTP API's
//! `books/` is a path of its own. A REST API's is `books`, so that there a resource ends in `?*`, which
//! takes at least one character, and one that ends in a literal is written twice, with and without a
//! slash.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::event::TrailingSlash;
use crate::policy::path_set::{PathSet, Segment};

/// The smallest resource that matches all of a set, without its prefix. Where the token decides about
/// a segment, its position stands between braces: no literal holds one.
pub(super) fn text(set: &PathSet<'_>, slash: TrailingSlash) -> String {
    let segments = match set.segments() {
        [segments @ .., Segment::Rest] if !segments.is_empty() => segments,
        segments => segments,
    };
    let mut text = String::new();
    let last = segments.len().saturating_sub(1);
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 && *segment != Segment::Rest {
            text.push('/');
        }
        match segment {
            Segment::Literal(literal) => text.push_str(literal),
            Segment::Bound(_, position) => text.push_str(&format!("{{{position}}}")),
            Segment::Any if at == last && slash == TrailingSlash::Ignored => text.push_str("?*"),
            Segment::Any => text.push('*'),
            Segment::Rest if at == 0 => text.push('*'),
            // The `*` before it matches further segments anyway.
            Segment::Rest => {}
        }
    }
    text
}

/// Whether the resource of a set must be written with a slash at its end too.
fn needs_twin(set: &PathSet<'_>, slash: TrailingSlash) -> bool {
    let ends_in_text = match set.segments().last() {
        Some(Segment::Literal(text)) => !text.is_empty(),
        Some(Segment::Bound(..)) => true,
        Some(Segment::Any | Segment::Rest) | None => false,
    };
    slash == TrailingSlash::Ignored && ends_in_text
}

/// All paths that the resource of a set matches.
pub(super) fn reach<'a>(set: &PathSet<'a>, slash: TrailingSlash) -> Vec<PathSet<'a>> {
    let grown = PathSet::new(grow(set.segments()));
    let parent = parent(set, slash);
    std::iter::once(grown).chain(parent).collect()
}

/// Paths that the resource of a set matches beyond it: those that one more Deny can be made for.
#[derive(Debug)]
pub(super) struct Excess<'a> {
    pub(super) paths: PathSet<'a>,
    /// Paths of the set with a slash at their end, where they are none of it: what the resource of
    /// `paths` matches too, at the end of an HTTP API's.
    pub(super) slashed: Option<PathSet<'a>>,
}

/// The excesses of the resource of a set: in each, one `{param}` is two segments or more, or the
/// `*` at the end matches nothing.
pub(super) fn excesses<'a>(set: &PathSet<'a>, slash: TrailingSlash) -> Vec<Excess<'a>> {
    let segments = set.segments();
    let mut excesses = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let (Some(before), Some(behind)) =
            (segments.get(..at), segments.get(at.saturating_add(1)..))
        else {
            continue;
        };
        if *segment != Segment::Any || behind.first() == Some(&Segment::Rest) {
            continue;
        }
        let doubled = [Segment::Any, Segment::Any, Segment::Rest];
        let paths = PathSet::new(grow(before).chain(doubled).chain(grow(behind)));
        if set.contains(&paths) {
            continue;
        }
        let ends_here = behind.is_empty() && slash == TrailingSlash::Significant;
        let slashed = [Segment::Any, Segment::Literal("")];
        excesses.push(Excess {
            paths,
            slashed: ends_here.then(|| PathSet::new(grow(before).chain(slashed))),
        });
    }
    let parent = parent(set, slash).map(|paths| Excess {
        paths,
        slashed: None,
    });
    excesses.into_iter().chain(parent).collect()
}

/// What a `*` at the end matches when it matches nothing: `a/` for `a/*`, the root for a lone `*`.
fn parent<'a>(set: &PathSet<'a>, slash: TrailingSlash) -> Option<PathSet<'a>> {
    let ([before @ .., Segment::Any] | [before @ .., Segment::Any, Segment::Rest]) = set.segments()
    else {
        return None;
    };
    let parent = || PathSet::new(grow(before).chain([Segment::Literal("")]));
    (slash == TrailingSlash::Significant).then(parent)
}

/// The segments with each `*` grown to one segment or more.
fn grow<'s, 'a>(segments: &'s [Segment<'a>]) -> impl Iterator<Item = Segment<'a>> + use<'s, 'a> {
    segments.iter().flat_map(|segment| {
        let more = (*segment == Segment::Any).then_some(Segment::Rest);
        std::iter::once(*segment).chain(more)
    })
}

/// The number of a resource among those of its verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ResourceId(usize);

/// A resource without its prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Resource {
    text: String,
    /// Whether it is written with a slash at its end too.
    twin: bool,
}

/// The resources that the policies of some verbs are made of, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct ResourceTable {
    numbers: HashMap<Resource, ResourceId>,
    all: Vec<Resource>,
    sorted: Vec<(String, ResourceId)>,
}

impl ResourceTable {
    /// The number of the resource over a set.
    pub(super) fn add(&mut self, set: &PathSet<'_>, slash: TrailingSlash) -> ResourceId {
        let resource = Resource {
            text: text(set, slash),
            twin: needs_twin(set, slash),
        };
        let next = ResourceId(self.all.len());
        *self.numbers.entry(resource).or_insert_with_key(|new| {
            self.all.push(new.clone());
            next
        })
    }

    /// Puts the texts in order, after the last one was added.
    pub(super) fn sort(&mut self) {
        let texts = self.all.iter().zip(0..).flat_map(|(own, number)| {
            let twin = own.twin.then(|| format!("{}/", own.text));
            let texts = std::iter::once(own.text.clone()).chain(twin);
            texts.map(move |text| (text, ResourceId(number)))
        });
        self.sorted = texts.collect();
        self.sorted.sort_unstable();
    }

    pub(super) fn text(&self, id: ResourceId) -> &str {
        self.all.get(id.0).map_or("", |own| own.text.as_str())
    }

    pub(super) fn has_twin(&self, id: ResourceId) -> bool {
        self.all.get(id.0).is_some_and(|own| own.twin)
    }

    /// The texts of those resources, in order.
    pub(super) fn texts(&self, wanted: &[ResourceId]) -> impl Iterator<Item = &str> {
        let mut is_wanted = vec![false; self.all.len()];
        for id in wanted {
            if let Some(own) = is_wanted.get_mut(id.0) {
                *own = true;
            }
        }
        let sorted = self.sorted.iter();
        let wanted = sorted.filter(move |(_, id)| is_wanted.get(id.0) == Some(&true));
        wanted.map(|(text, _)| text.as_str())
    }
}

/// A resource with the token's values in their places, each for its position.
pub(super) fn fill<'t>(text: &'t str, values: &[(usize, String)]) -> Cow<'t, str> {
    if values.is_empty() || !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut filled = text.to_owned();
    for (position, value) in values {
        filled = filled.replace(&format!("{{{position}}}"), value);
    }
    Cow::Owned(filled)
}
