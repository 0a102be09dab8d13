//! The one credential of an event: where it may be, and how it is written there.

use crate::event::ApiKind;
use crate::event::shape::{Event, Fields};

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

/// A way to write a token in `Authorization`, from `authorization_schemes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationScheme {
    /// The name of a scheme, which is the same in every letter case (RFC 9110 11.1), one space and
    /// the token.
    Named(String),
    /// The token alone.
    Bare,
}

impl AuthorizationScheme {
    /// The scheme of RFC 6750 2.1, whose name is the one that counts outside of `Authorization` too.
    pub const BEARER: &str = "Bearer";

    fn is(&self, name: Option<&str>) -> bool {
        match (self, name) {
            (Self::Named(own), Some(name)) => own.eq_ignore_ascii_case(name),
            (Self::Bare, None) => true,
            (Self::Named(_), None) | (Self::Bare, Some(_)) => false,
        }
    }
}

/// What is wrong with the credentials of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialFault {
    /// There is more than one (RFC 6750 2): that is the request's fault, and says nothing of a token.
    Several,
    /// It is written in no scheme that counts.
    Scheme,
}

/// What decides how a credential may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The header `Authorization`: in one of the configured schemes.
    Authorization,
    /// Anywhere else: after `Bearer` or alone too, as proxies copy the header with its scheme and
    /// most clients write the token alone.
    Elsewhere,
}

/// The token of an event's one credential, without its scheme.
///
/// # Errors
/// [`CredentialFault`] if there is more than one credential, or it is written in a way that does not
/// count.
pub(super) fn token<'e>(
    kind: ApiKind,
    event: &'e Event<'_>,
    sources: &[TokenSource],
    schemes: &[AuthorizationScheme],
) -> Result<Option<&'e str>, CredentialFault> {
    let of_event = || event.authorization_token.as_deref();
    let credential = match kind {
        ApiKind::RestToken => of_event().map(|text| (text, Place::Authorization)),
        // AppSync passes on whatever its clients send.
        ApiKind::AppSync => of_event().map(|text| (text, Place::Elsewhere)),
        ApiKind::RestRequest | ApiKind::Http1 | ApiKind::Http2 | ApiKind::WebSocket => {
            of_sources(event, sources)?
        }
    };
    let credential = credential.filter(|(text, _)| !text.is_empty());
    credential
        .map(|(text, place)| without_scheme(text, schemes, place))
        .transpose()
}

/// Looks through `sources`. A client must not send its token in more than one way (RFC 6750 2):
/// whoever reads another one than this program does would be deceived.
fn of_sources<'e>(
    event: &'e Event<'_>,
    sources: &[TokenSource],
) -> Result<Option<(&'e str, Place)>, CredentialFault> {
    let mut found = None;
    for source in sources {
        let (value, place) = match source {
            TokenSource::Header(name) => {
                let place = if name.eq_ignore_ascii_case("Authorization") {
                    Place::Authorization
                } else {
                    Place::Elsewhere
                };
                let is_name = |own: &str| own.eq_ignore_ascii_case(name);
                (event.headers().one(is_name)?, place)
            }
            TokenSource::Query(name) => (event.query().one(|own| own == name)?, Place::Elsewhere),
            TokenSource::Cookie(name) => (cookie(event, name)?, Place::Elsewhere),
            TokenSource::Subprotocol(name) => {
                (subprotocol(&event.headers(), name)?, Place::Elsewhere)
            }
        };
        // A cookie that was cleared, say, is no credential beside the one that is sent.
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        if found.is_some() {
            return Err(CredentialFault::Several);
        }
        found = Some((value, place));
    }
    Ok(found)
}

/// What follows the scheme and one space (RFC 6750 2.1), or the whole, where that counts.
fn without_scheme<'c>(
    credential: &'c str,
    schemes: &[AuthorizationScheme],
    place: Place,
) -> Result<&'c str, CredentialFault> {
    let (scheme, token) = match credential.split_once(' ') {
        Some((scheme, token)) => (Some(scheme), token),
        None => (None, credential),
    };
    let is_bearer = |scheme: &str| scheme.eq_ignore_ascii_case(AuthorizationScheme::BEARER);
    let counts_anyway = place == Place::Elsewhere && scheme.is_none_or(is_bearer);
    if counts_anyway || schemes.iter().any(|own| own.is(scheme)) {
        Ok(token)
    } else {
        Err(CredentialFault::Scheme)
    }
}

/// The value of the one cookie of that name, in the `Cookie` header (RFC 6265 5.4), which HTTP/2
/// clients split into several fields (RFC 9113 8.2.3), and in the list that payload version 2.0 has
/// in its place. Emulators send both, which must agree.
fn cookie<'e>(event: &'e Event<'_>, name: &str) -> Result<Option<&'e str>, CredentialFault> {
    let headers = event.headers();
    let fields = headers.all(|own| own.eq_ignore_ascii_case("Cookie"))?;
    let in_header = only(fields.into_iter().flat_map(|field| cookies(field, name)))?;
    let in_list = only(event.cookies().flat_map(|field| cookies(field, name)))?;
    match (in_header, in_list) {
        (Some(one), Some(other)) if one != other => Err(CredentialFault::Several),
        (one, other) => Ok(one.or(other)),
    }
}

/// The values of the cookies of that name in one field (RFC 6265 4.2.1).
fn cookies<'e>(field: &'e str, name: &str) -> impl Iterator<Item = &'e str> {
    field
        .split(';')
        .filter_map(|pair| pair.trim_matches(' ').split_once('='))
        .filter(move |(own, _)| *own == name)
        .map(|(_, value)| without_quotes(value))
}

/// A cookie's value may stand between quotes (RFC 6265 4.1.1). Libraries put them there when it holds
/// a space, as `Bearer` and a token do.
fn without_quotes(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// The subprotocol that follows the one of that name in the one list of them.
fn subprotocol<'e>(headers: &Fields<'e>, name: &str) -> Result<Option<&'e str>, CredentialFault> {
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
fn only<'e>(mut values: impl Iterator<Item = &'e str>) -> Result<Option<&'e str>, CredentialFault> {
    let value = values.next();
    if values.next().is_some() {
        Err(CredentialFault::Several)
    } else {
        Ok(value)
    }
}
