//! Which claims say what: `client_from`, `scopes_from`, `groups_from`, `principal_from` and `require`.

use toml::Spanned;
use toml::de::DeValue;

use crate::claims::{Accepted, ClaimName, Requirement};
use crate::config::reader::Section;
use crate::config::shown;

/// What to do about a pointer that is none.
pub(super) const WRITE_POINTER: &str = "write `~1` for `/` and `~0` for `~` in a JSON Pointer";

/// The claims of a list, in its order, or the one that is usual.
pub(super) fn claims(section: &mut Section<'_>, key: &'static str, usual: &str) -> Vec<ClaimName> {
    let names = section.list(key).unwrap_or_else(|| vec![usual.to_owned()]);
    let mut claims = Vec::new();
    for name in names {
        match ClaimName::parse(&name) {
            Some(claim) => claims.push(claim),
            None => {
                let fault = format!("{} is not a JSON Pointer", shown::text(&name));
                section.mistake_in(key, &name, &fault, WRITE_POINTER);
            }
        }
    }
    claims
}

/// The table of claims and the values that each may have.
pub(super) fn require(section: &mut Section<'_>) -> Vec<Requirement> {
    const KEY: &str = "require";
    let Some(value) = section.take(KEY) else {
        return Vec::new();
    };
    let table = value.get_ref().as_table();
    let fault = match table {
        None => Some(format!(
            "{} is not a table of claims",
            shown::value(value.get_ref())
        )),
        Some(table) if table.is_empty() => Some("the table is empty".to_owned()),
        Some(_) => None,
    };
    if let Some(fault) = fault {
        section.mistake(KEY, &fault, "write it as in `{ tid = [\"a1b2\"] }`");
    }
    let mut require = Vec::new();
    for (name, value) in table.into_iter().flatten() {
        let name = name.get_ref().as_ref();
        let Some(claim) = ClaimName::parse(name) else {
            let fault = format!("{} is not a JSON Pointer", shown::text(name));
            section.mistake(KEY, &fault, WRITE_POINTER);
            continue;
        };
        if let Some(accepted) = accepted(section, KEY, value) {
            require.push(Requirement { claim, accepted });
        }
    }
    require
}

/// A list of values, or "any".
fn accepted(
    section: &mut Section<'_>,
    key: &'static str,
    value: &Spanned<DeValue<'_>>,
) -> Option<Accepted> {
    if value.get_ref().as_str() == Some("any") {
        return Some(Accepted::Any);
    }
    let remedy = "write the values between [ and ], each in quotes, or \"any\" if the claim only must be \
                  there";
    section.texts(key, value, remedy).map(Accepted::OneOf)
}
