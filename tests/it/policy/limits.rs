//! Policies that do not follow from the routes alone: other scopes of a policy, no table, scopes
//! that everything needs, and the length that a resource may have.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::decision::{Rules, decide};
use cognito_authorizer::policy::{MAX_RESOURCE_CHARS, PolicyDocument, PolicyScope};
use cognito_authorizer::reason::DenyReason;

use super::cover::{check_api, check_policy, table};
use super::{arn, policy};
use crate::support::authorizer::STAGE;
use crate::support::claims::claims;
use crate::support::token::Token;

fn ann() -> Claims {
    claims(Token::access().claim("scope", "may").claim("sub", "ann"))
}

#[test]
fn a_policy_for_the_request_names_nothing_else() {
    let rules = table(&["open GET /a/{id}", "open GET /b", "shut GET /c"]);
    for (path, allow, deny) in [
        ("/a/1", vec!["GET/a/1"], vec![]),
        ("/b", vec!["GET/b"], vec![]),
        ("/c", vec![], vec!["GET/c"]),
        ("/d", vec![], vec!["GET/d"]),
    ] {
        let policy = policy(PolicyScope::Request, &rules, &ann(), &arn("GET", path));
        check_policy(path, &policy, &allow, &deny);
    }
}

#[test]
fn without_a_table_the_stage_is_open_or_closed() {
    for (required, allow, deny) in [
        (vec![], vec!["*"], vec![]),
        (vec!["may"], vec!["*"], vec![]),
        (vec!["may", "may/not"], vec![], vec!["*"]),
    ] {
        let rules = Rules {
            required_scopes: required.iter().map(|scope| (*scope).to_owned()).collect(),
            table: None,
        };
        let policy = policy(PolicyScope::Api, &rules, &ann(), &arn("GET", "/a"));
        check_policy(&format!("{required:?}"), &policy, &allow, &deny);
    }
}

#[test]
fn a_required_scope_is_needed_on_every_route() {
    let mut rules = table(&["open GET /a", "own GET /users/{id}"]);
    rules.required_scopes = vec!["may/not".to_owned()];
    for path in ["/a", "/users/ann", "/nowhere"] {
        let policy = policy(PolicyScope::Api, &rules, &ann(), &arn("GET", path));
        check_policy(path, &policy, &[], &["*"]);
    }
}

/// A literal that makes the resource of `GET /{literal}` that long.
fn literal(resource_chars: usize) -> String {
    "a".repeat(resource_chars - STAGE.len() - "/GET/".len())
}

#[test]
fn a_resource_has_at_most_512_characters() {
    let longest = literal(MAX_RESOURCE_CHARS);
    let beyond = literal(MAX_RESOURCE_CHARS + 1);
    let parent = literal(MAX_RESOURCE_CHARS - "/*/*".len());
    let too_long = literal(MAX_RESOURCE_CHARS - "/*/*".len() + 1);
    for (what, routes, request, allow, deny) in [
        (
            "an Allow that just fits",
            vec![format!("open GET /{longest}")],
            format!("/{longest}"),
            vec![format!("GET/{longest}")],
            vec![],
        ),
        (
            "an Allow that does not fit is left out",
            vec![format!("open GET /{beyond}"), "open GET /b".to_owned()],
            "/b".to_owned(),
            vec!["GET/b".to_owned()],
            vec![],
        ),
        (
            "an Allow whose Deny just fits",
            vec!["open GET /{id}".to_owned(), format!("shut GET /{longest}")],
            "/b".to_owned(),
            vec!["GET/*".to_owned()],
            vec![
                "GET/".to_owned(),
                "GET/*/*".to_owned(),
                format!("GET/{longest}"),
            ],
        ),
        (
            "an Allow whose Deny does not fit is left out, but for the request",
            vec!["open GET /{id}".to_owned(), format!("shut GET /{beyond}")],
            "/b".to_owned(),
            vec!["GET/b".to_owned()],
            vec![],
        ),
        (
            "an Allow whose Deny of what lies deeper just fits",
            vec![format!("open GET /{parent}/{{id}}")],
            format!("/{parent}/1"),
            vec![format!("GET/{parent}/*")],
            vec!["GET/*/".to_owned(), format!("GET/{parent}/*/*")],
        ),
        (
            "an Allow whose Deny of what lies deeper does not fit, though that is no route",
            vec![format!("open GET /{too_long}/{{id}}")],
            format!("/{too_long}/1"),
            vec![format!("GET/{too_long}/1")],
            vec![],
        ),
        (
            "closed by name, though with a slash at its end it does not fit",
            vec![
                "open GET /b".to_owned(),
                "open GET /c/{rest+}".to_owned(),
                format!("shut GET /{longest}"),
            ],
            "/b".to_owned(),
            vec!["GET/b".to_owned(), "GET/c/*".to_owned()],
            vec![format!("GET/{longest}"), "GET/c/".to_owned()],
        ),
    ] {
        let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
        let policy = policy(
            PolicyScope::Api,
            &table(&routes),
            &ann(),
            &arn("GET", &request),
        );
        let allow: Vec<&str> = allow.iter().map(String::as_str).collect();
        let deny: Vec<&str> = deny.iter().map(String::as_str).collect();
        check_api(what, &routes, &policy, &allow, &deny);
    }
}

#[test]
fn a_request_that_must_be_named_and_is_too_long_is_refused() {
    let literal = literal(MAX_RESOURCE_CHARS + 1);
    for (what, routes, expected) in [
        ("open, by a resource that fits", "open GET /{proxy+}", None),
        (
            "open, by itself only",
            &*format!("open GET /{literal}"),
            Some(DenyReason::InvalidPath),
        ),
        ("shut", "open GET /b", Some(DenyReason::InvalidPath)),
    ] {
        let rules = table(&[routes]);
        let arn = arn("GET", &format!("/{literal}"));
        let claims = ann();
        let decision = decide(&rules, &claims, &(&arn).into());
        let policy = PolicyDocument::new(PolicyScope::Api, &rules, &claims, &arn, &decision);
        assert_eq!(policy.err(), expected, "{what}");
    }
}

#[test]
fn a_claim_stands_in_a_policy_only_if_it_means_nothing_there() {
    let routes = ["own GET /users/{id}", "open GET /b"];
    let rules = table(&routes);
    for (subject, bindable) in [
        ("ann", true),
        ("Ann-1_x.y~z@example", true),
        ("0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88", true),
        ("", false),
        (".", false),
        ("..", false),
        ("*", false),
        ("a*", false),
        ("?", false),
        ("a/b", false),
        ("a:b", false),
        ("${aws:username}", false),
        ("a%2fb", false),
        ("a b", false),
        ("ä", false),
        ("{0}", false),
        ("a\u{0}", false),
    ] {
        let claims = claims(Token::access().claim("scope", "may").claim("sub", subject));
        let policy = policy(PolicyScope::Api, &rules, &claims, &arn("GET", "/b"));
        let own = format!("GET/users/{subject}");
        let allow = if bindable {
            vec!["GET/b", &own]
        } else {
            vec!["GET/b"]
        };
        let deny: &[&str] = if bindable { &[] } else { &["GET/users/*"] };
        check_api(subject, &routes, &policy, &allow, deny);
    }
}
