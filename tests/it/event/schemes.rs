//! In which schemes a token counts, and where.

use cognito_authorizer::event::{AuthorizationScheme, TokenSource};
use cognito_authorizer::reason::DenyReason::{MalformedToken, MissingToken};
use serde_json::{Value, json};

use super::{Expect, bearer, check_schemes};
use crate::support::authorizer::STAGE;

fn token_event(credential: &str) -> Value {
    json!({"type": "TOKEN", "authorizationToken": credential, "methodArn": format!("{STAGE}/GET/a")})
}

fn request_event(header: &str, credential: &str) -> Value {
    json!({
        "type": "REQUEST", "methodArn": format!("{STAGE}/GET/a"), "headers": {header: credential},
    })
}

fn app_sync_event(credential: &str) -> Value {
    json!({
        "authorizationToken": credential,
        "requestContext": {"apiId": "aaaa", "queryString": "{ books }"},
    })
}

fn named(name: &str) -> AuthorizationScheme {
    AuthorizationScheme::Named(name.to_owned())
}

/// How a credential is written; whether it counts where `Bearer` is configured, `Bearer` and no
/// scheme, `Bearer` and `Token`, and no scheme alone.
const AUTHORIZATION: [(&str, [Expect; 4]); 18] = {
    const A: Expect = Ok("a.a.a");
    const NO: Expect = Err(MalformedToken);
    const NONE: Expect = Err(MissingToken);
    [
        ("Bearer a.a.a", [A, A, A, NO]),
        ("bEARER a.a.a", [A, A, A, NO]),
        ("a.a.a", [NO, A, NO, A]),
        ("Token a.a.a", [NO, NO, A, NO]),
        ("tOKEN a.a.a", [NO, NO, A, NO]),
        ("none a.a.a", [NO, NO, NO, NO]),
        ("Basic a.a.a", [NO, NO, NO, NO]),
        ("Tokens a.a.a", [NO, NO, NO, NO]),
        ("Bearer Bearer a.a.a", [NO, NO, NO, NO]),
        ("Token Bearer a.a.a", [NO, NO, NO, NO]),
        ("Bearer  a.a.a", [NO, NO, NO, NO]),
        ("Bearer\ta.a.a", [NO, NO, NO, NO]),
        (" a.a.a", [NO, NO, NO, NO]),
        ("a.a.a ", [NO, NO, NO, NO]),
        ("a.a.a,b.b.b", [NO, NO, NO, NO]),
        ("a.a.a, b.b.b", [NO, NO, NO, NO]),
        ("Bearer a.a.a, b.b.b", [NO, NO, NO, NO]),
        ("", [NONE, NONE, NONE, NONE]),
    ]
};

fn configured() -> [Vec<AuthorizationScheme>; 4] {
    [
        bearer().to_vec(),
        vec![named("Bearer"), AuthorizationScheme::Bare],
        vec![named("Bearer"), named("Token")],
        vec![AuthorizationScheme::Bare],
    ]
}

#[test]
fn authorization_counts_in_the_configured_schemes() {
    let sources = [TokenSource::Header("authorization".to_owned())];
    for (credential, expects) in AUTHORIZATION {
        for (schemes, expect) in configured().iter().zip(expects) {
            let case = format!("{credential} as {schemes:?}");
            check_schemes(&case, &token_event(credential), &sources, schemes, expect);
            let event = request_event("Authorization", credential);
            check_schemes(&case, &event, &sources, schemes, expect);
        }
    }
}

/// In other headers and at AppSync `Bearer` and the token alone count whatever is configured, and so
/// do the other schemes that are.
#[test]
fn elsewhere_bearer_and_the_token_alone_count_too() {
    let sources = [TokenSource::Header("x-forwarded-authorization".to_owned())];
    for (credential, expects) in AUTHORIZATION {
        let anyway = matches!(credential, "Bearer a.a.a" | "bEARER a.a.a" | "a.a.a");
        for (schemes, expect) in configured().iter().zip(expects) {
            let expect = if anyway { Ok("a.a.a") } else { expect };
            let case = format!("{credential} as {schemes:?}");
            check_schemes(
                &case,
                &app_sync_event(credential),
                &sources,
                schemes,
                expect,
            );
            let event = request_event("X-Forwarded-Authorization", credential);
            check_schemes(&case, &event, &sources, schemes, expect);
        }
    }
}

/// What is written as nobody configured it is a credential all the same, beside another.
#[test]
fn a_scheme_that_does_not_count_is_a_second_credential() {
    let sources = [
        TokenSource::Header("authorization".to_owned()),
        TokenSource::Header("x-token".to_owned()),
    ];
    for other in ["Basic a.a.a", "Bearer ", "b.b.b", " "] {
        let mut event = request_event("Authorization", other);
        event["headers"]["X-Token"] = json!("a.a.a");
        for schemes in configured() {
            check_schemes(other, &event, &sources, &schemes, Err(MalformedToken));
        }
    }
}
