//! Scopes (RFC 6749 3.3): whole words between single spaces, compared byte by byte.

use serde_json::Value;

/// Whether `word` is a scope token of RFC 6749 3.3: printable ASCII without blank, `"` and `\`.
#[must_use]
pub fn is_scope_token(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// The scopes of a token, in the order of its `scope` claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads a `scope` claim: a string of words (RFC 8693 4.2), or an array of strings, as Duende
    /// IdentityServer and Spring Authorization Server write it. An entry of an array is one word; one
    /// with a space in it is none, so that nobody is granted two scopes for one. A claim of any other
    /// form is none.
    #[must_use]
    pub fn of_claim(claim: &Value) -> Option<Self> {
        match claim {
            Value::String(words) => Some(Self::parse(words)),
            Value::Array(entries) => {
                let words: Option<Vec<&str>> = entries.iter().map(Value::as_str).collect();
                let words = words?.into_iter().filter(|word| is_one_word(word));
                Some(Self(words.map(str::to_owned).collect()))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    }

    /// Splits a string at U+0020 and at nothing else; empty words are ignored.
    #[must_use]
    pub fn parse(claim: &str) -> Self {
        Self(
            claim
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Whether `scope` was granted, as exactly that word.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|granted| granted == scope)
    }

    /// All scopes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The custom scopes: those of a resource server, which Cognito names
    /// `resource-server-identifier/scope-name`.
    pub fn custom(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|scope| scope.contains('/'))
    }
}

fn is_one_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(' ')
}
