//! Cases of policies, written as text: a name, the routes after what they are to the token, the request
//! that is asked about, and every resource of the answer.
//!
//! ```text
//! # a literal sibling that is closed
//! open GET /books/{id}
//! closed GET /books/new
//! ask GET /books/1
//! + GET/books/*
//! - GET/books/new
//! - POST|PUT/*
//! - spelled bkns
//! ```
//!
//! A route is `open`, `closed`, `own` where its `{id}` must be the token's subject, `member` where it must
//! be one of its teams, or `either` where `{id}` must be the subject or the token be an administrator's.
//! Several verbs stand between bars. `spelled` are the Denies of ambiguous paths and of these characters
//! percent-encoded. `api rest` is a REST API, and `sub` another subject than `ann`.

use std::collections::BTreeSet;

use cognito_authorizer::decision::Rules;
use cognito_authorizer::event::MethodArn;
use cognito_authorizer::policy::PolicyScope;
use cognito_authorizer::route::{Conditions, Requirements, Route, RouteTable};
use serde_json::{Value, json};

use super::{arn, policy};
use crate::support::authorizer::STAGE;
use crate::support::claims::claims;
use crate::support::token::Token;

const AMBIGUOUS: [&str; 9] = [
    "*%2E*", "*%2F*", "*%2e*", "*%2f*", "*/.", "*/..", "*/../*", "*/./*", "*//*",
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn route(line: &str) -> Route {
    let (access, name) = line.split_once(' ').unwrap();
    let bind = |claim: &str| vec![("id".to_owned(), claim.to_owned())];
    let mut needs = Requirements::default();
    match access {
        "open" => needs.all.scopes = words(&["may"]),
        "closed" | "shut" => needs.all.scopes = words(&["may", "may/not"]),
        "own" => needs.all.bind = bind("sub"),
        "member" => needs.all.bind = bind("teams"),
        "either" => {
            let own = Conditions {
                bind: bind("sub"),
                ..Conditions::default()
            };
            needs.any_of = Some(vec![own, Conditions::of_scopes(words(&["may/not"]))]);
        }
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

pub(super) fn token() -> Token {
    let teams = json!(["red", "blue", 7, "a/b"]);
    let token = Token::access().claim("scope", "may").claim("sub", "ann");
    token.claim("teams", teams)
}

/// The resources of one effect, without the stage.
#[track_caller]
pub(super) fn resources(policy: &Value, effect: &str) -> Vec<String> {
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
pub(super) fn is_of_spelling(resource: &str) -> bool {
    resource.starts_with('*') && resource != "*"
}

/// The Denies of ambiguous paths, and of these characters percent-encoded.
fn spelled(characters: &str) -> BTreeSet<String> {
    let bytes = characters.bytes();
    let encoded = bytes.flat_map(|byte| [format!("*%{byte:02X}*"), format!("*%{byte:02x}*")]);
    encoded.chain(words(&AMBIGUOUS)).collect()
}

/// The resources that a line stands for.
fn listed(line: &str) -> BTreeSet<String> {
    if let Some(characters) = line.strip_prefix("spelled") {
        return spelled(characters.trim());
    }
    let (verbs, path) = line.split_at(line.find('/').unwrap_or(line.len()));
    let verbs = verbs.split('|');
    verbs.map(|verb| format!("{verb}{path}")).collect()
}

/// Checks cases, which empty lines part.
#[track_caller]
pub(super) fn check(cases: &str) {
    let cases: Vec<&str> = cases.split("\n\n").collect();
    for case in cases {
        check_one(case);
    }
}

#[track_caller]
fn check_one(case: &str) {
    let (mut routes, mut allow, mut deny) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let (mut what, mut asked, mut is_rest, mut token) = ("", "", false, token());
    for line in case.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once(' ').unwrap() {
            ("#", name) => what = name,
            ("ask", request) => asked = request,
            ("+", resource) => allow.extend(listed(resource)),
            ("-", resource) => deny.extend(listed(resource)),
            ("api", kind) => is_rest = kind == "rest",
            ("sub", subject) => token = token.claim("sub", subject),
            (_, _) => routes.push(line),
        }
    }
    let (verb, path) = asked.split_once(' ').unwrap_or((asked, ""));
    let arn = match arn(verb, path) {
        arn if is_rest => MethodArn::of_rest_api(arn),
        arn => arn,
    };
    let policy = policy(PolicyScope::Api, &table(&routes), &claims(token), &arn);
    let expect = |effect: &str, expected: BTreeSet<String>| {
        let expected: Vec<String> = expected.into_iter().collect();
        assert_eq!(resources(&policy, effect), expected, "{what}: {effect}");
    };
    expect("Allow", allow);
    expect("Deny", deny);
}

/// Checks a policy for a table's routes without the Denies of spellings and of verbs that no route has.
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
