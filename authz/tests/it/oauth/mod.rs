//! The commands that get tokens, against an authorization server of the tests.

mod grants;
mod id_token;
mod login;
mod provider;
mod redirect;
mod server;
mod sign_in;
mod stored;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use self::server::{Answer, Server};

/// Secrets that no message may repeat.
const CLIENT_SECRET: &str = "s3cret-of-the-app-client-0123456789abcdef";
const ACCESS_TOKEN: &str = "eyJhY2Nlc3M.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbb";
const REFRESH_TOKEN: &str = "eyJyZWZyZXNo.cccccccccccccccccccccccccccccccccccc.dddddddddd";
const CODE: &str = "6f1c2b0e-3a5d-4c7b-9e8f-0123456789ab";
const SECRETS: [&str; 4] = [CLIENT_SECRET, ACCESS_TOKEN, REFRESH_TOKEN, CODE];

/// A run of `authz` with these arguments, an empty environment but for `env`, and `input` on its
/// standard input.
#[track_caller]
fn run(arguments: &[&str], env: &[(&str, &str)], input: &str) -> Output {
    let mut child = start(arguments, env);
    let mut stdin = child.stdin.take().expect("a pipe");
    // A command that needs no input may have ended by now.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    check_no_secret_told(&output);
    output
}

fn start(arguments: &[&str], env: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("authz starts")
}

/// Whatever goes wrong, standard error (which ends up in logs) holds no secret.
#[track_caller]
fn check_no_secret_told(output: &Output) {
    let told = stderr(output);
    for secret in SECRETS {
        assert!(!told.contains(secret), "{secret} is told: {told}");
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// The run failed with this status, saying this, and printed nothing.
#[track_caller]
fn check_failed(case: &str, output: &Output, status: i32, said: &str) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(status), "{case}: {told}");
    assert!(told.contains(said), "{case}: {told}");
    assert_eq!(stdout(output), "", "{case}");
}

/// An answer of the token endpoint.
fn tokens() -> Answer {
    Answer::json(
        200,
        &format!(
            r#"{{"access_token":"{ACCESS_TOKEN}","refresh_token":"{REFRESH_TOKEN}","token_type":"Bearer","expires_in":3600}}"#
        ),
    )
}

/// A folder of one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
