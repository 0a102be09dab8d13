//! Paths in another spelling than a route's own, which a policy must not let through.
//!
//! A request that meets a cached policy is judged by the form of its path that API Gateway puts
//! into the method ARN, and may be routed by another: which, AWS does not document. A `*` takes
//! every spelling, and what a policy denies by name has more than one. So it denies most of those
//! that [`RequestPath`] does not take, and with them encodings that it does take, such as `%40`, of
//! characters of a literal; such a request is refused where a policy answers for the whole API.
//!
//! [`RequestPath`]: crate::event::RequestPath

use std::collections::BTreeSet;

use crate::route::{PatternSegment, Route, RouteTable};

/// Empty segments, dot segments (RFC 3986 3.3), and `/` and `.` percent-encoded.
const AMBIGUOUS: [&str; 9] = [
    "*//*", "*/./*", "*/.", "*/../*", "*/..", "*%2F*", "*%2f*", "*%2E*", "*%2e*",
];

/// The resources, behind the ARN of the stage and a slash and in order, of all ambiguous paths
/// and of all that hold a character of a literal of a route percent-encoded.
pub(super) fn misspelled(table: &RouteTable) -> Vec<String> {
    let segments = table.routes().iter().flat_map(Route::segments);
    let literals = segments.filter_map(|segment| match segment {
        PatternSegment::Literal(text) => Some(text),
        PatternSegment::Param(_) | PatternSegment::Greedy(_) => None,
    });
    let bytes: BTreeSet<u8> = literals.flat_map(|text| text.bytes()).collect();
    let ambiguous = AMBIGUOUS.iter().map(|path| (*path).to_owned());
    let encoded = bytes.into_iter().flat_map(encoded);
    let resources: BTreeSet<String> = ambiguous.chain(encoded).collect();
    resources.into_iter().collect()
}

/// The resources of all paths that hold `byte` percent-encoded, in both spellings of its digits. None
/// takes several letters at once: `*%6?*` would take a grave accent too, which clients do encode.
fn encoded(byte: u8) -> [String; 2] {
    [format!("*%{byte:02X}*"), format!("*%{byte:02x}*")]
}
