//! Why a route cannot be read, and what to write instead.

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
