//! Which events are taken: the two kinds of a REST API, with nulls and gaps wherever API Gateway
//! has been seen to leave them.

use cognito_authorizer::event::{ApiKind, AuthorizationRequest};
use cognito_authorizer::reason::DenyReason::{InvalidEvent, InvalidPath, MissingToken};
use serde_json::{Value, json};

use super::{Expect, authorization, bearer, check};
use crate::support::authorizer::STAGE;

fn arn() -> String {
    format!("{STAGE}/GET/request")
}

/// An event of AppSync with these members in its context beside the API's.
fn handshake(more: &Value) -> Value {
    let mut context = json!({"apiId": "aaaa", "accountId": "123456789012", "variables": {}});
    let more = more.as_object().unwrap().clone();
    context.as_object_mut().unwrap().extend(more);
    json!({"authorizationToken": "Bearer a.b.c", "requestContext": context})
}

/// A `TOKEN` event as the developer guide shows it.
fn token() -> Value {
    json!({"type": "TOKEN", "authorizationToken": "Bearer a.b.c", "methodArn": arn()})
}

/// A `REQUEST` event as the developer guide shows it.
fn request() -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": arn(),
        "resource": "/request",
        "path": "/request",
        "httpMethod": "GET",
        "headers": {"Authorization": "Bearer a.b.c", "Accept": "*/*"},
        "multiValueHeaders": {"Authorization": ["Bearer a.b.c"], "Accept": ["*/*"]},
        "queryStringParameters": {"q": "1"},
        "multiValueQueryStringParameters": {"q": ["1"]},
        "pathParameters": {},
        "stageVariables": {"StageVar1": "v"},
        "requestContext": {
            "path": "/request", "accountId": "123456789012", "resourceId": "05c7jb",
            "stage": "test", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"apiKey": null, "sourceIp": "192.0.2.1", "clientCert": null},
            "resourcePath": "/request", "httpMethod": "GET", "apiId": "s4x3opwd6i",
        },
    })
}

/// `event` with other members; null stands for null, not for absence.
fn with(event: fn() -> Value, members: &Value) -> Value {
    let mut event = event();
    let members = members.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(members);
    event
}

fn without(event: fn() -> Value, name: &str) -> Value {
    let mut event = event();
    event.as_object_mut().unwrap().remove(name).unwrap();
    event
}

#[test]
fn both_kinds_of_a_rest_api_are_told_apart() {
    for (event, kind, name) in [
        (token(), ApiKind::RestToken, "rest_token"),
        (request(), ApiKind::RestRequest, "rest_request"),
    ] {
        let parsed =
            AuthorizationRequest::parse(&event.to_string(), &authorization(), &bearer()).unwrap();
        assert_eq!(parsed.kind(), kind);
        assert_eq!(parsed.kind().as_str(), name);
        assert_eq!(parsed.operation().arn().unwrap().as_str(), arn());
        assert!(!format!("{parsed:?}").contains("a.b.c"), "{parsed:?}");
    }
}

#[test]
fn what_does_not_matter_may_be_null_or_missing() {
    for name in [
        "resource",
        "path",
        "httpMethod",
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "requestContext",
    ] {
        let gone = without(request, name);
        check(name, &gone, &authorization(), Ok("a.b.c"));
        let null = with(request, &json!({name: null}));
        check(name, &null, &authorization(), Ok("a.b.c"));
    }
    for (case, members) in [
        (
            "empty maps",
            json!({"multiValueHeaders": {}, "queryStringParameters": {}}),
        ),
        (
            "null values",
            json!({"multiValueHeaders": {"Accept": null, "Authorization": null}}),
        ),
        (
            "null in a list",
            json!({"multiValueHeaders": {"Authorization": [null, "Bearer a.b.c"]}}),
        ),
        ("empty context", json!({"requestContext": {}})),
        (
            "null in the context",
            json!({"requestContext": {"connectionId": null, "eventType": null}}),
        ),
        ("null version", json!({"version": null, "routeArn": null})),
        (
            "other members",
            json!({"body": {"a": [1, null]}, "isBase64Encoded": false}),
        ),
    ] {
        check(
            case,
            &with(request, &members),
            &authorization(),
            Ok("a.b.c"),
        );
    }
    let other = with(
        token,
        &json!({"headers": null, "requestContext": {"stage": 1}, "x": [{}]}),
    );
    check("members that no TOKEN event has", &other, &[], Ok("a.b.c"));
}

#[test]
fn what_matters_must_be_there() {
    type Row = (&'static str, Value, Expect);
    let rows: Vec<Row> = vec![
        ("no type", without(token, "type"), Err(InvalidEvent)),
        ("no type", without(request, "type"), Err(InvalidEvent)),
        (
            "null type",
            with(token, &json!({"type": null})),
            Err(InvalidEvent),
        ),
        (
            "other letter case",
            with(token, &json!({"type": "Token"})),
            Err(InvalidEvent),
        ),
        (
            "unknown type",
            with(token, &json!({"type": "JWT"})),
            Err(InvalidEvent),
        ),
        (
            "numeric type",
            with(token, &json!({"type": 1})),
            Err(InvalidEvent),
        ),
        ("no ARN", without(token, "methodArn"), Err(InvalidEvent)),
        ("no ARN", without(request, "methodArn"), Err(InvalidEvent)),
        (
            "null ARN",
            with(request, &json!({"methodArn": null})),
            Err(InvalidEvent),
        ),
        (
            "empty ARN",
            with(request, &json!({"methodArn": ""})),
            Err(InvalidEvent),
        ),
        (
            "ARN in a list",
            with(request, &json!({"methodArn": [arn()]})),
            Err(InvalidEvent),
        ),
        (
            "no token",
            without(token, "authorizationToken"),
            Err(MissingToken),
        ),
        (
            "null token",
            with(token, &json!({"authorizationToken": null})),
            Err(MissingToken),
        ),
        (
            "empty token",
            with(token, &json!({"authorizationToken": ""})),
            Err(MissingToken),
        ),
        (
            "scheme alone",
            with(token, &json!({"authorizationToken": "Bearer "})),
            Err(MissingToken),
        ),
        (
            "token in a list",
            with(token, &json!({"authorizationToken": ["Bearer a.b.c"]})),
            Err(InvalidEvent),
        ),
        (
            "headers that are a list",
            with(request, &json!({"headers": []})),
            Err(InvalidEvent),
        ),
        (
            "headers that are a text",
            with(request, &json!({"headers": "Authorization"})),
            Err(InvalidEvent),
        ),
        (
            "header in a list",
            with(request, &json!({"headers": {"Authorization": ["a"]}})),
            Err(InvalidEvent),
        ),
        (
            "header that is none",
            with(
                request,
                &json!({"multiValueHeaders": {"Authorization": "a"}}),
            ),
            Err(InvalidEvent),
        ),
        (
            "context that is a list",
            with(request, &json!({"requestContext": ["x"]})),
            Err(InvalidEvent),
        ),
        (
            "another verb",
            with(request, &json!({"httpMethod": "POST"})),
            Err(InvalidEvent),
        ),
        (
            "the verb in small letters",
            with(request, &json!({"httpMethod": "get"})),
            Err(InvalidEvent),
        ),
        (
            "a path of the ARN with a wildcard",
            with(request, &json!({"methodArn": format!("{STAGE}/GET/*")})),
            Err(InvalidPath),
        ),
    ];
    for (case, event, expect) in rows {
        check(case, &event, &authorization(), expect);
    }
}

/// The other kinds of API send `REQUEST` too, or nothing. Each is told by its own members, and
/// what has the members of two is of no kind.
#[test]
fn each_kind_is_told_by_its_own_members() {
    let connect = format!("{STAGE}/$connect");
    let rest = with(request, &json!({}));
    let mut route = with(request, &json!({"version": "2.0", "routeArn": arn()}));
    route.as_object_mut().unwrap().remove("methodArn");
    let web_socket = json!({"methodArn": connect, "httpMethod": null,
        "requestContext": {"connectionId": "a=", "eventType": "CONNECT"}});
    let app_sync = json!({
        "authorizationToken": "Bearer a.b.c",
        "requestContext": {"apiId": "aaaa", "queryString": "query { books }"},
    });
    let and = |event: &Value, members: Value| {
        let mut event = event.clone();
        let members = members.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(members);
        event
    };
    let rows = [
        ("REST", rest.clone(), Ok(ApiKind::RestRequest)),
        (
            "HTTP, payload 1.0",
            and(&rest, json!({"version": "1.0"})),
            Ok(ApiKind::Http1),
        ),
        ("HTTP, payload 2.0", route.clone(), Ok(ApiKind::Http2)),
        (
            "2.0 with both ARNs",
            and(&route, json!({"methodArn": arn()})),
            Err(InvalidEvent),
        ),
        (
            "2.0 without its ARN",
            and(&rest, json!({"version": "2.0"})),
            Err(InvalidEvent),
        ),
        (
            "1.0 with a route ARN",
            and(&route, json!({"version": "1.0"})),
            Err(InvalidEvent),
        ),
        (
            "payload 3.0",
            and(&rest, json!({"version": "3.0"})),
            Err(InvalidEvent),
        ),
        (
            "no version, a route ARN",
            and(&rest, json!({"routeArn": arn()})),
            Err(InvalidEvent),
        ),
        (
            "2.0, another verb in its context",
            and(
                &route,
                json!({"requestContext": {"http": {"method": "POST"}}}),
            ),
            Err(InvalidEvent),
        ),
        (
            "2.0, the default route",
            and(
                &route,
                json!({"routeArn": format!("{STAGE}/$default"),
                "requestContext": {"http": {"method": "POST"}}}),
            ),
            Ok(ApiKind::Http2),
        ),
        (
            "WebSocket",
            and(&rest, web_socket.clone()),
            Ok(ApiKind::WebSocket),
        ),
        (
            "WebSocket, by its event",
            and(
                &and(&rest, web_socket.clone()),
                json!({"requestContext": {"eventType": "CONNECT"}}),
            ),
            Ok(ApiKind::WebSocket),
        ),
        (
            "WebSocket with a verb",
            and(
                &and(&rest, web_socket.clone()),
                json!({"httpMethod": "GET"}),
            ),
            Err(InvalidEvent),
        ),
        (
            "WebSocket without its ARN",
            and(&and(&rest, web_socket), json!({"methodArn": arn()})),
            Err(InvalidEvent),
        ),
        (
            "its ARN without WebSocket",
            and(&rest, json!({"methodArn": connect})),
            Err(InvalidEvent),
        ),
        (
            "a token with a version",
            with(token, &json!({"version": "1.0"})),
            Err(InvalidEvent),
        ),
        ("AppSync", app_sync.clone(), Ok(ApiKind::AppSync)),
        (
            "AppSync without a token",
            and(&app_sync, json!({"authorizationToken": null})),
            Ok(ApiKind::AppSync),
        ),
        (
            "AppSync with an ARN",
            and(&app_sync, json!({"methodArn": arn()})),
            Err(InvalidEvent),
        ),
        (
            "AppSync with a type",
            and(&app_sync, json!({"type": "QUERY"})),
            Err(InvalidEvent),
        ),
        (
            "AppSync without its API",
            and(
                &app_sync,
                json!({"requestContext": {"queryString": "query { books }"}}),
            ),
            Err(InvalidEvent),
        ),
        (
            "a connection for subscriptions",
            handshake(&json!({"operationName": "DeepDish:Connect"})),
            Ok(ApiKind::AppSync),
        ),
        (
            "the name in the other letter case",
            handshake(&json!({"operationName": "Deepdish:Connect", "queryString": null})),
            Ok(ApiKind::AppSync),
        ),
        (
            "a connection with an empty query",
            handshake(&json!({"operationName": "DeepDish:Connect", "queryString": ""})),
            Ok(ApiKind::AppSync),
        ),
        (
            "a connection without its API",
            handshake(&json!({"operationName": "DeepDish:Connect", "apiId": null})),
            Err(InvalidEvent),
        ),
        (
            "another name without a query",
            handshake(&json!({"operationName": "Books"})),
            Err(InvalidEvent),
        ),
        (
            "a name with more in it",
            handshake(&json!({"operationName": "DeepDish:Connect "})),
            Err(InvalidEvent),
        ),
        (
            "a name that is no text, without a query",
            handshake(&json!({"operationName": ["DeepDish:Connect"]})),
            Err(InvalidEvent),
        ),
        (
            "a name that is no text, with a query",
            handshake(&json!({"operationName": {"a": [1e300]}, "queryString": "{ books }"})),
            Ok(ApiKind::AppSync),
        ),
        (
            "a channel of AppSync, opened",
            handshake(&json!({"operation": "EVENT_CONNECT", "channelNamespaceName": null})),
            Err(InvalidEvent),
        ),
        (
            "a channel of AppSync",
            and(
                &app_sync,
                json!({"requestContext": {"apiId": "aaaa", "channel": "/books"}}),
            ),
            Err(InvalidEvent),
        ),
    ];
    for (case, event, expect) in rows {
        let parsed = AuthorizationRequest::parse(&event.to_string(), &authorization(), &bearer());
        assert_eq!(
            parsed.map(|request| request.kind()),
            expect,
            "{case}: {event}"
        );
    }
}

#[test]
fn no_member_may_stand_twice() {
    for (event, member) in [
        (token(), r#""authorizationToken":"Bearer x.y.z""#),
        (token(), r#""methodArn":"x""#),
        (token(), r#""type":"TOKEN""#),
        (token(), r#""\u0074ype":"TOKEN""#),
        (request(), r#""headers":{}"#),
        (request(), r#""requestContext":{}"#),
        (request(), r#""multiValueHeaders":null"#),
    ] {
        let text = format!("{{{member},{}", &event.to_string()[1..]);
        let parsed = AuthorizationRequest::parse(&text, &authorization(), &bearer());
        assert_eq!(parsed.err(), Some(InvalidEvent), "{text}");
    }
}

/// An event that cannot be read is an alarm (500), which no client may raise.
#[test]
fn a_name_that_a_client_makes_up_breaks_no_event() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for name in [
        r#""\ud800""#,
        r#""\u0000""#,
        "1e999",
        "-0",
        "{}",
        "true",
        &deep,
    ] {
        let text = format!(
            r#"{{"authorizationToken":"Bearer a.b.c","requestContext":{{"apiId":"aaaa","queryString":{name},"operationName":{name},"variables":{name}}}}}"#
        );
        let parsed = AuthorizationRequest::parse(&text, &authorization(), &bearer());
        let kind = parsed.map(|request| request.kind());
        assert_eq!(kind, Ok(ApiKind::AppSync), "{name}");
    }
}
