//! What is posted for each outcome, byte by byte: API Gateway reads it and forgives nothing.

use cognito_authorizer::reason::DenyReason;

use super::{error, failure, get_books, invocation, offline, token};
use crate::support::authorizer::token_event;
use crate::support::keys::OTHER_RSA;

/// The policy of the token, whatever it asked for, and whom it is for.
macro_rules! policy {
    () => {
        concat!(
            r#"{"principalId":"0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88","policyDocument":{"#,
            r#""Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":"Allow","#,
            r#""Resource":["arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/books","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/books/"]},"#,
            r#"{"Action":["execute-api:Invoke"],"Effect":"Deny","#,
            r#""Resource":["arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%2E*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%2F*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%2e*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%2f*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%62*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%6B*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%6F*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%6b*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%6f*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*%73*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*/.","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*/..","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*/../*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*/./*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*//*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/DELETE/*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/HEAD/*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/OPTIONS/*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/PATCH/*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/*","#,
            r#""arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/PUT/*"]}]},"#,
        )
    };
}

const ALLOWED: &str = concat!(
    policy!(),
    r#""context":{"client_id":"1example23456789clientid","custom_scopes":"books/read","#,
    r#""exp":"4102444800","#,
    r#""iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123","#,
    r#""jti":"5f2c7e9a-hidden-in-the-token","scope":"openid books/read","#,
    r#""sub":"0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88","token_use":"access","username":"ann"}}"#,
);

const REFUSED: &str = concat!(
    policy!(),
    r#""context":{"client_id":"1example23456789clientid","custom_scopes":"books/read","#,
    r#""error":"insufficient_scope","exp":"4102444800","#,
    r#""iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123","#,
    r#""jti":"5f2c7e9a-hidden-in-the-token","scope":"openid books/read","#,
    r#""sub":"0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88","token_use":"access","username":"ann"}}"#,
);

const DENIED: &str = concat!(
    r#"{"principalId":"unauthorized","policyDocument":{"Version":"2012-10-17","Statement":["#,
    r#"{"Action":["execute-api:Invoke"],"Effect":"Deny","#,
    r#""Resource":["arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/*"]}]},"#,
    r#""context":{"error":"invalid_token"}}"#,
);

#[test]
fn each_outcome_is_posted_as_api_gateway_wants_it() {
    let refused = invocation(&token_event(&token().sign(), "POST", "/books"));
    let run = offline("").run([
        get_books(&token().sign()),
        refused,
        get_books(&token().sign_with(&OTHER_RSA)),
        invocation(&serde_json::json!({"type": "TOKEN"})),
    ]);
    let posted: Vec<(&str, &str)> = run
        .posted
        .iter()
        .map(|posted| (posted.to.as_str(), posted.body.as_str()))
        .collect();
    let expected = [
        ("response", ALLOWED),
        ("response", REFUSED),
        ("error", &error("Unauthorized")),
        ("error", &failure(DenyReason::InvalidEvent)),
    ];
    assert_eq!(posted, expected);
    assert!(
        run.posted
            .iter()
            .all(|posted| !posted.body.contains("null"))
    );
}

#[test]
fn with_unauthorized_deny_no_valid_token_is_a_policy() {
    let run = offline("unauthorized = \"deny\"").run([
        get_books(&token().sign()),
        get_books(&token().sign_with(&OTHER_RSA)),
        get_books(""),
        invocation(&token_event(&token().sign(), "GET", "/a/*")),
        invocation(&serde_json::json!({"type": "TOKEN"})),
    ]);
    let posted: Vec<(&str, &str)> = run
        .posted
        .iter()
        .map(|posted| (posted.to.as_str(), posted.body.as_str()))
        .collect();
    let expected = [
        ("response", ALLOWED),
        ("response", DENIED),
        ("response", DENIED),
        // Without a method ARN to trust there is nothing that a policy could name.
        ("error", &error("Unauthorized")),
        ("error", &failure(DenyReason::InvalidEvent)),
    ];
    assert_eq!(posted, expected);
}
