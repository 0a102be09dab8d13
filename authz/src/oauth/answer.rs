//! What the token endpoint answers: tokens, or why not.

use std::fmt::{self, Debug, Display};

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ErrorResponseType,
    ExtraTokenFields, RequestTokenError, StandardErrorResponse, StandardRevocableToken,
    StandardTokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};

use crate::oauth::http::HttpError;
use crate::oauth::quote::quote;

/// The tokens of one answer (RFC 6749, section 5.1).
pub(crate) type Tokens = StandardTokenResponse<OpenId, BasicTokenType>;

/// A client that knows the token endpoint.
pub(crate) type TokenClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What OpenID Connect adds to an answer (Core 1.0, section 3.1.3.3).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct OpenId {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<IdToken>,
}

impl ExtraTokenFields for OpenId {}

/// An ID token, which is not printed by accident.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct IdToken(pub(crate) String);

impl Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("the server refused: {0}")]
    Refused(String),
    #[error("asking the token endpoint failed: {0}")]
    None(HttpError),
    #[error(
        "the server's answer is not one of a token endpoint (RFC 6749, section 5); check its URL"
    )]
    NotUnderstood,
}

/// Says what a server gave as the reason of a refusal.
pub(crate) fn refusal(error: &str, description: Option<&str>) -> String {
    match description {
        Some(description) => format!("`{}` ({})", quote(error), quote(description)),
        None => format!("`{}`", quote(error)),
    }
}

impl<T> From<RequestTokenError<HttpError, StandardErrorResponse<T>>> for AnswerError
where
    T: ErrorResponseType + Display + 'static,
{
    /// Nothing of an answer that was not understood is kept: it may hold a token.
    fn from(error: RequestTokenError<HttpError, StandardErrorResponse<T>>) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => Self::Refused(refusal(
                &answer.error().to_string(),
                answer.error_description().map(String::as_str),
            )),
            RequestTokenError::Request(error) => Self::None(error),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Self::NotUnderstood,
        }
    }
}

/// A client that authenticates as HTTP Basic if it has a secret, and by its id alone if not.
pub(crate) fn client(id: ClientId, secret: Option<ClientSecret>, token: TokenUrl) -> TokenClient {
    let client = Client::new(id).set_token_uri(token);
    match secret {
        Some(secret) => client.set_client_secret(secret),
        None => client,
    }
}
