//! What an API asks its authorizer about.

use crate::event::MethodArn;

/// What is to be done with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A method is called on a path of a REST or HTTP API.
    Method(MethodArn),
    /// A client connects to a WebSocket API, which asks about nothing else.
    Connect(MethodArn),
    /// Queries are sent to a GraphQL API, which does not say what they ask for.
    GraphQl,
}

impl Operation {
    /// The ARN that names it, on which policies are built; a GraphQL API sends none.
    #[must_use]
    pub const fn arn(&self) -> Option<&MethodArn> {
        match self {
            Self::Method(arn) | Self::Connect(arn) => Some(arn),
            Self::GraphQl => None,
        }
    }
}

impl From<MethodArn> for Operation {
    fn from(arn: MethodArn) -> Self {
        if arn.is_connect() {
            Self::Connect(arn)
        } else {
            Self::Method(arn)
        }
    }
}

impl From<&MethodArn> for Operation {
    fn from(arn: &MethodArn) -> Self {
        arn.clone().into()
    }
}
