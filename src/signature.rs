//! Step 5: the signature. The only module that calls the cryptographic library.

use std::fmt;

use jsonwebtoken::{Algorithm as Jwa, DecodingKey};
use serde_json::{Map, Value};

use crate::jwks::VerificationKey;
use crate::reason::DenyReason;
use crate::token::{Algorithm, JoseHeader, UnverifiedToken};

/// The kind of a public key, which decides the algorithms that it can be used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// `kty` `RSA`.
    Rsa,
    /// `kty` `EC`, `crv` `P-256`.
    P256,
    /// `kty` `EC`, `crv` `P-384`.
    P384,
    /// `kty` `OKP`, `crv` `Ed25519`.
    Ed25519,
}

impl KeyKind {
    /// Whether keys of this kind can make signatures of that algorithm (RFC 7518 3.1, 3.4;
    /// RFC 8037 3.1).
    #[must_use]
    pub const fn fits(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => matches!(self, Self::Rsa),
            Algorithm::ES256 => matches!(self, Self::P256),
            Algorithm::ES384 => matches!(self, Self::P384),
            Algorithm::EdDSA => matches!(self, Self::Ed25519),
        }
    }
}

/// A public key, ready to verify with. That it obeys the rules for keys is [`crate::jwks`]' word.
#[derive(Clone)]
pub struct PublicKey {
    kind: KeyKind,
    decoding_key: DecodingKey,
}

impl PublicKey {
    /// An RSA key of modulus `n` and exponent `e`, big-endian.
    #[must_use]
    pub fn rsa(n: &[u8], e: &[u8]) -> Self {
        let decoding_key = DecodingKey::from_rsa_raw_components(n, e);
        Self {
            kind: KeyKind::Rsa,
            decoding_key,
        }
    }

    /// An elliptic curve key as the uncompressed point `04 || x || y` (SEC 1, 2.3.3) or, for
    /// Ed25519, the 32 bytes of RFC 8032 5.1.2.
    #[must_use]
    pub fn point(kind: KeyKind, point: &[u8]) -> Self {
        let decoding_key = match kind {
            KeyKind::Ed25519 => DecodingKey::from_ed_der(point),
            KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa => DecodingKey::from_ec_der(point),
        };
        Self { kind, decoding_key }
    }

    /// The kind of this key.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether `signature`, in base64url, is this key's signature by `algorithm` over `message`.
    ///
    /// It knows nothing of tokens, so that published test vectors can be run against it.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        self.kind.fits(algorithm)
            && jsonwebtoken::crypto::verify(signature, message, &self.decoding_key, jwa(algorithm))
                .unwrap_or(false)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The payload of a token whose signature was verified with a key of its issuer.
///
/// It can only come from [`verify`]. Its claims are still to be checked.
pub struct VerifiedPayload {
    header: JoseHeader,
    members: Map<String, Value>,
}

impl VerifiedPayload {
    /// The JOSE header, which the signature covers too.
    #[must_use]
    pub const fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// The claims as the issuer signed them.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The claims alone, for the module that has checked them.
    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.members
    }
}

impl fmt::Debug for VerifiedPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Verifies the signature of `token` with `key`.
///
/// The header's `alg` must be one of the issuer's `allowed` ones, the one that the key is for
/// where the key says so, and one that this kind of key can have (RFC 8725 3.1).
///
/// The payload is read when the signature holds, and not before.
///
/// # Errors
/// [`DenyReason::UnsupportedAlgorithm`], [`DenyReason::InvalidSignature`], or
/// [`DenyReason::MalformedToken`] for a payload that is no strict JSON object.
pub fn verify(
    token: UnverifiedToken<'_>,
    key: &VerificationKey,
    allowed: &[Algorithm],
) -> Result<VerifiedPayload, DenyReason> {
    let algorithm = token.header().algorithm();
    let of_the_key = key.algorithm().is_none_or(|of_key| of_key == algorithm);
    if !allowed.contains(&algorithm) || !of_the_key || !key.public_key().kind().fits(algorithm) {
        return Err(DenyReason::UnsupportedAlgorithm);
    }
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

const fn jwa(algorithm: Algorithm) -> Jwa {
    match algorithm {
        Algorithm::RS256 => Jwa::RS256,
        Algorithm::RS384 => Jwa::RS384,
        Algorithm::RS512 => Jwa::RS512,
        Algorithm::PS256 => Jwa::PS256,
        Algorithm::PS384 => Jwa::PS384,
        Algorithm::PS512 => Jwa::PS512,
        Algorithm::ES256 => Jwa::ES256,
        Algorithm::ES384 => Jwa::ES384,
        Algorithm::EdDSA => Jwa::EdDSA,
    }
}
