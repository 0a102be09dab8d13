//! The redirect back to this machine: the one page that a browser is shown by `authz`.
//!
//! Anything on this machine can call the port, and any web page can make the browser do so. What
//! counts is a single answer, told from all others by the `state` of this sign-in.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use oauth2::url::{Host, Url, form_urlencoded};
use oauth2::{AuthorizationCode, CsrfToken, RedirectUrl};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::oauth::answer::refusal;
use crate::oauth::url::is_loopback;

/// The longest head of a request that is read: a code and a browser's headers fit in a quarter.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Connections that are served at once; browsers open some that they never use.
const MAX_CONNECTIONS: usize = 16;

/// How long one request may take to arrive, so that nobody keeps a connection for good.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait after a connection could not be taken: until some file is closed, the next one
/// cannot be taken either, and nobody should wait busily for that.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the redirect of this sign-in must say.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) state: CsrfToken,
    pub(crate) issuer: Option<String>,
    /// Whether the server always says `iss` (RFC 9207, section 2.4).
    pub(crate) needs_iss: bool,
}

/// Why the redirect brought no code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedirectError {
    #[error(
        "the port of the redirect URI cannot be used ({0}); end what uses it, or name another --redirect-uri that the app client knows"
    )]
    Listen(io::Error),
    #[error("the sign-in was refused: {0}")]
    Refused(String),
    #[error(
        "the redirect does not come from the issuer (its `iss` says so); do not sign in there again"
    )]
    Issuer,
    #[error("nobody signed in within {0} s; try again, or raise --timeout")]
    Timeout(u64),
}

/// Reads a redirect URI of this machine: http, for no certificate is to be had for it (RFC 8252,
/// section 7.3), and without query.
pub(crate) fn redirect_uri(text: &str) -> Result<RedirectUrl, String> {
    let fault = || {
        "no redirect URI of this machine; write it as in http://localhost:8400/callback".to_owned()
    };
    let url = Url::parse(text).map_err(|_| fault())?;
    let bare = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
    if url.scheme() == "http" && is_loopback(&url) && bare {
        RedirectUrl::new(text.to_owned()).map_err(|_| fault())
    } else {
        Err(fault())
    }
}

/// Waits at a redirect URI for the browser.
#[derive(Debug)]
pub(crate) struct Listener {
    uri: RedirectUrl,
    sockets: (TcpListener, Option<TcpListener>),
}

impl Listener {
    /// Takes the port of a redirect URI, port 0 standing for any free one.
    ///
    /// `localhost` is both 127.0.0.1 and `[::1]`, and a browser may try either: both are taken, so
    /// that no one else on this machine gets the code. Never any address that others can reach.
    pub(crate) async fn bind(uri: &RedirectUrl) -> Result<Self, RedirectError> {
        let port = uri.url().port_or_known_default().unwrap_or_default();
        let bind = |address: SocketAddr| async move {
            TcpListener::bind(address)
                .await
                .map_err(RedirectError::Listen)
        };
        let sockets = match uri.url().host() {
            Some(Host::Ipv4(ip)) => (bind((ip, port).into()).await?, None),
            Some(Host::Ipv6(ip)) => (bind((ip, port).into()).await?, None),
            Some(Host::Domain(_)) | None => {
                let first = bind((Ipv4Addr::LOCALHOST, port).into()).await?;
                let port = first.local_addr().map_err(RedirectError::Listen)?.port();
                match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                    Ok(second) => (first, Some(second)),
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                        return Err(RedirectError::Listen(error));
                    }
                    // A machine without IPv6.
                    Err(_) => (first, None),
                }
            }
        };
        let mut uri = uri.clone();
        if port == 0 {
            let mut url = uri.url().clone();
            let address = sockets.0.local_addr().map_err(RedirectError::Listen)?;
            if url.set_port(Some(address.port())).is_ok() {
                uri = RedirectUrl::from_url(url);
            }
        }
        Ok(Self { uri, sockets })
    }

    /// The redirect URI, its port filled in.
    pub(crate) fn uri(&self) -> &RedirectUrl {
        &self.uri
    }

    /// Serves requests until one is the redirect of this sign-in, `timeout` at most.
    pub(crate) async fn receive(
        self,
        expected: Expected,
        timeout: Duration,
    ) -> Result<AuthorizationCode, RedirectError> {
        let path = self.uri.url().path().to_owned();
        tokio::time::timeout(timeout, self.serve(Arc::new((path, expected))))
            .await
            .unwrap_or(Err(RedirectError::Timeout(timeout.as_secs())))
    }

    async fn serve(
        self,
        expected: Arc<(String, Expected)>,
    ) -> Result<AuthorizationCode, RedirectError> {
        let mut requests = JoinSet::new();
        loop {
            tokio::select! {
                stream = self.accept(), if requests.len() < MAX_CONNECTIONS => {
                    let expected = Arc::clone(&expected);
                    requests.spawn(tokio::time::timeout(REQUEST_DEADLINE, async move {
                        answer(stream, &expected.0, &expected.1).await
                    }));
                }
                Some(answered) = requests.join_next() => {
                    if let Ok(Ok(Some(outcome))) = answered {
                        return outcome;
                    }
                }
            }
        }
    }

    /// The next connection. One that cannot be taken, as its caller has gone or too many files are
    /// open, does not end the wait.
    async fn accept(&self) -> TcpStream {
        loop {
            match self.try_accept().await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    async fn try_accept(&self) -> io::Result<TcpStream> {
        let second = async {
            match &self.sockets.1 {
                Some(socket) => socket.accept().await,
                None => std::future::pending().await,
            }
        };
        let (stream, _) = tokio::select! {
            accepted = self.sockets.0.accept() => accepted?,
            accepted = second => accepted?,
        };
        Ok(stream)
    }
}

/// What a request at the port is.
enum Asked {
    /// The redirect of this sign-in.
    Redirect(Result<AuthorizationCode, RedirectError>),
    /// Anything else, and the status that it is answered with.
    Other(StatusCode),
}

/// Answers one request; `None` if it is not the redirect.
async fn answer(
    stream: TcpStream,
    path: &str,
    expected: &Expected,
) -> Option<Result<AuthorizationCode, RedirectError>> {
    let outcome = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        let asked = understand(&request, path, expected);
        let page = page(&asked);
        if let Asked::Redirect(redirect) = asked {
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(redirect);
        }
        async { page }
    });
    // The redirect counts even if the browser has gone before it could be thanked.
    let _ = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn understand(request: &Request<Incoming>, path: &str, expected: &Expected) -> Asked {
    if request.uri().path() != path {
        return Asked::Other(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::GET {
        return Asked::Other(StatusCode::METHOD_NOT_ALLOWED);
    }
    let query = request.uri().query().unwrap_or_default();
    redirect(query, expected).map_or(Asked::Other(StatusCode::BAD_REQUEST), Asked::Redirect)
}

/// The outcome that the query of a redirect tells (RFC 6749, section 4.1.2); `None` if it is not of
/// this sign-in, or if a parameter stands in it twice.
fn redirect(query: &str, expected: &Expected) -> Option<Result<AuthorizationCode, RedirectError>> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let value = |wanted: &str| {
        let mut values = pairs.iter().filter(|(name, _)| name == wanted);
        match (values.next(), values.next()) {
            (first, None) => Some(first.map(|(_, value)| value.as_ref())),
            (_, Some(_)) => None,
        }
    };
    let (state, iss) = (value("state")?, value("iss")?);
    let (code, error) = (value("code")?, value("error")?);
    let description = value("error_description")?;
    if state != Some(expected.state.secret()) {
        return None;
    }
    let unknown = match (iss, &expected.issuer) {
        (Some(iss), Some(issuer)) => iss != issuer,
        (Some(_), None) => false,
        (None, _) => expected.needs_iss,
    };
    if unknown {
        return Some(Err(RedirectError::Issuer));
    }
    match (error, code) {
        (Some(error), _) => Some(Err(RedirectError::Refused(refusal(error, description)))),
        (None, Some(code)) if !code.is_empty() => Some(Ok(AuthorizationCode::new(code.to_owned()))),
        (None, _) => None,
    }
}

/// An answer that repeats nothing of the request, keeps nothing and loads nothing.
fn page(asked: &Asked) -> Result<Response<Full<Bytes>>, hyper::http::Error> {
    let (status, text) = match asked {
        Asked::Redirect(Ok(_)) => (
            StatusCode::OK,
            "Done. You may close this window; authz goes on in the terminal.",
        ),
        Asked::Redirect(Err(_)) => (
            StatusCode::OK,
            "You are not signed in. You may close this window; the terminal says why.",
        ),
        Asked::Other(status) => (*status, "This is not the sign-in that authz waits for."),
    };
    let body =
        format!("<!doctype html>\n<meta charset=utf-8>\n<title>authz</title>\n<p>{text}</p>\n");
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CACHE_CONTROL, "no-store")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'")
        .header(REFERRER_POLICY, "no-referrer")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Full::from(body))
}
