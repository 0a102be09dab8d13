//! How messages show what the configuration says. A text that looks like a secret is never shown,
//! whatever key it stands under: messages end up in logs.

use toml::de::DeValue;

/// The most characters of a text that are shown: more than any good value has.
const SHOWN_CHARS: usize = 256;

/// The least length of what looks like a secret, in characters. Those that Amazon Cognito makes
/// have 51 or more, and its client ids 26.
const SECRET_CHARS: usize = 40;

/// A text between backticks, cut, with its control characters escaped.
pub(super) fn text(text: &str) -> String {
    if looks_like_secret(text) {
        return "a text that looks like a secret".to_owned();
    }
    let cut: String = text.chars().take(SHOWN_CHARS).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{rest}`", escaped(&cut))
}

/// A value as it is written in TOML.
pub(super) fn value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(own) if looks_like_secret(own) => text(own),
        DeValue::String(own) => text(&format!("\"{own}\"")),
        DeValue::Integer(number) => text(&number.to_string()),
        DeValue::Float(number) => text(&number.to_string()),
        DeValue::Boolean(value) => text(&value.to_string()),
        DeValue::Datetime(_) => "this date".to_owned(),
        DeValue::Array(_) => "this list".to_owned(),
        DeValue::Table(_) => "this table".to_owned(),
    }
}

/// Whether this may be a secret or a token. What people name by hand has words in it, and URIs have
/// dots and colons. A random text has neither: it is one long word with digits in it, or it mixes
/// digits, small letters and capitals. (Some providers' client ids look so too: not being shown is
/// all that comes of it.)
pub(super) fn looks_like_secret(text: &str) -> bool {
    let is_token = text.starts_with("eyJ") && text.matches('.').count() >= 2;
    let is_drawn = text.len() >= SECRET_CHARS
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_~+/=".contains(&b))
        && (is_one_word(text) || is_mixed(text));
    is_token || is_drawn
}

fn is_one_word(text: &str) -> bool {
    const DIGITS: usize = 4;
    let is_other = |c: char| !c.is_ascii_alphanumeric();
    text.split(is_other).any(|word| {
        word.len() >= SECRET_CHARS && word.bytes().filter(u8::is_ascii_digit).count() >= DIGITS
    })
}

fn is_mixed(text: &str) -> bool {
    const EACH: usize = 4;
    let kinds = [
        u8::is_ascii_digit,
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
    ];
    kinds
        .iter()
        .all(|kind| text.bytes().filter(kind).count() >= EACH)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_control() {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}
