//! Why a key, or a whole key set, cannot be used, for the operator who can do something about it.

use std::fmt;

use crate::jwks::{MAX_DOCUMENT_BYTES, MAX_KEYS};

/// The most of a `kid` that a message shows, in characters.
const SHOWN_CHARS: usize = 64;

/// How many keys a message names for each rule that they break; the rest are counted.
const NAMED_KEYS: usize = 3;

/// Why a document is no key set that could replace another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Longer than [`MAX_DOCUMENT_BYTES`].
    #[error("the document is longer than {MAX_DOCUMENT_BYTES} bytes")]
    TooLong,
    /// Not a JSON object, or not a strict one.
    #[error("the document is not a strict JSON object")]
    NotJson,
    /// The member `keys` is missing or no array (RFC 7517 5.1).
    #[error("the document has no array `keys`")]
    NoKeysArray,
    /// More entries than [`MAX_KEYS`].
    #[error("the document has more than {MAX_KEYS} keys")]
    TooManyKeys,
    /// No entry can be used to verify a signature, each for its reason.
    #[error("the document has no usable key{}", Reasons(.0))]
    NoUsableKey(Vec<SkippedKey>),
}

impl JwksError {
    /// The stable name of this error in log lines.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotJson => "not_json",
            Self::NoKeysArray => "no_keys_array",
            Self::TooManyKeys => "too_many_keys",
            Self::NoUsableKey(_) => "no_usable_key",
        }
    }
}

/// An entry of a key set that is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", Kid(.kid.as_deref()))]
pub struct SkippedKey {
    /// Its `kid`, where that is a text.
    pub kid: Option<String>,
    /// The rule that it breaks.
    pub fault: UnusableKey,
}

/// Why an entry of a key set cannot be used. Entries are the issuer's: none of this is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// The entry is not a JSON object.
    #[error("it is not a JSON object")]
    NoObject,
    /// `kid` is missing, empty, no string or over 256 bytes.
    #[error("its `kid` is missing, empty, not a text or over 256 bytes long")]
    Kid,
    /// It is for encryption, by its `use` or, without one, by its `alg` or `key_ops` (RFC 7517 4.2,
    /// 4.3).
    #[error("it is for encryption, not for signatures")]
    Encryption,
    /// `use` is there and is neither `sig` nor `enc`.
    #[error("its `use` is not `sig`")]
    Use,
    /// `key_ops` is there and does not name `verify` (RFC 7517 4.3).
    #[error("its `key_ops` does not contain `verify`")]
    KeyOps,
    /// `alg` is there and is not a supported one that fits the key (RFC 7517 4.4).
    #[error("its `alg` is not supported or does not fit its `kty` and `crv`")]
    Alg,
    /// `kty` or `crv` is missing or not a string.
    #[error("its `kty` or `crv` is missing or not a text")]
    NoKind,
    /// `kty` or `crv` names a kind of key that is not supported.
    #[error("keys of its `kty` or `crv` are not supported")]
    Kind,
    /// A private or symmetric key was published: it is a secret no more.
    #[error("it holds private key material: withdraw that key, it is compromised")]
    Private,
    /// A coordinate, modulus or exponent is missing, not canonical base64url or out of range.
    #[error("its key material is malformed, too short, too long or weak")]
    Material,
    /// Another entry has the same `kid`, kind and `alg`, and other material.
    #[error("another key has the same `kid`, kind and `alg`, so neither is used")]
    Ambiguous,
}

impl UnusableKey {
    /// Whether such a key is none of ours: it breaks no rule, and serves another purpose.
    #[must_use]
    pub const fn is_for_others(self) -> bool {
        match self {
            Self::Encryption | Self::Kind => true,
            Self::NoObject
            | Self::Kid
            | Self::Use
            | Self::KeyOps
            | Self::Alg
            | Self::NoKind
            | Self::Private
            | Self::Material
            | Self::Ambiguous => false,
        }
    }
}

/// A `kid` between backticks, cut, with its control characters escaped.
struct Kid<'k>(Option<&'k str>);

impl fmt::Display for Kid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Some(kid)) = self else {
            return f.write_str("a key without a `kid`");
        };
        let cut: String = kid.chars().take(SHOWN_CHARS).collect();
        let rest = if cut.len() < kid.len() { "…" } else { "" };
        write!(f, "`{}{rest}`", cut.escape_debug())
    }
}

/// The keys of a set by the rule that they break, in the order in which the rules are met.
struct Reasons<'s>(&'s [SkippedKey]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut faults: Vec<UnusableKey> = Vec::new();
        for SkippedKey { fault, .. } in self.0 {
            if !faults.contains(fault) {
                faults.push(*fault);
            }
        }
        for (at, fault) in faults.iter().enumerate() {
            f.write_str(if at == 0 { ": " } else { "; " })?;
            let mut keys = self.0.iter().filter(|key| key.fault == *fault);
            for (at, key) in keys.by_ref().take(NAMED_KEYS).enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                write!(f, "{comma}{}", Kid(key.kid.as_deref()))?;
            }
            match keys.count() {
                0 => {}
                more => write!(f, " and {more} more")?,
            }
            write!(f, ": {fault}")?;
        }
        Ok(())
    }
}
