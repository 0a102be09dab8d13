//! The flow as a whole: a few requests through all eight steps, with outcome and reason.

use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::refusal::StepName;
use cognito_authorizer::verdict::Answer;
use serde_json::{Value, json};

use crate::support::authorizer::{
    STAGE, authorizer, issuer_keys, pool_config, token_event, verdict,
};
use crate::support::keys::OTHER_RSA;
use crate::support::token::{NOW, Token};

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
[[routes]]
route = "ANY /admin/{proxy+}"
any_group = ["admins"]
[[routes]]
route = "GET /users/{id}/loans"
bind = { id = "sub" }
"#;

#[track_caller]
fn check(token: &str, verb: &str, path: &str, expected: Result<(), DenyReason>) {
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(ROUTES), &served);
    let verdict = verdict(&authorizer, &token_event(token, verb, path));
    assert_eq!(
        verdict.reason().map_or(Ok(()), Err),
        expected,
        "{verb} {path}"
    );
}

#[test]
fn a_request_is_decided_by_token_and_route() {
    let ann = Token::access();
    let admin = ann.clone().claim("cognito:groups", json!(["admins"]));
    let own = format!("/users/{}/loans", ann.claims["sub"].as_str().unwrap());
    check(&ann.sign(), "GET", "/books", Ok(()));
    check(&ann.sign(), "GET", "/books/1", Ok(()));
    check(
        &ann.sign(),
        "POST",
        "/books",
        Err(DenyReason::InsufficientScope),
    );
    check(
        &ann.sign(),
        "GET",
        "/admin/reports",
        Err(DenyReason::NotInGroup),
    );
    check(&admin.sign(), "GET", "/admin/reports", Ok(()));
    check(&ann.sign(), "GET", &own, Ok(()));
    check(
        &ann.sign(),
        "GET",
        "/users/bob/loans",
        Err(DenyReason::NotBound),
    );
    check(
        &ann.sign(),
        "GET",
        "/nowhere",
        Err(DenyReason::NoMatchingRoute),
    );
    check(
        &ann.sign(),
        "GET",
        "/books/%2e%2e",
        Err(DenyReason::InvalidPath),
    );
    check(
        &ann.sign_with(&OTHER_RSA),
        "GET",
        "/books",
        Err(DenyReason::InvalidSignature),
    );
    check("garbage", "GET", "/books", Err(DenyReason::MalformedToken));
}

#[test]
fn each_refusal_names_its_step() {
    let good = Token::access();
    let long = format!("/nowhere/{}", "x".repeat(600));
    let garbage = "garbage".to_owned();
    let rows = [
        (good.sign(), "/books", None),
        (good.sign(), "/books//1", Some(StepName::Event)),
        (garbage, "/books", Some(StepName::Token)),
        (
            good.clone().claim("iss", "i").sign(),
            "/books",
            Some(StepName::Issuer),
        ),
        (
            good.clone().header("kid", "key-2").sign(),
            "/books",
            Some(StepName::Jwks),
        ),
        (
            good.sign_with(&OTHER_RSA),
            "/books",
            Some(StepName::Signature),
        ),
        (
            good.clone().claim("exp", NOW - 60).sign(),
            "/books",
            Some(StepName::Claims),
        ),
        (good.sign(), "/admin/reports", Some(StepName::Decision)),
        (good.sign(), &long, Some(StepName::Reply)),
    ];
    for (token, path, expected) in rows {
        let authorizer = authorizer(&pool_config(ROUTES), &issuer_keys());
        let verdict = verdict(&authorizer, &token_event(&token, "GET", path));
        assert_eq!(verdict.refused_by(), expected, "{path}");
    }
}

/// With `unauthorized = "deny"`, API Gateway caches the answer under the token, for all of the API.
#[test]
fn only_a_refusal_that_lasts_is_a_deny() {
    let good = Token::access();
    let long = format!("/nowhere/{}", "x".repeat(600));
    for (token, path, expected, denied) in [
        (
            good.clone().claim("exp", NOW - 5),
            "/books",
            DenyReason::TokenExpired,
            true,
        ),
        (
            good.clone().claim("client_id", "c"),
            "/books",
            DenyReason::WrongClient,
            true,
        ),
        (
            good.clone().header("alg", "RS512"),
            "/books",
            DenyReason::UnsupportedAlgorithm,
            true,
        ),
        (
            good.clone().claim("iat", NOW + 6),
            "/books",
            DenyReason::TokenNotYetValid,
            false,
        ),
        (
            good.clone().claim("nbf", NOW + 6),
            "/books",
            DenyReason::TokenNotYetValid,
            false,
        ),
        (
            good.clone().header("kid", "key-2"),
            "/books",
            DenyReason::UnknownKey,
            false,
        ),
        (
            good.clone().claim("cnf", json!({"jkt": "k"})),
            "/books",
            DenyReason::ProofMissing,
            false,
        ),
        (good.clone(), "/books//1", DenyReason::InvalidPath, false),
        (good.clone(), &long, DenyReason::InvalidPath, false),
    ] {
        let served = issuer_keys();
        let config = format!("unauthorized = \"deny\"\n{}", pool_config(ROUTES));
        let authorizer = authorizer(&config, &served);
        let verdict = verdict(&authorizer, &token_event(&token.sign(), "GET", path));
        assert_eq!(verdict.reason(), Some(expected));
        match verdict.into_answer() {
            Answer::Reply(reply) => {
                assert!(denied, "{expected}");
                let statement = json!({
                    "Effect": "Deny",
                    "Action": ["execute-api:Invoke"],
                    "Resource": [format!("{STAGE}/*")],
                });
                let reply = serde_json::to_value(reply).unwrap();
                let statements = &reply["policyDocument"]["Statement"];
                assert_eq!(*statements, json!([statement]), "{expected}");
            }
            Answer::Unauthorized => assert!(!denied, "{expected}"),
            Answer::Failure(reason) => panic!("{expected}: {reason}"),
        }
    }
}

#[test]
fn the_reply_is_a_policy_for_the_whole_api() {
    let served = issuer_keys();
    let authorizer = authorizer(&pool_config(ROUTES), &served);
    let verdict = verdict(
        &authorizer,
        &token_event(&Token::access().sign(), "GET", "/books"),
    );
    let Answer::Reply(reply) = verdict.into_answer() else {
        panic!("no reply")
    };
    let reply: Value = serde_json::to_value(reply).unwrap();
    let resource = |path: &str| format!("{STAGE}/{path}");
    assert_eq!(
        reply,
        json!({
            "principalId": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["execute-api:Invoke"],
                        "Resource": [
                            resource("GET/books"),
                            resource("GET/books/"),
                            resource("GET/books/?*"),
                            resource("GET/users/0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88/loans"),
                            resource("GET/users/0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88/loans/"),
                        ],
                    },
                    {
                        "Effect": "Deny",
                        "Action": ["execute-api:Invoke"],
                        "Resource": [
                            resource("*%2E*"), resource("*%2F*"), resource("*%2e*"),
                            resource("*%2f*"), resource("*%61*"), resource("*%62*"), resource("*%64*"), resource("*%65*"), resource("*%69*"), resource("*%6B*"), resource("*%6C*"), resource("*%6D*"), resource("*%6E*"), resource("*%6F*"), resource("*%6b*"), resource("*%6c*"), resource("*%6d*"), resource("*%6e*"), resource("*%6f*"), resource("*%72*"), resource("*%73*"), resource("*%75*"), resource("*/."),
                            resource("*/.."), resource("*/../*"), resource("*/./*"),
                            resource("*//*"), resource("DELETE/*"),
                            resource("GET/admin/?*"), resource("GET/books/*/?*"), resource("HEAD/*"),
                            resource("OPTIONS/*"), resource("PATCH/*"), resource("POST/*"),
                            resource("PUT/*"),
                        ],
                    },
                ],
            },
            "context": {
                "sub": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
                "username": "ann",
                "client_id": "1example23456789clientid",
                "scope": "openid books/read",
                "custom_scopes": "books/read",
                "token_use": "access",
                "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
                "exp": "2000003000",
                "jti": "5f2c7e9a-1d3b-4c6e-a8f0-2b4d6e8f0a1c",
            },
        })
    );
}

/// A Deny would be kept under one of the two credentials, and close the API to its owner.
#[test]
fn a_request_with_two_credentials_is_no_tokens_fault() {
    let good = format!("Bearer {}", Token::access().sign());
    let two = json!({"Authorization": [good, "Bearer x"]});
    let unknown = json!({"Authorization": [good.replace("Bearer", "Other")]});
    for (headers, denied) in [(two, false), (unknown, true)] {
        let served = issuer_keys();
        let config = format!("unauthorized = \"deny\"\n{}", pool_config(ROUTES));
        let authorizer = authorizer(&config, &served);
        let event = json!({
            "type": "REQUEST", "methodArn": format!("{STAGE}/GET/books"), "httpMethod": "GET",
            "path": "/books", "multiValueHeaders": headers,
        });
        let verdict = verdict(&authorizer, &event);
        assert_eq!(verdict.reason(), Some(DenyReason::MalformedToken));
        let answer = verdict.into_answer();
        assert_eq!(matches!(answer, Answer::Reply(_)), denied, "{answer:?}");
    }
}
