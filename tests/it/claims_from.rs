//! Which claims say what, as each provider writes them: `client_from`, `scopes_from`, `groups_from`,
//! `principal_from` and `require`.

use cognito_authorizer::Config;
use cognito_authorizer::reason::DenyReason::{
    self, InsufficientScope, InvalidClaims, NotInGroup, WrongClaim, WrongClient,
};
use cognito_authorizer::verdict::Answer;
use serde_json::{Value, json};

use crate::support::authorizer::{authorizer, issuer_keys, token_event, verdict};
use crate::support::token::{NOW, Token};

/// An issuer with these lines, and a route for a scope and one for a group.
fn config(lines: &str) -> String {
    format!(
        "[[issuers]]\nissuer = \"https://login.example\"\njwks_uri = \"https://login.example/keys\"\n\
         audiences = [\"books\"]\n{lines}\n\
         [[routes]]\nroute = \"GET /books\"\nscopes = [\"read\"]\n\
         [[routes]]\nroute = \"GET /admin\"\nany_group = [\"editor\"]\n\
         [[routes]]\nroute = \"GET /open\"\n"
    )
}

/// A token of that issuer with these claims.
fn token(claims: Value) -> Token {
    let mut token = Token::access();
    token.claims = json!({
        "iss": "https://login.example", "aud": "books", "sub": "u1", "iat": NOW - 60, "exp": NOW + 600,
    });
    let own = claims.as_object().unwrap().clone();
    token.claims.as_object_mut().unwrap().extend(own);
    token
}

/// The reason, and the context of a reply.
fn ask(lines: &str, claims: Value, path: &str) -> (Result<(), DenyReason>, Value) {
    let served = issuer_keys();
    let authorizer = authorizer(&config(lines), &served);
    let event = token_event(&token(claims).sign(), "GET", path);
    let verdict = verdict(&authorizer, &event);
    let reason = verdict.reason().map_or(Ok(()), Err);
    let context = match verdict.into_answer() {
        Answer::Reply(reply) => serde_json::to_value(reply).unwrap()["context"].clone(),
        Answer::Unauthorized | Answer::Failure(_) => Value::Null,
    };
    (reason, context)
}

#[track_caller]
fn check(lines: &str, path: &str, rows: &[(Value, Result<(), DenyReason>)]) {
    for (claims, expected) in rows {
        let (reason, _) = ask(lines, claims.clone(), path);
        assert_eq!(reason, *expected, "{lines}: {claims}");
    }
}

#[test]
fn the_client_is_in_the_first_claim_that_is_there() {
    let lines = "client_ids = [\"web\"]\nclient_from = [\"client_id\", \"azp\", \"/act/client\"]";
    check(
        lines,
        "/open",
        &[
            (json!({"client_id": "web"}), Ok(())),
            (json!({"azp": "web"}), Ok(())),
            (json!({"act": {"client": "web"}}), Ok(())),
            (json!({"client_id": "web", "azp": "other"}), Ok(())),
            (
                json!({"client_id": "other", "azp": "web"}),
                Err(WrongClient),
            ),
            (json!({"client_id": "", "azp": "web"}), Err(WrongClient)),
            (json!({"azp": null, "act": {"client": "web"}}), Ok(())),
            (json!({"azp": ["web"]}), Err(WrongClient)),
            (json!({"azp": "Web"}), Err(WrongClient)),
            (json!({"/act/client": "web"}), Err(WrongClient)),
            (json!({}), Err(WrongClient)),
        ],
    );
    // Nothing but `client_id` counts where nothing is configured.
    check(
        "client_ids = [\"web\"]",
        "/open",
        &[
            (json!({"azp": "web"}), Err(WrongClient)),
            (json!({"client_id": "web"}), Ok(())),
        ],
    );
}

#[test]
fn scopes_are_in_the_first_claim_that_is_there_and_never_merged() {
    check(
        "scopes_from = [\"permissions\", \"scp\", \"scope\"]",
        "/books",
        &[
            (json!({"scope": "openid read"}), Ok(())),
            (json!({"scp": ["openid", "read"]}), Ok(())),
            (json!({"scp": "openid read"}), Ok(())),
            (json!({"permissions": ["read"], "scope": "x"}), Ok(())),
            (
                json!({"permissions": [], "scope": "read"}),
                Err(InsufficientScope),
            ),
            (
                json!({"permissions": ["x"], "scope": "read"}),
                Err(InsufficientScope),
            ),
            (json!({"permissions": ["a read"]}), Err(InsufficientScope)),
            // What grants is not guessed at.
            (
                json!({"permissions": null, "scope": "read"}),
                Err(InvalidClaims),
            ),
            (json!({"permissions": {"read": true}}), Err(InvalidClaims)),
            (json!({"scp": [1, "read"]}), Err(InvalidClaims)),
            (json!({}), Err(InsufficientScope)),
        ],
    );
    check(
        "",
        "/books",
        &[(json!({"scp": ["read"]}), Err(InsufficientScope))],
    );
}

#[test]
fn groups_are_a_list_a_text_or_the_names_of_members() {
    check(
        "groups_from = [\"/realm_access/roles\", \"/resource_access/a~1b/0\", \"roles\"]",
        "/admin",
        &[
            (json!({"realm_access": {"roles": ["editor", "x"]}}), Ok(())),
            (json!({"resource_access": {"a/b": [["editor"]]}}), Ok(())),
            (json!({"roles": "editor"}), Ok(())),
            (json!({"roles": {"editor": {"org": "a.example"}}}), Ok(())),
            (
                json!({"realm_access": {"roles": []}, "roles": ["editor"]}),
                Err(NotInGroup),
            ),
            (
                json!({"realm_access": {"roles": null}, "roles": ["editor"]}),
                Ok(()),
            ),
            (json!({"realm_access": [], "roles": ["editor"]}), Ok(())),
            (json!({"roles": "editor x"}), Err(NotInGroup)),
            (json!({"roles": "Editor"}), Err(NotInGroup)),
            (json!({"roles": ["editor", 1]}), Err(NotInGroup)),
            (json!({"roles": 1}), Err(NotInGroup)),
            (json!({"roles": true}), Err(NotInGroup)),
            (json!({"groups": ["editor"]}), Err(NotInGroup)),
            (json!({"/realm_access/roles": ["editor"]}), Err(NotInGroup)),
        ],
    );
    check("", "/admin", &[(json!({"groups": ["editor"]}), Ok(()))]);
}

#[test]
fn what_is_required_of_a_claim_must_hold() {
    let lines = "require = { tid = [\"t1\", \"t2\"], email_verified = [\"true\"], \"/a/n\" = [\"3\"], \
                 acr = \"any\" }";
    let good = json!({"tid": "t1", "email_verified": true, "a": {"n": 3}, "acr": []});
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    check(
        lines,
        "/open",
        &[
            (good.clone(), Ok(())),
            (with("tid", json!(["x", "t2"])), Ok(())),
            (with("email_verified", json!("true")), Ok(())),
            (with("a", json!({"n": "3"})), Ok(())),
            (with("acr", json!(false)), Ok(())),
            (with("tid", json!("t3")), Err(WrongClaim)),
            (with("tid", json!("T1")), Err(WrongClaim)),
            (with("tid", json!("t1 ")), Err(WrongClaim)),
            (with("tid", json!([])), Err(WrongClaim)),
            (with("tid", json!([["t1"]])), Err(WrongClaim)),
            (with("tid", json!({"t1": true})), Err(WrongClaim)),
            (with("tid", Value::Null), Err(WrongClaim)),
            (with("email_verified", json!(false)), Err(WrongClaim)),
            (with("email_verified", json!(1)), Err(WrongClaim)),
            (with("a", json!({"n": 3.0})), Err(WrongClaim)),
            (with("a", json!({"n": 3.5})), Err(WrongClaim)),
            (with("a", json!({})), Err(WrongClaim)),
            (with("acr", Value::Null), Err(WrongClaim)),
            (json!({}), Err(WrongClaim)),
        ],
    );
}

/// The back end and the log are told what was found, whatever it is called.
#[test]
fn what_was_found_is_told() {
    let lines = "client_ids = [\"web\"]\nclient_from = [\"cid\"]\nscopes_from = [\"scp\"]\n\
                 groups_from = [\"roles\"]\nprincipal_from = [\"uid\", \"sub\"]";
    let claims = json!({"cid": "web", "scp": ["read", "x"], "roles": ["editor"], "uid": "00u1"});
    let (reason, context) = ask(lines, claims.clone(), "/books");
    assert_eq!(reason, Ok(()));
    assert_eq!(context["client_id"], "web");
    assert_eq!(context["scope"], "read x");
    assert_eq!(context["groups"], "editor");
    let served = issuer_keys();
    let authorizer = authorizer(&config(lines), &served);
    let event = token_event(&token(claims).sign(), "GET", "/books");
    let verdict = verdict(&authorizer, &event);
    let line = verdict.log_line(
        cognito_authorizer::time::Timestamp::from_seconds(NOW),
        0.1,
        "r",
    );
    assert!(
        line.contains("\"client_id\":\"web\",\"principal\":\"00u1\""),
        "{line}"
    );
}

#[test]
fn what_no_claim_can_be_called_is_a_mistake() {
    for (lines, mistake) in [
        (
            "client_from = []",
            "line 5: `issuers[0].client_from`: the list is empty; write one or more strings in quotes \
             between [ and ]",
        ),
        (
            "groups_from = [\"/a~2\"]",
            "line 5: `issuers[0].groups_from`: `/a~2` is not a JSON Pointer; write `~1` for `/` and \
             `~0` for `~` in a JSON Pointer",
        ),
        (
            "require = {}",
            "line 5: `issuers[0].require`: the table is empty; write it as in \
             `{ tid = [\"a1b2\"] }`",
        ),
        (
            "require = [\"tid\"]",
            "line 5: `issuers[0].require`: this list is not a table of claims; write it as in \
             `{ tid = [\"a1b2\"] }`",
        ),
        (
            "require = { tid = [] }",
            "line 5: `issuers[0].require`: the list is empty; write the values between [ and ], each \
             in quotes, or \"any\" if the claim only must be there",
        ),
        (
            "require = { tid = \"t1\" }",
            "line 5: `issuers[0].require`: `\"t1\"` is not a list; write the values between [ and ], each \
             in quotes, or \"any\" if the claim only must be there",
        ),
        (
            "roles_claim = \"roles\"",
            "line 5: `issuers[0].roles_claim`: unknown key; did you mean `groups_from`? write that, or \
             remove it",
        ),
    ] {
        let error = Config::from_toml(&config(lines)).unwrap_err();
        let told: Vec<String> = error.0.iter().map(ToString::to_string).collect();
        assert_eq!(told, [mistake], "{lines}");
    }
}
