//! Step 4: an issuer's JSON Web Key Set (RFC 7517 5) and the keys in it that can be used.

mod attempt;
pub mod cache;
mod fault;
pub mod fetch;
mod key;
mod named;
pub mod source;
mod task;
pub mod uri;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::json;

pub use self::fault::{JwksError, SkippedKey, UnusableKey};
pub use self::key::VerificationKey;
pub use self::named::KeysOfKid;

/// The longest document that is read. Cognito's has under 1 KiB, the largest public ones some 20.
pub const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// The most entries that a document may have. Issuers publish two to twenty; one set for many
/// tenants has hundreds, and [`MAX_DOCUMENT_BYTES`] holds 500 RSA keys of 2048 bits.
pub const MAX_KEYS: usize = 500;

/// UTF-8's byte order mark, which RFC 8259 8.1 lets a reader pass over. Some servers put it before
/// every document.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The keys of one issuer by `kid`, those that break a rule left out.
#[derive(Clone, Debug, Default)]
pub struct Jwks {
    keys: HashMap<String, Arc<KeysOfKid>>,
    skipped: Vec<SkippedKey>,
}

impl Jwks {
    /// Reads a key set. An entry that cannot be used is skipped and reported, never fatal: the
    /// issuer may publish keys for other purposes (RFC 7517 5).
    ///
    /// # Errors
    /// [`JwksError`] if the document as a whole cannot serve.
    pub fn parse(document: &[u8]) -> Result<Self, JwksError> {
        let mut keys: HashMap<String, KeysOfKid> = HashMap::new();
        let mut skipped = Vec::new();
        for entry in entries(document)? {
            let read = VerificationKey::from_jwk(&entry).and_then(|key| {
                let of_kid = keys.entry(key.kid().to_owned()).or_default();
                let is_used = of_kid.add(key);
                is_used.then_some(()).ok_or(UnusableKey::Ambiguous)
            });
            if let Err(fault) = read {
                let kid = entry.get("kid").and_then(Value::as_str);
                let kid = kid.map(str::to_owned);
                skipped.push(SkippedKey { kid, fault });
            }
        }
        keys.retain(|_, keys| keys.iter().next().is_some());
        if keys.is_empty() {
            return Err(JwksError::NoUsableKey(skipped));
        }
        let keys = keys.into_iter().map(|(kid, keys)| (kid, Arc::new(keys)));
        Ok(Self {
            keys: keys.collect(),
            skipped,
        })
    }

    /// The keys of exactly that `kid`, of which there is at least one.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Arc<KeysOfKid>> {
        self.keys.get(kid)
    }

    /// Every key that can be used, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<VerificationKey>> {
        self.keys.values().flat_map(|keys| keys.iter())
    }

    /// The usable keys' `kid`s, in no order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// The entries that are not used and break a rule, in their order: those that are for other
    /// purposes are left out.
    pub fn at_fault(&self) -> impl Iterator<Item = &SkippedKey> {
        let skipped = self.skipped.iter();
        skipped.filter(|key| !key.fault.is_for_others())
    }

    /// The entries that are not used, in their order.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }
}

/// The entries of a key set, whatever they are.
///
/// # Errors
/// [`JwksError`] if the document is no key set, or too large to be one.
pub fn entries(document: &[u8]) -> Result<Vec<Value>, JwksError> {
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(JwksError::TooLong);
    }
    let text = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
    let members = json::parse_object(text).map_err(|_| JwksError::NotJson)?;
    match members.into_iter().find(|(name, _)| name == "keys") {
        Some((_, Value::Array(entries))) if entries.len() > MAX_KEYS => Err(JwksError::TooManyKeys),
        Some((_, Value::Array(entries))) => Ok(entries),
        Some(_) | None => Err(JwksError::NoKeysArray),
    }
}
