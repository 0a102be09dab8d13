//! The one place of the program that talks to an issuer: [`FetchJwks`] and its HTTP client.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use once_cell::sync::OnceCell;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use tower_service::Service;

use crate::jwks::{JwksError, MAX_DOCUMENT_BYTES};

/// What is behind an error of the network.
type Cause = Box<dyn Error + Send + Sync>;

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
    Client(#[source] rustls::Error),
    /// No answer within the deadline, headers and body together.
    #[error(
        "no complete answer within the deadline; check the route to the issuer, or raise `jwks.timeout_ms`"
    )]
    Timeout,
    /// The issuer's name has no address.
    #[error("the name of the issuer cannot be resolved; check the URI and the VPC's DNS: {}", deepest(.0.as_ref()))]
    Name(#[source] Cause),
    /// No TCP connection, or a URI that none can be made for.
    #[error("no connection; check the URI and the route to the issuer: {}", deepest(.0.as_ref()))]
    Connect(#[source] Cause),
    /// No TLS session, or not with the issuer.
    #[error("no TLS session with the issuer; check its certificate: {}", deepest(.0))]
    Tls(#[source] io::Error),
    /// The connection broke or what came was not HTTP.
    #[error("the answer broke off: {}", deepest(.0))]
    Transfer(#[from] hyper::Error),
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

/// Whether a key set may be fetched from `uri`, which is sent as it is written: in ASCII, over
/// https, or over plain http from this very machine. A user, a fragment or a port that is none is
/// a mistake.
#[must_use]
pub fn is_fetchable(uri: &str) -> bool {
    let Ok(parsed) = uri.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = parsed.authority() else {
        return false;
    };
    let host = authority.host();
    let hosts = ["127.0.0.1", "[::1]", "localhost", "host.docker.internal"];
    let scheme = match parsed.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => hosts.contains(&host),
        _ => false,
    };
    // Behind the host the library also takes what is no port, as in `[::1]a:80`, `a:` or `a:+80`.
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let rest = authority.as_str().strip_prefix(host);
    let is_whole =
        rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    let plain = uri.is_ascii() && !authority.as_str().contains('@') && !uri.contains('#');
    scheme && is_whole && plain
}

/// Fetches over HTTP with limits: one total deadline, no redirects, no proxies, no cookies,
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

    async fn get(&self, uri: &str) -> Result<Vec<u8>, FetchError> {
        let client = self.client.get_or_try_init(|| Client::new(&self.roots));
        let client = client.map_err(FetchError::Client)?;
        let uri: Uri = uri.parse().map_err(connect)?;
        let stream = client.connect(&uri).await?;
        let (mut issuer, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = request(&uri).map_err(connect)?;
        let document = pin!(async {
            let response = issuer.send_request(request).await?;
            document(response).await
        });
        match select(document, pin!(connection)).await {
            Either::Left((document, _)) => document,
            // The issuer has closed, but what it sent before may not be read yet.
            Either::Right((_, document)) => document.await,
        }
    }
}

impl FetchJwks for HttpFetcher {
    async fn fetch(&self, uri: &str) -> Result<Vec<u8>, FetchError> {
        tokio::time::timeout(self.timeout, self.get(uri))
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }
}

/// What connections are made with.
#[derive(Debug)]
struct Client {
    tcp: HttpConnector<Resolver>,
    tls: Arc<ClientConfig>,
}

/// A connection, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Client {
    /// TLS as the library would set it up, but that Mozilla's roots come as they are used: as
    /// certificates they would take twice the room, and time to be read.
    fn new(certificates: &[Vec<u8>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        if certificates.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for certificate in certificates {
            roots.add(certificate.as_slice().into())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = Arc::new(tls);
        Ok(Self { tcp, tls })
    }

    /// Connects to the issuer by TCP, to the first of its addresses that answers (RFC 8305), and
    /// for https by TLS.
    async fn connect(&self, uri: &Uri) -> Result<Box<dyn Stream>, FetchError> {
        let stream = self.tcp.clone().call(uri.clone()).await.map_err(|error| {
            let is_name = causes(&error).any(|cause| cause.is::<Unresolved>());
            if is_name {
                FetchError::Name(error.into())
            } else {
                connect(error)
            }
        })?;
        let stream = stream.into_inner();
        if uri.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Box::new(stream));
        }
        let host = uri.host().unwrap_or_default();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned()).map_err(connect)?;
        let tls = TlsConnector::from(Arc::clone(&self.tls));
        let stream = tls.connect(name, stream).await.map_err(FetchError::Tls)?;
        Ok(Box::new(stream))
    }
}

fn connect(error: impl Into<Cause>) -> FetchError {
    FetchError::Connect(error.into())
}

/// The request for the key set (RFC 9112 3.2.1); it says no more than it must.
fn request(uri: &Uri) -> Result<Request<Empty<Bytes>>, hyper::http::Error> {
    const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    // Written out it begins with a slash, also where the URI has none before its query.
    let target = uri.path_and_query().map(PathAndQuery::to_string);
    Request::get(target.as_deref().unwrap_or("/"))
        .header(HOST, uri.authority().map_or("", Authority::as_str))
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .body(Empty::new())
}

/// The body of the answer, if it is one.
async fn document(mut response: Response<Incoming>) -> Result<Vec<u8>, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let mut document = Vec::new();
    while let Some(frame) = response.frame().await {
        let chunk = frame?.into_data().unwrap_or_default(); // a trailer has none
        if document.len().saturating_add(chunk.len()) > MAX_DOCUMENT_BYTES {
            return Err(JwksError::TooLong.into());
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

/// Resolves names as the system does, and marks its errors.
#[derive(Clone, Debug)]
struct Resolver;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Self::Response, Unresolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<_> = addresses.map_err(Unresolved)?.collect();
            Ok(addresses.into_iter())
        })
    }
}

/// A name could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unresolved(io::Error);
