//! The tests of `authz`: the real program, as a person would start it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop at once, and say where"
)]

mod claims;
mod completions;
mod oauth;
mod routes;

use std::process::{Command, Output};

/// Runs `authz` with these arguments, in an environment without anything of the authorizer's.
fn authz(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command.args(arguments).env_clear();
    command.output().expect("authz starts")
}
