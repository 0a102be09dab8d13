//! Reads a TOML table key by key and collects every mistake instead of stopping at the first.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use strsim::levenshtein;
use toml::{Table, Value};

/// What to do about a wrong list.
pub(super) const WRITE_LIST: &str = "write one or more texts in quotes between [ and ]";

/// Every mistake found so far, each with the key, the fault and the remedy.
#[derive(Debug, Default)]
pub(super) struct Mistakes(RefCell<Vec<String>>);

impl Mistakes {
    pub(super) fn add(&self, key: &str, what: &str) {
        self.0.borrow_mut().push(format!("`{key}`: {what}"));
    }

    pub(super) fn into_list(self) -> Vec<String> {
        self.0.into_inner()
    }
}

/// A table of the configuration, where it stands, and the keys that it may have.
pub(super) struct Section<'m> {
    path: String,
    table: Table,
    written: Vec<String>,
    known: Vec<&'static str>,
    mistakes: &'m Mistakes,
}

impl<'m> Section<'m> {
    pub(super) fn new(path: &str, table: Table, mistakes: &'m Mistakes) -> Self {
        Self {
            path: path.to_owned(),
            written: table.keys().cloned().collect(),
            table,
            known: Vec::new(),
            mistakes,
        }
    }

    /// The full path of `key`, as in `issuers[0].client_ids`.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where this section stands.
    pub(super) fn own_path(&self) -> &str {
        &self.path
    }

    pub(super) fn mistake(&self, key: &str, what: &str) {
        self.mistakes.add(&self.path(key), what);
    }

    /// Whether `key` was written at all, rightly or not: what is wrong is not missing too.
    pub(super) fn has(&self, key: &str) -> bool {
        self.written.iter().any(|own| own == key)
    }

    /// Takes `key`, so that only unknown keys are left at the end.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    /// A string that is not empty and holds no blanks at its ends.
    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        let value = self.take(key)?;
        let text = value
            .as_str()
            .filter(|text| is_plain(text))
            .map(str::to_owned);
        if text.is_none() {
            let what = format!("{} is no usable text; write a text in quotes", show(&value));
            self.mistake(key, &what);
        }
        text
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
        let found = value
            .as_str()
            .and_then(|text| words.iter().find(|(word, _)| *word == text))
            .map(|(_, meaning)| *meaning);
        found.unwrap_or_else(|| {
            let names: Vec<String> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            self.mistake(
                key,
                &format!(
                    "{} is not known; write {}",
                    show(&value),
                    names.join(" or ")
                ),
            );
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
        let number = value
            .as_integer()
            .and_then(|number| u64::try_from(number).ok());
        number
            .filter(|number| range.contains(number))
            .unwrap_or_else(|| {
                let (least, most) = range.into_inner();
                let fault = if value.is_integer() {
                    "out of range"
                } else {
                    "no whole number"
                };
                let what = format!(
                    "{} is {fault}; write a whole number from {least} to {most}",
                    show(&value)
                );
                self.mistake(key, &what);
                default
            })
    }

    /// A list of texts; an empty one, or a text twice, is a mistake.
    pub(super) fn list(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.take(key)?;
        self.texts(key, &value)
            .inspect_err(|fault| {
                self.mistake(key, &format!("{fault}; {WRITE_LIST}"));
            })
            .ok()
    }

    /// A list of texts, or the word `any`, which is `Some(None)`.
    pub(super) fn list_or_any(&mut self, key: &'static str) -> Option<Option<Vec<String>>> {
        let value = self.take(key)?;
        if value.as_str() == Some("any") {
            return Some(None);
        }
        let texts = self.texts(key, &value);
        if texts.iter().flatten().any(|text| text == "any") {
            self.mistake(
                key,
                "`any` stands in a list; write \"any\" in the place of the list to leave it unchecked",
            );
        }
        texts
            .inspect_err(|fault| {
                let or_any = "or \"any\" to leave it unchecked";
                self.mistake(key, &format!("{fault}; {WRITE_LIST}, {or_any}"));
            })
            .ok()
            .map(Some)
    }

    /// The texts of a list, or what is wrong with it.
    pub(super) fn texts(&self, key: &str, value: &Value) -> Result<Vec<String>, String> {
        let entries = value
            .as_array()
            .ok_or_else(|| format!("{} is no list", show(value)))?;
        if entries.is_empty() {
            return Err("the list is empty".to_owned());
        }
        let mut texts: Vec<String> = Vec::new();
        for entry in entries {
            let text = entry.as_str().filter(|text| is_plain(text));
            let text = text.ok_or_else(|| format!("{} is no usable text", show(entry)))?;
            if texts.iter().any(|earlier| earlier == text) {
                self.mistake(key, &format!("`{text}` stands twice; remove one"));
            }
            texts.push(text.to_owned());
        }
        Ok(texts)
    }

    /// A table of texts, as in `bind = { id = "sub" }`.
    pub(super) fn map(&mut self, key: &'static str) -> Option<Vec<(String, String)>> {
        let value = self.take(key)?;
        let pairs = value
            .as_table()
            .filter(|table| !table.is_empty())
            .and_then(|table| {
                table
                    .iter()
                    .map(|(name, value)| {
                        let text = value.as_str().filter(|text| is_plain(text))?;
                        Some((name.clone(), text.to_owned()))
                    })
                    .collect()
            });
        if pairs.is_none() {
            let what = format!(
                "{} is no table of texts; write it as in `{{ id = \"sub\" }}`",
                show(&value)
            );
            self.mistake(key, &what);
        }
        pairs
    }

    /// A sub-table, empty where the key is missing.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'m> {
        let path = self.path(key);
        let table = match self.take(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(value) => {
                let what = format!("{} is no table; write it as `[{key}]`", show(&value));
                self.mistake(key, &what);
                Table::new()
            }
        };
        Section::new(&path, table, self.mistakes)
    }

    /// An array of tables; `None` where the key is missing.
    pub(super) fn sections(&mut self, key: &'static str) -> Option<Vec<Section<'m>>> {
        let value = self.take(key)?;
        let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.is_empty() {
            let what = format!(
                "{} is no list of tables; write each as `[[{key}]]`",
                show(&value)
            );
            self.mistake(key, &what);
        }
        let mut sections = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let path = format!("{}[{at}]", self.path(key));
            match entry.as_table() {
                Some(table) => sections.push(Section::new(&path, table.clone(), self.mistakes)),
                None => {
                    let what = format!("{} is no table; write it as `[[{key}]]`", show(entry));
                    self.mistakes.add(&path, &what);
                }
            }
        }
        Some(sections)
    }

    /// Ends the section: every key that was not asked for is unknown.
    pub(super) fn end(self) {
        for key in self.table.keys() {
            let guess = nearest(key, &self.known)
                .map_or(";".to_owned(), |near| format!(", did you mean `{near}`?"));
            let known = self.known.join(", ");
            let what = format!("unknown key{guess} remove it, or write one of {known}");
            self.mistake(key, &what);
        }
    }
}

/// The known key that somebody may have meant who wrote `key`: at most every third character is
/// another one, or the end is missing, as in `max_age`; letter case and hyphens apart.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let is_start = |own: &str| key.len() > 2 && own.starts_with(&key);
    let near = |own: &&str| is_start(own) || levenshtein(&key, own) <= own.len() / 3;
    let nearest = known.iter().copied().filter(near);
    nearest.min_by_key(|own| levenshtein(&key, own))
}

/// A value as the message shows it, not longer than a line.
fn show(value: &Value) -> String {
    const SHOWN: usize = 60;
    let text = match value {
        Value::String(text) => format!("\"{text}\""),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Datetime(_) => return "this date".to_owned(),
        Value::Array(_) => return "this list".to_owned(),
        Value::Table(_) => return "this table".to_owned(),
    };
    let cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() {
        format!("`{cut}…`")
    } else {
        format!("`{cut}`")
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control)
}
