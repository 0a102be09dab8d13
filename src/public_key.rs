//! Public keys and what their signatures are: the only module that calls the cryptographic library.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, DecodingKeyKind, crypto};

use crate::token::Algorithm;

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

/// A public key as the library keeps it. That it obeys the rules for keys is [`crate::jwks`]' word.
pub struct PublicKey {
    kind: KeyKind,
    key: DecodingKey,
}

impl PublicKey {
    /// An RSA key of modulus `n` and exponent `e`, big-endian, without zeros before them.
    #[must_use]
    pub fn rsa(n: Vec<u8>, e: Vec<u8>) -> Self {
        Self {
            kind: KeyKind::Rsa,
            key: DecodingKey::from_rsa_raw_components(&n, &e),
        }
    }

    /// An elliptic curve key as the uncompressed point `04 || x || y` (SEC 1, 2.3.3) or, for
    /// Ed25519, the 32 bytes of RFC 8032 5.1.2.
    ///
    /// The library takes these for what its functions call DER; it would take real DER too, but of
    /// another length.
    #[must_use]
    pub fn point(kind: KeyKind, point: Vec<u8>) -> Self {
        let key = match kind {
            KeyKind::Ed25519 => DecodingKey::from_ed_der(&point),
            KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa => DecodingKey::from_ec_der(&point),
        };
        Self { kind, key }
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
            KeyKind::Rsa => bits(self.numbers().0),
            KeyKind::P256 | KeyKind::Ed25519 => 256,
            KeyKind::P384 => 384,
        }
    }

    /// Whether `signature` is this key's signature by `algorithm` over `message`.
    ///
    /// It knows nothing of tokens, so that published test vectors can be run against it.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.kind.fits(algorithm) {
            return false;
        }
        // The library reads a signature as it stands in a token.
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let verified = crypto::verify(&signature, message, &self.key, of_library(algorithm));
        verified.unwrap_or(false)
    }

    /// The modulus and the exponent, or the point and nothing.
    fn numbers(&self) -> (&[u8], &[u8]) {
        match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => (n, e),
            DecodingKeyKind::SecretOrDer(point) => (point, &[]),
        }
    }
}

/// The library's name of an algorithm. Ours has no value for HMAC, so none of the library's for it
/// is ever asked for.
const fn of_library(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::RS384 => jsonwebtoken::Algorithm::RS384,
        Algorithm::RS512 => jsonwebtoken::Algorithm::RS512,
        Algorithm::PS256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::PS384 => jsonwebtoken::Algorithm::PS384,
        Algorithm::PS512 => jsonwebtoken::Algorithm::PS512,
        Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::ES384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
    }
}

/// Two keys are the same if they are of one kind and of the same numbers.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.numbers() == other.numbers()
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
