//! Where a `REQUEST` event holds the token: spellings, disagreements, two places at once.

use cognito_authorizer::event::TokenSource;
use cognito_authorizer::reason::DenyReason::{MalformedToken, MissingToken};
use serde_json::{Value, json};

use super::{Expect, authorization, bearer, check};
use crate::support::authorizer::STAGE;

/// Case, members of the event, what is expected.
type Row = (&'static str, Value, Expect);

#[track_caller]
fn check_all(sources: &[TokenSource], rows: Vec<Row>) {
    for (case, members, expect) in rows {
        let mut event = json!({"type": "REQUEST", "methodArn": format!("{STAGE}/GET/a")});
        let members = members.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(members);
        check(case, &event, sources, expect);
    }
}

fn header(name: &str) -> TokenSource {
    TokenSource::Header(name.to_owned())
}

fn query(name: &str) -> TokenSource {
    TokenSource::Query(name.to_owned())
}

fn cookie(name: &str) -> TokenSource {
    TokenSource::Cookie(name.to_owned())
}

#[test]
fn one_authorization_header_counts() {
    let (a, b) = ("Bearer a.a.a", "Bearer b.b.b");
    check_all(
        &authorization(),
        vec![
            (
                "both forms",
                json!({"headers": {"Authorization": a}, "multiValueHeaders": {"Authorization": [a]}}),
                Ok("a.a.a"),
            ),
            (
                "small letters",
                json!({"headers": {"authorization": a}, "multiValueHeaders": {"authorization": [a]}}),
                Ok("a.a.a"),
            ),
            (
                "capitals",
                json!({"headers": {"AUTHORIZATION": a}}),
                Ok("a.a.a"),
            ),
            (
                "single form alone",
                json!({"headers": {"Authorization": a}}),
                Ok("a.a.a"),
            ),
            (
                "multi-value form alone",
                json!({"multiValueHeaders": {"Authorization": [a]}}),
                Ok("a.a.a"),
            ),
            (
                "the forms spell it differently",
                json!({"headers": {"Authorization": a}, "multiValueHeaders": {"authorization": [a]}}),
                Ok("a.a.a"),
            ),
            (
                "other headers",
                json!({"headers": {"X-Authorization": b, "Authorization2": b, "Authorization": a}}),
                Ok("a.a.a"),
            ),
            (
                "the scheme in any letter case",
                json!({"headers": {"Authorization": "bEARER a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "none",
                json!({"headers": {"Accept": "*/*"}, "multiValueHeaders": {"Accept": ["*/*"]}}),
                Err(MissingToken),
            ),
            (
                "null",
                json!({"headers": {"Authorization": null}, "multiValueHeaders": {"Authorization": null}}),
                Err(MissingToken),
            ),
            (
                "an empty list",
                json!({"multiValueHeaders": {"Authorization": []}}),
                Err(MissingToken),
            ),
            (
                "empty",
                json!({"headers": {"Authorization": ""}}),
                Err(MissingToken),
            ),
            (
                "a blank inside the name",
                json!({"headers": {"Authorization ": a}}),
                Err(MissingToken),
            ),
            (
                "the forms disagree",
                json!({"headers": {"Authorization": a}, "multiValueHeaders": {"Authorization": [b]}}),
                Err(MalformedToken),
            ),
            (
                "the last of two",
                json!({"headers": {"Authorization": b}, "multiValueHeaders": {"Authorization": [a, b]}}),
                Err(MalformedToken),
            ),
            (
                "two values",
                json!({"multiValueHeaders": {"Authorization": [a, b]}}),
                Err(MalformedToken),
            ),
            (
                "one value twice",
                json!({"multiValueHeaders": {"Authorization": [a, a]}}),
                Err(MalformedToken),
            ),
            (
                "two spellings",
                json!({"headers": {"Authorization": a, "authorization": b}}),
                Err(MalformedToken),
            ),
            (
                "two spellings of one value",
                json!({"headers": {"Authorization": a, "authorization": a}}),
                Err(MalformedToken),
            ),
            (
                "two spellings, multi-value",
                json!({"multiValueHeaders": {"Authorization": [a], "AUTHORIZATION": [b]}}),
                Err(MalformedToken),
            ),
            (
                "joined by a comma",
                json!({"headers": {"Authorization": "Bearer a.a.a,Bearer b.b.b"}}),
                Err(MalformedToken),
            ),
            (
                "joined by comma and blank",
                json!({"headers": {"Authorization": "Bearer a.a.a, Bearer b.b.b"}}),
                Err(MalformedToken),
            ),
            (
                "no scheme",
                json!({"headers": {"Authorization": "a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "another scheme",
                json!({"headers": {"Authorization": "Basic a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "scheme twice",
                json!({"headers": {"Authorization": "Bearer Bearer a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "two blanks",
                json!({"headers": {"Authorization": "Bearer  a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "a tab",
                json!({"headers": {"Authorization": "Bearer\ta.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "a blank before",
                json!({"headers": {"Authorization": " Bearer a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "a blank after",
                json!({"headers": {"Authorization": "Bearer a.a.a "}}),
                Err(MalformedToken),
            ),
        ],
    );
    let twice = format!(
        r#"{{"type":"REQUEST","methodArn":"{STAGE}/GET/a","headers":{{"Authorization":"{a}","Authorization":"{b}"}}}}"#
    );
    let request =
        cognito_authorizer::event::AuthorizationRequest::parse(&twice, &authorization(), &bearer());
    assert_eq!(request.unwrap().bearer_token().err(), Some(MalformedToken));
}

/// Proxies copy the header with its scheme, other clients send the token alone.
#[test]
fn another_header_holds_the_token_with_bearer_or_alone() {
    let one = |value: &str| json!({"headers": {"X-Token": value}});
    check_all(
        &[header("x-token")],
        vec![
            ("alone", one("a.a.a"), Ok("a.a.a")),
            ("with its scheme", one("Bearer a.a.a"), Ok("a.a.a")),
            ("in any letter case", one("bEARER a.a.a"), Ok("a.a.a")),
            (
                "in both forms",
                json!({"headers": {"x-token": "Bearer a.a.a"}, "multiValueHeaders": {"x-token": ["Bearer a.a.a"]}}),
                Ok("a.a.a"),
            ),
            (
                "alone in one form, with a scheme in the other",
                json!({"headers": {"x-token": "a.a.a"}, "multiValueHeaders": {"x-token": ["Bearer a.a.a"]}}),
                Err(MalformedToken),
            ),
            (
                "twice",
                json!({"multiValueHeaders": {"x-token": ["a.a.a", "Bearer a.a.a"]}}),
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
            ("a space before", one(" a.a.a"), Err(MalformedToken)),
            ("a space after", one("a.a.a "), Err(MalformedToken)),
            ("two by a comma", one("a.a.a,b.b.b"), Err(MalformedToken)),
            (
                "two by a comma and a space",
                one("a.a.a, b.b.b"),
                Err(MalformedToken),
            ),
            (
                "two with their schemes",
                one("Bearer a.a.a,Bearer b.b.b"),
                Err(MalformedToken),
            ),
            ("an empty scheme's token", one("Bearer "), Err(MissingToken)),
            (
                "only Authorization",
                json!({"headers": {"Authorization": "Bearer a.a.a"}}),
                Err(MissingToken),
            ),
        ],
    );
}

#[test]
fn a_query_parameter_is_named_exactly() {
    check_all(
        &[query("token")],
        vec![
            (
                "both forms",
                json!({"queryStringParameters": {"token": "a.a.a"}, "multiValueQueryStringParameters": {"token": ["a.a.a"]}}),
                Ok("a.a.a"),
            ),
            (
                "one form",
                json!({"queryStringParameters": {"token": "a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "another letter case is another parameter",
                json!({"queryStringParameters": {"Token": "b.b.b", "token": "a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "only another letter case",
                json!({"queryStringParameters": {"Token": "a.a.a"}}),
                Err(MissingToken),
            ),
            (
                "empty",
                json!({"queryStringParameters": {"token": ""}}),
                Err(MissingToken),
            ),
            (
                "null",
                json!({"queryStringParameters": {"token": null}}),
                Err(MissingToken),
            ),
            (
                "two values",
                json!({"queryStringParameters": {"token": "b.b.b"}, "multiValueQueryStringParameters": {"token": ["a.a.a", "b.b.b"]}}),
                Err(MalformedToken),
            ),
            (
                "a header of that name",
                json!({"headers": {"token": "a.a.a"}}),
                Err(MissingToken),
            ),
            (
                "with its scheme",
                json!({"queryStringParameters": {"token": "Bearer a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "with its scheme, not decoded",
                json!({"queryStringParameters": {"token": "Bearer%20a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "with another scheme",
                json!({"queryStringParameters": {"token": "Token a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "two values joined, as payload format 2.0 does",
                json!({"queryStringParameters": {"token": "a.a.a,b.b.b"}}),
                Err(MalformedToken),
            ),
        ],
    );
}

/// "Clients MUST NOT use more than one method to transmit the token" (RFC 6750 2).
#[test]
fn two_sources_at_once_are_refused() {
    check_all(
        &[header("authorization"), query("token"), cookie("id")],
        vec![
            (
                "the first",
                json!({"headers": {"Authorization": "Bearer a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "the second",
                json!({"queryStringParameters": {"token": "a.a.a"}}),
                Ok("a.a.a"),
            ),
            (
                "the third",
                json!({"headers": {"cookie": "id=a.a.a"}}),
                Ok("a.a.a"),
            ),
            ("none", json!({}), Err(MissingToken)),
            (
                "first and second",
                json!({"headers": {"Authorization": "Bearer a.a.a"}, "queryStringParameters": {"token": "b.b.b"}}),
                Err(MalformedToken),
            ),
            (
                "the same twice",
                json!({"headers": {"Authorization": "Bearer a.a.a", "cookie": "id=a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "second and third",
                json!({"headers": {"cookie": "id=a.a.a"}, "queryStringParameters": {"token": "a.a.a"}}),
                Err(MalformedToken),
            ),
            (
                "a broken one beside a good one",
                json!({"headers": {"Authorization": "Basic x"}, "queryStringParameters": {"token": "a.a.a"}}),
                Err(MalformedToken),
            ),
        ],
    );
}

/// A cookie that was cleared, or a parameter that was left empty, is no second credential.
#[test]
fn an_empty_place_is_no_credential() {
    let sources = [header("authorization"), query("token"), cookie("id")];
    for (case, more, expect) in [
        (
            "an empty cookie",
            json!({"headers": {"Authorization": "Bearer a.a.a", "cookie": "id=; b=1"}}),
            Ok("a.a.a"),
        ),
        (
            "an empty parameter",
            json!({
                "headers": {"Authorization": "Bearer a.a.a"},
                "queryStringParameters": {"token": ""},
            }),
            Ok("a.a.a"),
        ),
        (
            "an empty header",
            json!({"headers": {"Authorization": "", "cookie": "id=a.a.a"}}),
            Ok("a.a.a"),
        ),
        (
            "nothing but empty places",
            json!({"headers": {"Authorization": "", "cookie": "id="}}),
            Err(MissingToken),
        ),
        (
            "a blank is not empty",
            json!({"headers": {"Authorization": " ", "cookie": "id=a.a.a"}}),
            Err(MalformedToken),
        ),
    ] {
        let mut event = json!({"type": "REQUEST", "methodArn": format!("{STAGE}/GET/a")});
        event
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        check(case, &event, &sources, expect);
    }
}
