//! Strict JSON (RFC 8259) for everything that a stranger can send: one visitor, one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest. Real tokens and key sets need two or three levels; the
/// figure bounds the stack that a hostile one can use.
pub(crate) const MAX_DEPTH: usize = 64;

/// The text is not one strict JSON object. It says nothing about why, as the text is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one strict JSON object")]
pub(crate) struct NotStrictJson;

/// Reads `bytes` as exactly one JSON object.
///
/// What it guarantees beyond `serde_json` itself, in the same pass: no member name occurs twice
/// in any object, also when one of them is written with escapes (RFC 7519 4), and nothing nests
/// deeper than [`MAX_DEPTH`]. `serde_json` already refuses trailing bytes, comments, a byte order
/// mark, bad UTF-8, lone surrogates, NaN and Infinity, and numbers that no `f64` can hold.
///
/// # Errors
/// [`NotStrictJson`] for everything else.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, NotStrictJson> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .map_err(|_| NotStrictJson)?;
    deserializer.end().map_err(|_| NotStrictJson)?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(NotStrictJson)
        }
    }
}

/// Builds a [`Value`] at nesting level `depth`.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH {
            Err(E::custom("nested too deeply"))
        } else {
            Ok(Self { depth })
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(entry) = entries.next_element_seed(inner)? {
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}
