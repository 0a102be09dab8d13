//! Routes that are no verb and path: `$connect` of WebSocket APIs, `$default` of HTTP APIs, and
//! the fields of a GraphQL API.

use crate::claims::Claims;
use crate::reason::DenyReason;
use crate::route::{Requirements, Route, RouteError};

/// A route that is known by a name.
#[derive(Clone, Debug)]
pub struct NamedRoute {
    name: String,
    requirements: Requirements,
}

impl NamedRoute {
    /// Reads `$connect`, `$default` or a GraphQL field such as `Mutation.addBook`.
    ///
    /// # Errors
    /// [`RouteError`], saying what to write instead.
    pub fn parse(name: &str, requirements: Requirements) -> Result<Self, RouteError> {
        if !matches!(name, "$connect" | "$default") && !is_field(name) {
            return Err(RouteError::Form);
        }
        if let Some((param, _)) = requirements.bound().next() {
            return Err(RouteError::Unbound(param.clone()));
        }
        Ok(Self {
            name: name.to_owned(),
            requirements,
        })
    }

    /// The route as the configuration writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is what an HTTP API may be asked for.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name == "$default"
    }

    /// What the route asks of a token.
    #[must_use]
    pub const fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// Whether this is a field of a GraphQL API.
    #[must_use]
    pub fn is_field(&self) -> bool {
        is_field(&self.name)
    }

    /// Whether a token with `claims` may call this route.
    ///
    /// # Errors
    /// The [`DenyReason`] of the first condition that does not hold.
    pub fn permits(&self, claims: &Claims) -> Result<(), DenyReason> {
        self.requirements.permit(claims).map(drop)
    }

    /// The verbs and paths that `$default` stands for: all of them, after every other route.
    pub(super) fn spread(&self) -> Vec<Route> {
        let paths = if self.is_default() {
            ["ANY /", "ANY /{default+}"].as_slice()
        } else {
            [].as_slice()
        };
        let routes = paths
            .iter()
            .filter_map(|path| Route::parse(path, self.requirements.clone()).ok());
        routes.map(|route| route.named(&self.name)).collect()
    }
}

/// A type and a field, each a name of GraphQL (October 2021, 2.1.9).
fn is_field(name: &str) -> bool {
    let is_name = |name: &str| {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(word)
    };
    name.split_once('.')
        .is_some_and(|(of_type, field)| is_name(of_type) && is_name(field))
}
