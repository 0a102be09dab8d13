//! The rules about a verified payload, each with the reason for which it refuses.

use serde_json::Value;

use crate::claims::{
    Accepted, ClaimsPolicy, NumericDate, Proof, TokenUse, exp, first_claim, scopes, string,
};
use crate::json::Members;
use crate::reason::DenyReason;
use crate::signature::VerifiedPayload;
use crate::time::Timestamp;

/// The media types of the JOSE `typ` that are taken where none is configured: none (Cognito), a
/// plain JWT, and an access token of RFC 9068 4, which may spell out `application/`.
const ACCESS_TOKEN_TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Claims that must be strings where they stand.
pub const TEXTS: [&str; 5] = ["sub", "jti", "username", "client_id", "cognito:username"];

/// What the rules are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Examination<'e> {
    /// The payload and the header that were signed.
    pub payload: &'e VerifiedPayload,
    /// What the issuer's entry in the configuration demands.
    pub policy: &'e ClaimsPolicy,
    /// When it is asked.
    pub now: Timestamp,
}

impl<'e> Examination<'e> {
    fn members(&self) -> &'e Members {
        self.payload.members()
    }
}

/// Writes the enum, the list of all its values and what each of them asks, so that no rule can be
/// left out of one of the three.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident: $check:ident;)*) => {
        /// A rule about a verified payload.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ClaimRule {
            $($(#[$doc])* $rule,)*
        }

        impl ClaimRule {
            /// Every rule, in the order in which they are asked. [`Claims::check`] stops at the first
            /// that is broken; an operator may want to know of the others too.
            ///
            /// [`Claims::check`]: crate::claims::Claims::check
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            /// Asks this rule.
            ///
            /// # Errors
            /// The one reason for which it is broken.
            pub fn check(self, of: &Examination<'_>) -> Result<(), DenyReason> {
                match self {
                    $(Self::$rule => $check(of),)*
                }
            }
        }
    };
}

rules! {
    /// The `iss` is this issuer's.
    Issuer: check_iss;
    /// The token has not ended.
    Expiry: check_exp;
    /// The token has begun.
    NotBefore: check_nbf;
    /// The token was not made in the future.
    IssuedAt: check_iat;
    /// The header's `typ` is that of an access token.
    Type: check_typ;
    /// The token is of the kind that is asked for.
    TokenUse: check_token_use;
    /// The token was issued to a client of ours.
    Client: check_client;
    /// The token is meant for this API.
    Audience: check_audience;
    /// What names somebody is a string.
    Texts: check_texts;
    /// What lists scopes is a string or an array of strings.
    Scopes: check_scopes;
    /// What the issuer's entry asks of other claims holds.
    Required: check_required;
    /// A token that is bound to a key is not sent as a bearer token.
    Proof: check_proof;
}

/// RFC 7519 4.1.1, compared without any normalisation (RFC 8725 3.8). The issuer was chosen by
/// this claim before it was verified; here it counts.
fn check_iss(of: &Examination<'_>) -> Result<(), DenyReason> {
    let iss = of.members().get("iss").and_then(Value::as_str);
    if iss == Some(of.policy.issuer.as_str()) {
        Ok(())
    } else {
        Err(DenyReason::UnknownIssuer)
    }
}

/// RFC 7519 4.1.4: the token counts before `exp`, and no longer at it.
fn check_exp(of: &Examination<'_>) -> Result<(), DenyReason> {
    let end = Timestamp::from_seconds(exp(of.members())?.seconds());
    if end <= of.now.minus_seconds(of.policy.leeway_seconds) {
        return Err(DenyReason::TokenExpired);
    }
    Ok(())
}

/// RFC 7519 4.1.5.
fn check_nbf(of: &Examination<'_>) -> Result<(), DenyReason> {
    check_not_in_future(of, "nbf")
}

/// RFC 7519 4.1.6.
fn check_iat(of: &Examination<'_>) -> Result<(), DenyReason> {
    check_not_in_future(of, "iat")
}

/// `nbf` and `iat`, where they stand, are not in the future.
fn check_not_in_future(of: &Examination<'_>, name: &str) -> Result<(), DenyReason> {
    let Some(value) = of.members().get(name) else {
        return Ok(());
    };
    let NumericDate(start) = NumericDate::parse(value).ok_or(DenyReason::InvalidClaims)?;
    if start > of.now.plus_seconds(of.policy.leeway_seconds) {
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
fn check_typ(of: &Examination<'_>) -> Result<(), DenyReason> {
    let media_type = of.payload.header().typ().map(bare_media_type);
    let right = match (&of.policy.token_type, media_type.as_deref()) {
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
fn check_token_use(of: &Examination<'_>) -> Result<(), DenyReason> {
    let required = of.policy.token_use.unwrap_or(TokenUse::Access).as_str();
    match of.members().get("token_use") {
        None if of.policy.token_use.is_none() => Ok(()),
        Some(Value::String(token_use)) if token_use == required => Ok(()),
        Some(_) | None => Err(DenyReason::WrongTokenUse),
    }
}

/// An access token is bound to its client by `client_id` (RFC 9068 2.2), an ID token by `aud`.
fn check_client(of: &Examination<'_>) -> Result<(), DenyReason> {
    let Some(accepted) = &of.policy.clients else {
        return Ok(());
    };
    let members = of.members();
    if of.policy.token_use == Some(TokenUse::Id) {
        return check_id_token_client(members, accepted);
    }
    // To a claim further on a null is an absent one, but it is no client either.
    let mut names = of.policy.client_from.iter();
    let is_null = names.any(|name| name.find(members) == Some(&Value::Null));
    match first_claim(&of.policy.client_from, members).map(|(_, value)| value) {
        Some(Value::String(client)) if accepted.accepts(client) => Ok(()),
        None if *accepted == Accepted::Any && !is_null => Ok(()),
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
fn check_audience(of: &Examination<'_>) -> Result<(), DenyReason> {
    let audience = audience(of.members())?;
    match &of.policy.audiences {
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

/// The claims that identify somebody are strings where they stand.
fn check_texts(of: &Examination<'_>) -> Result<(), DenyReason> {
    for name in TEXTS {
        string(of.members(), name)?;
    }
    let named = of
        .policy
        .client_from
        .iter()
        .chain(&of.policy.principal_from);
    for name in named {
        let value = name.find(of.members()).filter(|value| !value.is_null());
        if value.is_some_and(|value| !value.is_string()) {
            return Err(DenyReason::InvalidClaims);
        }
    }
    Ok(())
}

/// `require` of the issuer: each claim is one of its values, or a list that holds one.
fn check_required(of: &Examination<'_>) -> Result<(), DenyReason> {
    let mut required = of.policy.require.iter();
    if required.all(|own| own.holds(of.members())) {
        Ok(())
    } else {
        Err(DenyReason::WrongClaim)
    }
}

/// RFC 8693 4.2: what grants is a string or an array of strings, and of no other form.
fn check_scopes(of: &Examination<'_>) -> Result<(), DenyReason> {
    scopes(&of.policy.scopes_from, of.members()).map(drop)
}

/// RFC 8705 3 and RFC 9449 7.1: a token that is bound to a key (`cnf`) counts only from whoever proves
/// to hold that key. Taken as a bearer token it would count from a thief too.
///
/// RFC 7800 3.1 allows no `cnf` but an object. Elsewhere null counts as absent; here it does not, and
/// nor does any other form: a binding that cannot be read must not be taken for no binding.
fn check_proof(of: &Examination<'_>) -> Result<(), DenyReason> {
    match of.policy.proof {
        Proof::Bearer if of.members().contains_key("cnf") => Err(DenyReason::ProofMissing),
        Proof::Bearer | Proof::Unchecked => Ok(()),
    }
}
