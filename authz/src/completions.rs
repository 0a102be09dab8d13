//! `authz completions`: what a shell needs to complete the others.

use std::error::Error;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{Cli, output};

/// For which shell.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "authz", &mut script);
    output::write(&script)?;
    Ok(ExitCode::SUCCESS)
}
