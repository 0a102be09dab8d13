//! Routes: what the API's resources ask of a token, in API Gateway's own resource syntax.

mod shape;
mod table;

use crate::claims::Claims;
use crate::reason::DenyReason;

pub use self::shape::{Segment, Shape};
pub use self::table::{Cell, RouteTable};

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

/// Why a route cannot be read. The messages say what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Not a verb, one blank and a path.
    #[error("write a verb, one blank and a path, as in `GET /books/{{id}}`")]
    Form,
    /// The verb is unknown.
    #[error(
        "`{0}` is no verb of API Gateway; write one of ANY DELETE GET HEAD OPTIONS PATCH POST PUT"
    )]
    Verb(String),
    /// A segment of the path is malformed.
    #[error(
        "the segment `{0}` is neither a literal of A-Z a-z 0-9 and -._~:@!$&'()+,;= nor `{{name}}` \
         nor, as the last one, `{{name+}}`"
    )]
    Segment(String),
    /// One parameter name stands twice.
    #[error("the parameter `{0}` stands twice in the path")]
    Twice(String),
    /// A bound parameter is not in the path, or is greedy.
    #[error("`bind` names `{0}`, which is no `{{{0}}}` of the path")]
    Unbound(String),
    /// Another route has the same verb and the same pattern.
    #[error("it stands for the same requests as `{0}`; remove one of them")]
    Duplicate(String),
}

/// One segment of a route's path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PatternSegment {
    Literal(String),
    Param(String),
    Greedy(String),
}

/// The path of a route: literals, `{param}` for one segment, `{proxy+}` for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Vec<PatternSegment>);

impl PathPattern {
    fn parse(path: &str) -> Result<Self, RouteError> {
        let path = path.strip_prefix('/').ok_or(RouteError::Form)?;
        if path.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut segments: Vec<PatternSegment> = Vec::new();
        for text in path.split('/') {
            let malformed = || RouteError::Segment(text.to_owned());
            if matches!(segments.last(), Some(PatternSegment::Greedy(_))) {
                return Err(malformed());
            }
            let segment = parse_segment(text).ok_or_else(malformed)?;
            if let Some(name) = segment.param()
                && segments.iter().any(|earlier| earlier.param() == Some(name))
            {
                return Err(RouteError::Twice(name.to_owned()));
            }
            segments.push(segment);
        }
        Ok(Self(segments))
    }

    /// Whether the path of `segments` matches. No parameter is ever empty; only what `{proxy+}`
    /// takes may end in a slash.
    fn matches(&self, segments: &[&str]) -> bool {
        let greedy = matches!(self.0.last(), Some(PatternSegment::Greedy(_)));
        let own = self.0.len();
        let fits = if greedy {
            segments.len() >= own
        } else {
            segments.len() == own
        };
        fits && self.0.iter().zip(segments).all(|(own, segment)| match own {
            PatternSegment::Literal(text) => text == segment,
            PatternSegment::Param(_) | PatternSegment::Greedy(_) => !segment.is_empty(),
        })
    }

    /// Whether both patterns match the same paths, whatever their parameters are called.
    fn is_same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|(own, other)| match (own, other) {
                    (PatternSegment::Literal(own), PatternSegment::Literal(other)) => own == other,
                    (PatternSegment::Param(_), PatternSegment::Param(_))
                    | (PatternSegment::Greedy(_), PatternSegment::Greedy(_)) => true,
                    (
                        PatternSegment::Literal(_)
                        | PatternSegment::Param(_)
                        | PatternSegment::Greedy(_),
                        _,
                    ) => false,
                })
    }

    /// Which of two patterns API Gateway prefers where both match: the smaller. Literals come
    /// before `{param}`, that before `{proxy+}`, from left to right.
    fn rank(&self) -> Vec<u8> {
        self.0
            .iter()
            .map(|segment| match segment {
                PatternSegment::Literal(_) => 0,
                PatternSegment::Param(_) => 1,
                PatternSegment::Greedy(_) => 2,
            })
            .collect()
    }

    /// The paths that match, with `bound` values in the place of their parameters.
    fn shape<'a>(&'a self, bound: &[(&str, &'a str)]) -> Shape<'a> {
        let mut segments = Vec::with_capacity(self.0.len().saturating_add(1));
        for segment in &self.0 {
            match segment {
                PatternSegment::Literal(text) => segments.push(Segment::Literal(text)),
                PatternSegment::Param(name) => {
                    let value = bound.iter().find(|(param, _)| param == name);
                    segments.push(value.map_or(Segment::One, |(_, value)| Segment::Literal(value)));
                }
                PatternSegment::Greedy(_) => segments.extend([Segment::One, Segment::More]),
            }
        }
        Shape::new(segments)
    }

    /// The position of the parameter `name`, which stands for one segment.
    fn position(&self, name: &str) -> Option<usize> {
        self.0
            .iter()
            .position(|segment| matches!(segment, PatternSegment::Param(param) if param == name))
    }
}

impl PatternSegment {
    fn param(&self) -> Option<&str> {
        match self {
            Self::Param(name) | Self::Greedy(name) => Some(name),
            Self::Literal(_) => None,
        }
    }
}

fn parse_segment(text: &str) -> Option<PatternSegment> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    if let Some(inner) = text.strip_prefix('{') {
        let inner = inner.strip_suffix('}')?;
        return match inner.strip_suffix('+') {
            Some(name) => is_name(name).then(|| PatternSegment::Greedy(name.to_owned())),
            None => is_name(inner).then(|| PatternSegment::Param(inner.to_owned())),
        };
    }
    let literal = |b: u8| b.is_ascii_alphanumeric() || b"-._~:@!$&'()+,;=".contains(&b);
    let legal = !matches!(text, "" | "." | "..") && text.bytes().all(literal);
    legal.then(|| PatternSegment::Literal(text.to_owned()))
}

/// What a route asks of a token: every condition that is named must hold. A route that names
/// none is open to every valid token with the `required_scopes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// All of these scopes.
    pub scopes: Vec<String>,
    /// At least one of these scopes, if there are any.
    pub any_scope: Vec<String>,
    /// At least one of these groups, if there are any.
    pub any_group: Vec<String>,
    /// Path parameters and the claims that they must equal.
    pub bind: Vec<(String, String)>,
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

    /// The route as the configuration writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a token with `claims` may call this route, whatever the values of its parameters,
    /// and if so which values its bound parameters must have.
    ///
    /// # Errors
    /// The [`DenyReason`] of the first condition that does not hold.
    pub fn permits<'c>(&self, claims: &'c Claims) -> Result<Bindings<'_, 'c>, DenyReason> {
        let Requirements {
            scopes,
            any_scope,
            any_group,
            bind,
        } = &self.requirements;
        let granted = |scope: &String| claims.scopes().contains(scope);
        if !scopes.iter().all(granted) {
            return Err(DenyReason::InsufficientScope);
        }
        if !any_scope.is_empty() && !any_scope.iter().any(granted) {
            return Err(DenyReason::InsufficientScope);
        }
        if !any_group.is_empty()
            && !any_group
                .iter()
                .any(|group| claims.groups().contains(group))
        {
            return Err(DenyReason::NotInGroup);
        }
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

    /// The paths of this route that a token with these `bindings` may call.
    pub(crate) fn shape<'a>(&'a self, bindings: &Bindings<'_, 'a>) -> Shape<'a> {
        self.pattern.shape(&bindings.0)
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

/// Whether a claim's value may stand in a policy's resource and in a path as itself: no
/// character that means something to IAM or that a client would encode in a URL, `@` apart.
fn is_bindable(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._~@-".contains(&b))
}
