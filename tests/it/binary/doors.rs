//! Doors that an attack found beside a sound verifier, each tried at the real binary: a table of
//! calls for each, with the reason that the log must give, and no answer at level ERROR.

use cognito_authorizer::reason::DenyReason::{
    self, IssuerNotAccepted, MissingToken, NoMatchingRoute, NotBound, NotExpressible, NotInGroup,
    UnknownIssuer, WrongTokenUse,
};
use serde_json::{Value, json};

use super::{error, invocation, token};
use crate::support::authorizer::{STAGE, pool_config, token_event};
use crate::support::keys::{RSA, jwks};
use crate::support::runtime_api::{Function, Run};
use crate::support::scratch::ScratchFile;
use crate::support::token::{CLIENT, ISSUER, KID, Token};

/// The function of a whole configuration, in which `KEYS` stands for the line of each issuer's keys.
fn function(config: &str) -> Function {
    let file = ScratchFile::new("jwks.json", jwks(&[RSA.jwk(KID, Some("RS256"))]));
    let keys = format!(
        "jwks_file = {}\njwks_refresh = \"never\"",
        json!(file.path())
    );
    Function::new(&config.replace("KEYS", &keys)).file(file)
}

/// The answers to these calls, each of which has its reason, or none where it is allowed.
#[track_caller]
fn check(config: &str, calls: &[(Value, Result<(), DenyReason>)]) -> Run {
    let run = function(config).run(calls.iter().map(|(event, _)| invocation(event)));
    assert_eq!(
        run.posted.len(),
        calls.len(),
        "{}{}",
        run.stdout,
        run.stderr
    );
    for (line, (event, expected)) in run.verdicts().iter().zip(calls) {
        let reason = expected.map_or_else(DenyReason::as_str, |()| "granted");
        assert_eq!(line["reason"], reason, "{event}");
        assert_ne!(line["level"], "ERROR", "{event}");
    }
    run
}

/// What the policy posted for a call says.
#[track_caller]
fn policy(run: &Run, at: usize) -> Value {
    let reply: Value = serde_json::from_str(&run.posted[at].body).unwrap();
    assert!(reply["policyDocument"].is_object(), "{reply}");
    reply["policyDocument"].clone()
}

fn updated() -> String {
    ISSUER.replace("https://", "https://issuer-")
}

#[test]
fn a_pool_is_known_by_both_its_addresses_and_gives_no_id_tokens() {
    let get = |token: &Token| token_event(&token.sign(), "GET", "/books");
    let id = token()
        .claim("token_use", "id")
        .claim("aud", CLIENT)
        .without("client_id");
    let anything = "[[issuers]]\nissuer = \"https://login.example\"\nKEYS\naudiences = \"any\"\n\
                    client_ids = \"any\"\n";
    let elsewhere = |token: Token| token.claim("iss", "https://login.example");
    check(
        &pool_config("KEYS"),
        &[
            (get(&token()), Ok(())),
            (get(&token().claim("iss", updated())), Ok(())),
            (get(&id), Err(WrongTokenUse)),
            (get(&id.clone().claim("iss", updated())), Err(WrongTokenUse)),
            (
                get(&token().claim("iss", ISSUER.to_uppercase())),
                Err(UnknownIssuer),
            ),
        ],
    );
    check(
        anything,
        &[
            (get(&elsewhere(token())), Ok(())),
            (get(&elsewhere(token()).without("token_use")), Ok(())),
            (get(&elsewhere(id)), Err(WrongTokenUse)),
        ],
    );
}

#[test]
fn a_pool_in_no_form_passes_for_another_issuer() {
    let pool = "eu-west-1_AbCdEf123";
    for issuer in [
        format!("https://issuer-cognito-idp.eu-west-1.amazonaws.com/{pool}"),
        format!("https://cognito-idp-fips.us-east-1.amazonaws.com/{pool}"),
        format!("https://COGNITO-IDP.eu-west-1.amazonaws.com/{pool}"),
        format!("https://cognito-idp.eu-west-1.amazonaws.com:443/{pool}"),
        format!("http://cognito-idp.eu-west-1.amazonaws.com/{pool}"),
        format!("https://cognito-idp.cn-north-1.amazonaws.com.cn/{pool}"),
        format!("https://cognito-idp.eu-west-1.amazonaws.com/{pool}/"),
    ] {
        let config = format!("[[issuers]]\nissuer = \"{issuer}\"\nKEYS\naudiences = \"any\"\n");
        let run = function(&config).run([]);
        assert_ne!(run.exit_code, None, "{issuer}");
        assert!(
            run.stdout.contains("user_pool_id"),
            "{issuer} {}",
            run.stdout
        );
    }
    let two = "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = \"any\"\nKEYS\n\
               issuer = \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another12\"\n";
    assert_ne!(function(two).run([]).exit_code, None);
}

const ONE_OF_EACH: &str = r#"
KEYS
[[routes]]
route = "GET /admin"
any_group = ["admins"]
[[routes]]
route = "GET /users/{id}"
bind = { id = "username" }
[[routes]]
route = "$default"
"#;

/// A call of an HTTP API whose ARN names `$default` instead of a path.
fn default_call(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/$default"),
        "routeKey": "$default", "rawPath": format!("/prod{path}"),
        "headers": {"authorization": format!("Bearer {}", token().sign())},
        "requestContext": {
            "apiId": "a1b2c3d4e5", "stage": "prod", "routeKey": "$default",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": method, "path": format!("/prod{path}")},
        },
    })
}

#[test]
fn a_call_of_the_default_route_is_judged_by_its_path() {
    let mut calls = [
        (default_call("GET", "/admin"), Err(NotInGroup)),
        (default_call("GET", "/users/bob"), Err(NotBound)),
        (default_call("GET", "/users/ann"), Ok(())),
        (default_call("GET", "/elsewhere"), Ok(())),
        (default_call("FOO_BAR", "/admin"), Err(NoMatchingRoute)),
    ];
    let config = pool_config(ONE_OF_EACH);
    for top in ["http_api_response = \"simple\"\n", "policy = \"request\"\n"] {
        check(&format!("{top}{config}"), &calls);
    }
    // A policy that is kept would open all paths.
    calls[2].1 = Err(NotExpressible);
    calls[3].1 = Err(NotExpressible);
    let run = check(&config, &calls);
    for at in 0..calls.len() {
        assert!(!run.posted[at].body.contains("\"Allow\",\"Resource\":[\"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/$default"));
    }
}

#[test]
fn another_issuers_users_and_groups_are_not_ones_own() {
    let config = r#"
[[issuers]]
name = "staff"
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = "any"
KEYS
[[issuers]]
name = "customers"
user_pool_id = "eu-west-1_Customers1"
client_ids = "any"
KEYS
[[routes]]
route = "GET /staff/{name}/payslips"
issuers = ["staff"]
bind = { name = "username" }
[[routes]]
route = "GET /admin"
issuers = ["staff"]
any_group = ["admins"]
"#;
    let own = token().claim("cognito:groups", json!(["admins"]));
    let customers = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Customers1";
    let customer = own.clone().claim("iss", customers);
    let get = |token: &Token, path: &str| token_event(&token.sign(), "GET", path);
    check(
        config,
        &[
            (get(&own, "/staff/ann/payslips"), Ok(())),
            (get(&own, "/admin"), Ok(())),
            (
                get(&customer, "/staff/ann/payslips"),
                Err(IssuerNotAccepted),
            ),
            (get(&customer, "/admin"), Err(IssuerNotAccepted)),
        ],
    );
    let told = |config: &str| {
        let run = function(config).run([]);
        let warns = |line: &Value| line["level"] == "WARN" && line.to_string().contains("issuers");
        run.log().iter().any(warns)
    };
    assert!(!told(config));
    assert!(told(&config.replace("issuers = [\"staff\"]\n", "")));
}

#[test]
fn no_odd_character_narrows_the_policy() {
    let config = pool_config(
        "KEYS\n[[routes]]\nroute = \"GET /notes/{id}\"\n[[routes]]\nroute = \"GET /things/{id}\"\n\
         [[routes]]\nroute = \"GET /things:batch\"\nscopes = [\"books/admin\"]\n",
    );
    let get = |path: &str| token_event(&token().sign(), "GET", path);
    let calls = [
        (get("/notes/1"), Ok(())),
        (get("/notes/%60x%60"), Ok(())),
        (get("/things/urn%3Aisbn%3A1"), Err(NotExpressible)),
        (get("/things%3Abatch"), Err(NoMatchingRoute)),
        (get("/notes/1"), Ok(())),
    ];
    let run = check(&config, &calls);
    let allows = |at| {
        let policy = policy(&run, at);
        let statements = policy["Statement"].as_array().unwrap().clone();
        let allowed = |statement: &&Value| statement["Effect"] == "Allow";
        let Some(statement) = statements.iter().find(allowed) else {
            return Vec::new();
        };
        statement["Resource"].as_array().unwrap().clone()
    };
    for at in 1..calls.len() {
        for resource in allows(0) {
            assert!(allows(at).contains(&resource), "{at}: {resource}");
        }
    }
}

#[test]
fn an_odd_method_is_the_clients_fault() {
    let config = pool_config("KEYS\n[[routes]]\nroute = \"GET /books\"\n");
    let good = token().sign();
    let mut calls = Vec::new();
    for method in [
        "FOO_BAR",
        "X.Y",
        "get",
        "M-SEARCH",
        "PROPFIND",
        "A",
        &"G".repeat(200),
    ] {
        calls.push((token_event(&good, method, "/books"), Err(NoMatchingRoute)));
        let mut nobody = token_event(&good, method, "/books");
        nobody["authorizationToken"] = Value::Null;
        calls.push((nobody, Err(MissingToken)));
    }
    let run = check(&config, &calls);
    for (at, posted) in run.posted.iter().enumerate() {
        if at % 2 == 0 {
            assert!(
                !posted.body.contains("Allow\",\"Resource\":[]"),
                "{}",
                posted.body
            );
            assert_eq!(posted.to, "response", "{}", posted.body);
        } else {
            assert_eq!(posted.body, error("Unauthorized"));
        }
    }
}

#[test]
fn an_empty_cookie_or_query_is_no_second_credential() {
    let config = format!(
        "token_sources = [\"header:Authorization\", \"cookie:token\", \"query:token\"]\n{}",
        pool_config("KEYS")
    );
    let bearer = format!("Bearer {}", token().sign());
    let event = |headers: Value, query: Value| {
        json!({
            "type": "REQUEST", "methodArn": format!("{STAGE}/GET/books"), "path": "/books",
            "httpMethod": "GET", "headers": headers, "queryStringParameters": query,
            "requestContext": {"stage": "prod"},
        })
    };
    let header = json!({"Authorization": bearer});
    let both = json!({"Authorization": bearer, "Cookie": "token="});
    check(
        &config,
        &[
            (event(header.clone(), Value::Null), Ok(())),
            (event(both, Value::Null), Ok(())),
            (event(header.clone(), json!({"token": ""})), Ok(())),
            (
                event(header, json!({"token": token().sign()})),
                Err(DenyReason::MalformedToken),
            ),
        ],
    );
}

#[test]
fn a_scope_reaches_the_back_end_as_one_word_or_not_at_all() {
    let scope = "books/read a/x\u{a0}books/write";
    let event = token_event(&token().claim("scope", scope).sign(), "GET", "/books");
    let run = check(&pool_config("KEYS"), &[(event, Ok(()))]);
    let reply: Value = serde_json::from_str(&run.posted[0].body).unwrap();
    assert_eq!(reply["context"]["scope"], "books/read");
    assert!(!reply["context"].to_string().contains("books/write"));
}
