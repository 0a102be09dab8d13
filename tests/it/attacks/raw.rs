//! Signatures that no library makes: the RSA private-key operation without its padding, and
//! arithmetic on the numbers inside ECDSA and EdDSA signatures.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use num_bigint::BigUint;

use crate::support::keys::{RSA, SigningKey};

/// The issuer's RSA key as numbers.
pub(super) static RAW_RSA: LazyLock<RawRsa> = LazyLock::new(|| RawRsa::of(&RSA));

/// The order of the group of P-256 (SEC 2, 2.4.2).
pub(super) const P256_ORDER: &str =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// The order of the group of P-384 (SEC 2, 2.5.1).
pub(super) const P384_ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffff\
     c7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// The order L of Ed25519's group (RFC 8032 5.1), big-endian.
pub(super) const ED25519_ORDER: &str =
    "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";

/// An RSA private key: modulus and private exponent.
pub(super) struct RawRsa {
    pub(super) n: BigUint,
    d: BigUint,
}

impl RawRsa {
    /// Takes the numbers out of the key's PKCS #8 form (RFC 5208 5, RFC 8017 A.1.2).
    fn of(key: &SigningKey) -> Self {
        let SigningKey::Rsa(key) = key else {
            panic!("no RSA key")
        };
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let (info, _) = element(der.as_ref());
        let (_version, rest) = element(info);
        let (_algorithm, rest) = element(rest);
        let (private_key, _) = element(rest);
        let (numbers, _) = element(private_key);
        let (_version, rest) = element(numbers);
        let (n, rest) = element(rest);
        let (_e, rest) = element(rest);
        let (d, _) = element(rest);
        Self {
            n: BigUint::from_bytes_be(n),
            d: BigUint::from_bytes_be(d),
        }
    }

    /// RSASP1 (RFC 8017 5.2.1) on exactly this encoded message, in as many bytes as it has.
    pub(super) fn power(&self, encoded: &[u8]) -> Vec<u8> {
        let message = BigUint::from_bytes_be(encoded);
        assert!(message < self.n, "the encoded message is too large");
        to_length(&message.modpow(&self.d, &self.n), encoded.len())
    }
}

/// The contents of the first DER element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let first = usize::from(der[1]);
    let (length, start) = if first < 0x80 {
        (first, 2)
    } else {
        let octets = first & 0x7f;
        let length = der[2..2 + octets]
            .iter()
            .fold(0, |length, octet| (length << 8) | usize::from(*octet));
        (length, 2 + octets)
    };
    der[start..].split_at(length)
}

/// The number in exactly `length` big-endian bytes.
pub(super) fn to_length(number: &BigUint, length: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; length.checked_sub(bytes.len()).expect("it is that short")];
    padded.extend(bytes);
    padded
}

pub(super) fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap()
}
