//! The real binary under a Runtime API on loopback: what it posts, logs, survives and refuses.

mod answers;
mod configuration;
mod deadline;
mod doors;
mod genuine;
mod hostile;
mod keys;
mod log;

use cognito_authorizer::reason::DenyReason;
use serde_json::{Value, json};

use crate::support::authorizer::{pool_config, token_event};
use crate::support::keys::{RSA, jwks};
use crate::support::runtime_api::{Function, Invocation};
use crate::support::scratch::ScratchFile;
use crate::support::token::{KID, Token};

const ROUTES: &str = r#"
[[routes]]
route = "GET /books"
scopes = ["books/read"]
[[routes]]
route = "POST /books"
scopes = ["books/write"]
"#;

/// A token that is good at the time of the machine, which the binary asks, and until 2100.
fn token() -> Token {
    Token::access()
        .claim("auth_time", 1_700_000_000)
        .claim("iat", 1_700_000_000)
        .claim("exp", 4_102_444_800_u64)
        .claim("jti", "5f2c7e9a-hidden-in-the-token")
        .claim("email", "ann@hidden.example")
}

fn invocation(event: &Value) -> Invocation {
    Invocation::new(event.to_string())
}

fn get_books(token: &str) -> Invocation {
    invocation(&token_event(token, "GET", "/books"))
}

/// The function with the issuer's keys in a file, and `first` before the first table.
fn offline(first: &str) -> Function {
    offline_with(first, ROUTES)
}

/// [`offline`] with other routes.
fn offline_with(first: &str, routes: &str) -> Function {
    let file = ScratchFile::new("jwks.json", jwks(&[RSA.jwk(KID, Some("RS256"))]));
    let keys = format!(
        "jwks_file = {}\njwks_refresh = \"never\"\n",
        json!(file.path())
    );
    let config = format!("{first}\n{}", pool_config(&(keys + routes)));
    Function::new(&config).file(file)
}

/// What the runtime posts for an error of that message.
fn error(message: &str) -> String {
    format!(r#"{{"errorType":"{message}","errorMessage":"{message}"}}"#)
}

fn failure(reason: DenyReason) -> String {
    error(reason.as_str())
}
