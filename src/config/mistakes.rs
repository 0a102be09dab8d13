//! All mistakes of one configuration, collected while it is read.

use std::cell::RefCell;

use crate::config::mistake::{Mistake, Place};

/// What the configuration is written in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'t> {
    /// TOML.
    Toml(&'t str),
    /// Variables, each with the key that it stands for.
    Variables(&'static [(&'static str, &'static str)]),
}

/// Every mistake found so far.
#[derive(Debug)]
pub(super) struct Mistakes<'t> {
    form: Form<'t>,
    found: RefCell<Vec<Mistake>>,
    missing: RefCell<Vec<(&'static [&'static str], Mistake)>>,
    misplaced: RefCell<Vec<String>>,
}

impl<'t> Mistakes<'t> {
    pub(super) fn new(form: Form<'t>) -> Self {
        Self {
            form,
            found: RefCell::default(),
            missing: RefCell::default(),
            misplaced: RefCell::default(),
        }
    }

    /// All of them, in the order of the file. What is missing only because it was written in
    /// another table is left out.
    pub(super) fn into_list(self) -> Vec<Mistake> {
        let misplaced = self.misplaced.into_inner();
        let is_misplaced = |key: &&str| misplaced.iter().any(|own| own == key);
        let missing = self.missing.into_inner().into_iter();
        let missing = missing.filter(|(keys, _)| !keys.iter().any(is_misplaced));
        let mut list = self.found.into_inner();
        list.extend(missing.map(|(_, mistake)| mistake));
        list.sort_by_key(|mistake| mistake.place.line.unwrap_or(usize::MAX));
        list
    }

    pub(super) fn add(&self, place: Place, fault: &str, remedy: &str) {
        let mistake = Mistake::new(place, fault, remedy);
        self.found.borrow_mut().push(mistake);
    }

    /// That a key is missing which, or another one of `keys`, is needed.
    pub(super) fn is_missing(&self, keys: &'static [&'static str], mistake: Mistake) {
        self.missing.borrow_mut().push((keys, mistake));
    }

    /// That a key is in the wrong table.
    pub(super) fn is_misplaced(&self, key: &str) {
        self.misplaced.borrow_mut().push(key.to_owned());
    }

    /// What to do about a wrong list.
    pub(super) const fn write_list(&self) -> &'static str {
        match self.form {
            Form::Toml(_) => "write one or more strings in quotes between [ and ]",
            Form::Variables(_) => "write one or more words separated by commas",
        }
    }

    /// The place of the key with this full path, which begins at this byte.
    pub(super) fn place(&self, path: &str, start: Option<usize>) -> Place {
        match self.form {
            Form::Toml(text) => Place {
                key: Some(path.to_owned()),
                line: start.map(|start| line(text, start)),
            },
            Form::Variables(names) => {
                let name = names.iter().find(|(_, key)| *key == path);
                Place::of(name.map_or(path, |(name, _)| name))
            }
        }
    }
}

/// The number of the line that a byte is in.
pub(super) fn line(text: &str, at: usize) -> usize {
    let ends = text.bytes().take(at).filter(|byte| *byte == b'\n');
    ends.count().saturating_add(1)
}
