//! What a route may ask for: groups, claims, alternatives, and claims that are lists, on the first
//! request and from the policy that is kept.

use cognito_authorizer::Config;
use cognito_authorizer::reason::DenyReason::{
    self, InsufficientClaim, InsufficientScope, NotBound, NotInGroup,
};
use cognito_authorizer::verdict::Answer;
use serde_json::{Value, json};

use crate::policy::iam::{Evaluation, Policy};
use crate::support::authorizer::{
    STAGE, authorizer, issuer_keys, pool_config, token_event, verdict,
};
use crate::support::token::Token;

/// A request, and the reason for which it is refused.
type Row = (&'static str, Result<(), DenyReason>);

/// Asks for each request first, and the policy of each for all others.
#[track_caller]
fn check(routes: &str, claims: &Value, rows: &[Row]) {
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(routes), &served);
    let mut token = Token::access();
    let own = claims.as_object().unwrap().clone();
    token.claims.as_object_mut().unwrap().extend(own);
    for (path, expected) in rows {
        let event = token_event(&token.sign(), "GET", path);
        let verdict = verdict(&authorizer, &event);
        let reason = verdict.reason().map_or(Ok(()), Err);
        assert_eq!(reason, *expected, "{path} with {claims}");
        let Answer::Reply(reply) = verdict.into_answer() else {
            panic!("{path}: no reply");
        };
        let reply = serde_json::to_value(reply).unwrap();
        let policy = Policy::read(&reply["policyDocument"]);
        for (later, expected) in rows {
            let says = policy.evaluate(&format!("{STAGE}/GET{later}"));
            assert_eq!(
                says == Evaluation::Allow,
                expected.is_ok(),
                "{later} after {path}: {reply}"
            );
        }
    }
}

#[test]
fn all_groups_of_a_list_are_needed() {
    let routes = "[[routes]]\nroute = \"GET /a\"\ngroups = [\"eu\", \"staff\"]\n[[routes]]\nroute = \
                  \"GET /b\"\nany_group = [\"eu\", \"us\"]\n";
    let with = |groups: Value| json!({"cognito:groups": groups});
    check(
        routes,
        &with(json!(["x", "staff", "eu"])),
        &[("/a", Ok(())), ("/b", Ok(()))],
    );
    check(
        routes,
        &with(json!(["eu"])),
        &[("/a", Err(NotInGroup)), ("/b", Ok(()))],
    );
    check(
        routes,
        &with(json!("eu staff")),
        &[("/a", Err(NotInGroup)), ("/b", Err(NotInGroup))],
    );
}

#[test]
fn a_claim_may_be_asked_for_by_one_route() {
    let routes = "[[routes]]\nroute = \"GET /books\"\n[[routes]]\nroute = \"GET /admin\"\n\
                  require = { acr = [\"mfa\"], \"/a/b\" = \"any\" }\n";
    let refused = Err(InsufficientClaim);
    for (claims, admin) in [
        (json!({"acr": "mfa", "a": {"b": 1}}), Ok(())),
        (json!({"acr": ["pwd", "mfa"], "a": {"b": false}}), Ok(())),
        (json!({"acr": "mfa"}), refused),
        (json!({"acr": "pwd", "a": {"b": 1}}), refused),
        (json!({"acr": null, "a": {"b": 1}}), refused),
        (json!({"a": {"b": 1}}), refused),
    ] {
        check(routes, &claims, &[("/books", Ok(())), ("/admin", admin)]);
    }
}

#[test]
fn one_of_the_alternatives_is_enough() {
    let routes = r#"
[[routes]]
route = "GET /users/{id}/loans"
any_of = [{ bind = { id = "sub" } }, { any_group = ["librarians"] }]
[[routes]]
route = "GET /reports"
any_of = [["reports/read", "reports/all"], { groups = ["staff", "eu"], require = { acr = ["mfa"] } }]
"#;
    let own = json!({"sub": "ann", "scope": "x"});
    check(
        routes,
        &own,
        &[
            ("/users/ann/loans", Ok(())),
            ("/users/bob/loans", Err(NotBound)),
            ("/reports", Err(InsufficientScope)),
        ],
    );
    let librarian = json!({"sub": "ann", "cognito:groups": ["librarians"], "scope": "reports/read reports/all"});
    check(
        routes,
        &librarian,
        &[
            ("/users/ann/loans", Ok(())),
            ("/users/bob/loans", Ok(())),
            ("/reports", Ok(())),
        ],
    );
    let staff = json!({"sub": "a/b", "cognito:groups": ["staff", "eu"], "acr": "mfa"});
    check(
        routes,
        &staff,
        &[("/users/bob/loans", Err(NotBound)), ("/reports", Ok(()))],
    );
    // Half of each alternative is none.
    let half =
        json!({"sub": "ann", "cognito:groups": ["staff"], "acr": "mfa", "scope": "reports/read"});
    check(routes, &half, &[("/reports", Err(InsufficientScope))]);
}

#[test]
fn a_tenant_of_the_path_may_be_one_of_a_list() {
    let routes =
        "[[routes]]\nroute = \"GET /t/{tenant}/books\"\nbind = { tenant = \"/app/tenants\" }\n";
    check(
        routes,
        &json!({"app": {"tenants": ["t1", "t2", 5, "t/3"]}}),
        &[
            ("/t/t1/books", Ok(())),
            ("/t/t2/books", Ok(())),
            ("/t/t3/books", Err(NotBound)),
            ("/t/5/books", Err(NotBound)),
        ],
    );
    check(
        routes,
        &json!({"app": {"tenants": []}}),
        &[("/t/t1/books", Err(NotBound))],
    );
    check(
        routes,
        &json!({"/app/tenants": "t1"}),
        &[("/t/t1/books", Err(NotBound))],
    );
}

/// A value is compared decoded, and a later request in either of its spellings is open.
#[test]
fn a_bound_value_may_be_written_as_clients_encode_it() {
    let routes = "[[routes]]\nroute = \"GET /users/{id}\"\nbind = { id = \"sub\" }\n";
    for (sub, spellings) in [
        (
            "ann@example.com",
            ["/users/ann@example.com", "/users/ann%40example.com"],
        ),
        ("auth0|5", ["/users/auth0%7C5", "/users/auth0%7C5"]),
        ("a+b", ["/users/a+b", "/users/a%2Bb"]),
        ("urn:x:1", ["/users/urn:x:1", "/users/urn%3Ax%3A1"]),
    ] {
        let [raw, encoded] = spellings;
        check(
            routes,
            &json!({"sub": sub}),
            &[
                (raw, Ok(())),
                (encoded, Ok(())),
                ("/users/bob", Err(NotBound)),
            ],
        );
    }
}

#[test]
fn what_is_wrong_with_alternatives_is_told() {
    let mistakes = |lines: &str| {
        let config = pool_config(&format!("[[routes]]\nroute = \"GET /a/{{id}}\"\n{lines}\n"));
        let error = Config::from_toml(&config).unwrap_err();
        error.0.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (lines, mistake) in [
        (
            "any_of = [{}]",
            "line 6: `routes[0].any_of[0]`: the table is empty; write what is asked for, or remove it",
        ),
        (
            "any_of = [[]]",
            "line 6: `routes[0].any_of`: the list is empty; write one or more strings in quotes between \
             [ and ]",
        ),
        (
            "any_of = [{ any_grup = [\"a\"] }]",
            "line 6: `routes[0].any_of[0].any_grup`: unknown key; did you mean `any_group`? write that, \
             or remove it",
        ),
        (
            "any_of = [{ bind = { other = \"sub\" } }]",
            "line 5: `routes[0].route`: `GET /a/{id}`: `bind` names `other`, and `{other}` is not in the path; \
             name a parameter of one segment that the path has",
        ),
        (
            "bind = { id = \"/a~b\" }",
            "line 6: `routes[0].bind`: `/a~b` is not a JSON Pointer; write `~1` for `/` and `~0` for `~` \
             in a JSON Pointer",
        ),
    ] {
        assert_eq!(mistakes(lines), [mistake], "{lines}");
    }
}
