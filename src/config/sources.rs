//! Where a token may be and how it is written there: `token_sources` and `authorization_schemes`.

use crate::config::reader::Section;
use crate::config::shown;
use crate::event::{AuthorizationScheme, TokenSource};

/// Schemes of HTTP ("HTTP Authentication Scheme Registry" of IANA) that carry no token.
const WITHOUT_TOKEN: [&str; 8] = [
    "Basic",
    "Concealed",
    "Digest",
    "HOBA",
    "Mutual",
    "Negotiate",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
];

/// Those whose token counts only together with a proof that its sender holds a key (RFC 9449 7.1,
/// RFC 9635 7.2).
const WITH_PROOF: [&str; 2] = ["DPoP", "GNAP"];

/// The places in which a token is looked for.
pub(super) fn token_sources(root: &mut Section<'_>) -> Vec<TokenSource> {
    let default = || vec!["header:Authorization".to_owned()];
    let mut sources: Vec<TokenSource> = Vec::new();
    for text in root.list("token_sources").unwrap_or_else(default) {
        match token_source(&text) {
            Ok(source) if sources.contains(&source) => {
                let fault = format!("{} is the same as an earlier one", shown::text(&text));
                root.mistake_in("token_sources", &text, &fault, "remove one");
            }
            Ok(source) => sources.push(source),
            Err((fault, remedy)) => {
                let fault = format!("{} {fault}", shown::text(&text));
                root.mistake_in("token_sources", &text, &fault, remedy);
            }
        }
    }
    sources
}

/// A place, or what is wrong with it and what to do.
fn token_source(text: &str) -> Result<TokenSource, (&'static str, &'static str)> {
    let no_place = (
        "is not a place for a token",
        "write \"header:NAME\", \"query:NAME\", \"cookie:NAME\" or \"subprotocol:NAME\"",
    );
    let (place, name) = text.split_once(':').ok_or(no_place)?;
    let is_query = place == "query" && !name.is_empty();
    if !is_query && !is_http_token(name) {
        return Err(no_place);
    }
    // The names of headers are the same in every letter case (RFC 9110 5.1).
    let source = match place {
        "header" => TokenSource::Header(name.to_ascii_lowercase()),
        "query" => TokenSource::Query(name.to_owned()),
        "cookie" => TokenSource::Cookie(name.to_owned()),
        "subprotocol" => TokenSource::Subprotocol(name.to_owned()),
        _ => return Err(no_place),
    };
    if name.contains('*') {
        return Err((
            "has a `*` in it, and names are compared as they are written",
            "write the whole name",
        ));
    }
    Ok(source)
}

/// The ways in which a token may be written in `Authorization`.
pub(super) fn authorization_schemes(root: &mut Section<'_>) -> Vec<AuthorizationScheme> {
    const KEY: &str = "authorization_schemes";
    let default = || vec![AuthorizationScheme::BEARER.to_owned()];
    let texts = root.list(KEY).unwrap_or_else(default);
    for (at, text) in texts.iter().enumerate() {
        let mut earlier = texts.iter().take(at);
        // One that is there twice, letter by letter, was told.
        let is_same = |own: &String| own != text && own.eq_ignore_ascii_case(text);
        let is_one_of = |names: &[&str]| names.iter().any(|own| own.eq_ignore_ascii_case(text));
        let mistake = if !is_http_token(text) {
            Some((
                "is not a scheme",
                "write the word before the token, as in \"Bearer\", or \"none\" for tokens without one",
            ))
        } else if is_one_of(&WITHOUT_TOKEN) {
            Some(("is a scheme that carries no token", "remove it"))
        } else if is_one_of(&WITH_PROOF) {
            Some((
                "is a scheme whose tokens need a proof of possession, which would not be checked",
                "remove it",
            ))
        } else if earlier.any(is_same) {
            Some(("is the same as an earlier one", "remove one"))
        } else {
            None
        };
        if let Some((fault, remedy)) = mistake {
            root.mistake_in(KEY, text, &format!("{} {fault}", shown::text(text)), remedy);
        }
    }
    let scheme = |text: String| {
        if text.eq_ignore_ascii_case("none") {
            AuthorizationScheme::Bare
        } else {
            AuthorizationScheme::Named(text)
        }
    };
    texts.into_iter().map(scheme).collect()
}

/// What an operator should know of a cookie as a place: what is cached may be found without it.
pub(super) fn cookie_warning(sources: &[TokenSource]) -> Option<String> {
    let name = sources.iter().find_map(|source| match source {
        TokenSource::Cookie(name) => Some(name),
        TokenSource::Header(_) | TokenSource::Query(_) | TokenSource::Subprotocol(_) => None,
    })?;
    Some(format!(
        "`token_sources` has `cookie:{name}`: turn result caching off (a TTL of 0) wherever the \
         token may come in a cookie; over HTTP/2 each cookie is a header of its own, and AWS does not \
         say which of them the identity source `Cookie` is, so that an answer may be found by another \
         cookie than the token"
    ))
}

/// A token of RFC 9110 5.6.2, as the names of headers, schemes and cookies (RFC 6265 4.1.1) are.
fn is_http_token(name: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(is_tchar)
}
