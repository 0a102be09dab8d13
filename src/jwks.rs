//! Step 4: an issuer's JSON Web Key Set (RFC 7517 5) and the keys in it that can be used.

mod attempt;
pub mod cache;
pub mod fetch;
mod key;
pub mod source;
mod task;
pub mod uri;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use serde_json::Value;

use crate::json::{self, JsonFault};

pub use self::key::{UnusableKey, VerificationKey};

/// The longest document that is read. Cognito's has under 1 KiB, the largest public ones some 20.
pub const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// The most entries that a document may have; issuers publish two to twenty.
pub const MAX_KEYS: usize = 100;

/// What reading a document's JSON may cost, in values and members as `parse_object` counts them:
/// each of [`MAX_KEYS`] keys has ten or so, and a certificate chain a few more. Reading stops
/// there, long before memory becomes a question.
const JSON_BUDGET: usize = 8192;

/// The keys of one issuer by `kid`, those that break a rule left out.
#[derive(Clone, Debug, Default)]
pub struct Jwks {
    keys: HashMap<String, Option<Arc<VerificationKey>>>,
    skipped: Vec<UnusableKey>,
}

/// Why a document is no key set that could replace another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// More entries than [`MAX_KEYS`], or more members in all than so many keys could have.
    #[error("the document has more than {MAX_KEYS} keys, or more in them than keys have")]
    TooManyKeys,
    /// No entry can be used to verify a signature.
    #[error("the document has no usable key")]
    NoUsableKey,
}

impl JwksError {
    /// The stable name of this error in log lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotJson => "not_json",
            Self::NoKeysArray => "no_keys_array",
            Self::TooManyKeys => "too_many_keys",
            Self::NoUsableKey => "no_usable_key",
        }
    }
}

impl Jwks {
    /// Reads a key set. An entry that cannot be used is skipped and reported, never fatal: the
    /// issuer may publish keys for other purposes (RFC 7517 5).
    ///
    /// # Errors
    /// [`JwksError`] if the document as a whole cannot serve.
    pub fn parse(document: &[u8]) -> Result<Self, JwksError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(JwksError::TooLong);
        }
        let members = json::parse_object(document, JSON_BUDGET).map_err(|fault| match fault {
            JsonFault::NotStrict => JwksError::NotJson,
            JsonFault::OverBudget => JwksError::TooManyKeys,
        })?;
        let Some(Value::Array(entries)) = members.get("keys") else {
            return Err(JwksError::NoKeysArray);
        };
        if entries.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let mut jwks = Self::default();
        for entry in entries {
            match VerificationKey::from_jwk(entry) {
                Ok(key) => jwks.add(key),
                Err(fault) => jwks.skipped.push(fault),
            }
        }
        if jwks.is_empty() {
            Err(JwksError::NoUsableKey)
        } else {
            Ok(jwks)
        }
    }

    /// Adds `key`. Two different keys under one `kid` are both unusable: which of them is meant
    /// would depend on their order.
    fn add(&mut self, key: VerificationKey) {
        match self.keys.entry(key.kid().to_owned()) {
            Entry::Vacant(place) => {
                place.insert(Some(Arc::new(key)));
            }
            Entry::Occupied(mut place) => {
                if place.get().as_deref().is_none_or(|known| *known != key) {
                    place.insert(None);
                    self.skipped.push(UnusableKey::AmbiguousKid);
                }
            }
        }
    }

    /// The key of exactly that `kid`.
    #[must_use]
    pub fn key(&self, kid: &str) -> Option<&Arc<VerificationKey>> {
        self.keys.get(kid).and_then(Option::as_ref)
    }

    /// The usable keys' `kid`s, in no order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys
            .iter()
            .filter(|(_, key)| key.is_some())
            .map(|(kid, _)| kid.as_str())
    }

    /// How many keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kids().count()
    }

    /// Whether no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why entries were skipped, an entry each.
    #[must_use]
    pub fn skipped(&self) -> &[UnusableKey] {
        &self.skipped
    }
}
