//! Scopes that are almost the wanted one (RFC 6749 3.3, RFC 8693 4.2).

use cognito_authorizer::reason::DenyReason::{InsufficientScope, InvalidClaims};
use cognito_authorizer::scope::ScopeSet;
use serde_json::json;

use super::Target;
use crate::support::token::Token;

const SCOPED: &str = "[[routes]]\nroute = \"GET /books\"\nscopes = [\"books/read\"]\n";

/// RFC 6749 3.3: scopes are words between blanks (U+0020), the same to the letter.
#[test]
fn a_scope_is_granted_as_a_whole_word() {
    let granted = [
        "books/read",
        "openid books/read",
        "books/read openid",
        "openid  books/read",
        "  books/read  ",
        "a b c books/read d",
    ];
    let refused = [
        "",
        " ",
        "openid",
        "books/readx",
        "xbooks/read",
        "books/rea",
        "books/read/all",
        "my/books/read",
        "Books/read",
        "BOOKS/READ",
        "books/Read",
        "books",
        "books/",
        "books/*",
        "*",
        "**",
        "books/write",
        "books/read,openid",
        "openid,books/read",
        "openid\tbooks/read",
        "books/read\topenid",
        "books/read\n",
        "openid\nbooks/read",
        "books/read\r",
        "books/read\0",
        "openid\u{a0}books/read",
        "openid\u{2003}books/read",
        "openid\u{3000}books/read",
        "books/\u{200b}read",
        "books/read\u{200b}",
        "\u{feff}books/read",
        "books%2Fread",
        "books\u{2215}read",
        "b\u{43e}oks/read",
        "books.read",
        "\"books/read\"",
        "+books/read",
        "books /read",
    ];
    let target = Target::pool(SCOPED);
    for scope in granted {
        target.check(scope, &Token::access().claim("scope", scope).sign(), Ok(()));
    }
    for scope in refused {
        let token = Token::access().claim("scope", scope).sign();
        target.check(&format!("{scope:?}"), &token, Err(InsufficientScope));
    }
    let absent = Token::access().without("scope");
    target.check("missing", &absent.sign(), Err(InsufficientScope));
    for name in ["scp", "scopes", "Scope", "permissions", "roles"] {
        for value in [json!("books/read"), json!(["books/read"])] {
            let token = absent.clone().claim(name, value).sign();
            target.check(
                &format!("in {name} instead"),
                &token,
                Err(InsufficientScope),
            );
        }
    }
}

/// Duende IdentityServer and Spring Authorization Server write an array of strings. An entry is one
/// word, so that no claim grants more in one form than in the other.
#[test]
fn a_scope_may_be_an_array_of_words() {
    let insufficient = Err(InsufficientScope);
    let rows = [
        (json!(["books/read"]), Ok(())),
        (json!(["openid", "books/read", "openid"]), Ok(())),
        (json!(["", "books/read"]), Ok(())),
        (json!(["a b", "books/read"]), Ok(())),
        (json!([]), insufficient),
        (json!([""]), insufficient),
        (json!(["openid"]), insufficient),
        (json!(["openid books/read"]), insufficient),
        (json!(["books/read "]), insufficient),
        (json!([" books/read"]), insufficient),
        (json!(["books/read\t"]), insufficient),
        (json!(["books/read,openid"]), insufficient),
        (json!(["Books/read"]), insufficient),
        (json!(["books/", "read"]), insufficient),
        (json!(["books/read\u{a0}"]), insufficient),
    ];
    for (scope, expected) in rows {
        let token = Token::access().claim("scope", scope.clone()).sign();
        Target::pool(SCOPED).check(&scope.to_string(), &token, expected);
        Target::pool("").check(&scope.to_string(), &token, Ok(()));
    }
}

/// RFC 8693 4.2: `scope` is a string. One of another type is not guessed at, whatever is asked.
#[test]
fn a_scope_of_another_type_is_malformed() {
    for scope in [
        json!([["books/read"]]),
        json!(["books/read", null]),
        json!(["books/read", 1]),
        json!([{"books/read": true}]),
        json!(null),
        json!(1),
        json!(true),
        json!({"books/read": true}),
    ] {
        let token = Token::access().claim("scope", scope.clone()).sign();
        for routes in ["", SCOPED] {
            Target::pool(routes).check(&scope.to_string(), &token, Err(InvalidClaims));
        }
    }
}

/// What the back end is told of the scopes has no empty words either.
#[test]
fn empty_words_are_no_scopes() {
    let rows = [
        ("a b", Some("a b")),
        ("  a   b/c  ", Some("a b/c")),
        ("a", Some("a")),
        (" ", None),
        ("", None),
    ];
    for (claim, joined) in rows {
        let scopes = ScopeSet::parse(claim);
        assert_eq!(
            scopes.iter().collect::<Vec<_>>().join(" "),
            joined.unwrap_or_default(),
            "{claim:?}"
        );
        assert!(!scopes.contains(""), "{claim:?}");
    }
    let custom = ScopeSet::parse("a  b/c d/e");
    assert_eq!(custom.custom().collect::<Vec<_>>(), ["b/c", "d/e"]);
}
