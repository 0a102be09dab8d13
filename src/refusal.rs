//! Why a request is refused: by which step, for which reason, and what it lacked.

use crate::claims::Requirement;
use crate::reason::DenyReason;
use crate::route::Requirements;

/// The eight steps of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepName {
    /// The event becomes a request.
    Event,
    /// The credential becomes a token.
    Token,
    /// The token's `iss` selects an issuer.
    Issuer,
    /// Its `kid` selects a key of that issuer.
    Jwks,
    /// The signature is verified.
    Signature,
    /// The claims are checked.
    Claims,
    /// May this token do this?
    Decision,
    /// The answer is written.
    Reply,
}

impl StepName {
    /// The steps in their order.
    pub const ALL: [Self; 8] = [
        Self::Event,
        Self::Token,
        Self::Issuer,
        Self::Jwks,
        Self::Signature,
        Self::Claims,
        Self::Decision,
        Self::Reply,
    ];

    /// The stable name of this step.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Token => "token",
            Self::Issuer => "issuer",
            Self::Jwks => "jwks",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Decision => "decision",
            Self::Reply => "reply",
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'r> {
    step: StepName,
    reason: DenyReason,
    unmet: Vec<Unmet<'r>>,
}

impl<'r> Refusal<'r> {
    /// The refusal of a step that has nothing to say beside its reason.
    pub(crate) fn at(step: StepName) -> impl Fn(DenyReason) -> Self {
        move |reason| Self {
            step,
            reason,
            unmet: Vec::new(),
        }
    }

    /// The refusal of a decision, for the reason of what is unmet first.
    pub(crate) fn of_decision(first: Unmet<'r>, more: impl IntoIterator<Item = Unmet<'r>>) -> Self {
        Self {
            step: StepName::Decision,
            reason: first.reason(),
            unmet: std::iter::once(first).chain(more).collect(),
        }
    }

    /// The step that refused the request.
    #[must_use]
    pub const fn step(&self) -> StepName {
        self.step
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> DenyReason {
        self.reason
    }

    /// What the decision missed, what the reason is about first. The other steps say it by their
    /// reason alone.
    #[must_use]
    pub fn unmet(&self) -> &[Unmet<'r>] {
        &self.unmet
    }

    /// The routes that are refused as a claim of the token can never stand in a path, and those claims.
    pub(crate) fn unbindable(&self) -> impl Iterator<Item = (&'r str, &'r str)> {
        let routes = self.unmet.iter().filter_map(|unmet| match unmet {
            Unmet::Route(refusal) => Some(refusal),
            Unmet::RequiredScopes { .. }
            | Unmet::NoRoute { .. }
            | Unmet::NoField
            | Unmet::Inexpressible { .. } => None,
        });
        routes.flat_map(|refusal| {
            let claims = refusal.lacks.iter().flat_map(Lack::unbindable);
            claims.map(|claim| (refusal.name, claim))
        })
    }

    /// The name of the route whose condition does not hold, or, if the token lacks a scope that
    /// everything needs, of the one that was called; `None` where there is no route.
    #[must_use]
    pub fn route(&self) -> Option<&'r str> {
        self.unmet.first().and_then(Unmet::route)
    }
}

/// What was missing for a decision to allow a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet<'r> {
    /// Scopes that everything needs.
    RequiredScopes {
        /// The route that was called, if there is one.
        route: Option<&'r str>,
        /// Those that the token lacks.
        missing: Vec<&'r str>,
    },
    /// A route for the method and the path, in one reading of the path.
    NoRoute {
        /// The method, or `$connect`.
        method: String,
        /// The segments of the path.
        segments: Vec<String>,
    },
    /// A route for a field: the table is not one for a GraphQL API.
    NoField,
    /// What a route asks for.
    Route(RouteRefusal<'r>),
    /// A policy that tells the request from others that are closed.
    Inexpressible {
        /// The route that is open to the token, if there is one.
        route: Option<&'r str>,
    },
}

impl<'r> Unmet<'r> {
    /// The reason that this is by itself.
    #[must_use]
    pub const fn reason(&self) -> DenyReason {
        match self {
            Self::RequiredScopes { .. } => DenyReason::InsufficientScope,
            Self::NoRoute { .. } | Self::NoField => DenyReason::NoMatchingRoute,
            Self::Route(refusal) => refusal.reason,
            Self::Inexpressible { .. } => DenyReason::NotExpressible,
        }
    }

    /// The name of the route that this is about.
    #[must_use]
    pub const fn route(&self) -> Option<&'r str> {
        match self {
            Self::RequiredScopes { route, .. } | Self::Inexpressible { route } => *route,
            Self::NoRoute { .. } | Self::NoField => None,
            Self::Route(refusal) => Some(refusal.name),
        }
    }
}

/// A route that is not open to the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRefusal<'r> {
    /// The name of the route.
    pub name: &'r str,
    /// All that it asks for.
    pub requirements: &'r Requirements,
    /// The names of all routes that API Gateway may choose for the request, in order. Each of them must
    /// be open to the token.
    pub candidates: Vec<&'r str>,
    /// Why it is not open.
    pub reason: DenyReason,
    /// What the token or the request lacks for it.
    pub lacks: Vec<Lack<'r>>,
}

/// A condition of a route that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack<'r> {
    /// The token is of none of these issuers.
    Issuer(&'r [String]),
    /// These of the scopes, all of which are needed.
    Scopes(Vec<&'r str>),
    /// Any of these scopes.
    AnyScope(&'r [String]),
    /// One of these alternatives, each with what the token lacks for it; without any the route is open
    /// to nobody.
    Alternatives(Vec<Vec<Lack<'r>>>),
    /// These of the groups, all of which are needed.
    Groups(Vec<&'r str>),
    /// A claim with one of these values.
    Required(&'r Requirement),
    /// Any of these groups.
    AnyGroup(&'r [String]),
    /// A claim for a path parameter.
    Claim {
        /// The parameter.
        param: &'r str,
        /// The claim that it is bound to.
        claim: &'r str,
    },
    /// A claim that a path parameter can be compared with: this one cannot stand in a policy.
    BindableClaim {
        /// The parameter.
        param: &'r str,
        /// The claim that it is bound to.
        claim: &'r str,
    },
    /// A path parameter that is the claim.
    Bound {
        /// The parameter.
        param: &'r str,
        /// The claim that it is bound to.
        claim: &'r str,
        /// What stands in the path.
        found: String,
    },
}

impl<'r> Lack<'r> {
    /// The claims that can never stand in a path.
    fn unbindable(&self) -> Vec<&'r str> {
        match self {
            Self::BindableClaim { claim, .. } => vec![claim],
            Self::Alternatives(all) => all.iter().flatten().flat_map(Self::unbindable).collect(),
            Self::Issuer(_)
            | Self::Scopes(_)
            | Self::AnyScope(_)
            | Self::Groups(_)
            | Self::AnyGroup(_)
            | Self::Required(_)
            | Self::Claim { .. }
            | Self::Bound { .. } => Vec::new(),
        }
    }
}
