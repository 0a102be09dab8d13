//! Routes: what the API's resources ask of a token, in API Gateway's own resource syntax, and which
//! of them a request may be for. What a policy makes of them is not known here.

mod error;
mod named;
mod pattern;
mod requirements;
mod table;
mod verb;

use crate::claims::Claims;
use crate::reason::DenyReason;

use self::pattern::PathPattern;

pub use self::error::RouteError;
pub use self::named::NamedRoute;
pub(crate) use self::pattern::PatternSegment;
pub use self::requirements::{Access, Conditions, Requirements};
pub(crate) use self::requirements::{Bindings, bindable_values, is_spelled};
pub use self::table::{RouteId, RouteTable};
pub use self::verb::Verb;

/// One entry of the route table.
#[derive(Clone, Debug)]
pub struct Route {
    name: String,
    verb: Option<Verb>,
    pattern: PathPattern,
    requirements: Requirements,
}

impl Route {
    /// Reads a route such as `GET /books/{id}` or `ANY /files/{proxy+}`.
    ///
    /// # Errors
    /// [`RouteError`], saying what to write instead.
    pub fn parse(name: &str, requirements: Requirements) -> Result<Self, RouteError> {
        let (verb, path) = name.split_once(' ').ok_or(RouteError::Form)?;
        let verb = match verb {
            "ANY" => None,
            verb => Some(Verb::from_name(verb).ok_or_else(|| RouteError::Verb(verb.to_owned()))?),
        };
        let pattern = PathPattern::parse(path)?;
        for (param, _) in requirements.bound() {
            if pattern.position(param).is_none() {
                return Err(RouteError::Unbound(param.clone()));
            }
        }
        Ok(Self {
            name: name.to_owned(),
            verb,
            pattern,
            requirements,
        })
    }

    /// This route under another name.
    fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The route as the configuration writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The one verb of the route; `None` for `ANY`.
    #[must_use]
    pub const fn verb(&self) -> Option<Verb> {
        self.verb
    }

    /// The route's path, in API Gateway's own resource syntax.
    #[must_use]
    pub fn path(&self) -> String {
        self.pattern.to_string()
    }

    /// The segments of the route's path.
    pub(crate) fn segments(&self) -> &[PatternSegment] {
        self.pattern.segments()
    }

    /// What the route asks of a token.
    #[must_use]
    pub const fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// Whether a token with `claims` may call this route, and which values its bound parameters
    /// must then have.
    ///
    /// # Errors
    /// The [`DenyReason`] of the first condition that does not hold.
    pub fn permits<'c>(&self, claims: &'c Claims) -> Result<Access<'c>, DenyReason> {
        let position = |param: &str| self.pattern.position(param);
        self.requirements.access(claims, position)
    }

    /// Whether API Gateway surely prefers this route wherever `other` matches too: all of its
    /// requests are also the other's, so it is the more specific one in every reading.
    ///
    /// No more than that is documented for all kinds of APIs. HTTP APIs prefer a full match to a
    /// greedy one ("Create routes for HTTP APIs in API Gateway", Routing API requests), so
    /// `/{x}/b` to `/a/{proxy+}`; REST APIs are trees of resources, where `/a` comes before
    /// `/{x}`. Whether `ANY /a` or `GET /{x}` takes a `GET` for `/a` stands nowhere, and those who
    /// rebuilt API Gateway after what they saw differ.
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        let has_its_verbs = self.verb.is_some() || other.verb.is_none();
        let is_narrower = || self.verb != other.verb || !self.pattern.includes(&other.pattern);
        has_its_verbs && other.pattern.includes(&self.pattern) && is_narrower()
    }

    /// What no two routes of a table have in common.
    fn key(&self) -> (Option<Verb>, String) {
        (self.verb, self.pattern.key())
    }

    /// Whether every token that may call this route may call all of `other`. It may be said to be
    /// otherwise though it is so, never the other way round.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        self.requirements.imply(&other.requirements)
    }

    /// Whether for some token some of this route's paths are open and others closed.
    pub(crate) fn binds(&self) -> bool {
        self.requirements.bound().next().is_some()
    }

    /// The positions of the parameters that are bound, for each way in which they may be.
    pub(crate) fn bound_positions(&self) -> Vec<Vec<usize>> {
        let mut all: Vec<Vec<usize>> = Vec::new();
        for bind in self.requirements.bindings() {
            let position = |(param, _): &(String, String)| self.pattern.position(param);
            let mut positions: Vec<usize> = bind.into_iter().filter_map(position).collect();
            positions.sort_unstable();
            positions.dedup();
            if !all.contains(&positions) {
                all.push(positions);
            }
        }
        all
    }
}
