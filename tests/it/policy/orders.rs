//! The orders in which API Gateway may look for a request's route, written without the program's
//! own: the one of HTTP APIs that is documented ("Create routes for HTTP APIs in API Gateway",
//! Routing API requests), the one of a tree of resources, and what those differ in who rebuilt API
//! Gateway after what they saw of it: whether a verb counts for more than the path, and how often
//! a literal does. Whichever is true, nobody may be let through to a route that is closed to them.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::event::TrailingSlash;
use cognito_authorizer::route::{Conditions, Requirements, Route};
use serde_json::Value;

/// What is known of a route that matches: the smaller comes first.
type Rank = (u8, usize, Vec<u8>, u8);

const ORDERS: [fn(&Matching<'_>) -> Rank; 4] = [
    // Segment by segment, then the verb.
    |route| (0, 0, route.kinds(), route.any()),
    // Full matches, the verb, segment by segment.
    |route| (route.greedy() * 2 + route.any(), 0, route.kinds(), 0),
    // Full matches, the number of literals, the verb, segment by segment.
    |route| {
        let literals = route.kinds().iter().filter(|kind| **kind == 0).count();
        let rank = [vec![route.any()], route.kinds()].concat();
        (route.greedy(), 99 - literals, rank, 0)
    },
    // The number of literals, that of segments before a greedy one, the verb.
    |route| {
        let literals = route.kinds().iter().filter(|kind| **kind == 0).count();
        let fixed = route.kinds().iter().filter(|kind| **kind < 2).count();
        let rank = vec![99 - u8::try_from(fixed).unwrap(), route.greedy()];
        (0, 99 - literals, rank, route.any())
    },
];

/// A route that matches a request.
struct Matching<'r> {
    verb: &'r str,
    segments: Vec<&'r str>,
    needs: &'r Requirements,
}

impl<'r> Matching<'r> {
    fn of((name, needs): &'r (String, Requirements), verb: &str, path: &[&str]) -> Option<Self> {
        let (own, pattern) = name.split_once(' ').unwrap();
        let segments = split(pattern);
        let fits = |(at, segment): (usize, &&str)| match path.get(at) {
            None => false,
            Some(word) if segment.starts_with('{') => !word.is_empty(),
            Some(word) => word == segment,
        };
        let is_greedy = pattern.ends_with("+}");
        let matches = (own == verb || own == "ANY")
            && (is_greedy || segments.len() == path.len())
            && segments.iter().enumerate().all(fits);
        matches.then_some(Self {
            verb: own,
            segments,
            needs,
        })
    }

    fn kinds(&self) -> Vec<u8> {
        let kind = |segment: &&str| match (segment.starts_with('{'), segment.ends_with("+}")) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        };
        self.segments.iter().map(kind).collect()
    }

    fn any(&self) -> u8 {
        u8::from(self.verb == "ANY")
    }

    fn greedy(&self) -> u8 {
        u8::from(self.kinds().contains(&2))
    }

    fn is_open(&self, claims: &Claims, path: &[&str]) -> bool {
        let nothing = [Conditions::default()];
        let alternatives = self.needs.any_of.as_deref().unwrap_or(&nothing);
        alternatives.iter().any(|alternative| {
            let unbound = |own: &Conditions| Conditions {
                bind: Vec::new(),
                ..own.clone()
            };
            let needs = Requirements {
                all: unbound(&self.needs.all),
                any_of: Some(vec![unbound(alternative)]),
                ..self.needs.clone()
            };
            let open = Route::parse("GET /", needs).unwrap();
            let mut bind = self.needs.all.bind.iter().chain(&alternative.bind);
            open.permits(claims).is_ok() && bind.all(|own| self.is_bound(own, claims, path))
        })
    }

    fn is_bound(&self, (param, claim): &(String, String), claims: &Claims, path: &[&str]) -> bool {
        let is_own = |own: &&str| own.trim_matches(['{', '}']) == param;
        let place = self.segments.iter().position(is_own).unwrap();
        let value = path[place].replace("%40", "@");
        match claims.value(claim) {
            Some(Value::String(own)) => *own == value,
            Some(Value::Array(all)) => all.iter().any(|own| *own == value),
            _ => false,
        }
    }
}

fn split(path: &str) -> Vec<&str> {
    path.split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// The name of a route that some order chooses for a request and that is closed to the token.
/// A REST API takes a path with a slash at its end for the one without; of an HTTP API, either may count.
pub(super) fn closed<'r>(
    routes: &'r [(String, Requirements)],
    claims: &Claims,
    (verb, path): (&str, &str),
    slash: TrailingSlash,
) -> Option<&'r str> {
    let slashed: Vec<&str> = match split(path) {
        segments
            if path.len() > 1 && path.ends_with('/') && slash == TrailingSlash::Significant =>
        {
            [segments, vec![""]].concat()
        }
        segments => segments,
    };
    for path in [&slashed, &split(path)] {
        let matching: Vec<(&str, Matching<'_>)> = routes
            .iter()
            .filter_map(|route| Some((&*route.0, Matching::of(route, verb, path)?)))
            .collect();
        for order in ORDERS {
            if let Some((name, chosen)) = matching.iter().min_by_key(|(_, route)| order(route))
                && !chosen.is_open(claims, path)
            {
                return Some(name);
            }
        }
    }
    None
}
