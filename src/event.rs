//! Step 1: the JSON event becomes an [`AuthorizationRequest`].
//!
//! Lenient with what API Gateway leaves out or sets to null, strict with contradictions: two
//! values for one credential, or a verb that is not the method ARN's, are nobody's request.

mod arn;
mod call;
mod shape;

use crate::reason::DenyReason;
use crate::token::BearerToken;

pub use self::arn::{DEFAULT, MethodArn, RequestPath, TrailingSlash};

use self::call::EventCall;
use self::shape::{Event, Fields};

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

/// A place of a `REQUEST` event in which a token may be, from `token_sources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The header of this name; names of headers are the same in every letter case.
    Header(String),
    /// The query parameter of exactly this name.
    Query(String),
    /// The cookie of exactly this name (RFC 6265 4.2).
    Cookie(String),
    /// The WebSocket subprotocol (RFC 6455 4.1) that follows the one of this name: a browser
    /// cannot set another header, so it opens `new WebSocket(url, [NAME, token])`.
    Subprotocol(String),
}

/// What API Gateway or AppSync asks: may this credential do this?
#[derive(Debug)]
pub struct AuthorizationRequest {
    kind: ApiKind,
    method_arn: Option<MethodArn>,
    credential: Result<Option<Credential>, DenyReason>,
}

/// A credential and how it is written.
struct Credential {
    text: String,
    form: Form,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `Bearer`, a blank, the token.
    Authorization,
    /// The token alone.
    Bare,
    /// Either of the two: AppSync passes on whatever its clients send.
    Either,
}

impl AuthorizationRequest {
    /// Reads an event.
    ///
    /// # Errors
    /// [`DenyReason::InvalidEvent`] if it is not what an API sends, [`DenyReason::InvalidPath`]
    /// if its path could be read in two ways.
    pub fn parse(event: &str, sources: &[TokenSource]) -> Result<Self, DenyReason> {
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
        let method_arn = match (kind, method_arn) {
            (ApiKind::Http1 | ApiKind::Http2, Some(arn)) => {
                let call = EventCall::read(&event, &arn, verb)?;
                Some(arn.with_event(call))
            }
            (_, Some(arn)) if arn.is_default() => return Err(DenyReason::InvalidEvent),
            (ApiKind::RestToken | ApiKind::RestRequest, arn) => arn.map(MethodArn::of_rest_api),
            (_, arn) => arn,
        };
        let credential = match kind {
            ApiKind::RestToken => Ok(whole_credential(&event, Form::Authorization)),
            ApiKind::AppSync => Ok(whole_credential(&event, Form::Either)),
            ApiKind::RestRequest | ApiKind::Http1 | ApiKind::Http2 | ApiKind::WebSocket => {
                request_credential(&event, sources)
            }
        };
        Ok(Self {
            kind,
            method_arn,
            credential,
        })
    }

    /// The kind of API that asks.
    #[must_use]
    pub const fn kind(&self) -> ApiKind {
        self.kind
    }

    /// What is to be called; AppSync does not say it before the query runs.
    #[must_use]
    pub const fn method_arn(&self) -> Option<&MethodArn> {
        self.method_arn.as_ref()
    }

    /// The one credential of the request.
    ///
    /// # Errors
    /// [`DenyReason::MissingToken`] if there is none, [`DenyReason::MalformedToken`] if there is
    /// more than one or it is not written as RFC 6750 says.
    pub fn bearer_token(&self) -> Result<BearerToken<'_>, DenyReason> {
        match self.credential.as_ref().map_err(|reason| *reason)? {
            None => Err(DenyReason::MissingToken),
            Some(Credential {
                text,
                form: Form::Authorization,
            }) => BearerToken::from_authorization(text),
            Some(Credential {
                text,
                form: Form::Bare,
            }) => BearerToken::from_bare(text),
            Some(Credential {
                text,
                form: Form::Either,
            }) if text.contains(' ') => BearerToken::from_authorization(text),
            Some(Credential {
                text,
                form: Form::Either,
            }) => BearerToken::from_bare(text),
        }
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

/// The credential of an event that has a member of its own for it.
fn whole_credential(event: &Event<'_>, form: Form) -> Option<Credential> {
    let text = event.authorization_token.as_deref()?.to_owned();
    Some(Credential { text, form })
}

/// Looks through `sources`. A client must not send its token in more than one way (RFC 6750 2):
/// whoever reads another one than this program does would be deceived.
fn request_credential(
    event: &Event<'_>,
    sources: &[TokenSource],
) -> Result<Option<Credential>, DenyReason> {
    let mut found: Option<Credential> = None;
    for source in sources {
        let (value, form) = match source {
            TokenSource::Header(name) => {
                let form = if name.eq_ignore_ascii_case("Authorization") {
                    Form::Authorization
                } else {
                    Form::Bare
                };
                (
                    event.headers().one(|own| own.eq_ignore_ascii_case(name))?,
                    form,
                )
            }
            TokenSource::Query(name) => (event.query().one(|own| own == name)?, Form::Bare),
            TokenSource::Cookie(name) => (cookie(event, name)?, Form::Bare),
            TokenSource::Subprotocol(name) => (subprotocol(&event.headers(), name)?, Form::Bare),
        };
        // A cookie that was cleared, say, is no credential beside the one that is sent.
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        if found.is_some() {
            return Err(DenyReason::MalformedToken);
        }
        found = Some(Credential {
            text: value.to_owned(),
            form,
        });
    }
    Ok(found)
}

/// The value of the one cookie of that name, in the one `Cookie` header (RFC 6265 5.4) or among
/// the cookies of payload version 2.0.
fn cookie<'e>(event: &'e Event<'_>, name: &str) -> Result<Option<&'e str>, DenyReason> {
    let header = event
        .headers()
        .one(|own| own.eq_ignore_ascii_case("Cookie"))?;
    let pairs = header
        .into_iter()
        .flat_map(|header| header.split(';'))
        .chain(event.cookies());
    let values = pairs
        .filter_map(|pair| pair.trim_matches(' ').split_once('='))
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| value);
    only(values)
}

/// The subprotocol that follows the one of that name in the one list of them.
fn subprotocol<'e>(headers: &Fields<'e>, name: &str) -> Result<Option<&'e str>, DenyReason> {
    let header = headers.one(|own| own.eq_ignore_ascii_case("Sec-WebSocket-Protocol"))?;
    let protocols = || {
        header
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(|own| own.trim_matches(' '))
    };
    only(
        protocols()
            .zip(protocols().skip(1))
            .filter(|(own, _)| *own == name)
            .map(|(_, next)| next),
    )
}

/// The one value, if there is one.
fn only<'e>(mut values: impl Iterator<Item = &'e str>) -> Result<Option<&'e str>, DenyReason> {
    let value = values.next();
    if values.next().is_some() {
        Err(DenyReason::MalformedToken)
    } else {
        Ok(value)
    }
}
