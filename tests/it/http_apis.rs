//! What an HTTP API's event says beside its ARN: the path of a call of `$default`, a path that was
//! decoded, the route that was chosen.

use cognito_authorizer::reason::DenyReason::{
    self, InsufficientScope, InvalidEvent, InvalidPath, NoMatchingRoute, NotBound, NotExpressible,
    NotInGroup,
};
use cognito_authorizer::verdict::Answer;
use serde_json::{Value, json};

use crate::support::authorizer::{STAGE, authorizer, issuer_keys, pool_config, verdict};
use crate::support::token::Token;

const ROUTES: &str = r#"
[[routes]]
route = "GET /admin"
any_group = ["admins"]
[[routes]]
route = "GET /users/{id}"
bind = { id = "username" }
[[routes]]
route = "GET /users/{id}/loans"
scopes = ["books/write"]
[[routes]]
route = "GET /hello"
[[routes]]
route = "$default"
"#;

const OPEN: &str = "[[routes]]\nroute = \"$default\"\n[[routes]]\nroute = \"GET /hello\"\n";

const SIMPLE: &str = "http_api_response = \"simple\"\n";
const REQUEST: &str = "policy = \"request\"\n";

/// An event of payload format 2.0 on the API's own domain, stage `prod`.
fn event(arn: &str, key: &str, method: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/{arn}"),
        "routeKey": key, "rawPath": format!("/prod{path}"),
        "headers": {"authorization": format!("Bearer {}", Token::access().sign())},
        "requestContext": {
            "apiId": "a1b2c3d4e5", "stage": "prod", "routeKey": key,
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "http": {"method": method, "path": format!("/prod{path}")},
        },
    })
}

#[track_caller]
fn check(
    top: &str,
    routes: &str,
    event: &Value,
    expected: Result<(), DenyReason>,
) -> Option<Value> {
    let served = issuer_keys();
    let authorizer = authorizer(&format!("{top}{}", pool_config(routes)), &served);
    let verdict = verdict(&authorizer, event);
    assert_eq!(
        verdict.reason().map_or(Ok(()), Err),
        expected,
        "{top} {event}"
    );
    match verdict.into_answer() {
        Answer::Reply(reply) => Some(serde_json::to_value(reply).unwrap()),
        Answer::Unauthorized | Answer::Failure(_) => None,
    }
}

/// Whether the reply allows all calls of `$default`.
fn opens_default(reply: Option<&Value>) -> bool {
    let statements = reply.unwrap()["policyDocument"]["Statement"].clone();
    statements.as_array().unwrap().iter().any(|statement| {
        let resources = statement["Resource"].as_array().unwrap();
        statement["Effect"] == "Allow" && resources.contains(&json!(format!("{STAGE}/$default")))
    })
}

#[test]
fn a_call_of_the_default_route_is_judged_by_its_path() {
    for (method, path, decided) in [
        ("GET", "/admin", Err(NotInGroup)),
        ("GET", "/users/bob", Err(NotBound)),
        ("GET", "/users/ann", Ok(())),
        ("GET", "/users/ann/loans", Err(InsufficientScope)),
        ("GET", "/elsewhere/deep", Ok(())),
        ("POST", "/admin", Ok(())),
        ("GET", "/", Ok(())),
        ("GET", "/a//b", Err(InvalidPath)),
        ("GET", "/a/*", Err(InvalidPath)),
        ("GET", "/a%2Fb", Err(InvalidPath)),
        // A back end that decodes what the API has decoded finds `/admin` and `/users/bob`.
        ("GET", "/%61dmin", Err(InvalidPath)),
        ("GET", "/users/b%6Fb", Err(InvalidPath)),
        ("GET", "/users%2Dx", Err(InvalidPath)),
        ("GET", "/%61%3Ab", Err(InvalidPath)),
        ("GET", "/a%3Ab", Ok(())),
        ("FOO_BAR", "/a", Err(NoMatchingRoute)),
        ("$connect", "/a", Err(NoMatchingRoute)),
        ("$default", "/a", Err(InvalidPath)),
    ] {
        let event = event("$default", "$default", method, path);
        check(SIMPLE, ROUTES, &event, decided);
        check(REQUEST, ROUTES, &event, decided);
        let in_a_policy = decided.and(Err(NotExpressible));
        let reply = check("", ROUTES, &event, in_a_policy);
        assert!(reply.is_none() || !opens_default(reply.as_ref()), "{path}");
    }
    let all = check(
        "",
        OPEN,
        &event("$default", "$default", "GET", "/x"),
        Ok(()),
    );
    assert!(opens_default(all.as_ref()));
    // A Deny of an odd call would be one of all others: it is refused by an error, which is not kept.
    let odd = event("$default", "$default", "FOO_BAR", "/x");
    assert_eq!(check("", OPEN, &odd, Err(InvalidPath)), None);
    // Named in the ARN, a path is judged and allowed as any other, and nothing else is opened.
    let named = event("GET/elsewhere", "$default", "GET", "/elsewhere");
    assert!(!opens_default(check("", ROUTES, &named, Ok(())).as_ref()));
    // A table that does not cover all paths never opens them all.
    let some = "[[routes]]\nroute = \"GET /hello\"\n";
    let hello = event("$default", "$default", "GET", "/hello");
    check("", some, &hello, Err(NotExpressible));
}

#[test]
fn a_call_of_the_default_route_must_say_what_it_is() {
    let mut event = event("$default", "$default", "GET", "/x");
    event["rawPath"] = Value::Null;
    check(SIMPLE, ROUTES, &event, Err(InvalidEvent));
    event["path"] = json!("/prod/admin");
    check(SIMPLE, ROUTES, &event, Err(NotInGroup));
    event["requestContext"]["http"] = Value::Null;
    check(SIMPLE, ROUTES, &event, Err(InvalidEvent));
}

/// Nothing tells how much of a path below a custom domain is the mapping key.
#[test]
fn a_mapping_key_hides_no_path() {
    for (path, expected) in [
        ("/v1/admin", Err(NotInGroup)),
        ("/orders/v1/admin", Err(NotInGroup)),
        ("/admin", Err(NotInGroup)),
        ("/v1/other", Ok(())),
    ] {
        let mut event = event("$default", "$default", "GET", "");
        event["requestContext"]["domainName"] = json!("api.example.com");
        event["rawPath"] = json!(path);
        check(SIMPLE, ROUTES, &event, expected);
    }
    // The key may be all of the path, and up to 300 characters long, however they are written.
    let root = ROUTES.replace(
        "route = \"GET /hello\"",
        "route = \"GET /\"\nscopes = [\"x\"]",
    );
    let long = format!("/{}/admin", "k".repeat(299));
    let longest = format!("/{}/admin", "k".repeat(300));
    let too_long = format!("/{}/admin", "k".repeat(301));
    let encoded = format!("/{}/admin", "%24".repeat(300));
    for (path, expected) in [
        ("/v1", Err(InsufficientScope)),
        ("/v1/", Err(InsufficientScope)),
        ("/orders/v1", Err(InsufficientScope)),
        ("/", Err(InsufficientScope)),
        (long.as_str(), Err(NotInGroup)),
        (&longest, Err(NotInGroup)),
        (&encoded, Err(NotInGroup)),
        (&too_long, Ok(())),
    ] {
        let mut event = event("$default", "$default", "GET", "");
        event["requestContext"]["domainName"] = json!("api.example.com");
        event["rawPath"] = json!(path);
        check(SIMPLE, &root, &event, expected);
    }
    let mut of_root = event("GET/", "GET /", "GET", "");
    of_root["requestContext"]["domainName"] = json!("api.example.com");
    let open = "[[routes]]\nroute = \"GET /\"\n";
    for path in ["/v1", "/v1/", "/orders/v1", "/", ""] {
        of_root["rawPath"] = json!(path);
        check("", open, &of_root, Ok(()));
        of_root["routeKey"] = Value::Null;
        check("", open, &of_root, Ok(()));
        of_root["routeKey"] = json!("GET /");
    }
    let mut unnamed = event("$default", "$default", "GET", "");
    unnamed["requestContext"]["domainName"] = json!("api.example.com");
    unnamed["requestContext"]["apiId"] = Value::Null;
    unnamed["rawPath"] = json!("/v1/admin");
    check(SIMPLE, ROUTES, &unnamed, Err(NotInGroup));
    let mut named = event("GET/hello", "GET /hello", "GET", "");
    named["requestContext"]["domainName"] = json!("api.example.com");
    for path in ["/hello", "/v1/hello", "/orders/v1/hello", "/prod/hello"] {
        named["rawPath"] = json!(path);
        check("", ROUTES, &named, Ok(()));
    }
}

#[test]
fn the_chosen_route_must_be_one_for_the_path() {
    for (arn, key, path, expected) in [
        ("GET/hello", "GET /hello", "/hello", Ok(())),
        ("GET/hello", "ANY /{proxy+}", "/hello", Ok(())),
        ("GET/hello", "ANY /{one}", "/hello", Ok(())),
        ("GET/hello", "$default", "/hello", Ok(())),
        ("GET/hello", "POST /hello", "/hello", Err(InvalidPath)),
        ("GET/hello", "GET /other", "/hello", Err(InvalidPath)),
        ("GET/hello", "GET /hello/{a}", "/hello", Err(InvalidPath)),
        ("GET/hello", "nonsense", "/hello", Err(InvalidPath)),
        ("GET/users/ann", "GET /users/{id}", "/users/ann", Ok(())),
        // A slash that was encoded, and that the API has decoded.
        (
            "GET/users/a/loans",
            "GET /users/{id}",
            "/users/a/loans",
            Err(InvalidPath),
        ),
        ("GET/hello", "GET /hello", "/admin", Err(InvalidPath)),
        // No Deny of the ARN's path, which is open.
        ("GET/hello", "$default", "/admin", Err(InvalidPath)),
        // One is the decoded form of the other.
        ("GET/a%20b", "GET /{x}", "/a b", Ok(())),
        ("GET/100%25", "GET /{x}", "/100%", Ok(())),
        ("GET/a b", "GET /{x}", "/a b", Ok(())),
    ] {
        let method = "GET";
        check("", ROUTES, &event(arn, key, method, path), expected);
    }
}

/// A stage is no part of the path, and a path that begins as a stage is called is none.
#[test]
fn only_a_stage_is_taken_from_the_start_of_a_path() {
    let other_default = ROUTES.replace(
        "route = \"$default\"",
        "route = \"$default\"\nscopes = [\"x\"]",
    );
    let on_default = |path: &str| {
        let mut event = event("$default", "$default", "GET", "");
        let arn = STAGE.replace("/prod", "/$default");
        event["routeArn"] = json!(format!("{arn}/$default"));
        event["rawPath"] = json!(path);
        event
    };
    check(SIMPLE, &other_default, &on_default("/hello"), Ok(()));
    let fake = on_default("/$default/hello");
    check(SIMPLE, &other_default, &fake, Err(InsufficientScope));
    let twice = event("$default", "$default", "GET", "/prod/hello");
    check(SIMPLE, &other_default, &twice, Err(InsufficientScope));
    let mut first = event("$default", "$default", "GET", "/hello");
    first["version"] = json!("1.0");
    first["methodArn"] = first["routeArn"].take();
    first["httpMethod"] = json!("GET");
    first["path"] = first["rawPath"].take();
    first["requestContext"]["http"] = Value::Null;
    // With or without the stage at its start: not documented, so both must be open.
    check(REQUEST, &other_default, &first, Err(InsufficientScope));
    first["path"] = json!("/hello");
    check(REQUEST, &other_default, &first, Ok(()));
}

/// The ARN of an open route, and a path of the event that is not open: a Deny of the one would close
/// the route to its owner for as long as the answer is kept.
#[test]
fn a_path_that_is_not_the_arns_closes_no_route() {
    let routes = "[[routes]]\nroute = \"GET /books\"\n[[routes]]\nroute = \"GET /u/{id}\"\n\
                  bind = { id = \"username\" }\n";
    for (arn, key, path) in [
        ("GET/books", "GET /books", "/books/"),
        ("GET/books", "GET /books", "/books "),
        ("GET/books", "$default", "/elsewhere"),
        ("GET/u/ann", "GET /u/{id}", "/u/%61nn"),
        ("GET/u/ann", "GET /u/{id}", "/u/ann "),
    ] {
        let odd = event(arn, key, "GET", path);
        assert_eq!(check("", routes, &odd, Err(InvalidPath)), None, "{path}");
    }
}

/// However long a path is, below a custom domain it has no more readings than an ARN's length allows.
#[test]
fn a_long_path_is_not_read_in_every_way() {
    let mut event = event("$default", "$default", "GET", "");
    event["requestContext"]["domainName"] = json!("api.example.com");
    event["rawPath"] = json!("/".to_owned() + &"a/".repeat(799) + "a");
    check(SIMPLE, OPEN, &event, Ok(()));
    event["rawPath"] = json!("/".to_owned() + &"a/".repeat(800) + "a");
    check(SIMPLE, OPEN, &event, Err(InvalidPath));
}
