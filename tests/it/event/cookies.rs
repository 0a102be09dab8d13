//! Cookies: one header, in however many fields and forms it comes.

use cognito_authorizer::event::TokenSource;
use cognito_authorizer::reason::DenyReason::{MalformedToken, MissingToken};
use serde_json::{Value, json};

use super::{Expect, check};
use crate::support::authorizer::STAGE;

/// Case, members of the event, what is expected.
type Row = (&'static str, Value, Expect);

fn id() -> [TokenSource; 1] {
    [TokenSource::Cookie("id".to_owned())]
}

#[track_caller]
fn check_all(sources: &[TokenSource], rows: Vec<Row>) {
    for (case, members, expect) in rows {
        let mut event = json!({"type": "REQUEST", "methodArn": format!("{STAGE}/GET/a")});
        let members = members.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(members);
        check(case, &event, sources, expect);
    }
}

#[test]
fn a_cookie_is_named_exactly_and_once() {
    check_all(
        &id(),
        vec![
            (
                "alone",
                json!({"headers": {"Cookie": "id=a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "among others",
                json!({"headers": {"cookie": "a=1; id=a.a.a; b=2"}}),
                Ok("a.a.a"),
            ),
            (
                "without blanks",
                json!({"headers": {"cookie": "a=1;id=a.a.a;b=2"}}),
                Ok("a.a.a"),
            ),
            (
                "names that contain it",
                json!({"headers": {"cookie": "xid=b.b.b; id2=b.b.b; __Host-id=b.b.b; id=a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "another letter case",
                json!({"headers": {"cookie": "ID=a.a.a"}}),
                Err(MissingToken),
            ),
            (
                "no value",
                json!({"headers": {"cookie": "id="}}),
                Err(MissingToken),
            ),
            (
                "no equals sign",
                json!({"headers": {"cookie": "id"}}),
                Err(MissingToken),
            ),
            ("no cookie", json!({"headers": {}}), Err(MissingToken)),
            (
                "twice",
                json!({"headers": {"cookie": "id=a.a.a; id=b.b.b"}}),
                Err(MalformedToken),
            ),
            (
                "twice the same",
                json!({"headers": {"cookie": "id=a.a.a; id=a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "in two headers",
                json!({"multiValueHeaders": {"cookie": ["id=a.a.a", "id=b.b.b"]}}),
                Err(MalformedToken),
            ),
            (
                "one quote",
                json!({"headers": {"cookie": "id=\"a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "quotes in quotes",
                json!({"headers": {"cookie": "id=\"\"a.a.a\"\""}}),
                Err(MalformedToken),
            ),
            (
                "empty quotes",
                json!({"headers": {"cookie": "id=\"\""}}),
                Err(MissingToken),
            ),
            (
                "a blank before the sign",
                json!({"headers": {"cookie": "id =a.a.a"}}),
                Err(MissingToken),
            ),
        ],
    );
}

/// How libraries write a value with a space in it (RFC 6265 4.1.1), and the token alone.
#[test]
fn a_cookie_holds_the_token_with_bearer_or_alone() {
    let one = |value: &str| json!({"headers": {"cookie": format!("a=1; id={value}")}});
    check_all(
        &id(),
        vec![
            ("in quotes", one("\"a.a.a\""), Ok("a.a.a")),
            ("with its scheme", one("Bearer a.a.a"), Ok("a.a.a")),
            (
                "with its scheme, in quotes",
                one("\"Bearer a.a.a\""),
                Ok("a.a.a"),
            ),
            (
                "the scheme alone in quotes",
                one("\"Bearer\" a.a.a"),
                Err(MalformedToken),
            ),
            (
                "the token alone in quotes",
                one("Bearer \"a.a.a\""),
                Err(MalformedToken),
            ),
            (
                "with its scheme, encoded",
                one("Bearer%20a.a.a"),
                Err(MalformedToken),
            ),
            ("another scheme", one("Basic a.a.a"), Err(MalformedToken)),
            (
                "the scheme twice",
                one("Bearer Bearer a.a.a"),
                Err(MalformedToken),
            ),
            ("two spaces", one("Bearer  a.a.a"), Err(MalformedToken)),
            ("a tab", one("Bearer\ta.a.a"), Err(MalformedToken)),
            ("two by a comma", one("a.a.a,b.b.b"), Err(MalformedToken)),
            (
                "a space within the quotes",
                one("\" a.a.a\""),
                Err(MalformedToken),
            ),
        ],
    );
}

/// HTTP/2 clients send each cookie in a field of its own (RFC 9113 8.2.3). A REST API puts all of
/// them into `multiValueHeaders` and the last into `headers`.
#[test]
fn the_cookie_fields_of_a_request_are_one_header() {
    let of = |single: &Value, multi: &Value| json!({"headers": single, "multiValueHeaders": multi});
    check_all(
        &id(),
        vec![
            (
                "the first of two",
                of(
                    &json!({"cookie": "b=2"}),
                    &json!({"cookie": ["id=a.a.a", "b=2"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "the last of two",
                of(
                    &json!({"cookie": "id=a.a.a"}),
                    &json!({"cookie": ["b=2", "id=a.a.a"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "among others in its field",
                of(
                    &json!({"cookie": "c=3"}),
                    &json!({"cookie": ["b=2; id=a.a.a", "c=3"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "one form alone",
                of(&Value::Null, &json!({"cookie": ["id=a.a.a", "b=2"]})),
                Ok("a.a.a"),
            ),
            (
                "the other form joined",
                of(
                    &json!({"cookie": "b=2; id=a.a.a"}),
                    &json!({"cookie": ["b=2", "id=a.a.a"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "spelled in two ways",
                of(
                    &json!({"Cookie": "id=a.a.a"}),
                    &json!({"Cookie": ["b=2"], "cookie": ["id=a.a.a"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "spelled in two ways, in the one form that there is",
                of(
                    &json!({"Cookie": "b=2", "cookie": "id=a.a.a"}),
                    &Value::Null,
                ),
                Ok("a.a.a"),
            ),
            (
                "another cookie twice",
                of(
                    &json!({"cookie": "id=a.a.a"}),
                    &json!({"cookie": ["b=1", "b=2", "id=a.a.a"]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "none of that name",
                of(
                    &json!({"cookie": "b=2"}),
                    &json!({"cookie": ["a=1", "b=2"]}),
                ),
                Err(MissingToken),
            ),
            (
                "nulls among the fields",
                of(
                    &json!({"cookie": null}),
                    &json!({"cookie": [null, "id=a.a.a", null]}),
                ),
                Ok("a.a.a"),
            ),
            (
                "twice in two fields, the other first",
                of(
                    &json!({"cookie": "id=a.a.a"}),
                    &json!({"cookie": ["id=b.b.b", "id=a.a.a"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "twice in two fields, the other last",
                of(
                    &json!({"cookie": "id=b.b.b"}),
                    &json!({"cookie": ["id=a.a.a", "id=b.b.b"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "the same twice",
                of(
                    &json!({"cookie": "id=a.a.a"}),
                    &json!({"cookie": ["id=a.a.a", "id=a.a.a"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "one cleared, one not",
                of(
                    &json!({"cookie": "id="}),
                    &json!({"cookie": ["id=a.a.a", "id="]}),
                ),
                Err(MalformedToken),
            ),
            (
                "twice in two spellings of the name",
                of(
                    &json!({"Cookie": "id=a.a.a", "cookie": "id=b.b.b"}),
                    &Value::Null,
                ),
                Err(MalformedToken),
            ),
            (
                "the forms disagree",
                of(
                    &json!({"cookie": "id=b.b.b"}),
                    &json!({"cookie": ["id=a.a.a"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "the forms disagree about others",
                of(
                    &json!({"cookie": "c=3"}),
                    &json!({"cookie": ["id=a.a.a", "b=2"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "a field that is only part of one",
                of(
                    &json!({"cookie": "id=a.a.a"}),
                    &json!({"cookie": ["b=2; id=a.a.a"]}),
                ),
                Err(MalformedToken),
            ),
            (
                "in one form a cookie that the other lacks",
                of(&json!({"cookie": "id=a.a.a"}), &json!({"cookie": ["b=2"]})),
                Err(MalformedToken),
            ),
            (
                "a value that is cut by the end of a field",
                of(
                    &json!({"cookie": "a.a"}),
                    &json!({"cookie": ["id=a.", "a.a"]}),
                ),
                Ok("a."),
            ),
        ],
    );
}

/// Payload format 2.0 has the cookies in a list of their own; emulators leave them in the headers too.
#[test]
fn an_http_api_lists_its_cookies() {
    for (case, cookies, headers, expect) in [
        ("one", json!(["id=a.a.a"]), json!({}), Ok("a.a.a")),
        (
            "one of several",
            json!(["b=2", "id=a.a.a"]),
            json!(null),
            Ok("a.a.a"),
        ),
        (
            "a whole header",
            json!(["b=2; id=a.a.a"]),
            json!({}),
            Ok("a.a.a"),
        ),
        (
            "nulls",
            json!([null, "id=a.a.a"]),
            json!({"cookie": null}),
            Ok("a.a.a"),
        ),
        (
            "in the headers alone",
            json!(null),
            json!({"cookie": "b=2; id=a.a.a"}),
            Ok("a.a.a"),
        ),
        (
            "in both",
            json!(["b=2", "id=a.a.a"]),
            json!({"Cookie": "b=2; id=a.a.a"}),
            Ok("a.a.a"),
        ),
        (
            "in both, where one has no quotes",
            json!(["id=Bearer a.a.a"]),
            json!({"Cookie": "id=\"Bearer a.a.a\""}),
            Ok("a.a.a"),
        ),
        ("none", json!(["b=2"]), json!({}), Err(MissingToken)),
        (
            "twice",
            json!(["id=a.a.a", "id=b.b.b"]),
            json!({}),
            Err(MalformedToken),
        ),
        (
            "the same twice",
            json!(["id=a.a.a", "id=a.a.a"]),
            json!({}),
            Err(MalformedToken),
        ),
        (
            "both, but different",
            json!(["id=a.a.a"]),
            json!({"cookie": "id=b.b.b"}),
            Err(MalformedToken),
        ),
        (
            "one in the list, two in the headers",
            json!(["id=a.a.a"]),
            json!({"cookie": "id=a.a.a; id=b.b.b"}),
            Err(MalformedToken),
        ),
    ] {
        let event = json!({
            "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/GET/a"),
            "rawPath": "/prod/a", "cookies": cookies, "headers": headers,
            "requestContext": {"http": {"method": "GET"}},
        });
        check(case, &event, &id(), expect);
    }
}
