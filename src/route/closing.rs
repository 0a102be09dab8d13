//! What a policy denies by name: the routes of a verb that are closed to a token.
//!
//! Silence refuses them too, but loses against a resource policy of the API that allows ("How API
//! Gateway resource policies affect authorization workflow", table A). A Deny for everything below
//! a place comes before those for what lies there, so that a token needs few of them.

use std::collections::BTreeMap;

use crate::route::overlap::{Deny, Face, Register, Surroundings};
use crate::route::shape::{Segment, Shape};

/// One of the Denies that a policy chooses from, in the order in which it does.
#[derive(Clone, Debug)]
pub(crate) enum Closing {
    /// Denies everything below a place, and with it what the `inside` closings that follow deny.
    Below { deny: Deny, inside: usize },
    /// Denies the route at this place of the column, by its refusal.
    Route(usize),
}

/// The closings of one verb's routes.
pub(super) fn closings(faces: &[Face<'_>], register: &mut Register) -> Vec<Closing> {
    let mut closings = Vec::new();
    let members = (0..).zip(faces).collect();
    let surroundings = Surroundings::all(faces);
    add_below(&[], members, &surroundings, register, &mut closings);
    closings
}

/// Adds the closings of `members`, all that lies below the place that `way` leads to.
fn add_below<'a>(
    way: &[Segment<'a>],
    members: Vec<(usize, &Face<'a>)>,
    surroundings: &Surroundings<'_, 'a>,
    register: &mut Register,
    closings: &mut Vec<Closing>,
) {
    let below = Shape::new([way, &[Segment::One, Segment::More]].concat());
    let surroundings = surroundings.near(&below);
    let deny = surroundings.deny(&below, None, register);
    let start = closings.len();
    let mut deeper: BTreeMap<Segment<'a>, Vec<(usize, &Face<'a>)>> = BTreeMap::new();
    for (at, face) in members {
        match face.region.steps().get(way.len()..) {
            Some([step, _, ..]) => deeper.entry(*step).or_default().push((at, face)),
            Some([] | [_]) | None => closings.push(Closing::Route(at)),
        }
    }
    for (step, members) in deeper {
        let way = [way, &[step]].concat();
        add_below(&way, members, &surroundings, register, closings);
    }
    let inside = closings.len().saturating_sub(start);
    closings.insert(start, Closing::Below { deny, inside });
}
