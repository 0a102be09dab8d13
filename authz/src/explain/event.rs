//! The event that an API would send for a request, made for `--token` and `--request`.

use clap::ValueEnum;
use cognito_authorizer::Config;
use cognito_authorizer::event::{AuthorizationScheme, MethodArn, TokenSource};
use cognito_authorizer::route::{NamedRoute, Requirements, Verb};
use serde_json::{Value, json};

/// The API of every made-up event, as far as its stage.
const API: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5";

/// Which kind of API is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    /// A REST API with an authorizer of type TOKEN.
    RestToken,
    /// A REST API with an authorizer of type REQUEST.
    RestRequest,
    /// An HTTP API, payload format 1.0.
    #[value(name = "http-1")]
    Http1,
    /// An HTTP API, payload format 2.0.
    #[value(name = "http-2")]
    Http2,
    /// A WebSocket API, at $connect.
    #[value(name = "websocket")]
    WebSocket,
    /// A GraphQL API of AWS AppSync.
    #[value(name = "appsync")]
    AppSync,
}

impl Api {
    /// Whether such an API can be asked for this, or what to write instead.
    pub(crate) fn check(self, asked: Option<&Asked>) -> Result<(), &'static str> {
        match (self, asked) {
            (Self::WebSocket, None | Some(Asked::Connect))
            | (Self::AppSync, None | Some(Asked::Field(_)))
            | (
                Self::RestToken | Self::RestRequest | Self::Http1 | Self::Http2,
                Some(Asked::Call(_)),
            ) => Ok(()),
            (Self::WebSocket, Some(_)) => Err(
                "a WebSocket API asks its authorizer about `$connect` alone; write --request \
                 '$connect', or leave it out",
            ),
            (Self::AppSync, Some(_)) => Err(
                "a GraphQL API has fields; write one, as in --request Mutation.addBook, or leave it \
                 out",
            ),
            (_, None) => Err("say what is called with the token, as in --request \"GET /books/1\""),
            (_, Some(Asked::Connect)) => {
                Err("`$connect` is a request of a WebSocket API; add --api websocket")
            }
            (_, Some(Asked::Field(_))) => Err("a field is one of a GraphQL API; add --api appsync"),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// A verb and a path.
    Call(Call),
    /// The connection of a WebSocket API.
    Connect,
    /// A field of a GraphQL API, such as `Mutation.addBook`.
    Field(String),
}

impl Asked {
    /// Reads a call, `$connect` or the name of a field.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "$connect" {
            return Ok(Self::Connect);
        }
        let name = NamedRoute::parse(text, Requirements::default());
        if name.is_ok_and(|route| route.is_field()) {
            return Ok(Self::Field(text.to_owned()));
        }
        let remedy = "$connect, or a field such as Mutation.addBook";
        let read = Call::parse(text).map(Self::Call);
        read.map_err(|what| format!("{what}, or {remedy}"))
    }
}

/// A verb and a path, such as `GET /books/1`.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    verb: Verb,
    path: String,
}

impl Call {
    /// Reads a verb, a space and a path.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let read = text.split_once(' ').and_then(|(verb, path)| {
            let verb = Verb::from_name(verb)?;
            let path = path.starts_with('/').then(|| path.to_owned())?;
            Some(Self { verb, path })
        });
        read.ok_or_else(|| "write a verb, one space and a path, as in \"GET /books/1\"".to_owned())
    }

    /// The ARN of this call below a stage, `arn:…/stage`. A query is no part of it.
    pub(crate) fn arn(&self, stage_arn: &str) -> String {
        let path = self
            .path
            .split_once('?')
            .map_or(self.path.as_str(), |(path, _)| path);
        format!("{stage_arn}/{}{path}", self.verb.name())
    }

    /// The same, if it is one that a policy can be asked about.
    pub(crate) fn method_arn(&self, stage_arn: &str) -> Option<MethodArn> {
        MethodArn::parse(&self.arn(stage_arn)).ok()
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb.name(), self.path)
    }
}

/// The event for a call with a token, which stands in the first place where one is looked for, as
/// the first of the configured schemes writes it.
pub(crate) fn event(
    api: Api,
    stage: &str,
    call: Option<&Call>,
    token: &str,
    config: &Config,
) -> String {
    let stage_arn = format!("{API}/{stage}");
    let arn = call.map(|call| call.arn(&stage_arn)).unwrap_or_default();
    let verb = call.map(|call| call.verb.name());
    let path = call.map(|call| call.path.as_str());
    let credential = credential(token, config);
    let mut event = match api {
        Api::RestToken => {
            json!({"type": "TOKEN", "authorizationToken": credential, "methodArn": arn})
        }
        Api::RestRequest => {
            json!({"type": "REQUEST", "methodArn": arn, "httpMethod": verb, "path": path})
        }
        Api::Http1 => json!({"version": "1.0", "type": "REQUEST", "methodArn": arn,
            "httpMethod": verb, "path": path}),
        Api::Http2 => json!({"version": "2.0", "type": "REQUEST", "routeArn": arn,
            "rawPath": path, "requestContext": {"http": {"method": verb, "path": path}}}),
        Api::WebSocket => json!({"type": "REQUEST", "methodArn": format!("{stage_arn}/$connect"),
            "requestContext": {"eventType": "CONNECT", "connectionId": "explained"}}),
        Api::AppSync => json!({"authorizationToken": credential,
            "requestContext": {"apiId": "explained", "queryString": "query { __typename }"}}),
    };
    let by_source = matches!(
        api,
        Api::RestRequest | Api::Http1 | Api::Http2 | Api::WebSocket
    );
    let source = config.token_sources.first();
    if let (true, Some(source), Some(members)) = (by_source, source, event.as_object_mut()) {
        let (member, name, value) = place(source, token, credential);
        members.insert(member.to_owned(), json!({ name: value }));
    }
    event.to_string()
}

/// The member of an event that holds a token of this source, and the name and value in it.
fn place(source: &TokenSource, token: &str, credential: String) -> (&'static str, String, Value) {
    let (member, name, value) = match source {
        TokenSource::Header(name) if name == "authorization" => {
            ("headers", name.clone(), credential)
        }
        TokenSource::Header(name) => ("headers", name.clone(), token.to_owned()),
        TokenSource::Query(name) => ("queryStringParameters", name.clone(), token.to_owned()),
        TokenSource::Cookie(name) => ("headers", "cookie".to_owned(), format!("{name}={token}")),
        TokenSource::Subprotocol(name) => (
            "headers",
            "sec-websocket-protocol".to_owned(),
            format!("{name}, {token}"),
        ),
    };
    (member, name, Value::String(value))
}

/// The token as it is written in `Authorization`.
fn credential(token: &str, config: &Config) -> String {
    match config.authorization_schemes.first() {
        Some(AuthorizationScheme::Named(name)) => format!("{name} {token}"),
        Some(AuthorizationScheme::Bare) | None => token.to_owned(),
    }
}
