//! One JSON Web Key (RFC 7517 4) and the rules that it must obey to verify signatures here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::jwks::UnusableKey;
use crate::public_key::{KeyKind, PublicKey, bits};
use crate::token::{Algorithm, MAX_KID_BYTES};

/// The smallest RSA modulus (RFC 7518 3.3).
const MIN_RSA_BITS: usize = 2048;

/// The largest RSA modulus, the library's limit too: verification time grows with its square.
const MAX_RSA_BITS: usize = 8192;

/// The RSA exponents that are taken: FIPS 186-5 5.1 asks for an odd one above 2^16, and the
/// library reads at most 33 bits, so that an exponent cannot make verification slow.
const RSA_EXPONENTS: std::ops::Range<u64> = 65_537..(1 << 33);

/// Members that only private and symmetric keys have (RFC 7518 6.2.2, 6.3.2, 6.4).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How the names of the algorithms begin that encrypt or agree on a key with one of an issuer's
/// (RFC 7518 4.1).
const ENCRYPTION_ALGORITHMS: [&str; 3] = ["RSA-OAEP", "RSA1_5", "ECDH-ES"];

/// The operations that a key for encryption is used for (RFC 7517 4.3).
const ENCRYPTION_OPERATIONS: [&str; 6] = [
    "encrypt",
    "decrypt",
    "wrapKey",
    "unwrapKey",
    "deriveKey",
    "deriveBits",
];

/// The `y` coordinates, little-endian and without the sign bit, of the Ed25519 points of small
/// order: 0, 1, p-1, the two of order 8, and the non-canonical forms of 0 and 1. For such a key
/// anybody can make signatures (RFC 8032 5.1.7 leaves the check to the caller).
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// A public key of an issuer that may verify signatures.
#[derive(Debug, PartialEq)]
pub struct VerificationKey {
    kid: String,
    algorithm: Option<Algorithm>,
    public_key: PublicKey,
}

impl VerificationKey {
    /// Reads one entry of a key set.
    ///
    /// # Errors
    /// [`UnusableKey`], naming the first rule that the entry breaks.
    pub fn from_jwk(entry: &Value) -> Result<Self, UnusableKey> {
        let jwk = Jwk(entry.as_object().ok_or(UnusableKey::NoObject)?);
        check_public(jwk)?;
        check_purpose(jwk)?;
        let kind = check_kind(jwk)?;
        let kid = check_kid(jwk)?;
        check_use(jwk)?;
        check_key_ops(jwk)?;
        let public_key = match kind {
            KeyKind::Rsa => PublicKey::rsa(check_modulus(jwk)?, check_exponent(jwk)?),
            KeyKind::P256 => PublicKey::point(kind, check_point(jwk, 32)?),
            KeyKind::P384 => PublicKey::point(kind, check_point(jwk, 48)?),
            KeyKind::Ed25519 => PublicKey::point(kind, check_ed25519(jwk)?),
        };
        Ok(Self {
            kid,
            algorithm: check_alg(jwk, public_key.kind())?,
            public_key,
        })
    }

    /// The key's `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that the key is for, where its `alg` says so (RFC 7517 4.4).
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The key itself.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

/// An entry that is an object, as its issuer means it: some libraries write members that a key does
/// not have as null or as an empty array.
#[derive(Clone, Copy)]
struct Jwk<'e>(&'e Map<String, Value>);

impl<'e> Jwk<'e> {
    fn get(self, name: &str) -> Option<&'e Value> {
        let is_absent =
            |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        self.0.get(name).filter(|value| !is_absent(value))
    }

    fn text(self, name: &str) -> Option<&'e str> {
        self.get(name).and_then(Value::as_str)
    }
}

/// A private or symmetric key that was published. Its members are texts but for `oth`, an array
/// (RFC 7518 6.3.2.7); an empty text tells no secret.
fn check_public(jwk: Jwk<'_>) -> Result<(), UnusableKey> {
    let is_secret = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let mut members = PRIVATE_MEMBERS.iter().filter_map(|name| jwk.get(name));
    if jwk.text("kty") == Some("oct") || members.any(is_secret) {
        Err(UnusableKey::Private)
    } else {
        Ok(())
    }
}

/// RFC 7517 4.2 and 4.3: a key for encryption says so, if not by its `use`, then by its `alg` or its
/// `key_ops`.
fn check_purpose(jwk: Jwk<'_>) -> Result<(), UnusableKey> {
    let encrypts = |alg: &str| {
        let mut names = ENCRYPTION_ALGORITHMS.into_iter();
        names.any(|name| alg.starts_with(name))
    };
    let is_encryption = |operation: &Value| {
        let operation = operation.as_str();
        operation.is_some_and(|own| ENCRYPTION_OPERATIONS.contains(&own))
    };
    let is_for_encryption = match jwk.get("use") {
        Some(purpose) => purpose.as_str() == Some("enc"),
        None => {
            let operations = jwk.get("key_ops").and_then(Value::as_array);
            jwk.text("alg").is_some_and(encrypts)
                || operations.is_some_and(|all| all.iter().all(is_encryption))
        }
    };
    if is_for_encryption {
        Err(UnusableKey::Encryption)
    } else {
        Ok(())
    }
}

/// RFC 7518 6.1, RFC 8037 2: `kty`, and `crv` where there is one to choose.
fn check_kind(jwk: Jwk<'_>) -> Result<KeyKind, UnusableKey> {
    let text = |name| jwk.text(name).ok_or(UnusableKey::NoKind);
    match text("kty")? {
        "RSA" => Ok(KeyKind::Rsa),
        "EC" => match text("crv")? {
            "P-256" => Ok(KeyKind::P256),
            "P-384" => Ok(KeyKind::P384),
            _ => Err(UnusableKey::Kind),
        },
        "OKP" => match text("crv")? {
            "Ed25519" => Ok(KeyKind::Ed25519),
            _ => Err(UnusableKey::Kind),
        },
        _ => Err(UnusableKey::Kind),
    }
}

/// RFC 7517 4.5; a key without a `kid` can never be chosen by one.
fn check_kid(jwk: Jwk<'_>) -> Result<String, UnusableKey> {
    match jwk.text("kid") {
        Some(kid) if !kid.is_empty() && kid.len() <= MAX_KID_BYTES => Ok(kid.to_owned()),
        Some(_) | None => Err(UnusableKey::Kid),
    }
}

/// RFC 7517 4.2.
fn check_use(jwk: Jwk<'_>) -> Result<(), UnusableKey> {
    match jwk.get("use") {
        None => Ok(()),
        Some(value) if value.as_str() == Some("sig") => Ok(()),
        Some(_) => Err(UnusableKey::Use),
    }
}

/// RFC 7517 4.3.
fn check_key_ops(jwk: Jwk<'_>) -> Result<(), UnusableKey> {
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations))
            if operations
                .iter()
                .any(|operation| operation.as_str() == Some("verify")) =>
        {
            Ok(())
        }
        Some(_) => Err(UnusableKey::KeyOps),
    }
}

/// RFC 7517 4.4: optional, but where it stands it must be one that this key can have.
fn check_alg(jwk: Jwk<'_>, kind: KeyKind) -> Result<Option<Algorithm>, UnusableKey> {
    match jwk.get("alg") {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(Algorithm::from_name)
            .filter(|algorithm| kind.fits(*algorithm))
            .map(Some)
            .ok_or(UnusableKey::Alg),
    }
}

/// RFC 7518 6.3.1.1 and 3.3.
fn check_modulus(jwk: Jwk<'_>) -> Result<Vec<u8>, UnusableKey> {
    let n = without_leading_zeros(member(jwk, "n")?);
    let odd = n.last().is_some_and(|byte| byte & 1 == 1);
    if odd && (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits(&n)) {
        Ok(n)
    } else {
        Err(UnusableKey::Material)
    }
}

/// RFC 7518 6.3.1.2 and FIPS 186-5 5.1.
fn check_exponent(jwk: Jwk<'_>) -> Result<Vec<u8>, UnusableKey> {
    let e = without_leading_zeros(member(jwk, "e")?);
    let mut octets = [0_u8; 8];
    let unused = octets
        .len()
        .checked_sub(e.len())
        .ok_or(UnusableKey::Material)?;
    for (octet, byte) in octets.iter_mut().skip(unused).zip(&e) {
        *octet = *byte;
    }
    let value = u64::from_be_bytes(octets);
    if value & 1 == 1 && RSA_EXPONENTS.contains(&value) {
        Ok(e)
    } else {
        Err(UnusableKey::Material)
    }
}

/// RFC 7518 6.2.1.2 and 6.2.1.3: both coordinates have the full length of the curve. Whether the
/// point lies on it, the library finds out when the key is first used; one that does not verifies
/// nothing.
fn check_point(jwk: Jwk<'_>, length: usize) -> Result<Vec<u8>, UnusableKey> {
    let (x, y) = (member(jwk, "x")?, member(jwk, "y")?);
    if x.len() != length || y.len() != length {
        return Err(UnusableKey::Material);
    }
    Ok([&[4_u8], x.as_slice(), y.as_slice()].concat())
}

/// RFC 8037 2 and RFC 8032 5.1.7.
fn check_ed25519(jwk: Jwk<'_>) -> Result<Vec<u8>, UnusableKey> {
    let x = member(jwk, "x")?;
    let mut y = x.clone();
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    let hex: String = y.iter().map(|byte| format!("{byte:02x}")).collect();
    if x.len() != 32 || SMALL_ORDER.contains(&hex.as_str()) {
        return Err(UnusableKey::Material);
    }
    Ok(x)
}

/// A member that holds bytes in canonical base64url (RFC 7515 2).
fn member(jwk: Jwk<'_>, name: &str) -> Result<Vec<u8>, UnusableKey> {
    jwk.text(name)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(UnusableKey::Material)
}

/// Some issuers write a sign octet before the number (RFC 7518 6.3.1.1 mentions them). The
/// number is the same, so it is dropped rather than the key.
fn without_leading_zeros(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}
