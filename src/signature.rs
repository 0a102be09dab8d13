//! Step 5: the signature. The only module that calls the cryptographic library.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::signature::{self as aws_lc, ParsedPublicKey, RsaPublicKeyComponents};

use crate::jwks::VerificationKey;
use crate::reason::DenyReason;
use crate::token::{Algorithm, JoseHeader, UnverifiedToken};

// What [`VerifiedPayload::members`] gives; its own module is private.
pub use crate::json::Members;

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

/// A public key. That it obeys the rules for keys is [`crate::jwks`]' word.
///
/// It is made ready for the library when it is first used with an algorithm, and stays so: an
/// eighth of an RSA verification would otherwise be the same preparation again.
pub struct PublicKey {
    kind: KeyKind,
    material: Vec<Vec<u8>>,
    /// For each of [`Algorithm::ALL`] the key as the library uses it, or nothing if it is none.
    ready: [OnceLock<Option<ParsedPublicKey>>; Algorithm::ALL.len()],
}

impl PublicKey {
    /// An RSA key of modulus `n` and exponent `e`, big-endian, without zeros before them.
    #[must_use]
    pub fn rsa(n: Vec<u8>, e: Vec<u8>) -> Self {
        Self::new(KeyKind::Rsa, vec![n, e])
    }

    /// An elliptic curve key as the uncompressed point `04 || x || y` (SEC 1, 2.3.3) or, for
    /// Ed25519, the 32 bytes of RFC 8032 5.1.2.
    #[must_use]
    pub fn point(kind: KeyKind, point: Vec<u8>) -> Self {
        Self::new(kind, vec![point])
    }

    fn new(kind: KeyKind, material: Vec<Vec<u8>>) -> Self {
        Self {
            kind,
            material,
            ready: Default::default(),
        }
    }

    /// The kind of this key.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The size of this key in bits: of the modulus, or of the curve's field.
    #[must_use]
    pub fn bits(&self) -> usize {
        match self.kind {
            KeyKind::Rsa => self.material.first().map_or(0, |n| bits(n)),
            KeyKind::P256 | KeyKind::Ed25519 => 256,
            KeyKind::P384 => 384,
        }
    }

    /// Whether `signature` is this key's signature by `algorithm` over `message`.
    ///
    /// It knows nothing of tokens, so that published test vectors can be run against it.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = self.ready(algorithm);
        key.is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// This key as the library uses it with `algorithm`; nothing if the algorithm is not for such
    /// keys, or if the point is not on its curve.
    fn ready(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        let mut places = Algorithm::ALL.into_iter().zip(&self.ready);
        let (_, ready) = places.find(|(own, _)| *own == algorithm)?;
        ready.get_or_init(|| self.prepare(algorithm)).as_ref()
    }

    fn prepare(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let rsa = |parameters| match (self.kind, self.material.as_slice()) {
            (KeyKind::Rsa, [n, e]) => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .ok(),
            _ => None,
        };
        let point = |parameters| match self.material.as_slice() {
            [point] if self.kind.fits(algorithm) => ParsedPublicKey::new(parameters, point).ok(),
            _ => None,
        };
        match algorithm {
            Algorithm::RS256 => rsa(&aws_lc::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RS384 => rsa(&aws_lc::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RS512 => rsa(&aws_lc::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::PS256 => rsa(&aws_lc::RSA_PSS_2048_8192_SHA256),
            Algorithm::PS384 => rsa(&aws_lc::RSA_PSS_2048_8192_SHA384),
            Algorithm::PS512 => rsa(&aws_lc::RSA_PSS_2048_8192_SHA512),
            Algorithm::ES256 => point(&aws_lc::ECDSA_P256_SHA256_FIXED),
            Algorithm::ES384 => point(&aws_lc::ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDSA => point(&aws_lc::ED25519),
        }
    }
}

/// Two keys are the same if they are of one kind and of the same numbers.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.material == other.material
    }
}

/// The bits of a number, big-endian, without those that are zero at its start.
pub(crate) fn bits(number: &[u8]) -> usize {
    let leading = number.first().map_or(8, |byte| byte.leading_zeros());
    let spare = usize::try_from(leading).unwrap_or(8);
    number.len().saturating_mul(8).saturating_sub(spare)
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
