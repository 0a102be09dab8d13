//! The context that the back end receives: flat strings, a function of the token alone.

use cognito_authorizer::context::{MAX_VALUE_BYTES, context, key, principal_id};
use cognito_authorizer::reason::DenyReason;
use serde_json::{Map, Value, json};

use crate::support::claims::claims;
use crate::support::token::{CLIENT, ISSUER, NOW, Token};

fn bare() -> Token {
    let token = Token::access();
    let names = ["sub", "username", "client_id", "token_use", "scope", "jti"];
    names.into_iter().fold(token, Token::without)
}

/// Checks the whole context of a token, with `extra` claims configured.
#[track_caller]
fn check(what: &str, token: Token, extra: &[&str], refusal: Option<DenyReason>, expected: Value) {
    let extra: Vec<String> = extra.iter().map(|name| (*name).to_owned()).collect();
    let context = serde_json::to_value(context(&claims(token), &extra, refusal)).unwrap();
    assert_eq!(context, expected, "{what}");
}

/// What a token without any claim of its own comes to, and `more`.
fn least_and(more: Value) -> Value {
    let mut least = Map::new();
    least.insert("iss".to_owned(), json!(ISSUER));
    least.insert("exp".to_owned(), json!((NOW + 3000).to_string()));
    least.extend(more.as_object().unwrap().clone());
    Value::Object(least)
}

#[test]
fn claims_are_handed_on_under_their_names() {
    for (what, claim, value, expected) in [
        ("sub", "sub", json!("ann"), json!({"sub": "ann"})),
        (
            "username",
            "username",
            json!("ann"),
            json!({"username": "ann"}),
        ),
        (
            "an ID token's",
            "cognito:username",
            json!("ann"),
            json!({"username": "ann"}),
        ),
        (
            "client",
            "client_id",
            json!(CLIENT),
            json!({"client_id": CLIENT}),
        ),
        (
            "scopes",
            "scope",
            json!("openid  a/b  c"),
            json!({"scope": "openid a/b c", "custom_scopes": "a/b"}),
        ),
        (
            "no custom scope",
            "scope",
            json!("openid"),
            json!({"scope": "openid"}),
        ),
        (
            "a scope with a no-break space",
            "scope",
            json!("a/x\u{a0}books/write a/y"),
            json!({"scope": "a/y", "custom_scopes": "a/y"}),
        ),
        (
            "a scope with what ECMAScript splits at",
            "scope",
            json!("a/x\u{feff}books/write"),
            json!({}),
        ),
        ("no scope at all", "scope", json!("  "), json!({})),
        (
            "groups",
            "cognito:groups",
            json!(["a", "b"]),
            json!({"groups": "a b"}),
        ),
        (
            "a group of two words",
            "cognito:groups",
            json!(["x admins", "b"]),
            json!({"groups": "b"}),
        ),
        ("no group", "cognito:groups", json!([]), json!({})),
        (
            "one group as a text",
            "cognito:groups",
            json!("a"),
            json!({"groups": "a"}),
        ),
        (
            "groups of another type",
            "cognito:groups",
            json!(1),
            json!({}),
        ),
        (
            "token_use",
            "token_use",
            json!("access"),
            json!({"token_use": "access"}),
        ),
        ("jti", "jti", json!("1"), json!({"jti": "1"})),
        (
            "exp with a fraction",
            "exp",
            json!(2_000_000_001.9),
            json!({"exp": "2000000001"}),
        ),
        (
            "no claim that is not configured",
            "email",
            json!("a@b"),
            json!({}),
        ),
    ] {
        check(
            what,
            bare().claim(claim, value),
            &[],
            None,
            least_and(expected),
        );
    }
}

#[test]
fn the_name_of_an_extra_claim_becomes_a_key() {
    for (claim, expected) in [
        ("email", "email"),
        ("custom:tenant", "custom_tenant"),
        ("https://example.com/roles", "https___example_com_roles"),
        ("a-b.c d", "a_b_c_d"),
        ("Größe", "Gr__e"),
        ("\"\r\n", "___"),
    ] {
        assert_eq!(key(claim), expected, "{claim}");
        let token = bare().claim(claim, "x");
        check(
            claim,
            token,
            &[claim],
            None,
            least_and(json!({ expected: "x" })),
        );
    }
}

#[test]
fn an_extra_claim_becomes_a_flat_string() {
    for (value, expected) in [
        (json!("x y"), Some("x y")),
        (json!(""), Some("")),
        (json!(true), Some("true")),
        (json!(-1.5), Some("-1.5")),
        (json!(12), Some("12")),
        (json!(null), None),
        (json!([]), None),
        (json!(["a", "b"]), Some("a b")),
        (json!(["a b", "c"]), Some("c")),
        (json!([1, "a"]), Some("[1,\"a\"]")),
        (json!([["a"]]), Some("[[\"a\"]]")),
        (json!({"a": {"b": 1}}), Some("{\"a\":{\"b\":1}}")),
    ] {
        let expected = expected.map_or(json!({}), |text| json!({ "extra": text }));
        let token = bare().claim("extra", value.clone());
        check(
            &value.to_string(),
            token,
            &["extra"],
            None,
            least_and(expected),
        );
    }
    check("absent", bare(), &["extra"], None, least_and(json!({})));
}

#[test]
fn what_would_break_a_header_is_left_out() {
    let longest = "a".repeat(MAX_VALUE_BYTES);
    let too_long = "a".repeat(MAX_VALUE_BYTES + 1);
    let too_long_in_bytes = "ä".repeat(MAX_VALUE_BYTES / 2 + 1);
    for (value, is_kept) in [
        (longest.as_str(), true),
        (&too_long, false),
        (&too_long_in_bytes, false),
        ("a\rb", false),
        ("a\nb", false),
        ("a\r\nx-admin: true", false),
        ("a\tb", false),
        ("a\u{0}", false),
        ("a\u{7f}", false),
        ("a\u{85}", false),
        ("Jürgen ☃", true),
    ] {
        let shown: String = value.chars().take(20).collect();
        for (claim, key) in [("extra", "extra"), ("username", "username"), ("jti", "jti")] {
            let expected = if is_kept {
                json!({ key: value })
            } else {
                json!({})
            };
            let token = bare().claim(claim, value);
            check(&shown, token, &["extra"], None, least_and(expected));
        }
    }
}

#[test]
fn an_extra_claim_never_takes_the_place_of_another() {
    for (claim, key) in [
        ("s:u:b", "s_u_b"),
        ("client-id", "client_id"),
        ("custom.scopes", "custom_scopes"),
    ] {
        let token = Token::access().claim(claim, "forged");
        let plain = context(&claims(Token::access()), &[], None);
        let context = context(&claims(token), &[claim.to_owned()], None);
        let expected = plain.get(key).unwrap_or("forged");
        assert_eq!(context.get(key), Some(expected), "{claim}");
        let text = serde_json::to_string(&context).unwrap();
        assert_eq!(text.contains("forged"), expected == "forged", "{claim}");
    }
}

#[test]
fn a_refusal_names_the_error_of_rfc_6750() {
    for (reason, error) in [
        (DenyReason::InsufficientScope, "insufficient_scope"),
        (DenyReason::NotInGroup, "insufficient_scope"),
        (DenyReason::NotBound, "insufficient_scope"),
        (DenyReason::NoMatchingRoute, "insufficient_scope"),
        (DenyReason::TokenExpired, "invalid_token"),
    ] {
        let expected = least_and(json!({ "error": error }));
        check(reason.as_str(), bare(), &[], Some(reason), expected);
    }
}

#[test]
fn the_principal_is_the_user_or_the_client() {
    for (what, token, expected) in [
        ("a user", Token::access().claim("sub", "ann"), "ann"),
        ("no user", Token::access().without("sub"), CLIENT),
        ("nobody", bare(), "unknown"),
        ("an empty name", Token::access().claim("sub", ""), "unknown"),
        (
            "a name that breaks lines",
            Token::access().claim("sub", "a\nb"),
            "unknown",
        ),
    ] {
        assert_eq!(principal_id(&claims(token)), expected, "{what}");
    }
}
