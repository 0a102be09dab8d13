//! What is said of a table at cold start: which routes one policy cannot tell apart for some
//! token, and which are too long for any.

use cognito_authorizer::route::Warning;

use super::cover::table;

/// Checks the pairs of a route that a cached policy may refuse and the route that is why.
#[track_caller]
fn check(routes: &[&str], expected: &[(&str, &str)]) {
    let table = table(routes).table.unwrap();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for warning in table.warnings() {
        match warning {
            Warning::Inseparable { open, refused, .. } => pairs.push((open.name(), refused.name())),
            Warning::TooLong(route) => pairs.push((route.name(), "")),
        }
    }
    assert_eq!(pairs, expected, "{routes:?}");
}

#[test]
fn routes_that_can_be_told_apart_are_not_mentioned() {
    for routes in [
        &[
            "open GET /books",
            "open GET /books/{id}",
            "shut POST /books",
        ][..],
        &[
            "open GET /books/{id}",
            "shut GET /books/new",
            "shut GET /books/{id}/loans",
        ],
        &[
            "open GET /books/{id}",
            "open GET /books/{id}/loans",
            "shut GET /books/{id}/notes",
        ],
        &[
            "open GET /{proxy+}",
            "open GET /",
            "shut GET /a",
            "shut GET /b/c",
        ],
        &[
            "own GET /users/{id}",
            "own GET /users/{id}/loans/{loan}",
            "shut GET /users/admin",
        ],
        &["shut GET /{proxy+}", "open GET /a/{id}"],
    ] {
        check(routes, &[]);
    }
}

#[test]
fn routes_that_some_policy_confuses_are_mentioned() {
    check(
        &["open GET /{proxy+}", "shut GET /a/{id}"],
        &[("GET /{proxy+}", "GET /a/{id}")],
    );
    check(
        &[
            "open GET /a/{x}",
            "shut GET /a/{x}/{y}",
            "open GET /a/b/c/{z}",
        ],
        &[("GET /a/{x}", "GET /a/{x}/{y}")],
    );
    check(
        &["open ANY /{proxy+}", "own GET /users/{id}"],
        &[("ANY /{proxy+}", "GET /users/{id}")],
    );
}

#[test]
fn routes_that_the_same_tokens_may_call_cannot_be_confused() {
    check(&["open GET /{proxy+}", "open GET /a/{id}"], &[]);
    check(&["shut GET /{proxy+}", "open GET /a/{id}"], &[]);
    check(&["shut GET /{proxy+}", "shut GET /a/{id}"], &[]);
}

#[test]
fn a_route_that_fits_in_no_policy_is_mentioned() {
    // `arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/s`, `/GET/` and the path.
    let fits = format!("GET /{}", "a".repeat(512 - 55 - 5));
    let too_long = format!("{fits}a");
    check(&[&format!("open {fits}")], &[]);
    check(&[&format!("open {too_long}")], &[(&too_long, "")]);
}
