//! The tests of `authz`: the real program, as a person would start it.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should end, and say where"
)]

mod completions;
mod oauth;

use std::process::{Command, Output};

/// Runs `authz` with these arguments, in an environment without anything of the authorizer's.
fn authz(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command.args(arguments).env_clear();
    command.output().expect("authz starts")
}
