//! Where keys come from: the authorizer's own fetcher and the files, with a memory of what they
//! gave, so that a report can tell of it.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cognito_authorizer::config::Config;
use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks, HttpFetcher};
use cognito_authorizer::jwks::uri::JwksUri;

/// What a place gave: a document, or a fault in words.
type Given = Result<Vec<u8>, String>;

/// The files and the network.
#[derive(Debug)]
pub(crate) struct Sources {
    fetcher: HttpFetcher,
    offline: bool,
    given: Mutex<HashMap<String, Given>>,
}

impl Sources {
    /// Sources within the limits of the configuration; offline, nothing is fetched.
    pub(crate) fn new(config: &Config, offline: bool) -> Self {
        Self {
            fetcher: HttpFetcher::new(Duration::from_millis(config.jwks.timeout_ms)),
            offline,
            given: Mutex::default(),
        }
    }

    /// Reads a `jwks_file`.
    #[expect(clippy::disallowed_methods, reason = "a command reads files")]
    pub(crate) fn read_file(&self, path: &str) -> io::Result<Vec<u8>> {
        let read = std::fs::read(path);
        self.remember(path, read.as_ref().map_err(ToString::to_string));
        read
    }

    /// What a file or a URI has given, if it was asked.
    pub(crate) fn document(&self, place: &str) -> Option<Given> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.get(place).cloned()
    }

    fn remember(&self, place: &str, given: Result<&Vec<u8>, String>) {
        let mut memory = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        memory.insert(place.to_owned(), given.cloned());
    }
}

impl FetchJwks for Sources {
    async fn fetch(&self, uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        if self.offline {
            self.remember(uri.as_str(), Err("it was not asked (--offline)".to_owned()));
            return Err(FetchError::Timeout);
        }
        let fetched = self.fetcher.fetch(uri).await;
        self.remember(uri.as_str(), fetched.as_ref().map_err(ToString::to_string));
        fetched
    }
}
