//! Text of a server that is shown to a person.

/// More than this tells nobody anything.
const MAX_CHARS: usize = 200;

/// The longest word that is shown. Client secrets, codes and tokens are longer: a server that
/// repeats one of them in its message must not put it into a log.
const MAX_WORD_CHARS: usize = 32;

/// A server's words, fit for a terminal and a log: control characters are escaped, long words left
/// out, and the rest cut.
pub(crate) fn quote(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| match word.chars().count() > MAX_WORD_CHARS {
            true => "[…]".to_owned(),
            false => word.escape_debug().to_string(),
        })
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
