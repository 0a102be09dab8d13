//! What is said of a table at cold start: which routes one policy cannot tell apart for some
//! token, and which are too long for any.

use cognito_authorizer::policy::{Policies, Warning};

use super::text::table;

/// Checks the pairs of a route that a cached policy may refuse and the route that is why.
#[track_caller]
fn check(routes: &[&str], expected: &[(&str, &str)]) {
    let policies = Policies::new(table(routes));
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for warning in policies.warnings() {
        match warning {
            Warning::Inseparable { open, refused, .. } => pairs.push((open.name(), refused.name())),
            Warning::Contested { routes, .. } => pairs.push((routes[0].name(), routes[1].name())),
            Warning::TooLong { route, .. } => pairs.push((route.name(), "")),
            Warning::TooLarge { .. } | Warning::LetsThrough { .. } | Warning::Silent { .. } => {}
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
fn routes_of_which_either_may_be_chosen_are_mentioned() {
    let pair = ("GET /a/{proxy+}", "GET /{x}/b");
    check(&["open GET /a/{proxy+}", "shut GET /{x}/b"], &[pair]);
    check(&["shut GET /a/{proxy+}", "open GET /{x}/b"], &[pair]);
    check(
        &["open GET /a/{x}", "shut ANY /{x}/b"],
        &[("GET /a/{x}", "ANY /{x}/b")],
    );
    check(&["open ANY /a", "shut GET /{x}"], &[("ANY /a", "GET /{x}")]);
    // The same is asked of both, no request is for both, or what they have in common has a route.
    check(&["open GET /a/{proxy+}", "open GET /{x}/b"], &[]);
    check(&["open GET /a/{proxy+}", "shut POST /{x}/b"], &[]);
    check(
        &["open GET /a/{proxy+}", "shut GET /{x}/b", "open GET /a/b"],
        &[],
    );
}

#[test]
fn a_route_that_may_fit_in_no_policy_is_mentioned() {
    // The longest ARN of a stage, `/GET/` and the path.
    let fits = format!("GET /{}", "a".repeat(512 - 194 - 5));
    let too_long = format!("{fits}a");
    check(&[&format!("open {fits}")], &[]);
    check(&[&format!("open {too_long}")], &[(&too_long, "")]);
    // What lies deeper than a parameter must be denied with it: `/*/*` is two longer than its Allow.
    let parent = format!("GET /{}", "a".repeat(512 - 194 - 5 - "/*/*".len()));
    check(&[&format!("open {parent}/{{id}}")], &[]);
    let deeper = format!("{parent}a/{{id}}");
    check(&[&format!("open {deeper}")], &[(&deeper, "")]);
    check(
        &["open GET /{id}", &format!("shut {too_long}")],
        &[(&too_long, ""), ("GET /{id}", &too_long)],
    );
}

#[test]
fn no_warning_names_one_route_twice() {
    // The two are told once, though the verbs differ in another route.
    check(
        &["open ANY /{proxy+}", "shut ANY /a/{id}", "open GET /b"],
        &[("ANY /{proxy+}", "ANY /a/{id}")],
    );
    check_deeper(
        &[
            "open ANY /books/{id}",
            "open ANY /books/{id}/loans",
            "open GET /b",
        ],
        &[("ANY /books/{id}", "ANY /books/{id}/loans")],
    );
    // One's own and others', told in words of its own.
    let policies = Policies::new(table(&["own GET /{x}/{id}/{rest+}"]));
    let warnings = policies.warnings().into_iter();
    let own = warnings.filter(|own| matches!(own, Warning::Inseparable { .. }));
    let told: Vec<String> = own.map(|own| own.to_string()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0].matches("GET /{x}/{id}/{rest+}").count(),
        1,
        "{told:?}"
    );
    // What it cannot be denied for is the route itself, as `/a/b/` in an HTTP API.
    check_deeper(
        &["open GET /{x}/{y}/{rest+}"],
        &[("GET /{x}/{y}/{rest+}", "")],
    );
}

/// Checks the pairs of an open route and one for which what lies deeper cannot be denied.
#[track_caller]
fn check_deeper(routes: &[&str], expected: &[(&str, &str)]) {
    let policies = Policies::new(table(routes));
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for warning in policies.warnings() {
        let Warning::LetsThrough { open, beside, .. } = warning else {
            continue;
        };
        if beside.is_empty() {
            pairs.push((open.name(), ""));
        }
        pairs.extend(beside.iter().map(|route| (open.name(), route.name())));
    }
    assert_eq!(pairs, expected, "{routes:?}");
}

#[test]
fn paths_that_cannot_be_closed_are_known() {
    for (routes, expected) in [
        (&["open GET /books/{id}"][..], &[][..]),
        (&["open GET /books/{id}", "open GET /books"], &[]),
        (
            &["open GET /books/{id}", "open GET /books/{id}/loans"],
            &[("GET /books/{id}", "GET /books/{id}/loans")],
        ),
        (
            &["open GET /books/{id}", "open POST /books/{id}/loans"],
            &[],
        ),
        (&["open GET /books/{id}", "open GET /{proxy+}"], &[]),
        (
            &["open GET /a/{x}/{y}", "open GET /a/{x}/b/c"],
            &[("GET /a/{x}/{y}", "GET /a/{x}/b/c")],
        ),
    ] {
        check_deeper(routes, expected);
    }
}

#[test]
fn routes_that_only_silence_refuses_are_known() {
    let long = format!("shut GET /{}", "a".repeat(512 - 194 - 5));
    let too_long = format!("{long}a");
    for (routes, expected) in [
        (&["open GET /books", "shut GET /books/{id}"][..], &[][..]),
        (&["open GET /books/{id}", "shut GET /books/new"], &[]),
        (&["open GET /{proxy+}", "shut GET /books"], &[]),
        (&["open GET /{proxy+}", "shut GET /books/{id}"], &[]),
        (&["open GET /users/me", "open GET /users/{id}"], &[]),
        (
            &["open GET /users/me", "shut GET /users/{id}"],
            &["GET /users/{id}"],
        ),
        (&["open POST /users/me", "shut GET /users/{id}"], &[]),
        (
            &["open GET /users/{id}/loans", "shut GET /users/{id}"],
            &["GET /users/{id}"],
        ),
        (&["shut GET /{proxy+}", "open GET /a"], &["GET /{proxy+}"]),
        (&["own GET /users/{id}"], &["GET /users/{id}"]),
        (&["open GET /b", &long], &[]),
        (&["open GET /b", &too_long], &[&too_long["shut ".len()..]]),
    ] {
        let policies = Policies::new(table(routes));
        let mut silent: Vec<&str> = Vec::new();
        for warning in policies.warnings() {
            if let Warning::Silent { routes } = warning {
                silent.extend(routes.iter().map(|route| route.name()));
            }
        }
        assert_eq!(silent, expected, "{routes:?}");
    }
}
