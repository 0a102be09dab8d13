use std::process::{Command, Stdio};

use crate::authz;

#[test]
fn each_shell_gets_a_script_of_its_own() {
    for (shell, marker) in [
        ("bash", "complete -F _authz"),
        ("zsh", "#compdef authz"),
        ("fish", "complete -c authz"),
    ] {
        let output = authz(&["completions", shell]);
        let script = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(script.contains(marker), "{shell}: {script}");
    }
}

/// As `authz completions bash | head -1` does.
#[test]
fn a_reader_who_has_seen_enough_may_go() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authz"));
    command.args(["completions", "bash"]).env_clear();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("authz starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_command_that_there_is_not_ends_with_two() {
    for arguments in [&["tell"][..], &["completions", "csh"], &[]] {
        assert_eq!(authz(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
