//! The one place of the commands that talks to the authorization server.

use std::error::Error;
use std::time::Duration;

use oauth2::http::header::CONTENT_TYPE;
use oauth2::http::{Response, StatusCode};
use oauth2::{HttpRequest, HttpResponse};
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::oauth::quote::quote;
use crate::oauth::url::is_loopback;

/// Room for several JWTs, or a long discovery document; both are a few kilobytes in practice.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Sends requests with limits: one deadline for all of an answer, no redirects (what is sent is
/// meant for one server alone), at most [`MAX_BODY_BYTES`].
///
/// The roots are the system's, and so is the proxy; to this very machine none is used.
#[derive(Debug)]
pub(crate) struct Http {
    deadline: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("the HTTP client could not be built: {0}")]
    Client(String),
    #[error(
        "no complete answer within {0} s; check the URL and the network, or raise --request-timeout"
    )]
    Timeout(u64),
    #[error("no connection; check the URL, the network and the server's certificate: {0}")]
    Connect(String),
    #[error("the answer broke off: {0}")]
    Transfer(String),
    #[error("the answer is longer than {MAX_BODY_BYTES} bytes; check the URL")]
    TooLong,
    #[error("the answer has status {0} and is no JSON; check the URL")]
    Status(u16),
}

impl Http {
    pub(crate) fn new(deadline: Duration) -> Self {
        Self { deadline }
    }

    /// Sends one request.
    ///
    /// # Errors
    /// [`HttpError`], also for an answer that is neither a success nor JSON: nothing in it is of
    /// OAuth 2.0.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        tokio::time::timeout(self.deadline, exchange(request))
            .await
            .unwrap_or(Err(HttpError::Timeout(self.deadline.as_secs())))
    }
}

async fn exchange(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let request =
        reqwest::Request::try_from(request).map_err(|e| HttpError::Client(innermost(e)))?;
    let mut client = Client::builder()
        .redirect(Policy::none())
        .referer(false)
        .user_agent(concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION")
        ));
    if is_loopback(request.url()) {
        client = client.no_proxy();
    }
    let client = client
        .build()
        .map_err(|e| HttpError::Client(innermost(e)))?;
    let mut answer = client.execute(request).await.map_err(failure)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failure)? {
        if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
            return Err(HttpError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    let kind = answer.headers().get(CONTENT_TYPE);
    let json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if answer.status() != StatusCode::OK && !json {
        return Err(HttpError::Status(answer.status().as_u16()));
    }
    let mut response = Response::new(body);
    *response.status_mut() = answer.status();
    response
        .headers_mut()
        .extend(kind.map(|kind| (CONTENT_TYPE, kind.clone())));
    Ok(response)
}

fn failure(error: reqwest::Error) -> HttpError {
    if error.is_connect() {
        HttpError::Connect(innermost(error))
    } else {
        HttpError::Transfer(innermost(error))
    }
}

/// The innermost cause: the outer ones only repeat the URL.
fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    quote(&cause.to_string())
}
