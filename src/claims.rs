//! Step 6: the claims of a verified payload (RFC 7519 4) against what the issuer's entry in the
//! configuration demands. Only [`Claims::check`] makes [`Claims`].

use std::fmt;

use serde_json::{Map, Value};

use crate::reason::DenyReason;
use crate::scope::ScopeSet;
use crate::signature::VerifiedPayload;
use crate::time::Timestamp;

/// The last second of the year 9999. What lies beyond is milliseconds, or an error.
const MAX_NUMERIC_DATE: u64 = 253_402_300_799;

/// The media types of the JOSE `typ` that are taken where none is configured: none (Cognito), a
/// plain JWT, and an access token of RFC 9068 4, which may spell out `application/`.
const ACCESS_TOKEN_TYPES: [&str; 2] = ["jwt", "at+jwt"];

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

/// What one issuer's tokens must say.
#[derive(Clone, Debug)]
pub struct ClaimsPolicy {
    /// The exact `iss`.
    pub issuer: String,
    /// The required `token_use`; `None` for issuers that have no such claim.
    pub token_use: Option<TokenUse>,
    /// The clients whose tokens are taken; `None` if only the audience is checked.
    pub clients: Option<Accepted>,
    /// The audiences that are taken; `None` if only the client is checked.
    pub audiences: Option<Accepted>,
    /// The required JOSE `typ`, if one is configured.
    pub token_type: Option<String>,
    /// The claim that lists the user's groups.
    pub groups_claim: &'static str,
    /// How far the issuer's clock and ours may be apart, in seconds, 0 to 120.
    pub leeway_seconds: u64,
}

/// The claims of a token that is genuine, in time, and meant for this API.
#[derive(Clone)]
pub struct Claims {
    scopes: ScopeSet,
    groups: Vec<String>,
    exp: NumericDate,
    members: Map<String, Value>,
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
        let members = payload.members();
        check_iss(members, policy)?;
        let exp = check_exp(members, policy, now)?;
        check_not_in_future(members, "nbf", policy, now)?;
        check_not_in_future(members, "iat", policy, now)?;
        check_typ(payload.header().typ(), policy)?;
        check_token_use(members, policy)?;
        check_client(members, policy)?;
        check_audience(members, policy)?;
        for name in ["sub", "jti", "username", "client_id", "cognito:username"] {
            string(members, name)?;
        }
        let scopes = string(members, "scope")?
            .map(ScopeSet::parse)
            .unwrap_or_default();
        let groups = strings(members, policy.groups_claim).unwrap_or_default();
        Ok(Self {
            scopes,
            groups,
            exp,
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

    /// When the token ends.
    #[must_use]
    pub const fn exp(&self) -> NumericDate {
        self.exp
    }

    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// A claim of any type.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Who the token speaks for: `sub`, or the client where there is no user.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.text("sub")
            .or_else(|| self.text("client_id"))
            .filter(|id| !id.is_empty())
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

/// RFC 7519 4.1.1, compared without any normalisation (RFC 8725 3.8). The issuer was chosen by
/// this claim before it was verified; here it counts.
fn check_iss(members: &Map<String, Value>, policy: &ClaimsPolicy) -> Result<(), DenyReason> {
    if members.get("iss").and_then(Value::as_str) == Some(policy.issuer.as_str()) {
        Ok(())
    } else {
        Err(DenyReason::UnknownIssuer)
    }
}

/// RFC 7519 4.1.4: the token counts before `exp`, and no longer at it. A token without one would
/// count for ever, so it never does.
fn check_exp(
    members: &Map<String, Value>,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Result<NumericDate, DenyReason> {
    let exp = members
        .get("exp")
        .and_then(NumericDate::parse)
        .ok_or(DenyReason::InvalidClaims)?;
    if exp.seconds() == 0 {
        return Err(DenyReason::InvalidClaims);
    }
    let end = Timestamp::from_seconds(exp.seconds());
    if end <= now.minus_seconds(policy.leeway_seconds) {
        return Err(DenyReason::TokenExpired);
    }
    Ok(exp)
}

/// RFC 7519 4.1.5 and 4.1.6: `nbf` and `iat`, where they stand, are not in the future.
fn check_not_in_future(
    members: &Map<String, Value>,
    name: &str,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Result<(), DenyReason> {
    let Some(value) = members.get(name) else {
        return Ok(());
    };
    let NumericDate(start) = NumericDate::parse(value).ok_or(DenyReason::InvalidClaims)?;
    if start > now.plus_seconds(policy.leeway_seconds) {
        return Err(DenyReason::TokenNotYetValid);
    }
    Ok(())
}

/// RFC 8725 3.11: a token of another type is not an access token, whoever signed it.
fn check_typ(typ: Option<&str>, policy: &ClaimsPolicy) -> Result<(), DenyReason> {
    let media_type = typ.map(|typ| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/")
            .map(str::to_owned)
            .unwrap_or(typ)
    });
    let right = match (&policy.token_type, media_type.as_deref()) {
        (Some(required), Some(typ)) => required.eq_ignore_ascii_case(typ),
        (Some(_), None) => false,
        (None, Some(typ)) => ACCESS_TOKEN_TYPES.contains(&typ),
        (None, None) => true,
    };
    if right {
        Ok(())
    } else {
        Err(DenyReason::WrongTokenUse)
    }
}

/// RFC 8725 3.12, by Cognito's claim for it.
fn check_token_use(members: &Map<String, Value>, policy: &ClaimsPolicy) -> Result<(), DenyReason> {
    let Some(required) = policy.token_use else {
        return Ok(());
    };
    match members.get("token_use").and_then(Value::as_str) {
        Some(token_use) if token_use == required.as_str() => Ok(()),
        Some(_) | None => Err(DenyReason::WrongTokenUse),
    }
}

/// An access token is bound to its client by `client_id` (RFC 9068 2.2), an ID token by `aud`.
fn check_client(members: &Map<String, Value>, policy: &ClaimsPolicy) -> Result<(), DenyReason> {
    let Some(accepted) = &policy.clients else {
        return Ok(());
    };
    if policy.token_use == Some(TokenUse::Id) {
        return check_id_token_client(members, accepted);
    }
    match members.get("client_id") {
        Some(Value::String(client)) if accepted.accepts(client) => Ok(()),
        None if *accepted == Accepted::Any => Ok(()),
        Some(_) | None => Err(DenyReason::WrongClient),
    }
}

/// OpenID Connect Core 3.1.3.7: the audience contains a client of ours; where it has further
/// members, `azp` must be a client of ours too.
fn check_id_token_client(
    members: &Map<String, Value>,
    accepted: &Accepted,
) -> Result<(), DenyReason> {
    let audience = audience(members)?;
    let ours = audience.iter().any(|client| accepted.accepts(client));
    let all_ours = audience.iter().all(|client| accepted.accepts(client));
    let presenter_ours = members
        .get("azp")
        .and_then(Value::as_str)
        .is_some_and(|azp| accepted.accepts(azp));
    let presenter_absent = !members.contains_key("azp");
    if ours && (presenter_ours || (all_ours && presenter_absent)) {
        Ok(())
    } else {
        Err(DenyReason::WrongClient)
    }
}

/// RFC 7519 4.1.3: where audiences are configured, the token must be meant for one of them.
fn check_audience(members: &Map<String, Value>, policy: &ClaimsPolicy) -> Result<(), DenyReason> {
    let audience = audience(members)?;
    match &policy.audiences {
        None | Some(Accepted::Any) => Ok(()),
        Some(accepted) if audience.iter().any(|value| accepted.accepts(value)) => Ok(()),
        Some(_) => Err(DenyReason::WrongAudience),
    }
}

/// The `aud` claim: a string or an array of strings (RFC 7519 4.1.3), empty if there is none.
fn audience(members: &Map<String, Value>) -> Result<Vec<&str>, DenyReason> {
    match members.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::String(value)) => Ok(vec![value]),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().ok_or(DenyReason::InvalidClaims))
            .collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            Err(DenyReason::InvalidClaims)
        }
    }
}

/// A claim that must be a string where it stands.
fn string<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, DenyReason> {
    members
        .get(name)
        .map(|value| value.as_str().ok_or(DenyReason::InvalidClaims))
        .transpose()
}

/// A claim that is an array of strings. One of any other form names no group: providers differ
/// in it, and what it cannot grant it need not be refused for.
fn strings(members: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    members
        .get(name)?
        .as_array()?
        .iter()
        .map(|entry| entry.as_str().map(str::to_owned))
        .collect()
}
