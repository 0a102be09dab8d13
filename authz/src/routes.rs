//! `authz routes`: the routes of an OpenAPI document, written out for the authorizer.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use similar::TextDiff;

use crate::output;
use crate::settings::Settings;

/// Which configuration, and where to.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Write to this file instead of the terminal.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing: end with 1 unless this file is what would be written. For continuous
    /// integration.
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    check: Option<PathBuf>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command reads and writes files"
)]
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let expansion = arguments.settings.expand()?;
    expansion.warn();
    let Arguments { output, check, .. } = arguments;
    if let Some(path) = check {
        let found = std::fs::read(path)
            .map_err(|error| format!("`{}` cannot be read ({error})", path.display()))?;
        if found != expansion.text.as_bytes() {
            let found = String::from_utf8_lossy(&found);
            output::write(difference(&found, &expansion.text).as_bytes())?;
            output::tell(format_args!(
                "`{}` is not what the document says; write it anew with --output",
                path.display()
            ));
            return Ok(ExitCode::FAILURE);
        }
    } else if let Some(path) = output {
        if let Some(source) = expansion
            .sources
            .iter()
            .find(|source| is_same(source, path))
        {
            return Err(format!(
                "--output: `{}` is what the routes are made from (`{}`), and would be lost; name \
                 another file",
                path.display(),
                source.display()
            )
            .into());
        }
        std::fs::write(path, &expansion.text)
            .map_err(|error| format!("`{}` cannot be written ({error})", path.display()))?;
    } else {
        output::write(expansion.text.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines that would go and come, as `diff -u` writes them, with what would steer a terminal
/// escaped.
fn difference(found: &str, expected: &str) -> String {
    let mut lines = String::new();
    let diff = TextDiff::from_lines(found, expected);
    let diff = diff
        .unified_diff()
        .header("found", "expected")
        .missing_newline_hint(false)
        .to_string();
    for line in diff.lines() {
        lines.push_str(&output::safe(line));
        lines.push('\n');
    }
    lines
}

/// Whether two paths lead to the same file, by whatever name.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
    }
}
