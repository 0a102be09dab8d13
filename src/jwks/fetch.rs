//! The one place of the program that talks to an issuer: [`FetchJwks`] and its HTTP client.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::OnceCell;
use reqwest::{Client, StatusCode};
use rustls::pki_types::InvalidDnsNameError;
use rustls::{ClientConfig, RootCertStore};

use crate::jwks::uri::JwksUri;
use crate::jwks::{JwksError, MAX_DOCUMENT_BYTES};

/// What is behind an error of the network.
type Cause = Box<dyn Error + Send + Sync>;

/// Fetches a key set's document: the seam at which tests put something else.
pub trait FetchJwks: Send + Sync {
    /// The document at `uri`.
    fn fetch(&self, uri: &JwksUri) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;
}

/// Why a key set could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be built: {}", deepest(.0.as_ref()))]
    Client(#[source] Cause),
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
    /// Whether the server said that there is nothing to be had (RFC 9110 15.5): any status of 4xx but
    /// those by which it asks for another try, 408 and 429.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Status(400..=407 | 409..=428 | 430..=499))
    }

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

/// Tells from its causes in which step a request failed.
impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        // The resolver's errors, and a name that none could resolve (RFC 1035 2.3.4).
        let is_name = |cause: &(dyn Error + 'static)| {
            cause.is::<InvalidDnsNameError>() || cause.to_string() == "dns error"
        };
        // The system's own errors hold no other; those of a TLS handshake are handed on in one.
        let holds_another = |cause: &(dyn Error + 'static)| {
            let error = cause.downcast_ref::<io::Error>();
            error.is_some_and(|error| error.get_ref().is_some())
        };
        if error.is_timeout() {
            Self::Timeout
        } else if !error.is_connect() {
            Self::Transfer(error)
        } else if causes(&error).any(is_name) {
            Self::Name(error)
        } else if causes(&error).any(holds_another) {
            Self::Tls(error)
        } else {
            Self::Connect(error)
        }
    }
}

/// An error and all its causes, the innermost last.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| {
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

/// The innermost cause of an error of the network: the outer ones only say in which step it was.
fn deepest(error: &(dyn Error + 'static)) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Fetches over HTTP/1.1 with limits: one total deadline, no redirects, no proxies, no cookies,
/// status 200 only, at most [`MAX_DOCUMENT_BYTES`], nothing inflated.
///
/// The client is built when something is first fetched. It trusts Mozilla's roots, embedded in
/// the program, so that no file of certificates is read. It keeps no connection: the next fetch is
/// an hour away, and the environment sleeps between requests.
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
        self.client
            .get_or_try_init(|| build_client(self.timeout, &self.roots))
            .map_err(FetchError::Client)
    }
}

impl FetchJwks for HttpFetcher {
    async fn fetch(&self, uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        let mut answer = self.client()?.get(uri.url().clone()).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let mut document = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if document.len().saturating_add(chunk.len()) > MAX_DOCUMENT_BYTES {
                return Err(JwksError::TooLong.into());
            }
            document.extend_from_slice(&chunk);
        }
        Ok(document)
    }
}

fn build_client(timeout: Duration, certificates: &[Vec<u8>]) -> Result<Client, Cause> {
    const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let client = Client::builder()
        .tls_backend_preconfigured(tls(certificates)?)
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .user_agent(AGENT)
        .timeout(timeout)
        .build()?;
    Ok(client)
}

/// TLS as the library would set it up, but that Mozilla's roots come as they are used: as
/// certificates they would take twice the room, and time to be read.
fn tls(certificates: &[Vec<u8>]) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    if certificates.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for certificate in certificates {
        roots.add(certificate.as_slice().into())?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
