//! How the configuration names a claim: by its name or, where it is nested, by a JSON Pointer.

use std::fmt;

use serde_json::Value;

use crate::json::Members;

/// A claim, as the configuration names it: `groups`, character by character, or a JSON Pointer (RFC
/// 6901) such as `/realm_access/roles`, which begins with `/`.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimName {
    written: String,
    /// The member of the payload, then the reference tokens below it.
    member: String,
    below: Vec<String>,
}

impl ClaimName {
    /// Reads a name; nothing if it is a pointer in which a `~` is neither `~0` nor `~1`.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let Some(pointer) = written.strip_prefix('/') else {
            return Some(Self {
                written: written.to_owned(),
                member: written.to_owned(),
                below: Vec::new(),
            });
        };
        let mut tokens = pointer.split('/').map(reference_token);
        Some(Self {
            written: written.to_owned(),
            member: tokens.next()??,
            below: tokens.collect::<Option<_>>()?,
        })
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The claim of that name, whatever it is. A pointer into an array names an entry by its number.
    #[must_use]
    pub fn find<'m>(&self, members: &'m Members) -> Option<&'m Value> {
        let member = members.get(&self.member)?;
        self.below
            .iter()
            .try_fold(member, |value, token| match value {
                Value::Object(members) => members.get(token),
                Value::Array(entries) => entries.get(index(token)?),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            })
    }
}

impl fmt::Debug for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.written, f)
    }
}

/// The first of these claims that is there. Null is an absent claim, an empty list is one.
#[must_use]
pub fn first_claim<'n, 'm>(
    names: &'n [ClaimName],
    members: &'m Members,
) -> Option<(&'n ClaimName, &'m Value)> {
    let mut found = names.iter().filter_map(|name| {
        let value = name.find(members)?;
        (!value.is_null()).then_some((name, value))
    });
    found.next()
}

/// RFC 6901 4: `~1` is `/` and `~0` is `~`, in this order.
fn reference_token(escaped: &str) -> Option<String> {
    let is_escape = |after: &str| after.starts_with(['0', '1']);
    escaped
        .split('~')
        .skip(1)
        .all(is_escape)
        .then(|| escaped.replace("~1", "/").replace("~0", "~"))
}

/// RFC 6901 4: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with('0');
    let is_digits = token.bytes().all(|byte| byte.is_ascii_digit());
    (is_plain && is_digits).then(|| token.parse().ok())?
}
