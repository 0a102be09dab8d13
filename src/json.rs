//! Strict JSON (RFC 8259) for tokens and key sets, and the look for one member that comes before.
//!
//! Whatever the text holds, reading it costs time and memory in proportion to its length: names are
//! told apart by sorting them, and depth is limited. How long a text may be is its reader's word.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest. Real tokens and key sets need two or three levels; the
/// figure bounds the stack that a hostile one can use.
pub(crate) const MAX_DEPTH: usize = 64;

/// For how many members of an object room is made at once; a Cognito access token has some 14.
const USUAL_MEMBERS: usize = 16;

/// A text that is not one strict JSON object. It quotes nothing, as the text is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one strict JSON object")]
pub(crate) struct NotStrict;

/// Reads `bytes` as exactly one JSON object.
///
/// What it guarantees beyond `serde_json` itself, in the same pass: no member name occurs twice
/// in any object, also when one of them is written with escapes (RFC 7519 4), and nothing nests
/// deeper than [`MAX_DEPTH`]. `serde_json` already refuses trailing bytes, comments, a byte order
/// mark, bad UTF-8, lone surrogates, NaN and Infinity, and numbers that no `f64` can hold.
///
/// # Errors
/// [`NotStrict`] for everything else.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Members, NotStrict> {
    read(bytes, Root)
}

/// Reads `bytes` as [`parse_object`] does, with the same guarantees, and keeps of each member its
/// name, and its text if it is a string. Of everything else it keeps nothing, so that it costs
/// little whoever wrote the text.
///
/// # Errors
/// [`NotStrict`] as there.
pub(crate) fn parse_texts(bytes: &[u8]) -> Result<Vec<TextMember<'_>>, NotStrict> {
    read(bytes, RootTexts)
}

/// The name of a member, and its text if it is a string.
pub(crate) type TextMember<'t> = (Cow<'t, str>, Option<Cow<'t, str>>);

/// The members of an object, no name twice, in the order of their names.
#[derive(Clone)]
pub struct Members(Vec<(String, Value)>);

impl Members {
    /// The member of exactly that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(own, _)| own.as_str().cmp(name));
        at.ok()
            .and_then(|at| self.0.get(at))
            .map(|(_, value)| value)
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
/// what the text is to be verified with. Only [`parse_object`] can say what the member is.
pub(crate) fn peek_string(text: &[u8], name: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut bytes = text.iter();
    loop {
        let is_sign = |byte: &&u8| matches!(byte, b'"' | b'[' | b']' | b'{' | b'}');
        match *bytes.find(is_sign)? {
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

/// Whether a string, as it is written between its quotation marks, is `name`, which has letters only:
/// each stands as it is or as `\u` and its number (RFC 8259 7).
fn is_spelling(mut string: &[u8], name: &str) -> bool {
    for letter in name.bytes() {
        let rest = string.strip_prefix(&[letter]).or_else(|| {
            let (escape, rest) = string.split_at_checked(6)?;
            let number = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
            (u8::from_str_radix(number, 16) == Ok(letter)).then_some(rest)
        });
        match rest {
            Some(rest) => string = rest,
            None => return false,
        }
    }
    string.is_empty()
}

fn read<'t, V: Visitor<'t>>(bytes: &'t [u8], root: V) -> Result<V::Value, NotStrict> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let members = deserializer.deserialize_map(root).map_err(|_| NotStrict)?;
    deserializer.end().map_err(|_| NotStrict)?;
    Ok(members)
}

/// The nesting level below `depth`.
fn deeper<E: Error>(depth: usize) -> Result<usize, E> {
    let depth = depth.saturating_add(1);
    if depth > MAX_DEPTH {
        Err(E::custom("nested too deeply"))
    } else {
        Ok(depth)
    }
}

/// Whether names that were put in order are all different.
fn check_distinct<E: Error>(names: impl Iterator<Item: Ord>) -> Result<(), E> {
    if names.is_sorted_by(|earlier, later| earlier < later) {
        Ok(())
    } else {
        Err(E::custom("duplicate member"))
    }
}

/// Reads the object that the text is.
struct Root;

impl<'de> Visitor<'de> for Root {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
        let depth = deeper(0)?;
        let mut own = Vec::with_capacity(USUAL_MEMBERS);
        while let Some(name) = members.next_key::<String>()? {
            own.push((name, members.next_value_seed(Whole { depth })?));
        }
        own.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        check_distinct(own.iter().map(|(name, _)| name))?;
        Ok(Members(own))
    }
}

/// Builds the [`Value`] that stands within `depth` arrays and objects.
struct Whole {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole {
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
        let depth = deeper(self.depth)?;
        let mut array = Vec::new();
        while let Some(entry) = entries.next_element_seed(Self { depth })? {
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let depth = deeper(self.depth)?;
        let mut object = Map::new();
        while let Some(name) = members.next_key()? {
            let value = members.next_value_seed(Self { depth })?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads the object that the text is, and of its members the texts.
struct RootTexts;

impl<'de> Visitor<'de> for RootTexts {
    type Value = Vec<TextMember<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let depth = deeper(0)?;
        let mut names = Vec::new();
        let mut own: Self::Value = Vec::new();
        while let Some(name) = members.next_key_seed(Text::new(depth, &mut names))? {
            let text = members.next_value_seed(Text::new(depth, &mut names))?;
            own.push((name.unwrap_or_default(), text));
        }
        own.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        check_distinct(own.iter().map(|(name, _)| name))?;
        Ok(own)
    }
}

/// Passes over the value that stands within `depth` arrays and objects, and keeps a string alone.
/// `names` are those of the objects around it, the innermost last, as far as they were read: one
/// list for all, so that an object takes no memory of its own.
struct Text<'n, 'de> {
    depth: usize,
    names: &'n mut Vec<Cow<'de, str>>,
}

impl<'n, 'de> Text<'n, 'de> {
    const fn new(depth: usize, names: &'n mut Vec<Cow<'de, str>>) -> Self {
        Self { depth, names }
    }
}

impl<'de> DeserializeSeed<'de> for Text<'_, 'de> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_, 'de> {
    type Value = Option<Cow<'de, str>>;

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

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    /// Of a string with escapes, which does not stand in the text as it is.
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let depth = deeper(self.depth)?;
        while entries
            .next_element_seed(Text::new(depth, self.names))?
            .is_some()
        {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let depth = deeper(self.depth)?;
        let around = self.names.len();
        while let Some(name) = members.next_key_seed(Text::new(depth, self.names))? {
            self.names.extend(name);
            members.next_value_seed(Text::new(depth, self.names))?;
        }
        let own = self.names.get_mut(around..).unwrap_or_default();
        own.sort_unstable();
        check_distinct(own.iter())?;
        self.names.truncate(around);
        Ok(None)
    }
}
