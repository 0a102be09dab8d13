//! Step 5: the signature. Only [`verify`] makes a [`VerifiedPayload`].

use std::fmt;

use crate::jwks::KeysOfKid;
use crate::reason::DenyReason;
use crate::token::{Algorithm, JoseHeader, UnverifiedToken};

// What [`VerifiedPayload::members`] gives; its own module is private.
pub use crate::json::Members;

/// The payload of a token whose signature was verified with a key of its issuer.
///
/// It can only come from [`verify`]. Its claims are still to be checked.
pub struct VerifiedPayload {
    header: JoseHeader,
    members: Members,
}

impl VerifiedPayload {
    /// The JOSE header, which the signature covers too.
    #[must_use]
    pub const fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// The claims as the issuer signed them.
    #[must_use]
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// The claims alone, for the module that has checked them.
    pub(crate) fn into_members(self) -> Members {
        self.members
    }
}

impl fmt::Debug for VerifiedPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Verifies the signature of `token` with the one of `keys` that is for its algorithm.
///
/// The header's `alg` must be one of the issuer's `allowed` ones, the one that a key is for where
/// the key says so, and one that this kind of key can have (RFC 8725 3.1).
///
/// The payload is read when the signature holds, and not before.
///
/// # Errors
/// [`DenyReason::UnsupportedAlgorithm`], [`DenyReason::InvalidSignature`], or
/// [`DenyReason::MalformedToken`] for a payload that is no strict JSON object.
pub fn verify(
    token: UnverifiedToken<'_>,
    keys: &KeysOfKid,
    allowed: &[Algorithm],
) -> Result<VerifiedPayload, DenyReason> {
    let algorithm = token.header().algorithm();
    let key = keys
        .for_algorithm(algorithm)
        .filter(|_| allowed.contains(&algorithm))
        .ok_or(DenyReason::UnsupportedAlgorithm)?;
    if !key.public_key().verifies(
        algorithm,
        token.signing_input().as_bytes(),
        token.signature(),
    ) {
        return Err(DenyReason::InvalidSignature);
    }
    let (header, members) = token.into_parts()?;
    Ok(VerifiedPayload { header, members })
}
