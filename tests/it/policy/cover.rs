//! The rules of the cover, one table each: which resources a policy allows and denies.
//!
//! A route is written after what it is to the token: `open`, `shut`, or `own` where its `{id}`
//! must be the token's subject, which is `ann`.
//!
//! Left out of the rows, as tests of their own look at it: the Denies of paths for their spelling,
//! and those of the verbs that no route of a row has.

use cognito_authorizer::decision::{Decision, Rules, decide};
use cognito_authorizer::policy::{Evaluation, PolicyDocument, PolicyScope, express};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::route::{Requirements, Route, RouteTable};
use serde_json::Value;

use super::{arn, document, policy};
use crate::support::authorizer::STAGE;
use crate::support::claims::claims;
use crate::support::token::Token;

struct Row<'a> {
    what: &'a str,
    routes: &'a [&'a str],
    request: &'a str,
    allow: &'a [&'a str],
    deny: &'a [&'a str],
}

fn route(line: &str) -> Route {
    let (access, name) = line.split_once(' ').unwrap();
    let mut needs = Requirements::default();
    match access {
        "open" => needs.scopes = vec!["may".to_owned()],
        "shut" => needs.scopes = vec!["may".to_owned(), "may/not".to_owned()],
        "own" => needs.bind = vec![("id".to_owned(), "sub".to_owned())],
        other => panic!("no such access: {other}"),
    }
    Route::parse(name, needs).unwrap()
}

pub(super) fn table(routes: &[&str]) -> Rules {
    Rules {
        required_scopes: Vec::new(),
        table: Some(RouteTable::new(routes.iter().map(|line| route(line)).collect()).unwrap()),
    }
}

fn token() -> Token {
    Token::access().claim("scope", "may").claim("sub", "ann")
}

/// The resources of one effect, without the stage.
#[track_caller]
fn resources(policy: &Value, effect: &str) -> Vec<String> {
    let statements = policy["Statement"].as_array().unwrap();
    let statement = statements
        .iter()
        .find(|statement| statement["Effect"] == effect);
    let list = statement.map(|statement| statement["Resource"].as_array().unwrap());
    let strip = |resource: &Value| {
        let resource = resource.as_str().unwrap().strip_prefix(STAGE).unwrap();
        resource.strip_prefix('/').unwrap().to_owned()
    };
    list.into_iter().flatten().map(strip).collect()
}

#[track_caller]
pub(super) fn check_policy(what: &str, policy: &Value, allow: &[&str], deny: &[&str]) {
    assert_eq!(resources(policy, "Allow"), allow, "{what}: Allow");
    assert_eq!(resources(policy, "Deny"), deny, "{what}: Deny");
}

/// Whether a Deny is of a spelling, whatever the verb.
fn is_of_spelling(resource: &str) -> bool {
    resource.starts_with('*') && resource != "*"
}

/// Checks a policy for a table's routes, without what goes without saying.
#[track_caller]
pub(super) fn check_api(
    what: &str,
    routes: &[&str],
    policy: &Value,
    allow: &[&str],
    deny: &[&str],
) {
    let has = |verb: &str| {
        let mut verbs = routes.iter().map(|route| route.split(' ').nth(1).unwrap());
        verbs.any(|own| own == verb || own == "ANY")
    };
    let is_strange = |deny: &str| {
        deny.strip_suffix("/*")
            .is_some_and(|verb| !verb.contains('/') && !has(verb))
    };
    assert_eq!(resources(policy, "Allow"), allow, "{what}: Allow");
    let mut denies = resources(policy, "Deny");
    denies.retain(|deny| !is_of_spelling(deny) && !is_strange(deny));
    assert_eq!(denies, deny, "{what}: Deny");
}

#[track_caller]
fn check(rows: &[Row<'_>]) {
    let claims = claims(token());
    for row in rows {
        let (verb, path) = row.request.split_once(' ').unwrap();
        let policy = policy(
            PolicyScope::Api,
            &table(row.routes),
            &claims,
            &arn(verb, path),
        );
        check_api(row.what, row.routes, &policy, row.allow, row.deny);
    }
}

#[test]
fn what_is_closed_is_denied_without_being_asked_for() {
    check(&[
        Row {
            what: "a literal, with and without a slash at its end",
            routes: &["open GET /a", "shut GET /b"],
            request: "GET /a",
            allow: &["GET/a"],
            deny: &["GET/*/", "GET/b"],
        },
        Row {
            what: "all that lies below a place at once",
            routes: &[
                "open GET /a",
                "shut GET /b/{id}",
                "shut GET /b/{id}/c",
                "shut GET /b/{id}/d/{e}",
            ],
            request: "GET /a",
            allow: &["GET/a"],
            deny: &["GET/b/*"],
        },
        Row {
            what: "below a parameter, if something else is open below the place",
            routes: &[
                "open GET /b/me",
                "shut GET /b/{id}/c",
                "shut GET /b/{id}/d/{e}",
            ],
            request: "GET /b/me",
            allow: &["GET/b/me"],
            deny: &["GET/b/*/*"],
        },
        Row {
            what: "one by one, where one is open below the place",
            routes: &[
                "open GET /b/c",
                "shut GET /b/d",
                "shut GET /b/e",
                "shut GET /f/{g}",
            ],
            request: "GET /b/c",
            allow: &["GET/b/c"],
            deny: &["GET/*/", "GET/b/d", "GET/b/e", "GET/f/*"],
        },
        Row {
            what: "once, below a parameter that is allowed too",
            routes: &[
                "open GET /a/{x}",
                "open GET /a/{x}/d",
                "shut GET /a/{x}/c/{y}",
                "shut GET /a/{x}/c/{y}/w",
            ],
            request: "GET /a/1",
            allow: &["GET/a/*", "GET/a/*/d"],
            deny: &["GET/*/", "GET/a/*/*/d", "GET/a/*/c/*"],
        },
        Row {
            what: "unless an open literal would be hit",
            routes: &["open GET /users/me", "shut GET /users/{id}"],
            request: "GET /users/me",
            allow: &["GET/users/me"],
            deny: &[],
        },
        Row {
            what: "unless one's own would be hit",
            routes: &["own GET /users/{id}/loans", "shut GET /users/{id}"],
            request: "GET /users/ann/loans",
            allow: &["GET/users/ann/loans"],
            deny: &[],
        },
        Row {
            what: "whatever one's own is, if it is not hit",
            routes: &[
                "own GET /users/{id}",
                "shut GET /users/{id}/loans",
                "shut GET /users",
            ],
            request: "GET /users/ann",
            allow: &["GET/users/ann"],
            deny: &["GET/*/", "GET/users", "GET/users/*/*"],
        },
    ]);
}

#[test]
fn a_parameter_is_one_segment() {
    check(&[
        Row {
            what: "what lies deeper, and the parent with a slash, is denied",
            routes: &["open GET /books/{id}"],
            request: "GET /books/1",
            allow: &["GET/books/*"],
            deny: &["GET/*/", "GET/books/*/*"],
        },
        Row {
            what: "a literal sibling that is shut",
            routes: &["open GET /books/{id}", "shut GET /books/new"],
            request: "GET /books/1",
            allow: &["GET/books/*"],
            deny: &["GET/*/", "GET/books/*/*", "GET/books/new"],
        },
        Row {
            what: "a literal sibling that is open",
            routes: &["shut GET /books/{id}", "open GET /books/new"],
            request: "GET /books/new",
            allow: &["GET/books/new"],
            deny: &[],
        },
        Row {
            what: "a deeper route that is shut",
            routes: &["open GET /books/{id}", "shut GET /books/{id}/loans"],
            request: "GET /books/1",
            allow: &["GET/books/*"],
            deny: &["GET/*/", "GET/books/*/*"],
        },
        Row {
            what: "a deeper route that is open, so that what lies deeper cannot be denied",
            routes: &["open GET /books/{id}", "open GET /books/{id}/loans"],
            request: "GET /books/1",
            allow: &["GET/books/*", "GET/books/*/loans"],
            deny: &["GET/*/", "GET/books/*/*/loans"],
        },
        Row {
            what: "deeper routes, one open and one shut",
            routes: &[
                "open GET /books/{id}",
                "open GET /books/{id}/loans",
                "shut GET /books/{id}/notes",
            ],
            request: "GET /books/1",
            allow: &["GET/books/*", "GET/books/*/loans"],
            deny: &["GET/*/", "GET/books/*/*/loans", "GET/books/*/notes"],
        },
        Row {
            what: "a parameter in the middle",
            routes: &["open GET /a/{x}/b", "shut GET /a/c/b"],
            request: "GET /a/1/b",
            allow: &["GET/a/*/b"],
            deny: &["GET/*/", "GET/a/*/*/b", "GET/a/c/b"],
        },
        Row {
            what: "only what two patterns have in common is denied, if more would hit",
            routes: &["open GET /{x}/b", "shut GET /a/{y}", "open GET /a/c"],
            request: "GET /1/b",
            allow: &["GET/*/b", "GET/a/c"],
            deny: &["GET/*/*/b", "GET/a/b"],
        },
    ]);
}

#[test]
fn a_greedy_parameter_is_the_rest() {
    check(&[
        Row {
            what: "alone",
            routes: &["open GET /files/{proxy+}"],
            request: "GET /files/a/b",
            allow: &["GET/files/*"],
            deny: &["GET/files/"],
        },
        Row {
            what: "a literal below it that is shut",
            routes: &["open GET /files/{proxy+}", "shut GET /files/a/b"],
            request: "GET /files/a",
            allow: &["GET/files/*"],
            deny: &["GET/files/", "GET/files/a/b", "GET/files/a/b/"],
        },
        Row {
            what: "shut, over a deeper route that is open",
            routes: &["shut GET /files/{proxy+}", "open GET /files/a/b"],
            request: "GET /files/a/b",
            allow: &["GET/files/a/b"],
            deny: &[],
        },
        Row {
            what: "shut, under a parameter that is open",
            routes: &["shut GET /files/{proxy+}", "open GET /files/{id}"],
            request: "GET /files/a",
            allow: &["GET/files/*"],
            deny: &["GET/*/", "GET/files/*/*"],
        },
        Row {
            what: "a deeper greedy one that is shut",
            routes: &["open GET /{proxy+}", "shut GET /admin/{proxy+}"],
            request: "GET /a",
            allow: &["GET/*"],
            deny: &["GET/", "GET/admin/*"],
        },
        Row {
            what: "a parameter that is shut costs what lies deeper too",
            routes: &["open GET /{proxy+}", "shut GET /a/{id}"],
            request: "GET /b",
            allow: &["GET/*"],
            deny: &["GET/", "GET/a/*"],
        },
        Row {
            what: "unless that is what was asked for",
            routes: &["open GET /{proxy+}", "shut GET /a/{id}"],
            request: "GET /a/b/c",
            allow: &["GET/a/b/c"],
            deny: &[],
        },
    ]);
}

#[test]
fn any_stands_for_the_other_verbs() {
    check(&[
        Row {
            what: "the verbs are enumerated",
            routes: &["open ANY /a"],
            request: "GET /a",
            allow: &[
                "DELETE/a",
                "GET/a",
                "HEAD/a",
                "OPTIONS/a",
                "PATCH/a",
                "POST/a",
                "PUT/a",
            ],
            deny: &[],
        },
        Row {
            what: "a verb of its own is shut",
            routes: &["open ANY /a", "shut DELETE /a"],
            request: "GET /a",
            allow: &["GET/a", "HEAD/a", "OPTIONS/a", "PATCH/a", "POST/a", "PUT/a"],
            deny: &["DELETE/*"],
        },
        Row {
            what: "a verb of its own is open",
            routes: &["shut ANY /a", "open GET /a"],
            request: "GET /a",
            allow: &["GET/a"],
            deny: &[
                "DELETE/*",
                "HEAD/*",
                "OPTIONS/*",
                "PATCH/*",
                "POST/*",
                "PUT/*",
            ],
        },
        Row {
            what: "ANY on a literal, that is shut, and a verb on a parameter",
            routes: &["open GET /{id}", "shut ANY /a"],
            request: "GET /b",
            allow: &["GET/*"],
            deny: &[
                "DELETE/*",
                "GET/",
                "GET/*/",
                "GET/*/*",
                "GET/a",
                "HEAD/*",
                "OPTIONS/*",
                "PATCH/*",
                "POST/*",
                "PUT/*",
            ],
        },
        Row {
            what: "ANY on a literal and a verb on a parameter, that is shut",
            routes: &["shut GET /{id}", "open ANY /a"],
            request: "PUT /a",
            allow: &[
                "DELETE/a",
                "GET/a",
                "HEAD/a",
                "OPTIONS/a",
                "PATCH/a",
                "POST/a",
                "PUT/a",
            ],
            deny: &["GET/*"],
        },
    ]);
}

#[test]
fn what_two_routes_may_be_chosen_for_is_open_if_both_are() {
    check(&[
        Row {
            what: "the greedy one is shut",
            routes: &["shut GET /a/{proxy+}", "open GET /{x}/b"],
            request: "GET /c/b",
            allow: &["GET/*/b"],
            deny: &["GET/*/*/b", "GET/a/*"],
        },
        Row {
            what: "the full match is shut",
            routes: &["open GET /a/{proxy+}", "shut GET /{x}/b"],
            request: "GET /a/c",
            allow: &["GET/a/*"],
            deny: &["GET/a/", "GET/a/b", "GET/a/b/"],
        },
        Row {
            what: "both are open",
            routes: &["open GET /a/{proxy+}", "open GET /{x}/b"],
            request: "GET /a/b",
            allow: &["GET/*/b", "GET/a/*"],
            deny: &["GET/a/"],
        },
        Row {
            what: "what they have in common has a route",
            routes: &["open GET /a/{proxy+}", "shut GET /{x}/b", "open GET /a/b"],
            request: "GET /a/b",
            allow: &["GET/a/*", "GET/a/b"],
            deny: &["GET/a/"],
        },
    ]);
}

#[test]
fn a_bound_parameter_is_the_claim() {
    check(&[
        Row {
            what: "alone",
            routes: &["own GET /users/{id}/loans"],
            request: "GET /users/ann/loans",
            allow: &["GET/users/ann/loans"],
            deny: &[],
        },
        Row {
            what: "somebody else's",
            routes: &["own GET /users/{id}/loans"],
            request: "GET /users/bob/loans",
            allow: &["GET/users/ann/loans"],
            deny: &["GET/users/bob/loans"],
        },
        Row {
            what: "before another parameter",
            routes: &["own GET /users/{id}/loans/{loan}"],
            request: "GET /users/ann/loans/1",
            allow: &["GET/users/ann/loans/*"],
            deny: &["GET/*/", "GET/users/ann/loans/*/*"],
        },
        Row {
            what: "a literal that the claim could be is shut",
            routes: &["own GET /users/{id}", "shut GET /users/admin"],
            request: "GET /users/ann",
            allow: &["GET/users/ann"],
            deny: &["GET/*/", "GET/users/admin"],
        },
        Row {
            what: "a literal that the claim is is shut",
            routes: &["own GET /users/{id}", "shut GET /users/ann"],
            request: "GET /users/ann",
            allow: &["GET/users/ann"],
            deny: &["GET/*/", "GET/users/ann"],
        },
        Row {
            what: "the others' below a greedy parameter cannot be denied",
            routes: &["own GET /users/{id}", "open GET /{proxy+}"],
            request: "GET /a",
            allow: &["GET/a", "GET/users/ann"],
            deny: &[],
        },
        Row {
            what: "a greedy rest",
            routes: &["own ANY /users/{id}/{proxy+}", "shut ANY /{proxy+}"],
            request: "PUT /users/ann/a/b",
            allow: &[
                "DELETE/users/ann/*",
                "GET/users/ann/*",
                "HEAD/users/ann/*",
                "OPTIONS/users/ann/*",
                "PATCH/users/ann/*",
                "POST/users/ann/*",
                "PUT/users/ann/*",
            ],
            deny: &[
                "DELETE/users/ann/",
                "GET/users/ann/",
                "HEAD/users/ann/",
                "OPTIONS/users/ann/",
                "PATCH/users/ann/",
                "POST/users/ann/",
                "PUT/users/ann/",
            ],
        },
    ]);
}

/// The Denies of spellings in the policy of a token that may call `GET /a/{x}` beside a route.
#[track_caller]
fn spellings(route: &str) -> Vec<String> {
    let rules = table(&["open GET /a/{x}", route]);
    let policy = policy(
        PolicyScope::Api,
        &rules,
        &claims(token()),
        &arn("GET", "/a/1"),
    );
    let denies = resources(&policy, "Deny").into_iter();
    denies.filter(|deny| is_of_spelling(deny)).collect()
}

#[test]
fn no_other_spelling_reaches_what_is_denied() {
    let ambiguous = [
        "*%2E*", "*%2F*", "*%2e*", "*%2f*", "*/.", "*/..", "*/../*", "*/./*", "*//*",
    ];
    for (route, expected) in [
        ("shut GET /a/a", &["*%61*"][..]),
        ("open GET /a/a", &["*%61*"]),
        ("shut POST /b", &["*%62*"]),
        (
            "shut GET /a/Dbz-1@y",
            &[
                "*%2D*", "*%2d*", "*%31*", "*%40*", "*%44*", "*%62*", "*%79*", "*%7A*", "*%7a*",
            ],
        ),
    ] {
        let mut denies = spellings(route);
        denies.retain(|deny| !ambiguous.contains(&deny.as_str()));
        let expected = [&["*%61*"][..], expected].concat();
        let mut expected: Vec<&str> = expected.into_iter().collect();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(denies, expected, "{route}");
        let all = spellings(route);
        for ambiguous in ambiguous {
            assert!(all.iter().any(|deny| deny == ambiguous), "{ambiguous}");
        }
    }
}

/// A client may write what others open, so that no spelling must change what else a token may call.
#[test]
fn an_odd_spelling_does_not_change_the_policy() {
    for (route, request, decided) in [
        (
            "shut GET /a/@me",
            "/a/x%40y",
            Some(DenyReason::NotExpressible),
        ),
        (
            "shut GET /a/@me",
            "/b/x%40y",
            Some(DenyReason::NoMatchingRoute),
        ),
        ("shut GET /a/me", "/a/x%40y", None),
        ("shut GET /a/me", "/a/%60x%60", None),
        (
            "open GET /a:b",
            "/a/urn%3Aisbn%3A1",
            Some(DenyReason::NotExpressible),
        ),
        ("open GET /ab", "/a/urn%3Aisbn%3A1", None),
    ] {
        let routes = ["open GET /a/{x}", route];
        let (rules, claims) = (table(&routes), claims(token()));
        let usual = document(PolicyScope::Api, &rules, &claims, &arn("GET", "/a/1"));
        let asked = arn("GET", request);
        let decision = decide(&rules, &claims, &(&asked).into());
        let reason = match express(PolicyScope::Api, &rules, &claims, &asked, decision) {
            Decision::Allow(_) => None,
            Decision::Deny(refusal) => Some(refusal.reason()),
        };
        assert_eq!(reason, decided, "{route} {request}");
        let answer = document(PolicyScope::Api, &rules, &claims, &asked);
        let expected = decided.map_or(Evaluation::Allow, |_| Evaluation::ExplicitDeny);
        assert_eq!(answer.evaluate(&asked), expected, "{route} {request}");
        let allows = |policy: &PolicyDocument| policy.statements()[0].resource.clone();
        assert_eq!(allows(&answer), allows(&usual), "{route} {request}");
        assert_eq!(
            answer.evaluate(&arn("GET", "/a/1")),
            Evaluation::Allow,
            "{route} {request}"
        );
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
        let policy = policy(
            PolicyScope::Api,
            &table(routes),
            &claims(token()),
            &arn("GET", "/a"),
        );
        let denies = resources(&policy, "Deny").into_iter();
        let verbs = denies.filter_map(|deny| deny.strip_suffix("/*").map(str::to_owned));
        let verbs: Vec<String> = verbs
            .filter(|verb| !verb.contains(['/', '*', '.']))
            .collect();
        assert_eq!(verbs, expected, "{routes:?}");
    }
}

#[test]
fn the_root_is_covered_by_a_lone_star() {
    check(&[
        Row {
            what: "alone",
            routes: &["open GET /"],
            request: "GET /",
            allow: &["GET/"],
            deny: &[],
        },
        Row {
            what: "shut, beside a parameter",
            routes: &["open GET /{id}", "shut GET /"],
            request: "GET /a",
            allow: &["GET/*"],
            deny: &["GET/", "GET/*/*"],
        },
        Row {
            what: "unknown, beside a parameter",
            routes: &["open GET /{id}"],
            request: "GET /a",
            allow: &["GET/*"],
            deny: &["GET/", "GET/*/*"],
        },
        Row {
            what: "open, beside a greedy parameter",
            routes: &["open GET /{proxy+}", "open GET /"],
            request: "GET /a",
            allow: &["GET/", "GET/*"],
            deny: &[],
        },
        Row {
            what: "open, beside parameters that are shut",
            routes: &["shut GET /{proxy+}", "open GET /"],
            request: "GET /",
            allow: &["GET/"],
            deny: &[],
        },
        Row {
            what: "written without its slash",
            routes: &["open GET /"],
            request: "GET ",
            allow: &["GET", "GET/"],
            deny: &[],
        },
    ]);
}

#[test]
fn a_slash_at_the_end_is_another_path() {
    check(&[
        Row {
            what: "of a literal",
            routes: &["open GET /a"],
            request: "GET /a/",
            allow: &["GET/a"],
            deny: &["GET/a/"],
        },
        Row {
            what: "of what a greedy parameter takes",
            routes: &["open GET /a/{proxy+}"],
            request: "GET /a/b/",
            allow: &["GET/a/*"],
            deny: &["GET/a/"],
        },
        Row {
            what: "of what a greedy parameter takes, though not without it",
            routes: &["open GET /a/{proxy+}", "shut GET /a/b"],
            request: "GET /a/b/",
            allow: &["GET/a/*"],
            deny: &["GET/a/", "GET/a/b", "GET/a/b/"],
        },
        Row {
            what: "of what a greedy parameter that is shut takes",
            routes: &["shut GET /a/{proxy+}", "open GET /a/b"],
            request: "GET /a/b/",
            allow: &["GET/a/b"],
            deny: &["GET/a/b/"],
        },
        Row {
            what: "a route that gets no other path",
            routes: &["open PUT /{x}", "open PUT /{x}/{y+}", "shut ANY /{z+}"],
            request: "PUT /a/b",
            allow: &["PUT/*/*"],
            deny: &[
                "DELETE/*",
                "GET/*",
                "HEAD/*",
                "OPTIONS/*",
                "PATCH/*",
                "POST/*",
                "PUT/*/",
            ],
        },
        Row {
            what: "the same of one verb",
            routes: &["open GET /{x}", "open GET /{x}/{y+}", "shut GET /{z+}"],
            request: "GET /a/b",
            allow: &["GET/*/*"],
            deny: &["GET/*/"],
        },
    ]);
}

#[test]
fn what_cannot_be_said_is_allowed_as_it_is_asked() {
    let routes = [
        "open GET /a/{x}",
        "shut GET /a/{x}/{y}",
        "open GET /a/b/c/{z}",
    ];
    check(&[Row {
        what: "asked for",
        routes: &routes,
        request: "GET /a/1",
        allow: &["GET/a/1", "GET/a/b/c/*"],
        deny: &["GET/*/", "GET/a/b/c/*/*"],
    }]);
}

#[test]
fn a_refused_request_is_denied_by_name() {
    check(&[
        Row {
            what: "beside what the token may call",
            routes: &["open GET /a", "shut POST /a"],
            request: "POST /a",
            allow: &["GET/a"],
            deny: &["POST/*"],
        },
        Row {
            what: "no such route",
            routes: &["open GET /a"],
            request: "GET /b",
            allow: &["GET/a"],
            deny: &["GET/b"],
        },
        Row {
            what: "no such verb",
            routes: &["open GET /a"],
            request: "TRACE /a",
            allow: &["GET/a"],
            deny: &["TRACE/a"],
        },
        Row {
            what: "a token that may call nothing",
            routes: &["shut GET /a"],
            request: "GET /a",
            allow: &[],
            deny: &["*"],
        },
    ]);
}
