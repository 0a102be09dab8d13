//! How a credential is written (RFC 6750 2.1, RFC 9110 11.1 and 11.4), through a `TOKEN` event,
//! which passes the header's value on as it is.

use cognito_authorizer::reason::DenyReason::{MalformedToken, MissingToken};
use cognito_authorizer::token::BearerToken;
use serde_json::json;

use super::Expected;
use crate::support::authorizer::{STAGE, authorizer, issuer_keys, pool_config, verdict};
use crate::support::token::Token;

#[test]
fn a_credential_is_one_bearer_token() {
    let token = Token::access().sign();
    let other = Token::access().claim("jti", "other").sign();
    let malformed = Err(MalformedToken);
    let rows: Vec<(&str, String, Expected)> = vec![
        ("as RFC 6750 writes it", format!("Bearer {token}"), Ok(())),
        ("lower case", format!("bearer {token}"), Ok(())),
        ("upper case", format!("BEARER {token}"), Ok(())),
        ("mixed case", format!("bEaReR {token}"), Ok(())),
        ("empty", String::new(), Err(MissingToken)),
        (
            "scheme and a blank",
            "Bearer ".to_owned(),
            Err(MissingToken),
        ),
        ("scheme alone", "Bearer".to_owned(), malformed),
        ("token alone", token.clone(), malformed),
        ("scheme twice", format!("Bearer Bearer {token}"), malformed),
        ("two blanks", format!("Bearer  {token}"), malformed),
        ("tab", format!("Bearer\t{token}"), malformed),
        ("blank and tab", format!("Bearer \t{token}"), malformed),
        ("newline", format!("Bearer\n{token}"), malformed),
        ("no-break space", format!("Bearer\u{a0}{token}"), malformed),
        ("leading blank", format!(" Bearer {token}"), malformed),
        ("trailing blank", format!("Bearer {token} "), malformed),
        ("trailing newline", format!("Bearer {token}\r\n"), malformed),
        ("trailing comma", format!("Bearer {token},"), malformed),
        ("leading comma", format!(",Bearer {token}"), malformed),
        (
            "two by a comma",
            format!("Bearer {token},Bearer {other}"),
            malformed,
        ),
        (
            "two by a comma and a blank",
            format!("Bearer {token}, Bearer {other}"),
            malformed,
        ),
        (
            "the same twice",
            format!("Bearer {token},Bearer {token}"),
            malformed,
        ),
        (
            "two tokens, one scheme",
            format!("Bearer {token} {other}"),
            malformed,
        ),
        (
            "two tokens by a comma",
            format!("Bearer {token},{other}"),
            malformed,
        ),
        ("colon", format!("Bearer: {token}"), malformed),
        ("equals", format!("Bearer={token}"), malformed),
        ("parameter", format!("Bearer token=\"{token}\""), malformed),
        ("quoted", format!("Bearer \"{token}\""), malformed),
        ("Basic", format!("Basic {token}"), malformed),
        ("DPoP", format!("DPoP {token}"), malformed),
        ("Token", format!("Token {token}"), malformed),
        ("JWT", format!("JWT {token}"), malformed),
        ("prefix of the scheme", format!("Beare {token}"), malformed),
        ("longer scheme", format!("Bearerx {token}"), malformed),
        ("homoglyph", format!("B\u{435}arer {token}"), malformed),
        ("NUL", format!("Bearer {token}\0"), malformed),
        ("data behind", format!("Bearer {token};x=1"), malformed),
    ];
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(""), &served);
    for (case, value, expected) in rows {
        let event = json!({
            "type": "TOKEN",
            "authorizationToken": value,
            "methodArn": format!("{STAGE}/GET/books"),
        });
        let verdict = verdict(&authorizer, &event);
        assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{case}");
    }
}

/// What is configured beside `Bearer` counts, and nothing else: no attack on the form of a credential
/// passes because another form counts.
#[test]
fn a_configured_scheme_opens_no_other() {
    let token = Token::access().sign();
    let other = Token::access().claim("jti", "other").sign();
    let malformed = Err(MalformedToken);
    // How the credential is written, and whether it counts for `none` and for `Token` beside `Bearer`.
    let rows: Vec<(String, Expected, Expected)> = vec![
        (format!("Bearer {token}"), Ok(()), Ok(())),
        (token.clone(), Ok(()), malformed),
        (format!("Token {token}"), malformed, Ok(())),
        (format!("TOKEN {token}"), malformed, Ok(())),
        (format!("none {token}"), malformed, malformed),
        (format!("DPoP {token}"), malformed, malformed),
        (format!("Basic {token}"), malformed, malformed),
        (format!("{token} {token}"), malformed, malformed),
        (format!("{token},{other}"), malformed, malformed),
        (format!("{token}, {other}"), malformed, malformed),
        (format!("{token};x=1"), malformed, malformed),
        (format!(" {token}"), malformed, malformed),
        (format!("{token} "), malformed, malformed),
        (format!("{token}\t"), malformed, malformed),
        (format!("\"{token}\""), malformed, malformed),
        (format!("Bearer{token}"), malformed, malformed),
        (format!("Bearer\t{token}"), malformed, malformed),
        (format!("Bearer  {token}"), malformed, malformed),
        (format!("Bearer Bearer {token}"), malformed, malformed),
        (format!("Bearer Token {token}"), malformed, malformed),
        (format!("Token Token {token}"), malformed, malformed),
        (format!("Token  {token}"), malformed, malformed),
        (format!("Token\t{token}"), malformed, malformed),
        (format!("Token: {token}"), malformed, malformed),
        (
            format!("Token {token},Bearer {other}"),
            malformed,
            malformed,
        ),
        ("Bearer".to_owned(), malformed, malformed),
        ("Token ".to_owned(), malformed, Err(MissingToken)),
        (String::new(), Err(MissingToken), Err(MissingToken)),
    ];
    let served = issuer_keys();
    let of = |schemes: &str| {
        let schemes = format!("authorization_schemes = [\"Bearer\", \"{schemes}\"]\n");
        authorizer(&format!("{schemes}{}", pool_config("")), &served)
    };
    let (bare, named) = (of("none"), of("Token"));
    for (value, of_bare, of_named) in rows {
        let event = json!({
            "type": "TOKEN",
            "authorizationToken": value,
            "methodArn": format!("{STAGE}/GET/books"),
        });
        for (authorizer, expected) in [(&bare, of_bare), (&named, of_named)] {
            let verdict = verdict(authorizer, &event);
            assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{value}");
        }
    }
}

/// RFC 9110 5.2 and RFC 6750 2: more than one value for a credential is nobody's request, in
/// whichever of an event's two forms of its headers it shows.
#[test]
fn a_request_has_one_credential() {
    let token = format!("Bearer {}", Token::access().sign());
    let other = format!("Bearer {}", Token::access().claim("jti", "other").sign());
    let both = format!("{token},{other}");
    let many = format!("{token}, {other}");
    let malformed = Err(MalformedToken);
    // The members `headers` and `multiValueHeaders`.
    let rows = [
        (
            "once",
            json!({"Authorization": token}),
            json!({"Authorization": [token]}),
            Ok(()),
        ),
        (
            "single form alone",
            json!({"authorization": token}),
            json!(null),
            Ok(()),
        ),
        (
            "list form alone",
            json!(null),
            json!({"AUTHORIZATION": [token]}),
            Ok(()),
        ),
        (
            "nowhere",
            json!({"Accept": "*/*"}),
            json!({}),
            Err(MissingToken),
        ),
        (
            "null",
            json!({"Authorization": null}),
            json!({"Authorization": null}),
            Err(MissingToken),
        ),
        (
            "empty",
            json!({"Authorization": ""}),
            json!({"Authorization": [""]}),
            Err(MissingToken),
        ),
        (
            "two values",
            json!({"Authorization": other}),
            json!({"Authorization": [token, other]}),
            malformed,
        ),
        (
            "the same value twice",
            json!({"Authorization": token}),
            json!({"Authorization": [token, token]}),
            malformed,
        ),
        (
            "two values, list alone",
            json!(null),
            json!({"Authorization": [token, other]}),
            malformed,
        ),
        (
            "the forms disagree",
            json!({"Authorization": token}),
            json!({"Authorization": [other]}),
            malformed,
        ),
        (
            "two spellings",
            json!({"Authorization": token, "authorization": other}),
            json!(null),
            malformed,
        ),
        (
            "two spellings, same value",
            json!({"Authorization": token, "authorization": token}),
            json!(null),
            malformed,
        ),
        (
            "two spellings, list form",
            json!(null),
            json!({"Authorization": [token], "authorization": [other]}),
            malformed,
        ),
        (
            "spelt otherwise in each form",
            json!({"Authorization": token}),
            json!({"authorization": [other]}),
            malformed,
        ),
        (
            "joined by a comma",
            json!({"Authorization": both}),
            json!({"Authorization": [both]}),
            malformed,
        ),
        (
            "joined by a comma and a blank",
            json!({"Authorization": many}),
            json!({"Authorization": [many]}),
            malformed,
        ),
        (
            "an empty one besides",
            json!({"Authorization": token}),
            json!({"Authorization": [token, ""]}),
            malformed,
        ),
    ];
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(""), &served);
    for (case, headers, multi_value_headers, expected) in rows {
        let event = json!({
            "type": "REQUEST",
            "methodArn": format!("{STAGE}/GET/books"),
            "resource": "/books",
            "path": "/books",
            "httpMethod": "GET",
            "headers": headers,
            "multiValueHeaders": multi_value_headers,
        });
        let verdict = verdict(&authorizer, &event);
        assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{case}");
    }
}

/// A token that stands alone, as in a query parameter, has only characters of a compact JWS.
#[test]
fn a_bare_token_has_no_other_characters() {
    assert!(BearerToken::from_bare("aZ09-_.aZ09-_.aZ09-_").is_ok());
    assert_eq!(BearerToken::from_bare("").err(), Some(MissingToken));
    for other in (0..=u8::MAX).map(char::from) {
        if !other.is_ascii_alphanumeric() && !"-_.".contains(other) {
            let text = format!("a.b{other}.c");
            let refused = BearerToken::from_bare(&text).err();
            assert_eq!(refused, Some(MalformedToken), "{other:?}");
        }
    }
}
