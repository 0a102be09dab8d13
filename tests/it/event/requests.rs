//! Requests that nobody thought of, as each kind of API passes them on: one credential counts, two
//! never do, wherever and however they are written.

use std::cell::Cell;

use cognito_authorizer::event::{AuthorizationRequest, AuthorizationScheme, TokenSource};
use cognito_authorizer::reason::DenyReason::{self, MalformedToken, MissingToken};
use cognito_authorizer::token::BearerToken;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::authorizer::STAGE;

/// Some 3,000 of them hold one credential that counts.
const CASES: u32 = 10_000;

/// A request as a client sends it.
#[derive(Clone, Debug)]
struct Request {
    /// Name and value of each field, in their order. HTTP/2 has several for one `cookie`.
    fields: Vec<(&'static str, String)>,
    /// Name and value of each query parameter.
    query: Vec<(&'static str, String)>,
}

/// What a place of the configuration holds.
#[derive(Clone, Debug)]
struct Found {
    value: String,
    in_authorization: bool,
}

fn value() -> impl Strategy<Value = String> {
    let token = || select(vec!["a.a.a", "b.b.b"]);
    prop_oneof![
        4 => token().prop_map(str::to_owned),
        4 => token().prop_map(|token| format!("Bearer {token}")),
        2 => (select(vec!["bearer", "Token", "TOKEN", "Basic", "none", "Bearer Bearer", "Bearer ", ""]), token())
            .prop_map(|(scheme, token)| format!("{scheme} {token}")),
        1 => (token(), select(vec![",", ", ", ";", " ", "\t", "\"", "\0"]), token())
            .prop_map(|(one, between, other)| format!("{one}{between}{other}")),
        2 => select(vec!["", " ", "Bearer", "Bearer ", "\"\"", "x"]).prop_map(str::to_owned),
    ]
}

fn field() -> impl Strategy<Value = (&'static str, String)> {
    let pair = || {
        let name = select(vec!["id", "ID", "xid", "b", " id", "id "]);
        (name, value(), select(vec!["", "\""]))
            .prop_map(|(name, value, quote)| format!("{name}={quote}{value}{quote}"))
    };
    let cookies = vec(pair(), 1..3).prop_map(|pairs| pairs.join("; "));
    prop_oneof![
        (select(vec!["Authorization", "authorization"]), value()),
        (select(vec!["X-Token", "x-token", "Accept"]), value()),
        (select(vec!["cookie", "Cookie"]), cookies),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    let protocols = vec(prop_oneof![Just("bearer".to_owned()), value()], 1..4);
    let protocols = protocols.prop_map(|list| ("Sec-WebSocket-Protocol", list.join(", ")));
    let parameter = (select(vec!["t", "T"]), value());
    let parts = (vec(field(), 0..4), of(protocols), vec(parameter, 0..3));
    parts.prop_map(|(fields, protocols, query)| {
        let fields = fields.into_iter().chain(protocols).collect();
        Request { fields, query }
    })
}

/// Under each name the last value, and all of them.
fn maps(members: &[(&'static str, String)]) -> (Value, Value) {
    let (mut last, mut all) = (Map::new(), Map::new());
    for (name, value) in members {
        last.insert((*name).to_owned(), json!(value));
        let values = all.entry(*name).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    // What is null is not there, however it is spelled.
    for name in ["AUTHORIZATION", "COOKIE", "t"] {
        last.entry(name).or_insert(Value::Null);
        all.entry(name).or_insert_with(|| json!([null]));
    }
    (Value::Object(last), Value::Object(all))
}

/// Values of one name joined by commas, as payload format 2.0 has them.
fn joined(members: &[(&'static str, String)], spelled: impl Fn(&str) -> String) -> Value {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in members {
        let text = match joined.get(&spelled(name)) {
            Some(earlier) => format!("{},{value}", earlier.as_str().unwrap()),
            None => value.clone(),
        };
        joined.insert(spelled(name), json!(text));
    }
    Value::Object(joined)
}

impl Request {
    /// The event of a REST API, and of an HTTP API with format 1.0.
    fn rest(&self) -> Value {
        let (headers, multi_headers) = maps(&self.fields);
        let (query, multi_query) = maps(&self.query);
        json!({
            "type": "REQUEST", "methodArn": format!("{STAGE}/GET/a"),
            "headers": headers, "multiValueHeaders": multi_headers,
            "queryStringParameters": query, "multiValueQueryStringParameters": multi_query,
        })
    }

    /// The event of an HTTP API with format 2.0, which spells the names of headers in small letters.
    fn http_2(&self) -> Value {
        let (cookies, others): (Vec<_>, Vec<_>) = self
            .fields
            .iter()
            .cloned()
            .partition(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let cookies: Vec<&str> = cookies
            .iter()
            .flat_map(|(_, field)| field.split("; "))
            .collect();
        json!({
            "version": "2.0", "type": "REQUEST", "routeArn": format!("{STAGE}/GET/a"),
            "rawPath": "/prod/a", "cookies": cookies, "headers": joined(&others, str::to_ascii_lowercase),
            "queryStringParameters": joined(&self.query, str::to_owned),
            "requestContext": {"http": {"method": "GET"}},
        })
    }

    fn values(&self, name: &str) -> Vec<String> {
        let fields = self.fields.iter();
        let fields = fields.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.clone()).collect()
    }

    /// Every value that stands in this place.
    fn at(&self, source: &TokenSource) -> Vec<String> {
        match source {
            TokenSource::Header(name) => self.values(name),
            TokenSource::Query(name) => {
                let query = self.query.iter().filter(|(own, _)| own == name);
                query.map(|(_, value)| value.clone()).collect()
            }
            TokenSource::Cookie(name) => self
                .values("cookie")
                .join("; ")
                .split(';')
                .filter_map(|pair| pair.trim_matches(' ').split_once('='))
                .filter(|(own, _)| own == name)
                .map(|(_, value)| {
                    let is_quoted =
                        value.len() > 1 && value.starts_with('"') && value.ends_with('"');
                    if is_quoted {
                        value[1..value.len() - 1].to_owned()
                    } else {
                        value.to_owned()
                    }
                })
                .collect(),
            TokenSource::Subprotocol(name) => {
                let list = self.values("sec-websocket-protocol").join(",");
                let list: Vec<&str> = list.split(',').map(|own| own.trim_matches(' ')).collect();
                let follows = list.windows(2).filter(|pair| pair[0] == name);
                follows.map(|pair| pair[1].to_owned()).collect()
            }
        }
    }
}

/// What must come of a request, told from the request and not from an event: the token, or that there
/// is none, or more than one.
fn expected(
    request: &Request,
    sources: &[TokenSource],
    schemes: &[AuthorizationScheme],
) -> Result<String, DenyReason> {
    let mut found: Vec<Found> = Vec::new();
    for source in sources {
        let values = request.at(source);
        if values.len() > 1 {
            return Err(MalformedToken);
        }
        let in_authorization = *source == TokenSource::Header("authorization".to_owned());
        found.extend(
            values
                .into_iter()
                .filter(|value| !value.is_empty())
                .map(|value| Found {
                    value,
                    in_authorization,
                }),
        );
    }
    let [one] = found.as_slice() else {
        return Err(if found.is_empty() {
            MissingToken
        } else {
            MalformedToken
        });
    };
    let mut starts: Vec<String> = Vec::new();
    for scheme in schemes {
        starts.push(match scheme {
            AuthorizationScheme::Named(name) => format!("{} ", name.to_ascii_lowercase()),
            AuthorizationScheme::Bare => String::new(),
        });
    }
    if !one.in_authorization {
        starts.extend(["bearer ".to_owned(), String::new()]);
    }
    let lower = one.value.to_ascii_lowercase();
    let is_token =
        |text: &str| !text.is_empty() && !text.contains([' ', ',', ';', '\t', '"', '\0']);
    let tokens = starts
        .iter()
        .filter(|start| lower.starts_with(start.as_str()));
    let tokens: Vec<&str> = tokens.map(|start| &one.value[start.len()..]).collect();
    match tokens.iter().find(|token| is_token(token)) {
        Some(token) => Ok((*token).to_owned()),
        None if tokens.contains(&"") => Err(MissingToken),
        None => Err(MalformedToken),
    }
}

fn places() -> impl Strategy<Value = Vec<TokenSource>> {
    let name = |name: &str| name.to_owned();
    let all = vec![
        TokenSource::Header(name("authorization")),
        TokenSource::Header(name("x-token")),
        TokenSource::Query(name("t")),
        TokenSource::Cookie(name("id")),
        TokenSource::Subprotocol(name("bearer")),
    ];
    subsequence(all, 1..=5)
}

fn schemes() -> impl Strategy<Value = Vec<AuthorizationScheme>> {
    let named = |name: &str| AuthorizationScheme::Named(name.to_owned());
    subsequence(
        vec![named("Bearer"), named("Token"), AuthorizationScheme::Bare],
        1..=3,
    )
}

/// API Gateway joins the values of two fields with a comma, so that they are one value of the event:
/// it must be refused as they are.
#[test]
fn a_request_is_read_as_it_was_sent() {
    let strategy = (request(), places(), schemes());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let granted = Cell::new(0);
    let outcome = runner.run(&strategy, |(request, places, schemes)| {
        let expected = expected(&request, &places, &schemes);
        granted.set(granted.get() + u32::from(expected.is_ok()));
        for event in [request.rest(), request.http_2()] {
            let event = event.to_string();
            let read = AuthorizationRequest::parse(&event, &places, &schemes).unwrap();
            let token = read.bearer_token();
            let expected = expected.as_ref().map_err(|reason| *reason);
            let expected = expected.map(|token| BearerToken::from_bare(token).unwrap());
            assert_eq!(token, expected, "{event}");
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(granted.get() > CASES / 10, "{}", granted.get());
}
