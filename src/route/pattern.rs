//! The path of a route, in API Gateway's own resource syntax.

use std::fmt;

use crate::route::RouteError;

/// One segment of a route's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PatternSegment {
    /// Exactly this text.
    Literal(String),
    /// `{name}`: one segment.
    Param(String),
    /// `{name+}`: one segment or more, and a slash at the end.
    Greedy(String),
}

/// The path of a route: literals, `{param}` for one segment, `{proxy+}` for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathPattern(Vec<PatternSegment>);

impl PathPattern {
    pub(super) fn parse(path: &str) -> Result<Self, RouteError> {
        let path = path.strip_prefix('/').ok_or(RouteError::Form)?;
        if path.is_empty() {
            return Ok(Self(Vec::new()));
        }
        if path.ends_with('/') {
            return Err(RouteError::EndsInSlash);
        }
        let mut segments: Vec<PatternSegment> = Vec::new();
        for text in path.split('/') {
            if let Some(PatternSegment::Greedy(name)) = segments.last() {
                return Err(RouteError::GreedyBefore(name.clone()));
            }
            if text.is_empty() {
                return Err(RouteError::EmptySegment);
            }
            let malformed = || RouteError::Segment(text.to_owned());
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
    pub(super) fn matches(&self, segments: &[&str]) -> bool {
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

    /// The pattern with its parameters' names left out: equal for patterns of the same paths.
    pub(super) fn key(&self) -> String {
        let mut key = String::new();
        for segment in &self.0 {
            key.push('/');
            key.push_str(match segment {
                PatternSegment::Literal(text) => text,
                PatternSegment::Param(_) => "{}",
                PatternSegment::Greedy(_) => "{+}",
            });
        }
        key
    }

    /// Whether every path of `other` is one of this pattern too.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let greedy = matches!(self.0.last(), Some(PatternSegment::Greedy(_)));
        let fits = if greedy {
            other.0.len() >= self.0.len()
        } else {
            other.0.len() == self.0.len()
        };
        fits && self.0.iter().zip(&other.0).all(|pair| match pair {
            (PatternSegment::Literal(own), PatternSegment::Literal(text)) => own == text,
            (PatternSegment::Literal(_), PatternSegment::Param(_) | PatternSegment::Greedy(_))
            | (PatternSegment::Param(_), PatternSegment::Greedy(_)) => false,
            (PatternSegment::Param(_), PatternSegment::Literal(_) | PatternSegment::Param(_))
            | (PatternSegment::Greedy(_), _) => true,
        })
    }

    /// An order in which no pattern comes before one that it includes: literals before
    /// `{param}`, that before `{proxy+}`, from left to right.
    pub(super) fn rank(&self) -> Vec<u8> {
        self.0
            .iter()
            .map(|segment| match segment {
                PatternSegment::Literal(_) => 0,
                PatternSegment::Param(_) => 1,
                PatternSegment::Greedy(_) => 2,
            })
            .collect()
    }

    pub(super) fn segments(&self) -> &[PatternSegment] {
        &self.0
    }

    /// The position of the parameter `name`, which stands for one segment.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.0
            .iter()
            .position(|segment| matches!(segment, PatternSegment::Param(param) if param == name))
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|segment| match segment {
            PatternSegment::Literal(text) => write!(f, "/{text}"),
            PatternSegment::Param(name) => write!(f, "/{{{name}}}"),
            PatternSegment::Greedy(name) => write!(f, "/{{{name}+}}"),
        })
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
