//! Why events are read by a reader of our own and not with the structs of `aws_lambda_events`: of
//! two values they take the last, and nulls that API Gateway has been seen to send fail them.

use aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerRequestTypeRequest as RestRequest,
    ApiGatewayCustomAuthorizerResponse, ApiGatewayV2CustomAuthorizerV2Request as Http2Request,
};
use cognito_authorizer::event::AuthorizationRequest;
use cognito_authorizer::reason::DenyReason::{MalformedToken, MissingToken};
use serde_json::{Value, json};

use super::{Expect, authorization, bearer, check};
use crate::support::authorizer::STAGE;

/// A `REQUEST` event of a REST API with these headers.
fn rest(headers: &Value) -> Value {
    json!({
        "type": "REQUEST", "methodArn": format!("{STAGE}/GET/books"), "path": "/books",
        "httpMethod": "GET", "headers": headers, "requestContext": {},
    })
}

/// An event of an HTTP API, format 2.0, with these headers and cookies.
fn http_2(headers: &Value, cookies: &Value) -> Value {
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/GET/books"),
        "rawPath": "/prod/books", "headers": headers, "cookies": cookies,
        "requestContext": {"http": {"method": "GET", "path": "/prod/books"}, "stage": "prod"},
    })
}

/// The value of the header in the structs' reading, if they can read the event at all.
fn by_struct(event: &Value) -> Result<Option<String>, String> {
    let headers = if event["version"] == "2.0" {
        serde_json::from_value::<Http2Request>(event.clone()).map(|event| event.headers)
    } else {
        serde_json::from_value::<RestRequest>(event.clone()).map(|event| event.headers)
    };
    let headers = headers.map_err(|error| error.to_string())?;
    let value = headers.get("authorization");
    Ok(value.map(|value| value.to_str().unwrap().to_owned()))
}

#[test]
fn the_structs_take_the_last_of_two_values() {
    let event = rest(&json!({"Authorization": "Bearer a.b.c", "authorization": "Bearer x.y.z"}));
    assert_eq!(by_struct(&event), Ok(Some("Bearer x.y.z".to_owned())));
    check("two", &event, &authorization(), Err(MalformedToken));
}

#[test]
fn the_structs_fail_on_nulls() {
    let bearer = json!({"authorization": "Bearer a.b.c"});
    let rows: [(&str, Value, Expect); 4] = [
        (
            "a header",
            rest(&json!({"Accept": null, "Authorization": "Bearer a.b.c"})),
            Ok("a.b.c"),
        ),
        ("cookies", http_2(&bearer, &Value::Null), Ok("a.b.c")),
        (
            "headers",
            http_2(&Value::Null, &json!([])),
            Err(MissingToken),
        ),
        (
            "a context",
            {
                let mut event = rest(&bearer);
                event["requestContext"] = Value::Null;
                event
            },
            Ok("a.b.c"),
        ),
    ];
    for (case, event, expect) in rows {
        let read = by_struct(&event);
        assert!(read.is_err(), "{case}: {read:?}");
        check(case, &event, &authorization(), expect);
    }
}

/// Which struct an event is for must be known before it is read, and they do not tell: one for
/// `TOKEN` events takes any other for an event without a credential.
#[test]
fn the_structs_do_not_tell_what_kind_an_event_is() {
    use aws_lambda_events::apigw::ApiGatewayCustomAuthorizerRequest as RestToken;
    let event = rest(&json!({"Authorization": "Bearer a.b.c"}));
    let read: RestToken = serde_json::from_value(event.clone()).unwrap();
    assert_eq!(read.authorization_token, None);
    let request =
        AuthorizationRequest::parse(&event.to_string(), &authorization(), &bearer()).unwrap();
    assert_eq!(request.kind().as_str(), "rest_request");
}

/// API Gateway answers a reply with nulls with 500.
#[test]
fn the_struct_of_a_reply_has_nulls() {
    let reply = serde_json::to_value(ApiGatewayCustomAuthorizerResponse::<Value>::default());
    let reply = reply.unwrap();
    assert_eq!(reply["usageIdentifierKey"], Value::Null);
    assert!(
        reply
            .as_object()
            .unwrap()
            .contains_key("usageIdentifierKey")
    );
}
