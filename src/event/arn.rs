//! Method ARNs and the paths in them: the only part of an event that ends up in a policy.

use std::borrow::Cow;

use crate::event::call::EventCall;
use crate::percent::{decoded, encoded_bytes, is_unreserved};
use crate::reason::DenyReason;

/// The longest method ARN that API Gateway takes ("Amazon API Gateway important notes").
const MAX_ARN_BYTES: usize = 1600;

/// What stands in the place of a verb where a WebSocket API asks.
pub(super) const CONNECT: &str = "$connect";

/// What may stand there for a request that no other route of an HTTP API takes.
pub const DEFAULT: &str = "$default";

/// What a slash at the end of a path is to an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailingSlash {
    /// Part of the path, as HTTP APIs take it: `/books/` is not `/books`.
    Significant,
    /// Nothing, as REST APIs take it: they route `/books/` to `/books`.
    Ignored,
}

/// What is to be called:
/// `arn:aws:execute-api:eu-west-1:123456789012:api-id/stage/GET/books/1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodArn {
    text: String,
    stage_start: usize,
    stage_end: usize,
    verb_end: usize,
    trailing_slash: TrailingSlash,
    event: Option<EventCall>,
}

impl MethodArn {
    /// Reads a method ARN, with the limits on its splits that a path with `:` and `/` needs.
    ///
    /// # Errors
    /// [`DenyReason::InvalidEvent`] if it is not one of an API, [`DenyReason::InvalidPath`] if its
    /// path is ambiguous, or that or its method, which the client chooses too, means something to
    /// IAM.
    pub fn parse(text: &str) -> Result<Self, DenyReason> {
        if text.len() > MAX_ARN_BYTES {
            return Err(DenyReason::InvalidPath);
        }
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (arn, partition, service) = (next(), next(), next());
        let (region, account, resource) = (next(), next(), next());
        let is_arn = arn == "arn" && service == "execute-api";
        if !is_arn || ![partition, region, account].into_iter().all(is_name) {
            return Err(DenyReason::InvalidEvent);
        }
        let mut parts = resource.splitn(4, '/');
        let mut next = || parts.next().unwrap_or_default();
        let (api, stage, verb) = (next(), next(), next());
        let path = parts.next();
        let is_route_key = matches!(verb, CONNECT | DEFAULT) && path.is_none();
        if !is_name(api) || !is_stage(stage) || verb.is_empty() {
            return Err(DenyReason::InvalidEvent);
        }
        if !is_route_key && !verb.bytes().all(is_plain_in_method) {
            return Err(DenyReason::InvalidPath);
        }
        let path = path.unwrap_or_default();
        RequestPath::parse(path)?;
        let before_resource = text.len().saturating_sub(resource.len());
        let stage_start = before_resource.saturating_add(api.len()).saturating_add(1);
        let stage_end = stage_start.saturating_add(stage.len());
        let verb_end = stage_end.saturating_add(1).saturating_add(verb.len());
        Ok(Self {
            text: text.to_owned(),
            stage_start,
            stage_end,
            verb_end,
            trailing_slash: TrailingSlash::Significant,
            event: None,
        })
    }

    /// The same, asked by a REST API.
    #[must_use]
    pub fn of_rest_api(self) -> Self {
        Self {
            trailing_slash: TrailingSlash::Ignored,
            ..self
        }
    }

    /// The same, and what the event says of the request beside it.
    pub(super) fn with_event(self, event: EventCall) -> Self {
        Self {
            event: Some(event),
            ..self
        }
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part up to and with the stage, on which every resource of the policy is built.
    #[must_use]
    pub fn stage_arn(&self) -> &str {
        self.text.get(..self.stage_end).unwrap_or_default()
    }

    /// The name of the stage.
    pub(super) fn stage(&self) -> &str {
        self.text
            .get(self.stage_start..self.stage_end)
            .unwrap_or_default()
    }

    /// The HTTP method, or `$connect` or `$default`, as the ARN names it.
    #[must_use]
    pub fn verb(&self) -> &str {
        self.text
            .get(self.stage_end..self.verb_end)
            .and_then(|verb| verb.strip_prefix('/'))
            .unwrap_or_default()
    }

    /// Whether a client wants to connect to a WebSocket API: all that such an API ever asks.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.verb() == CONNECT
    }

    /// Whether the route `$default` of an HTTP API is called, of whose ARN all calls are the same.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.verb() == DEFAULT
    }

    /// What a slash at the end of the path is to the API that asks.
    #[must_use]
    pub const fn trailing_slash(&self) -> TrailingSlash {
        self.trailing_slash
    }

    /// The HTTP method of the request, or `$connect`.
    #[must_use]
    pub fn method(&self) -> &str {
        match &self.event {
            Some(event) if self.is_default() => &event.method,
            Some(_) | None => self.verb(),
        }
    }

    /// Every way in which the path of the request may be read; see [`RequestPath::readings`]. There is
    /// none if only the event could say what is called, and it does not.
    pub fn readings(&self) -> impl Iterator<Item = Vec<Cow<'_, str>>> {
        let own = (!self.is_default()).then(|| self.path());
        let paths = self.event.iter().flat_map(EventCall::paths);
        own.into_iter()
            .chain(paths)
            .flat_map(|path| path.readings(self.trailing_slash))
    }

    /// Whether the event names another path than the ARN, which must be open too.
    pub(crate) fn is_contradicted(&self) -> bool {
        let mut paths = self.event.iter().flat_map(EventCall::paths);
        paths.next().is_some()
    }

    /// The path of the request in the ARN, without its leading slash.
    #[must_use]
    pub fn path(&self) -> RequestPath<'_> {
        let rest = self.text.get(self.verb_end..).unwrap_or_default();
        RequestPath(rest.strip_prefix('/').unwrap_or(rest))
    }
}

/// A path that reads the same for everybody who reads it, as API Gateway sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestPath<'a>(&'a str);

impl<'a> RequestPath<'a> {
    /// Checks a path, given without its leading slash.
    ///
    /// Refused are: what a policy would take for a wildcard or a variable (`*`, `?`, `${`),
    /// what another reader of the path would resolve or split (`//`, `.` and `..` segments,
    /// `\`), control characters, and all of these percent-encoded, as well as an encoded `/` or
    /// `.`, encodings that are none, and encodings of encodings, which mean one thing to a reader
    /// who decodes once and another to one who decodes twice. So are encodings of the characters
    /// that need none (RFC 3986 2.3): they spell a path in a second way, which no resource of a
    /// policy would recognise, and no client writes them so.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`].
    pub fn parse(path: &'a str) -> Result<Self, DenyReason> {
        let decoded = decoded(path).ok_or(DenyReason::InvalidPath)?;
        let is_legal = |c: char| !matches!(c, '*' | '?' | '\\') && !c.is_control();
        let dots = |segment: &str| matches!(segment, "." | "..");
        if !decoded.chars().all(is_legal)
            || decoded.contains("${")
            || decoded.contains("//")
            || decoded.starts_with('/')
            || decoded.split('/').any(dots)
            || (decoded != path && encoded_bytes(&decoded).next().is_some())
        {
            return Err(DenyReason::InvalidPath);
        }
        Ok(Self(path))
    }

    /// Checks a path that may have been decoded already: a `%` may stand for itself. Refused is what
    /// [`RequestPath::parse`] refuses, but for encodings that hide none of it. An encoded letter is
    /// one that a client has encoded twice (`n%2565w`): a back end that decodes again finds `new`.
    ///
    /// # Errors
    /// [`DenyReason::InvalidPath`].
    pub(super) fn parse_decoded(path: &'a str) -> Result<Self, DenyReason> {
        let is_legal = |c: char| !matches!(c, '*' | '?' | '\\') && !c.is_control();
        let dots = |segment: &str| matches!(segment, "." | "..");
        let hides = |byte: u8| {
            matches!(byte, b'/' | b'*' | b'?' | b'\\' | 0..=0x1f | 0x7f) || is_unreserved(byte)
        };
        let is_clear = path.chars().all(is_legal)
            && !path.contains("${")
            && !path.contains("//")
            && !path.starts_with('/')
            && !path.split('/').any(dots)
            && !encoded_bytes(path).any(hides);
        is_clear
            .then_some(Self(path))
            .ok_or(DenyReason::InvalidPath)
    }

    /// The end of a path that was parsed, from behind one of its slashes on.
    pub(super) const fn end_of_parsed(end: &'a str) -> Self {
        Self(end)
    }

    /// The path as it was sent.
    pub(super) const fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether `path` is this one, as it was sent or decoded once.
    pub(super) fn is_also(self, path: &str) -> bool {
        self.0 == path || decoded(self.0).is_some_and(|decoded| decoded == path)
    }

    /// Every way in which a later reader may take this path apart: as it was sent, without a
    /// slash at its end (REST APIs take `/a/` for `/a` and know no other reading; others are not
    /// documented), and each of them percent-decoded once. The documentation does not say which of
    /// them a method ARN holds or a route is chosen by.
    #[must_use]
    pub fn readings(self, slash: TrailingSlash) -> Vec<Vec<Cow<'a, str>>> {
        let split = |path: &'a str| -> Vec<Cow<'a, str>> {
            if path.is_empty() {
                Vec::new()
            } else {
                path.split('/').map(Cow::from).collect()
            }
        };
        let without_slash = self.0.strip_suffix('/').filter(|path| !path.is_empty());
        let as_sent = match slash {
            TrailingSlash::Ignored if without_slash.is_some() => None,
            TrailingSlash::Ignored | TrailingSlash::Significant => Some(self.0),
        };
        let mut readings: Vec<_> = as_sent
            .into_iter()
            .chain(without_slash)
            .map(split)
            .collect();
        if self.0.contains('%') {
            let decode = |segment: &Cow<'a, str>| {
                let decoded = decoded(segment).map(Cow::into_owned);
                decoded.map_or_else(|| segment.clone(), Cow::Owned)
            };
            let decoded: Vec<Vec<Cow<'a, str>>> = readings
                .iter()
                .map(|segments| segments.iter().map(decode).collect())
                .collect();
            readings.extend(decoded);
        }
        readings
    }
}

/// A part of an ARN that can neither end early nor mean something to IAM.
fn is_name(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A character of a method (a token, RFC 9110 9.1 and 5.6.2) that means nothing to IAM.
fn is_plain_in_method(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#%&'+-.^_`|~".contains(&byte)
}

/// A stage: a name with underscores, or `$default` of HTTP APIs.
fn is_stage(part: &str) -> bool {
    part == "$default"
        || !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
