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
const MAX_MAPPING_KEY_CHARS: usize = 300;

/// What is called beside, or in place of, what the ARN names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventCall {
    pub(super) method: String,
    /// Each without its leading slash; all of them must be open.
    pub(super) paths: Vec<String>,
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
        let is_default = arn.verb() == DEFAULT;
        let own = (!is_default).then(|| arn.path());
        let bases: Vec<&str> = match event.path() {
            Some(path) => bases(path, Prefix::of(event, arn)),
            None if is_default => return Err(DenyReason::InvalidEvent),
            None => Vec::new(),
        };
        let method = method.unwrap_or(arn.verb());
        if is_default && method == DEFAULT {
            return Err(DenyReason::InvalidEvent);
        }
        let is_own = |base: &&str| own.is_some_and(|own| own.is_also(base));
        let (same, paths) = if bases.iter().any(is_own) {
            (own, Vec::new())
        } else {
            (own, bases)
        };
        let paths: Vec<RequestPath<'_>> = paths
            .into_iter()
            .map(RequestPath::parse_decoded)
            .collect::<Result<_, _>>()?;
        if let Some(key) = event.route_key().filter(|key| *key != DEFAULT) {
            let fits = |path: &RequestPath<'_>| matches(key, method, *path);
            let of_event = paths.is_empty() || paths.iter().any(fits);
            if !same.iter().all(fits) || !of_event {
                return Err(DenyReason::InvalidPath);
            }
        }
        Ok(Self {
            method: method.to_owned(),
            paths: paths.iter().map(|path| path.as_str().to_owned()).collect(),
        })
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

/// The paths that the one of the event may stand for, all of which must be open.
fn bases<'p>(path: &'p str, prefix: Prefix<'_>) -> Vec<&'p str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let below = |stage: &str| match path.strip_prefix(stage) {
        Some("") => Some(""),
        below => below.and_then(|rest| rest.strip_prefix('/')),
    };
    match prefix {
        Prefix::None => vec![path],
        Prefix::Stage(stage) => vec![below(stage).unwrap_or(path)],
        Prefix::StageOrNone(stage) => std::iter::once(path).chain(below(stage)).collect(),
        Prefix::MappingKey => below_each_slash(path),
    }
}

fn below_each_slash(path: &str) -> Vec<&str> {
    let slashes = path.char_indices().take(MAX_MAPPING_KEY_CHARS);
    let slashes = slashes.filter(|(_, c)| *c == '/');
    let below = slashes.filter_map(|(at, _)| path.get(at.saturating_add(1)..));
    std::iter::once(path).chain(below).collect()
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
