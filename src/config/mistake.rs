//! What is wrong with a configuration: where, what, and what to write instead.

use std::fmt;

/// The configuration cannot be used. It has at least one mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Mistake>);

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is.
    pub place: Place,
    /// What is wrong there.
    pub fault: String,
    /// What to do about it.
    pub remedy: String,
}

/// A place in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The key with the tables that it is in, as in `issuers[0].client_ids`, or the name of an
    /// environment variable or an option. `None` for text that has no keys, as it is not TOML.
    pub key: Option<String>,
    /// The line of the file, from 1 on. `None` for what is not in a file, or is missing as a whole.
    pub line: Option<usize>,
}

impl ConfigError {
    /// An error of one mistake about a variable, an option or a file as a whole.
    #[must_use]
    pub fn one(key: &str, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        let place = Place::of(key);
        Self(vec![Mistake::new(place, fault, remedy)])
    }
}

impl Mistake {
    /// A mistake at a place.
    #[must_use]
    pub fn new(place: Place, fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place,
            fault: fault.into(),
            remedy: remedy.into(),
        }
    }
}

impl Place {
    /// A place that is not in a file.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            line: None,
        }
    }
}

/// All mistakes in one line, as the log of a function needs it.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let end = if count == 1 { "" } else { "s" };
        write!(f, "the configuration has {count} mistake{end}")?;
        for (at, mistake) in self.0.iter().enumerate() {
            write!(f, "{} {mistake}", if at == 0 { ":" } else { " |" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.fault, self.remedy)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.key) {
            (Some(line), Some(key)) => write!(f, "line {line}: `{key}`"),
            (Some(line), None) => write!(f, "line {line}"),
            (None, Some(key)) => write!(f, "`{key}`"),
            (None, None) => f.write_str("the configuration"),
        }
    }
}
