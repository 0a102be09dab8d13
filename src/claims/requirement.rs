//! `require`: a claim that must be there, with one of the values that the configuration names.

use std::borrow::Cow;

use serde_json::Value;

use crate::claims::Accepted;
use crate::claims::name::ClaimName;
use crate::json::Members;

/// A claim and the values that it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The claim.
    pub claim: ClaimName,
    /// Its values; [`Accepted::Any`] if it only must be there.
    pub accepted: Accepted,
}

impl Requirement {
    /// Whether every token that meets this requirement meets `other`.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        let is_narrower = match (&self.accepted, &other.accepted) {
            (_, Accepted::Any) => true,
            (Accepted::Any, Accepted::OneOf(_)) => false,
            (Accepted::OneOf(own), Accepted::OneOf(other)) => {
                own.iter().all(|value| other.contains(value))
            }
        };
        self.claim == other.claim && is_narrower
    }

    /// Whether the claim is one of the values, or a list that holds one. Null is an absent claim.
    #[must_use]
    pub fn holds(&self, members: &Members) -> bool {
        let Some(value) = self.claim.find(members).filter(|value| !value.is_null()) else {
            return false;
        };
        if self.accepted == Accepted::Any {
            return true;
        }
        let is_accepted =
            |value: &Value| as_text(value).is_some_and(|own| self.accepted.accepts(&own));
        match value {
            Value::Array(entries) => entries.iter().any(is_accepted),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => is_accepted(value),
        }
    }
}

/// A value as the configuration writes it: a string as it is, `true` and `false`, a whole number in its
/// digits. Nothing else can be required.
fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
        Value::Number(number) if number.is_u64() || number.is_i64() => {
            Some(number.to_string().into())
        }
        Value::Number(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
