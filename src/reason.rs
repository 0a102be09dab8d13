//! Why a request was not allowed: one value of one enum, in every log line, metric and test.

/// What the caller of the Lambda is told, the three outcomes beside "allow" never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The token is valid and the route is open to it.
    Allow,
    /// The token is valid, the route is not open to it: 403.
    Deny,
    /// There is no valid token: 401.
    Unauthorized,
    /// Nothing could be decided: 500, never cached.
    Error,
}

impl Outcome {
    /// The stable name of this outcome in the log line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unauthorized => "unauthorized",
            Self::Error => "error",
        }
    }
}

/// The one reason for which a request was not allowed.
///
/// Operators see it in the log. Clients never do: they get a bare 401, 403 or 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DenyReason {
    /// No token source held a credential.
    MissingToken,
    /// The credential is not one strict compact JWS (RFC 7515 7.1) sent as RFC 6750 says.
    MalformedToken,
    /// The path of the method ARN could be read in two ways, or as a policy's wildcard.
    InvalidPath,
    /// The header's `alg` is not one that the issuer may use with that key (RFC 8725 3.1).
    UnsupportedAlgorithm,
    /// `iss` is not, character by character, a configured issuer.
    UnknownIssuer,
    /// The issuer's key set holds no usable key of that `kid`.
    UnknownKey,
    /// The signature is not this key's over this token.
    InvalidSignature,
    /// `exp` has passed.
    TokenExpired,
    /// `nbf` or `iat` lies in the future.
    TokenNotYetValid,
    /// A claim that must be there is missing, or one has the wrong type or form.
    InvalidClaims,
    /// An ID token where an access token is due, or any other kind of token (RFC 8725 3.12).
    WrongTokenUse,
    /// The token was issued to a client that is not configured.
    WrongClient,
    /// The token is meant for another audience.
    WrongAudience,
    /// The route is for tokens of other issuers.
    IssuerNotAccepted,
    /// A scope that the route needs is missing.
    InsufficientScope,
    /// The user is in none of the groups that the route needs.
    NotInGroup,
    /// A path parameter is not the claim that it is bound to.
    NotBound,
    /// The route table does not know this resource.
    NoMatchingRoute,
    /// The request is open to the token, but not to be told from others by the policy that is cached.
    NotExpressible,
    /// The issuer's keys could not be had, so nothing can be said about the token.
    JwksUnavailable,
    /// The event is not one that an API sends to an authorizer.
    InvalidEvent,
}

impl DenyReason {
    /// Every reason, in the order in which they can arise.
    pub const ALL: [Self; 21] = [
        Self::MissingToken,
        Self::MalformedToken,
        Self::InvalidPath,
        Self::UnsupportedAlgorithm,
        Self::UnknownIssuer,
        Self::UnknownKey,
        Self::InvalidSignature,
        Self::TokenExpired,
        Self::TokenNotYetValid,
        Self::InvalidClaims,
        Self::WrongTokenUse,
        Self::WrongClient,
        Self::WrongAudience,
        Self::IssuerNotAccepted,
        Self::InsufficientScope,
        Self::NotInGroup,
        Self::NotBound,
        Self::NoMatchingRoute,
        Self::NotExpressible,
        Self::JwksUnavailable,
        Self::InvalidEvent,
    ];

    /// The stable name of this reason in log lines and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingToken => "missing_token",
            Self::MalformedToken => "malformed_token",
            Self::InvalidPath => "invalid_path",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnknownIssuer => "unknown_issuer",
            Self::UnknownKey => "unknown_key",
            Self::InvalidSignature => "invalid_signature",
            Self::TokenExpired => "token_expired",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::InvalidClaims => "invalid_claims",
            Self::WrongTokenUse => "wrong_token_use",
            Self::WrongClient => "wrong_client",
            Self::WrongAudience => "wrong_audience",
            Self::IssuerNotAccepted => "issuer_not_accepted",
            Self::InsufficientScope => "insufficient_scope",
            Self::NotInGroup => "not_in_group",
            Self::NotBound => "not_bound",
            Self::NoMatchingRoute => "no_matching_route",
            Self::NotExpressible => "not_expressible",
            Self::JwksUnavailable => "jwks_unavailable",
            Self::InvalidEvent => "invalid_event",
        }
    }

    /// Which of the three outcomes this reason leads to.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::MissingToken
            | Self::MalformedToken
            | Self::InvalidPath
            | Self::UnsupportedAlgorithm
            | Self::UnknownIssuer
            | Self::UnknownKey
            | Self::InvalidSignature
            | Self::TokenExpired
            | Self::TokenNotYetValid
            | Self::InvalidClaims
            | Self::WrongTokenUse
            | Self::WrongClient
            | Self::WrongAudience => Outcome::Unauthorized,
            Self::IssuerNotAccepted
            | Self::InsufficientScope
            | Self::NotInGroup
            | Self::NotBound
            | Self::NoMatchingRoute
            | Self::NotExpressible => Outcome::Deny,
            Self::JwksUnavailable | Self::InvalidEvent => Outcome::Error,
        }
    }

    /// Whether a token that is refused for this will be refused for it again, whatever it asks
    /// for and when. Only then may the refusal be cached under the token: the others are about
    /// one path, the issuer's clock and ours, or a key that may be fetched within a cool-down.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        match self {
            Self::InvalidPath
            | Self::UnknownKey
            | Self::TokenNotYetValid
            | Self::IssuerNotAccepted
            | Self::InsufficientScope
            | Self::NotInGroup
            | Self::NotBound
            | Self::NoMatchingRoute
            | Self::NotExpressible
            | Self::JwksUnavailable
            | Self::InvalidEvent => false,
            Self::MissingToken
            | Self::MalformedToken
            | Self::UnsupportedAlgorithm
            | Self::UnknownIssuer
            | Self::InvalidSignature
            | Self::TokenExpired
            | Self::InvalidClaims
            | Self::WrongTokenUse
            | Self::WrongClient
            | Self::WrongAudience => true,
        }
    }

    /// The error code of RFC 6750 3.1 that a Deny's context carries.
    #[must_use]
    pub const fn bearer_error(self) -> &'static str {
        match self.outcome() {
            Outcome::Deny => "insufficient_scope",
            Outcome::Allow | Outcome::Unauthorized | Outcome::Error => "invalid_token",
        }
    }
}

impl std::fmt::Display for DenyReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
