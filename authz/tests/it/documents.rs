//! The commands that the documents show print what is shown.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::sample::{read, root};

/// The commands of the page that need nothing but the repository, and the output below each, a block of
/// code for each. `local/e2e/test_commands.py` types whole pages, with the files that they make.
fn shown(page: &str) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for block in page.split("```").skip(1).step_by(2) {
        let mut lines = block.lines().skip(1);
        if let Some(command) = lines.next().and_then(|line| line.strip_prefix("$ ")) {
            shown.push((command.to_owned(), lines.collect::<Vec<_>>().join("\n")));
        }
    }
    shown.retain(|(command, _)| {
        let is_authz = command.starts_with("authz check") || command.starts_with("authz explain");
        is_authz && !command.contains("token.txt")
    });
    shown
}

/// Whether the shown lines are those that were printed; a line of `…` stands for any.
fn is_as_shown(printed: &[&str], shown: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|at| is_as_shown(&printed[at..], rest)),
        Some((line, rest)) => printed.first() == Some(line) && is_as_shown(&printed[1..], rest),
    }
}

#[test]
fn each_command_prints_what_the_pages_show() {
    let pages = [("docs/authz.md", 4), ("README.md", 1)];
    for (page, fewest) in pages {
        let commands = shown(&read(page));
        assert!(commands.len() >= fewest, "{page} has lost its commands");
        for (command, expected) in commands {
            check(&command, &expected);
        }
    }
}

#[track_caller]
fn check(command: &str, expected: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_authz"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(root())
        .env_clear()
        .env("PATH", &path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{command}: {output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let (got, want): (Vec<&str>, Vec<&str>) =
        (printed.lines().collect(), expected.lines().collect());
    assert!(is_as_shown(&got, &want), "$ {command}\n{printed}");
}

/// The line that installs the completions makes the folder that it writes into.
#[test]
fn the_completions_are_installed_as_the_page_says() {
    let page = read("docs/authz.md");
    let lines: Vec<&str> = page
        .lines()
        .filter(|line| line.contains("bash-completion/completions"))
        .collect();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("completions-home");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_authz"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let output = Command::new("sh")
        .args(["-e", "-c", &lines.join("\n")])
        .env_clear()
        .env("PATH", path)
        .env("HOME", &home)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let script = home.join(".local/share/bash-completion/completions/authz");
    let script = std::fs::read_to_string(script).unwrap();
    assert!(script.contains("complete -F _authz"), "{script}");
}
