//! The one place of the program that talks to an issuer: [`FetchJwks`] and its HTTP client.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::OnceCell;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use rustls::{ClientConfig, RootCertStore};

use crate::jwks::{JwksError, MAX_DOCUMENT_BYTES};

/// Fetches a key set's document: the seam at which tests put something else.
pub trait FetchJwks: Send + Sync {
    /// The document at `uri`, a URI of the configuration.
    fn fetch(&self, uri: &str) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;
}

/// Why a key set could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built")]
    Client(#[source] Box<dyn Error + Send + Sync>),
    /// No answer within the deadline, headers and body together.
    #[error(
        "no complete answer within the deadline; check the route to the issuer, or raise `jwks.timeout_ms`"
    )]
    Timeout,
    /// The issuer's name has no address.
    #[error("the name of the issuer cannot be resolved; check the URI and the VPC's DNS: {}", deepest(.0))]
    Name(#[source] reqwest::Error),
    /// No TCP connection.
    #[error("no connection; check the URI and the route to the issuer: {}", deepest(.0))]
    Connect(#[source] reqwest::Error),
    /// No TLS session, or not with the issuer.
    #[error("no TLS session with the issuer; check its certificate: {}", deepest(.0))]
    Tls(#[source] reqwest::Error),
    /// The connection broke or what came was not HTTP.
    #[error("the answer broke off: {}", deepest(.0))]
    Transfer(#[source] reqwest::Error),
    /// Another status than 200; redirects are never followed.
    #[error("the answer has status {0}, not 200")]
    Status(u16),
    /// What came is no key set that could serve.
    #[error(transparent)]
    Document(#[from] JwksError),
}

impl FetchError {
    /// The stable name of this error in log lines.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::Timeout => "timeout",
            Self::Name(_) => "name",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Transfer(_) => "transfer",
            Self::Status(_) => "status",
            Self::Document(error) => error.as_str(),
        }
    }
}

impl From<reqwest::Error> for FetchError {
    /// Tells the phases of a connection apart by what stands in the chain of causes: `Resolver`
    /// marks its own errors, and TLS speaks of data, or of their end, before there are any for
    /// TCP.
    fn from(error: reqwest::Error) -> Self {
        let is_tls = |cause: &io::Error| {
            matches!(
                cause.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
            )
        };
        if !error.is_connect() {
            Self::Transfer(error)
        } else if causes(&error).any(|cause| cause.is::<Unresolved>()) {
            Self::Name(error)
        } else if causes(&error)
            .filter_map(|cause| cause.downcast_ref())
            .any(is_tls)
        {
            Self::Tls(error)
        } else {
            Self::Connect(error)
        }
    }
}

/// An error and all its causes, the innermost last.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let outermost: &(dyn Error + 'static) = error;
    std::iter::successors(Some(outermost), |cause| {
        // An `io::Error` calls the cause of what it holds its own, and passes over that itself.
        let held = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match held {
            Some(held) => Some(held),
            None => (*cause).source(),
        }
    })
}

/// The innermost cause of an error of the HTTP client: the outer ones only repeat the URI.
fn deepest(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Whether a key set may be fetched from `uri`: over https, or over plain http from this very
/// machine. A URI with a user or a fragment is a mistake.
#[must_use]
pub fn is_fetchable(uri: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(uri) else {
        return false;
    };
    let hosts = ["127.0.0.1", "[::1]", "localhost", "host.docker.internal"];
    let local = url.host_str().is_some_and(|host| hosts.contains(&host));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    scheme && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

/// Fetches over HTTP with limits: one total deadline, no redirects, no proxies, no cookies,
/// status 200 only, at most [`MAX_DOCUMENT_BYTES`], nothing inflated.
///
/// The client is built when something is first fetched. It trusts Mozilla's roots, embedded in
/// the program, so that no file of the system is read.
#[derive(Debug)]
pub struct HttpFetcher {
    timeout: Duration,
    roots: Vec<Vec<u8>>,
    client: OnceCell<Client>,
}

impl HttpFetcher {
    /// A fetcher that gives up after `timeout`.
    #[must_use]
    pub const fn new(timeout: Duration) -> Self {
        Self::trusting(timeout, Vec::new())
    }

    /// A fetcher that gives up after `timeout` and trusts these roots alone, each a certificate
    /// in DER; none stands for Mozilla's.
    #[must_use]
    pub const fn trusting(timeout: Duration, roots: Vec<Vec<u8>>) -> Self {
        Self {
            timeout,
            roots,
            client: OnceCell::new(),
        }
    }

    /// Whether the HTTP client has been built, which the first fetch does.
    #[must_use]
    pub fn has_client(&self) -> bool {
        self.client.get().is_some()
    }

    fn client(&self) -> Result<&Client, FetchError> {
        self.client.get_or_try_init(|| {
            let tls = self
                .tls()
                .map_err(|error| FetchError::Client(error.into()))?;
            Client::builder()
                .tls_backend_preconfigured(tls)
                .redirect(Policy::none())
                .no_proxy()
                .dns_resolver(Resolver)
                .referer(false)
                .pool_max_idle_per_host(0)
                .user_agent(concat!(
                    env!("CARGO_PKG_NAME"),
                    "/",
                    env!("CARGO_PKG_VERSION")
                ))
                .build()
                .map_err(|error| FetchError::Client(error.into()))
        })
    }

    /// TLS as the library would set it up, but that Mozilla's roots come as they are used: as
    /// certificates they would take twice the room, and time to be read.
    fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        if self.roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for root in &self.roots {
            roots.add(root.as_slice().into())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config)
    }

    async fn get(&self, uri: &str) -> Result<Vec<u8>, FetchError> {
        let mut response = self.client()?.get(uri).send().await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if document.len().saturating_add(chunk.len()) > MAX_DOCUMENT_BYTES {
                return Err(JwksError::TooLong.into());
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

/// Resolves names as the system does, and marks its errors.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<_> = addresses.map_err(Unresolved)?.collect();
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// A name could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unresolved(io::Error);

impl FetchJwks for HttpFetcher {
    async fn fetch(&self, uri: &str) -> Result<Vec<u8>, FetchError> {
        tokio::time::timeout(self.timeout, self.get(uri))
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }
}
