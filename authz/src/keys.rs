//! What is in a key set, entry by entry, as the authorizer sees it.

use cognito_authorizer::jwks::{self, Jwks, JwksError, UnusableKey, VerificationKey};
use cognito_authorizer::public_key::KeyKind;
use cognito_authorizer::token::Algorithm;
use serde::Serialize;
use serde_json::Value;

use crate::output::shown;

/// One entry of a key set.
#[derive(Debug, Serialize)]
pub(crate) struct Key {
    /// Its `kid`, where it is a text.
    pub(crate) kid: Option<String>,
    /// What it is, as in `RSA 2048 bits`.
    pub(crate) kind: Option<String>,
    /// The algorithms of the configuration that it can verify.
    pub(crate) algorithms: Vec<&'static str>,
    /// Why it verifies nothing.
    pub(crate) unusable: Option<String>,
}

impl Key {
    /// One line about the key.
    pub(crate) fn line(&self) -> String {
        let kid = self.kid.as_deref().map_or("no kid".to_owned(), shown);
        let kind = self.kind.as_deref().unwrap_or("no key");
        match &self.unusable {
            None => format!("{kid}: {kind}, verifies {}", self.algorithms.join(" ")),
            Some(fault) => format!("{kid}: {kind}, not used: {fault}"),
        }
    }
}

/// The entries of a key set in their order, and what is wrong with the whole, if anything is.
pub(crate) fn keys(document: &[u8], allowed: &[Algorithm]) -> (Vec<Key>, Option<JwksError>) {
    let entries = match jwks::entries(document) {
        Ok(entries) => entries,
        Err(fault) => return (Vec::new(), Some(fault)),
    };
    let (jwks, fault) = match Jwks::parse(document) {
        Ok(jwks) => (jwks, None),
        Err(fault) => (Jwks::default(), Some(fault)),
    };
    let is_used = |key: &VerificationKey| {
        let keys = jwks.get(key.kid());
        keys.is_some_and(|keys| keys.contains(key))
    };
    let key = |entry: &Value| {
        let read = match VerificationKey::from_jwk(entry) {
            Ok(key) if !is_used(&key) => Err(UnusableKey::Ambiguous),
            read => read,
        };
        match read {
            Ok(key) => of_key(&key, allowed),
            Err(fault) => of_entry(entry, fault),
        }
    };
    let keys = entries.iter().map(key).collect();
    (keys, fault)
}

fn of_key(key: &VerificationKey, allowed: &[Algorithm]) -> Key {
    let kind = key.public_key().kind();
    let fits = |algorithm: &&Algorithm| {
        kind.fits(**algorithm) && key.algorithm().is_none_or(|own| own == **algorithm)
    };
    let algorithms: Vec<&str> = allowed.iter().filter(fits).map(|own| own.name()).collect();
    let unusable = algorithms.is_empty().then(|| {
        let names: Vec<&str> = allowed.iter().map(|own| own.name()).collect();
        let own = key.algorithm().map_or(String::new(), |own| {
            format!("its `alg` is {}, and ", own.name())
        });
        format!("{own}`algorithms` allows {} only", names.join(" "))
    });
    Key {
        kid: Some(key.kid().to_owned()),
        kind: Some(kind_of(kind, key.public_key().bits())),
        algorithms,
        unusable,
    }
}

fn of_entry(entry: &Value, fault: UnusableKey) -> Key {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    Key {
        kid: text("kid"),
        kind: text("kty").map(|kty| shown(&kty)),
        algorithms: Vec::new(),
        unusable: Some(fault.to_string()),
    }
}

/// A kind of key and its size in words.
pub(crate) fn kind_of(kind: KeyKind, bits: usize) -> String {
    match kind {
        KeyKind::Rsa => format!("RSA {bits} bits"),
        KeyKind::P256 => "EC P-256".to_owned(),
        KeyKind::P384 => "EC P-384".to_owned(),
        KeyKind::Ed25519 => "Ed25519".to_owned(),
    }
}
