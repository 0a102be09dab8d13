//! Step 6: the claims of a verified payload (RFC 7519 4) against what the issuer's entry in the
//! configuration demands. Only [`Claims::check`] makes [`Claims`].

mod name;
mod requirement;
mod rules;

use std::fmt;

use serde_json::Value;

use crate::json::Members;
use crate::reason::DenyReason;
use crate::scope::ScopeSet;
use crate::signature::VerifiedPayload;
use crate::time::Timestamp;

pub use self::name::{ClaimName, first_claim};
pub use self::requirement::Requirement;
pub use self::rules::{ClaimRule, Examination, TEXTS, bare_media_type};

/// The last second of the year 9999. What lies beyond is milliseconds, or an error.
const MAX_NUMERIC_DATE: u64 = 253_402_300_799;

/// Values that are demanded of a claim, or the written statement that none is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The configuration says `"any"`.
    Any,
    /// One of these, compared code point by code point.
    OneOf(Vec<String>),
}

impl Accepted {
    fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(values) => values.iter().any(|accepted| accepted == value),
        }
    }
}

/// The kind of token that is asked for, in Cognito's claim `token_use`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// An access token; it is bound to its client by `client_id`.
    Access,
    /// An ID token; it is bound to its client by `aud` (OpenID Connect Core 3.1.3.7).
    Id,
}

impl TokenUse {
    /// The value of the claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }
}

/// How the sender of a token shows that the token is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By having it (RFC 6750). So it must not be bound to a key, which would have to be shown.
    Bearer,
    /// Not at all: a token that is bound to a key counts as one that is not.
    Unchecked,
}

/// What one issuer's tokens must say.
#[derive(Clone, Debug)]
pub struct ClaimsPolicy {
    /// What routes call the issuer: the same for both forms of a pool's `iss`.
    pub name: String,
    /// The exact `iss`.
    pub issuer: String,
    /// The required `token_use`; `None` for issuers whose tokens need not have one. Where it stands
    /// nevertheless, it must be `access`.
    pub token_use: Option<TokenUse>,
    /// The clients whose tokens are taken; `None` if only the audience is checked.
    pub clients: Option<Accepted>,
    /// The audiences that are taken; `None` if only the client is checked.
    pub audiences: Option<Accepted>,
    /// The required JOSE `typ`, if one is configured.
    pub token_type: Option<String>,
    /// How the sender shows that the token is its own.
    pub proof: Proof,
    /// Which claim names the client: the first of these that is there.
    pub client_from: Vec<ClaimName>,
    /// Which claim lists the scopes, likewise.
    pub scopes_from: Vec<ClaimName>,
    /// Which claim lists the user's groups, likewise.
    pub groups_from: Vec<ClaimName>,
    /// Which claim names whom the token speaks for, likewise; where there is none, the client.
    pub principal_from: Vec<ClaimName>,
    /// What other claims must say, all of it.
    pub require: Vec<Requirement>,
    /// How far the issuer's clock and ours may be apart, in seconds, 0 to 120.
    pub leeway_seconds: u64,
}

/// The claims of a token that is genuine, in time, and meant for this API.
#[derive(Clone)]
pub struct Claims {
    scopes: ScopeSet,
    groups: Vec<String>,
    client: Option<String>,
    principal: Option<String>,
    exp: NumericDate,
    issuer: String,
    members: Members,
}

impl ClaimsPolicy {
    /// Whom the token was issued to, if a claim says so.
    #[must_use]
    pub fn client<'m>(&self, members: &'m Members) -> Option<&'m str> {
        text_of(&self.client_from, members)
    }

    /// Whom the token speaks for: somebody, or the client where it names nobody.
    #[must_use]
    pub fn principal<'m>(&self, members: &'m Members) -> Option<&'m str> {
        match first_claim(&self.principal_from, members) {
            Some((_, name)) => name.as_str().filter(|name| !name.is_empty()),
            None => self.client(members),
        }
    }
}

impl Claims {
    /// Checks every claim that decides whether the token counts at `now`.
    ///
    /// # Errors
    /// The [`DenyReason`] of the first rule that does not hold.
    pub fn check(
        payload: VerifiedPayload,
        policy: &ClaimsPolicy,
        now: Timestamp,
    ) -> Result<Self, DenyReason> {
        let examination = Examination {
            payload: &payload,
            policy,
            now,
        };
        for rule in ClaimRule::ALL {
            rule.check(&examination)?;
        }
        let members = payload.members();
        let exp = exp(members)?;
        let scopes = scopes(&policy.scopes_from, members)?;
        let groups = groups(&policy.groups_from, members);
        let client = policy.client(members).map(str::to_owned);
        let principal = policy.principal(members).map(str::to_owned);
        Ok(Self {
            scopes,
            groups,
            client,
            principal,
            exp,
            issuer: policy.name.clone(),
            members: payload.into_members(),
        })
    }

    /// The granted scopes.
    #[must_use]
    pub const fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// The groups that the user is in.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// What the configuration calls the issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When the token ends.
    #[must_use]
    pub const fn exp(&self) -> NumericDate {
        self.exp
    }

    /// A claim that is a string, by its name or a JSON Pointer.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    /// A claim of any type, by its name or a JSON Pointer.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        if name.starts_with('/') {
            ClaimName::parse(name)?.find(&self.members)
        } else {
            self.members.get(name)
        }
    }

    /// Whether a requirement of a route holds.
    #[must_use]
    pub fn meet(&self, requirement: &Requirement) -> bool {
        requirement.holds(&self.members)
    }

    /// Whom the token was issued to.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// Whom the token speaks for: somebody, or the client where it names nobody.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.principal.as_deref()
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Seconds since the epoch as a claim (RFC 7519 2), kept in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumericDate(Timestamp);

impl NumericDate {
    /// Reads a claim: a JSON number from 0 to the year 9999, with or without a fraction.
    fn parse(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else {
            return None;
        };
        if let Some(seconds) = number.as_u64() {
            return (seconds <= MAX_NUMERIC_DATE).then(|| Self(Timestamp::from_seconds(seconds)));
        }
        let seconds = number.as_f64()?;
        // The bound is below 2^38, so the comparison and the conversions are exact enough.
        if !(0.0..=253_402_300_799.0).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked, and dropping the rest of a millisecond is meant"
        )]
        let millis = (seconds * 1000.0) as u64;
        Some(Self(Timestamp::from_millis(millis)))
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0.as_millis() / 1000
    }
}

/// RFC 7519 4.1.4. A token without an end would count for ever, so it never does.
fn exp(members: &Members) -> Result<NumericDate, DenyReason> {
    members
        .get("exp")
        .and_then(NumericDate::parse)
        .filter(|exp| exp.seconds() > 0)
        .ok_or(DenyReason::InvalidClaims)
}

/// A claim that must be a string where it stands.
fn string<'a>(members: &'a Members, name: &str) -> Result<Option<&'a str>, DenyReason> {
    members
        .get(name)
        .map(|value| value.as_str().ok_or(DenyReason::InvalidClaims))
        .transpose()
}

/// The scopes in the first of these claims that is there: a string (RFC 8693 4.2) or an array of
/// strings. What grants must not be guessed at, so that null is not passed over.
fn scopes(names: &[ClaimName], members: &Members) -> Result<ScopeSet, DenyReason> {
    let mut found = names.iter().filter_map(|name| name.find(members));
    found
        .next()
        .map(|claim| ScopeSet::of_claim(claim).ok_or(DenyReason::InvalidClaims))
        .transpose()
        .map(Option::unwrap_or_default)
}

/// The groups in the first of these claims that is there: an array of strings, one string, which is one
/// group, or an object, whose members are called as the groups are (Zitadel's roles). A claim of any
/// other form names no group: what it cannot grant it need not be refused for.
fn groups(names: &[ClaimName], members: &Members) -> Vec<String> {
    match first_claim(names, members) {
        Some((_, Value::String(group))) => vec![group.clone()],
        Some((_, Value::Array(entries))) => {
            let groups = entries
                .iter()
                .map(|entry| entry.as_str().map(str::to_owned));
            groups.collect::<Option<_>>().unwrap_or_default()
        }
        Some((_, Value::Object(groups))) => groups.keys().cloned().collect(),
        Some((_, Value::Null | Value::Bool(_) | Value::Number(_))) | None => Vec::new(),
    }
}

/// The first of these claims that is there, if it is a text and not empty.
fn text_of<'m>(names: &[ClaimName], members: &'m Members) -> Option<&'m str> {
    let (_, value) = first_claim(names, members)?;
    value.as_str().filter(|text| !text.is_empty())
}
