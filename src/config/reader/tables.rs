//! The tables in a table of the configuration.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::keys::Keys;
use crate::config::reader::Section;
use crate::config::shown;

impl<'m> Section<'m> {
    /// A table in this one, empty where the key is missing.
    pub(in crate::config) fn section(
        &mut self,
        key: &'static str,
        keys: &'static Keys,
    ) -> Section<'m> {
        let place = self.entries.iter().find(|entry| entry.key == key);
        let path = self.path(place.map_or(key, |entry| entry.written.as_str()));
        let (start, table) = match self
            .take(key)
            .map(|value| (value.span(), value.into_inner()))
        {
            None => (None, DeTable::new()),
            Some((span, DeValue::Table(table))) => (Some(span.start), table),
            Some((_, value)) => {
                let fault = format!("{} is not a table", shown::value(&value));
                self.mistake(key, &fault, &format!("write it as `[{key}]`"));
                (None, DeTable::new())
            }
        };
        Section::new(&path, start, keys, table, self.mistakes)
    }

    /// A table in the list of `key`, which is no other value.
    pub(in crate::config) fn entry(
        &self,
        key: &'static str,
        at: usize,
        value: Spanned<DeValue<'m>>,
        keys: &'static Keys,
    ) -> Section<'m> {
        let start = Some(value.span().start);
        let mut table = DeTable::new();
        if let DeValue::Table(own) = value.into_inner() {
            table = own;
        }
        let path = self.path(&format!("{key}[{at}]"));
        Section::new(&path, start, keys, table, self.mistakes)
    }

    /// Whether no key was written.
    pub(in crate::config) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A mistake about the table itself.
    pub(in crate::config) fn mistake_of_all(&self, fault: &str, remedy: &str) {
        let place = self.mistakes.place(&self.path, self.start);
        self.mistakes.add(place, fault, remedy);
    }

    /// A list of tables; `None` where the key is missing.
    pub(in crate::config) fn sections(
        &mut self,
        key: &'static str,
        keys: &'static Keys,
    ) -> Option<Vec<Section<'m>>> {
        let value = self.take(key)?.into_inner();
        let written = self.entries.iter().find(|entry| entry.key == key);
        let path = self.path(written.map_or(key, |entry| entry.written.as_str()));
        let is_list = value.as_array().is_some_and(|list| !list.is_empty());
        if !is_list {
            let fault = format!("{} is not a list of tables", shown::value(&value));
            self.mistake(key, &fault, &format!("write each as `[[{key}]]`"));
        }
        let DeValue::Array(entries) = value else {
            return Some(Vec::new());
        };
        let mut sections = Vec::new();
        for (at, entry) in entries.into_iter().enumerate() {
            let path = format!("{path}[{at}]");
            let start = Some(entry.span().start);
            let entry = entry.into_inner();
            if !entry.is_table() {
                let fault = format!("{} is not a table", shown::value(&entry));
                let place = self.mistakes.place(&path, start);
                self.mistakes
                    .add(place, &fault, &format!("write it as `[[{key}]]`"));
            }
            if let DeValue::Table(table) = entry {
                sections.push(Section::new(&path, start, keys, table, self.mistakes));
            }
        }
        Some(sections)
    }
}
