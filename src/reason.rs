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

/// The error code of RFC 6750 3.1 that the context of a refusal carries, for a `WWW-Authenticate` of
/// API Gateway's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Another token is needed.
    InvalidToken,
    /// A token that may do more is needed.
    InsufficientScope,
    /// None: no token would help.
    None,
}

impl Challenge {
    /// The error code, if there is one.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::InvalidToken => Some("invalid_token"),
            Self::InsufficientScope => Some("insufficient_scope"),
            Self::None => None,
        }
    }
}

/// How long a refusal holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// For this token, whatever it asks for and when.
    Always,
    /// For this request: it is about one path, the issuer's clock and ours, a key that may be
    /// fetched within a cool-down, or who sends the token. A thief without the token's key must not
    /// lock its owner out.
    Once,
}

/// What is known of a reason.
struct Row {
    name: &'static str,
    outcome: Outcome,
    challenge: Challenge,
    holds: Holds,
}

/// Writes the enum, the list of all its values and the row of each, so that a reason is one row.
macro_rules! reasons {
    ($(
        $(#[$doc:meta])*
        $reason:ident: $name:literal, $outcome:ident, $challenge:ident, $holds:ident;
    )*) => {
        /// The one reason for which a request was not allowed.
        ///
        /// Operators see it in the log. Clients never do: they get a bare 401, 403 or 500.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DenyReason {
            $($(#[$doc])* $reason,)*
        }

        impl DenyReason {
            /// Every reason, in the order in which they can arise.
            pub const ALL: &'static [Self] = &[$(Self::$reason,)*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$reason => Row {
                        name: $name,
                        outcome: Outcome::$outcome,
                        challenge: Challenge::$challenge,
                        holds: Holds::$holds,
                    },)*
                }
            }
        }
    };
}

reasons! {
    /// No token source held a credential.
    MissingToken: "missing_token", Unauthorized, InvalidToken, Always;
    /// The credential is not one strict compact JWS (RFC 7515 7.1) sent as RFC 6750 says.
    MalformedToken: "malformed_token", Unauthorized, InvalidToken, Always;
    /// The path of the method ARN could be read in two ways, or as a policy's wildcard.
    InvalidPath: "invalid_path", Unauthorized, InvalidToken, Once;
    /// The header's `alg` is not one that the issuer may use with that key (RFC 8725 3.1).
    UnsupportedAlgorithm: "unsupported_algorithm", Unauthorized, InvalidToken, Always;
    /// `iss` is not, character by character, a configured issuer.
    UnknownIssuer: "unknown_issuer", Unauthorized, InvalidToken, Always;
    /// The issuer's key set holds no usable key of that `kid`.
    UnknownKey: "unknown_key", Unauthorized, InvalidToken, Once;
    /// The signature is not this key's over this token.
    InvalidSignature: "invalid_signature", Unauthorized, InvalidToken, Always;
    /// `exp` has passed.
    TokenExpired: "token_expired", Unauthorized, InvalidToken, Always;
    /// `nbf` or `iat` lies in the future.
    TokenNotYetValid: "token_not_yet_valid", Unauthorized, InvalidToken, Once;
    /// A claim that must be there is missing, or one has the wrong type or form.
    InvalidClaims: "invalid_claims", Unauthorized, InvalidToken, Always;
    /// An ID token where an access token is due, or any other kind of token (RFC 8725 3.12).
    WrongTokenUse: "wrong_token_use", Unauthorized, InvalidToken, Always;
    /// The token was issued to a client that is not configured.
    WrongClient: "wrong_client", Unauthorized, InvalidToken, Always;
    /// The token is meant for another audience.
    WrongAudience: "wrong_audience", Unauthorized, InvalidToken, Always;
    /// A claim is not what the issuer's `require` asks for.
    WrongClaim: "wrong_claim", Unauthorized, InvalidToken, Always;
    /// The token is bound to a key (RFC 7800), and its sender has not proved to hold that.
    ProofMissing: "proof_missing", Unauthorized, InvalidToken, Once;
    /// The route is for tokens of other issuers.
    IssuerNotAccepted: "issuer_not_accepted", Deny, InsufficientScope, Once;
    /// A scope that the route needs is missing.
    InsufficientScope: "insufficient_scope", Deny, InsufficientScope, Once;
    /// The user is in none of the groups that the route needs.
    NotInGroup: "not_in_group", Deny, InsufficientScope, Once;
    /// A claim is not what the route's `require` asks for.
    InsufficientClaim: "insufficient_claim", Deny, InsufficientScope, Once;
    /// A path parameter is not the claim that it is bound to.
    NotBound: "not_bound", Deny, InsufficientScope, Once;
    /// The route table does not know this resource.
    NoMatchingRoute: "no_matching_route", Deny, InsufficientScope, Once;
    /// The request is open to the token, but not to be told from others by the policy that is cached.
    NotExpressible: "not_expressible", Deny, InsufficientScope, Once;
    /// The issuer's keys could not be had, so nothing can be said about the token.
    JwksUnavailable: "jwks_unavailable", Error, None, Once;
    /// The event is not one that an API sends to an authorizer.
    InvalidEvent: "invalid_event", Error, None, Once;
}

impl DenyReason {
    /// The stable name of this reason in log lines and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Which of the three outcomes this reason leads to.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        self.row().outcome
    }

    /// Whether a token that is refused for this will be refused for it again, whatever it asks
    /// for and when. Only then may the refusal be cached under the token.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(self.row().holds, Holds::Always)
    }

    /// What the context of the refusal tells the client to get.
    #[must_use]
    pub const fn challenge(self) -> Challenge {
        self.row().challenge
    }
}

impl std::fmt::Display for DenyReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
