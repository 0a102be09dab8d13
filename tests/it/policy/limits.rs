//! Policies that do not follow from the routes alone: other scopes of a policy, no table, scopes
//! that everything needs, and the length that a resource may have.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::decision::{Rules, decide};
use cognito_authorizer::policy::{
    MAX_POLICY_CHARS, MAX_RESOURCE_CHARS, Policies, PolicyScope, Warning,
};
use cognito_authorizer::reason::DenyReason;

use super::text::{check_api, check_policy, resources, table};
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
        let policies = Policies::new(table(&[routes]));
        let arn = arn("GET", &format!("/{literal}"));
        let claims = ann();
        let decision = decide(policies.rules(), &claims, &(&arn).into());
        let policy = policies.document(PolicyScope::Api, &claims, &arn, &decision);
        assert_eq!(policy.err(), expected, "{what}");
    }
}

#[test]
fn a_claim_stands_in_a_policy_as_a_path_spells_it() {
    let routes = ["own GET /users/{id}", "open GET /b"];
    let rules = table(&routes);
    let none: &[&str] = &[];
    for (subject, spellings) in [
        ("ann", &["ann"][..]),
        (
            "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
            &["0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88"],
        ),
        (
            "Ann-1_x.y~z@example",
            &["Ann-1_x.y~z%40example", "Ann-1_x.y~z@example"],
        ),
        ("a:b", &["a%3Ab", "a:b"]),
        ("a+b;c", &["a%2Bb%3Bc", "a+b;c"]),
        ("a b", &["a%20b"]),
        ("\u{e4}", &["%C3%A4"]),
        ("{1}", &["%7B1%7D"]),
        ("", none),
        (".", none),
        ("..", none),
        ("*", none),
        ("a*", none),
        ("?", none),
        ("a/b", none),
        ("a\\b", none),
        ("${aws:username}", none),
        ("a%2fb", none),
        ("a\u{0}", none),
    ] {
        let claims = claims(Token::access().claim("scope", "may").claim("sub", subject));
        let policy = policy(PolicyScope::Api, &rules, &claims, &arn("GET", "/b"));
        let own: Vec<String> = spellings
            .iter()
            .map(|own| format!("GET/users/{own}"))
            .collect();
        let own = own.iter().map(String::as_str);
        let allow: Vec<&str> = ["GET/b"].into_iter().chain(own).collect();
        let deny: &[&str] = if spellings.is_empty() {
            &["GET/users/*"]
        } else {
            &[]
        };
        check_api(subject, &routes, &policy, &allow, deny);
    }
}

#[test]
fn a_verb_without_an_open_route_is_denied_as_a_whole() {
    for (routes, expected) in [
        (
            &["open GET /a"][..],
            &["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"][..],
        ),
        (
            &[
                "open GET /a",
                "shut POST /a",
                "shut POST /b/{c}",
                "own PUT /{id}",
            ],
            &["DELETE", "HEAD", "OPTIONS", "PATCH", "POST"],
        ),
        (&["open ANY /a"], &[]),
        (&["open ANY /a", "shut POST /a"], &["POST"]),
    ] {
        let policy = policy(PolicyScope::Api, &table(routes), &ann(), &arn("GET", "/a"));
        let denies = resources(&policy, "Deny").into_iter();
        let verbs = denies.filter_map(|deny| deny.strip_suffix("/*").map(str::to_owned));
        let verbs: Vec<String> = verbs
            .filter(|verb| !verb.contains(['/', '*', '.']))
            .collect();
        assert_eq!(verbs, expected, "{routes:?}");
    }
}

/// How many characters a policy has, as API Gateway gets it, and whether it is for one request.
#[track_caller]
fn size(rules: &Rules, claims: &Claims, path: &str) -> (usize, bool) {
    let policy = policy(PolicyScope::Api, rules, claims, &arn("GET", path));
    let all = resources(&policy, "Allow").len() + resources(&policy, "Deny").len();
    (policy.to_string().len(), all == 1)
}

#[test]
fn a_policy_has_at_most_8192_characters() {
    for (count, is_for_one) in [(10, false), (60, false), (80, false), (120, true)] {
        let open: Vec<String> = (0..count).map(|at| format!("open GET /a/{at}")).collect();
        let closed = (0..count).map(|at| format!("shut GET /b/{at}/c"));
        let routes: Vec<String> = open.into_iter().chain(closed).collect();
        let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
        let rules = table(&routes);
        let (chars, is_alone) = size(&rules, &ann(), "/a/0");
        assert!(chars <= MAX_POLICY_CHARS, "{count} routes: {chars}");
        assert_eq!(is_alone, is_for_one, "{count} routes");
        let warnings = Policies::new(rules);
        let warnings = warnings.warnings().into_iter();
        let told: Vec<bool> = warnings
            .filter(|own| matches!(own, Warning::TooLarge { .. }))
            .map(|_| true)
            .collect();
        assert_eq!(told.is_empty(), count < 60, "{count} routes");
    }
}

#[test]
fn a_policy_has_at_most_50_values_of_a_bound_parameter() {
    let rules = table(&["member GET /t/{id}"]);
    for (count, is_for_one) in [(1, false), (50, false), (51, true)] {
        let teams: Vec<String> = (0..count).map(|at| format!("t{at}")).collect();
        let claims = claims(Token::access().claim("teams", teams));
        let (_, is_alone) = size(&rules, &claims, "/t/t0");
        assert_eq!(is_alone, is_for_one, "{count} values");
    }
}
