//! The rules about a verified payload, each with the reason for which it refuses.

use serde_json::Value;

use crate::claims::{Accepted, ClaimsPolicy, NumericDate, TokenUse, exp, string};
use crate::json::Members;
use crate::reason::DenyReason;
use crate::signature::VerifiedPayload;
use crate::time::Timestamp;

/// The media types of the JOSE `typ` that are taken where none is configured: none (Cognito), a
/// plain JWT, and an access token of RFC 9068 4, which may spell out `application/`.
const ACCESS_TOKEN_TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Claims that must be strings where they stand.
pub const TEXTS: [&str; 6] = [
    "sub",
    "jti",
    "username",
    "client_id",
    "cognito:username",
    "scope",
];

/// A rule about a payload, which holds or is broken for a reason.
type Rule = fn(&VerifiedPayload, &ClaimsPolicy, Timestamp) -> Result<(), DenyReason>;

/// Every rule, by what it looks at, in the order in which they are asked.
const RULES: [(&str, Rule); 9] = [
    ("iss", check_iss),
    ("exp", check_exp),
    ("nbf", check_nbf),
    ("iat", check_iat),
    ("typ", check_typ),
    ("token_use", check_token_use),
    ("client", check_client),
    ("aud", check_audience),
    ("texts", check_texts),
];

/// Asks the rules one after the other, told apart by `iss`, `exp`, `nbf`, `iat`, `typ` (of the
/// header), `token_use`, `client`, `aud` and `texts`. [`Claims::check`] stops at the first that is
/// broken; an operator may want to know of the others too.
///
/// [`Claims::check`]: crate::claims::Claims::check
pub fn examine(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> impl Iterator<Item = (&'static str, Result<(), DenyReason>)> {
    let ask = move |(name, rule): (_, Rule)| (name, rule(payload, policy, now));
    RULES.into_iter().map(ask)
}

/// RFC 7519 4.1.1, compared without any normalisation (RFC 8725 3.8). The issuer was chosen by
/// this claim before it was verified; here it counts.
fn check_iss(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    let iss = payload.members().get("iss").and_then(Value::as_str);
    if iss == Some(policy.issuer.as_str()) {
        Ok(())
    } else {
        Err(DenyReason::UnknownIssuer)
    }
}

/// RFC 7519 4.1.4: the token counts before `exp`, and no longer at it.
fn check_exp(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Result<(), DenyReason> {
    let end = Timestamp::from_seconds(exp(payload.members())?.seconds());
    if end <= now.minus_seconds(policy.leeway_seconds) {
        return Err(DenyReason::TokenExpired);
    }
    Ok(())
}

/// RFC 7519 4.1.5.
fn check_nbf(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Result<(), DenyReason> {
    check_not_in_future(payload.members(), "nbf", policy, now)
}

/// RFC 7519 4.1.6.
fn check_iat(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Result<(), DenyReason> {
    check_not_in_future(payload.members(), "iat", policy, now)
}

/// `nbf` and `iat`, where they stand, are not in the future.
fn check_not_in_future(
    members: &Members,
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

/// A JOSE `typ` in small letters and, as RFC 7515 4.1.9 has it, without `application/`.
#[must_use]
pub fn bare_media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/")
        .map(str::to_owned)
        .unwrap_or(typ)
}

/// RFC 8725 3.11: a token of another type is not an access token, whoever signed it.
fn check_typ(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    let media_type = payload.header().typ().map(bare_media_type);
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

/// RFC 8725 3.12, by Cognito's claim for it. Who issues another kind of token says so in the claim;
/// whoever it is, such a token is not the one that was asked for.
fn check_token_use(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    let required = policy.token_use.unwrap_or(TokenUse::Access).as_str();
    match payload.members().get("token_use") {
        None if policy.token_use.is_none() => Ok(()),
        Some(Value::String(token_use)) if token_use == required => Ok(()),
        Some(_) | None => Err(DenyReason::WrongTokenUse),
    }
}

/// An access token is bound to its client by `client_id` (RFC 9068 2.2), an ID token by `aud`.
fn check_client(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    let Some(accepted) = &policy.clients else {
        return Ok(());
    };
    let members = payload.members();
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
fn check_id_token_client(members: &Members, accepted: &Accepted) -> Result<(), DenyReason> {
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
fn check_audience(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    let audience = audience(payload.members())?;
    match &policy.audiences {
        None | Some(Accepted::Any) => Ok(()),
        Some(accepted) if audience.iter().any(|value| accepted.accepts(value)) => Ok(()),
        Some(_) => Err(DenyReason::WrongAudience),
    }
}

/// The `aud` claim: a string or an array of strings (RFC 7519 4.1.3), empty if there is none.
fn audience(members: &Members) -> Result<Vec<&str>, DenyReason> {
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

/// The claims that identify somebody, and the scopes, are strings where they stand.
fn check_texts(
    payload: &VerifiedPayload,
    _policy: &ClaimsPolicy,
    _now: Timestamp,
) -> Result<(), DenyReason> {
    for name in TEXTS {
        string(payload.members(), name)?;
    }
    Ok(())
}
