//! Every kind of API through all eight steps: its event, its reply to the letter, and that the
//! reply is what the crate of the event types takes for one.

use aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerResponse, ApiGatewayV2CustomAuthorizerSimpleResponse,
};
use aws_lambda_events::appsync::AppSyncLambdaAuthorizerResponse;
use cognito_authorizer::reason::DenyReason::{
    self, InsufficientScope, MissingToken, NoMatchingRoute, NotInGroup, TokenExpired,
};
use cognito_authorizer::verdict::{Answer, Verdict};
use serde_json::{Value, json};

use crate::support::authorizer::{STAGE, authorizer, issuer_keys, pool_config, verdict};
use crate::support::token::{NOW, Token};

const ROUTES: &str = r#"
[[routes]]
route = "GET /books"
scopes = ["books/read"]
[[routes]]
route = "$connect"
scopes = ["books/read"]
[[routes]]
route = "$default"
any_group = ["admins"]
[[routes]]
route = "Query.books"
scopes = ["books/read"]
[[routes]]
route = "Mutation.addBook"
scopes = ["books/write"]
[[routes]]
route = "Mutation.removeBook"
any_group = ["admins"]
"#;

#[track_caller]
fn answered(top: &str, event: &Value) -> Verdict {
    let served = issuer_keys();
    let authorizer = authorizer(&format!("{top}\n{}", pool_config(ROUTES)), &served);
    verdict(&authorizer, event)
}

fn reply(verdict: Verdict) -> Option<Value> {
    match verdict.into_answer() {
        Answer::Reply(reply) => Some(serde_json::to_value(reply).unwrap()),
        Answer::Unauthorized | Answer::Failure(_) => None,
    }
}

fn http_1(token: &str, verb: &str, path: &str) -> Value {
    json!({
        "version": "1.0", "type": "REQUEST", "methodArn": format!("{STAGE}/{verb}{path}"),
        "identitySource": format!("Bearer {token}"),
        "authorizationToken": format!("Bearer {token}"),
        "resource": path, "path": path, "httpMethod": verb,
        "headers": {"authorization": format!("Bearer {token}"), "host": "api.example"},
        "queryStringParameters": {}, "pathParameters": null, "stageVariables": null,
        "requestContext": {"apiId": "a1b2c3d4e5", "httpMethod": verb, "stage": "prod"},
    })
}

fn http_2(token: &str, verb: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/{verb}{path}"),
        "identitySource": [format!("Bearer {token}")], "routeKey": format!("{verb} {}", if path.is_empty() { "/" } else { path }),
        "rawPath": format!("/prod{path}"), "rawQueryString": "", "cookies": null,
        "headers": {"authorization": format!("Bearer {token}")}, "queryStringParameters": null,
        "requestContext": {
            "apiId": "a1b2c3d4e5", "stage": "prod",
            "http": {"method": verb, "path": format!("/prod{path}"), "sourceIp": "192.0.2.1"},
        },
        "pathParameters": null, "stageVariables": null,
    })
}

fn web_socket(headers: &Value, query: &Value) -> Value {
    json!({
        "type": "REQUEST", "methodArn": format!("{STAGE}/$connect"),
        "headers": headers, "multiValueHeaders": null,
        "queryStringParameters": query, "multiValueQueryStringParameters": null,
        "stageVariables": null,
        "requestContext": {
            "routeKey": "$connect", "eventType": "CONNECT", "connectionId": "c=", "stage": "prod",
            "apiId": "a1b2c3d4e5",
        },
    })
}

fn app_sync(authorization: &str) -> Value {
    json!({
        "authorizationToken": authorization,
        "requestContext": {
            "apiId": "aaaa", "accountId": "123456789012", "requestId": "r",
            "queryString": "query { books }", "operationName": null, "variables": {},
        },
        "requestHeaders": {"host": "graphql.example"},
    })
}

fn context(more: &Value) -> Value {
    let mut context = json!({
        "sub": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
        "username": "ann",
        "client_id": "1example23456789clientid",
        "scope": "openid books/read",
        "custom_scopes": "books/read",
        "token_use": "access",
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "exp": "2000003000",
        "jti": "5f2c7e9a-1d3b-4c6e-a8f0-2b4d6e8f0a1c",
    });
    context
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    context
}

fn policy(allow: &[&str], deny: &[&str], more: &Value) -> Value {
    let statement = |(effect, resources): (&str, &[&str])| {
        let resources: Vec<String> = resources
            .iter()
            .map(|resource| format!("{STAGE}/{resource}"))
            .collect();
        (!resources.is_empty()).then(
            || json!({"Effect": effect, "Action": ["execute-api:Invoke"], "Resource": resources}),
        )
    };
    let statements: Vec<Value> = [("Allow", allow), ("Deny", deny)]
        .into_iter()
        .filter_map(statement)
        .collect();
    json!({
        "principalId": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
        "policyDocument": {"Version": "2012-10-17", "Statement": statements},
        "context": context(more),
    })
}

/// A row: what it shows, the top of the configuration, the event, the reason, the reply.
type Row = (
    &'static str,
    &'static str,
    Value,
    Option<DenyReason>,
    Option<Value>,
);

#[track_caller]
fn check(rows: Vec<Row>) {
    for (case, top, event, reason, expected) in rows {
        let verdict = answered(top, &event);
        assert_eq!(verdict.reason(), reason, "{case}");
        let reply = reply(verdict);
        assert_eq!(reply, expected, "{case}");
    }
}

/// What is denied to a reader, whatever was asked first.
const CLOSED: [&str; 23] = [
    "$default",
    "*%2E*",
    "*%2F*",
    "*%2e*",
    "*%2f*",
    "*%62*",
    "*%6B*",
    "*%6F*",
    "*%6b*",
    "*%6f*",
    "*%73*",
    "*/.",
    "*/..",
    "*/../*",
    "*/./*",
    "*//*",
    "DELETE/*",
    "GET/",
    "HEAD/*",
    "OPTIONS/*",
    "PATCH/*",
    "POST/*",
    "PUT/*",
];
const REFUSED: &str = "unauthorized = \"deny\"";
const SIMPLE: &str = "http_api_response = \"simple\"";

#[test]
fn http_apis_get_a_policy_or_a_simple_response() {
    let none = json!({});
    let refused = json!({"error": "insufficient_scope"});
    let (ann, old) = (
        Token::access().sign(),
        Token::access().claim("exp", NOW - 5).sign(),
    );
    let connected = policy(&["GET/books"], &CLOSED, &none);
    let denied = policy(&["GET/books"], &CLOSED, &refused);
    let simple =
        |yes: bool, more: &Value| Some(json!({"isAuthorized": yes, "context": context(more)}));
    let stranger = Some(json!({"isAuthorized": false, "context": {"error": "invalid_token"}}));
    check(vec![
        (
            "1.0, allowed",
            "",
            http_1(&ann, "GET", "/books"),
            None,
            Some(connected.clone()),
        ),
        (
            "1.0, refused",
            "",
            http_1(&ann, "POST", "/books"),
            Some(NotInGroup),
            Some(denied.clone()),
        ),
        (
            "1.0 is never simple",
            SIMPLE,
            http_1(&ann, "GET", "/books"),
            None,
            Some(connected.clone()),
        ),
        (
            "1.0, expired",
            "",
            http_1(&old, "GET", "/books"),
            Some(TokenExpired),
            None,
        ),
        (
            "2.0, allowed",
            "",
            http_2(&ann, "GET", "/books"),
            None,
            Some(connected),
        ),
        (
            "2.0, refused",
            "",
            http_2(&ann, "POST", "/books"),
            Some(NotInGroup),
            Some(denied),
        ),
        (
            "2.0, expired",
            "",
            http_2(&old, "GET", "/books"),
            Some(TokenExpired),
            None,
        ),
        (
            "simple, allowed",
            SIMPLE,
            http_2(&ann, "GET", "/books"),
            None,
            simple(true, &none),
        ),
        (
            "simple, refused",
            SIMPLE,
            http_2(&ann, "POST", "/books"),
            Some(NotInGroup),
            simple(false, &refused),
        ),
        (
            "simple, expired",
            SIMPLE,
            http_2(&old, "GET", "/books"),
            Some(TokenExpired),
            None,
        ),
        (
            "simple, expired, denied",
            "http_api_response = \"simple\"\nunauthorized = \"deny\"",
            http_2(&old, "GET", "/books"),
            Some(TokenExpired),
            stranger,
        ),
    ]);
}

#[test]
fn the_default_route_takes_what_no_other_takes() {
    let admin = Token::access()
        .claim("cognito:groups", json!(["admins"]))
        .without("scope")
        .sign();
    for (token, verb, path, reason) in [
        (&admin, "GET", "/elsewhere/deep", None),
        (&admin, "POST", "/books", None),
        (&admin, "GET", "", None),
        (&admin, "GET", "/books", Some(InsufficientScope)),
        (
            &Token::access().sign(),
            "GET",
            "/elsewhere",
            Some(NotInGroup),
        ),
    ] {
        let verdict = answered("", &http_2(token, verb, path));
        assert_eq!(verdict.reason(), reason, "{verb} {path}");
    }
}

#[test]
fn web_sockets_are_decided_at_connect() {
    let (ann, none) = (Token::access().sign(), json!({}));
    let reader = policy(&["$connect"], &[], &none);
    let poor = Token::access().claim("scope", "openid").sign();
    let mut refused = policy(
        &[],
        &["$connect"],
        &json!({"error": "insufficient_scope", "scope": "openid"}),
    );
    refused["context"]
        .as_object_mut()
        .unwrap()
        .remove("custom_scopes");
    let sources =
        "token_sources = [\"query:token\", \"subprotocol:bearer\", \"header:Authorization\"]";
    let by_query = json!({ "token": ann });
    let protocol = |list: String| web_socket(&json!({"Sec-WebSocket-Protocol": list}), &none);
    let twice = Some(DenyReason::MalformedToken);
    check(vec![
        (
            "query",
            sources,
            web_socket(&none, &by_query),
            None,
            Some(reader.clone()),
        ),
        (
            "subprotocol",
            sources,
            protocol(format!("bearer, {ann}")),
            None,
            Some(reader.clone()),
        ),
        (
            "subprotocol with its scheme",
            sources,
            protocol(format!("bearer, Bearer {ann}")),
            None,
            Some(reader.clone()),
        ),
        (
            "subprotocol with another scheme",
            sources,
            protocol(format!("bearer, Basic {ann}")),
            twice,
            None,
        ),
        (
            "query with its scheme",
            sources,
            web_socket(&none, &json!({"token": format!("bearer {ann}")})),
            None,
            Some(reader.clone()),
        ),
        (
            "with others",
            sources,
            protocol(format!("chat,bearer,{ann}, v2")),
            None,
            Some(reader.clone()),
        ),
        (
            "two of them",
            sources,
            protocol(format!("bearer, {ann}, bearer, {ann}")),
            twice,
            None,
        ),
        (
            "without its token",
            sources,
            protocol("chat, bearer".to_owned()),
            Some(MissingToken),
            None,
        ),
        (
            "nothing",
            sources,
            web_socket(&none, &Value::Null),
            Some(MissingToken),
            None,
        ),
        (
            "header",
            sources,
            web_socket(&json!({"Authorization": format!("Bearer {ann}")}), &none),
            None,
            Some(reader),
        ),
        (
            "query and header",
            sources,
            web_socket(
                &json!({"Authorization": format!("Bearer {ann}")}),
                &by_query,
            ),
            twice,
            None,
        ),
        (
            "refused",
            sources,
            web_socket(&none, &json!({ "token": poor })),
            Some(InsufficientScope),
            Some(refused),
        ),
    ]);
}

#[test]
fn app_sync_is_told_which_fields_are_closed() {
    let none = json!({});
    let said = |yes: bool, denied: &[&str], ttl: u64, more: &Value| {
        Some(json!({
            "isAuthorized": yes, "resolverContext": context(more), "deniedFields": denied,
            "ttlOverride": ttl,
        }))
    };
    let stranger = Some(json!({
        "isAuthorized": false, "resolverContext": {"error": "invalid_token"}, "deniedFields": [],
        "ttlOverride": 0,
    }));
    let closed = ["Mutation.addBook", "Mutation.removeBook"];
    let ann = Token::access();
    let bearer = |token: &Token| app_sync(&format!("Bearer {}", token.sign()));
    let short = ann.clone().claim("exp", NOW + 7);
    let soon = json!({"exp": (NOW + 7).to_string()});
    let scoped = "required_scopes = [\"books/admin\"]";
    let old = ann.clone().claim("exp", NOW - 5);
    let lacking = json!({"error": "insufficient_scope"});
    check(vec![
        (
            "allowed",
            "",
            bearer(&ann),
            None,
            said(true, &closed, 300, &none),
        ),
        (
            "without a scheme",
            "",
            app_sync(&ann.sign()),
            None,
            said(true, &closed, 300, &none),
        ),
        (
            "in a scheme that nobody configured",
            "",
            app_sync(&format!("Token {}", ann.sign())),
            Some(DenyReason::MalformedToken),
            stranger.clone(),
        ),
        (
            "in a scheme that is configured",
            "authorization_schemes = [\"Token\"]",
            app_sync(&format!("Token {}", ann.sign())),
            None,
            said(true, &closed, 300, &none),
        ),
        (
            "Bearer beside it",
            "authorization_schemes = [\"Token\"]",
            bearer(&ann),
            None,
            said(true, &closed, 300, &none),
        ),
        (
            "about to end",
            "",
            bearer(&short),
            None,
            said(true, &closed, 7, &soon),
        ),
        (
            "a scope for all",
            scoped,
            bearer(&ann),
            Some(InsufficientScope),
            said(false, &closed, 300, &lacking),
        ),
        (
            "expired",
            "",
            bearer(&old),
            Some(TokenExpired),
            stranger.clone(),
        ),
        (
            "no token",
            "",
            app_sync(""),
            Some(MissingToken),
            stranger.clone(),
        ),
        (
            "no token, denied",
            REFUSED,
            app_sync(""),
            Some(MissingToken),
            stranger,
        ),
    ]);
}

/// The connection for subscriptions is answered as a query is: the answer may be kept for the token
/// and met by the next query, and each subscription is asked about by itself.
#[test]
fn a_connection_to_app_sync_is_answered_as_a_query_is() {
    let connection = |event: Value, query: Value| {
        let mut event = event;
        event["requestContext"]["operationName"] = json!("DeepDish:Connect");
        event["requestContext"]["queryString"] = query;
        event
    };
    let ann = Token::access();
    let poor = ann.clone().claim("scope", "openid");
    let old = ann.clone().claim("exp", NOW - 1);
    let other = ann.clone().claim("client_id", "other");
    for token in [ann, poor, old, other] {
        let event = app_sync(&format!("Bearer {}", token.sign()));
        for top in ["", "required_scopes = [\"books/read\"]"] {
            let query = answered(top, &event);
            for text in [json!(null), json!("")] {
                let connection = answered(top, &connection(event.clone(), text));
                assert_eq!(connection.reason(), query.reason(), "{top}");
                let (one, other) = (reply(connection), reply(answered(top, &event)));
                assert!(
                    one.is_some() && one == other,
                    "{top}: {one:?}, not {other:?}"
                );
            }
        }
    }
}

#[test]
fn a_table_without_fields_is_not_one_for_app_sync() {
    let served = issuer_keys();
    let routes = "[[routes]]\nroute = \"GET /books\"";
    let authorizer = authorizer(&pool_config(routes), &served);
    let verdict = verdict(&authorizer, &app_sync(&Token::access().sign()));
    assert_eq!(verdict.reason(), Some(NoMatchingRoute));
    assert_eq!(reply(verdict).unwrap()["isAuthorized"], false);
}

#[test]
fn replies_are_what_the_event_types_take() {
    let (ann, none) = (Token::access().sign(), json!({}));
    let of = |top: &str, event: Value| reply(answered(top, &event)).unwrap();
    let policies = [http_1(&ann, "GET", "/books"), http_2(&ann, "GET", "/books")];
    for event in policies {
        let parsed: ApiGatewayCustomAuthorizerResponse =
            serde_json::from_value(of("", event)).unwrap();
        assert!(!parsed.policy_document.statement.is_empty());
    }
    let connect = of(
        "token_sources = [\"query:t\"]",
        web_socket(&none, &json!({ "t": ann })),
    );
    let parsed: ApiGatewayCustomAuthorizerResponse = serde_json::from_value(connect).unwrap();
    assert_eq!(parsed.policy_document.statement.len(), 1);
    let simple = of(SIMPLE, http_2(&ann, "GET", "/books"));
    let parsed: ApiGatewayV2CustomAuthorizerSimpleResponse =
        serde_json::from_value(simple).unwrap();
    assert!(parsed.is_authorized);
    let graphql = of("", app_sync(&ann));
    let parsed: AppSyncLambdaAuthorizerResponse = serde_json::from_value(graphql).unwrap();
    assert!(parsed.is_authorized);
}

/// "Quotas for configuring and running a WebSocket API in API Gateway".
#[test]
fn an_answer_to_a_web_socket_has_at_most_8_kilobytes() {
    let scopes: Vec<String> = (0..300).map(|n| format!("books/r{n:03}")).collect();
    let scope = format!("books/read {}", scopes.join(" "));
    let answer = |name_chars: usize| {
        let token = Token::access().claim("scope", &*scope);
        let token = token.claim("username", "n".repeat(name_chars)).sign();
        let sources = "token_sources = [\"query:token\"]";
        let event = web_socket(&json!({}), &json!({ "token": token }));
        reply(answered(sources, &event)).unwrap()
    };
    let bytes = |reply: &Value| reply.to_string().len();
    let room = 8192 - bytes(&answer(0));
    assert!(room > 0);
    for (case, name_chars, length, left_out) in [
        ("as long as may be", room, 8192, None),
        (
            "one byte more",
            room + 1,
            8193 - scope.len() - r#""scope":"","#.len(),
            Some("scope"),
        ),
    ] {
        let reply = answer(name_chars);
        assert_eq!(bytes(&reply), length, "{case}");
        let context = reply["context"].as_object().unwrap();
        let gone = ["scope", "custom_scopes", "username", "sub"];
        let gone = gone.into_iter().find(|key| !context.contains_key(*key));
        assert_eq!(gone, left_out, "{case}");
    }
}
