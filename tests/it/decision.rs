//! Which route a decision names, so that an operator reads where a token was refused.

use cognito_authorizer::Config;
use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::event::{AuthorizationRequest, MethodArn, Operation};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::refusal::{StepName, Unmet};

use crate::support::claims::claims;
use crate::support::token::Token;

const API: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live";

const ROUTES: &str = r#"
required_scopes = ["r/all"]

[[issuers]]
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = "any"

[[routes]]
route = "GET /books"
scopes = ["r/read"]
[[routes]]
route = "GET /users/{id}"
bind = { id = "sub" }
[[routes]]
route = "GET /{x}/b"
scopes = ["r/x"]
[[routes]]
route = "GET /a/{proxy+}"
any_group = ["a"]
[[routes]]
route = "PUT /books"
issuers = ["eu-west-1_AbCdEf123"]
any_scope = ["r/write", "r/admin"]
any_of = [["r/a", "r/b"], ["r/c"]]
any_group = ["editors"]
[[routes]]
route = "DELETE /books"
any_of = "nobody"
[[routes]]
route = "GET /tenants/{t}/{u}"
bind = { t = "tenant", u = "unit" }
[[routes]]
route = "$connect"
scopes = ["r/connect"]
"#;

#[test]
fn a_decision_names_its_route() {
    let config = Config::from_toml(ROUTES).unwrap();
    for (request, scopes, expected) in [
        ("GET/books", "r/all r/read", "granted at GET /books"),
        ("GET/books", "r/all", "insufficient_scope at GET /books"),
        // A scope that everything needs: the route is the one that was called.
        ("GET/books", "r/read", "insufficient_scope at GET /books"),
        ("GET/users/bob", "r/all", "not_bound at GET /users/{id}"),
        ("POST/books", "r/all", "no_matching_route"),
        ("BREW/books", "r/all", "no_matching_route"),
        ("GET/pens", "r/all", "no_matching_route"),
        // Two routes may be meant, and one of them refuses.
        ("GET/a/b", "r/all r/x", "not_in_group at GET /a/{proxy+}"),
        ("$connect", "r/all r/connect", "granted at $connect"),
        ("$connect", "r/all", "insufficient_scope at $connect"),
        ("$connect", "r/connect", "insufficient_scope at $connect"),
    ] {
        let claims = claims(Token::access().claim("scope", scopes));
        let arn = MethodArn::parse(&format!("{API}/{request}")).unwrap();
        let (word, route) = match decide(&config.rules, &claims, &Operation::from(&arn)) {
            Decision::Allow(grant) => ("granted", grant.route()),
            Decision::Deny(refusal) => (refusal.reason().as_str(), refusal.route()),
        };
        let decided = route.map_or(word.to_owned(), |route| format!("{word} at {route}"));
        assert_eq!(decided, expected, "{request} with `{scopes}`");
    }
}

/// What is unmet, in a line each.
fn told(unmet: &Unmet<'_>) -> String {
    match unmet {
        Unmet::RequiredScopes { route, missing } => format!("{route:?} and all: {missing:?}"),
        Unmet::NoRoute { method, segments } => format!("no {method} /{}", segments.join("/")),
        Unmet::NoField => "no field".to_owned(),
        Unmet::Inexpressible { route } => format!("{route:?}: inexpressible"),
        Unmet::Route(route) => {
            assert!(!route.lacks.is_empty(), "{route:?}");
            let choice = if route.candidates.len() > 1 {
                format!(" of {:?}", route.candidates)
            } else {
                String::new()
            };
            format!("{}{choice}: {:?}", route.name, route.lacks)
        }
    }
}

#[test]
fn a_refusal_carries_what_is_missing() {
    let config = Config::from_toml(ROUTES).unwrap();
    let bound = |param: &str, claim: &str, found: &str| {
        format!("Bound {{ param: {param:?}, claim: {claim:?}, found: {found:?} }}")
    };
    let rows: &[(&str, &str, &[&str])] = &[
        (
            "GET/books",
            "r/all",
            &["GET /books: [Scopes([\"r/read\"])]"],
        ),
        (
            "GET/books",
            "r/none",
            &[
                "Some(\"GET /books\") and all: [\"r/all\"]",
                "GET /books: [Scopes([\"r/read\"])]",
            ],
        ),
        (
            "PUT/books",
            "r/all r/a",
            &[
                "PUT /books: [AnyScope([\"r/write\", \"r/admin\"]), AnyGroup([\"editors\"]), \
               Alternatives([[Scopes([\"r/b\"])], [Scopes([\"r/c\"])]])]",
            ],
        ),
        (
            "PUT/books",
            "r/all r/c r/admin",
            &["PUT /books: [AnyGroup([\"editors\"])]"],
        ),
        (
            "DELETE/books",
            "r/all",
            &["DELETE /books: [Alternatives([])]"],
        ),
        (
            "GET/users/bob",
            "r/all",
            &[&format!(
                "GET /users/{{id}}: [{}]",
                bound("id", "sub", "bob")
            )],
        ),
        // A slash at the end and a percent-encoding are read in more than one way.
        (
            "GET/users/bob%40b",
            "r/all",
            &[
                &format!("GET /users/{{id}}: [{}]", bound("id", "sub", "bob%40b")),
                &format!("GET /users/{{id}}: [{}]", bound("id", "sub", "bob@b")),
            ],
        ),
        (
            "GET/tenants/a$b/c",
            "r/all",
            &[
                "GET /tenants/{t}/{u}: [BindableClaim { param: \"t\", claim: \"tenant\" }, \
               Claim { param: \"u\", claim: \"unit\" }]",
            ],
        ),
        ("POST/pens", "r/all", &["no POST /pens"]),
        ("POST/pens/", "r/all", &["no POST /pens/", "no POST /pens"]),
        (
            "GET/a/b",
            "r/all",
            &[
                "GET /a/{proxy+} of [\"GET /a/{proxy+}\", \"GET /{x}/b\"]: [AnyGroup([\"a\"])]",
                "GET /{x}/b of [\"GET /a/{proxy+}\", \"GET /{x}/b\"]: [Scopes([\"r/x\"])]",
            ],
        ),
        (
            "$connect",
            "r/all",
            &["$connect: [Scopes([\"r/connect\"])]"],
        ),
    ];
    for (request, scopes, expected) in rows {
        let token = Token::access()
            .claim("scope", *scopes)
            .claim("tenant", "a$b");
        let arn = MethodArn::parse(&format!("{API}/{request}")).unwrap();
        let claims = claims(token);
        let Decision::Deny(refusal) = decide(&config.rules, &claims, &Operation::from(arn)) else {
            panic!("{request} with `{scopes}` is allowed");
        };
        let found: Vec<String> = refusal.unmet().iter().map(told).collect();
        assert_eq!(found, *expected, "{request} with `{scopes}`");
        assert_eq!(refusal.step(), StepName::Decision);
        assert_eq!(refusal.reason(), refusal.unmet()[0].reason());
    }
}

/// A claim that cannot stand in a policy is bound to nothing, not to itself either.
#[test]
fn a_claim_that_cannot_be_bound_is_missing() {
    let config = Config::from_toml(ROUTES).unwrap();
    let token = Token::access()
        .claim("scope", "r/all")
        .claim("tenant", "a$b")
        .claim("unit", "c");
    let arn = MethodArn::parse(&format!("{API}/GET/tenants/a$b/c")).unwrap();
    let claims = claims(token);
    let Decision::Deny(refusal) = decide(&config.rules, &claims, &Operation::from(arn)) else {
        panic!("allowed");
    };
    let found: Vec<String> = refusal.unmet().iter().map(told).collect();
    let expected = "GET /tenants/{t}/{u}: [BindableClaim { param: \"t\", claim: \"tenant\" }]";
    assert_eq!(found, [expected]);
}

/// A path of a custom domain that is read below each of its slashes is not told of without end.
#[test]
fn what_is_told_of_a_hostile_path_is_bounded() {
    let config = Config::from_toml(ROUTES).unwrap();
    let claims = claims(Token::access().claim("scope", "r/all"));
    let path = "/x".repeat(120);
    let event = serde_json::json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("{API}/GET/z"),
        "rawPath": path,
        "headers": {"host": "api.example.com"},
        "requestContext": {
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.com",
            "http": {"method": "GET", "path": path},
        },
    });
    let request = AuthorizationRequest::parse(&event.to_string(), &[], &[]).unwrap();
    let Decision::Deny(refusal) = decide(&config.rules, &claims, request.operation()) else {
        panic!("allowed");
    };
    assert_eq!(refusal.reason(), DenyReason::NoMatchingRoute);
    assert_eq!(refusal.unmet().len(), 16);
}
