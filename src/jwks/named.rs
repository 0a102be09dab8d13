//! The keys that one `kid` names, and which of them is meant by a token's `alg`.

use std::sync::Arc;

use crate::jwks::VerificationKey;
use crate::public_key::KeyKind;
use crate::token::Algorithm;

/// The keys of one `kid`. They are told apart by `kty` and `crv`, then by `alg` (RFC 7517 4.5: keys
/// may share a `kid` where these differ): an issuer may list one RSA key once for each of its
/// algorithms, and an elliptic curve key beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeysOfKid(Vec<Place>);

/// What stands under one kind and one `alg`, or under one kind for all the algorithms that no `alg`
/// names.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    kind: KeyKind,
    algorithm: Option<Algorithm>,
    /// None if two different keys claim the place: which is meant would depend on their order.
    key: Option<Arc<VerificationKey>>,
}

impl KeysOfKid {
    /// The key for this algorithm: the one that names it, or else the one of its kind that names none.
    #[must_use]
    pub fn for_algorithm(&self, algorithm: Algorithm) -> Option<&Arc<VerificationKey>> {
        let Self(places) = self;
        let named = places.iter().find(|own| own.algorithm == Some(algorithm));
        let of_its_kind = |own: &&Place| own.algorithm.is_none() && own.kind.fits(algorithm);
        named
            .or_else(|| places.iter().find(of_its_kind))
            .and_then(|place| place.key.as_ref())
    }

    /// Every key that can be used.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<VerificationKey>> {
        self.0.iter().filter_map(|place| place.key.as_ref())
    }

    /// Whether `key` is one of them, and not one of several that claim its place.
    #[must_use]
    pub fn contains(&self, key: &VerificationKey) -> bool {
        self.iter().any(|own| **own == *key)
    }

    /// Puts `key` into its place, and says whether no other key had it: if one had, neither counts.
    /// The same key twice is one.
    pub(super) fn add(&mut self, key: VerificationKey) -> bool {
        let (kind, algorithm) = (key.public_key().kind(), key.algorithm());
        let is_its = |own: &&mut Place| own.kind == kind && own.algorithm == algorithm;
        match self.0.iter_mut().find(is_its) {
            None => {
                let key = Some(Arc::new(key));
                self.0.push(Place {
                    kind,
                    algorithm,
                    key,
                });
                true
            }
            Some(Place { key: Some(own), .. }) if **own == key => true,
            Some(place) => {
                place.key = None;
                false
            }
        }
    }
}
