//! A JSON or YAML text as a tree, read strictly and within a budget.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess};
use serde::de::{SeqAccess, VariantAccess, Visitor};

/// The most nodes that a text may have. An alias of YAML counts as what it stands for, so that a
/// small text cannot become a large tree; a text of the largest size has fewer than this if its
/// nodes are six bytes long on average.
const MAX_NODES: usize = 1_000_000;

/// A node of the tree. Keys of a map are texts, each there once.
#[derive(Debug)]
pub(super) enum Node {
    /// A text.
    Text(String),
    /// Any other scalar, as it is usually written.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads JSON (RFC 8259).
    ///
    /// # Errors
    /// What is wrong, and where.
    pub(super) fn from_json(text: &str) -> Result<Self, String> {
        let mut json = serde_json::Deserializer::from_str(text);
        let node = Self::read(&mut json);
        let end = |node| json.end().map(|()| node);
        node.and_then(end).map_err(|error| error.to_string())
    }

    /// Reads YAML.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub(super) fn from_yaml(text: &str) -> Result<Self, String> {
        let yaml = yaml_serde::Deserializer::from_str(text);
        Self::read(yaml).map_err(|error| error.to_string())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Budget(&Cell::new(MAX_NODES)).deserialize(deserializer)
    }

    /// What stands under a key, if this is a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(members) = self else {
            return None;
        };
        let own = members.iter().find(|(name, _)| name == key);
        own.map(|(_, node)| node)
    }
}

/// The number of nodes that may still be read.
#[derive(Clone, Copy)]
struct Budget<'b>(&'b Cell<usize>);

impl<'de> DeserializeSeed<'de> for Budget<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self.0.get().checked_sub(1);
        let too_many = || D::Error::custom(format_args!("more than {MAX_NODES} values"));
        self.0.set(left.ok_or_else(too_many)?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Budget<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar("null".to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(self)? {
            list.push(entry);
        }
        Ok(Node::List(list))
    }

    /// A key that stands twice is an error: which one counts would depend on who reads it.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut map: Vec<(String, Node)> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key_seed(self)? {
            let key = match key {
                Node::Text(key) | Node::Scalar(key) => key,
                Node::List(_) | Node::Map(_) => return Err(A::Error::custom("a key is no text")),
            };
            if !seen.insert(key.clone()) {
                let what = format_args!("the key `{key}` stands twice");
                return Err(A::Error::custom(what));
            }
            map.push((key, members.next_value_seed(self)?));
        }
        Ok(Node::Map(map))
    }

    /// A tag of YAML's, such as `!Sub`: nobody says here what it would become.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        let (tag, value) = tagged.variant::<String>()?;
        value.newtype_variant::<IgnoredAny>()?;
        Ok(Node::Scalar(format!("a value with the tag {tag}")))
    }
}
