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

mod check;
#[path = "../../../tests/it/support/claims.rs"]
mod claims;
mod completions;
mod documents;
mod explain;
mod help;
#[expect(dead_code, reason = "the tests of the authorizer use the rest")]
#[path = "../../../tests/it/support/keys.rs"]
mod keys;
mod oauth;
mod routes;
mod sample;
#[path = "../../../tests/it/support/scratch.rs"]
mod scratch;
#[path = "../../../tests/it/support/token.rs"]
mod token;

use std::process::{Command, Output};

/// Runs `authz` with these arguments, in an environment without anything of the authorizer's.
fn authz(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command.args(arguments).env_clear();
    command.output().expect("authz starts")
}
