//! The context of a reply: what the back end is told about the token. Flat strings only, and a
//! function of the token alone, because API Gateway caches it with the policy.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::claims::Claims;
use crate::reason::DenyReason;

/// The context of a reply.
pub type Context = BTreeMap<String, String>;

/// Keys that a configured claim may not take: those of [`context`] itself, and those that API
/// Gateway or its emulators put beside them for the back end ("Output from an API Gateway Lambda
/// authorizer"; `claims` is where Cognito's own authorizer puts a token's).
pub const RESERVED_KEYS: [&str; 14] = [
    "sub",
    "username",
    "client_id",
    "scope",
    "custom_scopes",
    "groups",
    "token_use",
    "iss",
    "exp",
    "jti",
    "error",
    "principalId",
    "integrationLatency",
    "claims",
];

/// The longest value, in bytes. A longer one is left out rather than cut, as half a list of
/// scopes would be another list. API Gateway passes headers of at most 10,240 bytes in all.
pub const MAX_VALUE_BYTES: usize = 4096;

/// The context for a token with `claims` and, with a refusal, the error of RFC 6750 3.1.
#[must_use]
pub fn context(claims: &Claims, extra: &[String], refusal: Option<DenyReason>) -> Context {
    let text = |name: &str| claims.text(name).map(str::to_owned);
    let groups = claims.groups();
    let own = [
        ("sub", text("sub")),
        (
            "username",
            text("username").or_else(|| text("cognito:username")),
        ),
        ("client_id", text("client_id")),
        ("scope", claims.scopes().joined()),
        ("custom_scopes", claims.scopes().custom_joined()),
        ("groups", joined(groups.iter().map(String::as_str))),
        ("token_use", text("token_use")),
        ("iss", text("iss")),
        ("exp", Some(claims.exp().seconds().to_string())),
        ("jti", text("jti")),
        (
            "error",
            refusal.map(|reason| reason.bearer_error().to_owned()),
        ),
    ];
    let mut context: Context = extra
        .iter()
        .filter_map(|name| Some((key(name), flat(claims.value(name)?)?)))
        .collect();
    context.extend(
        own.into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    context.retain(|_, value| is_safe(value));
    context
}

/// The context key of a claim: characters outside `[A-Za-z0-9_]` become `_`.
#[must_use]
pub fn key(claim: &str) -> String {
    claim
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// The `principalId` of a reply: the token's `sub`, or its `client_id`.
#[must_use]
pub fn principal_id(claims: &Claims) -> String {
    claims
        .principal()
        .filter(|id| is_safe(id))
        .unwrap_or("unknown")
        .to_owned()
}

/// Whether a value can go into a header of a back end: not too long, no control characters.
fn is_safe(value: &str) -> bool {
    value.len() <= MAX_VALUE_BYTES && !value.chars().any(char::is_control)
}

/// A claim as one string: words of a list between blanks, anything nested as JSON.
fn flat(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
        Value::Array(entries) => {
            let words: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
            match words {
                Some(words) => joined(words.into_iter()),
                None => Some(value.to_string()),
            }
        }
    }
}

/// Words between blanks; nothing if there is none. A word with white space in it is left out: it
/// would read as several, and a group named `x admins` would make its members `admins`.
fn joined<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && !word.contains(char::is_whitespace))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
