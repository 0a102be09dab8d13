//! What an operator is told of a table before the first request; `limits` finds it out.

use std::fmt;

use crate::policy::document::{MAX_POLICY_CHARS, MAX_RESOURCE_CHARS, PolicyScope};
use crate::route::{Route, Verb};

/// Something that works, but not as well as one might think.
#[derive(Clone, Debug)]
pub enum Warning<'t> {
    /// There are tokens that may call `open` and not `refused`, for which no policy can say both.
    Inseparable {
        /// The verb of the requests.
        verb: Verb,
        /// The route that a cached policy may refuse.
        open: &'t Route,
        /// The route that it must refuse.
        refused: &'t Route,
    },
    /// A request may be for either of two routes, and it is not documented for which, so that a
    /// token needs both.
    Contested {
        /// The verb of the requests.
        verb: Verb,
        /// The routes.
        routes: [&'t Route; 2],
    },
    /// The resource of the route, or of a Deny that its Allow needs, may be longer than a policy
    /// can hold.
    TooLong {
        /// The route, of which a policy then allows the request at hand alone, if that fits.
        route: &'t Route,
        /// The length of the stage's ARN at which it still fits.
        left: usize,
    },
    /// The policy of a token that may call all that a token may, or all but one route, is larger than a
    /// policy should be.
    TooLarge {
        /// How many characters it has where the ARN of the stage has `stage`, and one value where a
        /// parameter is bound.
        chars: usize,
        /// The length of the stage's ARN.
        stage: usize,
    },
    /// A route's Allow lets through what lies deeper and is for no route, to tokens that may call others
    /// too.
    LetsThrough {
        /// The verb of the requests.
        verb: Verb,
        /// The route that is open.
        open: &'t Route,
        /// The routes that what lies deeper cannot be denied for, if one of them is open. Without any,
        /// it cannot be denied for the open route itself.
        beside: Vec<&'t Route>,
    },
    /// Routes that a cached policy refuses to some token by silence alone, which loses against a
    /// resource policy that allows ("How API Gateway resource policies affect authorization workflow",
    /// table A); the `refused` ones of [`Warning::Inseparable`] may be so too.
    Silent {
        /// The routes, in the order of the table.
        routes: Vec<&'t Route>,
    },
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inseparable {
                verb,
                open,
                refused,
            } if open.name() == refused.name() => write!(
                f,
                "one policy cannot tell all {} requests for `{}` that `bind` opens to a token from \
                 those that it does not, so a cached one may refuse some of the former; bind a \
                 parameter before which there is no other, or write `policy = \"request\"` and \
                 cache no results",
                verb.name(),
                open.name(),
            ),
            Self::Inseparable {
                verb,
                open,
                refused,
            } => write!(
                f,
                "for a token that may call `{}` and not `{}`, one policy cannot tell all of their \
                 {} requests apart, so a cached one may refuse some of the former; ask the same of \
                 both, or write `policy = \"request\"` and cache no results",
                open.name(),
                refused.name(),
                verb.name(),
            ),
            Self::Contested {
                verb,
                routes: [one, other],
            } => write!(
                f,
                "some {} requests are for `{}` as well as for `{}`, and which of the two API \
                 Gateway chooses is not documented, so these need a token that may call both; ask \
                 the same of both, or give what they have in common a route of its own",
                verb.name(),
                one.name(),
                other.name(),
            ),
            Self::TooLong { route, left } => write!(
                f,
                "a policy can allow all of `{}` only if the ARN of the stage has at most {left} \
                 characters, as a resource takes {MAX_RESOURCE_CHARS} with it; shorten the path, or \
                 where that ARN is longer only the request at hand is allowed",
                route.name(),
            ),
            Self::TooLarge { chars, stage } => write!(
                f,
                "the largest policy of a token has about {chars} characters where the ARN of the stage \
                 has {stage}, and {MAX_POLICY_CHARS} are sure to be taken; beyond that some routes are \
                 refused by silence, and then such a token is answered for the request at hand alone; \
                 give the API's resources several authorizers, or write `policy = \"request\"` and \
                 cache no results",
            ),
            Self::LetsThrough { verb, open, beside } => {
                let and = if beside.is_empty() { "" } else { " and " };
                write!(
                    f,
                    "for a token that may call `{}`{and}{}, a cached policy lets {} requests through \
                     that lie deeper and are for no route; give every resource that the API has there \
                     a route",
                    open.name(),
                    listed(beside, "or"),
                    verb.name(),
                )
            }
            Self::Silent { routes } => write!(
                f,
                "a resource policy of a REST API must not allow calls on its own: to some tokens a \
                 cached policy refuses {} by silence, which loses against it",
                listed(routes, "and"),
            ),
        }
    }
}

/// The names of routes, the last one behind a word.
fn listed(routes: &[&Route], last: &str) -> String {
    let names: Vec<String> = routes
        .iter()
        .map(|own| format!("`{}`", own.name()))
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

impl<'t> Warning<'t> {
    /// Whether it is worth telling where policies have this scope.
    #[must_use]
    pub fn matters_to(&self, scope: PolicyScope) -> bool {
        match self {
            Self::Inseparable { .. }
            | Self::TooLarge { .. }
            | Self::LetsThrough { .. }
            | Self::Silent { .. } => scope == PolicyScope::Api,
            Self::Contested { .. } | Self::TooLong { .. } => true,
        }
    }

    /// What is told of which routes.
    pub(super) fn subject(&self) -> (&'static str, Vec<&'t str>) {
        let (what, routes): (_, Vec<&'t Route>) = match self {
            Self::Inseparable { open, refused, .. } => ("inseparable", vec![open, refused]),
            Self::Contested { routes, .. } => ("contested", routes.to_vec()),
            Self::TooLong { route, .. } => ("too long", vec![route]),
            Self::TooLarge { .. } => ("too large", Vec::new()),
            Self::LetsThrough { open, beside, .. } => (
                "lets through",
                std::iter::once(*open)
                    .chain(beside.iter().copied())
                    .collect(),
            ),
            Self::Silent { routes } => ("silent", routes.clone()),
        };
        (what, routes.into_iter().map(Route::name).collect())
    }
}
