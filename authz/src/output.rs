//! How a report is written: for a person, in colours where there is a terminal, or as JSON.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;

/// What is good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What deserves a thought.
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
/// The head of a part.
pub(crate) const HEAD: Style = Style::new().bold();
/// What is there for the sake of completeness.
pub(crate) const ASIDE: Style = Style::new().dimmed();

/// The longest text of an event, a token or a key set that is shown, in characters.
const MAX_SHOWN_CHARS: usize = 200;

/// For whom a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    Text,
    /// For a program: one JSON object.
    Json,
}

/// A report that a person can read.
pub(crate) trait Report: Serialize {
    /// Writes it, with ANSI colours.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// Tells something beside the output. It may quote what others chose.
pub(crate) fn tell(text: impl Display) {
    eprintln!("authz: {}", safe(&text.to_string()));
}

/// Tells one of several things that belong to what was told before.
pub(crate) fn tell_of_it(text: impl Display) {
    eprintln!("  {}", safe(&text.to_string()));
}

/// Writes to standard output; a reader who has seen enough may go.
pub(crate) fn write(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    unless_gone(out.write_all(text).and_then(|()| out.flush()))
}

/// Prints a report to standard output. Colours are for terminals, and not for those who set
/// `NO_COLOR`.
pub(crate) fn print(format: Format, report: &impl Report) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    let printed = match format {
        Format::Text => report.write(&mut out),
        Format::Json => {
            let text = serde_json::to_string_pretty(report)?;
            writeln!(out, "{}", safe_json(&text))
        }
    };
    unless_gone(printed.and_then(|()| out.flush()))
}

/// What came of writing; that the reader has gone is no fault.
fn unless_gone(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Text that others chose, as it stands in a sentence: cut, between backticks, and safe.
pub(crate) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{rest}`", safe(&cut))
}

/// Text that others chose, with what would steer a terminal escaped.
pub(crate) fn safe(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        if c.is_control() || is_steering(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// JSON with what would steer a terminal escaped. JSON itself escapes but the first of the control
/// characters (RFC 8259, section 7), and all of these can only stand in its strings. None of them
/// takes more than four digits.
fn safe_json(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        if c != '\n' && (c.is_control() || is_steering(c)) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Whether a character changes the direction of a line or breaks it (Unicode Standard Annex 9).
const fn is_steering(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Some texts as they stand in a sentence: "`a`, `b` or `c`".
pub(crate) fn listed<T: AsRef<str>>(texts: &[T], last: &str) -> String {
    let texts: Vec<String> = texts.iter().map(|text| shown(text.as_ref())).collect();
    match texts.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}
