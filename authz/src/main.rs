//! `authz`, the companion of the Lambda authorizer: what its operators and the developers of its
//! clients reach for. It is a program of its own, so that the Lambda carries none of it.

mod check;
mod completions;
mod explain;
mod keys;
mod login;
mod moment;
mod needs;
mod oauth;
mod openapi;
mod output;
mod refresh;
mod revoke;
mod routes;
mod settings;
mod sources;
mod token;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::settings::Unusable;

/// Looks after a cognito-authorizer.
#[derive(Debug, Parser)]
#[command(
    name = "authz",
    version,
    about,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked, a module each.
#[derive(Debug, Subcommand)]
enum Command {
    /// Check a configuration: its routes, its issuers, the keys that they publish.
    Check(check::Arguments),
    /// Explain why a request is allowed or refused, step by step.
    Explain(explain::Arguments),
    /// Print the completions for a shell.
    Completions(completions::Arguments),
    /// Sign a person in with a browser, and get tokens.
    Login(login::Arguments),
    /// Get new tokens for a refresh token.
    Refresh(refresh::Arguments),
    /// Revoke a refresh token.
    Revoke(revoke::Arguments),
    /// Write the routes of an OpenAPI document into the configuration that names it.
    Routes(routes::Arguments),
    /// Get a token for a program, by its client's secret.
    Token(token::Arguments),
}

/// Ends with 0 if all is well, 1 if what was asked about is not, and 2 if it was asked wrongly
/// (clap's own code).
fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Login(arguments) => login::run(&arguments),
        Command::Refresh(arguments) => refresh::run(&arguments),
        Command::Revoke(arguments) => revoke::run(&arguments),
        Command::Routes(arguments) => routes::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            tell(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Tells why a command was not done; all that is wrong with a configuration has a line each.
fn tell(error: &(dyn Error + 'static)) {
    output::tell(error);
    let unusable = error.downcast_ref::<Unusable>();
    for mistake in unusable.into_iter().flat_map(|unusable| &unusable.0) {
        output::tell_of_it(mistake);
    }
}
