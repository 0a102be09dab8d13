//! Reads a TOML table key by key and collects every mistake instead of stopping at the first.

mod tables;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use strsim::osa_distance;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::keys::{Keys, Meaning};
use crate::config::mistake::{Mistake, Place};
use crate::config::mistakes::Mistakes;
use crate::config::shown;

/// A table of the configuration, where it stands, and the keys that it has.
///
/// A key that there is not is a mistake, and is read as the one that was meant, if that can be
/// guessed: then what would only follow from the wrong spelling does not become a mistake too.
pub(super) struct Section<'m> {
    path: String,
    start: Option<usize>,
    entries: Vec<Entry<'m>>,
    texts: Vec<(&'static str, String, usize)>,
    mistakes: &'m Mistakes<'m>,
}

/// A key and its value, which is gone once it was read.
struct Entry<'m> {
    key: &'static str,
    written: String,
    is_guessed: bool,
    start: usize,
    value: Option<Spanned<DeValue<'m>>>,
}

impl<'m> Section<'m> {
    /// The table that begins at the byte `start`, which is `None` for the whole file.
    pub(super) fn new(
        path: &str,
        start: Option<usize>,
        keys: &'static Keys,
        table: DeTable<'m>,
        mistakes: &'m Mistakes<'m>,
    ) -> Self {
        let mut section = Self {
            path: path.to_owned(),
            start,
            entries: Vec::new(),
            texts: Vec::new(),
            mistakes,
        };
        let mut others = Vec::new();
        for (written, value) in table {
            let known = keys.known.iter().find(|key| *key == written.get_ref());
            match known {
                Some(key) => section.entries.push(Entry {
                    key,
                    start: written.span().start,
                    written: written.into_inner().into_owned(),
                    is_guessed: false,
                    value: Some(value),
                }),
                None => others.push((written, value)),
            }
        }
        for (written, value) in others {
            section.unknown(keys, &written, value);
        }
        section
    }

    /// Takes a key that the table does not have for the one that was meant, if that is not there.
    fn unknown(
        &mut self,
        keys: &Keys,
        written: &Spanned<Cow<'_, str>>,
        value: Spanned<DeValue<'m>>,
    ) {
        let name = written.get_ref().as_ref();
        let start = written.span().start;
        let meaning = keys.meaning(name, is_table(value.get_ref()));
        let (fault, remedy) = match meaning {
            Meaning::Key(key) => {
                if !self.has(key) {
                    self.entries.push(Entry {
                        key,
                        written: name.to_owned(),
                        is_guessed: true,
                        start,
                        value: Some(value),
                    });
                }
                let remedy = format!("did you mean `{key}`? write that, or remove it");
                ("unknown key".to_owned(), remedy)
            }
            Meaning::Elsewhere(other) => {
                self.mistakes.is_misplaced(name);
                let fault = format!("a key of {}, not of {}", other.name, keys.name);
                (fault, other.move_there())
            }
            Meaning::Secret => (
                "the authorizer needs no secret".to_owned(),
                "remove it, and replace the secret if others can read this configuration"
                    .to_owned(),
            ),
            Meaning::Verb => (
                "unknown key".to_owned(),
                "write the verb in `route`, before the path, as in `GET /books/{id}`".to_owned(),
            ),
            Meaning::Nothing => {
                let known = keys.known.join(", ");
                let remedy = format!("remove it, or write one of {known}");
                ("unknown key".to_owned(), remedy)
            }
        };
        let shown = name.escape_debug().to_string();
        let place = self.mistakes.place(&self.path(&shown), Some(start));
        self.mistakes.add(place, &fault, &remedy);
    }

    /// The full path of `key`, as in `issuers[0].client_ids`.
    fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where `key` is, or where the section begins that lacks it.
    pub(super) fn place(&self, key: &str) -> Place {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        match entry {
            Some(entry) => self.place_at(key, entry.start),
            None => self.mistakes.place(&self.path(key), self.start),
        }
    }

    fn place_at(&self, key: &str, start: usize) -> Place {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        let written = entry.map_or(key, |entry| entry.written.as_str());
        self.mistakes.place(&self.path(written), Some(start))
    }

    /// A mistake about `key`. About a key that was guessed there is none but that.
    pub(super) fn mistake(&self, key: &str, fault: &str, remedy: &str) {
        if !self.is_guessed(key) {
            self.mistakes.add(self.place(key), fault, remedy);
        }
    }

    /// A mistake about one string in the list of `key`.
    pub(super) fn mistake_in(&self, key: &'static str, text: &str, fault: &str, remedy: &str) {
        let mut texts = self.texts.iter().rev();
        let found = texts.find(|(own, other, _)| *own == key && other == text);
        match found {
            Some((_, _, start)) => self.mistake_at(key, *start, fault, remedy),
            None => self.mistake(key, fault, remedy),
        }
    }

    fn mistake_at(&self, key: &str, start: usize, fault: &str, remedy: &str) {
        if !self.is_guessed(key) {
            self.mistakes.add(self.place_at(key, start), fault, remedy);
        }
    }

    /// A mistake at a place of before.
    pub(super) fn mistake_at_place(&self, place: Place, fault: &str, remedy: &str) {
        self.mistakes.add(place, fault, remedy);
    }

    /// That the first of `keys` is missing, and all the others that would do.
    pub(super) fn missing(&self, keys: &'static [&'static str], remedy: &str) {
        let key = keys.first().copied().unwrap_or_default();
        let mistake = Mistake::new(self.place(key), "missing", remedy);
        self.mistakes.is_missing(keys, mistake);
    }

    /// What to do about a wrong list.
    pub(super) const fn write_list(&self) -> &'static str {
        self.mistakes.write_list()
    }

    /// Whether this is a table that was written.
    pub(super) const fn is_written(&self) -> bool {
        self.start.is_some()
    }

    /// Whether `key` was written at all, rightly or not: what is wrong is not missing too.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Whether `key` stands for another one that was written, so that it may not be meant at all.
    pub(super) fn is_guessed(&self, key: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.key == key && entry.is_guessed)
    }

    /// Takes the value of `key`.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'m>>> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.value.take()
    }

    /// A string that is not empty, has no space at its ends and no control characters.
    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        let value = self.take(key)?;
        let text = plain(value.get_ref());
        text.map(str::to_owned)
            .inspect_err(|(fault, remedy)| {
                self.mistake(
                    key,
                    &format!("{} {fault}", shown::value(value.get_ref())),
                    remedy,
                );
            })
            .ok()
    }

    /// One of a few words, the first of them where the key is missing.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        default: T,
    ) -> T {
        let Some(value) = self.take(key) else {
            return default;
        };
        let value = value.get_ref();
        let found = value
            .as_str()
            .and_then(|text| words.iter().find(|(word, _)| *word == text))
            .map(|(_, meaning)| *meaning);
        found.unwrap_or_else(|| {
            let names: Vec<String> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            let fault = format!("{} is not known", shown::value(value));
            self.mistake(key, &fault, &format!("write {}", names.join(" or ")));
            default
        })
    }

    /// A whole number within `range`.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> u64 {
        let Some(value) = self.take(key) else {
            return default;
        };
        let value = value.get_ref();
        let number = value
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        number
            .filter(|number| range.contains(number))
            .unwrap_or_else(|| {
                let (least, most) = range.into_inner();
                let fault = if value.is_integer() {
                    "is out of range"
                } else {
                    "is not a whole number"
                };
                let fault = format!("{} {fault}", shown::value(value));
                let remedy = format!("write a whole number from {least} to {most}");
                self.mistake(key, &fault, &remedy);
                default
            })
    }

    /// A list of strings; an empty one, or a string twice, is a mistake.
    pub(super) fn list(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.take(key)?;
        self.texts(key, &value, self.write_list())
    }

    /// A list of strings, or the word `any`, which is `Some(None)`.
    pub(super) fn list_or_any(&mut self, key: &'static str) -> Option<Option<Vec<String>>> {
        let value = self.take(key)?;
        if value.get_ref().as_str() == Some("any") {
            return Some(None);
        }
        let remedy = format!("{}, or \"any\" to leave it unchecked", self.write_list());
        let texts = self.texts(key, &value, &remedy);
        if texts.iter().flatten().any(|text| text == "any") {
            let remedy = "write \"any\" in place of the list to leave it unchecked";
            self.mistake_in(key, "any", "`any` is in a list", remedy);
        }
        texts.map(Some)
    }

    /// The strings of a list, if it is a good one. `remedy` is for one that is not.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        value: &Spanned<DeValue<'_>>,
        remedy: &str,
    ) -> Option<Vec<String>> {
        let start = value.span().start;
        let Some(entries) = value.get_ref().as_array() else {
            let fault = format!("{} is not a list", shown::value(value.get_ref()));
            self.mistake_at(key, start, &fault, remedy);
            return None;
        };
        if entries.is_empty() {
            self.mistake_at(key, start, "the list is empty", remedy);
            return None;
        }
        let mut texts: Vec<String> = Vec::new();
        for entry in entries {
            let start = entry.span().start;
            match plain(entry.get_ref()) {
                Ok(text) => {
                    if texts.iter().any(|earlier| earlier == text) {
                        let fault = format!("{} is there twice", shown::text(text));
                        self.mistake_at(key, start, &fault, "remove one");
                    }
                    texts.push(text.to_owned());
                    self.texts.push((key, text.to_owned(), start));
                }
                Err((fault, remedy_of_text)) => {
                    let fault = format!("{} {fault}", shown::value(entry.get_ref()));
                    let is_text = entry.get_ref().is_str();
                    let remedy = if is_text { remedy_of_text } else { remedy };
                    self.mistake_at(key, start, &fault, remedy);
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// A table of strings, as in `bind = { id = "sub" }`.
    pub(super) fn map(&mut self, key: &'static str) -> Option<Vec<(String, String)>> {
        let value = self.take(key)?;
        let pairs = value
            .get_ref()
            .as_table()
            .filter(|table| !table.is_empty())
            .and_then(|table| {
                table
                    .iter()
                    .map(|(name, value)| {
                        let text = plain(value.get_ref()).ok()?;
                        Some((name.get_ref().to_string(), text.to_owned()))
                    })
                    .collect()
            });
        if pairs.is_none() {
            let fault = format!(
                "{} is not a table of strings",
                shown::value(value.get_ref())
            );
            self.mistake(key, &fault, "write it as in `{ id = \"sub\" }`");
        }
        pairs
    }
}

/// The known key that somebody may have meant who wrote `key`: at most every third character is
/// another one, two of them are swapped, or the end is missing, as in `max_age`; letter case and hyphens apart.
pub(super) fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let is_start = |own: &str| key.len() > 2 && own.starts_with(&key);
    let near = |own: &&str| is_start(own) || osa_distance(&key, own) <= own.len() / 3;
    let nearest = known.iter().copied().filter(near);
    nearest.min_by_key(|own| osa_distance(&key, own))
}

/// Whether a value is a table or a list of tables.
fn is_table(value: &DeValue<'_>) -> bool {
    let is_list = |list: &DeArray<'_>| list.iter().any(|entry| entry.get_ref().is_table());
    value.is_table() || value.as_array().is_some_and(is_list)
}

/// The string that a value is, or what is wrong with it and what to do. What nobody can see is
/// named.
fn plain<'v>(value: &'v DeValue<'_>) -> Result<&'v str, (&'static str, &'static str)> {
    let text = value
        .as_str()
        .ok_or(("is not a string", "write a string in quotes"))?;
    if text.is_empty() {
        Err(("is empty", "write a string in quotes"))
    } else if text.contains('\t') {
        Err(("holds a tab", "write a space in its place, or nothing"))
    } else if text.chars().any(char::is_control) {
        Err(("holds a control character", "remove it"))
    } else if text.trim() != text {
        Err(("begins or ends with a space", "remove that space"))
    } else {
        Ok(text)
    }
}
