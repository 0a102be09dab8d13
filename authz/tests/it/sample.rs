//! The sample configuration, its events, and runs of commands beside them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A time at which the good samples hold and the expired ones do not.
pub(crate) const AT: &str = "2026-11-22T19:01:27Z";

/// The root of the repository, from where `events/authorizer.toml` names its file of keys.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// `authz` at the root of the repository, with no environment but this.
pub(crate) fn run(arguments: &[&str], env: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command
        .args(arguments)
        .current_dir(root())
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not ask for it may have ended.
    let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The names of the sample events.
pub(crate) fn events() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("events")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut events: Vec<String> = names
        .filter(|name| name.ends_with(".json") && name != "jwks.json")
        .collect();
    events.sort_unstable();
    events
}
