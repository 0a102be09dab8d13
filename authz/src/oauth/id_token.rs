//! Whether the ID token of an answer belongs to this very sign-in.
//!
//! Its signature is not verified: it came straight from the token endpoint, whose TLS certificate
//! stands for it (OpenID Connect Core 1.0, section 3.1.3.7, rule 6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::oauth::answer::IdToken;

/// What the ID token of a sign-in must say.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) issuer: Option<&'a str>,
}

/// Why an ID token does not belong to the sign-in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum IdTokenError {
    #[error("the ID token is no JWT")]
    NoJwt,
    #[error(
        "the ID token has not the `nonce` of this sign-in; it is of another one, so sign in again"
    )]
    Nonce,
    #[error("the ID token's `iss` is not the issuer; check --issuer or --user-pool-id")]
    Issuer,
    #[error("the ID token is not for this client; check --client-id")]
    Audience,
    #[error("the ID token has expired already; check this machine's clock")]
    Expired,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: u64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Checks the claims that tie an ID token to a sign-in (OpenID Connect Core 1.0, section 3.1.3.7),
/// `now` being the seconds since 1970.
pub(crate) fn check(
    token: &IdToken,
    expected: &Expected<'_>,
    now: u64,
) -> Result<(), IdTokenError> {
    let payload = payload(&token.0).ok_or(IdTokenError::NoJwt)?;
    if payload.nonce.as_deref() != Some(expected.nonce) {
        return Err(IdTokenError::Nonce);
    }
    if expected.issuer.is_some_and(|issuer| payload.iss != issuer) {
        return Err(IdTokenError::Issuer);
    }
    let audience = match &payload.aud {
        Audience::One(audience) => audience == expected.client_id,
        Audience::Several(all) => all.iter().any(|audience| audience == expected.client_id),
    };
    let party = payload.azp.as_deref().unwrap_or(expected.client_id);
    if !audience || party != expected.client_id {
        return Err(IdTokenError::Audience);
    }
    if payload.exp <= now {
        return Err(IdTokenError::Expired);
    }
    Ok(())
}

fn payload(token: &str) -> Option<Payload> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
