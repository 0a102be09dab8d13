//! Percent-encoding of paths (RFC 3986 2.1).

use std::borrow::Cow;

/// Decodes percent-encodings (RFC 3986 2.1) once; nothing if one is malformed, stands for `/` or
/// an unreserved character, `.` among them, or the result is not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let high = hex_digit(bytes.next()?)?;
        let low = hex_digit(bytes.next()?)?;
        match (high << 4) | low {
            byte if byte == b'/' || is_unreserved(byte) => return None,
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// A character that needs no encoding anywhere (RFC 3986 2.3).
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The bytes that stand percent-encoded in `text`; a `%` that encodes nothing is passed over.
pub(crate) fn encoded_bytes(text: &str) -> impl Iterator<Item = u8> {
    text.split('%').skip(1).filter_map(|after| {
        let mut digits = after.bytes().map(hex_digit);
        Some((digits.next()?? << 4) | digits.next()??)
    })
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// The spellings of a segment in which a client may write `value`: with the characters of a path
/// (`pchar`, RFC 3986 3.3) as themselves, and with those alone that need no encoding (2.3).
pub(crate) fn spellings(value: &str) -> Vec<String> {
    let is_of_path = |byte: u8| is_unreserved(byte) || b"!$&'()+,;=:@".contains(&byte);
    let mut spellings = vec![encoded(value, is_of_path), encoded(value, is_unreserved)];
    spellings.dedup();
    spellings
}

fn encoded(value: &str, is_plain: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
