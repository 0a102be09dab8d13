//! Every reply is free of nulls and is what the crate of the event types takes for one.

use aws_lambda_events::apigw::ApiGatewayCustomAuthorizerResponse;
use aws_lambda_events::iam::IamPolicyEffect;
use cognito_authorizer::verdict::Answer;
use serde_json::{Value, json};

use crate::support::authorizer::{authorizer, issuer_keys, pool_config, token_event, verdict};
use crate::support::token::Token;

const ROUTES: &str = r#"
[[routes]]
route = "GET /books"
scopes = ["books/read"]
[[routes]]
route = "GET /books/{id}"
scopes = ["books/read"]
[[routes]]
route = "POST /books"
scopes = ["books/write"]
[context]
claims = ["custom:list", "custom:object", "custom:null", "custom:number", "custom:flag", "custom:gone"]
"#;

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(entries) => entries.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[test]
fn replies_are_what_the_event_types_take() {
    let served = issuer_keys();
    let rich = Token::access()
        .claim("custom:list", json!(["a", "b"]))
        .claim("custom:object", json!({"a": [1, null]}))
        .claim("custom:null", Value::Null)
        .claim("custom:number", 1.5)
        .claim("custom:flag", true);
    let machine = Token::access()
        .without("username")
        .without("scope")
        .without("sub")
        .without("jti");
    let (allow, deny) = (IamPolicyEffect::Allow, IamPolicyEffect::Deny);
    let rows = [
        ("error", Token::access().sign(), "GET", vec![&allow, &deny]),
        ("error", rich.sign(), "GET", vec![&allow, &deny]),
        ("error", Token::access().sign(), "POST", vec![&allow, &deny]),
        ("error", machine.sign(), "GET", vec![&deny]),
        ("deny", "garbage".to_owned(), "GET", vec![&deny]),
        (
            "deny",
            Token::access().claim("exp", 1).sign(),
            "GET",
            vec![&deny],
        ),
    ];
    for (unauthorized, token, verb, effects) in rows {
        let config = format!("unauthorized = \"{unauthorized}\"\n{}", pool_config(ROUTES));
        let authorizer = authorizer(&config, &served);
        let verdict = verdict(&authorizer, &token_event(&token, verb, "/books"));
        let Answer::Reply(reply) = verdict.into_answer() else {
            panic!("no reply")
        };
        let reply = serde_json::to_value(reply).unwrap();
        assert!(!has_null(&reply), "{reply}");
        let context = reply["context"].as_object().unwrap();
        assert!(context.values().all(Value::is_string), "{reply}");
        let parsed: ApiGatewayCustomAuthorizerResponse<Value> =
            serde_json::from_value(reply.clone())
                .unwrap_or_else(|error| panic!("{error}: {reply}"));
        assert!(parsed.principal_id.is_some_and(|id| !id.is_empty()));
        let statements = parsed.policy_document.statement;
        let own: Vec<&IamPolicyEffect> = statements.iter().map(|one| &one.effect).collect();
        assert_eq!(own, effects, "{reply}");
        for statement in &statements {
            assert_eq!(statement.action, ["execute-api:Invoke"]);
            assert!(!statement.resource.is_empty());
            assert!(statement.condition.is_none());
        }
    }
}

/// What the back end splits at blanks must be the words that the token has.
#[test]
fn a_word_with_white_space_is_left_out_of_a_list() {
    let served = issuer_keys();
    let config = pool_config("[context]\nclaims = [\"roles\"]");
    let authorizer = authorizer(&config, &served);
    for (words, expected) in [
        (json!(["a", "b"]), Some("a b")),
        (json!(["x admins", "y"]), Some("y")),
        (json!(["y", "x\tadmins"]), Some("y")),
        (json!(["y", "x\u{a0}admins", "x\u{2003}admins"]), Some("y")),
        (json!(["", "y", " admins"]), Some("y")),
        (json!(["x admins"]), None),
        (json!([]), None),
    ] {
        let token = Token::access()
            .claim("cognito:groups", words.clone())
            .claim("roles", words.clone());
        let verdict = verdict(&authorizer, &token_event(&token.sign(), "GET", "/books"));
        let Answer::Reply(reply) = verdict.into_answer() else {
            panic!("no reply")
        };
        let reply = serde_json::to_value(reply).unwrap();
        for key in ["groups", "roles"] {
            assert_eq!(reply["context"][key].as_str(), expected, "{key} of {words}");
        }
    }
}
