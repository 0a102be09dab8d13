//! Routes: what the API's resources ask of a token, in API Gateway's own resource syntax.

mod closing;
mod deeper;
mod named;
mod overlap;
mod pattern;
mod shape;
mod silent;
mod spelling;
mod table;
mod warning;

use std::borrow::Cow;

use crate::claims::Claims;
use crate::reason::DenyReason;

use self::overlap::Face;
use self::pattern::PathPattern;

pub(crate) use self::closing::Closing;
pub use self::deeper::Deeper;
pub use self::named::NamedRoute;
pub(crate) use self::overlap::{Deny, ResourceId};
pub(crate) use self::table::Column;
pub use self::table::RouteTable;
pub use self::warning::{MAX_RESOURCE_CHARS, Warning};

/// An HTTP method that API Gateway can have a method or route for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is the method of that name, RFC 9110 9 and RFC 5789"
)]
pub enum Verb {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

impl Verb {
    /// The verbs that `ANY` stands for.
    pub const ALL: [Self; 7] = [
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    /// The verb of exactly that name, in capitals.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// The name of this verb, as in a method ARN.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// Why a route cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Not a verb, one space and a path, and no name of a route either.
    #[error("neither a verb with a path nor a name")]
    Form,
    /// The verb is unknown.
    #[error("`{0}` is not a verb of API Gateway")]
    Verb(String),
    /// A segment of the path is malformed.
    #[error("the segment `{0}` is neither a literal nor a parameter")]
    Segment(String),
    /// A segment in the path is empty.
    #[error("a segment of the path is empty")]
    EmptySegment,
    /// The path ends in a slash.
    #[error("the path ends in a slash")]
    EndsInSlash,
    /// A greedy parameter is not the last segment.
    #[error("the greedy parameter `{{{0}+}}` is not the last segment")]
    GreedyBefore(String),
    /// A parameter is in the path twice.
    #[error("the parameter `{0}` is in the path twice")]
    Twice(String),
    /// A bound parameter is not in the path, or is greedy.
    #[error("`bind` names `{0}`, and `{{{0}}}` is not in the path")]
    Unbound(String),
    /// Another route has the same verb and the same pattern.
    #[error("it stands for the same requests as `{0}`")]
    Duplicate(String),
    /// An `ANY` all of whose verbs have routes of their own on the same pattern.
    #[error("no request is ever one for it, as every verb has a route of its own")]
    Unreachable,
}

impl RouteError {
    /// What to write instead.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Form => {
                "write a verb, one space and a path, as in `GET /books/{id}`, or `$connect`, \
                 `$default` or a GraphQL field such as `Mutation.addBook`"
            }
            Self::Verb(_) => "write one of ANY DELETE GET HEAD OPTIONS PATCH POST PUT",
            Self::Segment(_) => {
                "write a literal of A-Z a-z 0-9 and -._~:@!$&'()+,;=, or `{name}`, or as the last \
                 one `{name+}`"
            }
            Self::EmptySegment => "remove one of the two slashes",
            Self::EndsInSlash => "remove the slash at the end",
            Self::GreedyBefore(_) => {
                "let the path end with it, or write it without `+` for one segment"
            }
            Self::Twice(_) => "give one of the two another name",
            Self::Unbound(_) => "name a parameter of one segment that the path has",
            Self::Duplicate(_) => "remove one of them",
            Self::Unreachable => "remove it",
        }
    }
}

/// What a route asks of a token: every condition that is named must hold. A route that names
/// none is open to every valid token with the `required_scopes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The names of the issuers whose tokens it takes, if not those of all. Groups and the claims that
    /// parameters are bound to mean what their issuer says they mean.
    pub issuers: Vec<String>,
    /// All of these scopes.
    pub scopes: Vec<String>,
    /// At least one of these scopes, if there are any.
    pub any_scope: Vec<String>,
    /// All scopes of at least one of these lists. Of no list at all no token has any, so that the
    /// route is refused to every token; `None` asks for nothing.
    pub any_of: Option<Vec<Vec<String>>>,
    /// At least one of these groups, if there are any.
    pub any_group: Vec<String>,
    /// Path parameters and the claims that they must equal.
    pub bind: Vec<(String, String)>,
}

impl Requirements {
    /// Whether a token with `claims` has the scopes and groups.
    fn permit(&self, claims: &Claims) -> Result<(), DenyReason> {
        let is_in = |group: &String| claims.groups().contains(group);
        if !self.issuers.is_empty() && !self.issuers.iter().any(|name| name == claims.issuer()) {
            return Err(DenyReason::IssuerNotAccepted);
        }
        if !self.are_met_by(&|scope| claims.scopes().contains(scope)) {
            return Err(DenyReason::InsufficientScope);
        }
        if !self.any_group.is_empty() && !self.any_group.iter().any(is_in) {
            return Err(DenyReason::NotInGroup);
        }
        Ok(())
    }

    /// Whether these scopes are enough.
    fn are_met_by(&self, granted: &impl Fn(&String) -> bool) -> bool {
        let any_of = self.any_of.as_ref();
        self.scopes.iter().all(granted)
            && (self.any_scope.is_empty() || self.any_scope.iter().any(granted))
            && any_of.is_none_or(|lists| lists.iter().any(|list| list.iter().all(granted)))
    }

    /// Whether all scopes that are enough for this are enough for `other`. It need only hold of
    /// the fewest that are: one of `any_scope` and one list of `any_of` beside `scopes`.
    fn scopes_imply(&self, other: &Self) -> bool {
        let (no_list, nothing) = ([Vec::new()], [None]);
        let lists = self.any_of.as_deref().unwrap_or(&no_list);
        let ones: Vec<Option<&String>> = self.any_scope.iter().map(Some).collect();
        let ones = if ones.is_empty() {
            &nothing
        } else {
            ones.as_slice()
        };
        lists.iter().all(|list| {
            ones.iter().all(|one| {
                other.are_met_by(&|scope| {
                    self.scopes.contains(scope) || list.contains(scope) || *one == Some(scope)
                })
            })
        })
    }
}

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
        for (param, _) in &requirements.bind {
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

    /// What the route asks of a token.
    #[must_use]
    pub const fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// Whether a token with `claims` may call this route, whatever the values of its parameters,
    /// and if so which values its bound parameters must have.
    ///
    /// # Errors
    /// The [`DenyReason`] of the first condition that does not hold.
    pub fn permits<'c>(&self, claims: &'c Claims) -> Result<Bindings<'_, 'c>, DenyReason> {
        self.requirements.permit(claims)?;
        let bind = &self.requirements.bind;
        bind.iter()
            .map(|(param, claim)| {
                let value = claims.text(claim).filter(|value| is_bindable(value));
                value
                    .map(|value| (param.as_str(), value))
                    .ok_or(DenyReason::NotBound)
            })
            .collect::<Result<_, _>>()
            .map(Bindings)
    }

    /// Whether the bound parameters of the request for `segments` have the values they must have.
    pub(crate) fn is_bound(&self, bindings: &Bindings<'_, '_>, segments: &[&str]) -> bool {
        bindings.0.iter().all(|(param, value)| {
            self.pattern.position(param).and_then(|at| segments.get(at)) == Some(value)
        })
    }

    /// Whether API Gateway surely prefers this route wherever `other` matches too: all of its
    /// requests are also the other's, so it is the more specific one in every reading.
    ///
    /// No more than that is documented for all kinds of APIs. HTTP APIs prefer a full match to a
    /// greedy one ("Create routes for HTTP APIs in API Gateway", Routing API requests), so
    /// `/{x}/b` to `/a/{proxy+}`; REST APIs are trees of resources, where `/a` comes before
    /// `/{x}`. Whether `ANY /a` or `GET /{x}` takes a `GET` for `/a` stands nowhere, and those who
    /// rebuilt API Gateway after what they saw differ.
    fn precedes(&self, other: &Self) -> bool {
        let has_its_verbs = self.verb.is_some() || other.verb.is_none();
        let is_narrower = || self.verb != other.verb || !self.pattern.includes(&other.pattern);
        has_its_verbs && other.pattern.includes(&self.pattern) && is_narrower()
    }

    /// What no two routes of a table have in common.
    fn key(&self) -> (Option<Verb>, String) {
        (self.verb, self.pattern.key())
    }

    /// The paths of this route, and those of them that are open to one token.
    fn face(&self) -> Face<'_> {
        let bind = &self.requirements.bind;
        let bound: Vec<&str> = bind.iter().map(|(param, _)| param.as_str()).collect();
        Face {
            route: self,
            region: self.pattern.shape(&[]),
            own: self.pattern.shape(&bound),
        }
    }

    /// Whether every token that may call this route may call all of `other`. It may be said to be
    /// otherwise though it is so, never the other way round.
    fn implies(&self, other: &Self) -> bool {
        let (own, other) = (&self.requirements, &other.requirements);
        let any_group = other.any_group.is_empty()
            || !own.any_group.is_empty()
                && own
                    .any_group
                    .iter()
                    .all(|one| other.any_group.contains(one));
        let issuers = other.issuers.is_empty()
            || !own.issuers.is_empty() && own.issuers.iter().all(|one| other.issuers.contains(one));
        own.scopes_imply(other) && any_group && issuers && other.bind.is_empty()
    }

    /// Whether some of this route's paths are open to one token and closed to another of the
    /// same scopes and groups.
    pub(crate) fn binds(&self) -> bool {
        !self.requirements.bind.is_empty()
    }
}

/// The values that a token's claims give to a route's bound parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings<'r, 'c>(Vec<(&'r str, &'c str)>);

impl Bindings<'_, '_> {
    /// A resource of the route with the values in their places.
    pub(crate) fn fill<'t>(&self, resource: &'t str) -> Cow<'t, str> {
        if self.0.is_empty() || !resource.contains('{') {
            return Cow::Borrowed(resource);
        }
        let mut filled = resource.to_owned();
        for (number, (_, value)) in self.0.iter().enumerate() {
            filled = filled.replace(&format!("{{{number}}}"), value);
        }
        Cow::Owned(filled)
    }

    /// Whether nothing is bound: all of the route is open.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a claim's value may stand in a policy's resource and in a path as itself: no
/// character that means something to IAM or that a client would encode in a URL, `@` apart, and
/// no dot segment (RFC 3986 3.3), which no path keeps.
fn is_bindable(value: &str) -> bool {
    !matches!(value, "" | "." | "..")
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._~@-".contains(&b))
}
