//! What the scopes of a route ask of a token, and when asking the one is asking the other.

use cognito_authorizer::decision::Rules;
use cognito_authorizer::policy::{Policies, Warning};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::route::{Conditions, Requirements, Route, RouteTable};

use crate::support::claims::claims;
use crate::support::token::Token;

fn words(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// Reads `scopes; any_scope; any_of`, whose lists stand between bars.
fn needs(text: &str) -> Requirements {
    let mut parts = text.split(';');
    let mut part = || parts.next().unwrap_or_default().trim();
    Requirements {
        all: Conditions {
            scopes: words(part()),
            any_scope: words(part()),
            ..Conditions::default()
        },
        any_of: match part() {
            "" => None,
            "nobody" => Some(Vec::new()),
            lists => Some(
                lists
                    .split('|')
                    .map(|list| Conditions::of_scopes(words(list)))
                    .collect(),
            ),
        },
        ..Requirements::default()
    }
}

#[test]
fn each_condition_on_scopes_must_hold() {
    let rows = [
        ("", "", true),
        ("a b", "b c a", true),
        ("a b", "a c", false),
        ("; a b", "b", true),
        ("; a b", "c", false),
        (";; a b | c", "a b", true),
        (";; a b | c", "c", true),
        (";; a b | c", "a", false),
        (";; a b | c", "b d", false),
        (";; a", "a", true),
        (";; nobody", "a b c", false),
        (";; nobody", "", false),
        ("a; b c; d | b e", "a c d", true),
        ("a; b c; d | b e", "a b e", true),
        ("a; b c; d | b e", "c d", false),
        ("a; b c; d | b e", "a d", false),
        ("a; b c; d | b e", "a c e", false),
    ];
    for (route, scopes, expected) in rows {
        let claims = claims(Token::access().claim("scope", scopes));
        let route = Route::parse("GET /a", needs(route)).unwrap();
        let outcome = route.permits(&claims).map(drop);
        let reason = DenyReason::InsufficientScope;
        let expected = if expected { Ok(()) } else { Err(reason) };
        assert_eq!(outcome, expected, "`{scopes}` for {route:?}");
    }
}

/// One policy cannot tell `GET /{proxy+}` from `GET /a/{id}`, which is worth a warning wherever
/// some token may call the former and not the latter.
#[test]
fn what_implies_what_is_known() {
    let rows = [
        ("a b", "a", true),
        ("a", "a b", false),
        ("a", "; a b", true),
        ("; a b", "; b a c", true),
        ("; a b", "; a", false),
        (";; a b | c", ";; a | c", true),
        (";; a b | c", ";; a b", false),
        (";; a b | c", "; a c", true),
        (";; a b | a c", "a", true),
        ("; a b", ";; a | b", true),
        ("; a b", ";; a b", false),
        ("a; b c", ";; a b | a c", true),
        ("a", ";; a b | c", false),
        (";; nobody", "a", true),
        (";; nobody", ";; nobody", true),
        ("a", ";; nobody", false),
    ];
    for (open, refused, implies) in rows {
        let route = |name: &str, text: &str| Route::parse(name, needs(text)).unwrap();
        let routes = vec![route("GET /{proxy+}", open), route("GET /a/{id}", refused)];
        let table = RouteTable::new(routes).unwrap();
        let policies = Policies::new(Rules {
            required_scopes: Vec::new(),
            table: Some(table),
        });
        let mut warnings = policies.warnings().into_iter();
        let is_told = warnings.any(|warning| matches!(warning, Warning::Inseparable { .. }));
        assert_eq!(!is_told, implies, "`{open}` implies `{refused}`");
    }
}
