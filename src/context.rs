//! The context of a reply: what the back end is told about the token. Flat strings only, and a
//! function of the token alone, because API Gateway caches it with the policy.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::claims::Claims;
use crate::reason::DenyReason;

/// The context of a reply: names and values, no name twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context(Vec<(Cow<'static, str>, String)>);

impl Context {
    /// The context of a refusal about which nothing else is known.
    #[must_use]
    pub fn of_error(reason: DenyReason) -> Self {
        let error = reason.challenge().as_str();
        Self(
            error
                .map(|error| ("error".into(), error.to_owned()))
                .into_iter()
                .collect(),
        )
    }

    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Leaves out the longest value. Whether there was one.
    pub(crate) fn drop_longest(&mut self) -> bool {
        let longest = (0..).zip(&self.0).max_by_key(|(_, (_, value))| value.len());
        let at = longest.map(|(at, _)| at);
        at.map(|at| self.0.remove(at)).is_some()
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

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
    let text = |name: &str| claims.text(name).map(Cow::Borrowed);
    let groups = joined(claims.groups().iter().map(String::as_str));
    let error = refusal.and_then(|reason| reason.challenge().as_str());
    let own = [
        ("client_id", claims.client().map(Cow::Borrowed)),
        (
            "custom_scopes",
            joined(claims.scopes().custom()).map(Cow::Owned),
        ),
        ("error", error.map(Cow::Borrowed)),
        ("exp", Some(claims.exp().seconds().to_string().into())),
        ("groups", groups.map(Cow::Owned)),
        ("iss", text("iss")),
        ("jti", text("jti")),
        ("scope", joined(claims.scopes().iter()).map(Cow::Owned)),
        ("sub", text("sub")),
        ("token_use", text("token_use")),
        (
            "username",
            text("username").or_else(|| text("cognito:username")),
        ),
    ];
    let own = own
        .into_iter()
        .filter_map(|(name, value)| Some((name.into(), value?)));
    let extra = extra
        .iter()
        .filter_map(|name| Some((key(name).into(), flat(claims.value(name)?)?)))
        .filter(|(name, _): &(Cow<'static, str>, _)| !RESERVED_KEYS.contains(&name.as_ref()));
    let safe = own.chain(extra).filter(|(_, value)| is_safe(value));
    Context(
        safe.map(|(name, value)| (name, value.into_owned()))
            .collect(),
    )
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
    // Not `all`: without an early end the compiler checks many bytes at a time.
    let is_printable = |so_far, byte| so_far & matches!(byte, b' '..=b'~');
    value.len() <= MAX_VALUE_BYTES
        && (value.bytes().fold(true, is_printable) || !value.chars().any(char::is_control))
}

/// A claim as one string: words of a list between blanks, anything nested as JSON.
fn flat(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string().into()),
        Value::Array(entries) => {
            let words: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
            match words {
                Some(words) => joined(words.into_iter()).map(Cow::Owned),
                None => Some(value.to_string().into()),
            }
        }
    }
}

/// Words with spaces between them; nothing if there is none. A word with white space in it is left
/// out: it would read as several, so that a group named `x admins` would make its members `admins`,
/// and a scope with a no-break space in it would be two scopes to a back end that splits at `\s`.
fn joined<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && !word.contains(is_space_to_some))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// White space of Unicode, and what some languages split at besides: U+FEFF (`\s` of ECMAScript),
/// U+180E (white space until Unicode 6.3), U+200B, and the separators U+001C to U+001F (Python).
fn is_space_to_some(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{1c}'..='\u{1f}' | '\u{180e}' | '\u{200b}' | '\u{feff}'
        )
}
