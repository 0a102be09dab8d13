//! Which route a decision names, so that an operator reads where a token was refused.

use cognito_authorizer::Config;
use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::event::MethodArn;

use crate::support::claims::claims;
use crate::support::token::Token;

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
route = "$connect"
scopes = ["r/connect"]
"#;

#[test]
fn a_decision_names_its_route() {
    let config = Config::from_toml(ROUTES).unwrap();
    let api = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live";
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
        let arn = MethodArn::parse(&format!("{api}/{request}")).unwrap();
        let (word, route) = match decide(&config.rules, &claims, Some(&arn)) {
            Decision::Allow(grant) => ("granted", grant.route()),
            Decision::Deny(refusal) => (refusal.reason().as_str(), refusal.route()),
        };
        let decided = route.map_or(word.to_owned(), |route| format!("{word} at {route}"));
        assert_eq!(decided, expected, "{request} with `{scopes}`");
    }
}
