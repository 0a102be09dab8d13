//! `authz routes`: the routes of an OpenAPI document, written out for the authorizer.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

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
            output::tell(format_args!(
                "`{}` is not what the document says; write it anew with --output",
                path.display()
            ));
            return Ok(ExitCode::FAILURE);
        }
    } else if let Some(path) = output {
        std::fs::write(path, &expansion.text)
            .map_err(|error| format!("`{}` cannot be written ({error})", path.display()))?;
    } else {
        output::write(expansion.text.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
