//! Step 1: the JSON event becomes an [`AuthorizationRequest`].
//!
//! Lenient with what API Gateway leaves out or sets to null, strict with contradictions: two
//! values for one credential, or a verb that is not the method ARN's, are nobody's request.

mod arn;
mod call;
mod credential;
mod operation;
mod shape;

use crate::reason::DenyReason;
use crate::token::BearerToken;

pub use self::arn::{DEFAULT, MethodArn, RequestPath, TrailingSlash};
pub use self::credential::{AuthorizationScheme, TokenSource};
pub use self::operation::Operation;

use self::call::EventCall;
use self::credential::CredentialFault;
use self::shape::Event;

/// Which kind of API asks, as far as it changes how it is read and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// A REST API with an authorizer of type `TOKEN`.
    RestToken,
    /// A REST API with an authorizer of type `REQUEST`.
    RestRequest,
    /// An HTTP API, payload format 1.0.
    Http1,
    /// An HTTP API, payload format 2.0.
    Http2,
    /// A WebSocket API, at `$connect`.
    WebSocket,
    /// A GraphQL API of AWS AppSync.
    AppSync,
}

impl ApiKind {
    /// The stable name of this kind in the log line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestToken => "rest_token",
            Self::RestRequest => "rest_request",
            Self::Http1 => "http_1",
            Self::Http2 => "http_2",
            Self::WebSocket => "websocket",
            Self::AppSync => "appsync",
        }
    }
}

/// What API Gateway or AppSync asks: may this credential do this?
#[derive(Debug)]
pub struct AuthorizationRequest {
    kind: ApiKind,
    operation: Operation,
    credential: Result<Option<Credential>, CredentialFault>,
}

/// What a client sent as its token. It cannot be printed.
struct Credential(String);

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl AuthorizationRequest {
    /// Reads an event, whose token is looked for in `sources` if the event has no member of its own
    /// for it.
    ///
    /// # Errors
    /// [`DenyReason::InvalidEvent`] if it is not what an API sends, [`DenyReason::InvalidPath`]
    /// if its path could be read in two ways.
    pub fn parse(
        event: &str,
        sources: &[TokenSource],
        schemes: &[AuthorizationScheme],
    ) -> Result<Self, DenyReason> {
        let event = Event::parse(event).ok_or(DenyReason::InvalidEvent)?;
        let kind = kind(&event).ok_or(DenyReason::InvalidEvent)?;
        let (arn, verb) = match kind {
            ApiKind::RestToken | ApiKind::RestRequest | ApiKind::Http1 | ApiKind::WebSocket => {
                (event.method_arn.as_deref(), event.http_method.as_deref())
            }
            ApiKind::Http2 => (event.route_arn.as_deref(), event.http_context_method()),
            ApiKind::AppSync => (None, None),
        };
        let method_arn = arn.map(MethodArn::parse).transpose()?;
        let of_arn = method_arn.as_ref().map(MethodArn::verb);
        let is_connect = method_arn.as_ref().is_some_and(MethodArn::is_connect);
        let contradicts = |verb| of_arn != Some(verb) && of_arn != Some(DEFAULT);
        if is_connect != (kind == ApiKind::WebSocket) || verb.is_some_and(contradicts) {
            return Err(DenyReason::InvalidEvent);
        }
        let operation = match (kind, method_arn) {
            (_, None) => Operation::GraphQl,
            (ApiKind::Http1 | ApiKind::Http2, Some(arn)) => {
                let call = EventCall::read(&event, &arn, verb)?;
                Operation::from(arn.with_event(call))
            }
            (_, Some(arn)) if arn.is_default() => return Err(DenyReason::InvalidEvent),
            (ApiKind::RestToken | ApiKind::RestRequest, Some(arn)) => {
                Operation::from(arn.of_rest_api())
            }
            (_, Some(arn)) => Operation::from(arn),
        };
        let credential = credential::token(kind, &event, sources, schemes)
            .map(|token| token.map(|token| Credential(token.to_owned())));
        Ok(Self {
            kind,
            operation,
            credential,
        })
    }

    /// The kind of API that asks.
    #[must_use]
    pub const fn kind(&self) -> ApiKind {
        self.kind
    }

    /// What is to be done with the credential.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The one credential of the request.
    ///
    /// # Errors
    /// [`DenyReason::MissingToken`] if there is none, [`DenyReason::MalformedToken`] if there is
    /// more than one or it is not written as configured.
    pub fn bearer_token(&self) -> Result<BearerToken<'_>, DenyReason> {
        let credential = self.credential.as_ref();
        let credential = credential.map_err(|_| DenyReason::MalformedToken)?;
        let Credential(token) = credential.as_ref().ok_or(DenyReason::MissingToken)?;
        BearerToken::from_bare(token)
    }

    /// Whether there is more than one credential: then what is said of the request holds for none of
    /// them.
    pub(crate) fn has_several_credentials(&self) -> bool {
        matches!(self.credential, Err(CredentialFault::Several))
    }
}

/// The kind of API that an event comes from, told by the members that only that kind sends.
fn kind(event: &Event<'_>) -> Option<ApiKind> {
    let (method, route) = (event.method_arn.is_some(), event.route_arn.is_some());
    match (event.kind.as_deref(), event.version.as_deref()) {
        (Some("TOKEN"), None) if method && !route => Some(ApiKind::RestToken),
        (Some("REQUEST"), _) if event.is_web_socket() => {
            (method && !route).then_some(ApiKind::WebSocket)
        }
        (Some("REQUEST"), None) if method && !route => Some(ApiKind::RestRequest),
        (Some("REQUEST"), Some("1.0")) if method && !route => Some(ApiKind::Http1),
        (Some("REQUEST"), Some("2.0")) if route && !method => Some(ApiKind::Http2),
        (None, None) if !method && !route && event.is_graphql() => Some(ApiKind::AppSync),
        _ => None,
    }
}
