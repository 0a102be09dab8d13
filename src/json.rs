//! Strict JSON (RFC 8259) for everything that a stranger can send: one visitor, one pass.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest. Real tokens and key sets need two or three levels; the
/// figure bounds the stack that a hostile one can use.
pub(crate) const MAX_DEPTH: usize = 64;

/// What the name of a member costs, beside its value: measured, a member takes three to four
/// times as long to read as an entry of an array.
const MEMBER_COST: usize = 3;

/// Why a text is refused. It quotes nothing, as the text is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonFault {
    /// Not one strict JSON object.
    #[error("not one strict JSON object")]
    NotStrict,
    /// More values and members than the caller allows.
    #[error("more JSON values and members than allowed")]
    OverBudget,
}

/// Reads `bytes` as exactly one JSON object within `budget`: every value in it, itself counted,
/// costs one, and every member of an object [`MEMBER_COST`] more.
///
/// What it guarantees beyond `serde_json` itself, in the same pass: no member name occurs twice
/// in any object, also when one of them is written with escapes (RFC 7519 4), nothing nests
/// deeper than [`MAX_DEPTH`], and reading stops where the budget is spent, before memory is taken
/// for more. `serde_json` already refuses trailing bytes, comments, a byte order mark, bad
/// UTF-8, lone surrogates, NaN and Infinity, and numbers that no `f64` can hold.
///
/// # Errors
/// [`JsonFault`] for everything else.
pub(crate) fn parse_object(bytes: &[u8], budget: usize) -> Result<Map<String, Value>, JsonFault> {
    let left = Cell::new(Some(budget));
    let root = Strict {
        depth: 0,
        left: &left,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = root.deserialize(&mut deserializer).map_err(|_| {
        if left.get().is_none() {
            JsonFault::OverBudget
        } else {
            JsonFault::NotStrict
        }
    })?;
    deserializer.end().map_err(|_| JsonFault::NotStrict)?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(JsonFault::NotStrict)
        }
    }
}

/// The string member `name` of the one JSON object that `bytes` is, read within `budget`; nothing
/// where that member is missing or no string.
///
/// It keeps this member alone: no memory is taken for what the others are, so that it costs
/// little whoever wrote the text. That no other member occurs twice it does not guarantee.
///
/// # Errors
/// [`JsonFault::NotStrict`] if this is no JSON object, or the member is there twice, or
/// [`parse_object`] would stop before its end.
pub(crate) fn peek_string(
    bytes: &[u8],
    name: &str,
    budget: usize,
) -> Result<Option<String>, JsonFault> {
    let left = Cell::new(Some(budget));
    let root = Strict {
        depth: 0,
        left: &left,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let found = deserializer
        .deserialize_map(Peek { name, root })
        .map_err(|_| JsonFault::NotStrict)?;
    deserializer.end().map_err(|_| JsonFault::NotStrict)?;
    Ok(found)
}

/// Looks for one member of an object.
struct Peek<'n, 'l> {
    name: &'n str,
    root: Strict<'l>,
}

impl<'de> Visitor<'de> for Peek<'_, '_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        self.root.spend(1)?;
        let inner = self.root.deeper()?;
        let mut found = None;
        while let Some(keep) = members.next_key_seed(IsName(self.name))? {
            self.root.spend(MEMBER_COST)?;
            let value = members.next_value_seed(Skip { inner, keep })?;
            if keep && found.replace(value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(found.flatten())
    }
}

/// Passes over a value as [`Strict`] reads it; it keeps a string, if that is wanted.
#[derive(Clone, Copy)]
struct Skip<'l> {
    inner: Strict<'l>,
    keep: bool,
}

impl Skip<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let inner = self.inner.deeper()?;
        Ok(Self { inner, keep: false })
    }
}

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.inner.spend(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.keep.then(|| text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let deeper = self.deeper()?;
        while entries.next_element_seed(deeper)?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let deeper = self.deeper()?;
        while members.next_key::<IgnoredAny>()?.is_some() {
            self.inner.spend(MEMBER_COST)?;
            members.next_value_seed(deeper)?;
        }
        Ok(None)
    }
}

/// Tells whether a string is this one.
struct IsName<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for IsName<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsName<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// Builds a [`Value`] at nesting level `depth`, with so much of the budget `left` for the whole
/// text; `None` once it was exceeded.
#[derive(Clone, Copy)]
struct Strict<'l> {
    depth: usize,
    left: &'l Cell<Option<usize>>,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH {
            Err(E::custom("nested too deeply"))
        } else {
            Ok(Self { depth, ..self })
        }
    }

    fn spend<E: Error>(self, cost: usize) -> Result<(), E> {
        let left = self.left.get().and_then(|left| left.checked_sub(cost));
        self.left.set(left);
        left.map(|_| ()).ok_or_else(|| E::custom("over budget"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
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
            self.spend(MEMBER_COST)?;
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}
