//! A node of a document and where it stands, for whoever must correct it.

use super::tree::Node;

/// A node, and the way to it from the root.
#[derive(Clone, Debug)]
pub(super) struct Place<'d> {
    pub(super) node: &'d Node,
    way: String,
}

impl<'d> Place<'d> {
    pub(super) fn root(node: &'d Node) -> Self {
        let way = String::new();
        Self { node, way }
    }

    /// The same way to another node: one that a reference stands for.
    pub(super) fn instead(&self, node: &'d Node) -> Self {
        let way = self.way.clone();
        Self { node, way }
    }

    fn below(&self, step: &str, node: &'d Node) -> Self {
        let dot = if self.way.is_empty() || step.starts_with('[') {
            ""
        } else {
            "."
        };
        let way = format!("{}{dot}{step}", self.way);
        Self { node, way }
    }

    /// What is wrong here and what to do about it.
    pub(super) fn fault(&self, what: &str) -> String {
        match self.way.as_str() {
            "" => what.to_owned(),
            way => format!("`{way}`: {what}"),
        }
    }

    /// The member `key`, if there is one.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key)?;
        Some(self.below(key, node))
    }

    /// The members of a map.
    pub(super) fn members(&self) -> Result<impl Iterator<Item = (&'d str, Self)>, String> {
        let Node::Map(members) = self.node else {
            return Err(self.fault("no map; write keys and values"));
        };
        let member = |(key, node): &'d (String, Node)| (key.as_str(), self.below(key, node));
        Ok(members.iter().map(member))
    }

    /// The entries of a list.
    pub(super) fn entries(&self) -> Result<impl Iterator<Item = Self>, String> {
        let Node::List(entries) = self.node else {
            return Err(self.fault("no list; write it between [ and ]"));
        };
        let below = |(at, node)| self.below(&format!("[{at}]"), node);
        Ok(entries.iter().enumerate().map(below))
    }

    /// A text.
    pub(super) fn text(&self) -> Result<&'d str, String> {
        match self.node {
            Node::Text(text) => Ok(text),
            Node::Scalar(other) => Err(self.fault(&format!("`{other}` is no text; write a text"))),
            Node::List(_) | Node::Map(_) => Err(self.fault("no text; write a text")),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self) -> Result<Vec<String>, String> {
        let texts = self.entries()?.map(|entry| entry.text().map(str::to_owned));
        texts.collect()
    }

    /// That each key is one of `known` or begins as extensions do. A misspelt `security` would
    /// otherwise ask for what the document asks of everything, or for nothing.
    pub(super) fn know(&self, known: &[&str]) -> Result<(), String> {
        for (key, member) in self.members()? {
            if !known.contains(&key) && !key.starts_with("x-") {
                let what = "OpenAPI has no such key here; correct its spelling or remove it";
                return Err(member.fault(what));
            }
        }
        Ok(())
    }

    /// Whether this is a list or a map without anything in it.
    pub(super) fn is_empty(&self) -> bool {
        match self.node {
            Node::List(entries) => entries.is_empty(),
            Node::Map(members) => members.is_empty(),
            Node::Text(_) | Node::Scalar(_) => false,
        }
    }

    /// The node that this is or, where it is a reference, that it refers to in the document. What
    /// stands beside a reference would be overlooked, so it is an error, in each one of a row.
    pub(super) fn resolve(&self, document: &'d Node) -> Result<Self, String> {
        /// More references in a row than anybody writes: they go round in a circle.
        const MAX_HOPS: usize = 16;
        let mut here = self.clone();
        for _ in 0..MAX_HOPS {
            let Some(reference) = here.get("$ref") else {
                return Ok(here);
            };
            let beside =
                |(key, _): &(&str, Self)| !matches!(*key, "$ref" | "summary" | "description");
            if let Some((_, member)) = here.members()?.find(beside) {
                let what = "nobody says what it means beside `$ref`; write it where that refers to";
                return Err(member.fault(what));
            }
            let text = reference.text()?;
            let Some(pointer) = text.strip_prefix("#/") else {
                let what = format!("`{text}` is outside of this document; bundle it into one file");
                return Err(reference.fault(&what));
            };
            let step =
                |node: &'d Node, key: &str| node.get(&key.replace("~1", "/").replace("~0", "~"));
            let found = pointer.split('/').try_fold(document, step);
            let nothing = || reference.fault(&format!("nothing is at `{text}`; correct it"));
            here = here.instead(found.ok_or_else(nothing)?);
        }
        Err(self.fault("its references go round in a circle; end them"))
    }
}
