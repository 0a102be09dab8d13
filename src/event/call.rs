//! What the event of an HTTP API says of a request beside its ARN: the method, the path and the route
//! that was chosen for it.
//!
//! HTTP APIs are reported to deliver the path decoded, and the ARN's form is not documented; a call
//! of the route `$default` may have no path in its ARN at all. So a path of the event that is not the
//! ARN's counts beside it, and a route that was chosen for another path is nobody's request.

use std::borrow::Cow;

use crate::event::arn::{DEFAULT, MethodArn, RequestPath, TrailingSlash};
use crate::event::shape::Event;
use crate::reason::DenyReason;

/// The longest API mapping key below a custom domain, in characters ("Quotas for configuring and
/// running an HTTP API"). It stands before the path and nothing in an event tells how long it is.
const MAX_MAPPING_KEY_CHARS: i64 = 300;

/// The longest path that is read, in bytes: that of the longest ARN ("Amazon API Gateway important
/// notes"). A longer one could not be named in an ARN, and below a custom domain it has many readings.
const MAX_PATH_BYTES: usize = 1600;

/// What is called beside, or in place of, what the ARN names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventCall {
    pub(super) method: String,
    path: String,
    /// Where in it the called path may begin.
    starts: Vec<usize>,
}

impl EventCall {
    /// Reads it from the event of an HTTP API; `method` is the one that the event names.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`] if the path is ambiguous or not one of the chosen route's,
    /// [`DenyReason::InvalidEvent`] if only a path of the event could say what is called, and there
    /// is none.
    pub(super) fn read(
        event: &Event<'_>,
        arn: &MethodArn,
        method: Option<&str>,
    ) -> Result<Self, DenyReason> {
        let is_default = arn.is_default();
        let own = (!is_default).then(|| arn.path());
        let path = match event.path() {
            Some(path) => path.strip_prefix('/').unwrap_or(path),
            None if is_default => return Err(DenyReason::InvalidEvent),
            None => "",
        };
        if path.len() > MAX_PATH_BYTES {
            return Err(DenyReason::InvalidPath);
        }
        let method = match method {
            Some(DEFAULT) if is_default => return Err(DenyReason::InvalidPath),
            None if is_default => return Err(DenyReason::InvalidEvent),
            method => method.unwrap_or(arn.verb()),
        };
        let starts = event.path().map(|_| starts(path, Prefix::of(event, arn)));
        let mut call = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            starts: starts.unwrap_or_default(),
        };
        let is_own = |path: RequestPath<'_>| own.is_some_and(|own| own.is_also(path.as_str()));
        if call.paths().any(is_own) {
            call.starts = Vec::new();
        } else {
            RequestPath::parse_decoded(path)?;
        }
        if let Some(key) = event.route_key().filter(|key| *key != DEFAULT) {
            let fits = |path: RequestPath<'_>| matches(key, method, path);
            let of_event = call.starts.is_empty() || call.paths().any(fits);
            if !own.into_iter().all(fits) || !of_event {
                return Err(DenyReason::InvalidPath);
            }
        }
        Ok(call)
    }

    /// The paths that may be called, each without its leading slash. All of them must be open.
    pub(super) fn paths(&self) -> impl Iterator<Item = RequestPath<'_>> {
        let paths = self.starts.iter().filter_map(|at| self.path.get(*at..));
        paths.map(RequestPath::end_of_parsed)
    }
}

/// What may stand before the path in the event's.
#[derive(Clone, Copy)]
enum Prefix<'a> {
    /// Nothing: the API's own domain and the stage `$default`.
    None,
    /// A named stage, on the API's own domain.
    Stage(&'a str),
    /// A named stage or nothing: it is not documented for payload format 1.0.
    StageOrNone(&'a str),
    /// A mapping key or nothing, below a custom domain.
    MappingKey,
}

impl<'a> Prefix<'a> {
    fn of(event: &Event<'_>, arn: &'a MethodArn) -> Self {
        match arn.stage() {
            _ if !event.is_own_domain() => Self::MappingKey,
            DEFAULT => Self::None,
            stage if event.version.as_deref() == Some("1.0") => Self::StageOrNone(stage),
            stage => Self::Stage(stage),
        }
    }
}

/// Where in the path of the event the called one may begin: all of these must be open.
fn starts(path: &str, prefix: Prefix<'_>) -> Vec<usize> {
    let below = |stage: &str| match path.strip_prefix(stage)? {
        "" => Some(path.len()),
        rest => rest
            .starts_with('/')
            .then_some(stage.len().saturating_add(1)),
    };
    match prefix {
        Prefix::None => vec![0],
        Prefix::Stage(stage) => vec![below(stage).unwrap_or(0)],
        Prefix::StageOrNone(stage) => std::iter::once(0).chain(below(stage)).collect(),
        Prefix::MappingKey => below_mapping_keys(path),
    }
}

/// Where a mapping key may end, and what is called begin: at the start, as there may be none, behind
/// each slash, and at the end.
fn below_mapping_keys(path: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut length: i64 = 0;
    for (at, c) in path.char_indices() {
        if length > MAX_MAPPING_KEY_CHARS {
            return starts;
        }
        if c == '/' {
            starts.push(at.saturating_add(1));
        }
        // An encoded character is one of the key's, though it is written as three.
        length = length.saturating_add(if c == '%' { -1 } else { 1 });
    }
    if length <= MAX_MAPPING_KEY_CHARS && !path.is_empty() && !path.ends_with('/') {
        starts.push(path.len());
    }
    starts
}

/// Whether a route key such as `GET /users/{id}` is one for this request, in any reading of its path
/// ("Create routes for HTTP APIs in API Gateway").
fn matches(key: &str, method: &str, path: RequestPath<'_>) -> bool {
    let Some((verb, pattern)) = key.split_once(" /") else {
        return false;
    };
    let pattern: Vec<&str> = pattern.split('/').collect();
    let mut readings = path.readings(TrailingSlash::Significant).into_iter();
    (verb == "ANY" || verb == method) && readings.any(|reading| is_one(&pattern, &reading))
}

fn is_one(pattern: &[&str], segments: &[Cow<'_, str>]) -> bool {
    match (pattern, segments) {
        ([] | [""], []) => true,
        ([own], [_, ..]) if own.starts_with('{') && own.ends_with("+}") => true,
        ([own, pattern @ ..], [segment, segments @ ..]) => {
            let is_param = own.starts_with('{') && own.ends_with('}') && !segment.is_empty();
            (is_param || own == segment) && is_one(pattern, segments)
        }
        ([], _) | (_, []) => false,
    }
}
