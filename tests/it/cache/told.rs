//! What an operator is told of keys that are not used: each once, until the set is another one.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex};

use cognito_authorizer::jwks::cache::JwksCache;
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use serde_json::{Value, json};

use super::crowd::{at, keys};
use super::{COOL_DOWN, POLICY, entry};
use crate::support::keys::jwks;
use crate::support::local;

/// An issuer that publishes one set after the other.
struct Publishing(Mutex<VecDeque<Vec<u8>>>);

impl FetchJwks for Publishing {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        let next = self.0.lock().unwrap().pop_front();
        next.ok_or(FetchError::Timeout)
    }
}

/// What was written to the log since it was last read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The `kid`s that stand in it, of those that are given.
    fn take<'k>(&self, kids: &[&'k str]) -> Vec<&'k str> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        let is_told = |kid: &&&str| text.contains(&format!("`{kid}`"));
        kids.iter().filter(is_told).copied().collect()
    }
}

#[test]
fn a_key_that_breaks_a_rule_is_told_once() {
    let weak = |kid: &&str| json!({"kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB"});
    let enc = json!({"kty": "RSA", "kid": "enc", "use": "enc"});
    let set = |kids: &[&str]| {
        let mut keys: Vec<Value> = kids.iter().map(weak).collect();
        keys.extend([entry("a"), enc.clone()]);
        jwks(&keys)
    };
    let rows: [(&[&str], &[&str]); 5] = [
        (&["w"], &["w"]),
        (&["w"], &[]),
        (&["v", "w"], &["v"]),
        (&[], &[]),
        (&["w"], &["w"]),
    ];
    let sets = rows.iter().map(|(published, _)| set(published));
    let issuer = Arc::new(Publishing(Mutex::new(sets.collect())));
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        local().block_on(async {
            let keys = keys(JwksCache::new(POLICY, None));
            for ((published, told), now) in rows.iter().zip((0..).step_by(2)) {
                // Nobody has this key, so that each look-up fetches.
                let unknown = keys.of_kid("x", at(now * COOL_DOWN), &issuer).await;
                assert!(unknown.is_err());
                assert_eq!(log.take(&["v", "w", "enc"]), *told, "{published:?}");
            }
        });
    });
}
