//! Strict JSON (RFC 8259) for tokens and key sets, and the look for one member that comes before.

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest. Real tokens and key sets need two or three levels; the
/// figure bounds the stack that a hostile one can use.
pub(crate) const MAX_DEPTH: usize = 64;

/// What the name of a member costs, beside its value: measured, a member takes three to four
/// times as long to read as an entry of an array.
const MEMBER_COST: usize = 3;

/// For how many members of an object room is made at once; a Cognito access token has some 14.
const USUAL_MEMBERS: usize = 16;

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
pub(crate) fn parse_object(bytes: &[u8], budget: usize) -> Result<Members, JsonFault> {
    let left = Cell::new(Some(budget));
    let root = Strict {
        depth: 0,
        left: &left,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let members = deserializer.deserialize_map(Root(root)).map_err(|_| {
        if left.get().is_none() {
            JsonFault::OverBudget
        } else {
            JsonFault::NotStrict
        }
    })?;
    deserializer.end().map_err(|_| JsonFault::NotStrict)?;
    Ok(members)
}

/// The members of an object, no name twice. They are looked for one after the other: an object has
/// a dozen, and the budget that it was read with bounds what more of them cost.
#[derive(Clone)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// The member of exactly that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value)
    }

    /// Whether there is a member of exactly that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl IntoIterator for Members {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What the member `name` of the JSON object in `text` seems to be, if it is a string.
///
/// It keeps nothing and checks nothing on its way, so that it costs little whoever wrote the text,
/// and it stops at the first member of that name at the top. So it is good for one thing: choosing
/// what the text is to be verified with. Only [`parse_object`] can say what the member is. In a
/// text that is far over the `budget` of that, nothing is found either.
pub(crate) fn peek_string(text: &[u8], name: &str, budget: usize) -> Option<String> {
    // A value, which costs one there, is a pair of brackets or a string, and a comma, at most.
    let mut left = budget.saturating_mul(3);
    let mut depth = 0_usize;
    let mut bytes = text.iter();
    loop {
        let is_sign = |byte: &&u8| matches!(byte, b'"' | b',' | b':' | b'[' | b']' | b'{' | b'}');
        let sign = *bytes.find(is_sign)?;
        left = left.checked_sub(if sign == b':' { MEMBER_COST } else { 1 })?;
        match sign {
            b'"' => {
                let is_name = is_spelling(rest_of_string(&mut bytes)?, name);
                let value = bytes.as_slice().trim_ascii_start().strip_prefix(b":");
                if let (true, 1, Some(value)) = (is_name, depth, value) {
                    let mut value = serde_json::Deserializer::from_slice(value);
                    return String::deserialize(&mut value).ok();
                }
            }
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// Takes what is left of a string out of `bytes`, and the quotation mark at its end.
fn rest_of_string<'t>(bytes: &mut std::slice::Iter<'t, u8>) -> Option<&'t [u8]> {
    let text = bytes.as_slice();
    while bytes.find(|byte| matches!(byte, b'"' | b'\\'))? == &b'\\' {
        bytes.next()?;
    }
    let end = text.len().checked_sub(bytes.len())?.checked_sub(1)?;
    text.get(..end)
}

/// Whether a string, as it is written between its quotation marks, is `name`.
fn is_spelling(string: &[u8], name: &str) -> bool {
    if !string.contains(&b'\\') {
        return string == name.as_bytes();
    }
    // No character takes more than an escape of six bytes.
    string.len() <= name.len().saturating_mul(6)
        && serde_json::from_slice::<String>(&[b"\"", string, b"\""].concat())
            .is_ok_and(|string| string == name)
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

    /// Reads the members of an object, each of which `add` takes unless it has that name already.
    fn members<'de, A: MapAccess<'de>>(
        self,
        mut members: A,
        mut add: impl FnMut(String, Value) -> bool,
    ) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while let Some(name) = members.next_key()? {
            self.spend(MEMBER_COST)?;
            if !add(name, members.next_value_seed(inner)?) {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(())
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

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        self.members(members, |name, value| object.insert(name, value).is_none())?;
        Ok(Value::Object(object))
    }
}

/// Reads the object that the text is.
struct Root<'l>(Strict<'l>);

impl<'de> Visitor<'de> for Root<'_> {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Members, A::Error> {
        let Self(root) = self;
        root.spend(1)?;
        let mut own = Members(Vec::with_capacity(USUAL_MEMBERS));
        root.members(members, |name, value| {
            let is_new = !own.contains_key(&name);
            own.0.push((name, value));
            is_new
        })?;
        Ok(own)
    }
}
