//! Step 1: the JSON event becomes an [`AuthorizationRequest`].
//!
//! Lenient with what API Gateway leaves out or sets to null, strict with contradictions: two
//! values for one credential, or a verb that is not the method ARN's, are nobody's request.

mod arn;
mod shape;

use crate::reason::DenyReason;
use crate::token::BearerToken;

pub use self::arn::{MethodArn, RequestPath};

use self::shape::{Event, Headers};

/// Which kind of API asks, as far as it changes how it is read and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// A REST API with an authorizer of type `TOKEN`.
    RestToken,
    /// A REST API with an authorizer of type `REQUEST`.
    RestRequest,
}

impl ApiKind {
    /// The stable name of this kind in the log line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestToken => "rest_token",
            Self::RestRequest => "rest_request",
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
}

/// What API Gateway asks: may this credential do this?
#[derive(Debug)]
pub struct AuthorizationRequest {
    kind: ApiKind,
    method_arn: MethodArn,
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
}

impl AuthorizationRequest {
    /// Reads an event.
    ///
    /// # Errors
    /// [`DenyReason::InvalidEvent`] if it is not what an API sends, [`DenyReason::InvalidPath`]
    /// if its path could be read in two ways.
    pub fn parse(event: &str, sources: &[TokenSource]) -> Result<Self, DenyReason> {
        let event = Event::parse(event).ok_or(DenyReason::InvalidEvent)?;
        let method_arn = event
            .method_arn
            .as_deref()
            .ok_or(DenyReason::InvalidEvent)?;
        let method_arn = MethodArn::parse(method_arn)?;
        let (kind, credential) = match event.kind.as_deref() {
            Some("TOKEN") => (ApiKind::RestToken, Ok(token_credential(&event))),
            Some("REQUEST") if event.is_rest() => {
                if event
                    .http_method
                    .as_deref()
                    .is_some_and(|verb| verb != method_arn.verb())
                {
                    return Err(DenyReason::InvalidEvent);
                }
                (ApiKind::RestRequest, request_credential(&event, sources))
            }
            Some(_) | None => return Err(DenyReason::InvalidEvent),
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

    /// What is to be called.
    #[must_use]
    pub const fn method_arn(&self) -> &MethodArn {
        &self.method_arn
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
        }
    }
}

fn token_credential(event: &Event<'_>) -> Option<Credential> {
    let text = event.authorization_token.as_deref()?;
    Some(Credential {
        text: text.to_owned(),
        form: Form::Authorization,
    })
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
            TokenSource::Cookie(name) => (cookie(&event.headers(), name)?, Form::Bare),
        };
        let Some(value) = value else { continue };
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

/// The value of the one cookie of that name in the one `Cookie` header (RFC 6265 5.4).
fn cookie<'e>(headers: &Headers<'e>, name: &str) -> Result<Option<&'e str>, DenyReason> {
    let Some(header) = headers.one(|own| own.eq_ignore_ascii_case("Cookie"))? else {
        return Ok(None);
    };
    let mut values = header
        .split(';')
        .filter_map(|pair| pair.trim_matches(' ').split_once('='))
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| value);
    let value = values.next();
    if values.next().is_some() {
        Err(DenyReason::MalformedToken)
    } else {
        Ok(value)
    }
}
